"""A made-up company with known answers: the same arguments give the same company, byte for byte.

Key accounts are the top 30 % of customers by revenue won in the last 365 days; each carries one situation of
`sole-rep` and one of `exec-reach-lapse`. The other accounts have an ordinary, random rhythm: no rule speaks of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from connectors.sandbox.building import Builder
from connectors.sandbox.company import Company, SeedAccount
from connectors.sandbox.executives import EXECUTIVE, EXECUTIVE_IN_LITTLE, Executive
from connectors.sandbox.names import firms, plain
from connectors.sandbox.situations import COVERAGE, COVERAGE_IN_LITTLE, Coverage
from connectors.sandbox.staff import hire
from connectors.sandbox.timeline import Days, Diary

_KEY_REVENUE = (18_000, 900_000)  # EUR a year, smallest and largest; the next customers buy for half of that at most


def make_company(
    seed: int, accounts: int, touches_per_account: int, clock: datetime, timezone: str = "Europe/Berlin"
) -> Company:
    """A company of that many accounts, with its truth for every account, as of the clock's day in the timezone.

    `touches_per_account` is a rough mean. From 40 accounts on every situation stands somewhere, from 300 on at least
    five times. Nothing is later than the clock but scheduled meetings, three weeks away and more.
    """
    rng, zone = Random(seed), ZoneInfo(timezone)  # noqa: S311 - chance that repeats is the point
    days = Days(rng=rng, as_of=clock.astimezone(zone).date(), zone=zone)
    builder = Builder(days=days, diary=Diary(days=days), staff=hire(rng, accounts), volume=touches_per_account)
    customers = _customers(accounts)
    key = -(-customers * 3 // 10)
    revenues = _revenues(rng, key)
    makers: list[Callable[[SeedAccount], None]] = [
        *(
            partial(builder.key_account, revenue=revenue, coverage=coverage, executive=executive)
            for revenue, (coverage, executive) in zip(revenues, _situations(days, key), strict=True)
        ),
        *[builder.customer] * (customers - key),
        *[builder.stranger] * (accounts - customers),
    ]
    rng.shuffle(makers)
    for number, (name, make) in enumerate(zip(firms(rng, accounts), makers, strict=True), start=1):
        make(SeedAccount(id=f"a{number:06d}", name=name, domain=f"{plain(name)}.example"))
    return builder.finish()


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
    """Falling steeply enough that key accounts of tiers A, B and C occur; no two alike, in random order."""
    low, high = _KEY_REVENUE
    revenues: list[int] = []
    for rank in range(count):
        revenue = round(high * math.exp(math.log(low / high) * (rank + rng.random() / 2) / count))
        revenues.append(min(revenue, revenues[-1] - 1) if revenues else revenue)
    rng.shuffle(revenues)
    return revenues


def _situations(days: Days, count: int) -> list[tuple[Coverage, Executive]]:
    """Pairs for that many key accounts: both lists in turn, their lengths without a common divisor."""
    little = count < len(COVERAGE)
    coverage, executive = (COVERAGE_IN_LITTLE, EXECUTIVE_IN_LITTLE) if little else (COVERAGE, EXECUTIVE)
    turn = days.rng.randrange(len(executive)) if count >= len(executive) else 0
    covers = [coverage[n % len(coverage)](days) for n in range(count)]
    reaches = [executive[(n + turn) % len(executive)](days) for n in range(count)]
    for n in range(count):
        # A colleague needs a day of his own, and where one rep has all the days there is none: the next account has.
        if reaches[n].by_colleague and not covers[n].other_days:
            other = (n + 1) % count
            reaches[n], reaches[other] = reaches[other], reaches[n]
    return list(zip(covers, reaches, strict=True))
