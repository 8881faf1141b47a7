"""The accounts of a connection as they stand in the store, and what two CRMs say of one account as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select, true

from rules.model import Account
from sync.store.moment import Moment
from sync.store.sql import PULLED
from sync.store.union import first_told

_ACCOUNTS = PULLED["accounts"].c


def read_accounts(
    db: Connection, connection: str, known_at: Moment | None, user_by_email: Mapping[str, str]
) -> dict[str, Account]:
    """Every account by id and in that order, or those that had been entered by a moment; a sponsor is told by the id of
    whoever has the address.
    """
    a = _ACCOUNTS
    named = (a.id, a.name, a.domain, a.owner_id, a.customer_type, a.customer_since, a.parent_id, a.flagged)
    columns = (*named, a.customer_flag, a.tier, a.revenue, a.type, a.person, a.days, a.contact_every_days, a.sponsor)
    known = known_at.known(PULLED["accounts"]) if known_at else true()
    rows = db.execute(select(*columns).where(a.connection == connection, ~a.deleted, known).order_by(a.id)).all()
    return {row.id: _account(*row[:-1], sponsor=user_by_email.get(row.sponsor, row.sponsor)) for row in rows}


def _account(account_id: str, name: str, domain: str, *more: Any, sponsor: str | None) -> Account:
    owner_id, customer_type, customer_since, parent_id, flagged, *rest = more
    customer_flag, tier, revenue, kind, person, days, contact_every_days = rest
    return Account(
        id=account_id,
        name=name or domain or account_id,
        domain=domain,
        owner_id=owner_id,
        sponsor=sponsor,
        contact_every_days=contact_every_days,
        customer_type=customer_type,
        customer_since=customer_since,
        parent_id=parent_id,
        flagged=flagged,
        customer_flag=customer_flag,
        tier=tier,
        revenue=revenue,
        type=kind,
        person=person,
        days={key: date.fromisoformat(day) if day else None for key, day in days.items()} if days else {},
    )


def one_account(first: Account, other: Account) -> Account:
    """What the first leaves empty is as the other says."""
    agreed, revenue = first.contact_every_days, first.revenue
    return replace(
        first,
        domain=first.domain or other.domain,
        owner_id=first.owner_id or other.owner_id,
        sponsor=first_told((first.sponsor, other.sponsor)),
        contact_every_days=other.contact_every_days if agreed is None else agreed,
        customer_type=first.customer_type or other.customer_type,
        customer_since=min((one.customer_since for one in (first, other) if one.customer_since), default=None),
        parent_id=first.parent_id or other.parent_id,
        flagged=first.flagged or other.flagged,
        customer_flag=first.customer_flag or other.customer_flag,
        tier=first.tier or other.tier,
        revenue=other.revenue if revenue is None else revenue,
        type=first.type or other.type,
        days={**other.days, **{key: day or other.days.get(key) for key, day in first.days.items()}},
    )
