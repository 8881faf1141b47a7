"""Deals of accounts: the deal's own account, else the one that links tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal, or_, select

from rules.model import Deal
from rules.revenue import Revenue
from sync.store.moment import Moment
from sync.store.sql import DEAL, PULLED, chunks, table_of
from sync.store.tables import LinkRow

_DEALS, _LINKS = PULLED["deals"], table_of(LinkRow)
_YEAR = timedelta(days=365)


def read_revenues(db: Connection, connection: str, moment: Moment) -> dict[str, Revenue]:
    """What was won with each account that ever won anything."""
    won = _won(connection, moment).subquery()
    year_ago = moment.today - _YEAR
    recent = func.sum(won.c.amount).filter(won.c.closed_on > year_ago)
    before = func.sum(won.c.amount).filter(won.c.closed_on <= year_ago, won.c.closed_on > year_ago - _YEAR)
    rows = db.execute(select(won.c.account, func.min(won.c.closed_on), recent, before).group_by(won.c.account))
    return {
        account_id: Revenue(first_won_on=first, won_12m=amount, ever_won=True, won_12m_before=amount_before)
        for account_id, first, amount, amount_before in rows.all()
    }


def read_won(
    db: Connection, connection: str, moment: Moment, account_ids: Collection[str]
) -> dict[str, tuple[Deal, ...]]:
    """The deals that `read_revenues` adds up, of these accounts."""
    found: dict[str, list[Deal]] = defaultdict(list)
    for row in db.execute(_won(connection, moment).order_by(_DEALS.c.id)) if account_ids else ():
        if row.account in account_ids:
            told = {"name": row.name, "amount": row.amount, "closed_on": row.closed_on}
            found[row.account].append(Deal(id=row.id, account_id=row.account, won=True, **told))
    return {account_id: tuple(deals) for account_id, deals in found.items()}


def _won(connection: str, moment: Moment) -> Select[Any]:
    """Every deal won by the day, with each `account` that it leads to."""
    d, links = _DEALS.c, _LINKS.c
    told = and_(links.connection == d.connection, links.activity_id == literal(DEAL) + d.id, links.kind == "account")
    account = func.coalesce(d.account_id, links.target).label("account")
    return (
        select(account, d.id, d.name, d.amount, d.closed_on)
        .select_from(_DEALS.outerjoin(_LINKS, and_(d.account_id.is_(None), told)))
        .where(d.connection == connection, ~d.deleted, d.won, moment.known(_DEALS), d.closed_on <= moment.today)
    )


def read_deals(
    db: Connection, connection: str, moment: Moment, linked: Mapping[str, Iterable[str]]
) -> dict[str, list[Deal]]:
    """Deals won by the day and those with a competitor, by account: oldest first, and last what was open that day.

    `linked` are the ids that links tell of each account.
    """
    d = _DEALS.c
    told = select(d.id, d.account_id, d.name, d.amount, d.closed_on, d.won, d.competitor).where(
        d.connection == connection,
        ~d.deleted,
        or_(and_(d.won, d.closed_on <= moment.today), d.competitor != ""),
        moment.known(_DEALS),
    )
    accounts: dict[str, list[str]] = defaultdict(list)
    for account_id, ids in linked.items():
        for deal_id in ids:
            accounts[deal_id].append(account_id)
    rows = [row for some in chunks(linked) for row in db.execute(told.where(d.account_id.in_(some))).all()]
    for some in chunks(accounts):
        rows += db.execute(told.where(d.account_id.is_(None), d.id.in_(some))).all()
    deals: dict[str, list[Deal]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.closed_on or date.max, row.id)):
        over = row.closed_on is not None and row.closed_on <= moment.today
        for account_id in (row.account_id,) if row.account_id else accounts[row.id]:
            deals[account_id].append(
                Deal(
                    id=row.id,
                    account_id=account_id,
                    name=row.name,
                    amount=row.amount,
                    closed_on=row.closed_on if over else None,
                    won=row.won and over,
                    competitor=row.competitor,
                )
            )
    return deals
