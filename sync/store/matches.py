"""Which records of several connections are one, as the matching left it, for whoever reads or changes records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from sync.store.match_tables import MatchedRow, MatchQuestionRow, MatchRow
from sync.store.sql import among, chunks, table_of

_MATCHES, _MATCHED, _QUESTIONS = (table_of(row) for row in (MatchRow, MatchedRow, MatchQuestionRow))


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """What a record is part of. `party` names the set; `home`: the set's account where findings and tasks live.

    `news` is higher than before whenever a record changed that the verdicts on any account of the set rest on.
    """

    party: str
    home: bool
    news: int


def read(
    db: Connection, connections: Collection[str], kind: str, ids: Iterable[str] | None = None
) -> dict[tuple[str, str], Match]:
    """The matched records of a kind of these connections, by (connection, id): all, or the whole sets that any of these
    ids stands in.
    """
    m = _MATCHES.c
    mine = (m.kind == kind, m.connection.in_(sorted(connections)))
    rows = list(_rows(db, select(m.connection, m.id, m.party, m.home, m.news).where(*mine), mine, ids))
    news: dict[str, int] = {}
    for row in rows:
        news[row.party] = news.get(row.party, 0) + row.news
    return {(row.connection, row.id): Match(party=row.party, home=row.home, news=news[row.party]) for row in rows}


def _rows(db: Connection, chosen: Select[Any], mine: tuple[Any, ...], ids: Iterable[str] | None) -> Iterator[Any]:
    m = _MATCHES.c
    if ids is None:
        yield from db.execute(chosen).all()
        return
    named = select(m.party).where(*mine)
    parties = sorted(
        {party for some in chunks(ids) for party in db.execute(named.where(among(db, m.id, some))).scalars()}
    )
    for some in chunks(parties):
        yield from db.execute(chosen.where(among(db, m.party, some))).all()


def raise_news(db: Connection, connection: str, account_ids: Iterable[str] | None = None) -> None:
    """Records changed that the verdicts on these accounts rest on; without any named, on all.

    Only rows of this connection are written: two workers that store pages of two connections never wait for each other.
    """
    m = _MATCHES.c
    mine = (m.connection == connection, m.kind == "account")
    if account_ids is None:
        db.execute(update(_MATCHES).where(*mine).values(news=m.news + 1))
        return
    for some in chunks(account_ids) if any_of(db, connection) else ():
        db.execute(update(_MATCHES).where(*mine, among(db, m.id, some)).values(news=m.news + 1))


def count(db: Connection, connection: str, kind: str) -> int:
    """How many records of a kind are matched."""
    mine = (_MATCHES.c.connection == connection, _MATCHES.c.kind == kind)
    return int(db.execute(select(func.count()).select_from(_MATCHES).where(*mine)).scalar_one())


def together(db: Connection, connection: str) -> list[str]:
    """The connections that were matched with that one."""
    m = _MATCHED.c
    mine = select(m.name).where(m.connection == connection).scalar_subquery()
    return list(db.execute(select(m.connection).where(m.name == mine, m.connection != connection)).scalars())


def any_of(db: Connection, connection: str) -> bool:
    """Whether anything of this connection is matched."""
    return db.execute(select(_MATCHES.c.id).where(_MATCHES.c.connection == connection).limit(1)).first() is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a human has to decide about records of a kind. `asks`: proposal | conflict | circle."""

    kind: str
    asks: str
    why: str
    members: tuple[tuple[str, str], ...]  # (connection, id), sorted


def read_questions(db: Connection, connections: Collection[str]) -> list[Asked]:
    """Everything that a human has to decide about records of these connections, in order."""
    q = _QUESTIONS.c
    order = (q.kind, q.asks, q.question, q.connection, q.id)
    rows = db.execute(select(*order, q.why).where(q.connection.in_(sorted(connections))).order_by(*order)).all()
    found = [
        Asked(
            kind=kind,
            asks=asks,
            why=some[0].why,
            members=tuple(sorted((row.connection, row.id) for row in some)),
        )
        for (kind, asks, _), some in (
            (key, list(rows_of)) for key, rows_of in groupby(rows, key=lambda row: (row.kind, row.asks, row.question))
        )
    ]
    return sorted(found, key=lambda one: (one.kind, one.asks, one.members))
