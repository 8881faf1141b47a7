"""What a key customer expects has not been asked for a year.

Good service is what the customer calls good (Lewis, first habit; Dorman): ask, and write it down.

What is counted: the day in the field that `[connections.NAME.map] expectations_date` names. A day that lies ahead is
not long ago.

Raised if the field is empty, or its day is more than `max_age_days` ago.

Unknown where the key is not mapped.

How to tune: `max_age_days` is how often it should be asked.
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


class ExpectationsInventory(Params):
    """`[rules.expectations-inventory]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER
    max_age_days: Annotated[int, Field(ge=1, description="how long ago it may be")] = 365


@rule(params=ExpectationsInventory, needs=NEEDS)
def check(facts: AccountFacts, params: ExpectationsInventory) -> Verdict:
    """Judge whether their expectations were asked for in time."""
    in_time = say("their expectations were asked for in time")
    return judged(facts, params, "expectations_date", in_time=in_time, saying=_finding)


def _finding(on: date | None, told: Mapping[str, Any]) -> Finding:
    return Finding(
        headline=say("expectations not asked since {last}", **told) if on else say("expectations never asked for"),
        why=say("What {account} expects was last asked and written down on {last} (as of {as_of}).", **told)
        if on
        else say("What {account} expects is not written down anywhere (as of {as_of}).", **told),
        clears_when=say("Clears when the day of the answer in the CRM is within {days} days.", **told),
        first_step=say("Ask what good service means to them, and note the answer and the day.", **told),
        figures=say("last asked {last}", **told) if on else say("never asked as of {as_of}", **told),
    )
