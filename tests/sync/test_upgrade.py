"""Stores of every schema that was released are upgraded without losing a record, or left as they were."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, inspect, select, text, types
from sqlmodel import SQLModel

from sync.errors import StoreError
from sync.store.copies import rows_of
from sync.store.engine import alembic_config, exclusive, newest_revision, open_engine
from tests.conftest import open_engine_raw
from tests.schemas.freeze import FOLDER, make

FROZEN = sorted(FOLDER.glob("*.sql"))
Rows = dict[str, list[tuple[Any, ...]]]

released = pytest.mark.parametrize("frozen", FROZEN, ids=lambda path: path.stem)
OLDER = [path for path in FROZEN if path.stem != newest_revision()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "holdfast.db"


def lay(frozen: Path, path: Path) -> None:
    """A store of that schema stands in the file."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(frozen.read_text(encoding="utf-8"))


def rows(path: Path, columns: Mapping[str, list[str]] | None = None) -> Rows:
    """Every row of every table, of these columns or of all."""
    with closing(sqlite3.connect(path)) as db:
        tables = columns or {name: ["*"] for name in rows_of(db) if name != "alembic_version"}
        return {
            name: sorted(db.execute(f"SELECT {', '.join(some)} FROM {name}").fetchall(), key=repr)
            for name, some in tables.items()
        }


def columns(path: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(path)) as db:
        tables = [name for name in rows_of(db) if name != "alembic_version"]
        return {name: [row[1] for row in db.execute(f"PRAGMA table_info({name})")] for name in tables}


def files(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.glob("*.db"))


@released
def test_an_upgrade_keeps_every_record(frozen: Path, path: Path) -> None:
    lay(frozen, path)
    known, before = columns(path), rows(path)
    assert all(len(some) >= 3 for some in before.values()), "every table has rows"
    engine = open_engine(f"sqlite:///{path}")
    with engine.connect() as db:
        assert compare_metadata(MigrationContext.configure(db), SQLModel.metadata) == []
    engine.dispose()
    after = rows(path, known)
    assert {name: [row for row in some if row not in after[name]] for name, some in before.items()} == {
        name: [] for name in before
    }


@pytest.mark.parametrize("frozen", OLDER, ids=lambda path: path.stem)
def test_the_store_as_it_was_stays_beside_the_upgraded_one(frozen: Path, path: Path) -> None:
    lay(frozen, path)
    before = rows(path)
    open_engine(f"sqlite:///{path}").dispose()
    kept = path.with_name(f"holdfast-before-{newest_revision()}.db")
    assert files(path) == [kept.name, path.name]
    assert rows(kept) == before
    assert kept.stat().st_mode & 0o777 == 0o600


@released
def test_what_was_released_is_still_what_the_migrations_make(frozen: Path) -> None:
    schema = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name"
    with closing(sqlite3.connect(":memory:")) as was, closing(sqlite3.connect(":memory:")) as made:
        was.executescript(frozen.read_text(encoding="utf-8"))
        make(made, frozen.stem)
        assert made.execute(schema).fetchall() == was.execute(schema).fetchall()


def test_the_schema_as_it_stands_is_kept() -> None:
    assert newest_revision() in {path.stem for path in FROZEN}, "python -m tests.schemas.freeze REVISION"


def test_only_the_copy_of_the_last_upgrade_is_kept(path: Path) -> None:
    lay(FROZEN[0], path)
    (path.parent / "holdfast-before-0001.db").write_text("of an earlier upgrade")
    (path.parent / "holdfast-before-lunch.db").write_text("somebody's own")
    (path.parent / f"holdfast-before-{newest_revision()}.db").write_text("half of one that was killed")
    open_engine(f"sqlite:///{path}").dispose()
    assert files(path) == [f"holdfast-before-{newest_revision()}.db", "holdfast-before-lunch.db", "holdfast.db"]


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(path: Path) -> None:
    lay(FROZEN[0], path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE finding_spans (in_the_way TEXT)")
        db.commit()
    before = rows(path)
    with pytest.raises(StoreError, match=r"tried on a copy and failed .* left as it was"):
        open_engine(f"sqlite:///{path}")
    assert rows(path) == before
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT version_num FROM alembic_version").fetchone() == (FROZEN[0].stem,)
    assert "holdfast-rehearsal.db" not in files(path)


def test_a_store_is_not_upgraded_under_a_running_cycle(path: Path) -> None:
    lay(FROZEN[0], path)
    running = create_engine(f"sqlite:///{path}")
    with exclusive(running), pytest.raises(StoreError, match="running a cycle"):
        open_engine(f"sqlite:///{path}")
    running.dispose()
    open_engine(f"sqlite:///{path}").dispose()


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Engine]:
    """An empty database without a schema."""
    engine = open_engine_raw(postgresql_url)
    with engine.connect() as db:
        for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            db.execute(text(statement))
    yield engine
    engine.dispose()


@pytest.mark.postgresql
@pytest.mark.slow
@released
def test_an_upgrade_of_postgresql_keeps_every_record(
    frozen: Path, path: Path, postgresql: Engine, postgresql_url: str
) -> None:
    lay(frozen, path)
    with postgresql.connect() as db:
        config = alembic_config()
        config.attributes["connection"] = db
        command.upgrade(config, frozen.stem)
        tables = {name: _reflected(db, name) for name in columns(path)}
        for name, table in tables.items():
            told = rows(path, {name: [column.name for column in table.columns]})[name]
            db.execute(table.insert(), [_typed(table, row) for row in told])
        before = {name: _everything(db, table) for name, table in tables.items()}
    assert all(len(some) >= 3 for some in before.values())
    upgraded = open_engine(postgresql_url)
    with upgraded.connect() as db:
        assert compare_metadata(MigrationContext.configure(db), SQLModel.metadata) == []
        after = {name: _everything(db, table) for name, table in tables.items()}
    upgraded.dispose()
    assert {name: [row for row in some if row not in after[name]] for name, some in before.items()} == {
        name: [] for name in before
    }


def _reflected(db: Connection, name: str) -> Table:
    assert inspect(db).has_table(name)
    return Table(name, MetaData(), autoload_with=db)


def _everything(db: Connection, table: Table) -> list[str]:
    return [str(tuple(row)) for row in db.execute(select(table))]


def _typed(table: Table, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column.name: _as(column.type, value) for column, value in zip(table.columns, row, strict=True)}


def _as(kind: types.TypeEngine[Any], value: Any) -> Any:
    match kind:
        case _ if value is None:
            return None
        case types.Boolean():
            return bool(value)
        case types.DateTime():
            return datetime.fromisoformat(f"{value}+00:00")
        case types.Date():
            return date.fromisoformat(value)
        case types.JSON():
            return orjson.loads(value)
    return value
