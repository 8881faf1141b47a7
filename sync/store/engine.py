"""Opening the store: one engine, migrated, private, with SQLite told to behave."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor, ExceptionContext
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

from sync.errors import StoreError, StoreInUseError, StoreTooNewError
from sync.store.prepared import as_json

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

_MIGRATIONS = Path(__file__).parent / "migrations"
_WAL_ATTEMPTS, _WAL_WAIT_SECONDS = 600, 0.05
# The shape of a large store: rows, how many share a value of most columns, and columns that have few values.
_MANY, _FEW = 1_000_000, 10
_VALUES = {"connection": 1, "kind": 4, "side": 2, "source": 2}
CYCLES_LOCK = 752309  # PostgreSQL's advisory lock on the whole store; workers that share it hold it shared


def open_engine(url: str, *, name: str = "") -> Engine:
    """Return an engine on the migrated store at `url`; a SQLite file is created with mode 0600.

    `hide_parameters` keeps customers' data out of error texts. `name` is what PostgreSQL calls our sessions.
    """
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if name:
        parsed = parsed.update_query_dict({"application_name": name})
    path = Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None
    try:
        if path:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        # A worker outlives a restart of the database: its leases do. A command's lock (`exclusive`) does not.
        pool = {"pool_pre_ping": True, "max_overflow": -1} if name else {}
        engine = create_engine(
            parsed, hide_parameters=True, json_serializer=as_json, json_deserializer=orjson.loads, **pool
        )
        if path:
            event.listen(engine, "connect", _behave)
        event.listen(engine, "handle_error", _say_no_data)
        _migrate(engine)
    except OSError as error:
        raise StoreError(
            f"store {path}: cannot be opened ({error.strerror}); check store.url and the folder's rights"
        ) from error
    except ModuleNotFoundError as error:
        raise StoreError(f"store: {error.name} is not installed; install holdfast[postgresql]") from error
    except DatabaseError as error:
        raise StoreError(f"store: the database refuses: {str(error.orig).splitlines()[0]}; check store.url") from error
    return engine


def _say_no_data(context: ExceptionContext) -> None:
    """PostgreSQL adds the offending row to its errors; only the first line of a message may leave the store. SQLite's
    are a full disk, or a file that somebody replaced.
    """
    if context.sqlalchemy_exception is None or context.is_pre_ping:
        return  # none of the database's: an interrupt, say; or a session that was lost before anything was asked
    told = str(context.original_exception).splitlines() or ["no reason given"]
    raise StoreError(f"store: the database refuses: {told[0]}; check store.url and the database") from None


def _behave(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # WAL lets `status` read while a cycle writes; FULL because the outbox must survive a power cut.
    for pragma in ("busy_timeout=30000", "synchronous=FULL", "temp_store=MEMORY", "cache_size=-16000"):
        cursor.execute(f"PRAGMA {pragma}")
    _turn_wal_on(cursor)
    cursor.close()


def _turn_wal_on(cursor: DBAPICursor) -> None:
    """Unlike all else, SQLite does not wait for this where another process has the file, as when both make it."""
    for attempt in range(_WAL_ATTEMPTS):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or attempt == _WAL_ATTEMPTS - 1:
                raise
            time.sleep(_WAL_WAIT_SECONDS)
        else:
            return


def alembic_config(url: str = "") -> AlembicConfig:
    """Alembic, pointed at our migrations; also for `alembic revision` by hand."""
    from alembic.config import Config as AlembicConfig  # noqa: PLC0415 - as in `_migrate`

    config = AlembicConfig()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def newest_revision() -> str:
    """The number that the newest migration's file begins with, which is its revision."""
    return max(path.name for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        known = connection.dialect.has_table(connection, "alembic_version")
        current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
    if current == newest_revision():
        return
    if current and engine.dialect.name == "sqlite" and engine.url.database:
        from sync.store.rehearsal import rehearsed  # noqa: PLC0415 - as below

        with rehearsed(engine, current):
            upgrade(engine)
    else:
        upgrade(engine)


def upgrade(engine: Engine) -> None:
    """The schema is the newest, in one transaction: whatever stops it leaves the store as it was.

    Raises StoreTooNewError for a store of a revision that is not known here.
    """
    # Alembic takes a tenth of a second to import, and most processes find the schema as it should be.
    from alembic import command  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = alembic_config()
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                # Python's driver opens no transaction before DDL: killed in the middle, a process would leave a
                # schema that can never be finished. Of two that start together the second waits, and finds it done.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if connection.dialect.name == "sqlite":
                _tell_shapes(connection)
    except CommandError as error:
        raise StoreTooNewError(
            f"store: was written by a newer Holdfast ({error}); upgrade, or restore a backup"
        ) from error


def _tell_shapes(db: Connection) -> None:
    """SQLite plans by the shape of a large store from the first row on, so that no plan turns from one day to the next.

    Without statistics it supposes that a connection has ten rows, and goes through all of them for every account.
    """
    db.exec_driver_sql("ANALYZE")  # makes the table of statistics; of tables without rows it says nothing
    db.exec_driver_sql("DELETE FROM sqlite_stat1")
    indexes = (
        "SELECT t.name, i.name, i.[unique] FROM sqlite_schema t, pragma_index_list(t.name) i WHERE t.type = 'table'"
    )
    for table, index, unique in db.exec_driver_sql(indexes).all():
        columns = db.exec_driver_sql("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,)).scalars().all()
        left = [_MANY]
        for column in columns:
            left.append(max(1, left[-1] // _VALUES[column] if column in _VALUES else min(left[-1] // 2, _FEW)))
        left[-1] = 1 if unique else left[-1]
        told = (table, index, " ".join(map(str, left)))
        db.exec_driver_sql("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", told)
    db.exec_driver_sql("ANALYZE sqlite_schema")  # reads them


@contextmanager
def exclusive(engine: Engine) -> Iterator[None]:
    """Hold the store for a cycle; raise StoreError at once if another process has it."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        # An OSError says by itself which file cannot be written.
        with Path(f"{engine.url.database}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreInUseError(
                    "store: another Holdfast process is running a cycle on it; wait, or stop that one"
                ) from None
            yield
    else:
        with engine.connect() as connection:
            if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": CYCLES_LOCK}).scalar():
                raise StoreInUseError(
                    "store: another Holdfast process is running a cycle on it; wait, or stop that one"
                )
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": CYCLES_LOCK})
