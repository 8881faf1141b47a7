"""What matching reads of the pulled tables: what keys are made of, who owns an account, who is above it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from connectors.salesforce.values import id18
from sync.match.decide import Ref
from sync.store.sql import DEAL, PULLED, among, chunks, table_of
from sync.store.tables import LinkRow

_LINKS = table_of(LinkRow)
_TABLES = {"user": "users", "contact": "contacts", "deal": "deals", "account": "accounts"}
_COLUMNS = {
    "account": ("name", "domain", "country", "native_id", "person"),
    "contact": ("email", "other_emails", "native_id"),
    "user": ("email", "active"),
    "deal": ("native_id",),
}
#: In the order in which they are matched: accounts last, whose verdicts rest on the others.
KINDS = tuple(_TABLES)

_AT_ONCE = 5_000


def changed(
    db: Connection, connection: str, kind: str, *, after: int, at_once: int = _AT_ONCE
) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The records that changed after a cycle, in portions by id, with what their keys are made of, and `deleted`."""
    table = PULLED[_TABLES[kind]]
    names = ("id", "deleted", *_COLUMNS[kind])
    mine = select(*(table.c[name] for name in names)).where(table.c.connection == connection)
    last: str | None = ""
    while last is not None:
        part = mine.where(table.c.changed_in > after, table.c.id > last).order_by(table.c.id).limit(at_once)
        some = [dict(zip(names, row, strict=True)) for row in db.execute(part).all()]
        if some:
            yield some
        last = some[-1]["id"] if len(some) == at_once else None


def owned(db: Connection, accounts: Iterable[Ref]) -> set[Ref]:
    """Those of these accounts that have an owner."""
    a = PULLED["accounts"].c
    return {
        Ref(connection, account_id)
        for connection, ids in by_connection(accounts).items()
        for some in chunks(ids, _AT_ONCE)
        for account_id in db.execute(
            select(a.id).where(a.connection == connection, a.owner_id.is_not(None), among(db, a.id, some))
        ).scalars()
    }


def parents(db: Connection, connections: Collection[str]) -> dict[Ref, Ref]:
    """The account above each account that has one; of one connection both."""
    a = PULLED["accounts"].c
    chosen = select(a.connection, a.id, a.parent_id).where(a.connection.in_(sorted(connections)), ~a.deleted)
    rows = db.execute(chosen.where(a.parent_id.is_not(None)))
    return {Ref(connection, account_id): Ref(connection, parent) for connection, account_id, parent in rows}


def accounts_of(db: Connection, kind: str, connection: str, ids: Iterable[str]) -> set[str]:
    """The accounts that these contacts or deals belong to."""
    table, links = PULLED[_TABLES[kind]].c, _LINKS.c
    told = select(links.target).where(links.connection == connection, links.kind == "account")
    found: set[str | None] = set()
    for some in chunks(ids, _AT_ONCE):
        own = select(table.account_id).where(table.connection == connection, among(db, table.id, some))
        found.update(db.execute(own).scalars())
        if kind == "deal":
            linked = told.where(among(db, links.activity_id, [DEAL + one for one in some]))
            found.update(db.execute(linked).scalars())
    return {one for one in found if one}


def names(db: Connection, kind: str, refs: Iterable[Ref]) -> dict[Ref, str]:
    """What the CRM calls those of these records that it has."""
    c = PULLED[_TABLES[kind]].c
    return {
        Ref(connection, record_id): name
        for connection, ids in by_connection(refs).items()
        for some in chunks(ids, _AT_ONCE)
        for record_id, name in db.execute(
            select(c.id, c.name).where(c.connection == connection, among(db, c.id, some), ~c.deleted)
        ).all()
    }


def named(db: Connection, connections: Collection[str], kind: str, text: str) -> list[Ref]:
    """The records that this can mean: `connection:id`, an id, a name, an address; Salesforce's ids in either length."""
    c = PULLED[_TABLES[kind]].c
    mine = (c.connection.in_(sorted(connections)), ~c.deleted)
    connection, _, record_id = text.partition(":")
    whole = and_(c.connection == connection, c.id.in_(_spelled(record_id)))
    said = or_(whole, c.id.in_(_spelled(text)), func.lower(c.name) == text.lower(), *_addressed(c, text.lower()))
    found = db.execute(select(c.connection, c.id).where(*mine, said).order_by(c.connection, c.id)).all()
    return [Ref(*row) for row in found]


def _spelled(record_id: str) -> set[str]:
    return {record_id, id18(record_id) or record_id}


def _addressed(columns: Any, text: str) -> list[ColumnElement[bool]]:
    return [columns.email == text] if "email" in columns and text else []


def by_connection(refs: Iterable[Ref]) -> dict[str, list[str]]:
    """The ids of each connection, sorted."""
    found: dict[str, list[str]] = {}
    for connection, record_id in sorted(refs):
        found.setdefault(connection, []).append(record_id)
    return found
