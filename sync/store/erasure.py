"""Erasing a contact: their records, what links lead to them, and their name in every text that we keep.

What remains of them are activities in which nobody of theirs stands any more, digests by which they stay out
(`forgotten`), and the CRM itself, with the texts of our tasks there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, Text, and_, cast, delete, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from sync.store import forgotten, match_state, matches
from sync.store.affected import Affected
from sync.store.forgotten import ERASED, Forgotten
from sync.store.ledger_tables import CycleRow, FindingRow, HeldBackRow, OutboxRow, TaskRow, VerdictRow
from sync.store.sql import PULLED, chunks, table_of
from sync.store.tables import LinkRow

_ACCOUNTS, _CONTACTS, _TICKETS, _CRM_TASKS = (PULLED[name] for name in ("accounts", "contacts", "tickets", "crm_tasks"))
# Rows that say nothing but what a contact is or got.
_OF_CONTACTS = tuple(PULLED[name] for name in ("contact_roles", "mailings"))
_LINKS, _TASKS = table_of(LinkRow), table_of(TaskRow)
# What we wrote ourselves, and the columns in which a person can be named.
_TEXTS = {
    table_of(VerdictRow): ("reason", "message", "numbers"),
    table_of(FindingRow): ("text",),
    table_of(OutboxRow): ("change", "before", "message"),
    table_of(HeldBackRow): ("account_name", "reason"),
    table_of(CycleRow): ("error", "told"),
}
# Our texts as the CRM has them: those of a task as we wrote them and as they are, and our fields of an account.
_TEXTS_IN_CRM = {_TASKS: ("written",), _CRM_TASKS: ("subject", "body"), _ACCOUNTS: ("ours",)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """How much went: contact records, links to them, and rows of ours from which their name was taken."""

    contacts: int = 0
    links: int = 0
    texts: int = 0


def erase_contact(engine: Engine, connection: str, email: str, now: datetime) -> Erased:
    """Nothing in the store tells of the contacts with this address any more, deleted ones included.

    Nothing that the CRM has of them by `now` comes in again.

    Texts keep their sense: a name becomes `[erased]`. The accounts of these contacts are judged anew.
    """
    with engine.connect() as db:
        sqlite = db.dialect.name == "sqlite"
        if sqlite:
            # Else what was deleted stands in the file until something else is written over it.
            db.exec_driver_sql("PRAGMA secure_delete=ON")
            db.commit()
        with db.begin():
            erased = _erase(db, connection, email.strip().lower(), now)
        if sqlite:
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return erased


def _erase(db: Connection, connection: str, email: str, now: datetime) -> Erased:
    c = _CONTACTS.c
    known_by = or_(c.email == email, (";" + c.other_emails + ";").contains(f";{email};", autoescape=True))
    mine = select(c.id, c.name, c.account_id).where(c.connection == connection, known_by)
    found = db.execute(mine).all()
    ids = [row.id for row in found]
    accounts = {row.account_id for row in found if row.account_id}
    affected = Affected(connection=connection, touching=set(accounts))
    links = _unlink(db, affected, "address", [email]) + _unlink(db, affected, "contact", ids)
    for some in chunks(ids):
        db.execute(delete(_CONTACTS).where(c.connection == connection, c.id.in_(some)))
        for table in _OF_CONTACTS:
            db.execute(delete(table).where(table.c.connection == connection, table.c.contact_id.in_(some)))
        theirs = (_TICKETS.c.connection == connection, _TICKETS.c.contact_id.in_(some))
        db.execute(update(_TICKETS).where(*theirs).values(contact_id=None, content=b""))
    match_state.forget_contacts(db, connection, ids)
    consumers = _drop_consumers(db, connection, accounts)
    names = {email, *(row.name.strip() for row in found)} - {""}
    words = _Words.of(connection, {*ids, *names})
    known = forgotten.keyed(db)
    dropped = _TextsInCrm(known=known, words=words)
    texts = sum(_rewrite(db, table, columns, words, dropped) for table, columns in _TEXTS_IN_CRM.items())
    texts += sum(_rewrite(db, table, columns, words, words.out_of) for table, columns in _TEXTS.items())
    forgotten.remember(db, connection, map(known.digest, {email, *ids, *consumers, *dropped.texts}), now)
    # What is judged as one is told where the account is home, the contact's id there after the connection's name.
    for name in matches.together(db, connection):
        words = _Words.of(name, {*(f"{connection}:{one}" for one in ids), *names})
        dropped = _TextsInCrm(known=known, words=words)
        texts += sum(_rewrite(db, table, columns, words, dropped) for table, columns in _TEXTS_IN_CRM.items())
        texts += sum(_rewrite(db, table, columns, words, words.out_of) for table, columns in _TEXTS.items())
        forgotten.remember(db, name, map(known.digest, dropped.texts), now)
    affected.forget(db)
    return Erased(contacts=len(ids), links=links, texts=texts)


def _drop_consumers(db: Connection, connection: str, account_ids: Iterable[str]) -> list[str]:
    """Of a consumer, the account is the person. Return the ids of those that went."""
    a = _ACCOUNTS.c
    return [
        gone
        for some in chunks(account_ids)
        for gone in db.execute(
            delete(_ACCOUNTS).where(a.connection == connection, a.id.in_(some), a.person).returning(a.id)
        ).scalars()
    ]


def _unlink(db: Connection, affected: Affected, kind: str, targets: Iterable[str]) -> int:
    """Only on the customer's side: an address of one of ours may be a contact's too."""
    links = _LINKS.c
    theirs = and_(links.connection == affected.connection, links.kind == kind, links.side != "ours")
    ended = [
        tuple(link)
        for some in chunks(targets)
        for link in db.execute(
            delete(_LINKS)
            .where(theirs, links.target.in_(some))
            .returning(links.activity_id, links.side, links.kind, links.target)
        )
    ]
    affected.links(ended)
    return len(ended)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Words:
    """What names somebody on a connection: address, ids, names. `pattern` finds any of them standing alone."""

    connection: str
    words: frozenset[str]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, connection: str, words: Collection[str]) -> _Words:
        # The longest first: an address may begin with a name.
        alternatives = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)
        return cls(connection=connection, words=frozenset(words), pattern=pattern)

    def within(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Whether one of them can stand in the column, JSON or text, in whatever case."""
        return or_(*(cast(column, Text).icontains(_searchable(word), autoescape=True) for word in self.words))

    def out_of(self, text: str) -> str:
        return self.pattern.sub(ERASED, text)


