"""The plan for a key customer has not been approved by our management for a year.

A strategy for a key account that the chief executive has not bought into has no resources (Miller, Dynamic Business):
at the first shortage it is the plan that gives way.

What is counted: the day in the field that `[connections.NAME.map] plan_approved_date` names. A day that lies ahead is
not long ago.

Raised if the field is empty, or its day is more than `max_age_days` ago.

Unknown where the key is not mapped.

How to tune: let the field be the day on which the management said yes; `max_age_days` is how long that holds.
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


class CeoBuyIn(Params):
    """`[rules.ceo-buy-in]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER
    max_age_days: Annotated[int, Field(ge=1, description="how long an approval holds")] = 365


@rule(params=CeoBuyIn, needs=NEEDS, unless=frozenset({"no-account-plan"}))
def check(facts: AccountFacts, params: CeoBuyIn) -> Verdict:
    """Judge whether the management stands behind the plan."""
    return judged(facts, params, "plan_approved_date", in_time=say("the management approved it"), saying=_finding)


def _finding(on: date | None, told: Mapping[str, Any]) -> Finding:
    return Finding(
        headline=say("account plan not approved since {last}", **told) if on else say("account plan never approved"),
        why=say("Our management last approved the plan for {account} on {last} (as of {as_of}).", **told)
        if on
        else say("Our management has never approved a plan for {account} (as of {as_of}).", **told),
        clears_when=say("Clears when the day of the approval in the CRM is within {days} days.", **told),
        first_step=say("Show the plan to the management, with what it takes, and note the day of the yes.", **told),
        figures=say("plan approved {last}", **told) if on else say("plan not approved as of {as_of}", **told),
    )
