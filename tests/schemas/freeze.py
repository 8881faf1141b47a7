"""Freeze the schema of a revision, on the day it is released: python -m tests.schemas.freeze 0007

What stands in a file made by this is never changed: it is what users have.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import create_engine, inspect, types
from sqlalchemy.engine.interfaces import ReflectedColumn

from sync.store.engine import alembic_config

FOLDER = Path(__file__).parent
_ROWS = 3


def freeze(revision: str) -> Path:
    """Write the schema that the migrations up to `revision` make in SQLite, with rows, as SQL; return its file."""
    with closing(sqlite3.connect(":memory:")) as db:
        make(db, revision)
        for table in _tables(db):
            _fill(db, table)
        frozen = FOLDER / f"{revision}.sql"
        frozen.write_text("\n".join(db.iterdump()) + "\n", encoding="utf-8")
    return frozen


def make(db: sqlite3.Connection, revision: str) -> None:
    """The empty schema of a revision stands in an empty database."""
    engine = create_engine("sqlite://", creator=lambda: db)
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _tables(db: sqlite3.Connection) -> list[str]:
    there = inspect(create_engine("sqlite://", creator=lambda: db)).get_table_names()
    return [name for name in there if name != "alembic_version"]


def _fill(db: sqlite3.Connection, table: str) -> None:
    columns = inspect(create_engine("sqlite://", creator=lambda: db)).get_columns(table)
    names = ", ".join(column["name"] for column in columns)
    marks = ", ".join("?" * len(columns))
    rows = [[_value(column, number) for column in columns] for number in range(1, _ROWS + 1)]
    db.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
    db.commit()


_SAID: tuple[tuple[type[types.TypeEngine[Any]], Callable[[int], Any]], ...] = (
    (types.Boolean, lambda number: number % 2),
    (types.JSON, lambda number: f'{{"told":[{number},"Zoë O\'Brien"]}}'),
    (types.DateTime, lambda number: f"2026-01-31 0{number}:00:00.000000"),
    (types.Date, lambda number: f"2026-01-0{number}"),
    (types.LargeBinary, lambda number: bytes([0, number, 255])),
    (types.Float, lambda number: number / 8),
    (types.Integer, lambda number: number),
)


def _value(column: ReflectedColumn, number: int) -> Any:
    if column["nullable"] and number == 1:
        return None
    said = (value(number) for kind, value in _SAID if isinstance(column["type"], kind))
    return next(said, f"{column['name']} of Zoë O'Brien; {number}")


if __name__ == "__main__":
    for each in sys.argv[1:]:
        print(freeze(each))
