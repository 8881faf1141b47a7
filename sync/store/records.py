"""Writing what was pulled: bulk upserts that can tell news from echo, and the cursor in the same transaction."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from connectors.protocol import Cursor, Links, Page, Row
from sync.store.ledger_tables import CursorRow, TaskRow
from sync.store.tables import (
    AccountRow,
    ActivityRow,
    ContactRoleRow,
    ContactRow,
    CrmTaskRow,
    DealRow,
    LinkRow,
    UserRow,
)

_CHUNK = 500  # values in one IN (...): far below every database's limit


def table_of(model: type[SQLModel]) -> Table:
    """The Core table behind a SQLModel class."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


PULLED = {
    table.name: table
    for table in (
        table_of(model) for model in (UserRow, AccountRow, ContactRow, ContactRoleRow, DealRow, ActivityRow, CrmTaskRow)
    )
}
_LINKS = table_of(LinkRow)
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


def insert(engine_or_connection: Engine | Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, in the dialect of the store."""
    if engine_or_connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def save_page(
    engine: Engine, connection: str, stream: str, page: Page, *, cycle: int, now: datetime
) -> tuple[int, int]:
    """Store one page and its cursor in one transaction; return how many records changed and how many are gone."""
    with engine.begin() as db:
        changed = sum(_upsert(db, connection, PULLED[name], rows, cycle) for name, rows in page.rows.items() if rows)
        gone = sum(_mark_gone(db, connection, PULLED[name], ids, cycle) for name, ids in page.gone.items() if ids)
        for links in page.links:
            _save_links(db, connection, links)
        _save_cursor(db, connection, stream, page, cycle=cycle, now=now)
    return changed, gone


def _upsert(db: Connection, connection: str, table: Table, rows: Sequence[Row], cycle: int) -> int:
    blank = _BLANK[table.name]
    full = []
    for row in rows:
        content = hashlib.blake2b(orjson.dumps(row, option=orjson.OPT_SORT_KEYS), digest_size=12).digest()
        full.append({**blank, **row, "connection": connection, "content": content, "changed_in": cycle})
    statement = insert(db, table)
    excluded = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["connection", "id"],
        set_={column.name: excluded[column.name] for column in table.columns if not column.primary_key},
        where=or_(table.c.content != excluded.content, table.c.deleted),
    )
    if db.dialect.name == "sqlite":
        return int(db.execute(statement, full).rowcount)
    # psycopg tells no row count for many rows at once; what comes back was written.
    return len(db.execute(statement.returning(table.c.id), full).all())


def _mark_gone(db: Connection, connection: str, table: Table, ids: Sequence[str], cycle: int) -> int:
    there = and_(table.c.connection == connection, table.c.deleted.is_(False))
    return sum(
        db.execute(update(table).where(there, table.c.id.in_(some)).values(deleted=True, changed_in=cycle)).rowcount
        for some in chunks(ids)
    )


def _save_links(db: Connection, connection: str, links: Links) -> None:
    mine = and_(_LINKS.c.connection == connection, _LINKS.c.source == links.source)
    for some in chunks(links.replaced):
        db.execute(delete(_LINKS).where(mine, _LINKS.c.activity_id.in_(some)))
    if links.removed:
        ended = [{f"gone_{name}": row[name] for name in ("activity_id", "kind", "target")} for row in links.removed]
        each = (_LINKS.c[name] == bindparam(f"gone_{name}") for name in ("activity_id", "kind", "target"))
        db.execute(delete(_LINKS).where(mine, *each), ended)
    if links.rows:
        rows = [{**row, "connection": connection, "source": links.source} for row in links.rows]
        db.execute(insert(db, _LINKS).on_conflict_do_nothing(), rows)


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
        # A range instead of LIKE: it uses the primary key on every database.
        begins = and_(table.c.id >= id_prefix, table.c.id < id_prefix + "\U0010ffff")
        yield from self._ids(
            select(table.c.id).where(table.c.connection == self._connection, ~table.c.deleted, begins, recent)
        )

    def deals(self, *, changed_since: int) -> Iterator[str]:
        table = PULLED["deals"]
        yield from self._ids(
            select(table.c.id).where(
                table.c.connection == self._connection, ~table.c.deleted, table.c.changed_in >= changed_since
            )
        )

    def open_tasks(self) -> Sequence[str]:
        table = table_of(TaskRow)
        open_now = (table.c.connection == self._connection, table.c.state == "open", table.c.crm_id != "")
        return list(self._ids(select(table.c.crm_id).where(*open_now)))

    def _ids(self, statement: Any) -> Iterator[str]:
        with self._engine.connect() as db:
            found = db.execute(statement).scalars().all()  # ids only: a million are 80 MB, and no read lock stays open
        yield from found


def counts(engine: Engine, connection: str) -> dict[str, int]:
    """Live records per pulled table."""
    with engine.connect() as db:
        return {
            name: db.execute(
                select(func.count()).select_from(table).where(table.c.connection == connection, ~table.c.deleted)
            ).scalar_one()
            for name, table in PULLED.items()
        }


def chunks(values: Iterable[str], size: int = _CHUNK) -> Iterator[list[str]]:
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
