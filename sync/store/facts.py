"""Reading facts: what is known about accounts as of a moment, in chunks of accounts, so that memory stays flat."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from types import MappingProxyType

from sqlalchemy import Connection, Engine

from rules.customers import CustomerSettings, Revenue, standings
from rules.exemptions import Waiver, waived
from rules.facts import AccountFacts, Peers, Standing
from rules.measures import coverage
from rules.model import Account
from rules.titles import BUILT_IN, TitleRules
from rules.wording import say
from sync.store.moment import Moment
from sync.store.parts import ACCOUNTS_AT_ONCE, PartsReader
from sync.store.past import Past
from sync.store.sql import chunks
from sync.store.together import Together
from sync.store.uncollected import uncollected
from sync.store.union import Part, Ref

__all__ = ["FactsReader", "Moment"]

_ATTENTION_DAYS = 365
_NOTHING_WON = Revenue()
_NOBODY: Mapping[str, str] = MappingProxyType({})


class FactsReader:
    """Facts of one connection at one moment. People and standings are read once, accounts in chunks.

    People are told by their addresses: whom no measure counts, our executives, and who takes over from whom. With a
    `past`, packs come from there, and accounts that were entered after the moment are none yet. `needs` are the record
    kinds that rules need: of those that are read on demand, the others are left out. `others` are the connections that
    are judged together with this one: an account that is one with some of theirs is told as one, by its home.
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
        others: Collection[str] = (),
    ) -> None:
        self._engine, self.connection, self.moment, self._titles = engine, connection, moment, titles
        self.today, self._past = moment.today, past
        known_at = moment if past else None
        with uncollected(), engine.connect() as db:
            self.together = whole = Together.read(db, connection, others, moment, needs=needs, known_at=known_at)
            revenues = whole.revenues(db, moment)
        self.users, self.user_by_email = whole.users, whole.user_by_email
        self.logged, self.untold = whole.sources[connection].logged, whole.sources[connection].untold
        self._stands = standings(
            ((account, revenues.get(name, _NOTHING_WON)) for name, account in whole.accounts.items()),
            customers,
            moment.today,
            known_as=whole.each() if others else (),
        )
        self.accounts: Mapping[str, Account] = {
            account_id: account if account_id in whole.elsewhere else whole.accounts[account_id]
            for account_id, account in whole.sources[connection].accounts.items()
        }
        self.standings: Mapping[str, Standing] = {
            account_id: self._stands[account_id] if home is None else _elsewhere(home, whole)
            for account_id in self.accounts
            for home in (whole.elsewhere.get(account_id),)
        }
        self.waived = _waived(waivers, whole, moment.today)
        self.last_logged = whole.last_logged(moment)
        self._parts = {
            name: PartsReader(name, moment, whole.people, self.user_by_email, needs=needs, past=past)
            for name in whole.sources
        }
        self.ignored, self._executives = (
            frozenset(user_id for user_id, _ in whole.with_email(emails))
            for emails in (ignored_emails, executive_emails)
        )
        self._successors = {
            user_id: successor
            for user_id, email in whole.with_email(successor_emails)
            if (successor := self.user_by_email.get(successor_emails[email]))
        }
        self._holidays = holidays
        self._with_peers, self._needs = with_peers, needs

    @cached_property
    def peers(self) -> Peers | None:
        """What quiet-key-account compares with, by one pass over all key accounts with revenue."""
        if not self._with_peers:
            return None
        revenues = {
            name: standing.revenue
            for name, standing in self._stands.items()
            if _is_read(standing) and standing.revenue and standing.revenue > 0
        }
        attention = (
            coverage(facts, _ATTENTION_DAYS).total / (revenues[facts.account.id] / 1000)
            for facts in self._read(sorted(revenues), None)
        )
        return Peers(attention=tuple(sorted(attention)))

    @cached_property
    def sponsored(self) -> Mapping[str, int]:
        """How many key accounts name each of our people as their sponsor, by user id."""
        accounts = self.together.accounts.values()
        return Counter(one.sponsor for one in accounts if one.sponsor and _is_read(self._stands[one.id]))

    def read(self, account_ids: Iterable[str] | None = None) -> Iterator[AccountFacts]:
        """Facts of these accounts, else of all, in the order of their ids. Of accounts that are not key and whose key
        cannot be judged, people, touches and deals are left out: no rule speaks of them.
        """
        yield from self._read(account_ids, self.peers)

    def _read(self, names: Iterable[str] | None, peers: Peers | None) -> Iterator[AccountFacts]:
        """Facts of accounts by name: of our own, and of others that we are compared with."""
        for some in chunks(self.accounts if names is None else names, ACCOUNTS_AT_ONCE):
            with self._engine.connect() as db:
                parts = self._whole_parts(db, [name for name in some if _is_read(self._standing(name))])
            for name in some:
                part = parts.get(name) or Part(connection=self.connection, account_id=name)
                account = self.accounts.get(name) or self.together.accounts[name]
                yield AccountFacts(
                    today=self.moment.today,
                    account=account,
                    standing=self._standing(name),
                    users=self.users,
                    contacts=part.contacts,
                    touches=part.touches,
                    deals=part.deals,
                    team=part.team,
                    tickets=part.tickets,
                    mailings=part.mailings,
                    last_logged=self.last_logged,
                    ignored=self.ignored,
                    titles=self._titles,
                    upcoming=part.upcoming,
                    executives=self._executives,
                    successors=self._successors,
                    former_owners={one: day for one, day in part.former_owners.items() if one != account.owner_id},
                    holidays=self._holidays,
                    untold=self.together.untold(name),
                    waived=self.waived.get(name, _NOBODY),
                    peers=peers,
                    sponsored=self.sponsored,
                    sources=part.sources,
                )

    def _whole_parts(self, db: Connection, names: Sequence[str]) -> dict[str, Part]:
        """What all connections know of these accounts, each as one."""
        members = {name: self.together.members(name) for name in names}
        wanted: dict[str, dict[str, bool]] = defaultdict(dict)  # by connection: the ids, and whether they have others
        for refs in members.values():
            for connection, account_id in refs:
                wanted[connection][account_id] = len(refs) > 1
        parts: dict[Ref, Part] = {}
        for connection, ids in wanted.items():
            for alone in (True, False):
                some = [account_id for account_id, with_others in ids.items() if with_others != alone]
                found = self._parts[connection].read(db, some, marked=not alone) if some else {}
                parts |= {(connection, account_id): part for account_id, part in found.items()}
        return self.together.merged(db, {name: [parts[ref] for ref in refs] for name, refs in members.items()})

    def is_read(self, account_id: str) -> bool:
        """Whether a rule may speak of the account, so that all of it is read."""
        return _is_read(self.standings[account_id])

    def _standing(self, name: str) -> Standing:
        return self.standings.get(name) or self._stands[name]

    def pack(self) -> None:
        """Keep the packs of the accounts that are read in full, here or with others, and have none; only a cycle may,
        alone on the connection.
        """
        names = ((one, self.together.places.called(self.connection, one)) for one in self.accounts)
        wanted = (account_id for account_id, name in names if _is_read(self._stands[name]))
        self._parts[self.connection].pack(self._engine, wanted)


def _is_read(standing: Standing) -> bool:
    return standing.customer and bool(standing.key)


def _elsewhere(home: Ref, whole: Together) -> Standing:
    """How an account stands that is judged as one with its home in another connection: as no customer here."""
    connection, account_id = home
    name = whole.sources[connection].accounts[account_id].name
    why = say("judged as one with {connection}: {name} ({id})", connection=connection, name=name, id=account_id)
    return Standing(customer=False, key=False, why=why, excluded=why, elsewhere=True)


def _waived(waivers: Iterable[Waiver], whole: Together, today: date) -> dict[str, Mapping[str, str]]:
    """Why rules are waived, by account and rule; a waiver names an account as any of its CRMs does."""
    some, found = tuple(waivers), dict[str, Mapping[str, str]]()
    for connection, source in whole.sources.items():
        for account_id, rules in waived(some, source.accounts.values(), today).items():
            name = whole.places.called(connection, account_id)
            found[name] = {**rules, **found.get(name, {})}
    return found
