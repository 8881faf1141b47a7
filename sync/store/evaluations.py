"""Which accounts' verdicts are those that a full evaluation would give now, so that the others alone are judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, select

from rules.model import Kind
from sync.store.derived_tables import EvaluatedRow, EvaluationRow, TouchPackRow
from sync.store.prepared import upsert_whole
from sync.store.sql import PULLED, chunks, insert, table_of

_ACTIVITIES = PULLED["activities"].c
_EVALUATIONS, _EVALUATED, _PACKS = (table_of(row) for row in (EvaluationRow, EvaluatedRow, TouchPackRow))


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """What an account was judged on beside its own records, and the desired values of its fields as JSON."""

    basis: bytes
    standing: bytes
    fields: Mapping[str, Any]


def is_kept(db: Connection, connection: str) -> bool:
    """Whether anything was worked out of this connection."""
    return cutoff(db, connection) is not None


def cutoff(db: Connection, connection: str) -> datetime | None:
    """Up to which moment what is kept knows what was over."""
    return db.execute(select(_EVALUATED.c.cutoff).where(_EVALUATED.c.connection == connection)).scalar()


def set_cutoff(db: Connection, connection: str, at: datetime) -> None:
    statement = insert(db, _EVALUATED).values(connection=connection, cutoff=at)
    db.execute(statement.on_conflict_do_update(index_elements=["connection"], set_={"cutoff": at}))


def over_between(db: Connection, connection: str, after: datetime, until: datetime) -> list[str]:
    """The activities that began or ended after one moment and by another."""
    a = _ACTIVITIES
    began = and_(a.kind.in_([str(kind) for kind in Kind]), a.at > after, a.at <= until)
    chosen = select(a.id).where(a.connection == connection)
    return [
        activity_id
        for then in (began, and_(a.ends_at > after, a.ends_at <= until))
        for activity_id in db.execute(chosen.where(then)).scalars()
    ]


def judged_on(db: Connection, connection: str) -> dict[str, tuple[bytes, bytes]]:
    """What each account was judged on, by id: (basis, standing)."""
    e = _EVALUATIONS.c
    rows = db.execute(select(e.account_id, e.basis, e.standing).where(e.connection == connection)).all()
    return {account_id: (basis, standing) for account_id, basis, standing in rows}


def read_fields(db: Connection, connection: str, account_ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The desired values of our fields, as they were saved, of those of these accounts that were judged."""
    e = _EVALUATIONS.c
    chosen = select(e.account_id, e.fields).where(e.connection == connection)
    return {
        account_id: fields
        for some in chunks(account_ids)
        for account_id, fields in db.execute(chosen.where(e.account_id.in_(some))).all()
    }


def save(db: Connection, connection: str, judged: Mapping[str, Evaluation]) -> None:
    rows = [
        {
            "connection": connection,
            "account_id": account_id,
            "basis": one.basis,
            "standing": one.standing,
            "fields": dict(one.fields),
        }
        for account_id, one in judged.items()
    ]
    upsert_whole(db, _EVALUATIONS, rows)


def forget(db: Connection, connection: str, account_ids: Iterable[str]) -> None:
    """These accounts are to be judged anew."""
    for some in chunks(account_ids):
        mine = and_(_EVALUATIONS.c.connection == connection, _EVALUATIONS.c.account_id.in_(some))
        db.execute(delete(_EVALUATIONS).where(mine))


def forget_all(db: Connection, connection: str) -> None:
    """Every account is to be judged anew."""
    db.execute(delete(_EVALUATIONS).where(_EVALUATIONS.c.connection == connection))
