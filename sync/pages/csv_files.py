"""CSV beside every table: the same numbers for a spreadsheet, in which no text begins a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from sync.pages.words import cell


class Rows(Protocol):
    """Takes one row of plain values."""

    def __call__(self, *values: Any) -> None: ...


@contextmanager
def csv_file(path: Path, header: Sequence[str]) -> Iterator[Rows]:
    """Open a CSV file that takes its rows one by one. Its first character tells a spreadsheet that it is UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)

        def add(*values: Any) -> None:
            writer.writerow(map(cell, values))

        yield add


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """The file holds these rows."""
    with csv_file(path, header) as add:
        for row in rows:
            add(*row)
