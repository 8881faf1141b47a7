"""A made-up company with known answers: the same arguments give the same company, byte for byte.

Key accounts are the top 30 % of customers by revenue won in the last 365 days; each carries a situation of
`sole-rep` and one of `exec-reach-lapse`, most carry several more, of the other rules. The other accounts have an
ordinary, random rhythm: no rule speaks of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from connectors.sandbox.arrangements import plant_arrangements
from connectors.sandbox.building import Builder, Stated
from connectors.sandbox.casting import cast_plans
from connectors.sandbox.communication import plant_mailings
from connectors.sandbox.company import Company, SeedAccount, Truth
from connectors.sandbox.config_file import EXECUTIVE as EXECUTIVE_TITLE
from connectors.sandbox.config_file import TOP_SHARE
from connectors.sandbox.names import firms, plain
from connectors.sandbox.reckoning import reckon
from connectors.sandbox.service import plant_service
from connectors.sandbox.staff import hire
from connectors.sandbox.timeline import Days, Diary

_KEY_REVENUE = (18_000, 900_000)  # EUR a year, smallest and largest; the next customers buy for half of that at most
_SMALL_REVENUE = (1_500, 9_000)  # EUR a year of customers that are not key
_BUYING = 0.55  # of those bought something this year


def make_company(
    seed: int, accounts: int, touches_per_account: int, clock: datetime, timezone: str = "Europe/Berlin"
) -> Company:
    """A company of that many accounts, with its truth for every account, as of the clock's day in the timezone.

    `touches_per_account` is a rough mean. From 40 accounts on every situation of `sole-rep` and `exec-reach-lapse`
    stands somewhere, from 100 on nearly every one of the other rules, from 300 on each at least three times. Nothing
    is later than the clock but scheduled meetings, three weeks away and more.
    """
    rng, zone = Random(seed), ZoneInfo(timezone)  # noqa: S311 - chance that repeats is the point
    days = Days(rng=rng, as_of=clock.astimezone(zone).date(), zone=zone)
    builder = Builder(days=days, diary=Diary(days=days), staff=hire(rng, accounts), volume=touches_per_account)
    customers = _customers(accounts)
    key = -(-customers * 3 // 10)
    small = [rng.randint(*_SMALL_REVENUE) if rng.random() < _BUYING else 0 for _ in range(customers - key)]
    makers: list[Callable[[SeedAccount], None]] = [
        *(partial(builder.key_account, plan=plan) for plan in cast_plans(days, _revenues(rng, key), sum(small))),
        *(partial(builder.customer, revenue=revenue) for revenue in small),
        *[builder.stranger] * (accounts - customers),
    ]
    rng.shuffle(makers)
    for number, (name, make) in enumerate(zip(firms(rng, accounts), makers, strict=True), start=1):
        make(SeedAccount(id=f"a{number:06d}", name=name, domain=f"{plain(name)}.example"))
    company = builder.finish()
    plant_service(company, days, builder.staff, seed, builder.stated)
    plant_mailings(company, days, seed, builder.stated)
    plant_arrangements(company, days, builder.staff, seed, builder.stated)
    company.tell = partial(_truth, company, days, builder.stated)
    return company


def summary(company: Company) -> dict[str, int]:
    """How many accounts carry each planted situation, by name."""
    return dict(sorted(Counter(name for truth in company.truth for name in truth.planted).items()))


def _customers(accounts: int) -> int:
    """About nine in ten, never a multiple of ten: 30 % of them is then no whole number and rounds up in one way only.

    None where there is no second account: everybody's signs of life need one on which no rule looks.
    """
    if accounts < 2:
        return 0
    customers = min(accounts, accounts * 9 // 10 + 1)
    if customers % 10:
        return customers
    return customers + 1 if customers < accounts else max(customers - 1, 0)


def _revenues(rng: Random, count: int) -> list[int]:
    """Falling steeply enough that key accounts of tiers A, B and C occur; no two alike."""
    low, high = _KEY_REVENUE
    revenues: list[int] = []
    for rank in range(count):
        revenue = round(high * math.exp(math.log(low / high) * (rank + rng.random() / 2) / count))
        revenues.append(min(revenue, revenues[-1] - 1) if revenues else revenue)
    return revenues


def _truth(company: Company, days: Days, stated: Mapping[str, Stated]) -> list[Truth]:
    """What was planted on every account, and the verdicts that are reckoned from its rows."""
    executives = [user.id for user in company.users if EXECUTIVE_TITLE.search(user.title)]
    reckoned = reckon(company, days.as_of, days.zone, executives=executives, ignored=(), key_share=TOP_SHARE[True])
    return [
        Truth(account=name, planted=planted, stated=verdicts, expect=reckoned[name])
        for name, (planted, verdicts) in stated.items()
    ]
