"""Reading facts: what is known about accounts as of a moment, in chunks of accounts, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, select, true

from rules.customers import CustomerSettings, Revenue, standings
from rules.exemptions import Waiver, waived
from rules.facts import AccountFacts, Peers, Standing
from rules.measures import coverage
from rules.model import Account, Contact
from rules.titles import BUILT_IN, TitleRules
from sync.store import packs
from sync.store.deals import read_deals, read_revenues
from sync.store.logged import by_user, newest
from sync.store.moment import Moment
from sync.store.packs import Pack, Unpacker
from sync.store.past import Past
from sync.store.people import by_email, read_contacts, read_team, read_users
from sync.store.sql import PULLED, chunks
from sync.store.tickets import read_tickets
from sync.store.touches import make_packs
from sync.store.uncollected import uncollected
from sync.store.whole import former_owners, untold

__all__ = ["FactsReader", "Moment"]

_ACCOUNTS = PULLED["accounts"].c
_ACCOUNTS_AT_ONCE = 200
_ATTENTION_DAYS = 365
_NOTHING_WON = Revenue()
_NOBODY: Mapping[str, str] = MappingProxyType({})


class FactsReader:
    """Facts of one connection at one moment. People and standings are read once, accounts in chunks.

    People are told by their addresses: whom no measure counts, our executives, and who takes over from whom. With a
    `past`, packs come from there, and accounts that were entered after the moment are none yet. `needs` are the record
    kinds that rules need: of those that are read on demand, the others are left out.
    """

    def __init__(
        self,
        engine: Engine,
        connection: str,
        moment: Moment,
        *,
        customers: CustomerSettings,
        titles: TitleRules = BUILT_IN,
        ignored_emails: Collection[str] = (),
        executive_emails: Collection[str] = (),
        successor_emails: Mapping[str, str] = _NOBODY,
        holidays: frozenset[date] = frozenset(),
        waivers: Iterable[Waiver] = (),
        with_peers: bool = False,
        needs: frozenset[str] = frozenset(),
        past: Past | None = None,
    ) -> None:
        self._engine, self.connection, self.moment, self._titles = engine, connection, moment, titles
        self.today, self._past = moment.today, past
        with uncollected(), engine.connect() as db:
            self.users = read_users(db, connection)
            self.user_by_email = by_email(self.users.values())
            self.accounts = _read_accounts(db, connection, moment if past else None)
            revenues = read_revenues(db, connection, moment)
            self.logged = newest(db, connection, moment)
            self.untold = untold(db, connection, moment, needs)
            self.standings: Mapping[str, Standing] = standings(
                ((account, revenues.get(account.id, _NOTHING_WON)) for account in self.accounts.values()),
                customers,
                moment.today,
            )
        self.waived = waived(waivers, self.accounts.values(), moment.today)
        self.last_logged = by_user(self.logged, moment, self.user_by_email)
        self._unpacker = Unpacker(moment, self.user_by_email)
        self.ignored, self._executives = (
            frozenset(user.id for user in self.users.values() if user.email in emails)
            for emails in (ignored_emails, executive_emails)
        )
        self._successors = {
            user.id: successor
            for user in self.users.values()
            if (successor := self.user_by_email.get(successor_emails.get(user.email, "")))
        }
        self._holidays = holidays
        self._with_peers, self._needs = with_peers, needs

    @cached_property
    def peers(self) -> Peers | None:
        """What quiet-key-account compares with, by one pass over all key accounts with revenue."""
        if not self._with_peers:
            return None
        revenues = {
            account_id: standing.revenue
            for account_id, standing in self.standings.items()
            if self.is_read(account_id) and standing.revenue and standing.revenue > 0
        }
        attention = (
            coverage(facts, _ATTENTION_DAYS).total / (revenues[facts.account.id] / 1000)
            for facts in self._read(sorted(revenues), None)
        )
        return Peers(attention=tuple(sorted(attention)))

    def read(self, account_ids: Iterable[str] | None = None) -> Iterator[AccountFacts]:
        """Facts of these accounts, else of all, in the order of their ids. Of accounts that are not key and whose key
        cannot be judged, people, touches and deals are left out: no rule speaks of them.
        """
        yield from self._read(account_ids, self.peers)

    def _read(self, account_ids: Iterable[str] | None, peers: Peers | None) -> Iterator[AccountFacts]:
        for some in chunks(self.accounts if account_ids is None else account_ids, _ACCOUNTS_AT_ONCE):
            full = list(filter(self.is_read, some))
            with self._engine.connect() as db:
                contacts = read_contacts(db, self.connection, self.moment, full)
                packed = self._packs(db, full, contacts)
                linked = {account_id: one.deals for account_id, one in packed.items()}
                deals = read_deals(db, self.connection, self.moment, linked)
                team = read_team(db, self.connection, self.moment, full if "team" in self._needs else ())
                tickets = read_tickets(db, self.connection, self.moment, full if "tickets" in self._needs else ())
                owners = former_owners(db, self.connection, full, self.today)
            for account_id in some:
                pack = packed.get(account_id)
                touches, upcoming = self._unpacker.touches(pack.packed) if pack else ((), ())
                yield AccountFacts(
                    today=self.moment.today,
                    account=self.accounts[account_id],
                    standing=self.standings[account_id],
                    users=self.users,
                    contacts=tuple(contacts.get(account_id, ())),
                    touches=touches,
                    deals=tuple(deals.get(account_id, ())),
                    team=tuple(team.get(account_id, ())),
                    tickets=tuple(tickets.get(account_id, ())),
                    last_logged=self.last_logged,
                    ignored=self.ignored,
                    titles=self._titles,
                    upcoming=upcoming,
                    executives=self._executives,
                    successors=self._successors,
                    former_owners=owners.get(account_id, {}),
                    holidays=self._holidays,
                    untold=self.untold,
                    waived=self.waived.get(account_id, _NOBODY),
                    peers=peers,
                )

    def is_read(self, account_id: str) -> bool:
        """Whether a rule may speak of the account, so that all of it is read."""
        return self.standings[account_id].customer and bool(self.standings[account_id].key)

    def pack(self) -> None:
        """Keep the packs of the accounts that are read in full and have none; only a cycle may, alone on the store."""
        with self._engine.connect() as db:
            have = packs.have(db, self.connection)
        missing = (one for one in self.accounts if one not in have and self.is_read(one))
        for some in chunks(missing, _ACCOUNTS_AT_ONCE):
            with uncollected(), self._engine.begin() as db:
                contacts = read_contacts(db, self.connection, self.moment, some)
                made = make_packs(db, self.connection, self.moment, some, contacts)
                packs.save(db, self.connection, made)

    def _packs(
        self, db: Connection, account_ids: Sequence[str], contacts: Mapping[str, list[Contact]]
    ) -> dict[str, Pack]:
        """The packs that are kept, and those of the other accounts as the records tell them: in the past, of all."""
        if self._past:
            return self._past.packs(db, account_ids)
        kept = {} if self.moment.created_by else packs.read(db, self.connection, account_ids)
        missing = [account_id for account_id in account_ids if account_id not in kept]
        if not missing:
            return kept
        return kept | make_packs(db, self.connection, self.moment, missing, contacts)


def _read_accounts(db: Connection, connection: str, known_at: Moment | None) -> dict[str, Account]:
    a = _ACCOUNTS
    named = (a.id, a.name, a.domain, a.owner_id, a.customer_type, a.customer_since, a.parent_id, a.flagged)
    columns = (*named, a.customer_flag, a.tier, a.revenue, a.type, a.person, a.days, a.sponsor)
    known = known_at.known(PULLED["accounts"]) if known_at else true()
    rows = db.execute(select(*columns).where(a.connection == connection, ~a.deleted, known).order_by(a.id)).all()
    return {row[0]: _account(*row) for row in rows}


def _account(account_id: str, name: str, domain: str, *more: Any) -> Account:
    owner_id, customer_type, customer_since, parent_id, flagged, *rest = more
    customer_flag, tier, revenue, kind, person, days, sponsor = rest
    return Account(
        id=account_id,
        name=name or domain or account_id,
        domain=domain,
        owner_id=owner_id,
        sponsor=sponsor,
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
