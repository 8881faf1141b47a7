"""Who is a customer, which accounts are key, which tier: domain.md 4.8 and 0a.

Revenue is what was won with a customer in the 12 months up to the day, in the home currency; a company's own turnover
plays no part.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from rules.facts import Standing
from rules.model import Account, Deal
from rules.wording import money_text

#: Share of all revenue that tier A, and A with B, are to hold.
TIER_A_SHARE = 0.80
TIER_B_SHARE = 0.95

_MONTHS_12 = timedelta(days=365)


class CustomerSettings(BaseModel):
    """The table `[customers]`. `is = "field"` and `key = "flag"` read fields of the connection's map."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    is_: Annotated[Literal["won-deal-or-type", "won-deal", "type", "field"], Field(alias="is")] = "won-deal-or-type"
    key: Literal["top-share", "flag", "all"] = "top-share"
    top_share: Annotated[float, Field(gt=0, le=1)] = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Revenue:
    """What was won with one account by a day.

    `won_12m` is the sum of amounts with `closed_on` in (day - 365, day], None where there is none.
    """

    first_won_on: date | None = None
    won_12m: float | None = None
    ever_won: bool = False


def revenue_of(deals: Iterable[Deal], today: date) -> Revenue:
    """Return the revenue of one account's deals; what closes after today is not known yet."""
    won = [deal for deal in deals if deal.won and (deal.closed_on is None or deal.closed_on <= today)]
    recent = [deal for deal in won if deal.closed_on and deal.closed_on > today - _MONTHS_12]
    amounts = [deal.amount for deal in recent if deal.amount is not None]
    return Revenue(
        first_won_on=min((deal.closed_on for deal in won if deal.closed_on), default=None),
        won_12m=math.fsum(amounts) if amounts else None,
        ever_won=bool(won),
    )


def standings(
    accounts: Iterable[tuple[Account, Revenue]], settings: CustomerSettings, today: date
) -> dict[str, Standing]:
    """Return every account's standing on a day, by account id.

    Key by `top-share`: the first ceil(top_share x number of customers) by revenue, ties at the border included, none
    without revenue; None for all where no customer has any. Tier: the mapped one, else A while the customers before
    it (by revenue, then id) hold less than 80 % of all revenue, B below 95 %, else C.
    """
    found: dict[str, Standing] = {}
    customers: list[tuple[Account, float | None]] = []
    for account, revenue in accounts:
        if _is_customer(account, revenue, settings, today):
            customers.append((account, revenue.won_12m))
        else:
            found[account.id] = Standing(
                customer=False,
                key=False,
                tier=tier_name(account.tier),
                revenue=revenue.won_12m,
                why=f"no customer by {settings.is_}",
            )
    customers.sort(key=lambda one: (-(one[1] or 0.0), one[0].id))
    amounts = [amount or 0.0 for _, amount in customers]
    ranks, tiers = _ranks(amounts), _tiers(amounts)
    border = _border(amounts, settings.top_share)
    for (account, amount), rank, tier in zip(customers, ranks, tiers, strict=True):
        key = _is_key(account, amount, border, settings)
        # Nobody knows what a key customer without a known amount is worth: it is not put last for that.
        ranked = tier if amount is not None else "A" if key or key is None else "C"
        found[account.id] = Standing(
            customer=True,
            key=key,
            tier=tier_name(account.tier) or ranked,
            revenue=amount,
            why=_why(account, amount, settings, f"no. {rank} of {len(customers)} customers", known=border is not None),
        )
    return found


def tier_name(text: str) -> str:
    """Return a mapped tier as the config spells it: `a` is tier A, any other name stays as it is."""
    name = text.strip()
    return name.upper() if name.upper() in {"A", "B", "C"} else name


def _is_customer(account: Account, revenue: Revenue, settings: CustomerSettings, today: date) -> bool:
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


def _is_key(account: Account, amount: float | None, border: float | None, settings: CustomerSettings) -> bool | None:
    match settings.key:
        case "all":
            return True
        case "flag":
            return account.flagged
        case "top-share":
            return None if border is None else (amount or 0.0) >= border


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


def _why(account: Account, amount: float | None, settings: CustomerSettings, rank: str, *, known: bool) -> str:
    won = f"{rank} by revenue ({money_text(amount)} won in 12 months)" if amount else "nothing won in 12 months"
    match settings.key:
        case "all":
            return "every customer is key"
        case "flag":
            return "flagged as key account" if account.flagged else "not flagged as key account"
        case "top-share":
            return won if known else "no revenue is known"
