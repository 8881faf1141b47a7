"""On which line of a config each table and key stands: the TOML parser of the standard library does not say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_KEY = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_PATH = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_TABLE = re.compile(rf"\s*(\[\[?)\s*({_PATH})\s*\]")
_ASSIGNMENT = re.compile(rf"\s*({_PATH})\s*=")


def key_lines(text: str) -> dict[str, int]:
    """Return line numbers of tables and keys, by dotted key path; the tables of an array are numbered from 0.

    What stands within a value of several lines is told by the line of its key, or of a key that it looks like.
    """
    lines: dict[str, int] = {}
    tables: Counter[str] = Counter()
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _TABLE.match(line):
            table = _within_an_array(_dotted(found[2]), tables)
            if found[1] == "[[":
                lines.setdefault(table, number)
                tables[table] += 1
                table = f"{table}.{tables[table] - 1}"
            lines.setdefault(table, number)
        elif found := _ASSIGNMENT.match(line):
            key = _dotted(found[1])
            lines.setdefault(f"{table}.{key}" if table else key, number)
    return lines


def line_of(lines: Mapping[str, int], path: str) -> int | None:
    """Return the line of a key, else that of the nearest table around it, None where neither stands in the file."""
    while path:
        if path in lines:
            return lines[path]
        path = path.rpartition(".")[0]
    return None


def _within_an_array(table: str, arrays: Counter[str]) -> str:
    """Return the path of a table with the number of the array's table that it belongs to: the last one so far."""
    for array, count in arrays.items():
        if table.startswith(f"{array}."):
            return f"{array}.{count - 1}{table.removeprefix(array)}"
    return table


def _dotted(path: str) -> str:
    return ".".join(part.strip("\"'") for part in re.findall(_KEY, path))
