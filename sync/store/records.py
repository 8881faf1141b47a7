"""Writing what was pulled: bulk upserts that can tell news from echo, and the cursor in the same transaction."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Select, Table, and_, bindparam, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from connectors.protocol import Cursor, Links, Page, Row
from rules.model import Outcome
from sync.store import aliases
from sync.store.admission import admitted
from sync.store.affected import Affected
from sync.store.ledger_tables import CursorRow, TaskRow
from sync.store.prepared import Prepared
from sync.store.sql import PULLED, among, chunks, insert, table_of
from sync.store.tables import LinkRow

_IDS_AT_ONCE = 10_000


_LINKS = table_of(LinkRow)
_LINK = ("activity_id", "side", "kind", "target")  # what names a link among those of its source
# What a row holds where the connector says nothing of a column.
_BLANK = {
    name: {
        column.name: None if column.nullable else getattr(column.default, "arg", "")
        for column in table.columns
        if column.name not in ("connection", "id", "content", "changed_in")
    }
    for name, table in PULLED.items()
}
_BLANK["accounts"]["ours"] = {}


def save_page(
    engine: Engine,
    connection: str,
    stream: str,
    page: Page,
    *,
    cycle: int,
    now: datetime,
    touches_since: datetime | None = None,
) -> tuple[int, int]:
    """Store what may be stored of one page (`admission`) and its cursor in one transaction; return how many records
    changed and how many are gone.
    """
    with engine.begin() as db:
        page = admitted(db, connection, page, touches_since)
        affected = Affected.watch(db, connection)
        changed = sum(_upsert(db, PULLED[name], rows, cycle, affected) for name, rows in page.rows.items())
        gone = sum(_mark_gone(db, PULLED[name], ids, cycle, affected) for name, ids in page.gone.items())
        for links in page.links:
            _save_links(db, links, affected)
        aliases.follow(db, connection, page.merged)
        affected.judged.update(page.merged.get("accounts", {}).values())
        _save_cursor(db, connection, stream, page, cycle=cycle, now=now)
        affected.forget(db)
    return changed, gone


def content(row: Row) -> bytes:
    """What tells news from echo: a hash of the row as the connector mapped it."""
    return hashlib.blake2b(orjson.dumps(row, option=orjson.OPT_SORT_KEYS), digest_size=12).digest()


def _upsert(db: Connection, table: Table, rows: Sequence[Row], cycle: int, affected: Affected) -> int:
    if not rows:
        return 0
    blank = _BLANK[table.name]
    ours = {"connection": affected.connection, "changed_in": cycle}
    full = [{**blank, **row, **ours, "content": content(row)} for row in rows]
    affected.rows(db, table, full)
    if db.dialect.name == "sqlite":
        return _sqlite_upsert(table).run(db, full)
    for row in full:  # PostgreSQL keeps no NUL in a text
        row.update({name: value.replace("\0", "") for name, value in row.items() if isinstance(value, str)})
    # psycopg tells no row count for many rows at once; what comes back was written.
    return len(db.execute(_upsert_into(postgresql.insert(table)).returning(table.c.id), full).all())


def _upsert_into(statement: Any) -> Any:
    """The INSERT, made to overwrite a row whose content is another or that was deleted, and no other."""
    table, excluded = statement.table, statement.excluded
    values = {column.name: excluded[column.name] for column in table.columns if not column.primary_key}
    if "left_on" in values:
        # Where the CRM keeps no day of a departure, the mapping tells that of the record's last change: the first
        # one told is nearest to the truth.
        keeps = and_(excluded.left_on.is_not(None), table.c.left_on < excluded.left_on)
        values |= {name: case((keeps, table.c[name]), else_=excluded[name]) for name in ("left_on", "left_why")}
    if "reopened_at" in values:
        # Salesforce keeps no trace of a case that was opened again, but what was closed and is open was.
        again = and_(table.c.closed_at.is_not(None), excluded.closed_at.is_(None))
        seen = case((again, excluded.changed_at), else_=table.c.reopened_at)
        values["reopened_at"] = func.coalesce(excluded.reopened_at, seen)
    return statement.on_conflict_do_update(
        index_elements=["connection", "id"],
        set_=values,
        where=or_(table.c.content != excluded.content, table.c.deleted),
    )


def _mark_gone(db: Connection, table: Table, ids: Sequence[str], cycle: int, affected: Affected) -> int:
    affected.gone(db, table, ids)
    there = and_(table.c.connection == affected.connection, table.c.deleted.is_(False))
    return sum(
        db.execute(update(table).where(there, table.c.id.in_(some)).values(deleted=True, changed_in=cycle)).rowcount
        for some in chunks(ids)
    )


def _save_links(db: Connection, links: Links, affected: Affected) -> None:
    """Only the difference is written: links are told again with every echo, and rewriting them costs more than all
    else that is stored.
    """
    mine = and_(_LINKS.c.connection == affected.connection, _LINKS.c.source == links.source)
    chosen = select(*(_LINKS.c[name] for name in _LINK)).where(mine)
    told = set(map(itemgetter(*_LINK), links.rows))
    there = {
        tuple(row)
        for some in chunks(links.replaced if _may_be_there(db, affected.connection, links) else ())
        for row in db.execute(chosen.where(among(db, _LINKS.c.activity_id, some)))
    }
    ended = [*(there - told), *map(itemgetter(*_LINK), links.removed)]
    if ended:
        each = (_LINKS.c[name] == bindparam(f"ended_{name}") for name in _LINK)
        db.execute(delete(_LINKS).where(mine, *each), [_named(link, "ended_") for link in ended])
    # Sorted: neighbours in the index are written together.
    new = sorted(told - there)
    affected.links([*ended, *new])
    if new and db.dialect.name == "sqlite":
        _sqlite_links().write(db, [(affected.connection, link[0], links.source, *link[1:]) for link in new])
    elif new:
        rows = [{**_named(link), "connection": affected.connection, "source": links.source} for link in new]
        db.execute(postgresql.insert(_LINKS).on_conflict_do_nothing(), rows)


def _may_be_there(db: Connection, connection: str, links: Links) -> bool:
    """Whether to look for what these links replace: not where none lies between the first and the last activity, as in
    a first load. Only where the database sorts as Python does: PostgreSQL has the collation that it was given.
    """
    if db.dialect.name != "sqlite" or not links.replaced:
        return bool(links.replaced)
    between = _LINKS.c.activity_id.between(min(links.replaced), max(links.replaced))
    any_there = select(_LINKS.c.activity_id).where(_LINKS.c.connection == connection, between).limit(1)
    return db.execute(any_there).first() is not None


def _named(link: tuple[str, ...], prefix: str = "") -> dict[str, str]:
    return {f"{prefix}{name}": value for name, value in zip(_LINK, link, strict=True)}


def _save_cursor(db: Connection, connection: str, stream: str, page: Page, *, cycle: int, now: datetime) -> None:
    table = table_of(CursorRow)
    before = db.execute(
        select(table.c.set_aside).where(table.c.connection == connection, table.c.stream == stream)
    ).scalar()
    values: dict[str, Any] = {
        "cursor": page.cursor,
        "cycle": cycle,
        "set_aside": dict(Counter(before or {}) + Counter(page.set_aside)),
    }
    if page.last:
        values |= {"complete_in": cycle, "complete_at": now}
    statement = insert(db, table).values(connection=connection, stream=stream, **values)
    db.execute(statement.on_conflict_do_update(index_elements=["connection", "stream"], set_=values))


def read_cursor(engine: Engine, connection: str, stream: str) -> Cursor | None:
    table = table_of(CursorRow)
    with engine.connect() as db:
        found = db.execute(select(table.c.cursor).where(table.c.connection == connection, table.c.stream == stream))
        return found.scalar()


def forget_cursor(engine: Engine, connection: str, stream: str) -> bool:
    """The stream is pulled from the beginning at the next cycle; false if there was nothing to forget."""
    table = table_of(CursorRow)
    with engine.begin() as db:
        return bool(
            db.execute(delete(table).where(table.c.connection == connection, table.c.stream == stream)).rowcount
        )


class KnownRecords:
    """`connectors.protocol.Known` over the store."""

    def __init__(self, engine: Engine, connection: str, cycle: int) -> None:
        self._engine, self._connection, self.cycle = engine, connection, cycle

    def activities(self, id_prefix: str, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        table = PULLED["activities"]
        recent = or_(table.c.changed_in >= changed_since, table.c.at >= or_after)
        yield from self._ids(table, _begins(table, id_prefix), recent)

    def deals(self, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        table = PULLED["deals"]
        recent = (table.c.created_at >= or_after, table.c.closed_on >= or_after.date())
        yield from self._ids(table, or_(table.c.changed_in >= changed_since, *recent))

    def contacts(self, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        table = PULLED["contacts"]
        yield from self._ids(table, or_(table.c.changed_in >= changed_since, table.c.created_at >= or_after))

    def companies_of(self, contact_ids: Sequence[str]) -> Mapping[str, str | None]:
        c = PULLED["contacts"].c
        chosen = select(c.id, c.account_id).where(c.connection == self._connection, ~c.deleted)
        with self._engine.connect() as db:
            return {
                row.id: row.account_id
                for some in chunks(contact_ids)
                for row in db.execute(chosen.where(c.id.in_(some)))
            }

    def live(self, table: str, id_prefix: str = "") -> Iterator[str]:
        yield from self._ids(PULLED[table], _begins(PULLED[table], id_prefix))

    def open_tasks(self) -> Sequence[str]:
        table = table_of(TaskRow)
        open_now = (table.c.connection == self._connection, table.c.state == "open", table.c.crm_id != "")
        with self._engine.connect() as db:
            return db.execute(select(table.c.crm_id).where(*open_now)).scalars().all()

    def linked(self, kind: str, targets: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        links = _LINKS.c
        to = select(links.activity_id, links.side, links.target).where(
            links.connection == self._connection, links.kind == kind
        )
        with self._engine.connect() as db:
            found = [tuple(row) for some in chunks(targets) for row in db.execute(to.where(links.target.in_(some)))]
        yield from found

    def credited(self, source: str, activity_ids: Sequence[str]) -> Mapping[str, str]:
        links, a = _LINKS.c, PULLED["activities"].c
        done = (
            select(links.activity_id, links.target)
            .join_from(_LINKS, PULLED["activities"], and_(a.connection == links.connection, a.id == links.activity_id))
            .where(links.connection == self._connection, links.source == source, a.outcome != str(Outcome.VOID))
            .where(links.side == "ours", links.kind == "user")
        )
        with self._engine.connect() as db:
            return {
                row.activity_id: row.target
                for some in chunks(activity_ids)
                for row in db.execute(done.where(links.activity_id.in_(some)))
            }

    def _ids(self, table: Table, *chosen: ColumnElement[bool]) -> Iterator[str]:
        """In parts, so that neither memory grows with the store nor a read lock stays open."""
        ids = select(table.c.id).where(table.c.connection == self._connection, ~table.c.deleted, *chosen)
        last: str | None = ""
        while last is not None:
            with self._engine.connect() as db:
                part = ids.where(table.c.id > last).order_by(table.c.id).limit(_IDS_AT_ONCE)
                found = db.execute(part).scalars().all()
            yield from found
            last = found[-1] if len(found) == _IDS_AT_ONCE else None


def _begins(table: Table, id_prefix: str) -> ColumnElement[bool]:
    # A range instead of LIKE: it uses the primary key on every database.
    return and_(table.c.id >= id_prefix, table.c.id < id_prefix + "\U0010ffff")


def counts(engine: Engine, connection: str) -> dict[str, int]:
    """Live records per pulled table."""
    with engine.connect() as db:
        return {str(name): db.scalars(_count_live(table, connection)).one() for name, table in PULLED.items()}


def _count_live(table: Table, connection: str) -> Select[int]:
    """All less those that are gone: both are counted in an index, whereas whether a row is live stands in the row."""
    every = select(func.count()).select_from(table).where(table.c.connection == connection)
    return select(every.scalar_subquery() - every.where(table.c.deleted).scalar_subquery())


@cache
def _sqlite_upsert(table: Table) -> Prepared:
    return Prepared.of(_upsert_into(sqlite.insert(table)))


@cache
def _sqlite_links() -> Prepared:
    return Prepared.of(sqlite.insert(_LINKS).on_conflict_do_nothing())


def contents(engine: Engine, connection: str, table_name: str, ids: Iterable[str]) -> dict[str, bytes]:
    """The content of those of these records that the store holds and that are not deleted, by id."""
    table = PULLED[table_name]
    live = select(table.c.id, table.c.content).where(table.c.connection == connection, ~table.c.deleted)
    with engine.connect() as db:
        return {row.id: row.content for some in chunks(ids) for row in db.execute(live.where(table.c.id.in_(some)))}


def live_ids(engine: Engine, connection: str, table_name: str) -> list[str]:
    """Ids of all records of a table that are not deleted."""
    table = PULLED[table_name]
    with engine.connect() as db:
        found = db.execute(select(table.c.id).where(table.c.connection == connection, ~table.c.deleted))
        return list(found.scalars())


def mark_gone(engine: Engine, connection: str, table_name: str, ids: Sequence[str], cycle: int) -> None:
    """These records are deleted in the CRM."""
    with engine.begin() as db:
        affected = Affected.watch(db, connection)
        _mark_gone(db, PULLED[table_name], ids, cycle, affected)
        affected.forget(db)
