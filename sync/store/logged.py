"""When our people last logged anything: worked out from all activities once, and afterwards from what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, select

from rules.model import Kind, Outcome
from sync.store.derived_tables import EvaluatedRow, LoggedRow
from sync.store.moment import Moment
from sync.store.sql import CHUNK, PULLED, chunks, insert, table_of
from sync.store.tables import LinkRow

_ACTIVITIES, _LINKS = PULLED["activities"], table_of(LinkRow)
_LOGGED, _EVALUATED = table_of(LoggedRow), table_of(EvaluatedRow)
#: How far back is looked: more than any evidence_days.
REACH = timedelta(days=400)
_RECENT = timedelta(days=3)
_EVIDENCE = tuple(str(kind) for kind in Kind if kind is not Kind.TODO)

Newest = dict[tuple[str, str], datetime]  # by kind and target, as links name our people


def by_user(logged: Newest, moment: Moment, user_by_email: Mapping[str, str]) -> dict[str, date]:
    """The local day of each user's newest activity of any kind on any account."""
    found: dict[str, date] = {}
    for (kind, target), at in logged.items():
        user_id = target if kind == "user" else user_by_email.get(target)
        if user_id and at > moment.cutoff - REACH:
            day = at.astimezone(moment.timezone).date()
            found[user_id] = max(day, found.get(user_id, day))
    return found


def kept(db: Connection, connection: str) -> Newest:
    """What was kept last, stale or not."""
    rows = db.execute(select(_LOGGED.c.kind, _LOGGED.c.target, _LOGGED.c.at).where(_LOGGED.c.connection == connection))
    return {(kind, target): at for kind, target, at in rows.all() if at}


def newest(db: Connection, connection: str, moment: Moment) -> Newest:
    """When everybody of ours last logged anything by the moment."""
    until = db.execute(select(_EVALUATED.c.cutoff).where(_EVALUATED.c.connection == connection)).scalar()
    if until is None or moment.created_by or not until <= moment.cutoff <= until + _RECENT:
        return _since(db, connection, moment, moment.cutoff - REACH)
    found = kept(db, connection)
    rows = db.execute(
        select(_LOGGED.c.kind, _LOGGED.c.target).where(_LOGGED.c.connection == connection, _LOGGED.c.stale)
    )
    stale = {(kind, target) for kind, target in rows.all()}
    for who in stale:
        found.pop(who, None)
    recent = _since(db, connection, moment, min(until, moment.cutoff - _RECENT))
    for kind, target in stale - recent.keys():
        if at := _newest_of(db, connection, moment, kind, target):
            found[kind, target] = at
    return found | {who: max(at, found.get(who, at)) for who, at in recent.items()}


def keep(db: Connection, connection: str, logged: Newest) -> None:
    """Replace what was kept."""
    db.execute(delete(_LOGGED).where(_LOGGED.c.connection == connection))
    rows = [
        {"connection": connection, "kind": kind, "target": target, "at": at, "stale": False}
        for (kind, target), at in sorted(logged.items())
    ]
    if rows:
        db.execute(insert(db, _LOGGED), rows)


def count_anew(db: Connection, connection: str, people: Iterable[tuple[str, str]]) -> None:
    """What these have logged has changed."""
    rows = [
        {"connection": connection, "kind": kind, "target": target, "stale": True} for kind, target in sorted(people)
    ]
    if rows:
        statement = insert(db, _LOGGED)
        names = ["connection", "kind", "target"]
        db.execute(statement.on_conflict_do_update(index_elements=names, set_={"stale": True}), rows)


def _evidence(connection: str, moment: Moment, after: datetime) -> Select[Any]:
    """What anybody logged between `after` and the moment."""
    a = _ACTIVITIES.c
    return select(a.id, a.at).where(
        *(a.connection == connection, ~a.deleted, a.outcome != str(Outcome.VOID), moment.known(_ACTIVITIES)),
        *(a.kind.in_(_EVIDENCE), a.at > after, a.at <= moment.cutoff),
    )


# In two steps each, activities and links: a join SQLite begins at the wrong end, and takes a minute for seconds.
def _since(db: Connection, connection: str, moment: Moment, after: datetime) -> Newest:
    links, found = _LINKS.c, Newest()
    ours = select(links.activity_id, links.kind, links.target).where(
        links.connection == connection, links.side == "ours"
    )
    result = db.execute(_evidence(connection, moment, after))
    while ats := {row.id: row.at for row in result.fetchmany(CHUNK)}:
        for activity_id, kind, target in db.execute(ours.where(links.activity_id.in_(ats))).all():
            at = ats[activity_id]
            found[kind, target] = max(at, found.get((kind, target), at))
    return found


def _newest_of(db: Connection, connection: str, moment: Moment, kind: str, target: str) -> datetime | None:
    links = _LINKS.c
    mine = (links.connection == connection, links.kind == kind, links.target == target, links.side == "ours")
    logged = _evidence(connection, moment, moment.cutoff - REACH)
    ats = [
        at
        for some in chunks(db.execute(select(links.activity_id).where(*mine)).scalars().all())
        for _, at in db.execute(logged.where(_ACTIVITIES.c.id.in_(some))).all()
    ]
    return max(ats, default=None)
