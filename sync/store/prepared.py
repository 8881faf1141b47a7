"""Many rows into SQLite at once: binding each through SQLAlchemy takes longer than SQLite takes to store it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A Core statement, compiled once for SQLite's driver."""

    sql: str
    values: Callable[[dict[str, Any]], tuple[Any, ...]]  # of a row, in the order of the placeholders
    converted: Mapping[str, Callable[[Any], Any]]  # how a column's values are kept, where not as they are

    @classmethod
    def of(cls, statement: sqlite.Insert) -> Prepared:
        dialect = sqlite.dialect()
        compiled = statement.compile(dialect=dialect)
        kept = {c.name: c.type.dialect_impl(dialect).bind_processor(dialect) for c in statement.table.columns}
        return cls(
            sql=str(compiled),
            values=itemgetter(*compiled.positiontup or ()),
            converted={name: convert for name, convert in kept.items() if convert},
        )

    def run(self, db: Connection, rows: Sequence[dict[str, Any]]) -> int:
        """Execute for every row, whose values are converted in place; return how many rows were written."""
        for row in rows:
            for name, convert in self.converted.items():
                row[name] = convert(row[name])
        return int(db.exec_driver_sql(self.sql, [self.values(row) for row in rows]).rowcount)
