"""What was known of accounts at any moment of the past: read from the records once, told as often as is asked.

Reading an account's touches as of a moment takes as long as reading all of them, and a replay of two years asks for 24
moments. So every activity is read with the times at which something about it became known: when it was entered itself,
and when the contacts and deals were that lead from it to the account. Between two such times nothing changes.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from rules.model import Outcome, Touch
from sync.store.moment import Moment
from sync.store.packs import ALWAYS, TOUCH_KINDS, Entry, Pack, Unpacker, microseconds
from sync.store.same_meeting import MEETING, fold
from sync.store.sql import DEAL, PULLED, chunks, table_of
from sync.store.tables import LinkRow
from sync.store.touches import Who, entry_of, linked

_ACTIVITIES, _CONTACTS, _DEALS = (PULLED[name] for name in ("activities", "contacts", "deals"))
_LINKS = table_of(LinkRow)
_EVER = date.min
#: So long after it happened, an activity was entered late.
LATE = timedelta(days=7)

_Ways = dict[str, list[tuple[int, date]]]  # by account id: each way there, from when it is known and holds
_Named = dict[str, list[tuple[int, str]]]  # contacts by id and address: from when each is known


@dataclass(frozen=True, kw_only=True, slots=True)
class _Activity:
    """One activity as an account sees it in the end."""

    row: Any
    known: int
    ways: list[tuple[int, date]]
    people: list[Who]
    theirs: dict[str, list[tuple[int, str]]]  # those of the account's contacts that took part, as in _Named

    def entry(self, at: int) -> Entry | None:
        """What was known of it at a moment, None for nothing."""
        since = min((since for known, since in self.ways if known <= at), default=None)
        if since is None or self.known > at:
            return None
        # Of two contacts with one address the last has it, as everywhere.
        named = {name: [one for known, one in some if known <= at] for name, some in self.theirs.items()}
        return entry_of(self.row, since, self.people, {name: some[-1] for name, some in named.items() if some})

    def steps(self) -> set[int]:
        """When something about it became known; nothing is before it was entered."""
        told = [*self.ways, *(one for some in self.theirs.values() for one in some)]
        return {max(self.known, known) for known, _ in told}


class Past:
    """The packs of one connection's accounts with all states of knowledge, kept in memory once they were asked for.

    `read` counts the touches in them, `late` those that were entered more than LATE after they happened.
    """

    def __init__(self, connection: str) -> None:
        self._connection = connection
        self.read = self.late = 0
        self._kept: dict[str, tuple[bytes, list[str]]] = {}
        self._others: dict[str, Past] = {}

    def of(self, connection: str) -> Past:
        """The same of another connection."""
        return self if connection == self._connection else self._others.setdefault(connection, Past(connection))

    def packs(self, db: Connection, account_ids: Sequence[str]) -> dict[str, Pack]:
        """The packs of these accounts, to be unpacked as of any moment."""
        missing = [account_id for account_id in account_ids if account_id not in self._kept]
        if missing:
            contacts, deals, ways = _ways(db, self._connection, missing)
            found = _activities(db, self._connection, contacts, ways)
            for account_id in missing:
                mine = found.get(account_id, {})
                self._count(one for copies in mine.values() for one in copies)
                pack = Pack.of((entry for copies in mine.values() for entry in _states(copies)), deals[account_id])
                self._kept[account_id] = (zlib.compress(pack.packed, 1), pack.deals)
        kept = {account_id: self._kept[account_id] for account_id in account_ids}
        return {one: Pack(packed=zlib.decompress(packed), deals=deals) for one, (packed, deals) in kept.items()}

    def _count(self, activities: Iterable[_Activity]) -> None:
        for one in activities:
            self.read += 1
            self.late += one.row.created_at is not None and one.row.created_at > one.row.at + LATE

    def touches(
        self, db: Connection, account_ids: Iterable[str], moment: Moment, user_by_email: Mapping[str, str]
    ) -> Iterator[tuple[str, tuple[Touch, ...]]]:
        """Each account's touches as of a moment, whoever was key then."""
        unpacker = Unpacker(moment, user_by_email)
        for some in chunks(account_ids, 200):
            for account_id, pack in self.packs(db, some).items():
                yield account_id, unpacker.touches(pack.packed)[0]


