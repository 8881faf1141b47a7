"""Single values as Salesforce writes them, read without ever raising; and as SOQL wants them. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import getaddresses
from typing import Any

YEARS = range(1700, 4001)  # those that Salesforce itself takes

_TEN_YEARS = 3650  # days: what is more is no number of days
_ONE_ADDRESS = re.compile(r"""[^\s<>"(,;]*@[^\s<>"(,;]*""")
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def id18(value: Any) -> str | None:
    """The id with 18 characters, None where it is none.

    The three characters that reports and URLs leave out say which of the others are capitals, five at a time.
    """
    if not isinstance(value, str) or not (value.isascii() and value.isalnum()):
        return None
    if len(value) == 18:
        return value
    if len(value) != 15:
        return None
    chunks = (value[0:5], value[5:10], value[10:15])
    return value + "".join(_CHECK[sum(c.isupper() << place for place, c in enumerate(chunk))] for chunk in chunks)


def text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def whole_days(value: Any) -> int | None:
    """A number of days from 1 to ten years, and nothing else."""
    days = number(value)
    return int(days) if days is not None and 1 <= days <= _TEN_YEARS else None


def truth(value: Any) -> bool:
    """A checkbox, or a picklist that says anything but no."""
    return value is True or text(value).lower() not in {"", "false", "no", "none", "0", "0.0"}


def moment(value: Any) -> datetime | None:
    """The point in time (`2022-03-17T16:21:26.000+0000`), aware and UTC."""
    try:
        parsed = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    if parsed.year not in YEARS:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)


def day(value: Any) -> date | None:
    """The day of a date, or of a point in time as it is written."""
    try:
        parsed = date.fromisoformat(value[:10])
    except (TypeError, ValueError):
        return None
    return parsed if parsed.year in YEARS else None


def addresses(value: Any) -> list[str]:
    """The e-mail addresses of `Jane Roe <jane@x.example>; joe@y.example`, lower case, each once, in order."""
    written = text(value)
    if _ONE_ADDRESS.fullmatch(written):  # as nearly all of them
        return [written.lower()]
    if any(sign in written for sign in '<"('):
        found = [address for _, address in getaddresses([written.replace(";", ",")])]
    else:
        found = written.replace(";", " ").replace(",", " ").split()
    return list(dict.fromkeys(address.strip().lower() for address in found if "@" in address))


def quoted(value: str) -> str:
    """A string literal of SOQL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def listed(values: Any) -> str:
    """A list of string literals for SOQL's IN."""
    return f"({','.join(quoted(value) for value in values)})"


def stamp(at: datetime) -> str:
    """A point in time for SOQL and cursors; Salesforce's stamps are whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
