"""A copy of a SQLite store, made while others write to it, and proved before it gets its name."""

from __future__ import annotations

import glob
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from sync.errors import CopyError


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A checked copy: one file, `records` rows in all its tables together."""

    path: Path
    bytes: int
    records: int


def new_copy_in(folder: Path, engine: Engine, now: datetime) -> Path:
    """Where in that folder a copy of that moment goes.

    Raises CopyError, naming the tool that does it, for a store that is no SQLite file.
    """
    store = engine.url.database
    if engine.dialect.name != "sqlite" or not store:
        where = engine.url.set(drivername="postgresql").render_as_string(hide_password=True).replace(":***", "")
        raise CopyError(
            f"backup: the store is on PostgreSQL, which has its own tools; "
            f'pg_dump --format=custom --file=holdfast.dump "{where}", and pg_restore to bring it back'
        )
    return folder / f"{Path(store).stem}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.db"


def copies_of(engine: Engine, folder: Path) -> list[Path]:
    """The copies of the store that `new_copy_in` named in a folder, the oldest first."""
    stem = Path(engine.url.database or "").stem
    return sorted(folder.glob(f"{glob.escape(stem)}-{'[0-9]' * 8}T{'[0-9]' * 6}Z.db"))


def back_up(engine: Engine, to: Path) -> Copy:
    """Copy the store as of one moment to a new file that only its owner can read.

    Raises CopyError for a copy that is not sound, which is not kept, and where `to` is there already.
    """
    if to.exists():
        raise CopyError(f"{to}: is there already and is left as it is; name another file with --to")
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        records = _copy(engine, part)
        _flush(part)
        part.rename(to)
        _flush(to.parent)
    except sqlite3.Error as error:
        raise CopyError(f"{to}: the copy failed ({error}); look for room on that disk") from error
    finally:
        part.unlink(missing_ok=True)
    return Copy(path=to, bytes=to.stat().st_size, records=records)


def _copy(engine: Engine, part: Path) -> int:
    with engine.connect() as db, closing(sqlite3.connect(part)) as copy:
        source = db.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        # All pages in one step: that is one moment, and with a write-ahead log it keeps no writer waiting.
        source.backup(copy)
        # A file alone: the log's files beside it would be forgotten when it is moved.
        copy.execute("PRAGMA journal_mode=DELETE")
        return check(copy, part)


def check(copy: sqlite3.Connection, path: Path) -> int:
    """Return the number of its rows. Raises CopyError for a store that is not whole."""
    found = [row[0] for row in copy.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise CopyError(f"{path}: the copy is not sound: {found[0]}; the store itself may be damaged")
    tables = rows_of(copy)
    if "alembic_version" not in tables:
        raise CopyError(f"{path}: is no store of Holdfast")
    return sum(tables.values()) - tables["alembic_version"]


def rows_of(copy: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    tables = [row[0] for row in copy.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    ours = (name for name in tables if not name.startswith("sqlite_"))
    return {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in ours}  # noqa: S608 - its own


def _flush(path: Path) -> None:
    """What was written there is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
