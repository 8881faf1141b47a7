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
from rules.people_measures import contact_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.statistics import poisson_at_most
from rules.two_way import last_met, person_days_by_span
from rules.wording import count_text, day_text

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
        return Unknown(reason="no contact is on record", numbers=numbers)
    if (facts.today - first_on).days < RECORD_DAYS:
        reason = f"the record begins on {day_text(first_on)}, {RECORD_DAYS} days are needed"
        return Unknown(reason=reason, numbers=numbers)
    if usual < params.min_mean:
        return Unknown(reason="too little contact to tell", numbers=numbers)
    if not is_quiet(now, before, params):
        return Clear(message=f"{now} contact days in {SPAN_DAYS} days, usually {usual:.3g}", numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, now, before), numbers=numbers)


def is_quiet(now: int, before: list[int], params: GoingQuiet) -> bool:
    """Tell whether so many person-days are far too few beside those of the spans before (domain.md 4.16)."""
    usual = sum(before) / SPANS_BEFORE
    return now <= params.quiet_share * usual and now < min(before) and poisson_at_most(now, usual) < params.chance


def _finding(facts: AccountFacts, params: GoingQuiet, now: int, before: list[int]) -> Finding:
    as_of, usual = day_text(facts.today), f"{sum(before) / SPANS_BEFORE:.3g}"
    # Each of the three bounds is passed by rising days only, so the first number that is not quiet is the border.
    enough = next(days for days in range(now + 1, sum(before) + 2) if not is_quiet(days, before, params))
    return Finding(
        headline="contact has gone quiet",
        why=f"{facts.account.name} had {count_text(now, 'contact day')} with us in the {SPAN_DAYS} days to {as_of}; "
        f"in the four spans of {SPAN_DAYS} days before there were {_told(before)}, on average {usual}.",
        clears_when=f"Clears when {SPAN_DAYS} days have {count_text(enough, 'contact day')} or more again, by what was "
        f"usual as of {as_of}.",
        first_step=_first_step(facts),
        figures=f"{count_text(now, 'contact day')} in {SPAN_DAYS} days, usually {usual}, as of {as_of}",
    )


def _told(before: list[int]) -> str:
    """Return the spans from the oldest to the newest, `12, 11, 9 and 13`."""
    *others, last = reversed(before)
    return f"{', '.join(map(str, others))} and {last}"


def _first_step(facts: AccountFacts) -> str:
    last = last_met(facts)
    if last is None:
        return "Call somebody who knows us there, and ask what has changed."
    whom = contact_text(last.contact)
    return f"Call {whom}, last in real exchange with us on {day_text(last.on)}; ask what has changed."
