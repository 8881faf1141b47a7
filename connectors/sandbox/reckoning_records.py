"""What each CRM keeps of a touch, where that is less than what happened, and an account as it then appears there.

Both loads (`salesforce_load.py`, `hubspot_load.py`) put the same touch down in their CRM's own way, and some of it is
lost there: a second sender, the outcome of a meeting, the hour of a call. Rows are taken to refer to rows, every touch
to name one of ours at least, and what lies ahead to be meetings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from connectors.sandbox.company import SeedAccount, SeedDeal, SeedTouch

Crm = Literal["salesforce", "hubspot", "both"]  # both: who takes them as one
CRMS: tuple[Crm, ...] = ("salesforce", "hubspot")
TwoWay = tuple[str, str, date]  # one of ours, one of theirs (empty where nobody is named), local day

WINDOW_DAYS = 365
HEAD, VP, C = 3, 4, 5  # how senior; below are 2 manager, 1 other, 0 no title

_NOBODY_THERE = frozenset({"no-answer", "voicemail", "live-message", "wrong-number", "busy"})
_CANCELLED = frozenset({"cancelled", "canceled"})
_HELD_CALL_MINUTES = 2
_ANSWER_WITHIN = timedelta(hours=30 * 24)
_NOON = time(12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A touch as a CRM keeps it. Messages are `sent`; calls and meetings `held` or `attempted`."""

    kind: Literal["message", "call", "meeting"]
    state: Literal["sent", "held", "attempted"]
    direction: str  # inbound | outbound | empty
    at: datetime
    day: date
    ours: tuple[str, ...]
    theirs: tuple[str, ...]

    @property
    def is_try(self) -> bool:
        """Whether we wrote, or called or came and nobody was there."""
        return self.direction == "outbound" if self.kind == "message" else self._missed

    @property
    def _missed(self) -> bool:
        return self.state == "attempted" and self.direction != "inbound"


def records(touch: SeedTouch, crm: Crm, zone: ZoneInfo, without_address: Collection[str]) -> list[Record]:
    """The records of one touch: none where the CRM says that it came to nothing, several where it needs several.

    `without_address` are people whose e-mails nobody can tell from those of strangers.
    """
    day = touch.at.astimezone(zone).date()
    match touch.kind:
        case "email":
            return _email(touch, crm, day, without_address)
        case "call":
            return _calls(touch, crm, day)
        case "meeting":
            return _meeting(touch, crm, day)
        case _:
            return []  # a note is no touch


def without(record: Record, ignored: Collection[str]) -> Record | None:
    """The record without the users whom no measure counts, None if nobody else of ours was in it."""
    ours = tuple(user for user in record.ours if user not in ignored)
    return None if record.ours and not ours else replace(record, ours=ours)


def _email(touch: SeedTouch, crm: Crm, day: date, without_address: Collection[str]) -> list[Record]:
    inbound = touch.direction == "inbound"
    ours, theirs = touch.users, touch.contacts
    if crm == "hubspot":
        if touch.outcome in {"bounced", "failed"}:  # which Salesforce is not told
            return []
        ours = ours[:1]  # the owner, and whoever else wrote or read it is nobody; all contacts are associated
    else:
        # The first sender is in From and all receivers are in To; further senders are in Cc, and Cc is nobody.
        ours, theirs = (ours, theirs[:1]) if inbound else (ours[:1], theirs)
        ours, theirs = (tuple(one for one in side if one not in without_address) for side in (ours, theirs))
    direction = "inbound" if inbound else "outbound"
    return [
        Record(kind="message", state="sent", direction=direction, at=touch.at, day=day, ours=ours, theirs=theirs),
    ]


def _calls(touch: SeedTouch, crm: Crm, day: date) -> list[Record]:
    """A call connected, or of at least 120 s, or completed where neither is known, is held."""
    missed = touch.outcome in _NOBODY_THERE or (
        touch.outcome != "connected" and touch.minutes is not None and touch.minutes < _HELD_CALL_MINUTES
    )
    call = Record(
        kind="call",
        state="attempted" if missed else "held",
        direction=touch.direction,
        at=touch.at,
        day=day,
        ours=touch.users[:1],  # HubSpot credits the owner alone
        theirs=touch.contacts,
    )
    if crm == "hubspot":
        return [call]
    # Salesforce keeps only the day of a call, in UTC, and noon stands for it; a task has one owner and one contact, so
    # that further people make further tasks.
    day = touch.at.astimezone(UTC).date()
    call = replace(call, at=datetime.combine(day, _NOON), day=day)
    count = max(len(touch.users), len(touch.contacts))
    ours = [touch.users[min(n, len(touch.users) - 1)] for n in range(count)]
    theirs = [touch.contacts[min(n, len(touch.contacts) - 1) :][:1] for n in range(count)]
    return [replace(call, ours=(user,), theirs=contact) for user, contact in zip(ours, theirs, strict=True)]


