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

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.mapped_days import NEEDS, judged
from rules.rule import Finding, Params, Route, Severity, Verdict, rule
from rules.wording import say


class NoJointPlan(Params):
    """`[rules.no-joint-plan]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER
    max_age_days: Annotated[int, Field(ge=1, description="how long ago it may be")] = 365


@rule(params=NoJointPlan, needs=NEEDS)
def check(facts: AccountFacts, params: NoJointPlan) -> Verdict:
    """Judge whether both sides planned together in time."""
    return judged(facts, params, "joint_plan_date", in_time=say("planned together in time"), saying=_finding)


def _finding(on: date | None, told: Mapping[str, Any]) -> Finding:
    return Finding(
        headline=say("no joint planning since {last}", **told) if on else say("never planned together"),
        why=say("The last planning together with {account} was on {last} (as of {as_of}).", **told)
        if on
        else say("No planning together with {account} is on record (as of {as_of}).", **told),
        clears_when=say("Clears when the day of the joint planning in the CRM is within {days} days.", **told),
        first_step=say("Suggest a half-day on what comes next on both sides.", **told),
        figures=say("last joint planning {last}", **told) if on else say("no joint planning as of {as_of}", **told),
    )
