"""The people and accounts of a connection and of those that it is judged together with, each once.

A connection without such others is the same with none: nothing of it is renamed or copied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, reduce

from sqlalchemy import Connection

from rules.model import Account, User
from rules.revenue import Revenue, revenue_of
from sync.store import cycles, match_state, matches
from sync.store.accounts import one_account, read_accounts
from sync.store.deals import read_revenues, read_won
from sync.store.logged import Newest, by_user, newest
from sync.store.matches import Match
from sync.store.moment import Moment
from sync.store.people import by_email, read_users
from sync.store.union import Names, Part, Ref, merged
from sync.store.whole import untold

_FRESH = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What one connection tells as of a moment of its people and accounts, by its own ids."""

    users: Mapping[str, User]
    accounts: Mapping[str, Account]
    revenues: Mapping[str, Revenue]
    logged: Newest
    untold: Mapping[str, str]
    arrived: frozenset[str] = frozenset()  # the record kinds that its newest cycle brought whole, less than a day ago

    @classmethod
    def read(
        cls, db: Connection, connection: str, moment: Moment, needs: frozenset[str], known_at: Moment | None
    ) -> Source:
        users = read_users(db, connection)
        return cls(
            users=users,
            accounts=read_accounts(db, connection, known_at, by_email(users.values())),
            revenues=read_revenues(db, connection, moment),
            logged=newest(db, connection, moment),
            untold=untold(db, connection, moment, needs),
            arrived=cycles.whole_since(db, connection, moment.cutoff - _FRESH),
        )


