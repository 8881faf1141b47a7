"""What matching keeps: the keys of records, the sets that they make, and the questions that they leave."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import Connection, and_, delete, exists, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from sync.match.decide import By, Key, Ref
from sync.store.match_records import by_connection
from sync.store.match_tables import MatchedRow, MatchKeyRow, MatchQuestionRow, MatchRow
from sync.store.prepared import Prepared
from sync.store.sql import among, chunks, insert, table_of

#: A transaction on the store, for whoever hands it on.
Db = Connection

_MATCHES, _KEYS = table_of(MatchRow), table_of(MatchKeyRow)
_QUESTIONS, _MATCHED = table_of(MatchQuestionRow), table_of(MatchedRow)
_AT_ONCE = 5_000
_BY = tuple(By)  # to make one of a number takes ten times as long


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A record of a set; `why` are the keys that join it, [kind of key, value] each."""

    party: str
    home: bool
    why: list[list[str]]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Question:
    """Records that a human has to decide about. `asks`: proposal | conflict | circle."""

    asks: str
    members: tuple[Ref, ...]
    why: str

    @property
    def digest(self) -> str:
        told = orjson.dumps([self.asks, [*map(str, self.members)], self.why])
        return hashlib.blake2b(told, digest_size=8).hexdigest()


def hold(db: Connection) -> None:
    """No other worker matches or raises news until this transaction ends: else two could wait for each other."""
    if db.dialect.name == "postgresql":
        db.execute(text("LOCK TABLE matches IN SHARE ROW EXCLUSIVE MODE"))


# --- up to where


def matched(db: Connection, connections: Collection[str]) -> dict[str, tuple[bytes, int]]:
    """By which config, as a digest, and up to which cycle each of these connections has been matched."""
    m = _MATCHED.c
    rows = db.execute(select(m.connection, m.digest, m.cycle).where(m.connection.in_(sorted(connections))))
    return {connection: (bytes(digest), cycle) for connection, digest, cycle in rows}


def members_of(db: Connection, name: str) -> set[str]:
    """The connections that have been matched in the group of that name."""
    return {*db.execute(select(_MATCHED.c.connection).where(_MATCHED.c.name == name)).scalars()}


def set_matched(db: Connection, name: str, connection: str, digest: bytes, cycle: int) -> None:
    values = {"name": name, "digest": digest, "cycle": cycle}
    statement = insert(db, _MATCHED).values(connection=connection, news=0, **values)
    db.execute(statement.on_conflict_do_update(index_elements=["connection"], set_=values))


def forget(db: Connection, connection: str) -> None:
    """Nothing of this connection is matched."""
    m = _MATCHES.c
    highest = db.execute(select(func.max(m.news)).where(m.connection == connection)).scalar()
    _begin_above(db, [connection], highest)
    for table in (_MATCHES, _KEYS, _QUESTIONS, _MATCHED):
        db.execute(delete(table).where(table.c.connection == connection))


def forget_contacts(db: Connection, connection: str, ids: Iterable[str]) -> None:
    """Nothing tells of these contacts; who else stood in a set or a question with them is matched anew."""
    refs = [Ref(connection, one) for one in ids]
    mates = sets(db, "contact", {one.party for one in members(db, "contact", refs).values()})
    drop_members(db, "contact", {*refs, *mates})
    replace_questions(db, "contact", refs, ())
    drop_keys(db, "contact", refs)
    if refs:
        db.execute(update(_MATCHED).where(_MATCHED.c.connection == connection).values(digest=b""))


def _begin_above(db: Connection, connections: Collection[str], news: int | None) -> None:
    """Accounts that stand in a set for the first time, or again, begin to count above that in these groups."""
    if news is not None:
        d = _MATCHED.c
        groups = select(d.name).where(d.connection.in_(sorted(connections)))
        db.execute(update(_MATCHED).where(d.name.in_(groups), d.news <= news).values(news=news + 1))


# --- keys


def keys_of(db: Connection, kind: str, refs: Iterable[Ref]) -> dict[Ref, list[Key]]:
    """The keys of those of these records that have any."""
    found: defaultdict[Ref, list[Key]] = defaultdict(list)
    for connection, ids in by_connection(refs).items():
        for some in chunks(ids, _AT_ONCE):
            k = _KEYS.c
            chosen = select(k.id, k.level, k.value).where(k.connection == connection, k.kind == kind)
            for record_id, level, value in db.execute(chosen.where(among(db, k.id, some))).all():
                found[Ref(connection, record_id)].append(Key(_BY[level], value))
    return dict(found)