def _searchable(word: str) -> str:
    """A part of the word that reads the same in JSON, and of which SQLite knows the capitals if that can be."""
    runs = re.findall(r"[A-Za-z0-9]+", word) or re.findall(r"\w+", word) or [word]
    return str(max(runs, key=len))


@dataclass(frozen=True, kw_only=True, slots=True)
class _TextsInCrm:
    """A text in the CRM that names somebody gives way to a stand-in as a whole: it is known by its digest whenever it
    is read again, and an edit of it still differs from what we wrote. `texts` are those that did.
    """

    known: Forgotten
    words: _Words
    texts: set[str] = field(default_factory=set)

    def __call__(self, text: str) -> str:
        if not self.words.pattern.search(text):
            return text
        self.texts.add(text)
        return self.known.stand_in(text)


def _rewrite(
    db: Connection,
    table: Table,
    columns: Collection[str],
    words: _Words,
    change: Callable[[str], str],
) -> int:
    """Change what names them in these columns, wherever it stands in them; return in how many rows it did."""
    keys = [column for column in table.primary_key.columns if column.name != "connection"]
    named = or_(*(words.within(table.c[column]) for column in columns))
    chosen = select(*keys, *(table.c[column] for column in columns)).where(
        table.c.connection == words.connection, named
    )
    # A row's content is a digest of what the CRM sent: without one, it is taken for what we wrote.
    more = {"content": b""} if "content" in table.c else {}
    count = 0
    for row in db.execute(chosen).mappings().all():
        changed = {column: _changed(row[column], words, change) for column in columns}
        if changed != {column: row[column] for column in columns}:
            mine = and_(table.c.connection == words.connection, *(key == row[key.name] for key in keys))
            db.execute(update(table).where(mine).values(changed | more))
            count += 1
    return count


def _changed(value: Any, words: _Words, change: Callable[[str], str]) -> Any:
    """The value with all its texts changed, at any depth; a contact's id becomes None."""
    match value:
        case {"contact_id": str() as contact_id, **rest} if words.pattern.fullmatch(contact_id):
            return {"contact_id": None, **_changed(rest, words, change)}
        case str():
            return change(value)
        case Mapping():
            return {change(key): _changed(inner, words, change) for key, inner in value.items()}
        case list() | tuple():
            return [_changed(inner, words, change) for inner in value]
        case _:
            return value