@dataclass(kw_only=True)
class Together:
    """`sources` are by connection, the reader's `own` first. `parties` are the sets of accounts that are one, by the
    name that each goes by: its members, the home first.
    """

    own: str
    sources: Mapping[str, Source]
    people: Names
    places: Names  # the accounts
    parties: Mapping[str, Sequence[Ref]] = field(default_factory=dict)
    news: Mapping[str, int] = field(default_factory=dict)  # by the same name: higher once anything in a set changed
    is_matched: bool = True  # whether all sources have been matched with each other

    @classmethod
    def read(
        cls,
        db: Connection,
        connection: str,
        others: Iterable[str],
        moment: Moment,
        *,
        needs: frozenset[str],
        known_at: Moment | None,
    ) -> Together:
        """Read the sources; what is one is told by the last matching, of what was known at the moment."""
        names = (connection, *sorted({*others} - {connection}))
        sources = {name: Source.read(db, name, moment, needs, known_at) for name in names}
        if len(names) == 1:
            return cls(own=connection, sources=sources, people=Names(own=connection), places=Names(own=connection))
        users = {
            ref: one.party for ref, one in matches.read(db, names, "user").items() if ref[1] in sources[ref[0]].users
        }
        accounts = {
            ref: one for ref, one in matches.read(db, names, "account").items() if ref[1] in sources[ref[0]].accounts
        }
        sets = _sets(accounts)
        places = Names.of(connection, {ref: one.party for ref, one in accounts.items()}, {some[0] for some in sets})
        called = {places.called(*some[0]): some for some in sets}
        return cls(
            own=connection,
            sources=sources,
            people=Names.of(connection, users),
            places=places,
            parties={name: some for name, some in called.items() if len(some) > 1},
            news={name: accounts[some[0]].news for name, some in called.items() if len(some) > 1},
            is_matched=len(match_state.matched(db, names)) == len(names),
        )

    def members(self, name: str) -> Sequence[Ref]:
        """The records of the account that goes by that name, the home first."""
        found = self.parties.get(name)
        return found or [(self.own, name) if name in self.sources[self.own].accounts else self._of_others[name]]

    def told(self, name: str) -> str:
        """The records that are one with that account, in words that change whenever anything about them does; empty
        where there is no other.
        """
        return f"{self.parties[name]} {self.news[name]}" if name in self.parties else ""

    @cached_property
    def elsewhere(self) -> Mapping[str, Ref]:
        """The homes of those of the reader's own accounts whose home is another, by id."""
        return {ref[1]: refs[0] for refs in self.parties.values() for ref in refs[1:] if ref[0] == self.own}

    @cached_property
    def _of_others(self) -> Mapping[str, Ref]:
        return {
            self.places.called(connection, account_id): (connection, account_id)
            for connection, source in self.sources.items()
            for account_id in (source.accounts if connection != self.own else ())
        }

    def each(self) -> Iterator[Mapping[str, Account]]:
        """Yield each source's accounts, as they stand there, by the name that they go by."""
        for connection, source in self.sources.items():
            yield {self.places.called(connection, one): account for one, account in source.accounts.items()}

    @cached_property
    def users(self) -> Mapping[str, User]:
        """All our people by name. What our own connection says of somebody comes before what others do."""
        own, *others = self.sources
        found = dict(self.sources[own].users)
        for connection in others:
            for user in self.sources[connection].users.values():
                name = self.people.called(connection, user.id)
                manager_id = user.manager_id and self.people.called(connection, user.manager_id)
                theirs = replace(user, id=name, manager_id=manager_id)
                found[name] = _one_user(found[name], theirs) if name in found else theirs
        return found

    @cached_property
    def user_by_email(self) -> Mapping[str, str]:
        """Names by every address that any CRM has of somebody."""
        found: dict[str, str] = {}
        for connection, source in reversed(list(self.sources.items())):
            told = by_email(source.users.values())
            found |= {email: self.people.called(connection, user_id) for email, user_id in told.items()}
        return found

    def with_email(self, emails: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield (name, address) of everybody who has one of these."""
        for connection, source in self.sources.items():
            for user in source.users.values() if emails else ():
                if user.email in emails:
                    yield self.people.called(connection, user.id), user.email

    def last_logged(self, moment: Moment) -> dict[str, date]:
        """The local day of each person's newest activity in any CRM."""
        found: dict[str, date] = {}
        for connection, source in self.sources.items():
            logged = source.logged
            if connection != self.own:
                named = ((kind, self.people.called(connection, who) if kind == "user" else who) for kind, who in logged)
                logged = dict(zip(named, logged.values(), strict=True))
            for user_id, day in by_user(logged, moment, self.user_by_email).items():
                found[user_id] = max(day, found.get(user_id, day))
        return found

    @cached_property
    def accounts(self) -> Mapping[str, Account]:
        """Every account of all sources by name, what is one as one."""
        if len(self.sources) == 1:
            return self.sources[self.own].accounts
        found = {
            name: self._seen(connection, account)
            for connection, source in self.sources.items()
            for account in source.accounts.values()
            if (name := self.places.called(connection, account.id)) not in self.parties
        }
        for name, refs in self.parties.items():
            found[name] = reduce(one_account, (self._seen(one, self.sources[one].accounts[ref]) for one, ref in refs))
        return found

    def revenues(self, db: Connection, moment: Moment) -> dict[str, Revenue]:
        """What was won with each of these accounts, if anything ever was; a deal that two CRMs know counts once."""
        found = {
            self.places.called(connection, account_id): revenue
            for connection, source in reversed(list(self.sources.items()))
            for account_id, revenue in source.revenues.items()
        }
        won = {
            name: [ref for ref in refs if ref[1] in self.sources[ref[0]].revenues]
            for name, refs in self.parties.items()
        }
        return found | self._won_in_several({name: refs for name, refs in won.items() if len(refs) > 1}, db, moment)

    def untold(self, name: str) -> Mapping[str, str]:
        """What no CRM can tell that knows the account of that name, in the words of its home's."""
        home, *others = (self.sources[connection].untold for connection, _ in self.members(name))
        return {word: why for word, why in home.items() if all(word in one for one in others)} if others else home

    def merged(self, db: Connection, parts: Mapping[str, Sequence[Part]]) -> dict[str, Part]:
        """The parts of each account as one."""
        several = [part for some in parts.values() if len(some) > 1 for part in some]
        contacts, deals = (
            _same(db, self.sources, kind, [one.id for part in several for one in getattr(part, f"{kind}s")])
            for kind in ("contact", "deal")
        )
        return {name: merged(some, contacts, deals) for name, some in parts.items()}

    def _won_in_several(self, won: Mapping[str, Sequence[Ref]], db: Connection, moment: Moment) -> dict[str, Revenue]:
        wanted = {ref for refs in won.values() for ref in refs}
        deals = {
            (connection, account_id): some
            for connection in self.sources
            for account_id, some in read_won(
                db, connection, moment, {account_id for name, account_id in wanted if name == connection}
            ).items()
        }
        same = _same(db, self.sources, "deal", [deal.id for some in deals.values() for deal in some])
        parts = {ref: Part(connection=ref[0], account_id=ref[1], deals=deals[ref]) for ref in wanted}
        return {
            name: revenue_of(merged([parts[ref] for ref in refs], {}, same).deals, moment.today)
            for name, refs in won.items()
        }

    def _seen(self, connection: str, account: Account) -> Account:
        """An account by the reader's names."""
        name = self.places.called(connection, account.id)
        parent_id = account.parent_id and self.places.called(connection, account.parent_id)
        called, users, sponsor = self.people.called, self.sources[connection].users, account.sponsor
        owner_id = account.owner_id and called(connection, account.owner_id)
        # By an id, or by an address that its own CRM has of nobody.
        sponsor = sponsor and (
            called(connection, sponsor) if sponsor in users else self.user_by_email.get(sponsor, sponsor)
        )
        if (name, parent_id, owner_id, sponsor) == (account.id, account.parent_id, account.owner_id, account.sponsor):
            return account
        return replace(account, id=name, parent_id=parent_id, owner_id=owner_id, sponsor=sponsor)


def _same(db: Connection, connections: Collection[str], kind: str, ids: Collection[str]) -> dict[Ref, str]:
    """The sets of contacts or deals that any of these ids stands in, by the members."""
    return {ref: one.party for ref, one in matches.read(db, connections, kind, ids).items()} if ids else {}


def _sets(accounts: Mapping[Ref, Match]) -> list[list[Ref]]:
    """The members of each set that are known, the home first; where that is not known, the first of them is it."""
    found: dict[str, list[Ref]] = defaultdict(list)
    for ref, one in accounts.items():
        found[one.party].append(ref)
    return [sorted(some, key=lambda ref: (not accounts[ref].home, ref)) for some in found.values()]


def _one_user(first: User, other: User) -> User:
    return replace(
        first,
        email=first.email or other.email,
        title=first.title or other.title,
        manager_id=first.manager_id or other.manager_id,
        department=first.department or other.department,
    )
