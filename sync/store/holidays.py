"""The holidays that a CRM keeps, as days."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date

from sqlalchemy import Engine, select

from sync.store.sql import PULLED

_HOLIDAYS = PULLED["holidays"]


def read_holidays(engine: Engine, connection: str, year: int) -> frozenset[date]:
    """The holidays of a connection in a year and the next, without those that nobody understood."""
    h = _HOLIDAYS.c
    known = select(h.on_day, h.yearly, h.from_day, h.to_day).where(
        h.connection == connection, ~h.deleted, h.on_day.is_not(None)
    )
    with engine.connect() as db:
        rows = db.execute(known).all()
    found: set[date] = set()
    for on_day, yearly, from_day, to_day in rows:
        found.update(_each_year(on_day, from_day, to_day, year) if yearly else [on_day])
    return frozenset(found)


def _each_year(on_day: date, from_day: date | None, to_day: date | None, year: int) -> Iterator[date]:
    """Yield that day and month of a year and the next, where it repeats then; 29 February only in leap years."""
    for one in (year, year + 1):
        if on_day.day <= calendar.monthrange(one, on_day.month)[1]:
            day = on_day.replace(year=one)
            if (from_day or day) <= day <= (to_day or day):
                yield day
