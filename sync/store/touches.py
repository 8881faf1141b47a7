"""Touches of accounts: which activities belong to them, by every path, and who took part in each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from rules.model import Contact, Direction, Kind, Outcome, Touch
from sync.store.moment import Moment
from sync.store.records import PULLED, chunks, table_of
from sync.store.tables import LinkRow

_ACTIVITIES, _LINKS = PULLED["activities"], table_of(LinkRow)
_TOUCH_KINDS = {str(kind): kind for kind in (Kind.EMAIL, Kind.CALL, Kind.MEETING, Kind.MESSAGE)}
# A look-up each, where making a StrEnum of a string takes ten times as long: there are millions of touches.
_DIRECTIONS = {str(direction): direction for direction in Direction}
_OUTCOMES = {str(outcome): outcome for outcome in Outcome}

Accounts = Mapping[str, Iterable[str]]  # account ids by what leads to them
_Who = Row[str, str, str, str]  # activity id, side, kind, target


class Link(NamedTuple):
    """A link from the side of what it leads to."""

    target: str
    side: str
    activity_id: str


def linked(db: Connection, connection: str, kind: str, targets: Iterable[str]) -> Iterator[Link]:
    """Every link of that kind to one of the targets."""
    links = _LINKS.c
    to = select(links.target, links.side, links.activity_id).where(links.connection == connection, links.kind == kind)
    for some in chunks(targets):
        yield from (Link(*row) for row in db.execute(to.where(links.target.in_(some))).all())


def belonging(
    db: Connection, connection: str, told: Iterable[Link], leading: Mapping[str, Accounts]
) -> dict[str, set[str]]:
    """Account ids by activity id: those that links tell, and through what leads to accounts, by kind of link: a
    contact, a contact's address, a deal.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for link in told:
        found[link.activity_id].add(link.target)
    for kind, accounts in leading.items():
        for link in linked(db, connection, kind, accounts):
            if kind != "address" or link.side == "theirs":
                found[link.activity_id].update(accounts[link.target])
    return found


class TouchReader:
    """Touches of one connection at one moment."""

    def __init__(self, connection: str, moment: Moment, user_by_email: Mapping[str, str]) -> None:
        a, links = _ACTIVITIES.c, _LINKS.c
        self._moment, self._user_by_email = moment, user_by_email
        self._activities = select(a.id, a.kind, a.direction, a.outcome, a.at, a.on_day, a.ends_at).where(
            a.connection == connection, ~a.deleted, a.outcome != str(Outcome.VOID), moment.known(_ACTIVITIES)
        )
        self._people = select(links.activity_id, links.side, links.kind, links.target).where(
            links.connection == connection
        )

    def read(
        self, db: Connection, accounts: Mapping[str, Iterable[str]], contacts: Mapping[str, list[Contact]]
    ) -> dict[str, list[Touch]]:
        """Touches by account, sorted by (at, id); `accounts` as `belonging` tells them, `contacts` by account."""
        # A contact of the account is found by its id or by its address.
        theirs = {
            account_id: {name: contact.id for contact in some for name in (contact.id, contact.email) if name}
            for account_id, some in contacts.items()
        }
        touches: dict[str, list[Touch]] = defaultdict(list)
        for some in chunks(accounts):
            people: dict[str, list[_Who]] = defaultdict(list)
            for who in db.execute(self._people.where(_LINKS.c.activity_id.in_(some))).all():
                people[who[0]].append(who)
            for row in db.execute(self._activities.where(_ACTIVITIES.c.id.in_(some))).all():
                day = self._day(row.at, row.on_day, row.ends_at)
                if day is None or row.kind not in _TOUCH_KINDS:
                    continue
                for account_id in accounts[row.id]:
                    touches[account_id].append(self._touch(row, day, people[row.id], theirs.get(account_id, {})))
        for mine in touches.values():
            mine.sort(key=attrgetter("at", "id"))
        return touches

    def _day(self, at: datetime, on_day: date | None, ends_at: datetime | None) -> date | None:
        """The local day, None for what is not over."""
        moment = self._moment
        if on_day:
            return on_day if on_day <= moment.today else None
        if at > moment.cutoff or (ends_at and ends_at > moment.cutoff):
            return None
        day = at.astimezone(moment.timezone).date()
        return day if day <= moment.today else None

    def _touch(self, row: Any, day: date, people: Iterable[_Who], theirs: Mapping[str, str]) -> Touch:
        ours: set[str] = set()
        customers: set[str] = set()
        declined: set[str] = set()
        for _, side, named, target in people:
            if side == "ours":
                ours.add(target if named == "user" else self._user_by_email.get(target, ""))
            elif side in ("theirs", "declined") and target in theirs:
                (customers if side == "theirs" else declined).add(theirs[target])
        outcome = _OUTCOMES[row.outcome]
        if row.kind == Kind.MEETING and declined and customers <= declined:
            outcome = Outcome.ATTEMPTED  # nobody of theirs came
        return Touch(
            id=row.id,
            kind=_TOUCH_KINDS[row.kind],
            direction=_DIRECTIONS[row.direction],
            outcome=outcome,
            at=row.at,
            day=day,
            ours=tuple(sorted(ours - {""})),
            theirs=tuple(sorted(customers - declined)),
        )
