"""Business days: weekends and holidays are none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

_SATURDAY = 5


def add_workdays(day: date, count: int, holidays: Collection[date] = ()) -> date:
    """Return the `count`-th business day after a day, never the day itself: a count below 1 is taken as 1."""
    for _ in range(max(count, 1)):
        day += timedelta(days=1)
        while day.weekday() >= _SATURDAY or day in holidays:
            day += timedelta(days=1)
    return day
