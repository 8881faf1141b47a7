"""Which month-ends are replayed, and which are left out and why. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sync.backtest.outcomes import HORIZON_DAYS


@dataclass(frozen=True, kw_only=True, slots=True)
class Months:
    """Month-ends, oldest first: `replayed`; `open`, whose windows are not over; `blank`, before anything was known."""

    replayed: tuple[date, ...]
    open: tuple[date, ...]
    blank: tuple[date, ...]


def month_ends(today: date, months: int, first_known: date | None) -> Months:
    """Return the last `months` month-ends whose window of HORIZON_DAYS was over before today, those after them, and of
    the former those on which nothing was known yet (all, if nothing is known at all).
    """
    over = today - timedelta(days=HORIZON_DAYS + 1)
    ends: list[date] = []
    end = today.replace(day=1) - timedelta(days=1) if (today + timedelta(days=1)).day != 1 else today
    while sum(one <= over for one in ends) < months:
        ends.append(end)
        end = end.replace(day=1) - timedelta(days=1)
    ends.reverse()
    closed = [one for one in ends if one <= over]
    return Months(
        replayed=tuple(one for one in closed if first_known and one >= first_known),
        open=tuple(one for one in ends if one > over),
        blank=tuple(one for one in closed if not first_known or one < first_known),
    )
