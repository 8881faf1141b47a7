"""The same store on another database: every row of every table, in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, Integer, Table, func, inspect, select, text
from sqlmodel import SQLModel

import sync.store.derived_tables
import sync.store.forgotten
import sync.store.ledger_tables
import sync.store.match_tables
import sync.store.tables  # noqa: F401 - fills the metadata
from sync.errors import CopyError
from sync.store.sql import insert

_ROWS_AT_ONCE = 1000


def move(source: Engine, target: Engine) -> dict[str, int]:
    """Copy every table into an empty, migrated store; return how many rows each one has.

    The source is left as it is. Raises StoreError, and leaves the target as it was, where the target holds anything
    already or did not take everything.
    """
    tables = _tables(source)
    with source.connect() as old, target.begin() as new:
        if full := [name for name, table in tables.items() if _count(new, table)]:
            raise CopyError(f"store: the target has rows already ({', '.join(full)}); name an empty database with --to")
        moved = {name: _move(old, new, table) for name, table in tables.items()}
        for name, table in tables.items():
            if _count(new, table) != moved[name]:
                raise CopyError(f"store: {name} did not arrive whole; nothing was kept, try again")
            _go_on_counting(new, table)
    return moved


def _tables(source: Engine) -> Mapping[str, Table]:
    """Every table of the store. One that no model describes would be lost without a word."""
    known = dict(sorted(SQLModel.metadata.tables.items()))
    there = {name for name in inspect(source).get_table_names() if not name.startswith("sqlite_")} - {"alembic_version"}
    if there != known.keys():
        odd = ", ".join(sorted(there ^ known.keys()))
        raise CopyError(f"store: unknown or missing tables ({odd}); was it changed by hand?")
    return known


def _move(old: Connection, new: Connection, table: Table) -> int:
    count = 0
    rows = old.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table)).mappings()
    for some in rows.partitions():
        # PostgreSQL keeps no NUL in a text.
        taken = map(_without_nul, some) if new.dialect.name == "postgresql" else map(dict, some)
        new.execute(insert(new, table), list(taken))
        count += len(some)
    return count


def _without_nul(row: Mapping[Any, Any]) -> dict[Any, Any]:
    return {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in row.items()}


def _count(db: Connection, table: Table) -> int:
    return int(db.execute(select(func.count()).select_from(table)).scalar_one())


def _go_on_counting(db: Connection, table: Table) -> None:
    """PostgreSQL counts new numbers from where its sequence stands, not from the largest number that is there."""
    if db.dialect.name != "postgresql":
        return
    for column in _numbered(table):
        last = db.execute(select(func.max(column))).scalar()
        if last is not None:
            set_to = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")
            db.execute(set_to, {"table": table.name, "column": column.name, "last": last})


def _numbered(table: Table) -> Iterator[Any]:
    """The column that the database numbers by itself, where the table has one."""
    keys = list(table.primary_key.columns)
    if len(keys) == 1 and isinstance(keys[0].type, Integer):
        yield keys[0]
