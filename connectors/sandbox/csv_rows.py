"""Rows of a CSV file that know where they stand, so that whoever finds a cell bad can say which one."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn, TypeVar

_YES_OR_NO = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

T = TypeVar("T")


@dataclass(slots=True)
class Row:
    """One row with the place it stands at, for whoever finds a cell bad."""

    file: str
    line: int
    cells: Mapping[str, str]

    def refuse(self, column: str, reason: str) -> NoReturn:
        raise ValueError(f"{self.file}, line {self.line}, column {column}: {reason}")

    def text(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def required(self, column: str) -> str:
        return self.text(column) or self.refuse(column, "must not be empty")

    def read(self, column: str, reading: Callable[[str], T], wanted: str) -> T | None:
        """The cell as `reading` makes it, None where it is empty."""
        text = self.text(column)
        if not text:
            return None
        try:
            return reading(text)
        except (ValueError, KeyError, OverflowError):
            self.refuse(column, f"must be {wanted} (is {text!r})")

    def flag(self, column: str, *, default: bool) -> bool:
        value = self.read(column, lambda text: _YES_OR_NO[text.lower()], "true or false")
        return default if value is None else value

    def count(self, column: str) -> int | None:
        return self.read(column, _count, "a whole number, 0 or more")

    def number(self, column: str) -> float | None:
        return self.read(column, _finite, "a number")

    def day(self, column: str) -> date | None:
        return self.read(column, date.fromisoformat, "a day as 2026-11-02")

    def moment(self, column: str) -> datetime | None:
        return self.read(column, _moment, "a time with its zone as 2026-11-02T06:00:00Z")

    def one_of(self, column: str, choices: tuple[str, ...]) -> str:
        text = self.text(column)
        wanted = ", ".join(filter(None, choices))
        return text if text in choices else self.refuse(column, f"must be one of {wanted} (is {text!r})")

    def several(self, column: str) -> tuple[str, ...]:
        return tuple(part for part in (part.strip() for part in self.text(column).split(";")) if part)


class References:
    """The ids of each file, and references that can only be followed when their file has been read to the end."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, None]] = {}
        self._open: list[tuple[Row, str, str]] = []

    def new_id(self, row: Row) -> str:
        name, ids = row.required("id"), self._ids.setdefault(row.file, {})
        if name in ids:
            row.refuse("id", f"{name!r} stands there twice")
        ids[name] = None
        return name

    def follow(self, row: Row, column: str, file: str) -> tuple[str, ...]:
        """The ids in the cell, each of which the file must have; within one file a later row may have it."""
        names = row.several(column)
        if names and file == row.file:
            self._open.append((row, column, file))
        else:
            self._check(row, column, file)
        return names

    def follow_one(self, row: Row, column: str, file: str) -> str:
        names = self.follow(row, column, file)
        return row.refuse(column, "must name one") if len(names) > 1 else "".join(names)

    def close(self) -> None:
        for row, column, file in self._open:
            self._check(row, column, file)

    def _check(self, row: Row, column: str, file: str) -> None:
        for name in row.several(column):
            if name not in self._ids.get(file, {}):
                row.refuse(column, f"{name!r} is not in {file}")


def rows(path: Path, *required: str) -> Iterator[Row]:
    """The rows of a file; `line` is the one on which a row begins, since a quoted cell can hold several."""
    if not path.exists():
        return
    with path.open("rb") as raw:
        reader = csv.reader(_decoded(raw), strict=True)
        begins = 1
        try:
            header = [name.strip() for name in next(reader, [])]
            if header:
                _check_header(path.name, header, required)
            begins = reader.line_num + 1
            for cells in reader:
                if cells:
                    yield _row(path.name, begins, header, cells)
                begins = reader.line_num + 1
        except (csv.Error, UnicodeDecodeError) as error:
            raise ValueError(f"{path.name}, line {begins}: {error}") from error


def _decoded(raw: Iterable[bytes]) -> Iterator[str]:
    """Line by line, so that a letter that is no UTF-8 is found on its own line and not in some block of the file."""
    for number, line in enumerate(raw):
        yield line.decode("utf-8" if number else "utf-8-sig")


def _check_header(file: str, header: list[str], required: tuple[str, ...]) -> None:
    row = Row(file, 1, {})
    for column in required:
        if column not in header:
            row.refuse(column, "is missing")
    for place, column in enumerate(header):
        if column in header[:place]:
            row.refuse(column, "stands there twice")


def _row(file: str, line: int, header: list[str], cells: list[str]) -> Row:
    row = Row(file, line, dict(zip(header, cells, strict=False)))
    if len(cells) != len(header):
        column = header[len(cells)] if len(cells) < len(header) else f"{len(header) + 1}"
        row.refuse(column, f"the row has {len(cells)} cells, the header {len(header)}")
    return row


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number
