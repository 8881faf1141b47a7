"""A key customer has not been put to the litmus test for a year.

Once a year everybody involved should go through twelve questions about a key account (Dorman), and what is answered
with no is the plan for the next year. `holdfast litmus ACCOUNT` answers them from the CRM, with the evidence: whoever
runs Holdfast prints it for the rep.

What is counted: the day in the field that `[connections.NAME.map] litmus_date` names. A day that lies ahead is not
long ago. Everybody who is with us and had a touch of any kind in 12 months is named, to be asked.

Raised if the field is empty, or its day is more than `max_age_days` ago.

Unknown where the key is not mapped.

How to tune: `max_age_days` is how often it should be done.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.mapped_days import judged
from rules.people_measures import involved
from rules.rule import Finding, Params, Route, Severity, Verdict, rule
from rules.team import users_text
from rules.wording import say


class LitmusDue(Params):
    """`[rules.litmus-due]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER
    max_age_days: Annotated[int, Field(ge=1, description="how long ago it may be")] = 365


@rule(params=LitmusDue, needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}))
def check(facts: AccountFacts, params: LitmusDue) -> Verdict:
    """Judge whether the test was made in time."""
    saying = partial(_finding, facts)
    return judged(facts, params, "litmus_date", in_time=say("the test was made in time"), saying=saying)


def _finding(facts: AccountFacts, on: date | None, told: Mapping[str, Any]) -> Finding:
    ask = [one.user_id for one in involved(facts)]
    return Finding(
        headline=say("litmus test last made on {last}", **told) if on else say("litmus test never made"),
        why=say("The litmus test of {account} was last gone through on {last} (as of {as_of}).", **told)
        if on
        else say("The litmus test of {account} was never gone through (as of {as_of}).", **told),
        clears_when=say("Clears when the day of the test in the CRM is within {days} days.", **told),
        first_step=say(
            "Get the test of {account} from sales ops and go through its questions with all involved ({who}); each no "
            "goes into the plan.",
            who=users_text(facts, ask, most=5),
            **told,
        )
        if ask
        else say(
            "Get the test of {account} from sales ops and answer its questions; each no goes into the plan.", **told
        ),
        figures=say("litmus test {last}", **told) if on else say("no litmus test as of {as_of}", **told),
    )
