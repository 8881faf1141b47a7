"""A key customer has no current plan.

A specific strategy with resources for each key account is what keeps it (Miller, Dynamic Business), and a plan that
nobody has looked at for a year is none. One page is enough.

What is counted: the day in the field that `[connections.NAME.map] plan_date` names. A day that lies ahead is not
long ago.

Raised if the field is empty, or its day is more than `max_age_days` ago.

Unknown where the key is not mapped.

How to tune: let the field be the day on which the plan was last gone through; `stale-plan` reminds earlier.
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


class NoAccountPlan(Params):
    """`[rules.no-account-plan]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    max_age_days: Annotated[int, Field(ge=1, description="a plan that is older is none")] = 365


@rule(params=NoAccountPlan, needs=NEEDS)
def check(facts: AccountFacts, params: NoAccountPlan) -> Verdict:
    """Judge whether there is a current plan."""
    return judged(facts, params, "plan_date", in_time=say("there is a current plan"), saying=_finding)


def _finding(on: date | None, told: Mapping[str, Any]) -> Finding:
    return Finding(
        headline=say("no current plan for the account"),
        why=say("The plan for {account} was last gone through on {last} (as of {as_of}).", **told)
        if on
        else say("There is no plan for {account} (as of {as_of}).", **told),
        clears_when=say("Clears when the day of the plan in the CRM is within {days} days.", **told),
        first_step=say("Write one page: what they want, what we want, who does what this year.", **told),
        figures=say("last plan {last}", **told) if on else say("no plan as of {as_of}", **told),
    )
