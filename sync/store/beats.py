"""When each beat of the schedule ran last and how that ended, kept so that a restart knows what is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select, update

from sync.store.ledger_tables import BeatRow
from sync.store.sql import insert, table_of

_BEATS = table_of(BeatRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class LastRun:
    """`done_at` is None while it runs, and for ever where the process was killed. `outcome` is `done`, or the cause."""

    beat: str
    connection: str  # empty where the beat is of the whole store
    started_at: datetime
    done_at: datetime | None
    outcome: str


def started(engine: Engine, beat: str, connection: str, at: datetime) -> None:
    """Note, before anything is done, that a beat began."""
    fresh = {"started_at": at, "done_at": None, "outcome": ""}
    with engine.begin() as db:
        row = insert(db, _BEATS).values(beat=beat, connection=connection, **fresh)
        db.execute(row.on_conflict_do_update(index_elements=("beat", "connection"), set_=fresh))


def ended(engine: Engine, beat: str, connection: str, at: datetime, outcome: str) -> None:
    """Note how the beat that began last ended."""
    this = (_BEATS.c.beat == beat, _BEATS.c.connection == connection)
    with engine.begin() as db:
        db.execute(update(_BEATS).where(*this).values(done_at=at, outcome=outcome))


def last_runs(engine: Engine) -> dict[tuple[str, str], LastRun]:
    """The last run of every beat, by beat and connection."""
    with engine.connect() as db:
        rows = db.execute(select(_BEATS).order_by(_BEATS.c.beat, _BEATS.c.connection)).mappings()
        return {(row["beat"], row["connection"]): LastRun(**row) for row in rows}
