"""Property values on their way in: what HubSpot accepts for each type, and the form in which it keeps it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors.sandbox.hubspot_errors import Problem, bad_json
from connectors.sandbox.hubspot_properties import Property

MAX_STRING = 65_536
_WITH_ZONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")
_MILLISECONDS = re.compile(r"-?\d{1,15}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS = 86_400_000


def milliseconds(moment: datetime) -> int:
    """Epoch milliseconds, exact."""
    past = moment - _EPOCH
    return (past.days * 86_400 + past.seconds) * 1000 + past.microseconds // 1000


def stamp(epoch_ms: int) -> str:
    """`2026-11-02T06:00:00.000Z`: as wide for every year from 1000 to 9999, so that text order is time order."""
    return text_of(_EPOCH + timedelta(milliseconds=epoch_ms))


def text_of(moment: datetime) -> str:
    """A moment in UTC in that form."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def parse_datetime(text: str) -> str | None:
    """The stored form of an ISO 8601 moment with zone, or of epoch milliseconds; None if it is neither."""
    try:
        if _MILLISECONDS.fullmatch(text):
            return stamp(int(text))
        if _WITH_ZONE.fullmatch(text):
            return text_of(datetime.fromisoformat(text).astimezone(UTC))
    except (ValueError, OverflowError, OSError):
        return None
    return None


def parse_date(text: str) -> str | None:
    """`YYYY-MM-DD` from the same, or from epoch milliseconds at midnight UTC; None if it is neither."""
    try:
        if _MILLISECONDS.fullmatch(text):
            days, rest = divmod(int(text), _DAY_MS)
            return date.fromordinal(date(1970, 1, 1).toordinal() + days).isoformat() if rest == 0 else None
        return date.fromisoformat(text).isoformat() if len(text) == len("2026-01-31") else None
    except (ValueError, OverflowError):
        return None


def is_number(text: str) -> bool:
    return re.fullmatch(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text) is not None


def as_text(value: Any) -> str:
    """A JSON value as HubSpot takes it for a property; null clears, as an empty string does."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float():
            return str(value)
        case _:
            raise bad_json("Cannot deserialize value of type `java.lang.String` from Object value")


class Values:
    """Checks writes to one object type against its definitions; `active_owner` says who may own records."""

    def __init__(self, definitions: Mapping[str, Property], active_owner: Callable[[str], bool]) -> None:
        self._definitions = definitions
        self._active_owner = active_owner

    def check(self, values: Mapping[str, Any]) -> tuple[dict[str, str], list[Problem]]:
        """The values as they will be stored ("" clears), and what is wrong with the rest."""
        kept: dict[str, str] = {}
        problems: list[Problem] = []
        for name, given in values.items():
            text = as_text(given)
            found = self._one(name, text)
            if isinstance(found, Problem):
                problems.append(found)
            else:
                kept[name] = found
        return kept, problems

    def _one(self, name: str, text: str) -> str | Problem:
        definition = self._definitions.get(name)
        if definition is None or definition.archived:
            return Problem(name=name, code="PROPERTY_DOESNT_EXIST", message=f'Property "{name}" does not exist')
        if definition.read_only:
            message = f'"{name}" is a read only property; its value cannot be set.'
            return Problem(name=name, code="READ_ONLY_VALUE", message=message)
        if text == "":
            return ""
        if definition.type != "string" and text != text.strip():
            message = f'"{text}" includes leading or trailing whitespace.'
            return Problem(name=name, code="LEADING_TRAILING_WHITESPACE", message=message)
        return self._typed(definition, text)

    def _typed(self, definition: Property, text: str) -> str | Problem:
        name = definition.name
        kept: str | None = text
        code, message = "INVALID_INTEGER", f"{text} was not a valid number."
        match definition.type:
            case "enumeration" | "bool":
                return self._option(definition, text)
            case "number":
                kept = text if is_number(text) else None
            case "datetime":
                kept, code, message = parse_datetime(text), "INVALID_LONG", f"{text} was not a valid long."
            case "date":
                kept, code, message = parse_date(text), "INVALID_DATE", f"{text} is not a date at midnight UTC!"
            case _ if name == "email" and "@" not in text:
                kept, code, message = None, "INVALID_EMAIL", f"Email address {text} is invalid"
            case _ if len(text) > MAX_STRING:
                kept, code, message = None, "VALUE_TOO_LONG", f"{name} may have at most {MAX_STRING} characters."
        return Problem(name=name, code=code, message=message) if kept is None else kept

    def _option(self, definition: Property, text: str) -> str | Problem:
        chosen = text.split(";") if definition.field_type == "checkbox" else [text]
        if definition.of_owners:
            wrong = [one for one in chosen if not self._active_owner(one)]
        elif definition.options:
            wrong = [one for one in chosen if one and one not in definition.values]
        else:
            wrong = []
        if not wrong:
            return text
        allowed = ", ".join(sorted(definition.values)) or "active owners"
        message = f"{wrong[0]} was not one of the allowed options: [{allowed}]"
        return Problem(name=definition.name, code="INVALID_OPTION", message=message)
