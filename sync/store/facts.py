"""Reading facts: what is known about accounts as of a moment, in chunks of accounts, so that memory stays flat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, and_, func, literal, select

from rules.customers import CustomerSettings, Revenue, standings
from rules.facts import AccountFacts, Standing
from rules.model import Account, Contact, Deal, Kind, Touch, User
from rules.titles import BUILT_IN, TitleRules
from sync.store.moment import Moment
from sync.store.records import PULLED, chunks, table_of
from sync.store.tables import LinkRow
from sync.store.touches import Accounts, Link, TouchReader, belonging, linked

__all__ = ["FactsReader", "Moment"]

_USERS, _ACCOUNTS, _CONTACTS, _ROLES, _DEALS, _ACTIVITIES = (
    PULLED[name] for name in ("users", "accounts", "contacts", "contact_roles", "deals", "activities")
)
_LINKS = table_of(LinkRow)
_DEAL = "deals:"  # what begins the id of a deal among those that links are about
_ACCOUNTS_AT_ONCE = 100
_EVIDENCE_REACH_DAYS = 400  # how far back `last_logged` looks: more than any evidence_days


class FactsReader:
    """Facts of one connection at one moment. People and standings are read once, accounts in chunks."""

    def __init__(
        self,
        engine: Engine,
        connection: str,
        moment: Moment,
        *,
        customers: CustomerSettings,
        titles: TitleRules = BUILT_IN,
        ignored_emails: Collection[str] = (),
    ) -> None:
        self._engine, self._connection, self._moment, self._titles = engine, connection, moment, titles
        self.today = moment.today
        with engine.connect() as db:
            self.users = {row.id: _user(row) for row in db.execute(self._live(_USERS))}
            self._user_by_email = _by_email(self.users.values())
            self.accounts = {
                row.id: _account(row) for row in db.execute(self._live(_ACCOUNTS).order_by(_ACCOUNTS.c.id))
            }
            revenues = self._revenues(db)
            self.last_logged = self._last_logged(db)
        self.standings: Mapping[str, Standing] = standings(
            ((account, revenues.get(account.id, Revenue())) for account in self.accounts.values()),
            customers,
            moment.today,
        )
        self._touches = TouchReader(connection, moment, self._user_by_email)
        self._ignored = frozenset(user.id for user in self.users.values() if user.email in ignored_emails)

    def read(self, account_ids: Iterable[str] | None = None) -> Iterator[AccountFacts]:
        """Facts of these accounts, else of all, in the order of their ids. Of accounts that are not key and whose key
        cannot be judged, people, touches and deals are left out: no rule speaks of them.
        """
        for some in chunks(self.accounts if account_ids is None else account_ids, _ACCOUNTS_AT_ONCE):
            full = [
                account_id
                for account_id in some
                if self.standings[account_id].customer and self.standings[account_id].key
            ]
            with self._engine.connect() as db:
                contacts, deals, touches = self._about(db, full)
            for account_id in some:
                yield AccountFacts(
                    today=self._moment.today,
                    account=self.accounts[account_id],
                    standing=self.standings[account_id],
                    users=self.users,
                    contacts=tuple(contacts.get(account_id, ())),
                    touches=tuple(touches.get(account_id, ())),
                    deals=tuple(deals.get(account_id, ())),
                    last_logged=self.last_logged,
                    ignored=self._ignored,
                    titles=self._titles,
                )

    def _live(self, table: Any) -> Select[Any]:
        return select(table).where(table.c.connection == self._connection, ~table.c.deleted)

    def _won(self) -> Select[Any]:
        """Deals won by today, each with its account: the deal's own, else the one that links tell."""
        told = and_(
            _LINKS.c.connection == _DEALS.c.connection,
            _LINKS.c.activity_id == literal(_DEAL) + _DEALS.c.id,
            _LINKS.c.kind == "account",
        )
        account = func.coalesce(_DEALS.c.account_id, _LINKS.c.target).label("account")
        return (
            select(account, _DEALS.c.id, _DEALS.c.name, _DEALS.c.amount, _DEALS.c.closed_on)
            .select_from(_DEALS.outerjoin(_LINKS, told))
            .where(_DEALS.c.connection == self._connection, ~_DEALS.c.deleted, _DEALS.c.won, self._moment.known(_DEALS))
            .where(_DEALS.c.closed_on <= self._moment.today)
        )

    def _revenues(self, db: Connection) -> dict[str, Revenue]:
        won = self._won().subquery()
        year_ago = self._moment.today - timedelta(days=365)
        recent = func.sum(won.c.amount).filter(won.c.closed_on > year_ago)
        rows = db.execute(select(won.c.account, func.min(won.c.closed_on), recent).group_by(won.c.account))
        return {account: Revenue(first_won_on=first, won_12m=amount, ever_won=True) for account, first, amount in rows}

    def _last_logged(self, db: Connection) -> dict[str, date]:
        """The local day of each user's newest activity of any kind on any account."""
        a = _ACTIVITIES.c
        rows = db.execute(
            select(_LINKS.c.kind, _LINKS.c.target, func.max(a.at))
            .join(_ACTIVITIES, and_(a.connection == _LINKS.c.connection, a.id == _LINKS.c.activity_id))
            .where(_LINKS.c.connection == self._connection, _LINKS.c.side == "ours", ~a.deleted, a.outcome != "void")
            .where(a.kind != Kind.TODO, a.at <= self._moment.cutoff, self._moment.known(_ACTIVITIES))
            .where(a.at > self._moment.cutoff - timedelta(days=_EVIDENCE_REACH_DAYS))
            .group_by(_LINKS.c.kind, _LINKS.c.target)
        )
        newest: dict[str, date] = {}
        for kind, target, at in rows:
            user_id = target if kind == "user" else self._user_by_email.get(target)
            if user_id:
                day = at.astimezone(self._moment.timezone).date()
                newest[user_id] = max(day, newest.get(user_id, day))
        return newest

    def _about(
        self, db: Connection, account_ids: Sequence[str]
    ) -> tuple[Mapping[str, list[Contact]], Mapping[str, list[Deal]], Mapping[str, list[Touch]]]:
        """Contacts, won deals and touches by account."""
        people = db.execute(self._live(_CONTACTS).where(_CONTACTS.c.account_id.in_(account_ids))).all()
        told = list(linked(db, self._connection, "account", account_ids))
        contacts, deals = self._contacts(db, people), self._deals(db, account_ids, told)
        by_address: dict[str, set[str]] = defaultdict(set)
        for row in people:
            if row.email:
                by_address[row.email].add(row.account_id)
        by_deal: dict[str, set[str]] = defaultdict(set)
        for account_id, some in deals.items():
            for deal in some:
                by_deal[deal.id].add(account_id)
        leading: dict[str, Accounts] = {
            "contact": {row.id: (row.account_id,) for row in people},
            "address": by_address,
            "deal": by_deal,
        }
        accounts = belonging(db, self._connection, told, leading)
        return contacts, deals, self._touches.read(db, accounts, contacts)

    def _contacts(self, db: Connection, people: Iterable[Row[Any]]) -> dict[str, list[Contact]]:
        known = sorted((row for row in people if self._moment.knows(row.created_at)), key=lambda row: str(row.id))
        held = select(_ROLES.c.contact_id, _ROLES.c.roles).where(
            _ROLES.c.connection == self._connection, ~_ROLES.c.deleted, self._moment.known(_ROLES)
        )
        roles: dict[str, set[str]] = defaultdict(set)
        for some in chunks(row.id for row in known):
            for contact_id, named in db.execute(held.where(_ROLES.c.contact_id.in_(some))):
                roles[contact_id].update(named.split(";"))
        contacts: dict[str, list[Contact]] = defaultdict(list)
        for row in known:
            contacts[row.account_id].append(
                Contact(
                    id=row.id,
                    account_id=row.account_id,
                    name=row.name,
                    email=row.email,
                    title=row.title,
                    seniority=row.seniority,
                    roles=frozenset(roles[row.id] | set(row.roles.split(";"))) - {""},
                )
            )
        return contacts

    def _deals(self, db: Connection, account_ids: Sequence[str], told: Iterable[Link]) -> dict[str, list[Deal]]:
        """Won deals by account: the deal's own account, else those that links tell."""
        d = _DEALS.c
        linked_to: dict[str, set[str]] = defaultdict(set)
        for link in told:
            if link.activity_id.startswith(_DEAL):
                linked_to[link.activity_id.removeprefix(_DEAL)].add(link.target)
        won = self._live(_DEALS).where(d.won, d.closed_on <= self._moment.today, self._moment.known(_DEALS))
        rows = [*db.execute(won.where(d.account_id.in_(account_ids)))]
        for some in chunks(linked_to):
            rows += db.execute(won.where(d.account_id.is_(None), d.id.in_(some)))
        deals: dict[str, list[Deal]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (row.closed_on, row.id)):
            for account_id in (row.account_id,) if row.account_id else linked_to[row.id]:
                deals[account_id].append(_deal(row, account_id))
        return deals


def _deal(row: Row[Any], account_id: str) -> Deal:
    return Deal(id=row.id, account_id=account_id, name=row.name, amount=row.amount, closed_on=row.closed_on, won=True)


def _by_email(users: Iterable[User]) -> dict[str, str]:
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


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        name=row.name or row.domain or row.id,
        domain=row.domain,
        owner_id=row.owner_id,
        customer_type=row.customer_type,
        customer_since=row.customer_since,
        parent_id=row.parent_id,
        flagged=row.flagged,
        customer_flag=row.customer_flag,
        tier=row.tier,
    )
