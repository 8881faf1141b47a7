"""The moment as of which facts are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Table, or_, true
from sqlalchemy.sql.elements import ColumnElement


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What counts as known: everything over by `cutoff`, on `today` in `timezone` or before.

    `created_by` leaves out what was only entered later; None for the present, when all that was pulled is known.
    """

    today: date
    cutoff: datetime
    timezone: ZoneInfo
    created_by: datetime | None = None

    @classmethod
    def end_of(cls, today: date, timezone: ZoneInfo) -> Moment:
        """The end of a local day."""
        midnight = datetime.combine(today + timedelta(days=1), datetime.min.time(), timezone)
        end = midnight - timedelta(milliseconds=1)
        return cls(today=today, cutoff=end, timezone=timezone, created_by=end)

    @classmethod
    def at(cls, now: datetime, timezone: ZoneInfo) -> Moment:
        """The present. A CRM tells its time in whole seconds: the one that has begun counts."""
        return cls(today=now.astimezone(timezone).date(), cutoff=now + timedelta(seconds=1), timezone=timezone)

    def known(self, table: Table) -> ColumnElement[bool]:
        """Whether a row of the table had been entered by then."""
        if self.created_by is None:
            return true()
        return or_(table.c.created_at.is_(None), table.c.created_at <= self.created_by)

    def knows(self, created_at: datetime | None) -> bool:
        """The same of a row that is here."""
        return self.created_by is None or created_at is None or created_at <= self.created_by