def _activities(
    db: Connection, connection: str, contacts: Mapping[str, _Named], ways: Mapping[str, _Ways]
) -> Mapping[str, Mapping[str, list[_Activity]]]:
    """By account, then by meeting: an activity that is no copy of a meeting is one by itself."""
    a, links = _ACTIVITIES.c, _LINKS.c
    taking_part = select(links.activity_id, links.side, links.kind, links.target).where(links.connection == connection)
    touching = select(a.id, a.kind, a.direction, a.outcome, a.at, a.on_day, a.ends_at, a.uid, a.created_at).where(
        a.connection == connection, ~a.deleted, a.outcome != str(Outcome.VOID), a.kind.in_(list(map(str, TOUCH_KINDS)))
    )
    found: dict[str, dict[str, list[_Activity]]] = defaultdict(lambda: defaultdict(list))
    for some in chunks(ways):
        people: dict[str, list[Who]] = defaultdict(list)
        for who in map(Who._make, db.execute(taking_part.where(links.activity_id.in_(some))).all()):
            people[who.activity_id].append(who)
        for row in db.execute(touching.where(a.id.in_(some))).all():
            told = people[row.id]
            meeting = next((one.target for one in told if one.kind == MEETING), f"{MEETING}:{row.id}")
            for account_id, mine in ways[row.id].items():
                named = contacts[account_id]
                theirs = {one.target: named[one.target] for one in told if one.target in named}
                activity = _Activity(row=row, known=_known(row.created_at), ways=mine, people=told, theirs=theirs)
                found[account_id][meeting].append(activity)
    return found


def _states(copies: Sequence[_Activity]) -> Iterator[Entry]:
    """The entries that stand for one activity, or for the copies of one meeting, each with the time that it held."""
    steps = sorted(set[int]().union(*(one.steps() for one in copies)))
    last: Entry | None = None
    since = ALWAYS
    meeting_of = {str(one.row.id): MEETING for one in copies} if len(copies) > 1 else {}
    for step in steps:
        entries = [entry for one in copies if (entry := one.entry(step))]
        now = next(iter(fold(entries, meeting_of)), None)
        if now != last:
            if last:
                yield replace(last, known_from=since, known_until=step)
            last, since = now, step
    if last:
        yield replace(last, known_from=since)


def _ways(
    db: Connection, connection: str, account_ids: Sequence[str]
) -> tuple[dict[str, _Named], dict[str, set[str]], dict[str, _Ways]]:
    """Contacts by account, the ids of deals that links lead to by account, and all ways by activity id."""
    ways: dict[str, _Ways] = defaultdict(lambda: defaultdict(list))
    deals: dict[str, set[str]] = {account_id: set() for account_id in account_ids}
    for link in linked(db, connection, "account", account_ids):
        ways[link.activity_id][link.target].append((ALWAYS, _EVER))
        if link.activity_id.startswith(DEAL):
            deals[link.target].add(link.activity_id.removeprefix(DEAL))
    contacts, leading = _contacts(db, connection, account_ids)
    leading["deal"] = _deals(db, connection, deals)
    for kind, targets in leading.items():
        for link in linked(db, connection, kind, targets):
            if kind != "address" or link.side == "theirs":
                for account_id, some in targets[link.target].items():
                    ways[link.activity_id][account_id] += some
    return contacts, deals, ways


def _contacts(
    db: Connection, connection: str, account_ids: Sequence[str]
) -> tuple[dict[str, _Named], dict[str, dict[str, _Ways]]]:
    """Contacts by account, and the ways to accounts by `contact` and `address`."""
    c = _CONTACTS.c
    known = select(c.id, c.account_id, c.email, c.created_at).where(
        c.connection == connection, ~c.deleted, c.account_id.in_(account_ids)
    )
    contacts: dict[str, _Named] = {account_id: defaultdict(list) for account_id in account_ids}
    by_id: dict[str, _Ways] = {}
    by_address: dict[str, _Ways] = defaultdict(lambda: defaultdict(list))
    for contact_id, account_id, email, created_at in sorted(db.execute(known).all(), key=lambda row: str(row.id)):
        since = _known(created_at)
        by_id[contact_id] = {account_id: [(since, _EVER)]}
        if email:
            by_address[email][account_id].append((since, _EVER))
        for name in filter(None, (contact_id, email)):
            contacts[account_id][name].append((since, contact_id))
    return contacts, {"contact": by_id, "address": by_address}


def _deals(db: Connection, connection: str, linked_deals: Mapping[str, set[str]]) -> dict[str, _Ways]:
    """Won deals, each with the ways to accounts: its own, else those that links tell."""
    d = _DEALS.c
    won = select(d.id, d.account_id, d.closed_on, d.created_at).where(
        d.connection == connection, ~d.deleted, d.won, d.closed_on.is_not(None)
    )
    accounts: dict[str, set[str]] = defaultdict(set)
    for account_id, ids in linked_deals.items():
        for deal_id in ids:
            accounts[deal_id].add(account_id)
    rows = [row for some in chunks(linked_deals) for row in db.execute(won.where(d.account_id.in_(some)))]
    for some in chunks(accounts):
        rows += db.execute(won.where(d.account_id.is_(None), d.id.in_(some)))
    return {
        deal_id: {one: [(_known(created_at), closed_on)] for one in ({own} if own else accounts[deal_id])}
        for deal_id, own, closed_on, created_at in rows
    }


def _known(created_at: datetime | None) -> int:
    return ALWAYS if created_at is None else microseconds(created_at)
