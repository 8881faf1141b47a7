"""The org's own holidays (Setup, Holidays): a short list, read whole once a day.

No log tells of deleted holidays, so what the list names no more is gone. ActivityDate is the day of what comes once;
of what is repeated it is whatever day it was saved with, and month and day of month tell, from the first day of the
repetition to the last. What repeats in another way, skips years or lasts only some hours is kept without a day and
told by the doctor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from connectors.diagnosis import Line, ok, warn
from connectors.errors import RejectedError
from connectors.protocol import Cursor, Known, Page, Row, Stream
from connectors.salesforce.client import Client
from connectors.salesforce.values import day, id18, stamp, text

#: Nothing that a rule needs rests on it.
STREAM = Stream(name="holidays", feeds=frozenset())
READ_EVERY = timedelta(hours=24)

_SOQL = (
    "SELECT Id, Name, ActivityDate, IsAllDay, IsRecurrence, RecurrenceType, RecurrenceInterval, "
    "RecurrenceMonthOfYear, RecurrenceDayOfMonth, RecurrenceStartDate, RecurrenceEndDateOnly FROM Holiday"
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_LEAP_YEAR = 2000  # holds every day and month
_REMEDY = "add its days to [calendar] holidays, or enter it in Salesforce once for each year"


def pull(client: Client, cursor: Cursor | None, known: Known, *, wanted: bool) -> Iterator[Page]:
    """Yield one page: the whole list where it was read a day ago or earlier, else nothing.

    Where the org's holidays are not `wanted`, or this user may not read them, there are none.
    """
    now = client.server_now()
    if cursor and cursor["wanted"] == wanted and now - datetime.fromisoformat(cursor["read_at"]) < READ_EVERY:
        yield Page(cursor=cursor, last=True)
        return
    rows = holidays(_read(client) or ()) if wanted else []
    listed = {row["id"] for row in rows}
    yield Page(
        rows={"holidays": rows},
        gone={"holidays": [one for one in known.live("holidays") if one not in listed]},
        records=len(rows),
        cursor={"read_at": stamp(now), "wanted": wanted},
        last=True,
    )


def holidays(records: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return rows of the store's table, one for each record."""
    return [_row(holiday_id, record) for record in records if (holiday_id := id18(record.get("Id")))]


def diagnose(client: Client, *, wanted: bool) -> Iterator[Line]:
    """Yield whether the org's holidays count, and which of them cannot be understood."""
    if not wanted:
        yield ok("Holiday: not asked for (holidays = false)")
        return
    records = _read(client)
    if records is None:
        yield ok("Holiday: cannot be read; only those of [calendar] count")
        return
    rows = holidays(records)
    yield ok(f"Holiday: {sum(row['on_day'] is not None for row in rows)} of the org's {len(rows)} holidays count")
    if unclear := sorted(row["name"] for row in rows if row["on_day"] is None):
        told = ", ".join(unclear)
        yield warn(f"Holiday: only whole days that come once or yearly on one date count, not {told}", _REMEDY)


def _read(client: Client) -> Sequence[Mapping[str, Any]] | None:
    """Every holiday; None where this user may not know of them."""
    try:
        return client.query_whole(_SOQL)
    except RejectedError:
        return None


def _row(holiday_id: str, record: Mapping[str, Any]) -> Row:
    repeated = record.get("IsRecurrence") is True
    on_day = _day_of_a_year(record) if repeated else day(record.get("ActivityDate"))
    return {
        "id": holiday_id,
        "name": text(record.get("Name")),
        "on_day": on_day if record.get("IsAllDay") is True else None,
        "yearly": repeated,
        "from_day": day(record.get("RecurrenceStartDate")) if repeated else None,
        "to_day": day(record.get("RecurrenceEndDateOnly")) if repeated else None,
    }


def _day_of_a_year(record: Mapping[str, Any]) -> date | None:
    """Month and day of what comes each year on one date, in a leap year; None for any other repetition."""
    month, day_of_month = record.get("RecurrenceMonthOfYear"), record.get("RecurrenceDayOfMonth")
    each_year = record.get("RecurrenceType") == "RecursYearly" and record.get("RecurrenceInterval") in (None, 0, 1)
    if not each_year or month not in _MONTHS or not isinstance(day_of_month, int):
        return None
    try:
        return date(_LEAP_YEAR, _MONTHS.index(month) + 1, day_of_month)
    except ValueError:
        return None
