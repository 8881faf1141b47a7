"""Reading facts: what is known about accounts as of a moment, in chunks of accounts, so that memory stays flat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Row, Select, and_, func, literal, or_, select, true, union
from sqlalchemy.sql.elements import ColumnElement

from rules.customers import CustomerSettings, Revenue, standings
from rules.facts import AccountFacts, Standing
from rules.model import Account, Contact, Deal, Direction, Kind, Outcome, Touch, User
from rules.titles import BUILT_IN, TitleRules
from sync.store.records import PULLED, chunks, table_of
from sync.store.tables import LinkRow

_USERS, _ACCOUNTS, _CONTACTS, _ROLES, _DEALS, _ACTIVITIES = (
    PULLED[name] for name in ("users", "accounts", "contacts", "contact_roles", "deals", "activities")
)
_LINKS = table_of(LinkRow)
_TOUCH_KINDS = tuple(str(kind) for kind in (Kind.EMAIL, Kind.CALL, Kind.MEETING, Kind.MESSAGE))
_ACCOUNTS_AT_ONCE = 400
_EVIDENCE_REACH_DAYS = 400  # how far back `last_logged` looks: more than any evidence_days


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What counts as known: everything over by `cutoff`, on `today` in `timezone` or before.

    `created_by` leaves out what was only entered later; None for the present, when all that was pulled is known.
    """

    today: date
    cutoff: datetime
    timezone: ZoneInfo
    created_by: datetime | None = None

    @classmethod
    def end_of(cls, today: date, timezone: ZoneInfo) -> Moment:
        """The end of a local day."""
        midnight = datetime.combine(today + timedelta(days=1), datetime.min.time(), timezone)
        end = midnight - timedelta(milliseconds=1)
        return cls(today=today, cutoff=end, timezone=timezone, created_by=end)

    @classmethod
    def at(cls, now: datetime, timezone: ZoneInfo) -> Moment:
        """The present. A CRM tells its time in whole seconds: the one that has begun counts."""
        return cls(today=now.astimezone(timezone).date(), cutoff=now + timedelta(seconds=1), timezone=timezone)


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
                contacts, deals = self._contacts(db, full), self._deals(db, full)
                touches = self._touches(db, full, contacts)
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

    def _known(self, table: Any) -> ColumnElement[bool]:
        if self._moment.created_by is None:
            return true()
        return or_(table.c.created_at.is_(None), table.c.created_at <= self._moment.created_by)

    def _won(self) -> Select[Any]:
        """Deals won by today, each with its account: the deal's own, else the one that links tell."""
        told = and_(
            _LINKS.c.connection == _DEALS.c.connection,
            _LINKS.c.activity_id == literal("deals:") + _DEALS.c.id,
            _LINKS.c.kind == "account",
        )
        account = func.coalesce(_DEALS.c.account_id, _LINKS.c.target).label("account")
        return (
            select(account, _DEALS.c.id, _DEALS.c.name, _DEALS.c.amount, _DEALS.c.closed_on)
            .select_from(_DEALS.outerjoin(_LINKS, told))
            .where(_DEALS.c.connection == self._connection, ~_DEALS.c.deleted, _DEALS.c.won, self._known(_DEALS))
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
            .where(a.kind != Kind.TODO, a.at <= self._moment.cutoff, self._known(_ACTIVITIES))
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

    def _contacts(self, db: Connection, account_ids: list[str]) -> dict[str, list[Contact]]:
        c = _CONTACTS.c
        chosen = self._live(_CONTACTS).where(c.account_id.in_(account_ids), self._known(_CONTACTS)).order_by(c.id)
        rows = db.execute(chosen).all()
        held = (
            select(_ROLES.c.contact_id, _ROLES.c.roles)
            .join(_CONTACTS, and_(c.connection == _ROLES.c.connection, c.id == _ROLES.c.contact_id))
            .where(_ROLES.c.connection == self._connection, ~_ROLES.c.deleted, self._known(_ROLES))
            .where(c.account_id.in_(account_ids))
        )
        roles: dict[str, set[str]] = defaultdict(set)
        for contact_id, told in db.execute(held):
            roles[contact_id].update(told.split(";"))
        contacts: dict[str, list[Contact]] = defaultdict(list)
        for row in rows:
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

    def _deals(self, db: Connection, account_ids: list[str]) -> dict[str, list[Deal]]:
        won = self._won().subquery()
        deals: dict[str, list[Deal]] = defaultdict(list)
        rows = db.execute(select(won).where(won.c.account.in_(account_ids)).order_by(won.c.closed_on, won.c.id))
        for account_id, deal_id, name, amount, closed_on in rows:
            deals[account_id].append(
                Deal(id=deal_id, account_id=account_id, name=name, amount=amount, closed_on=closed_on, won=True)
            )
        return deals

    def _touches(
        self, db: Connection, account_ids: list[str], contacts: Mapping[str, list[Contact]]
    ) -> dict[str, list[Touch]]:
        belongs = self._belongs(account_ids)
        a = _ACTIVITIES.c
        link = _LINKS.alias("who")
        who = (
            select(func.aggregate_strings(link.c.side + " " + link.c.kind + " " + link.c.target, "\n"))
            .where(link.c.connection == a.connection, link.c.activity_id == a.id)
            .scalar_subquery()
        )
        rows = db.execute(
            select(belongs.c.account, a.id, a.kind, a.direction, a.outcome, a.at, a.on_day, a.ends_at, who)
            .join(belongs, a.id == belongs.c.activity_id)
            .where(a.connection == self._connection, ~a.deleted, a.kind.in_(_TOUCH_KINDS), a.outcome != Outcome.VOID)
            .where(self._known(_ACTIVITIES))
            .order_by(a.at, a.id)
        )
        # A contact of the account is found by its id or by its address.
        theirs = {
            account_id: {name: contact.id for contact in some for name in (contact.id, contact.email) if name}
            for account_id, some in contacts.items()
        }
        touches: dict[str, list[Touch]] = defaultdict(list)
        for account_id, *activity in rows:
            touch = self._touch(activity, theirs.get(account_id, {}))
            if touch:
                touches[account_id].append(touch)
        return touches

    def _belongs(self, account_ids: list[str]) -> Any:
        """(account, activity) by every path, once: said so, through a contact, a contact's address, or a deal."""
        links, mine = _LINKS.c, _LINKS.c.connection == self._connection
        contact = and_(
            _CONTACTS.c.connection == links.connection, ~_CONTACTS.c.deleted, _CONTACTS.c.account_id.in_(account_ids)
        )
        won = self._won().subquery()
        return union(
            select(links.target.label("account"), links.activity_id).where(
                mine, links.kind == "account", links.target.in_(account_ids)
            ),
            select(_CONTACTS.c.account_id, links.activity_id)
            .join(_CONTACTS, and_(contact, _CONTACTS.c.id == links.target))
            .where(mine, links.kind == "contact"),
            select(_CONTACTS.c.account_id, links.activity_id)
            .join(_CONTACTS, and_(contact, _CONTACTS.c.email == links.target))
            .where(mine, links.kind == "address", links.side == "theirs"),
            select(won.c.account, links.activity_id)
            .join(won, won.c.id == links.target)
            .where(mine, links.kind == "deal", won.c.account.in_(account_ids)),
        ).subquery()

    def _touch(self, activity: list[Any], theirs: Mapping[str, str]) -> Touch | None:
        activity_id, kind, direction, outcome, at, on_day, ends_at, people = activity
        day = on_day or at.astimezone(self._moment.timezone).date()
        if day > self._moment.today or (not on_day and max(at, ends_at or at) > self._moment.cutoff):
            return None
        ours: set[str] = set()
        customers: set[str] = set()
        declined: set[str] = set()
        for line in (people or "").split("\n"):
            side, _, rest = line.partition(" ")
            named, _, target = rest.partition(" ")
            if side == "ours":
                ours.add(target if named == "user" else self._user_by_email.get(target, ""))
            elif side in ("theirs", "declined") and target in theirs:
                (customers if side == "theirs" else declined).add(theirs[target])
        if kind == Kind.MEETING and declined and customers <= declined:
            outcome = Outcome.ATTEMPTED  # nobody of theirs came
        return Touch(
            id=activity_id,
            kind=Kind(kind),
            direction=Direction(direction),
            outcome=Outcome(outcome),
            at=at,
            day=day,
            ours=tuple(sorted(ours - {""})),
            theirs=tuple(sorted(customers - declined)),
        )


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
