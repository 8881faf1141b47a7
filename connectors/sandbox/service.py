"""What customers ask to have put right, and who of ours is on their teams: planted when everything else stands.

Neither touches anybody, so that no other verdict hangs on it but that of `quiet-key-account`, whose customers never ask
for anything. Ages are whole days before the as-of day; `Stage.workdays_ago` counts Mondays to Fridays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

from connectors.sandbox.company import Company, SeedContact, SeedTeamMember, SeedTicket
from connectors.sandbox.config_file import ACCOUNT_MANAGER, TEAM_ROLES
from connectors.sandbox.names import EXECUTIVE_TITLES
from connectors.sandbox.situations import Expected
from connectors.sandbox.staff import Staff
from connectors.sandbox.timeline import Days

Stated = tuple[tuple[str, ...], dict[str, Expected]]

_FRIDAY = 4
_NEVER = 10_000
_YEAR = 365


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A key account on which something is planted.

    `last` is the age of the last touch by user and by contact, `asks` whether it may have asked for anything within a
    year, `planted` what stands there already.
    """

    account: str
    days: Days
    rng: Random
    staff: Staff
    owner: str
    contacts: tuple[SeedContact, ...]
    users: tuple[str, ...]  # who was there, the one with most touches first
    last: Mapping[str, int]
    asks: bool
    planted: tuple[str, ...]

    def workdays_ago(self, count: int) -> int:
        """The age of the latest day after which so many business days came, today included."""
        age = seen = 0
        while seen < count:
            seen += (self.days.as_of - timedelta(days=age)).weekday() <= _FRIDAY
            age += 1
        return age

    def age_of(self, who: str) -> int:
        """How long ago somebody was last in touch there."""
        return self.last.get(who, _NEVER)

    def contact(self, *, executive: bool = False, silent_since: int = 0) -> str:
        """A contact who is still there and had no touch in the days since; empty where there is none."""
        found = (
            one.id
            for one in self.contacts
            if one.active and (one.title in EXECUTIVE_TITLES) is executive and self.age_of(one.id) > silent_since
        )
        return next(found, "")

    def ticket(self, opened: int, closed: int = 0, **more: Any) -> SeedTicket:
        """A ticket opened so many days ago, and closed if `closed` is not 0."""
        row = SeedTicket(
            id="",
            account=self.account,
            opened_at=self.days.at(opened, 15),
            closed_at=self.days.at(closed, 30) if closed else None,
            priority="medium",
        )
        return replace(row, **more)

    def member(self, user: str, role: str, since: int) -> SeedTeamMember:
        return SeedTeamMember(account=self.account, user=user, role=role, since=self.days.date(since))


Tickets = Callable[[Stage], Sequence[SeedTicket] | None]  # None where the account has no use for it
Team = Callable[[Stage], Sequence[SeedTeamMember] | None]


def _open(workdays: int, priority: str) -> Tickets:
    return lambda on: [on.ticket(on.workdays_ago(workdays), priority=priority, contact=on.contact())]


def _of_executive(age: int) -> Tickets:
    def plant(on: Stage) -> list[SeedTicket] | None:
        who = on.contact(executive=True)
        return [on.ticket(age, age - 2, contact=who)] if who else None

    return plant


def _escalated(age: int) -> Tickets:
    return lambda on: [on.ticket(age, age - 2, escalated=True)]


def _series(*ages: int) -> Tickets:
    return lambda on: [on.ticket(age, age - 1, contact=on.contact()) for age in ages]


def _favour(workdays: int) -> Tickets:
    def plant(on: Stage) -> list[SeedTicket] | None:
        closed = on.workdays_ago(workdays)
        who = on.contact(silent_since=closed)
        return [on.ticket(closed + 3, closed, priority="high", contact=who)] if who else None

    return plant


def _owner_away(workdays: int) -> Tickets:
    def plant(on: Stage) -> list[SeedTicket] | None:
        age = on.workdays_ago(workdays)
        away = on.age_of(on.owner) > age and on.owner in {user.id for user in on.staff.logging()}
        return [on.ticket(age, priority="high")] if away else None

    return plant


def _owner_logs_nothing(on: Stage) -> list[SeedTicket] | None:
    silent = on.owner in {user.id for user in on.staff.silent}
    return [on.ticket(on.workdays_ago(3), priority="high")] if silent else None


def _of_last_year(on: Stage) -> list[SeedTicket]:
    return [on.ticket(_YEAR, _YEAR - 3, contact=on.contact())]


def _nothing(on: Stage) -> list[SeedTicket]:  # noqa: ARG001 as all others
    return []


