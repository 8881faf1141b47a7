"""What customers asked to have put right and who is on their teams, and the definitions that speak of it.

As plainly as in `reckoning_definitions.py`: a ticket's age is counted in Mondays to Fridays after the day on which it
was opened. HubSpot tells neither that a ticket was escalated nor since when somebody is on a team.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from zoneinfo import ZoneInfo

from connectors.sandbox.company import Company
from connectors.sandbox.config_file import TEAM_ROLES
from connectors.sandbox.reckoning_definitions import Verdict, workdays_after
from connectors.sandbox.reckoning_records import VP, Crm, Issue, Member, Record, Seen

_LIMITS = {True: 2, False: 5}  # business days, of an urgent ticket and another; twice that for tiers B and C
_HIGH = frozenset({"high", "urgent"})


def with_service(seen: Mapping[str, Seen], company: Company, crm: Crm, zone: ZoneInfo) -> dict[str, Seen]:
    """Return the accounts with their issues and teams, as the CRM shows them."""
    issues: dict[str, list[Issue]] = defaultdict(list)
    for one in company.tickets:
        opened, closed = (at.astimezone(zone).date() if at else None for at in (one.opened_at, one.closed_at))
        if opened is not None:
            escalated = one.escalated and crm != "hubspot"
            high = one.priority in _HIGH
            issue = Issue(contact=one.contact, opened_on=opened, closed_on=closed, high=high, escalated=escalated)
            issues[one.account].append(issue)
    team: dict[str, list[Member]] = defaultdict(list)
    for row in company.team:
        since = row.since if crm != "hubspot" else None
        team[row.account].append(Member(user=row.user, role=row.role, since=since))
    return {name: replace(one, issues=tuple(issues[name]), team=tuple(team[name])) for name, one in seen.items()}


def issue_not_swift(seen: Seen) -> Verdict:
    times = 2 if seen.tier in "BC" else 1
    late = (
        one.closed_on is None and workdays_after(one.opened_on, seen.today) > times * _LIMITS[one.high]
        for one in seen.issues
    )
    return "raised" if any(late) else "clear"


def issue_reached_exec(seen: Seen) -> Verdict:
    senior = {person.id for person in seen.people if person.is_senior(VP)}
    known = [one for one in seen.issues if one.closed_on is None or seen.age(one.opened_on) < 30]
    return "raised" if any(one.escalated or one.contact in senior for one in known) else "clear"


def repeat_issues(seen: Seen) -> Verdict:
    return "raised" if len(_recent(seen)) >= 3 else "clear"


def owner_unaware(seen: Seen) -> Verdict:
    recent = _recent(seen)
    trouble = recent if len(recent) >= 3 else [one for one in recent if one.high]
    if not trouble:
        return "clear"
    began, owner = min(one.opened_on for one in trouble), seen.account.owner
    if any(owner in one.ours and one.day >= began and turned_to_them(one) for one in seen.records):
        return "clear"
    if owner not in seen.org.active - seen.org.ignored or seen.age(seen.org.logged.get(owner, date.min)) >= 90:
        return "unknown"
    return "raised" if workdays_after(began, seen.today) > 1 else "clear"


def unannounced_favour(seen: Seen) -> Verdict:
    present = {person.id for person in seen.present}
    for one in seen.issues:
        closed_on = one.closed_on
        if not one.high or closed_on is None or one.contact not in present or seen.age(closed_on) >= 30:
            continue
        told = any(
            one.contact in record.theirs and record.day >= closed_on and turned_to_them(record)
            for record in seen.records
        )
        if not told and workdays_after(closed_on, seen.today) > 5:
            return "raised"
    return "clear"


def no_team(seen: Seen) -> Verdict:
    return "raised" if len({one.user for one in _team(seen)} | _owner(seen)) < 2 else "clear"


def silent_team_member(seen: Seen) -> Verdict:
    heard = {user for user, _ in seen.person_days(0, 179)}
    silent = [one for one in _team(seen) if one.user not in heard and not (one.since and seen.age(one.since) < 90)]
    if any(one.since and seen.age(seen.org.logged.get(one.user, date.min)) < 90 for one in silent):
        return "raised"
    return "unknown" if silent else "clear"


def role_missing(seen: Seen) -> Verdict:
    return "raised" if set(TEAM_ROLES) - {one.role for one in _team(seen)} else "clear"


def _recent(seen: Seen) -> list[Issue]:
    return [one for one in seen.issues if seen.age(one.opened_on) < 30]


def _team(seen: Seen) -> list[Member]:
    return [one for one in seen.team if one.user in seen.org.active - seen.org.ignored]


def _owner(seen: Seen) -> set[str]:
    return {seen.account.owner} & (seen.org.active - seen.org.ignored)


def turned_to_them(record: Record) -> bool:
    """We wrote or called, whoever answered, or met; of a call from nobody in particular, it was ours."""
    return record.direction == "outbound" or record.state == "held" or (record.kind == "call" and not record.direction)


SERVICE_DEFINITIONS: Mapping[str, Callable[[Seen], Verdict]] = MappingProxyType(
    {
        definition.__name__.replace("_", "-"): definition
        for definition in (
            *(issue_not_swift, issue_reached_exec, repeat_issues, owner_unaware, unannounced_favour),
            *(no_team, silent_team_member, role_missing),
        )
    }
)
#: What is known without any message.
SERVICE_HEARING_NOTHING = frozenset(
    {"issue-not-swift", "issue-reached-exec", "repeat-issues", "no-team", "role-missing"}
)
