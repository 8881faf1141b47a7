"""Whether the store can be used: told by trying, and nothing of the try stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from sync.store.ledger_tables import CycleRow
from sync.store.sql import insert, table_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """`path` is the file of a SQLite store, None on PostgreSQL; `bytes` is its size with what waits beside it."""

    engine: str
    path: Path | None = None
    bytes: int = 0


def try_store(engine: Engine) -> Condition:
    """Write to the store and take it back. Raises StoreError where it takes no writes."""
    with engine.connect() as db, db.begin() as transaction:
        row = {"connection": "", "started_at": datetime.now(UTC), "error": "", "told": {}}
        db.execute(insert(db, table_of(CycleRow)).values(**row))
        transaction.rollback()
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return Condition(engine="PostgreSQL")
    path = Path(engine.url.database)
    parts = [path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))]
    return Condition(engine="SQLite", path=path, bytes=sum(part.stat().st_size for part in parts if part.exists()))
