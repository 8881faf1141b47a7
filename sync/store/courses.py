"""What became of accounts, for a back-test: deals won and lost, mapped days, and what nobody can see any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from rules.model import Kind
from sync.store.sql import DEAL, PULLED, chunks, table_of
from sync.store.tables import LinkRow
from sync.store.touches import linked

_ACCOUNTS, _ACTIVITIES, _CONTACTS, _DEALS = (PULLED[name] for name in ("accounts", "activities", "contacts", "deals"))
_LINKS = table_of(LinkRow)


class Closed(NamedTuple):
    """A deal that was won or lost."""

    on: date
    won: bool
    amount: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Traces:
    """What the store holds of the past: None and 0 for nothing."""

    first_known: datetime | None  # when the first activity was entered
    first_email: datetime | None
    contacts_gone: int
    accounts_gone: int
    won: bool  # whether any deal was
    lost: bool


def read_closed(
    db: Connection, connection: str, account_ids: Iterable[str], until: date
) -> Iterator[tuple[str, list[Closed]]]:
    """Every deal of these accounts that was closed by a day, oldest first; accounts without any are left out."""
    d = _DEALS.c
    closed = select(d.id, d.account_id, d.closed_on, d.won, d.amount).where(
        d.connection == connection, ~d.deleted, d.closed_on <= until
    )
    for some in chunks(account_ids):
        accounts: dict[str, list[str]] = defaultdict(list)
        for link in linked(db, connection, "account", some):
            if link.activity_id.startswith(DEAL):
                accounts[link.activity_id.removeprefix(DEAL)].append(link.target)
        rows = list(db.execute(closed.where(d.account_id.in_(some))).all())
        for ids in chunks(accounts):
            rows += db.execute(closed.where(d.account_id.is_(None), d.id.in_(ids))).all()
        found: dict[str, list[Closed]] = defaultdict(list)
        for deal_id, own, on, won, amount in rows:
            for account_id in [own] if own else accounts[deal_id]:
                found[account_id].append(Closed(on, won, amount or 0.0))
        yield from ((account_id, sorted(deals)) for account_id, deals in found.items())


def read_marked(db: Connection, connection: str, name: str) -> dict[str, date]:
    """The day that the mapped outcome of that name has, by account; accounts without one are left out."""
    a = _ACCOUNTS.c
    rows = db.execute(select(a.id, a.outcomes).where(a.connection == connection, ~a.deleted))
    return {account_id: date.fromisoformat(told[name]) for account_id, told in rows.all() if told and told.get(name)}


def traces(db: Connection, connection: str) -> Traces:
    """What there is of a connection as a whole."""
    a = _ACTIVITIES.c
    mine = (a.connection == connection, ~a.deleted)
    first_known, first_email = (
        db.execute(select(when).where(*mine, *more)).scalar()
        for when, more in (
            (func.min(func.coalesce(a.created_at, a.at)), ()),
            (func.min(a.at), (a.kind == str(Kind.EMAIL),)),
        )
    )
    gone = (
        db.execute(select(func.count()).select_from(t).where(t.c.connection == connection, t.c.deleted)).scalar_one()
        for t in (_CONTACTS, _ACCOUNTS)
    )
    contacts_gone, accounts_gone = gone
    d = _DEALS.c
    closed = select(d.id).where(d.connection == connection, ~d.deleted, d.closed_on.is_not(None)).limit(1)
    won, lost = (db.execute(closed.where(which)).first() is not None for which in (d.won, ~d.won))
    return Traces(
        first_known=first_known,
        first_email=first_email,
        contacts_gone=contacts_gone,
        accounts_gone=accounts_gone,
        won=won,
        lost=lost,
    )
