"""What an account is worth a year: deals won in 12 months, in the home currency (domain.md 4.8)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from rules.model import Deal

_MONTHS_12 = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class Revenue:
    """What was won with one account by a day.

    `won_12m` is the sum of amounts with `closed_on` in (day - 365, day], `won_12m_before` in (day - 730, day - 365];
    None where there is none.
    """

    first_won_on: date | None = None
    won_12m: float | None = None
    ever_won: bool = False
    won_12m_before: float | None = None

    @property
    def growth(self) -> float:
        """How many times the 12 months before was won in the last 12; 0 where nothing was won before."""
        before = self.won_12m_before or 0.0
        return (self.won_12m or 0.0) / before if before > 0 else 0.0


def revenue_of(deals: Iterable[Deal], today: date) -> Revenue:
    """Return the revenue of one account's deals; what closes after today is not known yet."""
    won = [deal for deal in deals if deal.won and (deal.closed_on is None or deal.closed_on <= today)]
    return Revenue(
        first_won_on=min((deal.closed_on for deal in won if deal.closed_on), default=None),
        won_12m=_won_in(won, today),
        ever_won=bool(won),
        won_12m_before=_won_in(won, today - _MONTHS_12),
    )


def total(amounts: Iterable[float | None]) -> float | None:
    """Return the sum of the known amounts, None where none is known."""
    known = [amount for amount in amounts if amount is not None]
    return math.fsum(known) if known else None


def _won_in(won: Iterable[Deal], last: date) -> float | None:
    """Return what was won in the 12 months that end with a day."""
    return total(deal.amount for deal in won if deal.closed_on and last - _MONTHS_12 < deal.closed_on <= last)
