"""Which activities belong to accounts, by every path, and who took part in each: read from records and links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, or_, select

from rules.model import Contact, Kind, Outcome
from sync.store.moment import Moment
from sync.store.packs import TOUCH_KINDS, Entry, Pack
from sync.store.same_meeting import MEETING, fold
from sync.store.sql import DEAL, PULLED, among, chunks, table_of
from sync.store.tables import LinkRow

_ACTIVITIES, _DEALS, _LINKS = PULLED["activities"], PULLED["deals"], table_of(LinkRow)
_ALWAYS = date.min
_ACTIVITIES_AT_ONCE = 2_000

_Leading = Mapping[str, Mapping[str, date]]  # by what leads to accounts: the day from which, by account id


class Link(NamedTuple):
    """A link from the side of what it leads to."""

    target: str
    side: str
    activity_id: str


class Who(NamedTuple):
    """A link from the side of its activity."""

    activity_id: str
    side: str
    kind: str
    target: str


def linked(db: Connection, connection: str, kind: str, targets: Iterable[str]) -> Iterator[Link]:
    """Every link of that kind to one of the targets."""
    links = _LINKS.c
    to = select(links.target, links.side, links.activity_id).where(links.connection == connection, links.kind == kind)
    for some in chunks(targets):
        yield from map(Link._make, db.execute(to.where(among(db, links.target, some))).all())


def make_packs(
    db: Connection, connection: str, moment: Moment, account_ids: Sequence[str], contacts: Mapping[str, list[Contact]]
) -> dict[str, Pack]:
    """The packs of these accounts, from the records known at the moment; `contacts` by account."""
    told = list(linked(db, connection, "account", account_ids))
    deals: dict[str, set[str]] = {account_id: set() for account_id in account_ids}
    for link in told:
        if link.activity_id.startswith(DEAL):
            deals[link.target].add(link.activity_id.removeprefix(DEAL))
    by_contact: dict[str, dict[str, date]] = {}
    by_address: dict[str, dict[str, date]] = defaultdict(dict)
    for account_id, some in contacts.items():
        for contact in some:
            by_contact[contact.id] = {account_id: _ALWAYS}
            if contact.email:
                by_address[contact.email][account_id] = _ALWAYS
    by_deal = _won_since(db, connection, moment, deals)
    leading = {"contact": by_contact, "address": by_address, "deal": by_deal}
    belongs = _belonging(db, connection, told, leading)
    entries = _entries(db, connection, moment, belongs, contacts)
    return {account_id: Pack.of(entries.get(account_id, ()), deals[account_id]) for account_id in account_ids}


def _won_since(db: Connection, connection: str, moment: Moment, linked_deals: Mapping[str, set[str]]) -> _Leading:
    """Won deals, each with the accounts that it leads to: its own, else those that links tell."""
    d = _DEALS.c
    won = select(d.id, d.account_id, d.closed_on).where(
        d.connection == connection, ~d.deleted, d.won, d.closed_on.is_not(None), moment.known(_DEALS)
    )
    accounts: dict[str, set[str]] = defaultdict(set)
    for account_id, ids in linked_deals.items():
        for deal_id in ids:
            accounts[deal_id].add(account_id)
    rows = [row for some in chunks(linked_deals) for row in db.execute(won.where(d.account_id.in_(some)))]
    for some in chunks(accounts):
        rows += db.execute(won.where(d.account_id.is_(None), d.id.in_(some)))
    return {
        deal_id: dict.fromkeys((account_id,) if account_id else accounts[deal_id], closed_on)
        for deal_id, account_id, closed_on in rows
    }


def _belonging(
    db: Connection, connection: str, told: Iterable[Link], leading: Mapping[str, _Leading]
) -> dict[str, dict[str, date]]:
    """By activity id, the accounts that it belongs to, each with the day from which."""
    found: dict[str, dict[str, date]] = defaultdict(dict)
    for link in told:
        found[link.activity_id][link.target] = _ALWAYS
    for kind, accounts in leading.items():
        for link in linked(db, connection, kind, accounts):
            if kind != "address" or link.side == "theirs":
                mine = found[link.activity_id]
                for account_id, since in accounts[link.target].items():
                    mine[account_id] = min(since, mine.get(account_id, since))
    return found


def _entries(
    db: Connection,
    connection: str,
    moment: Moment,
    belongs: Mapping[str, Mapping[str, date]],
    contacts: Mapping[str, list[Contact]],
) -> Mapping[str, list[Entry]]:
    """By account id."""
    a, links = _ACTIVITIES.c, _LINKS.c
    touching = select(a.id, a.kind, a.direction, a.outcome, a.at, a.on_day, a.ends_at, a.uid).where(
        a.connection == connection, ~a.deleted, a.outcome != str(Outcome.VOID), moment.known(_ACTIVITIES)
    )
    taking_part = select(links.activity_id, links.side, links.kind, links.target).where(
        links.connection == connection, or_(links.side != "about", links.kind == MEETING)
    )
    # A contact of the account is found by its id or by its address.
    theirs = {
        account_id: {name: contact.id for contact in some for name in (contact.id, contact.email) if name}
        for account_id, some in contacts.items()
    }
    found: dict[str, list[Entry]] = defaultdict(list)
    meeting_of: dict[str, str] = {}
    # Sorted: neighbours in the index are read together.
    for some in chunks(sorted(belongs), _ACTIVITIES_AT_ONCE):
        people: dict[str, list[Who]] = defaultdict(list)
        for one in map(Who._make, db.execute(taking_part.where(among(db, links.activity_id, some))).all()):
            people[one[0]].append(one)
            if one[2] == MEETING:
                meeting_of[one[0]] = one[3]
        for row in db.execute(touching.where(among(db, a.id, some))).all():
            activity_id, kind, *_ = row
            if kind in TOUCH_KINDS:
                for account_id, since in belongs[activity_id].items():
                    found[account_id].append(entry_of(row, since, people[activity_id], theirs.get(account_id, {})))
    return {account_id: fold(some, meeting_of) for account_id, some in found.items()} if meeting_of else found


def entry_of(row: Any, since: date, people: Iterable[Who], theirs: Mapping[str, str]) -> Entry:
    """The entry of one account; `row` begins with an activity's id, kind, direction, outcome, at, on_day, ends_at, uid.

    `people` are those who took part, `theirs` the account's contacts by id and address.
    """
    ours: set[tuple[str, str]] = set()
    customers: set[str] = set()
    declined: set[str] = set()
    for _, side, kind, target in people:
        if side == "ours":
            ours.add((kind, target))
        elif side in ("theirs", "declined") and target in theirs:
            (customers if side == "theirs" else declined).add(theirs[target])
    activity_id, kind, direction, outcome, at, on_day, ends_at, uid, *_ = row
    nobody_came = bool(declined) and kind == Kind.MEETING and customers <= declined
    return Entry(
        id=activity_id,
        kind=kind,
        direction=direction,
        outcome=str(Outcome.ATTEMPTED) if nobody_came else outcome,
        at=at,
        ends_at=ends_at,
        on_day=on_day,
        since=None if since == _ALWAYS else since,
        ours=tuple(sorted(ours)),
        # Whoever was asked and did not come was tried; beside others who came, they just were not there.
        theirs=tuple(sorted(customers | declined if nobody_came else customers - declined)),
        uid=uid,
    )
