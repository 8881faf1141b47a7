"""Single values as HubSpot writes them: every property is a string or null, by contract; nothing here raises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

Json = dict[str, Any]
Properties = Mapping[str, Any]

# Nobody kept a CRM before, and nobody plans after: what lies outside is a mistake of an import.
EARLIEST_YEAR, LATEST_YEAR = 1990, 2100

LONGEST_MESSAGE = 300  # characters
_TEN_YEARS = 3650  # days: what is more is no number of days


def properties(record: Mapping[str, Any]) -> Properties:
    """The record's properties, empty where they are missing or no object."""
    found = record.get("properties")
    return found if isinstance(found, dict) else {}


def text(values: Properties, name: str) -> str:
    """The value without white space around it; empty where it is missing, null or unset."""
    value = values.get(name)
    if isinstance(value, str):
        return value.strip()
    return "" if value is None else str(value)


def truth(values: Properties, name: str) -> bool:
    return text(values, name).lower() == "true"


def number(values: Properties, name: str) -> float | None:
    try:
        value = float(text(values, name))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def whole_days(values: Properties, name: str) -> int | None:
    """A number of days from 1 to ten years, and nothing else."""
    days = number(values, name)
    return int(days) if days is not None and 1 <= days <= _TEN_YEARS else None


def moment(value: Any) -> datetime | None:
    """An instant, aware and UTC, from ISO 8601 with or without fraction, or from epoch milliseconds."""
    if value is None or value == "":
        return None
    raw = str(value).strip()
    try:
        if raw.lstrip("-").isdigit() and len(raw) > 8:
            return datetime.fromtimestamp(int(raw) / 1000, UTC)
        found = datetime.fromisoformat(raw)
        if found.tzinfo is UTC:
            return found  # nearly always, and converting it takes longer than all else
        # The last hours of the year 9999 have no UTC.
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def sane_moment(value: Any) -> datetime | None:
    """As `moment`, None also for a year that no record of a CRM has."""
    found = moment(value) if value else None
    return found if found and EARLIEST_YEAR <= found.year <= LATEST_YEAR else None


def day(values: Properties, name: str) -> date | None:
    """A date property (midnight UTC), or the UTC day of a datetime property."""
    found = sane_moment(values.get(name))
    return found.date() if found else None


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def rendered(at: datetime) -> str:
    """The instant as HubSpot writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def one_line(value: Any) -> str:
    """A message of the portal on one line, cut where it is long."""
    line = " ".join(str(value).split())
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1] + "…"
