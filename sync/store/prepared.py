"""Many rows into SQLite at once: binding each through SQLAlchemy takes longer than SQLite takes to store it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from sync.store.tables import Utc

_NONE_YET = object()


def as_json(value: Any) -> str:
    """How a JSON column keeps a value: several times quicker than the standard library."""
    return orjson.dumps(value).decode()


def _as_utc(value: datetime | None) -> str | None:
    """As SQLAlchemy keeps a `Utc` in SQLite, in a fourth of the time."""
    return None if value is None else value.astimezone(UTC).isoformat(" ", "microseconds")[:26]


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A Core statement, compiled once for SQLite's driver."""

    sql: str
    values: Callable[[dict[str, Any]], tuple[Any, ...]]  # of a row, in the order of the placeholders
    converted: Mapping[str, Callable[[Any], Any]]  # how a column's values are kept, where not as they are

    @classmethod
    def of(cls, statement: sqlite.Insert) -> Prepared:
        dialect = sqlite.dialect(json_serializer=as_json)
        compiled = statement.compile(dialect=dialect)
        kept = {
            c.name: _as_utc if isinstance(c.type, Utc) else c.type.dialect_impl(dialect).bind_processor(dialect)
            for c in statement.table.columns
        }
        return cls(
            sql=str(compiled),
            values=itemgetter(*compiled.positiontup or ()),
            converted={name: convert for name, convert in kept.items() if convert},
        )

    def run(self, db: Connection, rows: Sequence[dict[str, Any]]) -> int:
        """Execute for every row, whose values are converted in place; return how many rows were written."""
        for name, convert in self.converted.items():
            last: Any = _NONE_YET
            kept: Any = None
            for row in rows:
                if row[name] is not last:  # often it is the same moment in all of them
                    last, kept = row[name], convert(row[name])
                row[name] = kept
        return self.write(db, list(map(self.values, rows)))

    def write(self, db: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Execute for rows whose values stand as the driver keeps them, in the order of the table's columns."""
        return int(db.exec_driver_sql(self.sql, list(rows)).rowcount)


def upsert_whole(db: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows with all columns each over those with the same keys; their values may be converted in place."""
    if rows and db.dialect.name == "sqlite":
        _sqlite_upsert(table).run(db, rows)
    elif rows:
        db.execute(_over(postgresql.insert(table)), rows)


@cache
def _sqlite_upsert(table: Table) -> Prepared:
    return Prepared.of(_over(sqlite.insert(table)))


def _over(statement: Any) -> Any:
    """The INSERT, made to overwrite the row with the same key."""
    table = statement.table
    changed = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)
