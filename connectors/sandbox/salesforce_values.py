"""A JSON value as a field takes it, or the refusal that Salesforce answers with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from connectors.sandbox.salesforce_ids import full_id
from connectors.sandbox.salesforce_schema import IDS, NUMBERS, Field
from connectors.sandbox.salesforce_store import stamp

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class RowError(Exception):
    """One record is refused: `code` and `fields` as Salesforce names them, the text its message."""

    def __init__(self, code: str, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.fields = fields


def stored_value(field: Field, value: Any) -> Any:
    """What the store keeps: None, text, number, 0 or 1, or a stamp. Raises RowError."""
    if value is None:
        if field.type == "boolean" or not (field.nillable or field.defaulted):
            raise RowError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{field.name}]", (field.name,))
        return None
    convert = _CONVERT.get(field.type, _text)
    if convert in {_boolean, _number}:
        return convert(field, value)
    if not isinstance(value, str):
        raise _unreadable(field, value)
    return convert(field, value)


def _unreadable(field: Field, value: Any) -> RowError:
    kind = {"datetime": "Calendar", "reference": "string", "currency": "double", "percent": "double"}
    token = {str: "VALUE_STRING", bool: "VALUE_TRUE" if value is True else "VALUE_FALSE", int: "VALUE_NUMBER_INT"}
    wanted, found = kind.get(field.type, field.type), token.get(type(value), "START_OBJECT")
    return RowError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {wanted} from {found} value {value} or request may be missing a required field"
        " at [line:1, column:1]",
    )


def _boolean(field: Field, value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return int(value.lower() == "true")
    raise _unreadable(field, value)


def _number(field: Field, value: Any) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _unreadable(field, value)
    try:
        number = float(value)
    except ValueError:
        raise _unreadable(field, value) from None
    digits = field.precision - field.scale if field.precision else 10
    if not abs(number) < 10**digits:
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise RowError("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))
    if field.type == "int":
        if not number.is_integer():
            raise _unreadable(field, value)
        return int(number)
    return round(number, field.scale)


def _day(field: Field, value: str) -> str | None:
    if not value:
        return None
    try:
        if not _DATE.fullmatch(value):
            raise _unreadable(field, value)
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise _unreadable(field, value) from None


def _moment(field: Field, value: str) -> str | None:
    if not value:
        return None
    try:
        if not _MOMENT.fullmatch(value):
            raise _unreadable(field, value)
        return stamp(datetime.fromisoformat(value))
    except ValueError:
        raise _unreadable(field, value) from None


def _id(field: Field, value: str) -> str | None:
    if not value:
        return None
    found = full_id(value)
    if found is None:
        raise RowError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", (field.name,))
    return found


def _text(field: Field, value: str) -> str | None:
    text = value.strip()  # Salesforce keeps no blank at either end
    if field.length and len(text) > field.length:
        message = f"{field.label}: data value too large: {text} (max length={field.length})"
        raise RowError("STRING_TOO_LONG", message, (field.name,))
    if not text:
        if not field.nillable and not field.defaulted:
            raise RowError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{field.name}]", (field.name,))
        return None
    if field.restricted and field.choices and text not in field.choices:
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        raise RowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))
    if field.type == "email" and not _EMAIL.fullmatch(text):
        raise RowError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", (field.name,))
    return text


_CONVERT: Mapping[str, Callable[[Field, Any], Any]] = {
    "boolean": _boolean,
    "date": _day,
    "datetime": _moment,
    **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(IDS, _id),
}
