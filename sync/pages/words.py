"""How pages and CSV files show what came from a CRM: nothing in a name can act on whoever reads it."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from typing import Any

from markupsafe import Markup

from rules.wording import day_text, money_text, share_text

# What turns the text around it: marks, embeddings, overrides and isolates of the bidirectional algorithm.
_TURNS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# Control characters and line ends of any kind, which have no place in a line of text.
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF], " ")
_HARMLESS = {**_CONTROLS, **_TURNS}

# What a spreadsheet takes for the beginning of a formula, in plain and in full width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001 - the full-width forms are meant


def harmless(text: str) -> str:
    """Return the text without characters that turn, hide or break the text around it; letters of any script stay."""
    return text.translate(_HARMLESS)


def shown(value: Any) -> Any:
    """Return what a template prints for a value: harmless text, nothing for None. What is escaped already stays."""
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def short(text: str, most: int = 48) -> str:
    """Return at most `most` characters of the text, the last an ellipsis where some are missing."""
    plain = harmless(text)
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def cell(value: Any) -> str:
    """Return a value as a CSV cell: no text in it begins a formula. Numbers stay numbers, days are ISO."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}" if abs(value) < 1 else f"{value:.2f}".removesuffix(".00")
        case int():
            return str(value)
        case date():
            return value.isoformat()
    begins_formula = str(value).startswith(("\t", "\r"))
    text = harmless(str(value)).strip()
    return f"'{text}" if begins_formula or text.startswith(_FORMULA) else text


def slug(text: str) -> str:
    """Return a file name for an id or a connection's name: the same for the same text, another for another."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")[:64]
    if plain and plain == text:
        return plain
    # What was left out may be all that tells two names apart.
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}".lstrip("-")


def money(amount: float | None) -> str:
    """Return `420k`, `not known` where nobody knows."""
    return "not known" if amount is None else money_text(amount)


def share(part: float | None) -> str:
    """Return `95 %` in whole percent, a dash where it cannot be told."""
    return "–" if part is None else share_text(round(part, 2)).replace("%", " %")  # noqa: RUF001


def day(value: date | str | None) -> str:
    """Return `2 Nov 2026` of a day or an ISO text, a dash for none."""
    if not value:
        return "–"  # noqa: RUF001
    return day_text(date.fromisoformat(value[:10]) if isinstance(value, str) else value)
