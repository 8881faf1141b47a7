"""The contact with a key customer has dropped to half of what it used to be, and that is hardly chance.

Customers seldom say that they are leaving; they talk less. Fewer contact days than usual are the first sign that
shows in a CRM, where a cancelled contract is the last (Miller, on the warning signs that are missed).

What is counted: person-days, a person of ours and a local day with at least one two-way touch with the account, in
five spans of 90 days: the one that ends today, and the four before, whose mean is what is usual. Contact comes in
bursts, so a drop alone proves little. Two guards are set before it: so few days must be improbable if the usual pace
went on (Poisson), and there must be fewer of them than in each of the four spans.

Raised if all of this is true on the day:

- the mean of the four spans before is at least `min_mean`;
- the last span has `quiet_share` of that mean or less, and less than each of the four;
- a Poisson variable of that mean would be so small with a probability below `chance`.

Unknown where the account's record is younger than 450 days or empty, and where the mean is below `min_mean`: three
days a quarter become none too easily.

How to tune: where it is raised too often, lower `chance` before `quiet_share`; a higher `min_mean` leaves out
accounts with little contact.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.measures import first_touch_on
from rules.people_measures import contact_days, contact_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.statistics import poisson_at_most
from rules.two_way import last_met, person_days_by_span
from rules.wording import Text, day_text, joined, number_text, say

SPAN_DAYS = 90
SPANS_BEFORE = 4
RECORD_DAYS = SPAN_DAYS * (SPANS_BEFORE + 1)


class GoingQuiet(Params):
    """`[rules.going-quiet]`."""

    severity: Severity = Severity.HIGH
    route: Route = Route.OWNER
    quiet_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    chance: Annotated[float, Field(gt=0, le=1)] = 0.05
    min_mean: Annotated[float, Field(gt=0)] = 3


@rule(
    params=GoingQuiet,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    weight=15,
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: GoingQuiet) -> Verdict:
    """Judge whether there is much less contact than there used to be."""
    now, *before = person_days_by_span(facts, SPAN_DAYS, SPANS_BEFORE + 1)
    usual = sum(before) / SPANS_BEFORE
    first_on = first_touch_on(facts)
    numbers: dict[str, Any] = {
        "person_days_90": now,
        "person_days_before": before,
        "usual": usual,
        "chance": poisson_at_most(now, usual),
        "first_touch_on": first_on.isoformat() if first_on else None,
    }
    if first_on is None:
        return Unknown(reason=say("no contact is on record"), numbers=numbers)
    if (facts.today - first_on).days < RECORD_DAYS:
        reason = say("the record begins on {day}, {needed} days are needed", day=day_text(first_on), needed=RECORD_DAYS)
        return Unknown(reason=reason, numbers=numbers)
    if usual < params.min_mean:
        return Unknown(reason=say("too little contact to tell"), numbers=numbers)
    if not is_quiet(now, before, params):
        message = say(
            "{now} contact days in {days} days, usually {usual}",
            now=now,
            days=SPAN_DAYS,
            usual=number_text(usual, ".3g"),
        )
        return Clear(message=message, numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, now, before), numbers=numbers)


def is_quiet(now: int, before: list[int], params: GoingQuiet) -> bool:
    """Tell whether so many person-days are far too few beside those of the spans before (domain.md 4.16)."""
    usual = sum(before) / SPANS_BEFORE
    return now <= params.quiet_share * usual and now < min(before) and poisson_at_most(now, usual) < params.chance


def _finding(facts: AccountFacts, params: GoingQuiet, now: int, before: list[int]) -> Finding:
    # Each of the three bounds is passed by rising days only, so the first number that is not quiet is the border.
    enough = next(days for days in range(now + 1, sum(before) + 2) if not is_quiet(days, before, params))
    told = {
        "account": facts.account.name,
        "span": SPAN_DAYS,
        "had": contact_days(now),
        "usual": number_text(sum(before) / SPANS_BEFORE, ".3g"),
        "enough": contact_days(enough),
        "before": joined(map(str, reversed(before))),  # from the oldest to the newest
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("contact has gone quiet"),
        why=say(
            "{account} had {had} with us in the {span} days to {as_of}; in the four spans of {span} days before there "
            "were {before}, on average {usual}.",
            **told,
        ),
        clears_when=say(
            "Clears when {span} days have {enough} or more again, by what was usual as of {as_of}.", **told
        ),
        first_step=_first_step(facts),
        figures=say("{had} in {span} days, usually {usual}, as of {as_of}", **told),
    )


def _first_step(facts: AccountFacts) -> Text:
    last = last_met(facts)
    if last is None:
        return say("Call somebody who knows us there, and ask what has changed.")
    return say(
        "Call {person}, last in real exchange with us on {day}; ask what has changed.",
        person=contact_text(last.contact),
        day=day_text(last.on),
    )
