"""Our people and theirs, as they stand in the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from rules.model import Contact, TeamMember, User
from sync.store.moment import Moment
from sync.store.sql import PULLED, among, chunks

_USERS, _CONTACTS, _ROLES, _TEAM, _DEALS = (
    PULLED[name] for name in ("users", "contacts", "contact_roles", "team", "deals")
)
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
        department=row.department,
    )


def read_contacts(
    db: Connection, connection: str, moment: Moment, account_ids: Sequence[str]
) -> dict[str, list[Contact]]:
    """The contacts known at the moment by account, in the order of their ids, with the roles and departures that other
    records tell of them.
    """
    c = _CONTACTS.c
    columns = (c.id, c.account_id, c.name, c.email, c.title, c.seniority, c.roles, c.created_at, c.back_on, c.opted_out)
    known = (
        select(*columns, c.left_on, c.left_why)
        .where(c.connection == connection, ~c.deleted, moment.known(_CONTACTS))
        .where(among(db, c.account_id, account_ids))
    )
    rows = sorted(db.execute(known).all(), key=lambda row: str(row.id))
    told = _told_elsewhere(db, connection, moment, [row.id for row in rows])
    contacts: dict[str, list[Contact]] = defaultdict(list)
    for contact_id, account_id, name, email, title, seniority, roles, created_at, back_on, opted_out, *left in rows:
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
                entered_on=created_at.astimezone(moment.timezone).date() if created_at else None,
                # Since when somebody is away, nothing tells: an absence of today was none on a day of the past.
                back_on=None if moment.created_by else back_on,
                opted_out=opted_out,
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
        for contact_id, *told in db.execute(held.where(among(db, r.contact_id, some))).all():
            found[contact_id].append(tuple(told))
    return found


def _left(told: Iterable[Sequence[Any]], today: date) -> tuple[date | None, str]:
    """The earliest (left_on, left_why); what is said of a day to come is not true yet."""
    return min(((day, why) for day, why in told if day and day <= today), default=(None, ""))


def read_team(
    db: Connection, connection: str, moment: Moment, account_ids: Sequence[str]
) -> dict[str, list[TeamMember]]:
    """Who of ours is known at the moment to be on the team of an account, or of a deal of it, by account and sorted."""
    t, d = _TEAM.c, _DEALS.c
    known = (t.connection == connection, ~t.deleted, moment.known(_TEAM))
    columns = (t.user_id, t.role, t.deal_id, t.created_at)
    own = select(t.account_id, *columns).where(*known, t.account_id.in_(account_ids))
    of_deal = and_(d.connection == t.connection, d.id == t.deal_id, ~d.deleted)
    told = select(d.account_id, *columns).join_from(_TEAM, _DEALS, of_deal).where(*known, d.account_id.in_(account_ids))
    found: dict[str, list[TeamMember]] = defaultdict(list)
    for account_id, user_id, role, deal_id, created_at in [*db.execute(own), *db.execute(told)]:
        since = created_at.astimezone(moment.timezone).date() if created_at else None
        member = TeamMember(account_id=account_id, user_id=user_id, role=role, since=since, deal_id=deal_id)
        found[account_id].append(member)
    return {account_id: sorted(some, key=_by_user_and_deal) for account_id, some in found.items()}


def _by_user_and_deal(member: TeamMember) -> tuple[str, str, str]:
    return member.user_id, member.deal_id or "", member.role
