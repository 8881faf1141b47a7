"""Where a stream stands, as its cursor keeps it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta

from connectors.protocol import Cursor
from connectors.salesforce.client import Answer
from connectors.salesforce.values import id18, moment, stamp

LOOK_BACK = timedelta(minutes=15)

_NEEDED = {"fields", "hidden", "described_at"}


def safe_until(asked_at: datetime, covered: datetime | None) -> str:
    """The watermark of what was asked for at that time, when all from before `covered` was committed."""
    safe = asked_at - LOOK_BACK
    return stamp(min(safe, covered or safe))


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a stream stands, as its cursor keeps it. Times are stamps of the CRM's clock.

    `fields` are read, `hidden` were wanted and could not be; no fields at all: the org lacks the object. `since` is
    the watermark, None before the first load is whole, `swept_on` the day of the last sweep. While a pull is under way
    `until` is the next watermark, and `last_stamp` and `last_id` name the last row that arrived in order; `job` and
    `locator` the Bulk query that brings the rest, and the page of its result that comes next.
    """

    fields: tuple[str, ...]
    hidden: tuple[str, ...]
    described_at: str
    since: str | None = None
    swept_on: str | None = None
    until: str | None = None
    last_stamp: str | None = None
    last_id: str | None = None
    job: str | None = None
    locator: str | None = None

    @classmethod
    def of(cls, cursor: Cursor | None) -> Place | None:
        """The cursor's place; None for no cursor and for one that another version of us made."""
        if cursor is None or not _NEEDED <= set(cursor) <= {field.name for field in fields(cls)}:
            return None
        return cls(**{**cursor, "fields": tuple(cursor["fields"]), "hidden": tuple(cursor["hidden"])})

    @property
    def under_way(self) -> bool:
        """Whether the rest of an earlier answer is still to come."""
        return self.until is not None

    def cursor(self) -> Cursor:
        return {**asdict(self), "fields": list(self.fields), "hidden": list(self.hidden)}

    def behind(self, answer: Answer, covered: datetime | None) -> Place:
        """The place after a page, more of which may follow. `covered`: all from before is committed."""
        place = replace(self, until=self.until or safe_until(answer.asked_at, covered))
        row = answer.records[-1] if answer.records else {}
        at, row_id = moment(row.get("SystemModstamp")), id18(row.get("Id"))
        return replace(place, last_stamp=stamp(at), last_id=row_id) if at and row_id else place

    def swept(self, now: datetime, days: int) -> Place:
        """The place for the first pull of a day: so many days behind the watermark.

        What was committed later than even the look-back covers is found then.
        """
        today = now.date().isoformat()
        if not days or self.swept_on == today or self.under_way:
            return self
        back = stamp(datetime.fromisoformat(self.since) - timedelta(days=days)) if self.since else None
        return replace(self, since=back, swept_on=today)

    def without_job(self) -> Place:
        """The place for queries, which go on behind the last row that arrived in order."""
        return replace(self, job=None, locator=None)

    def finished(self) -> Place:
        """The place after the last page: at the watermark."""
        return replace(self, since=self.until, until=None, last_stamp=None, last_id=None, job=None, locator=None)
