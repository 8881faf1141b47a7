"""What one connection knows of accounts: read from its records, with the touches from packs where those are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection, Engine

from rules.model import Contact, TeamMember
from sync.store import packs
from sync.store.deals import read_deals
from sync.store.mailings import read_mailings
from sync.store.moment import Moment
from sync.store.packs import Pack, Unpacker
from sync.store.past import Past
from sync.store.people import read_contacts, read_team
from sync.store.sql import chunks
from sync.store.tickets import read_tickets
from sync.store.touches import make_packs
from sync.store.uncollected import uncollected
from sync.store.union import Names, Part
from sync.store.whole import former_owners

ACCOUNTS_AT_ONCE = 200


class PartsReader:
    """Parts of one connection's accounts as of a moment; `people` and `user_by_email` name ours as the reader does.

    With a `past`, packs come from there. `needs` are the record kinds that rules need.
    """

    def __init__(
        self,
        connection: str,
        moment: Moment,
        people: Names,
        user_by_email: Mapping[str, str],
        *,
        needs: frozenset[str],
        past: Past | None,
    ) -> None:
        self._connection, self._moment, self._needs, self._past = connection, moment, needs, past
        # Their own reader calls users as they are called here.
        self._called = str if people.own == connection else partial(people.called, connection)
        self._unpacker = Unpacker(moment, user_by_email, self._called)

    def read(self, db: Connection, account_ids: Sequence[str], *, marked: bool = False) -> dict[str, Part]:
        """The parts of these accounts, with the marks of their touches if asked for."""
        connection, moment, called = self._connection, self._moment, self._called
        contacts = read_contacts(db, connection, moment, account_ids)
        packed = self._packs(db, account_ids, contacts)
        deals = read_deals(db, connection, moment, {account_id: one.deals for account_id, one in packed.items()})
        team = read_team(db, connection, moment, account_ids if "team" in self._needs else ())
        tickets = read_tickets(db, connection, moment, account_ids if "tickets" in self._needs else ())
        mailings = read_mailings(db, connection, moment, account_ids if "mailings" in self._needs else ())
        owners = former_owners(db, connection, account_ids, moment.today)
        found = {}
        for account_id in account_ids:
            touches, upcoming = self._unpacker.touches(packed[account_id].packed)
            found[account_id] = Part(
                connection=connection,
                account_id=account_id,
                contacts=tuple(contacts.get(account_id, ())),
                touches=touches,
                upcoming=upcoming,
                deals=tuple(deals.get(account_id, ())),
                team=tuple(self._ours(one) for one in team.get(account_id, ())),
                tickets=tuple(tickets.get(account_id, ())),
                mailings=tuple(mailings.get(account_id, ())),
                former_owners={called(user_id): day for user_id, day in owners.get(account_id, {}).items()},
                marks=self._unpacker.marks(packed[account_id].packed) if marked else {},
            )
        return found

    def _ours(self, member: TeamMember) -> TeamMember:
        name = self._called(member.user_id)
        return member if name == member.user_id else replace(member, user_id=name)

    def pack(self, engine: Engine, account_ids: Iterable[str]) -> None:
        """Keep the packs of those of these accounts that have none; only a cycle may, alone on the connection."""
        with engine.connect() as db:
            have = packs.have(db, self._connection)
        for some in chunks((one for one in account_ids if one not in have), ACCOUNTS_AT_ONCE):
            with uncollected(), engine.begin() as db:
                contacts = read_contacts(db, self._connection, self._moment, some)
                made = make_packs(db, self._connection, self._moment, some, contacts)
                packs.save(db, self._connection, made)

    def _packs(
        self, db: Connection, account_ids: Sequence[str], contacts: Mapping[str, list[Contact]]
    ) -> dict[str, Pack]:
        """The packs that are kept, and those of the other accounts as the records tell them: in the past, of all."""
        if self._past:
            return self._past.of(self._connection).packs(db, account_ids)
        kept = {} if self._moment.created_by else packs.read(db, self._connection, account_ids)
        missing = [account_id for account_id in account_ids if account_id not in kept]
        if not missing:
            return kept
        return kept | make_packs(db, self._connection, self._moment, missing, contacts)