_TICKETS: Mapping[str, Tickets] = {
    "owner-away": _owner_away(2),
    "owner-away-since-yesterday": _owner_away(1),
    "owner-logs-nothing": _owner_logs_nothing,
    "executive-asked": _of_executive(29),
    "executive-asked-earlier": _of_executive(30),
    "favour-untold": _favour(6),
    "favour-fresh": _favour(5),
    "escalated": _escalated(29),
    "escalated-earlier": _escalated(30),
    "series": _series(29, 12, 4),
    "series-broken": _series(30, 12, 4),
    "urgent-in-time": _open(2, "high"),
    "urgent-late": _open(3, "high"),
    "urgent-late-for-all": _open(5, "high"),
    "ordinary-in-time": _open(5, "medium"),
    "ordinary-late": _open(6, "medium"),
    "ordinary-late-for-all": _open(11, "medium"),
    "nothing-asked": _nothing,
}
_QUIET: Mapping[str, Tickets] = {"asked-last-year": _of_last_year, "nothing-asked": _nothing}


def _present(on: Stage) -> list[SeedTeamMember] | None:
    """The two who are there most, in the roles that a team must have."""
    active = {user.id for user in on.staff.logging()}
    there = [user for user in on.users if user in active][:2]
    if len(there) < len(TEAM_ROLES):
        return None
    return [on.member(user, role, 400) for user, role in zip(there, TEAM_ROLES, strict=True)]


def _stranger(role: str, since: int) -> Team:
    """A rep who was never there."""

    def plant(on: Stage) -> list[SeedTeamMember]:
        away = [user.id for user in on.staff.reps if user.id not in on.users and user.id != on.owner]
        return [on.member(on.rng.choice(away), role, since)]

    return plant


def _days_of_top(*planted: str) -> Team:
    """The one who is there most, where it is planted how many days that were in the last quarter."""
    return lambda on: None if set(planted).isdisjoint(on.planted) else [on.member(on.users[0], ACCOUNT_MANAGER, 400)]


_TEAMS: Mapping[str, Team] = {
    "days-as-planned": _days_of_top("may-be-chance"),  # two
    "days-below-plan": _days_of_top("quiet-once-before", "record-449-days"),  # one
    "owner-alone": lambda on: [] if on.account else None,
    "member-gone": lambda on: [on.member(on.staff.former[0].id, TEAM_ROLES[0], 400)],
    "team-present": _present,
    "member-silent": _stranger(TEAM_ROLES[0], 90),
    "member-new": _stranger(TEAM_ROLES[1], 89),
    "member-logs-nothing": lambda on: [on.member(on.staff.silent[0].id, ACCOUNT_MANAGER, 400)],
}


def plant_service(company: Company, days: Days, staff: Staff, seed: int, stated: dict[str, Stated]) -> None:
    """Give the key accounts tickets and teams; what was planted is added to what is stated of the account."""
    # Chance of its own: whoever is planted otherwise stays as planted.
    rng = Random(f"service {seed}")  # noqa: S311 as above
    decks = {"tickets": _dealt(_TICKETS), "quiet": _dealt(_QUIET), "team": _dealt(_TEAMS)}
    for on in _stages(company, days, staff, rng, stated):
        tickets_name, tickets = decks["tickets" if on.asks else "quiet"](on)
        team_name, team = decks["team"](on)
        first = len(company.tickets) + 1
        company.tickets += [replace(one, id=f"k{first + place:06d}") for place, one in enumerate(tickets)]
        company.team += team
        planted, verdicts = stated[on.account]
        stated[on.account] = ((*planted, tickets_name, team_name), verdicts)


def _dealt(cards: Mapping[str, Callable[[Stage], Sequence[object] | None]]) -> Callable[[Stage], tuple[str, list[Any]]]:
    """Deals the first card in turn for which an account has use; what was passed over comes first the next time."""
    hand: list[str] = []

    def deal(on: Stage) -> tuple[str, list[Any]]:
        for _ in range(2):
            for place, name in enumerate(hand):
                found = cards[name](on)
                if found is not None:
                    del hand[place]
                    return name, list(found)
            # Some cards wait for an account of a kind that is rare: they keep no others from being dealt again.
            hand.extend([name for name in cards if name not in hand])
        return "", []

    return deal


def _stages(company: Company, days: Days, staff: Staff, rng: Random, stated: Mapping[str, Stated]) -> Iterator[Stage]:
    contacts: dict[str, list[SeedContact]] = defaultdict(list)
    for contact in company.contacts:
        contacts[contact.account].append(contact)
    last: dict[str, dict[str, int]] = defaultdict(dict)
    count: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for touch in company.touches:
        age = (days.as_of - touch.at.astimezone(days.zone).date()).days
        for who in (*touch.users, *touch.contacts):
            last[touch.account][who] = min(age, last[touch.account].get(who, age))
        for user in touch.users:
            count[touch.account][user] += 1
    for account in company.accounts:
        planted, verdicts = stated[account.id]
        if not verdicts:
            continue  # not key
        there = count[account.id]
        yield Stage(
            account=account.id,
            days=days,
            rng=rng,
            staff=staff,
            owner=account.owner,
            contacts=tuple(contacts[account.id]),
            users=tuple(sorted(there, key=lambda user: (-there[user], user))),
            last=last[account.id],
            asks="quiet-key-account" not in verdicts,
            planted=planted,
        )
