"""Findings that ended: from when to when, and with which verdict. The ledger's states remember only the newest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select, update

from sync.store.ledger_tables import FindingSpanRow
from sync.store.sql import insert, table_of

_SPANS = table_of(FindingSpanRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """One finding from its raising to its end: `ended_at` is since when it was not raised, `ended_as` a verdict."""

    account_id: str
    rule: str
    severity: str
    raised_at: datetime
    ended_at: datetime
    ended_as: str  # clear | not_applicable | unknown


def save(db: Connection, connection: str, ended: Iterable[Span]) -> None:
    """Keep these for good."""
    rows = [{"connection": connection, **asdict(one)} for one in ended]
    if rows:
        db.execute(insert(db, _SPANS), rows)


def follow(db: Connection, connection: str, old: str, new: str) -> None:
    """What ended on an account is told of the one that it was merged into."""
    mine = (_SPANS.c.connection == connection, _SPANS.c.account_id == old)
    db.execute(update(_SPANS).where(*mine).values(account_id=new))


def read(engine: Engine, connection: str, *, since: datetime) -> list[Span]:
    """Every finding that ended since then, in the order of the endings."""
    columns = [_SPANS.c[name] for name in Span.__dataclass_fields__]
    chosen = select(*columns).where(_SPANS.c.connection == connection, _SPANS.c.ended_at >= since)
    with engine.connect() as db:
        return [Span(**row) for row in db.execute(chosen.order_by(_SPANS.c.ended_at, _SPANS.c.id)).mappings()]
