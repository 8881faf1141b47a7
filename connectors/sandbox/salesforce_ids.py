"""Salesforce record ids: 15 characters that mind their case, and the 18 that carry a checksum of it."""

from __future__ import annotations

import string
from itertools import product

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PAIRS = ["".join(pair) for pair in product(_DIGITS, repeat=2)]
_CHECKSUM = string.ascii_uppercase + "012345"
_POD = "Hf"  # the instance that a real id names in its fourth and fifth character


def make_id(prefix: str, number: int) -> str:
    """The 18-character id of an object's record with this running number; ids sort as their numbers do."""
    rest, low = divmod(number, 62)
    rest, second = divmod(rest, 3844)
    rest, third = divmod(rest, 3844)
    high, fourth = divmod(rest, 3844)
    short = f"{prefix}{_POD}0{_PAIRS[high]}{_PAIRS[fourth]}{_PAIRS[third]}{_PAIRS[second]}{_DIGITS[low]}"
    return short + _checksum(short)


def _checksum(short: str) -> str:
    return _letter(short[:5]) + _letter(short[5:10]) + _letter(short[10:])


def _letter(five: str) -> str:
    """Says which of five characters are upper case."""
    a, b, c, d, e = list(five)
    return _CHECKSUM[a.isupper() + 2 * b.isupper() + 4 * c.isupper() + 8 * d.isupper() + 16 * e.isupper()]


def full_id(text: str) -> str | None:
    """The 18-character form of a 15- or 18-character id; None where it is neither."""
    if len(text) not in {15, 18} or not text.isascii() or not text.isalnum():
        return None
    return text[:15] + _checksum(text[:15])
