"""A SOQL literal as the store holds such a value, or Salesforce's refusal of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sandbox.salesforce_ids import full_id
from connectors.sandbox.salesforce_schema import IDS, NUMBERS, TEXTS, Field
from connectors.sandbox.salesforce_store import stamp
from connectors.sandbox.soql import SoqlError, Value

WIRE_TYPES = {"datetime": "dateTime", "int": "int", "currency": "double", "percent": "double"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """The days that a word like TODAY stands for: from `first` on, before `end`."""

    first: str
    end: str


def as_stored(field: Field, value: Value, now: datetime) -> Any:
    """The literal in the field's type: text, number, 0 or 1, stamp, None, or Range. Raises SoqlError(code, message)."""
    if value.kind == "null" or (value.kind == "string" and value.text == "" and field.type in TEXTS):
        return None
    if field.type in IDS and value.kind == "string":
        return _id(value.text)
    if field.type in {"date", "datetime"} and value.kind == "range":
        return _range(value.text, now, with_time=field.type == "datetime")
    if value.kind != _literal_kind(field):
        raise SoqlError("INVALID_FIELD", _wrong_type(field, value))
    convert = _CONVERT.get(value.kind)
    return convert(value.text) if convert else value.text


def _literal_kind(field: Field) -> str:
    if field.type in NUMBERS:
        return "number"
    return field.type if field.type in {"boolean", "date", "datetime"} else "string"


def _wrong_type(field: Field, value: Value) -> str:
    kind = WIRE_TYPES.get(field.type, "string" if field.type in TEXTS else field.type)
    quotes = (
        "should be enclosed in quotes" if kind in {"string", "id", "reference"} else "should not be enclosed in quotes"
    )
    told = f" and {quotes}" if (value.kind == "string") != (_literal_kind(field) == "string") else ""
    return f"value of filter criterion for field '{field.name}' must be of type {kind}{told}"


def _id(text: str) -> str:
    found = full_id(text)
    if found is None:
        raise SoqlError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return found


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise SoqlError("MALFORMED_QUERY", f"Invalid datetime: {text}") from None


def _range(word: str, now: datetime, *, with_time: bool) -> Range:
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    name, _, count = word.partition(":")
    days = int(count or 0)
    first, length = {
        "today": (0, 1),
        "yesterday": (-1, 1),
        "tomorrow": (1, 1),
        "last_n_days": (-days, days + 1),
        "next_n_days": (1, days),
        "n_days_ago": (-days, 1),
    }[name]
    ends = [today + timedelta(days=first), today + timedelta(days=first + length)]
    told = [stamp(each) if with_time else each.date().isoformat() for each in ends]
    return Range(first=told[0], end=told[1])


_CONVERT: Mapping[str, Callable[[str], Any]] = {
    "boolean": lambda text: int(text == "true"),
    "number": float,
    "datetime": lambda text: stamp(_moment(text)),
}
