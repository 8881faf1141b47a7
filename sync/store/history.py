"""The ledger's past, for whoever looks back: own snapshots day by day, and every task ever made. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine

from sync.store.ledger_tables import SnapshotRow, TaskRow
from sync.store.sql import table_of

_SNAPSHOTS, _TASKS = table_of(SnapshotRow), table_of(TaskRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """How one key account stood on a day; None where it could not be told."""

    owner_id: str | None
    coverage: str | None
    top_share: float | None
    last_exec_exchange: date | None
    risk: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PastTask:
    """One task of ours from its making to its end; `rules` are the ids that its text last told."""

    account_id: str
    state: str
    rules: frozenset[str]
    created_at: datetime
    ended_at: datetime | None
    ended_how: str


def snapshot_days(engine: Engine, connection: str, until: date) -> list[date]:
    """Return the days on which snapshots were taken, up to `until`, oldest first."""
    s = _SNAPSHOTS.c
    wanted = _SNAPSHOTS.select().with_only_columns(s.day).distinct()
    with engine.connect() as db:
        return list(db.execute(wanted.where(s.connection == connection, s.day <= until).order_by(s.day)).scalars())


def snapshots_on(engine: Engine, connection: str, day: date) -> dict[str, Snapshot]:
    """Return the snapshots of one day, by account id."""
    s = _SNAPSHOTS.c
    with engine.connect() as db:
        rows = db.execute(_SNAPSHOTS.select().where(s.connection == connection, s.day == day)).all()
    return {row.account_id: _snapshot(row) for row in rows}


def _snapshot(row: Any) -> Snapshot:
    return Snapshot(
        owner_id=row.owner_id,
        coverage=row.coverage,
        top_share=row.top_share,
        last_exec_exchange=row.last_exec_exchange,
        risk=row.risk,
    )


def snapshots_of(engine: Engine, connection: str, account_id: str) -> dict[date, Snapshot]:
    """Return the snapshots of one account by day, the oldest first: the days on which it was a key account."""
    s = _SNAPSHOTS.c
    wanted = _SNAPSHOTS.select().where(s.connection == connection, s.account_id == account_id).order_by(s.day)
    with engine.connect() as db:
        return {row.day: _snapshot(row) for row in db.execute(wanted)}


def once_key(engine: Engine, connection: str, since: date) -> frozenset[str]:
    """Return the ids of the accounts that were key on any day from `since` on."""
    s = _SNAPSHOTS.c
    wanted = _SNAPSHOTS.select().with_only_columns(s.account_id).distinct()
    with engine.connect() as db:
        return frozenset(db.execute(wanted.where(s.connection == connection, s.day >= since)).scalars())


def past_tasks(engine: Engine, connection: str) -> Sequence[PastTask]:
    """Return every task that was ever made on a connection, oldest first."""
    t = _TASKS.c
    with engine.connect() as db:
        rows = db.execute(_TASKS.select().where(t.connection == connection).order_by(t.created_at, t.key)).all()
    return [
        PastTask(
            account_id=row.account_id,
            state=row.state,
            rules=frozenset(row.rules),
            created_at=row.created_at,
            ended_at=row.ended_at,
            ended_how=row.ended_how,
        )
        for row in rows
    ]
