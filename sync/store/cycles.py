"""The record of cycles: when, what they did, what stopped them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select, update

from sync.store.ledger_tables import CursorRow, CycleRow
from sync.store.sql import insert, table_of

_CYCLES, _CURSORS = table_of(CycleRow), table_of(CursorRow)


def begin(engine: Engine, connection: str, now: datetime) -> int:
    """Record that a cycle began; return its number, which grows."""
    with engine.begin() as db:
        row = insert(db, _CYCLES).values(connection=connection, started_at=now, error="", told={})
        return int(db.execute(row.returning(_CYCLES.c.id)).scalar_one())


def tell(engine: Engine, cycle: int, told: dict[str, Any]) -> None:
    """Note what a running cycle has done so far."""
    with engine.begin() as db:
        db.execute(update(_CYCLES).where(_CYCLES.c.id == cycle).values(told=told))


def end(engine: Engine, cycle: int, told: dict[str, Any], error: str, now: datetime) -> None:
    with engine.begin() as db:
        db.execute(update(_CYCLES).where(_CYCLES.c.id == cycle).values(told=told, error=error, ended_at=now))


def last(engine: Engine, connection: str) -> dict[str, Any] | None:
    """The newest cycle of a connection that ended, as a dict of its columns."""
    with engine.connect() as db:
        found = db.execute(
            select(_CYCLES)
            .where(_CYCLES.c.connection == connection, _CYCLES.c.ended_at.is_not(None))
            .order_by(_CYCLES.c.id.desc())
            .limit(1)
        ).mappings()
        row = found.first()
        return dict(row) if row else None


def last_good(engine: Engine, connection: str) -> datetime | None:
    """When the newest cycle that nothing stopped ended."""
    statement = select(_CYCLES.c.ended_at).where(
        _CYCLES.c.connection == connection, _CYCLES.c.ended_at.is_not(None), _CYCLES.c.error == ""
    )
    with engine.connect() as db:
        found: datetime | None = db.execute(statement.order_by(_CYCLES.c.id.desc()).limit(1)).scalar()
        return found


def forget_before(engine: Engine, before: datetime) -> int:
    """Drop the record of cycles that began before that and return how many; each connection keeps its newest, and the
    newest that was live.
    """
    newest = select(func.max(_CYCLES.c.id)).group_by(_CYCLES.c.connection)
    kept = newest.union(newest.where(_CYCLES.c.told["live"].as_boolean()))
    with engine.begin() as db:
        return db.execute(delete(_CYCLES).where(_CYCLES.c.started_at < before, _CYCLES.c.id.not_in(kept))).rowcount


def note_calls(engine: Engine, connection: str, calls: int) -> None:
    """Note how many API calls the running cycle of a connection has made: it may be killed before it tells."""
    newest = select(func.max(_CYCLES.c.id)).where(_CYCLES.c.connection == connection).scalar_subquery()
    with engine.begin() as db:
        row = db.execute(select(_CYCLES).where(_CYCLES.c.id == newest).with_for_update()).first()
        if row and row.ended_at is None and (row.told.get("api_calls") or 0) < calls:
            told = {**row.told, "api_calls": calls}
            db.execute(update(_CYCLES).where(_CYCLES.c.id == row.id).values(told=told))


def calls_since(engine: Engine, connection: str, since: datetime) -> int:
    """API calls of the cycles that began since then, as far as they told of them."""
    statement = select(_CYCLES.c.told).where(_CYCLES.c.connection == connection, _CYCLES.c.started_at > since)
    with engine.connect() as db:
        return sum(told.get("api_calls") or 0 for told in db.execute(statement).scalars())


def was_live(engine: Engine, connection: str) -> bool:
    """Whether any cycle of the connection sent its plan."""
    live = _CYCLES.c.told["live"].as_boolean()
    statement = select(_CYCLES.c.id).where(_CYCLES.c.connection == connection, live).limit(1)
    with engine.connect() as db:
        return db.execute(statement).first() is not None


def newest_told(engine: Engine, connection: str) -> dict[str, Any]:
    """What the newest cycle told last, empty before the end of its pull."""
    statement = select(_CYCLES.c.told).where(_CYCLES.c.connection == connection).order_by(_CYCLES.c.id.desc()).limit(1)
    with engine.connect() as db:
        return dict(db.execute(statement).scalar() or {})


def whole_since(db: Connection, connection: str, since: datetime) -> frozenset[str]:
    """The record kinds that arrived whole in the newest cycle; none if it began before then, or its pull goes on."""
    chosen = select(_CYCLES.c.started_at, _CYCLES.c.told).where(_CYCLES.c.connection == connection)
    row = db.execute(chosen.order_by(_CYCLES.c.id.desc()).limit(1)).first()
    return frozenset(row.told.get("complete", ())) if row and row.started_at >= since else frozenset()


def is_pulling(engine: Engine, connection: str) -> bool:
    """Whether the newest cycle has not told yet what arrived."""
    chosen = select(_CYCLES.c.ended_at, _CYCLES.c.told).where(_CYCLES.c.connection == connection)
    with engine.connect() as db:
        row = db.execute(chosen.order_by(_CYCLES.c.id.desc()).limit(1)).first()
    return row is not None and row.ended_at is None and "complete" not in row.told


def connections(engine: Engine) -> list[str]:
    """Every connection that ever had a cycle, in the config or not."""
    with engine.connect() as db:
        return list(db.execute(select(_CYCLES.c.connection).distinct().order_by(_CYCLES.c.connection)).scalars())


def newest(engine: Engine, connection: str) -> int:
    """The number of the newest cycle, 0 before the first."""
    with engine.connect() as db:
        found = db.execute(select(func.max(_CYCLES.c.id)).where(_CYCLES.c.connection == connection)).scalar()
        return int(found or 0)


def cursors(engine: Engine, connection: str) -> list[dict[str, Any]]:
    """Every stream's cursor row of a connection."""
    with engine.connect() as db:
        rows = db.execute(select(_CURSORS).where(_CURSORS.c.connection == connection).order_by(_CURSORS.c.stream))
        return [dict(row) for row in rows.mappings()]