def holders(db: Connection, kind: str, connections: Collection[str], keys: Iterable[Key]) -> set[Ref]:
    """Every record of these connections that has one of these keys."""
    k, found = _KEYS.c, set[Ref]()
    values: defaultdict[int, list[str]] = defaultdict(list)
    for by, value in sorted(keys):
        values[by].append(value)
    mine = and_(k.kind == kind, k.connection.in_(sorted(connections)))
    for level, own in values.items():
        for some in chunks(own, _AT_ONCE):
            chosen = select(k.connection, k.id).where(mine, k.level == level, among(db, k.value, some))
            found.update(Ref(connection, record_id) for connection, record_id in db.execute(chosen).all())
    return found


def add_keys(db: Connection, kind: str, rows: Iterable[tuple[Ref, Key]]) -> None:
    told = [(kind, int(key.by), key.value, *ref) for ref, key in rows]
    if told and db.dialect.name == "sqlite":
        _sqlite_keys().write(db, told)
    elif told:
        names = ("kind", "level", "value", "connection", "id")
        statement = postgresql.insert(_KEYS).on_conflict_do_nothing()
        db.execute(statement, [dict(zip(names, row, strict=True)) for row in told])


def drop_keys(db: Connection, kind: str, refs: Iterable[Ref]) -> None:
    k = _KEYS.c
    for connection, ids in by_connection(refs).items():
        for some in chunks(ids, _AT_ONCE):
            db.execute(delete(_KEYS).where(k.connection == connection, k.kind == kind, among(db, k.id, some)))


def clear_keys(db: Connection, connections: Collection[str]) -> None:
    db.execute(delete(_KEYS).where(_KEYS.c.connection.in_(sorted(connections))))


def with_keys(db: Connection, connection: str, kind: str) -> Iterator[list[Ref]]:
    """Every record of a connection that has keys, in portions by id."""
    k = _KEYS.c
    yield from _portions(db, k.id, and_(k.connection == connection, k.kind == kind), connection)


# --- sets


def without_keys(db: Connection, connection: str, kind: str) -> Iterator[list[Ref]]:
    """Every record of a connection that stands in a set and has no key, in portions by id."""
    k, m = _KEYS.c, _MATCHES.c
    keyless = ~exists().where(k.connection == m.connection, k.kind == m.kind, k.id == m.id)
    yield from _portions(db, m.id, and_(m.connection == connection, m.kind == kind, keyless), connection)


def members(db: Connection, kind: str, refs: Iterable[Ref]) -> dict[Ref, Member]:
    """Those of these records that stand in a set."""
    m = _MATCHES.c
    return {
        Ref(connection, record_id): Member(party=party, home=home, why=why)
        for connection, ids in by_connection(refs).items()
        for some in chunks(ids, _AT_ONCE)
        for record_id, party, home, why in db.execute(
            select(m.id, m.party, m.home, m.why).where(
                m.connection == connection, m.kind == kind, among(db, m.id, some)
            )
        ).all()
    }


def sets(db: Connection, kind: str, parties: Iterable[str]) -> dict[Ref, Member]:
    """The members of these sets."""
    m = _MATCHES.c
    chosen = select(m.connection, m.id, m.party, m.home, m.why).where(m.kind == kind)
    return {
        Ref(connection, record_id): Member(party=party, home=home, why=why)
        for some in chunks(sorted(parties), _AT_ONCE)
        for connection, record_id, party, home, why in db.execute(chosen.where(among(db, m.party, some))).all()
    }


def every_set(db: Connection, connections: Collection[str], kind: str) -> Iterator[dict[Ref, Member]]:
    """Each set of a kind that has members of these connections, in order."""
    m = _MATCHES.c
    chosen = select(m.connection, m.id, m.party, m.home, m.why).where(
        m.connection.in_(sorted(connections)), m.kind == kind
    )
    rows = db.execution_options(yield_per=_AT_ONCE).execute(chosen.order_by(m.party, m.connection))
    for party, some in groupby(rows, key=lambda row: row.party):
        yield {Ref(row.connection, row.id): Member(party=party, home=row.home, why=row.why) for row in some}


