"""Our people and theirs, as they stand in the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from rules.model import Contact, User
from sync.store.moment import Moment
from sync.store.sql import PULLED, chunks

_USERS, _CONTACTS, _ROLES = (PULLED[name] for name in ("users", "contacts", "contact_roles"))
_NO_ROLE = frozenset({""})


def read_users(db: Connection, connection: str) -> dict[str, User]:
    """Every user by id."""
    rows = db.execute(select(_USERS).where(_USERS.c.connection == connection, ~_USERS.c.deleted))
    return {row.id: _user(row) for row in rows}


def by_email(users: Iterable[User]) -> dict[str, str]:
    """User ids by address; where an address was used twice, the active user has it."""
    ordered = sorted(users, key=lambda user: (user.active, user.id))
    return {user.email: user.id for user in ordered if user.email}


def _user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        name=row.name or row.email or row.id,
        email=row.email,
        title=row.title,
        active=row.active,
        manager_id=row.manager_id,
    )


def read_contacts(
    db: Connection, connection: str, moment: Moment, account_ids: Sequence[str]
) -> dict[str, list[Contact]]:
    """The contacts known at the moment by account, in the order of their ids, with the roles and departures that other
    records tell of them.
    """
    c = _CONTACTS.c
    columns = (c.id, c.account_id, c.name, c.email, c.title, c.seniority, c.roles, c.left_on, c.left_why)
    known = (
        select(*columns)
        .where(c.connection == connection, ~c.deleted, moment.known(_CONTACTS))
        .where(c.account_id.in_(account_ids))
    )
    rows = sorted(db.execute(known).all(), key=lambda row: str(row.id))
    told = _told_elsewhere(db, connection, moment, [row.id for row in rows])
    contacts: dict[str, list[Contact]] = defaultdict(list)
    for contact_id, account_id, name, email, title, seniority, roles, *left in rows:
        more = told.get(contact_id, ())
        named = {roles, *(one[0] for one in more)} - _NO_ROLE
        left_on, left_why = _left([left, *(one[1:] for one in more)], moment.today)
        contacts[account_id].append(
            Contact(
                id=contact_id,
                account_id=account_id,
                name=name,
                email=email,
                title=title,
                seniority=seniority,
                roles=frozenset(";".join(named).split(";")) if named else frozenset(),
                left_on=left_on,
                left_why=left_why,
            )
        )
    return contacts


def _told_elsewhere(
    db: Connection, connection: str, moment: Moment, contact_ids: Sequence[str]
) -> dict[str, list[tuple[str, date | None, str]]]:
    r = _ROLES.c
    held = select(r.contact_id, r.roles, r.left_on, r.left_why).where(
        r.connection == connection, ~r.deleted, moment.known(_ROLES)
    )
    found: dict[str, list[tuple[str, date | None, str]]] = defaultdict(list)
    for some in chunks(contact_ids):
        for contact_id, *told in db.execute(held.where(r.contact_id.in_(some))).all():
            found[contact_id].append(tuple(told))
    return found


def _left(told: Iterable[Sequence[Any]], today: date) -> tuple[date | None, str]:
    """The earliest (left_on, left_why); what is said of a day to come is not true yet."""
    return min(((day, why) for day, why in told if day and day <= today), default=(None, ""))
