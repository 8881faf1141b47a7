"""What of the company's own reached the people of accounts, as it was known at a moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from rules.model import Mailing
from sync.store.moment import Moment
from sync.store.sql import PULLED

_MAILINGS, _CAMPAIGNS, _CONTACTS = (PULLED[name] for name in ("mailings", "campaigns", "contacts"))


def read_mailings(
    db: Connection, connection: str, moment: Moment, account_ids: Sequence[str]
) -> dict[str, list[Mailing]]:
    """The mailings to the contacts of these accounts, by account and sorted.

    A member of a campaign got it when it began or when they were entered, whichever was later; one that has not begun
    has reached nobody but those who answered. What was called off, or is of a campaign that is gone, is left out.
    """
    m, c = _MAILINGS.c, _CONTACTS.c
    to = and_(c.connection == m.connection, c.id == m.contact_id, ~c.deleted)
    theirs = _known(connection, moment).add_columns(c.account_id).join(_CONTACTS, to)
    found: dict[str, list[Mailing]] = defaultdict(list)
    for row in db.execute(theirs.where(c.account_id.in_(account_ids))):
        if mailing := _mailing(row, moment):
            found[row.account_id].append(mailing)
    return {account_id: sorted(some, key=_by_contact_and_day) for account_id, some in found.items()}


def any_mailing(db: Connection, connection: str, moment: Moment) -> bool:
    """Whether the CRM shows any mailing at all."""
    return db.execute(_known(connection, moment).limit(1)).first() is not None


def _known(connection: str, moment: Moment) -> Select[Any]:
    m, k = _MAILINGS.c, _CAMPAIGNS.c
    of = and_(k.connection == m.connection, k.id == m.campaign_id, ~k.deleted, ~k.aborted)
    return (
        select(m.contact_id, m.name, m.got_at, m.answered_on, k.name.label("campaign"), k.starts_on)
        .select_from(_MAILINGS.outerjoin(_CAMPAIGNS, of))
        .where(m.connection == connection, ~m.deleted, moment.known(_MAILINGS))
        .where(or_(m.campaign_id.is_(None), k.id.is_not(None)))
    )


def _mailing(row: Row[Any], moment: Moment) -> Mailing | None:
    """None for what had reached nobody by then."""
    answered_on = row.answered_on if row.answered_on and row.answered_on <= moment.today else None
    days = (row.got_at and row.got_at.astimezone(moment.timezone).date(), row.starts_on)
    got_on = max((day for day in days if day), default=None)
    if got_on and got_on > moment.today:
        # Of a campaign, whoever answered had heard. The newest mailing to a contact says that others came before it.
        got_on = answered_on if row.campaign is not None else None
        if row.campaign is not None and got_on is None:
            return None
    return Mailing(contact_id=row.contact_id, name=row.campaign or row.name, got_on=got_on, answered_on=answered_on)


def _by_contact_and_day(mailing: Mailing) -> tuple[str, date, str]:
    return mailing.contact_id, mailing.got_on or date.min, mailing.name