def _meeting(touch: SeedTouch, crm: Crm, day: date) -> list[Record]:
    """A meeting is held if it was not no-show, cancelled or rescheduled; all of ours and all of theirs were in it."""
    if touch.outcome in _CANCELLED or (touch.outcome == "rescheduled" and crm == "hubspot"):
        return []
    missed = touch.outcome in {"no-show", "rescheduled"}
    if crm == "salesforce" and not touch.contacts:
        # An event has no outcome. That nobody came shows in invitations declined, and here nobody was invited.
        missed = False
    state: Literal["held", "attempted"] = "attempted" if missed else "held"
    return [
        Record(
            kind="meeting",
            state=state,
            direction="",
            at=touch.at,
            day=day,
            ours=touch.users,
            theirs=touch.contacts,
        )
    ]


def two_way(known: Iterable[Record]) -> set[TwoWay]:
    """Who of ours was in touch with whom of theirs on which day, both ways.

    Meetings and calls held are two-way for everybody in them, also where nobody of theirs is named. A message is if the
    same two people have one in the other direction within 30 x 24 hours before or after it.
    """
    found: set[TwoWay] = set()
    messages: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in known:
        for user in record.ours:
            if record.state == "held":
                found.update((user, contact, record.day) for contact in record.theirs or ("",))
            elif record.kind == "message":
                for contact in record.theirs:
                    messages[user, contact].append(record)
    for (user, contact), some in messages.items():
        for one in some:
            if any(one.direction != other.direction and abs(one.at - other.at) <= _ANSWER_WITHIN for other in some):
                found.add((user, contact, one.day))
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One of theirs. `decides` if the role is decision-maker or executive sponsor; `told` with a title or a role.

    `function` is where the title says that somebody works, empty if it does not; `entered_on` the day on which the CRM
    was told of one who came later than the account, else None; `back_on` that on which one who is away is to be back.
    """

    id: str
    level: int
    decides: bool
    told: bool
    left_on: date | None = None
    function: str = ""
    roles: frozenset[str] = frozenset()
    entered_on: date | None = None
    back_on: date | None = None

    def is_senior(self, level: int) -> bool:
        return self.decides or self.level >= level


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """A case or ticket, by local days; `closed_on` is None while it is open."""

    contact: str
    opened_on: date
    closed_on: date | None
    high: bool
    escalated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One of ours on the team of an account; `since` is None where the CRM does not tell it."""

    user: str
    role: str
    since: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Org:
    """What is known beyond the account. `logged` is the newest day of each user's activities anywhere.

    `attention` are the person-days per 1,000 of revenue of every key account that has revenue. `deaf` if messages are
    not logged in this CRM, `knows_departures` if anybody's ever was. `titles` are those of our people, by user, where
    the CRM keeps them.
    """

    active: frozenset[str]
    inactive: frozenset[str]
    ignored: frozenset[str]
    executives: frozenset[str]
    logged: Mapping[str, date]
    attention: tuple[float, ...] = ()
    deaf: bool = False
    knows_departures: bool = True
    titles: Mapping[str, str] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)  # by user
    sponsored: Mapping[str, int] = field(default_factory=dict)  # how many key accounts, by user


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A key account as one CRM shows it at the end of `today`.

    `since` is the day of the first won deal, else customer-since. `records` and `two_way` are those of all times,
    `upcoming` the contacts of meetings ahead. `revenue` is that of 12 months, 0 where none is known.
    """

    today: date
    account: SeedAccount
    tier: str
    since: date | None
    revenue: float
    people: tuple[Person, ...]
    records: tuple[Record, ...]
    two_way: frozenset[TwoWay]
    upcoming: frozenset[str]
    org: Org
    issues: tuple[Issue, ...] = ()
    team: tuple[Member, ...] = ()
    mailed: Mapping[str, date] = field(default_factory=dict)  # when each contact last heard from the company itself
    opted_out: frozenset[str] = frozenset()
    mails_told: bool = False  # whether the CRM shows any mailing to anybody
    deals: tuple[SeedDeal, ...] = ()

    def age(self, day: date) -> int:
        return (self.today - day).days

    @property
    def present(self) -> list[Person]:
        return [person for person in self.people if person.left_on is None]

    def all_away(self, people: Iterable[Person]) -> bool:
        """Whether those of them who have not left are all away today; nobody is no absence."""
        there = [person for person in people if person.left_on is None]
        return bool(there) and all(person.back_on and person.back_on > self.today for person in there)

    def year(self) -> set[TwoWay]:
        """What was two-way in the 365 days up to today."""
        return {one for one in self.two_way if self.age(one[2]) < WINDOW_DAYS}

    def threads(self) -> set[tuple[str, str]]:
        return {(user, contact) for user, contact, _ in self.year() if contact}

    def person_days(self, youngest: int = 0, oldest: int = WINDOW_DAYS - 1) -> set[tuple[str, date]]:
        return {(user, day) for user, _, day in self.two_way if youngest <= self.age(day) <= oldest}

    def first_touch_on(self) -> date | None:
        return min((record.day for record in self.records), default=None)

    def main_contact(self) -> str:
        """Who of theirs is most in touch; empty if nobody is."""
        days: dict[str, set[tuple[str, date]]] = {person.id: set() for person in self.present}
        for user, contact, day in self.year():
            if contact in days:
                days[contact].add((user, day))
        ranked = sorted(
            (-len(seen), -max(day for _, day in seen).toordinal(), who) for who, seen in days.items() if seen
        )
        return ranked[0][2] if ranked else ""
