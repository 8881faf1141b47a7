"""A key customer is reached through one person of ours, who has not been there for years.

What `sole-rep` looks for before it is multi-year: the best time for a second introduction, since nobody has to share
what was theirs for long. It leads to no task, only to fields and the report.

What is counted and every parameter is as in `sole-rep`. Raised if all of this is true on the day:

- at least `min_touch_days` person-days in the last `window_days` days, the day included;
- one person has `top_share` of them or more, nobody else has `second_share` or more;
- that person's tenure is below `tenure_days`: from there on `sole-rep` speaks.

Unknown with fewer person-days, and where the account's owner has logged nothing anywhere in `evidence_days` days.

How to tune: set every parameter as in `sole-rep`, so that the one takes over on the day on which the other ends.
"""

from __future__ import annotations

from datetime import timedelta

from rules.concentration import (
    Concentration,
    OneLink,
    concentration,
    days_of_top,
    is_one_link,
    one_link_clears,
    one_link_numbers,
    second_link,
    spread_text,
    too_little_told,
    top_figures,
)
from rules.facts import AccountFacts
from rules.measures import Tenure
from rules.rule import Clear, Finding, Raised, Route, Severity, Verdict, rule
from rules.wording import day_text, say


class SoleRepNew(OneLink):
    """`[rules.sole-rep-new]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.REPORT


@rule(
    params=SoleRepNew,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: SoleRepNew) -> Verdict:
    """Judge whether the account hangs on one link that is new."""
    held = concentration(facts, params.window_days, params.max_gap_days, params.evidence_days)
    numbers = one_link_numbers(facts, held)
    if unknown := too_little_told(facts, held, params.min_touch_days, numbers):
        return unknown
    top = held.ranking[0]
    is_one = is_one_link(held, params)
    if not is_one or top.tenure is None or top.tenure.days >= params.tenure_days:
        whom = say("one person, for long") if is_one else say("more than one of ours")
        return Clear(message=spread_text(held, whom), numbers=numbers)
    finding = _finding(facts, params, held, top.tenure)
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _finding(facts: AccountFacts, params: SoleRepNew, held: Concentration, since: Tenure) -> Finding:
    multi_year_on = since.since + timedelta(days=params.tenure_days)
    return Finding(
        headline=say("known by one person, not yet for long"),
        why=say(
            "{account} hangs on one link: {days}, in touch since {since}; that is for long from {long_on} on.",
            account=facts.account.name,
            days=days_of_top(facts, held, params.window_days),
            since=day_text(since.since),
            long_on=day_text(multi_year_on),
        ),
        clears_when=one_link_clears(params),
        first_step=second_link(facts, held),
        figures=top_figures(facts, held),
    )
