"""Who is a customer, which accounts are key, which tier: domain.md 4.8 and 0a.

Revenue is what was won with a customer in the 12 months up to the day, in the home currency, or what a mapped field
says of a year; a company's own turnover plays no part.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from rules.exemptions import Day, Exemption, Text, applying
from rules.facts import Standing
from rules.groups import Candidate, Group, alone, together
from rules.model import Account
from rules.revenue import Revenue, revenue_of
from rules.target import Target, TargetText
from rules.wording import money_text, say, say_n

__all__ = ["CustomerSettings", "Revenue", "revenue_of", "standings", "tier_name"]

#: Share of all revenue that tier A, and A with B, are to hold.
TIER_A_SHARE = 0.80
TIER_B_SHARE = 0.95

#: Why an account that is a consumer is no customer: one person has no colleagues to know.
PERSON = say("a person account, not a company")

_TIERS = frozenset({"A", "B", "C"})


class CustomerSettings(BaseModel):
    """The table `[customers]`. `is = "field"` and `key = "flag"` read fields of the connection's map."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    is_: Annotated[Literal["won-deal-or-type", "won-deal", "type", "field"], Field(alias="is")] = "won-deal-or-type"
    key: Literal["top-share", "flag", "all"] = "top-share"
    top_share: Annotated[float, Field(gt=0, le=1)] = 0.2
    growth: float = 0
    roll_up: Literal["none", "parent"] = "none"
    exclude: tuple[Exemption, ...] = ()
    exclude_types: tuple[Text, ...] = ()
    exclude_younger_than_days: Annotated[int, Field(strict=True, ge=0)] = 0
    quiet_until: dict[Text, Day] = Field(default_factory=dict)
    target_coverage: dict[str, TargetText] = Field(default_factory=dict)

    def target(self, tier: str) -> Target | None:
        """Return how well accounts of a tier should be known, None where nothing is asked of them."""
        wanted = tier_name(tier)
        return next((one for name, one in self.target_coverage.items() if tier_name(name) == wanted), None)

    @field_validator("growth")
    @classmethod
    def _more_than_before(cls, value: float) -> float:
        if value != 0 and not 1 < value < math.inf:
            raise ValueError(f"must be more than 1, or 0 for off (is {value:g})")
        return value


def standings(
    accounts: Iterable[tuple[Account, Revenue]],
    settings: CustomerSettings,
    today: date,
    known_as: Iterable[Mapping[str, Account]] = (),
) -> dict[str, Standing]:
    """Return every account's standing on a day, by account id.

    Key by `top-share`: the first ceil(top_share x number of customers) by revenue, ties at the border included, none
    without revenue; the flagged ones; those that grew enough. For the others None where no customer has revenue.
    Tier: the mapped one, else A while the customers before it (by revenue, then id) hold less than 80 % of all
    revenue, B below 95 %, else C. With `roll_up`, the customers of one ultimate parent are ranked as one, and each is
    key and of the tier as they are. An excluded account is not key, but keeps its rank: nobody else is key for that.
    A person account is no customer whatever it bought, and has no rank. Where several CRMs have an account, the config
    may name it as any does: `known_as` are each one's accounts, by the ids used here.
    """
    candidates = [Candidate(account=account, won=revenue) for account, revenue in accounts]
    customers: list[Candidate] = []
    found: dict[str, Standing] = {}
    for one in candidates:
        if _is_customer(one, settings, today):
            customers.append(one)
        else:
            found[one.account.id] = _outside(one, settings)
    groups = alone(customers)
    if settings.roll_up == "parent":
        groups = together(customers, {one.account.id: one.account for one in candidates})
    found |= _ranked(groups, settings)
    for account_id, reason in _exclusions(customers, settings, today, known_as).items():
        found[account_id] = replace(found[account_id], key=False, excluded=reason)
    return found


@lru_cache(maxsize=1024)
def tier_name(text: str) -> str:
    """Return a mapped tier as the config spells it: `a` is tier A, any other name stays as it is."""
    name = text.strip()
    return name.upper() if name.upper() in _TIERS else name


def _is_customer(one: Candidate, settings: CustomerSettings, today: date) -> bool:
    account, revenue = one.account, one.won
    if account.person:
        return False
    won = revenue.ever_won or (revenue.first_won_on is not None and revenue.first_won_on <= today)
    match settings.is_:
        case "won-deal":
            return won
        case "type":
            return account.customer_type
        case "field":
            return account.customer_flag
        case "won-deal-or-type":
            return won or account.customer_type


def _outside(one: Candidate, settings: CustomerSettings) -> Standing:
    person = PERSON if one.account.person else ""
    why = person or f"no customer by {settings.is_}"
    tier = tier_name(one.account.tier)
    return Standing(customer=False, key=False, tier=tier, revenue=one.amount, why=why, excluded=person)


