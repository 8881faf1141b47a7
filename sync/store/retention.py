"""What is old goes: touches, the record of what we wrote, and rows of what the CRM deleted long ago.

Everything goes in small transactions, each of which leaves a store that is true: what was worked out from touches goes
with them. What the worker still goes by stays however old it is: keys of tasks, which must never be used twice, changes
that are not settled, and those that an operator told it never to send again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, Table, and_, delete, exists, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from rules.model import Kind
from sync.store import cycles
from sync.store.affected import Affected
from sync.store.ledger_tables import CycleRow, NoticeRow, OutboxRow, TaskRow
from sync.store.sql import PULLED, chunks, table_of
from sync.store.tables import LinkRow

_OUTBOX, _TASKS, _CYCLES, _NOTICES, _LINKS = (
    table_of(row) for row in (OutboxRow, TaskRow, CycleRow, NoticeRow, LinkRow)
)
_ACTIVITIES = PULLED["activities"]
_KINDS = tuple(map(str, Kind))
_SETTLED = ("done", "rejected", "lapsed", "retried")
# SQLite keeps the room of what went for what comes; only where much of the file is empty is it worth writing anew.
_EMPTY_SHARE = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class Horizon:
    """What is older than these goes; None keeps all."""

    touches: datetime | None
    audit: datetime
    deleted: datetime
    cycles: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Dropped:
    """How many rows went."""

    touches: int = 0
    changes: int = 0
    deleted: int = 0
    cycles: int = 0


def drop_old(
    engine: Engine,
    connections: Iterable[str],
    horizon: Horizon,
    *,
    rows_at_once: int = 5_000,
    empty_bytes: int = 64 * 2**20,
) -> Dropped:
    """Nothing older than the horizon is in the store, nor in the free room of a SQLite file.

    It goes in transactions of so many rows. A SQLite file of which a quarter is empty, and so much at least, is written
    anew, which needs as much room once more.

    No cycle may run meanwhile: one that has read what goes here would keep what it made of it.
    """
    names = list(connections)
    with engine.connect() as db:
        if sqlite := db.dialect.name == "sqlite":
            db.exec_driver_sql("PRAGMA secure_delete=ON")
            db.commit()
        portions = [_Portions(connection=name, rows=rows_at_once) for name in names]
        touches = sum(_drop_touches(db, some, horizon.touches) for some in portions) if horizon.touches else 0
        # The cycles tell when something was deleted: they go last.
        deleted = sum(_drop_deleted(db, some, horizon.deleted) for some in portions)
        with db.begin():
            changes = _drop_changes(db, horizon.audit)
        if sqlite:
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            _shrink(db, empty_bytes)
    dropped = cycles.forget_before(engine, horizon.cycles)
    return Dropped(touches=touches, changes=changes, deleted=deleted, cycles=dropped)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Portions:
    """How rows of a connection go: so many in one transaction, with what was worked out from them."""

    connection: str
    rows: int

    def drop(self, db: Connection, table: Table, old: ColumnElement[bool]) -> int:
        chosen = select(table.c.id).where(table.c.connection == self.connection, old).limit(self.rows)
        count = 0
        while True:
            with db.begin():
                ids = db.execute(chosen).scalars().all()
                affected = Affected(connection=self.connection)
                affected.gone(db, table, ids)
                if table is _ACTIVITIES:
                    _drop_links(db, affected, ids)
                for some in chunks(ids):
                    db.execute(delete(table).where(table.c.connection == self.connection, table.c.id.in_(some)))
                affected.forget(db)
            count += len(ids)
            if len(ids) < self.rows:
                return count


def _drop_touches(db: Connection, portions: _Portions, before: datetime) -> int:
    a = _ACTIVITIES.c
    # With their kinds named, the index by kind and time finds them: most nights there are few among millions.
    old = and_(a.kind.in_(_KINDS), a.at < before, or_(a.ends_at.is_(None), a.ends_at < before))
    return portions.drop(db, _ACTIVITIES, old)


def _drop_deleted(db: Connection, portions: _Portions, before: datetime) -> int:
    """Rows of touches and contacts that the CRM has not had since then."""
    with db.begin():
        mine = (_CYCLES.c.connection == portions.connection, _CYCLES.c.started_at < before)
        last = db.execute(select(func.max(_CYCLES.c.id)).where(*mine)).scalar()
    if last is None:
        return 0
    tables = [PULLED[name] for name in ("activities", "contact_roles", "mailings", "contacts")]
    return sum(portions.drop(db, table, and_(table.c.deleted, table.c.changed_in <= last)) for table in tables)


def _drop_links(db: Connection, affected: Affected, activity_ids: Sequence[str]) -> None:
    links = _LINKS.c
    for some in chunks(activity_ids):
        mine = (links.connection == affected.connection, links.activity_id.in_(some))
        told = (links.activity_id, links.side, links.kind, links.target)
        affected.links(tuple(row) for row in db.execute(delete(_LINKS).where(*mine).returning(*told)).all())


def _drop_changes(db: Connection, before: datetime) -> int:
    """The record of changes from before, but of those to tasks that are still open, and the texts of ended tasks."""
    o, t, later = _OUTBOX.c, _TASKS.c, _OUTBOX.alias("later")
    is_open = exists().where(t.connection == o.connection, t.key == o.subject, t.state != "ended")
    # Dropped by an operator: it must not be sent again, unless a later change took its place.
    replaced = exists().where(
        later.c.connection == o.connection, later.c.subject == o.subject, later.c.state == "done", later.c.id > o.id
    )
    settled = or_(o.state.in_(_SETTLED), and_(o.state == "dropped", replaced))
    count = db.execute(delete(_OUTBOX).where(o.created_at < before, settled, ~is_open)).rowcount
    db.execute(update(_TASKS).where(t.state == "ended", t.ended_at < before).values(written={}))
    db.execute(delete(_NOTICES).where(_NOTICES.c.given_at < before))
    return count


def _shrink(db: Connection, empty_bytes: int) -> None:
    pages, free, size = (
        int(db.exec_driver_sql(f"PRAGMA {name}").scalar_one()) for name in ("page_count", "freelist_count", "page_size")
    )
    db.commit()
    if free > pages * _EMPTY_SHARE and free * size > empty_bytes:
        db.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM")
        db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
