"""Cases and tickets of accounts, as they stood at a moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from rules.model import Ticket
from sync.store.moment import Moment
from sync.store.sql import PULLED

_TICKETS, _CONTACTS = PULLED["tickets"], PULLED["contacts"]


def read_tickets(
    db: Connection, connection: str, moment: Moment, account_ids: Sequence[str]
) -> dict[str, list[Ticket]]:
    """The tickets opened by the moment, by account and sorted; one that names no account is that of its contact's.

    What was closed later is open. Of one that was opened again since, nobody knows any more when it was closed before.
    """
    t, c = _TICKETS.c, _CONTACTS.c
    known = (t.connection == connection, ~t.deleted, t.created_at <= moment.cutoff)
    columns = (t.id, t.created_at, t.closed_at, t.reopened_at, t.contact_id, t.priority, t.escalated)
    own = select(t.account_id, *columns).where(*known, t.account_id.in_(account_ids))
    of_contact = and_(c.connection == t.connection, c.id == t.contact_id, ~c.deleted, t.account_id.is_(None))
    told = select(c.account_id, *columns).join_from(_TICKETS, _CONTACTS, of_contact)
    found: dict[str, list[Ticket]] = defaultdict(list)
    for row in [*db.execute(own), *db.execute(told.where(*known, c.account_id.in_(account_ids)))]:
        found[row.account_id].append(_ticket(row, moment))
    return {account_id: sorted(some, key=_by_day_and_id) for account_id, some in found.items()}


def _by_day_and_id(ticket: Ticket) -> tuple[date, str]:
    return ticket.opened_on, ticket.id


def _ticket(row: Row[Any], moment: Moment) -> Ticket:
    def day(at: datetime | None) -> date | None:
        return at.astimezone(moment.timezone).date() if at and at <= moment.cutoff else None

    return Ticket(
        id=row.id,
        account_id=row.account_id,
        opened_on=row.created_at.astimezone(moment.timezone).date(),
        closed_on=day(row.closed_at),
        contact_id=row.contact_id,
        priority=row.priority,
        escalated=row.escalated,
        reopened_on=day(row.reopened_at),
    )
