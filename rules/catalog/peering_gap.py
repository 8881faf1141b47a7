"""Somebody senior of a key customer has no counterpart of ours in the same function.

Marketing talks to marketing and supply chain to supply chain: structured by peers, a relationship does not hang on the
sales rep (revolving-door article, step 3). A finance director or a plant manager needs somebody of their own trade.

What is counted: in which function somebody works is told by the title, on both sides; `[titles.functions]` wins over
the built-in words. A function of theirs counts if a contact of `head` level or higher, or with the role of an
executive, has it and has not left. A counterpart is one of ours of that function who is active and had a two-way touch
with the account in the last `window_days` days, whoever of theirs it was with: a meeting that was held, a call that
connected, or a message that the same two people answered within 30 days. Procurement is left out: whoever buys has our
sellers as counterparts. Users that `[people] ignore` names do not count.

Raised if such a function has no counterpart. The most senior contact without one is named.

Unknown where nobody of ours is in touch, where more than `max_untitled` of ours in touch have no title (HubSpot keeps
none of its users), where more than `max_untitled` of the contacts have neither title nor seniority nor role, and where
the CRM does not log messages.

How to tune: `[titles.functions]` names the functions of your own people's titles too; the page of counterparts in the
report shows every function of every account before you switch this on.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import people_text, title_gate
from rules.facts import AccountFacts
from rules.function_patterns import Function
from rules.measures import coverage
from rules.model import Contact
from rules.peering import Link, peering
from rules.people_measures import by_rank, contact_name, contact_text, fitting_headline, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import Text, day_text, say, say_n, short_name


class PeeringGap(Params):
    """`[rules.peering-gap]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=30)] = 365
    max_untitled: Annotated[float, Field(ge=0, le=1)] = 0.6


@rule(
    params=PeeringGap,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: PeeringGap) -> Verdict:
    """Judge whether everybody senior there has a counterpart of ours."""
    if reason := _untold(facts, params):
        return Unknown(reason=reason, numbers={"functions": None, "gaps": None, "contact": None})
    pairings = [one for one in peering(facts, params.window_days) if one.function is not Function.PROCUREMENT]
    gaps = [one for one in pairings if one.link is Link.GAP]
    senior = [one for one in pairings if one.link in {Link.PEERS, Link.NEAR, Link.GAP}]
    first = {one.theirs[0].id: one.theirs[0] for one in gaps}
    alone = by_rank(facts, first.values())
    numbers: dict[str, Any] = {
        "functions": len(senior),
        "gaps": ", ".join(one.function for one in gaps),
        "contact": contact_name(alone[0]) if alone else None,
    }
    if not gaps:
        message = say_n("{n} function with a counterpart", "{n} functions with a counterpart", n=len(senior))
        return Clear(message=message, numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, alone), numbers=numbers)


def _untold(facts: AccountFacts, params: PeeringGap) -> Text | str:
    """Return why nobody can say who is whose counterpart, empty where it can be told."""
    near = [facts.users.get(one) for one in coverage(facts, params.window_days).person_days]
    ours = [one for one in near if one and one.active]
    if not ours:
        return say("nobody of ours is in touch with them")
    untitled = sum(not one.title.strip() for one in ours)
    if untitled / len(ours) > params.max_untitled:
        return say("{untitled} of {n} of ours in touch have no title in the CRM", untitled=untitled, n=len(ours))
    return title_gate(facts).closed_because(params.max_untitled)


def _finding(facts: AccountFacts, params: PeeringGap, alone: list[Contact]) -> Finding:
    first = alone[0]
    told = {
        "account": facts.account.name,
        "name": contact_name(first),
        "person": contact_text(first),
        "people": people_text(alone),
        "window": window_text(params.window_days),
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=fitting_headline(
            say("{short} has no counterpart of ours", short=short_name(contact_name(first))),
            say("a senior contact without a counterpart"),
        ),
        why=say(
            "Nobody of ours who was in touch with {account} in the {window} to {as_of} works in the function of "
            "{people}.",
            **told,
        ),
        clears_when=say(
            "Clears when somebody of ours of the same function has had a meeting or a call there, or exchanged "
            "messages, within {window}.",
            **told,
        ),
        first_step=say("Bring a colleague of the same trade to the next meeting, and introduce {name}.", **told),
        figures=say_n(
            "{n} senior contact without a counterpart as of {as_of}",
            "{n} senior contacts without a counterpart as of {as_of}",
            n=len(alone),
            as_of=told["as_of"],
        ),
        contact_id=first.id,
    )
