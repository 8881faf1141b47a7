"""Erasing a contact: their records, what links lead to them, and their name in every text that we keep.

What remains of them are activities in which nobody of theirs stands any more, and the CRM itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, Text, and_, cast, delete, or_, select, update

from sync.store import evaluations, packs
from sync.store.ledger_tables import FindingRow, OutboxRow, TaskRow, VerdictRow
from sync.store.sql import PULLED, chunks, table_of
from sync.store.tables import LinkRow

ERASED = "[erased]"
_CONTACTS, _ROLES, _LINKS = PULLED["contacts"], PULLED["contact_roles"], table_of(LinkRow)
# What we wrote ourselves, and the columns in which a person can be named.
_TEXTS = {
    table_of(VerdictRow): ("reason", "message", "numbers"),
    table_of(FindingRow): ("text",),
    table_of(TaskRow): ("written",),
    table_of(OutboxRow): ("change", "before", "message"),
    PULLED["crm_tasks"]: ("subject", "body"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """How much went: contact records, links to them, and rows of ours from which their name was taken."""

    contacts: int = 0
    links: int = 0
    texts: int = 0


def erase_contact(engine: Engine, connection: str, email: str) -> Erased:
    """Nothing in the store tells of the contacts with this address any more, deleted ones included.

    Texts keep their sense: a name becomes `[erased]`. The accounts of these contacts are judged anew.
    """
    with engine.connect() as db:
        sqlite = db.dialect.name == "sqlite"
        if sqlite:
            # Else what was deleted stands in the file until something else is written over it.
            db.exec_driver_sql("PRAGMA secure_delete=ON")
            db.commit()
        with db.begin():
            erased = _erase(db, connection, email.strip().lower())
        if sqlite:
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return erased


def _erase(db: Connection, connection: str, email: str) -> Erased:
    c = _CONTACTS.c
    mine = select(c.id, c.name, c.account_id).where(c.connection == connection, c.email == email)
    found = db.execute(mine).all()
    ids = [row.id for row in found]
    accounts = {row.account_id for row in found if row.account_id}
    links = _unlink(db, connection, "address", [email]) + _unlink(db, connection, "contact", ids)
    for some in chunks(ids):
        db.execute(delete(_CONTACTS).where(c.connection == connection, c.id.in_(some)))
        db.execute(delete(_ROLES).where(_ROLES.c.connection == connection, _ROLES.c.contact_id.in_(some)))
    words = {email, *ids, *(row.name.strip() for row in found)} - {""}
    texts = sum(_scrub(db, connection, table, columns, words) for table, columns in _TEXTS.items())
    packs.forget(db, connection, accounts)
    evaluations.forget(db, connection, accounts)
    return Erased(contacts=len(ids), links=links, texts=texts)


def _unlink(db: Connection, connection: str, kind: str, targets: Iterable[str]) -> int:
    """Only on the customer's side: an address of one of ours may be a contact's too."""
    theirs = and_(_LINKS.c.connection == connection, _LINKS.c.kind == kind, _LINKS.c.side != "ours")
    return sum(db.execute(delete(_LINKS).where(theirs, _LINKS.c.target.in_(some))).rowcount for some in chunks(targets))


def _scrub(db: Connection, connection: str, table: Table, columns: Collection[str], words: Collection[str]) -> int:
    """Take the words out of these columns, wherever they stand in them; return in how many rows they did."""
    keys = [column for column in table.primary_key.columns if column.name != "connection"]
    named = or_(*(cast(table.c[column], Text).icontains(word, autoescape=True) for column in columns for word in words))
    chosen = select(*keys, *(table.c[column] for column in columns)).where(table.c.connection == connection, named)
    # The longest first: an address may begin with a name.
    alternatives = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)
    count = 0
    for row in db.execute(chosen).mappings().all():
        scrubbed = {column: _without(row[column], pattern) for column in columns}
        if scrubbed != {column: row[column] for column in columns}:
            mine = and_(table.c.connection == connection, *(key == row[key.name] for key in keys))
            db.execute(update(table).where(mine).values(scrubbed))
            count += 1
    return count


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    """The value with every match in its texts replaced, at any depth; a contact's id becomes None."""
    match value:
        case {"contact_id": str() as contact_id, **rest} if pattern.fullmatch(contact_id):
            return {"contact_id": None, **_without(rest, pattern)}
        case str():
            return pattern.sub(ERASED, value)
        case Mapping():
            return {_without(key, pattern): _without(inner, pattern) for key, inner in value.items()}
        case list() | tuple():
            return [_without(inner, pattern) for inner in value]
        case _:
            return value
