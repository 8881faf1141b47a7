"""No planning together with a key customer for a year.

Partners know each other's plans (Miller, Dynamic Business): a half-day once a year on what comes next on both sides
tells more than all calls between.

What is counted: the day in the field that `[connections.NAME.map] joint_plan_date` names. A day that lies ahead is not
long ago.

Raised if the field is empty, or its day is more than `max_age_days` ago.

Unknown where the key is not mapped.

How to tune: `max_age_days` is the rhythm that you want.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rules.facts import AccountFacts
from rules.mapped_days import MappedDay, mapped_day
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import day_text, say


class NoJointPlan(Params):
    """`[rules.no-joint-plan]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER
    max_age_days: Annotated[int, Field(ge=1, description="how long ago it may be")] = 365


@rule(params=NoJointPlan, needs=frozenset({"users", "accounts", "deals"}))
def check(facts: AccountFacts, params: NoJointPlan) -> Verdict:
    """Judge whether both sides planned together in time."""
    found = mapped_day(facts, "joint_plan_date")
    numbers = found.numbers(params.max_age_days)
    if found.unmapped:
        return Unknown(reason=found.unmapped, numbers=numbers)
    if not found.older_than(params.max_age_days):
        return Clear(message=say("planned together in time"), numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, found), numbers=numbers)


def _finding(facts: AccountFacts, params: NoJointPlan, found: MappedDay) -> Finding:
    told = {
        "account": facts.account.name,
        "last": day_text(found.on) if found.on else "",
        "days": params.max_age_days,
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("no joint planning since {last}", **told) if found.on else say("never planned together"),
        why=say("The last planning together with {account} was on {last} (as of {as_of}).", **told)
        if found.on
        else say("No planning together with {account} is on record (as of {as_of}).", **told),
        clears_when=say("Clears when the day of the joint planning in the CRM is within {days} days.", **told),
        first_step=say("Suggest a half-day on what comes next on both sides.", **told),
        figures=say("last joint planning {last}", **told)
        if found.on
        else say("no joint planning as of {as_of}", **told),
    )
