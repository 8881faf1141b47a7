"""The plan for a key customer has not been gone through for a while.

A plan that is not gone through is forgotten (revolving-door article, step 5): half a year for the customers of tier A,
a year for the others.

What is counted: the day in the field that `[connections.NAME.map] plan_date` names. A day that lies ahead is not
long ago.

Raised if the day is more than `max_age_days` ago. Clear where no day is there at all, and where `no-account-plan` is
raised, which says it better.

Unknown where the key is not mapped.

How to tune: `max_age_days` is how often a plan should be gone through; give each tier its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import Field

from rules.facts import AccountFacts
from rules.mapped_days import NEEDS, judged, mapped_day
from rules.rule import Clear, Finding, Params, Route, Severity, Verdict, rule
from rules.wording import say


class StalePlan(Params):
    """`[rules.stale-plan]`."""

    by_tier: ClassVar[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
        {"B": {"max_age_days": 365}, "C": {"max_age_days": 365}}
    )

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER
    max_age_days: Annotated[int, Field(ge=1, description="how old a plan may be")] = 180


@rule(params=StalePlan, needs=NEEDS, unless=frozenset({"no-account-plan"}))
def check(facts: AccountFacts, params: StalePlan) -> Verdict:
    """Judge whether the plan is fresh."""
    day = mapped_day(facts, "plan_date")
    if day.on is None and not day.unmapped:
        return Clear(message=say("there is no plan"), numbers=day.numbers(params.max_age_days))
    return judged(facts, params, "plan_date", in_time=say("the plan is fresh"), saying=_finding)


def _finding(_on: date | None, told: Mapping[str, Any]) -> Finding:
    return Finding(
        headline=say("account plan not gone through since {last}", **told),
        why=say("The plan for {account} was last gone through on {last} (as of {as_of}).", **told),
        clears_when=say("Clears when the day of the plan in the CRM is within {days} days.", **told),
        first_step=say("Go through the plan with everybody involved, and set the new day.", **told),
        figures=say("last plan {last}", **told),
    )
