"""Won deals of accounts: the deal's own account, else the one that links tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy import Connection, and_, func, literal, select

from rules.model import Deal
from rules.revenue import Revenue
from sync.store.moment import Moment
from sync.store.sql import DEAL, PULLED, chunks, table_of
from sync.store.tables import LinkRow

_DEALS, _LINKS = PULLED["deals"], table_of(LinkRow)
_YEAR = timedelta(days=365)


def read_revenues(db: Connection, connection: str, moment: Moment) -> dict[str, Revenue]:
    """What was won with each account that ever won anything."""
    d, links = _DEALS.c, _LINKS.c
    told = and_(links.connection == d.connection, links.activity_id == literal(DEAL) + d.id, links.kind == "account")
    account = func.coalesce(d.account_id, links.target).label("account")
    won = (
        select(account, d.amount, d.closed_on)
        .select_from(_DEALS.outerjoin(_LINKS, and_(d.account_id.is_(None), told)))
        .where(d.connection == connection, ~d.deleted, d.won, moment.known(_DEALS), d.closed_on <= moment.today)
    ).subquery()
    year_ago = moment.today - _YEAR
    recent = func.sum(won.c.amount).filter(won.c.closed_on > year_ago)
    before = func.sum(won.c.amount).filter(won.c.closed_on <= year_ago, won.c.closed_on > year_ago - _YEAR)
    rows = db.execute(select(won.c.account, func.min(won.c.closed_on), recent, before).group_by(won.c.account))
    return {
        account_id: Revenue(first_won_on=first, won_12m=amount, ever_won=True, won_12m_before=amount_before)
        for account_id, first, amount, amount_before in rows.all()
    }


def read_deals(
    db: Connection, connection: str, moment: Moment, linked: Mapping[str, Iterable[str]]
) -> dict[str, list[Deal]]:
    """Deals won by the day, oldest first, by account; `linked` are the ids that links tell of each account."""
    d = _DEALS.c
    won = select(d.id, d.account_id, d.name, d.amount, d.closed_on).where(
        d.connection == connection, ~d.deleted, d.won, d.closed_on <= moment.today, moment.known(_DEALS)
    )
    accounts: dict[str, list[str]] = defaultdict(list)
    for account_id, ids in linked.items():
        for deal_id in ids:
            accounts[deal_id].append(account_id)
    rows = [row for some in chunks(linked) for row in db.execute(won.where(d.account_id.in_(some))).all()]
    for some in chunks(accounts):
        rows += db.execute(won.where(d.account_id.is_(None), d.id.in_(some))).all()
    deals: dict[str, list[Deal]] = defaultdict(list)
    for deal_id, own, name, amount, closed_on in sorted(rows, key=lambda row: (row.closed_on, row.id)):
        for account_id in (own,) if own else accounts[deal_id]:
            deals[account_id].append(
                Deal(id=deal_id, account_id=account_id, name=name, amount=amount, closed_on=closed_on, won=True)
            )
    return deals