def _ranked(groups: Iterable[Group], settings: CustomerSettings) -> dict[str, Standing]:
    """Return the standing of every customer, by account id."""
    ordered = sorted(groups, key=lambda group: (-(group.amount or 0.0), group.top.id))
    amounts = [group.amount or 0.0 for group in ordered]
    border = _border(amounts, settings.top_share)
    found = {}
    for group, rank, by_revenue in zip(ordered, _ranks(amounts), _tiers(amounts), strict=True):
        key, why = _is_key(group, rank, len(ordered), border, settings)
        # Nobody knows what a key customer without a known amount is worth: it is not put last for that.
        tier = by_revenue if group.amount is not None else "A" if key or key is None else "C"
        for one in group.members:
            mapped = tier_name(one.account.tier) or tier_name(group.top.tier)
            found[one.account.id] = Standing(customer=True, key=key, tier=mapped or tier, revenue=one.amount, why=why)
    return found


def _is_key(
    group: Group, place: int, customers: int, border: float | None, settings: CustomerSettings
) -> tuple[bool | None, str]:
    """Return whether customers are key, and why or why not."""
    flag = "flagged as key account"
    match settings.key:
        case "all":
            return True, "every customer is key"
        case "flag":
            return group.flagged, flag if group.flagged else f"not {flag}"
        case "top-share":
            rank = _rank_text(group, place, customers)
            first = border is not None and (group.amount or 0.0) >= border
            grown = bool(settings.growth) and group.growth >= settings.growth
            reasons = [rank] if first else []
            reasons += [flag] if group.flagged else []
            reasons += [f"won {group.growth:.1f} times the 12 months before"] if grown else []
            if reasons:
                return True, "; ".join(reasons if first or border is None else [*reasons, rank])
            return (None, "no revenue is known") if border is None else (False, rank)


def _rank_text(group: Group, rank: int, customers: int) -> str:
    if not group.amount:
        return "no revenue by the mapped field" if group.mapped else "nothing won in 12 months"
    source = "a year by the mapped field" if group.mapped else "won in 12 months"
    members = f" by {len(group.members)} accounts of {group.top.name}" if len(group.members) > 1 else ""
    return f"no. {rank} of {customers} customers by revenue ({money_text(group.amount)} {source}{members})"


def _exclusions(
    customers: Sequence[Candidate],
    settings: CustomerSettings,
    today: date,
    known_as: Iterable[Mapping[str, Account]],
) -> dict[str, str]:
    """Return why customers are excluded on a day, by account id."""
    types = {name.casefold() for name in settings.exclude_types}
    days = settings.exclude_younger_than_days
    found: dict[str, str] = {}
    for one in customers if types or days else ():
        if one.account.type.strip().casefold() in types:
            found[one.account.id] = say("excluded: its type is {type}", type=one.account.type.strip())
        elif days and one.since and (today - one.since).days < days:
            found[one.account.id] = say_n(
                "excluded: a customer for less than {n} day", "excluded: a customer for less than {n} days", n=days
            )
    own = {one.account.id: one.account for one in customers}
    apart = [{one: accounts[one] for one in accounts if one in own} for accounts in known_as] or [own]
    pause = say("no-contact period")
    quiet = [Exemption(account=name, until=day, reason=pause) for name, day in settings.quiet_until.items()]
    for exemptions, told in ((quiet, (say("quiet"), pause)), (settings.exclude, (say("excluded"),))):
        for accounts in apart if exemptions else ():
            ids = {account.id: account_id for account_id, account in accounts.items()}
            named = applying(exemptions, accounts.values(), today)
            found |= {ids[account_id]: one.told(*told) for account_id, one in named}
    return found


def _border(amounts: list[float], top_share: float) -> float | None:
    """Return the least revenue that is key, None where no customer has any. `amounts` fall."""
    if not amounts or amounts[0] <= 0:
        return None
    # Decimal, since ceil(0.07 * 100) is 8 in floats.
    count = math.ceil(Decimal(str(top_share)) * len(amounts))
    return min(amount for amount in amounts[:count] if amount > 0)


def _ranks(amounts: list[float]) -> list[int]:
    """Return 1 for the largest, equal amounts sharing a rank. `amounts` fall."""
    ranks: list[int] = []
    for index, amount in enumerate(amounts):
        ranks.append(ranks[-1] if index and amount == amounts[index - 1] else index + 1)
    return ranks


def _tiers(amounts: list[float]) -> list[str]:
    total = math.fsum(amount for amount in amounts if amount > 0)
    tiers: list[str] = []
    before = 0.0
    for amount in amounts:
        share = before / total if total else 0.0
        tiers.append("A" if share < TIER_A_SHARE else "B" if share < TIER_B_SHARE else "C")
        before += max(amount, 0.0)
    return tiers
