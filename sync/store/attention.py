"""Where meetings and calls went, over all accounts: also those whose touches no rule reads, prospects among them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine, and_, func, select, union

from rules.model import Kind, Outcome
from sync.store.moment import Moment
from sync.store.sql import PULLED, table_of
from sync.store.tables import LinkRow

_ACTIVITIES, _CONTACTS, _LINKS = PULLED["activities"], PULLED["contacts"], table_of(LinkRow)
_MET = (str(Kind.MEETING), str(Kind.CALL))


def held_by_account(engine: Engine, connection: str, moment: Moment, days: int) -> dict[str, int]:
    """Return how many meetings and calls were held in the last `days` days, by account id.

    One that was with people of two accounts counts for each, and a meeting that the CRM keeps several times each time.
    """
    a, c, links = _ACTIVITIES.c, _CONTACTS.c, _LINKS.c
    held = (
        *(a.connection == connection, ~a.deleted, moment.known(_ACTIVITIES)),
        *(a.kind.in_(_MET), a.outcome == str(Outcome.HELD)),
        *(a.at > moment.cutoff - timedelta(days=days), a.at <= moment.cutoff),
    )
    linked = and_(links.connection == a.connection, links.activity_id == a.id)
    whose = and_(c.connection == links.connection, c.id == links.target, ~c.deleted, c.account_id.is_not(None))
    told = select(a.id, links.target.label("account")).join_from(_ACTIVITIES, _LINKS, linked)
    by_contact = select(a.id, c.account_id.label("account")).join_from(_ACTIVITIES, _LINKS, linked)
    met = union(
        told.where(*held, links.kind == "account"),
        by_contact.join(_CONTACTS, whose).where(*held, links.kind == "contact"),
    ).subquery()
    with engine.connect() as db:
        rows = db.execute(select(met.c.account, func.count()).group_by(met.c.account))
        return {account_id: count for account_id, count in rows}  # noqa: C416 - a Row is no tuple to dict()
