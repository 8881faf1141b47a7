"""Who does what next where workers share a PostgreSQL store: one row for every beat of every connection.

The row is the due-table, the lock and the fence in one. Whoever takes it raises its `epoch`, which every transaction
and every request of the work then asks for: a worker that slept past its lease finds another number there, and can
change nothing any more. All times are the database's; a worker's own clock decides nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Select, event, func, or_, select, text, tuple_, update

from sync.errors import LeaseLostError, StoreError, StoreInUseError
from sync.store.engine import CYCLES_LOCK
from sync.store.ledger_tables import LeaseRow
from sync.store.sql import insert, table_of

Key = tuple[str, str]  # beat, connection; no connection where the beat is of the whole store

_LEASES = table_of(LeaseRow)
_L = _LEASES.c
_KEY = tuple_(_L.beat, _L.connection)
_FREE = or_(_L.held_until.is_(None), _L.held_until < func.now())
# Whoever is gone from the network or paused in the middle of a transaction would hold its rows for ever.
_END_SESSIONS = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND application_name IN (SELECT holder FROM leases WHERE held_until < now())"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """The right to do a beat of a connection, as long as the row has this epoch."""

    key: Key
    epoch: int
    taken_at: datetime


def clock(engine: Engine) -> datetime:
    """The database's time, aware."""
    with engine.connect() as db:
        now: datetime = db.execute(select(func.now())).scalar_one()
        return now


def enter(engine: Engine, key: Key, slots: str, due_at: datetime | None) -> None:
    """The row is there; a new one, and one whose cron was changed, is due at `due_at`."""
    beat, connection = key
    row = insert(engine, _LEASES).values(beat=beat, connection=connection, slots=slots, due_at=due_at)
    fresh = {"slots": row.excluded.slots, "due_at": row.excluded.due_at}
    with engine.begin() as db:
        db.execute(
            row.on_conflict_do_update(index_elements=("beat", "connection"), set_=fresh, where=_L.slots != slots)
        )


def queue_due(engine: Engine, keys: Collection[Key], *, again_after_seconds: float) -> list[Key]:
    """Mark as queued and return, of these keys, what is due and nobody holds, longest due first.

    What was queued that long ago and is still not held is returned again: its job was lost, or its worker.
    """
    again = func.now() - timedelta(seconds=again_after_seconds)
    due = (
        select(_L.beat, _L.connection)
        .where(_KEY.in_(keys), _L.due_at <= func.now(), _FREE, or_(_L.queued_at.is_(None), _L.queued_at < again))
        .order_by(_L.due_at)
        .with_for_update(skip_locked=True)
    )
    with engine.begin() as db:
        found = [(row.beat, row.connection) for row in db.execute(due)]
        if found:
            db.execute(update(_LEASES).where(_KEY.in_(found)).values(queued_at=func.now()))
        return found


def take(engine: Engine, key: Key, holder: str, *, seconds: float) -> Lease | None:
    """The lease on what is due, for so many seconds without a sign of life; None where it is not due, or held."""
    mine = {
        "epoch": _L.epoch + 1,
        "holder": holder,
        "held_until": func.now() + timedelta(seconds=seconds),
        "queued_at": None,
    }
    statement = update(_LEASES).where(_is_key(key), _L.due_at <= func.now(), _FREE).values(mine)
    with engine.begin() as db:
        row = db.execute(statement.returning(_L.epoch, func.now().label("now"))).first()
        return Lease(key=key, epoch=row.epoch, taken_at=row.now) if row else None


def renew(engine: Engine, held: Collection[Lease], *, seconds: float) -> None:
    """A sign of life: those of these leases that are not another's by now hold for so many seconds more."""
    rows = [(*lease.key, lease.epoch) for lease in held]
    statement = update(_LEASES).where(tuple_(_L.beat, _L.connection, _L.epoch).in_(rows), _L.held_until.is_not(None))
    with engine.begin() as db:
        db.execute(statement.values(held_until=func.now() + timedelta(seconds=seconds)))


def held(engine: Engine) -> frozenset[str]:
    """The connections on which somebody holds a lease now."""
    with engine.connect() as db:
        return frozenset(db.execute(select(_L.connection).where(_L.held_until > func.now())).scalars())


def release(engine: Engine, lease: Lease, due_at: datetime | None) -> None:
    """It is nobody's, and due next at `due_at`, None for never; nothing happens where another has it by now."""
    with engine.begin() as db:
        db.execute(update(_LEASES).where(*_is(lease)).values(held_until=None, queued_at=None, due_at=due_at))


def end_sessions_of_the_dead(engine: Engine) -> int:
    """End the database sessions of processes that let a lease run out; return how many there were.

    They are known by their `application_name`, which is the holder (`open_engine`).
    """
    with engine.begin() as db:
        return int(db.execute(_END_SESSIONS).scalar_one())


class Guard:
    """What a lease allows. `engine` commits nothing once the lease is lost."""

    def __init__(self, engine: Engine, line: Connection, lease: Lease) -> None:
        self.lease = lease
        self.requests = 0  # that were allowed so far
        self.engine = engine.execution_options()
        event.listen(self.engine, "commit", self._before_commit)
        self._line, self._lock = line, threading.Lock()

    def check(self) -> None:
        """Raise LeaseLostError, or another StoreError, unless the lease is ours; asked right before every request.

        Threads may call it. One check is one round trip to the database, on a line of its own.
        """
        with self._lock:
            if self._line.invalidated:  # the database was restarted, or has ended the sessions of the dead
                raise self._lost()
            self._hold(self._line, _row(self.lease))
            self.requests += 1

    def _before_commit(self, db: Connection) -> None:
        # Shared until the commit is done: whoever takes the lease waits so long, and finds all of it or nothing.
        try:
            self._hold(db, _row(self.lease).with_for_update(read=True))
        except StoreError:
            # SQLAlchemy takes a transaction for ended here, and would give the session to others with it still open.
            db.invalidate()
            raise

    def _hold(self, db: Connection, row: Select[Any]) -> None:
        if db.execute(row).first() is None:
            raise self._lost()

    def _lost(self) -> LeaseLostError:
        beat, connection = self.lease.key
        return LeaseLostError(
            f"{f'{beat} {connection}'.strip()}: this worker was away for too long, and another has taken over;"
            " nothing is lost"
        )


@contextmanager
def guarded(engine: Engine, lease: Lease, *, alone: bool = False) -> Iterator[Guard]:
    """Work under a lease, beside that of other connections or `alone` on the store.

    Raises StoreInUseError where a command has the whole store or, for what must be alone, any work goes on.
    """
    take, give = (
        (func.pg_try_advisory_lock, func.pg_advisory_unlock)
        if alone
        else (func.pg_try_advisory_lock_shared, func.pg_advisory_unlock_shared)
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
        if not line.execute(select(take(CYCLES_LOCK))).scalar():
            who = "cycles run, and this must be alone" if alone else "a command has it for itself"
            raise StoreInUseError(f"store: {who}; the work waits for the end of that")
        try:
            yield Guard(engine, line, lease)
        finally:
            if not line.invalidated:
                line.execute(select(give(CYCLES_LOCK)))


def _row(lease: Lease) -> Select[Any]:
    return select(_L.epoch).where(*_is(lease))


def _is(lease: Lease) -> tuple[Any, Any]:
    return _is_key(lease.key), _L.epoch == lease.epoch


def _is_key(key: Key) -> Any:
    return _KEY.in_([key])
