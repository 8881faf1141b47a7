"""What the store tells of how well a CRM is kept: who logs what, whose titles are known. Counts, no content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Engine, and_, func, select

from rules.model import Contact, Kind, Outcome
from sync.store.moment import Moment
from sync.store.sql import PULLED, table_of
from sync.store.tables import LinkRow

_ACTIVITIES, _CONTACTS, _LINKS = PULLED["activities"], PULLED["contacts"], table_of(LinkRow)
_TOUCHES = tuple(str(kind) for kind in Kind if kind is not Kind.TODO)


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """`kinds` counts the activities of the last `days` days, `by_user` those of them that each of ours took part in.

    `titles` counts the contacts who are there by all that tells their level: a contact without name, and how many are
    alike.
    """

    days: int
    kinds: Mapping[str, int]
    by_user: Mapping[str, int]
    titles: tuple[tuple[Contact, int], ...]

    @property
    def contacts(self) -> int:
        return sum(count for _, count in self.titles)


def read_evidence(
    engine: Engine, connection: str, moment: Moment, user_by_email: Mapping[str, str], *, days: int = 90
) -> Evidence:
    """Read all of it, by three statements."""
    with engine.connect() as db:
        return Evidence(
            days=days,
            kinds=_kinds(db, connection, moment, days),
            by_user=_by_user(db, connection, moment, days, user_by_email),
            titles=tuple(_titles(db, connection)),
        )


def _kinds(db: Connection, connection: str, moment: Moment, days: int) -> dict[str, int]:
    a = _ACTIVITIES.c
    rows = db.execute(
        select(a.kind, func.count().label("count_"))
        .where(a.connection == connection, ~a.deleted, a.outcome != str(Outcome.VOID), a.kind.in_(_TOUCHES))
        .where(a.at > moment.cutoff - timedelta(days=days), a.at <= moment.cutoff)
        .group_by(a.kind)
    )
    return {row.kind: row.count_ for row in rows}


def _by_user(
    db: Connection, connection: str, moment: Moment, days: int, user_by_email: Mapping[str, str]
) -> dict[str, int]:
    """An activity that names a person twice, by id and by address, counts twice for them: rare, and no harm here."""
    a, links = _ACTIVITIES.c, _LINKS.c
    rows = db.execute(
        select(links.kind, links.target, func.count())
        .join(_ACTIVITIES, and_(a.connection == links.connection, a.id == links.activity_id))
        .where(links.connection == connection, links.side == "ours", links.kind.in_(("user", "address")))
        .where(a.kind.in_(_TOUCHES), ~a.deleted, a.outcome != str(Outcome.VOID))
        .where(a.at > moment.cutoff - timedelta(days=days), a.at <= moment.cutoff)
        .group_by(links.kind, links.target)
    )
    found: Counter[str] = Counter()
    for kind, target, count in rows.all():
        if user_id := target if kind == "user" else user_by_email.get(target):
            found[user_id] += count
    return dict(found)


def _titles(db: Connection, connection: str) -> list[tuple[Contact, int]]:
    c = _CONTACTS.c
    rows = db.execute(
        select(c.title, c.seniority, c.roles, func.count())
        .where(c.connection == connection, ~c.deleted, c.left_on.is_(None))
        .group_by(c.title, c.seniority, c.roles)
    )
    return [
        (
            Contact(
                id="",
                account_id="",
                name="",
                title=title,
                seniority=seniority,
                roles=frozenset(roles.split(";")) if roles else frozenset(),
            ),
            count,
        )
        for title, seniority, roles, count in rows.all()
    ]
