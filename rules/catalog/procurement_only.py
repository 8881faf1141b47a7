"""Only purchasing and finance of a key customer talk to us, nobody who uses what they buy.

Where the halls are lined with purchasers and finance people alone, price is all that is ever talked about, and whoever
uses the product would not miss us (B2B stickiness). Those who use it know what it is worth.

What is counted: contacts in touch are those who have not left and had at least one two-way touch with any of ours in
the last `window_days` days: a meeting that was held, a call that connected, or a message that the same two people
answered within 30 days. In which function they work is told by their title, in many languages; `[titles.functions]`
wins over the built-in words. Users that `[people] ignore` names do not count.

Raised if at least `min_contacts` contacts are in touch and every one of them works in procurement or finance, in
nothing else. Clear as soon as one of them works in another function, the general management included.

Unknown where fewer than `min_contacts` are in touch, where nobody of another function is and the title of one in touch
tells none, and where the CRM does not log messages.

How to tune: `[titles.functions]` names the functions of titles that are your customers' own. `min_contacts = 1` also
tells where a single buyer is all there is, which `single-contact` tells anyway.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import pair_days, people_text, present
from rules.facts import AccountFacts
from rules.function_patterns import Function
from rules.functions import functions_of
from rules.model import Contact
from rules.people_measures import by_rank, contact_name, contact_text, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import Text, day_text, say, say_n

_BUYING = frozenset({Function.PROCUREMENT, Function.FINANCE})


class ProcurementOnly(Params):
    """`[rules.procurement-only]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=30)] = 365
    min_contacts: Annotated[int, Field(ge=1, description="contacts in touch below this are too few to tell")] = 2


@rule(
    params=ProcurementOnly,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: ProcurementOnly) -> Verdict:
    """Judge whether anybody but the buyers is in touch with us."""
    days = pair_days(facts, params.window_days)
    in_touch = by_rank(facts, (one for one in present(facts) if one.id in days))
    functions = {one.id: functions_of(one, facts.titles) for one in in_touch}
    others = [one for one in in_touch if functions[one.id] - _BUYING]
    untold = [one for one in in_touch if not functions[one.id]]
    numbers: dict[str, Any] = {
        "in_touch": len(in_touch),
        "other_functions": len(others),
        "function_unknown": len(untold),
        "contact": contact_name(others[0]) if others else None,
    }
    if others:
        return Clear(message=say("{name} is in touch with us", name=contact_text(others[0])), numbers=numbers)
    if len(in_touch) < params.min_contacts:
        reason = say("too few are in touch to tell: {n} of {needed}", n=len(in_touch), needed=params.min_contacts)
        return Unknown(reason=reason, numbers=numbers)
    if untold:
        reason = say("the title of {name} tells no function", name=contact_name(untold[0]))
        return Unknown(reason=reason, numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, in_touch), numbers=numbers)


def _finding(facts: AccountFacts, params: ProcurementOnly, buyers: list[Contact]) -> Finding:
    told = {
        "account": facts.account.name,
        "people": people_text(buyers),
        "window": window_text(params.window_days),
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("only purchasing talks to us"),
        why=say(
            "Only purchasing and finance of {account} answered or met us in the {window} to {as_of}: {people}.", **told
        ),
        clears_when=say(
            "Clears when somebody of another function there has had a meeting or a call with any of ours, or exchanged "
            "messages, within {window}.",
            **told,
        ),
        first_step=_first_step(facts, buyers),
        figures=say_n(
            "{n} contact in touch, in purchasing or finance as of {as_of}",
            "{n} contacts in touch, all in purchasing or finance as of {as_of}",
            n=len(buyers),
            as_of=told["as_of"],
        ),
        contact_id=buyers[0].id,
    )


def _first_step(facts: AccountFacts, buyers: list[Contact]) -> Text:
    """Ask for somebody who is known there and works elsewhere, if there is one."""
    known = by_rank(facts, (one for one in present(facts) if functions_of(one, facts.titles) - _BUYING))
    name = contact_name(buyers[0])
    if known:
        return say("Ask {name} for an introduction to {whom}.", name=name, whom=contact_text(known[0]))
    return say("Ask {name} who uses what they buy from us, and for an introduction.", name=name)
