"""Somebody on the team of a key customer is there less often than the plan for that role says.

Set how much time each member of a team is to spend with the customer, and keep track of it (revolving-door article,
step 2). Time of preparation is logged nowhere and that of meetings only as planned, so what is tracked is the days.

What is counted: contact days of each active member of the account's team in the last `window_days` days: days on which
that person held a meeting, had a call that connected, or exchanged messages with somebody there within 30 days.
`contact_days` says how many it should be for a role, in the words of the CRM (the Team Role of Account Teams in
Salesforce; in HubSpot the keys of `[connections.NAME.map.team]`), without regard to upper and lower case. Members with
another role, and who has been on the team for less than `window_days` days, are passed over.

Raised if somebody with such a role has fewer. Says nothing as long as `contact_days` is empty.

Unknown where nobody is on the team of any account in the CRM, and where the CRM does not log messages.

How to tune: `contact_days = { "Account Manager" = 6, "Executive Sponsor" = 1 }`, and a table of its own for a tier that
needs more or less: `[rules.time-below-plan.tier.A]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.measures import coverage
from rules.model import TeamMember
from rules.people_measures import contact_days, fitting_headline, user_address, user_name
from rules.rule import Clear, Finding, NotApplicable, Params, Raised, Route, Severity, Verdict, rule
from rules.team import TEAM_NEEDS, active_team
from rules.wording import day_text, listed, say, say_n

Planned = Mapping[str, Annotated[int, Field(ge=1)]]


class TimeBelowPlan(Params):
    """`[rules.time-below-plan]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.REPORT
    window_days: Annotated[int, Field(ge=7)] = 90
    contact_days: Planned = Field(default={}, description='by role of the CRM: { "Account Manager" = 6 }')


@rule(params=TimeBelowPlan, needs=TEAM_NEEDS, hears=frozenset({"team", "email"}))
def check(facts: AccountFacts, params: TimeBelowPlan) -> Verdict:
    """Judge whether every member has the days that the role is to have."""
    planned = {role.strip().casefold(): days for role, days in params.contact_days.items()}
    if not planned:
        return NotApplicable(reason=say("[rules.time-below-plan] contact_days names no role"))
    days = coverage(facts, params.window_days).person_days
    judged = [
        (one, days.get(one.user_id, 0), planned[one.role.strip().casefold()])
        for one in active_team(facts)
        if one.role.strip().casefold() in planned and not _is_new(facts, one, params)
    ]
    short = [one for one in judged if one[1] < one[2]]
    short.sort(key=lambda one: (one[1] - one[2], user_address(facts, one[0].user_id)))
    numbers: dict[str, Any] = {
        "members": len(judged),
        "short": len(short),
        "days": short[0][1] if short else None,
        "planned": short[0][2] if short else None,
    }
    if not short:
        return Clear(message=say("every member is there as often as planned"), numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, short), numbers=numbers)


def _is_new(facts: AccountFacts, member: TeamMember, params: TimeBelowPlan) -> bool:
    return member.since is not None and (facts.today - member.since).days < params.window_days


def _finding(facts: AccountFacts, params: TimeBelowPlan, short: list[tuple[TeamMember, int, int]]) -> Finding:
    member, days, planned = short[0]
    told = {
        "account": facts.account.name,
        "name": user_name(facts, member.user_id),
        "role": member.role,
        "days": contact_days(days),
        "planned": planned,
        "window": params.window_days,
        "others": listed(user_name(facts, one.user_id) for one, _, _ in short[1:]),
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=fitting_headline(
            say("{name} is there less than planned", **told), say("a team member is there less than planned")
        ),
        why=say(
            "{name} ({role}) had {days} with {account} in the {window} days to {as_of}, against a plan of {planned}.",
            **told,
        )
        if len(short) == 1
        else say(
            "{name} ({role}) had {days} with {account} in the {window} days to {as_of}, against a plan of {planned}; "
            "below plan too: {others}.",
            **told,
        ),
        clears_when=say("Clears when each member has the contact days planned for the role, or the plan changes."),
        first_step=say("Agree with {name} on dates for the coming quarter, or on who takes over.", **told),
        figures=say_n(
            "{n} member below plan as of {as_of}",
            "{n} members below plan as of {as_of}",
            n=len(short),
            as_of=told["as_of"],
        ),
    )
