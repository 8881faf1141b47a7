"""Most of the contact with a key customer runs through one person of ours, though not all of it.

Somebody else is in touch, so the account does not hang on one link as `sole-rep` says; but if that one person left,
most of what is known and agreed would leave as well. Where `sole-rep` is raised, this rule is silent.

What is counted: person-days, as in `sole-rep`. Two measures of domain.md 4.7, either of which is enough: the share of
the person who has most, and 1/HHI, the number of people with equal shares that would be as concentrated (1 where one
has all, 2 where two have half each; Jost 2006). The entropy number stands beside it and is not tested: a long tail of
colleagues with a day each makes it look well.

Raised if both of this is true on the day:

- at least `min_touch_days` person-days in the last `window_days` days, the day included;
- one person has `top_share` of them or more, or 1/HHI is below `effective_reps`.

Unknown with fewer person-days, and where the account's owner has logged nothing anywhere in `evidence_days` days
(0 switches that off): a colleague would look sole by mistake.

How to tune: two people at 70 to 30 are 1.7 effective ones, at 60 to 40 they are 1.9. Raise `top_share` towards that of
`sole-rep` first; with `effective_reps = 1` only the share counts.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rules.concentration import (
    MAX_GAP_DAYS,
    Concentration,
    concentration,
    concentration_numbers,
    days_of_top,
    second_link,
    too_little_told,
    top_figures,
)
from rules.facts import AccountFacts
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Verdict, rule
from rules.statistics import effective_number, entropy_number
from rules.wording import number_text, say, share_text


class RepConcentration(Params):
    """`[rules.rep-concentration]`."""

    enabled: bool = False
    severity: Severity = Severity.HIGH
    route: Route = Route.MANAGER
    window_days: Annotated[int, Field(ge=30)] = 365
    min_touch_days: Annotated[int, Field(ge=1)] = 8
    top_share: Annotated[float, Field(gt=0, le=1)] = 0.7
    effective_reps: Annotated[float, Field(ge=1)] = 1.6
    evidence_days: Annotated[int, Field(ge=0)] = 90


@rule(
    params=RepConcentration,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
    unless=frozenset({"sole-rep"}),
)
def check(facts: AccountFacts, params: RepConcentration) -> Verdict:
    """Judge whether one of ours carries most of the contact."""
    held = concentration(facts, params.window_days, MAX_GAP_DAYS, params.evidence_days)
    days = held.coverage.person_days.values()
    effective = effective_number(days)
    numbers = {
        **concentration_numbers(facts, held),
        "effective_reps": effective,
        "entropy_reps": entropy_number(days),
    }
    if unknown := too_little_told(facts, held, params.min_touch_days, numbers):
        return unknown
    if held.top_share < params.top_share and effective is not None and effective >= params.effective_reps:
        message = say(
            "spread over colleagues: {days} of {total} contact days through one",
            days=held.ranking[0].days,
            total=held.total,
        )
        return Clear(message=message, numbers=numbers)
    finding = _finding(facts, params, held, effective or 1.0)
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _finding(facts: AccountFacts, params: RepConcentration, held: Concentration, effective: float) -> Finding:
    return Finding(
        headline=say("contact leans on one person"),
        why=say(
            "{account} leans on one link: {days}; that is spread as thin as over {people} people with equal parts.",
            account=facts.account.name,
            days=days_of_top(facts, held, params.window_days),
            people=number_text(effective, ".1f"),
        ),
        clears_when=say(
            "Clears when no one person of ours has {share} of the contact days, and they are spread like those of "
            "{people} people with equal parts or more.",
            share=share_text(params.top_share),
            people=number_text(params.effective_reps),
        ),
        first_step=second_link(facts, held),
        figures=top_figures(facts, held),
    )
