"""Who of ours meets whom of theirs when: each executive exchange of a key account as an entry, for lists and calendars.

Held and booked are exchanges with the executives that `exec-reach-lapse` looks at; due is its day for the next one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from icalendar import Calendar, Event

from rules.catalog.exec_reach_lapse import ExecReachLapse
from rules.facts import AccountFacts
from rules.model import Touch
from rules.people_measures import contact_text, is_senior
from rules.two_way import two_way
from sync.pages.checkins import CheckIn, State
from sync.pages.words import harmless
from sync.people import People

_DAYS_BACK = 365
_FIRST = date(2020, 1, 1)  # numbers of revisions count days from here

COLUMNS = ("connection", "account", "account_id", "state", "day", "ours", "theirs", "how")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One exchange: `state` is held, booked, due or lapsed, `day` that of the exchange or on which it falls due.

    `uid` is the same for the same exchange whatever its day becomes; an account has one that is due.
    """

    uid: str
    account: str
    account_id: str
    state: str
    day: date
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    how: str

    def row(self, connection: str) -> tuple[str, ...]:
        """Return the cells of COLUMNS."""
        people = "; ".join(self.ours), "; ".join(self.theirs)
        return connection, self.account, self.account_id, self.state, self.day.isoformat(), *people, self.how


def agenda(
    connection: str, facts: AccountFacts, seen: CheckIn, params: ExecReachLapse, people: People
) -> tuple[Entry, ...]:
    """Return the exchanges of 12 months, those booked and the one that is due, by day; none where nobody can tell."""
    if seen.state is State.UNKNOWN:
        return ()
    executives = {one.id: contact_text(one) for one in facts.contacts if is_senior(facts, one, params.level)}
    after = facts.today - timedelta(days=_DAYS_BACK)
    held = _once_a_day({touch.id: touch for touch, _, one in two_way(facts, after) if one in executives}.values())
    booked = [touch for touch in facts.upcoming if not executives.keys().isdisjoint(touch.theirs)]

    def entry(touch: Touch, state: str) -> Entry:
        return Entry(
            uid=_uid(connection, facts.account.id, touch.id),
            account=facts.account.name,
            account_id=facts.account.id,
            state=state,
            day=touch.day,
            ours=tuple(people.name(one) for one in touch.ours),
            theirs=tuple(executives[one] for one in touch.theirs if one in executives),
            how=str(touch.kind),
        )

    found = [*(entry(one, "held") for one in held), *(entry(one, "booked") for one in booked)]
    found += _due(connection, facts, seen, _host(facts, held, people))
    return tuple(sorted(found, key=lambda one: (one.day, one.uid)))


def _once_a_day(touches: Iterable[Touch]) -> list[Touch]:
    """Return the first of those that the same people had on one day by one channel: a mail and its answer are one."""
    first: dict[object, Touch] = {}
    for touch in sorted(touches, key=lambda one: (one.at, one.id)):
        first.setdefault((touch.day, touch.kind, touch.ours, touch.theirs), touch)
    return list(first.values())


def _due(connection: str, facts: AccountFacts, seen: CheckIn, ours: tuple[str, ...]) -> Iterator[Entry]:
    if seen.due_on:
        yield Entry(
            uid=_uid(connection, facts.account.id, "due"),
            account=facts.account.name,
            account_id=facts.account.id,
            state="lapsed" if seen.state is State.LAPSED else "due",
            day=seen.due_on,
            ours=ours,
            theirs=(seen.executive,) if seen.executive else (),
            how="",
        )


def _host(facts: AccountFacts, held: Sequence[Touch], people: People) -> tuple[str, ...]:
    """Return who should go next: an executive of ours who went before, else whoever went last, else the owner."""
    latest = sorted(held, key=lambda one: (one.at, one.id), reverse=True)
    active = [one for touch in latest for one in touch.ours if one in facts.users and facts.users[one].active]
    hosts = [*(one for one in active if one in facts.executives), *active, facts.account.owner_id]
    return tuple(people.name(one) for one in hosts[:1] if one)


def _uid(connection: str, account_id: str, what: str) -> str:
    digest = hashlib.sha256(f"{connection}\0{account_id}\0{what}".encode()).hexdigest()
    return f"{digest[:32]}@holdfast"


def icalendar_of(entries: Sequence[tuple[str, Entry]], now: datetime) -> bytes:
    """Return an iCalendar (RFC 5545) of all-day events from (connection, entry): imported again, it updates them."""
    begin, end = _frame()
    return b"".join([begin, *(event_of(connection, one, now) for connection, one in entries), end])


@contextmanager
def calendar_file(path: Path, connection: str, now: datetime) -> Iterator[Callable[[Entry], object]]:
    """Open an iCalendar file that takes its entries one by one."""
    begin, end = _frame()
    with path.open("wb") as file:
        file.write(begin)
        yield lambda one: file.write(event_of(connection, one, now))
        file.write(end)


def _frame() -> tuple[bytes, bytes]:
    """Return what stands before the events of a calendar, and after them."""
    calendar = Calendar()
    calendar.add("prodid", "-//Holdfast//Executive check-ins//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Executive check-ins")
    begin, end, _ = bytes(calendar.to_ical()).partition(b"END:VCALENDAR")
    return begin, end + b"\r\n"


def event_of(connection: str, one: Entry, now: datetime) -> bytes:
    """Return an entry as an all-day event."""
    people = " and ".join(filter(None, (", ".join(one.ours), ", ".join(one.theirs))))
    event = Event()
    event.add("uid", one.uid)
    event.add("dtstamp", now)
    # A calendar takes an event anew only with a higher number; one a day is enough, since that is what changes.
    event.add("sequence", (now.date() - _FIRST).days)
    event.add("summary", harmless(f"Executive check-in {one.state}: {one.account}"))
    event.add("description", harmless(f"{people or 'nobody named'}. {one.account_id} in {connection}"))
    event.add("dtstart", one.day)
    event.add("dtend", one.day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")  # nobody's day is taken by it
    event.add("status", "TENTATIVE" if one.state in {"due", "lapsed"} else "CONFIRMED")
    return bytes(event.to_ical())