def write_members(db: Connection, kind: str, wanted: Mapping[Ref, Member], *, news: int) -> None:
    """These stand in sets from now on; whoever stood in none begins to count news at `news`."""
    rows = [
        {"connection": ref.connection, "kind": kind, "id": ref.id, "news": news}
        | {"party": one.party, "home": one.home, "why": one.why}
        for ref, one in sorted(wanted.items())
    ]
    if rows and db.dialect.name == "sqlite":
        _sqlite_members().run(db, rows)
    elif rows:
        db.execute(_over(postgresql.insert(_MATCHES)), rows)


def drop_members(db: Connection, kind: str, refs: Collection[Ref]) -> None:
    """These stand in no set any more. An account's news is kept in mind: a later set counts from above it."""
    m = _MATCHES.c
    for connection, ids in by_connection(refs).items():
        for some in chunks(ids, _AT_ONCE):
            mine = (m.connection == connection, m.kind == kind, among(db, m.id, some))
            if kind == "account":
                _begin_above(db, [connection], db.execute(select(func.max(m.news)).where(*mine)).scalar())
            db.execute(delete(_MATCHES).where(*mine))


def first_news(db: Connection, connections: Collection[str]) -> int:
    """Where an account that stands in a set for the first time, or again, begins to count."""
    m = _MATCHED.c
    return int(db.execute(select(func.max(m.news)).where(m.connection.in_(sorted(connections)))).scalar() or 0)


# --- questions


def replace_questions(db: Connection, kind: str, refs: Iterable[Ref], asked: Iterable[Question]) -> None:
    """Of these records, which hold all members of what is asked, nothing else is asked."""
    q, there = _QUESTIONS.c, set[str]()
    for connection, ids in by_connection(refs).items():
        for some in chunks(ids, _AT_ONCE):
            mine = (q.connection == connection, q.kind == kind, among(db, q.id, some))
            there.update(db.execute(select(q.question).distinct().where(*mine)).scalars())
    wanted = {one.digest: one for one in asked}
    for some in chunks(sorted(there - wanted.keys())):
        db.execute(delete(_QUESTIONS).where(q.kind == kind, q.question.in_(some)))
    for digest in sorted(wanted.keys() - there):
        add_question(db, kind, wanted[digest])


def add_question(db: Connection, kind: str, asked: Question) -> None:
    own = {"kind": kind, "question": asked.digest, "asks": asked.asks, "why": asked.why}
    rows = [{**own, "connection": ref.connection, "id": ref.id} for ref in asked.members]
    db.execute(insert(db, _QUESTIONS).on_conflict_do_nothing(), rows)


def questioned(db: Connection, connections: Collection[str], kind: str, asks: str = "") -> set[Ref]:
    """The records of a kind about which anything is asked, or just that."""
    q = _QUESTIONS.c
    mine = and_(q.connection.in_(sorted(connections)), q.kind == kind)
    chosen = select(q.connection, q.id).where(and_(mine, q.asks == asks) if asks else mine)
    return {Ref(connection, record_id) for connection, record_id in db.execute(chosen).all()}


# --- what they have in common


def _portions(
    db: Connection, column: ColumnElement[str], mine: ColumnElement[bool], connection: str
) -> Iterator[list[Ref]]:
    last: str | None = ""
    while last is not None:
        part = select(column).distinct().where(mine, column > last).order_by(column).limit(_AT_ONCE)
        ids = db.execute(part).scalars().all()
        if ids:
            yield [Ref(connection, one) for one in ids]
        last = ids[-1] if len(ids) == _AT_ONCE else None


@cache
def _sqlite_keys() -> Prepared:
    return Prepared.of(sqlite.insert(_KEYS).on_conflict_do_nothing())


@cache
def _sqlite_members() -> Prepared:
    return Prepared.of(_over(sqlite.insert(_MATCHES)))


def _over(statement: Any) -> Any:
    changed = {name: statement.excluded[name] for name in ("party", "home", "why")}
    return statement.on_conflict_do_update(index_elements=["connection", "kind", "id"], set_=changed)
