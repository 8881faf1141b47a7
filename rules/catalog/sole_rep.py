"""A key customer has been reached through one person of ours for years.

A customer whose contact days nearly all belong to one of us can leave together with that person, and nobody else
would notice in time when the talk stops. Loyalty to the salesperson sells, and is at risk when that person goes; more
contact with the firm moves it there (Palmatier, Scheer, Steenkamp 2007, 362 buyers and sellers). The remedy is a second
link, not another owner.

What is counted: person-days, a person of ours and a local day with at least one two-way touch with the account: a
meeting that was held, a call that connected, or a message that the same two people answered within 30 days. A
meeting or call logged on the account without a contact counts, since whom of theirs we met makes no difference to who
of us was there; a message needs the contact, or nobody could tell whether it was answered. A workshop with eight
guests is one person-day. Inactive colleagues count; users that `[people] ignore` names do not.

Raised if all of this is true on the day:

- at least `min_touch_days` person-days in the last `window_days` days, the day included;
- one person has `top_share` of them or more, nobody else has `second_share` or more;
- that person's tenure is at least `tenure_days`: the days since the first touch of the last run without a gap of more
  than `max_gap_days`. Where that run opens the account's record and the person owns the account, the time as a customer
  counts if it is longer, told as "at least".

Unknown with fewer person-days (a share of five days is chance), and where the account's owner has logged nothing
anywhere in `evidence_days` days (0 switches that off): a colleague would look sole by mistake.

How to tune: `min_touch_days` of 10 to 12 is the cautious setting, since an account that two people share 70 to 30 looks
sole by chance in 6 of 100 cases at 8 person-days, and in 3 at 10. A higher `second_share` asks for a stronger second
link.
"""

from __future__ import annotations

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


class SoleRep(OneLink):
    """`[rules.sole-rep]`."""

    severity: Severity = Severity.CRITICAL
    route: Route = Route.MANAGER


@rule(
    params=SoleRep,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    weight=25,
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: SoleRep) -> Verdict:
    """Judge whether the account hangs on one link and has for long."""
    held = concentration(facts, params.window_days, params.max_gap_days, params.evidence_days)
    numbers = one_link_numbers(facts, held)
    if unknown := too_little_told(facts, held, params.min_touch_days, numbers):
        return unknown
    top = held.ranking[0]
    is_one = is_one_link(held, params)
    if not is_one or top.tenure is None or top.tenure.days < params.tenure_days:
        whom = say("one person, not yet for long") if is_one else say("more than one of ours")
        return Clear(message=spread_text(held, whom), numbers=numbers)
    finding = _finding(facts, params, held, top.tenure)
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _finding(facts: AccountFacts, params: SoleRep, held: Concentration, since: Tenure) -> Finding:
    day = day_text(since.since)
    return Finding(
        headline=say("known by one person"),
        why=say(
            "{account} hangs on one link: {days}, and has been in touch {since}.",
            account=facts.account.name,
            days=days_of_top(facts, held, params.window_days),
            since=say("at least since {day}", day=day) if since.at_least else say("since {day}", day=day),
        ),
        clears_when=one_link_clears(params),
        first_step=second_link(facts, held),
        figures=top_figures(facts, held),
    )
