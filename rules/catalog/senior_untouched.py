"""A senior contact of a key customer is known, and nobody of ours has ever approached them.

The annual litmus test asks to arrange meetings with the senior leaders whom we do not know (Dorman). They stand in the
CRM already, so it takes one message.

What is counted: senior contacts are those of `level` or higher, by the CRM's own seniority field, the role or the
title, and those whose role is decision-maker or executive sponsor. Any touch counts, over the whole record: also an
unanswered message, a missed call, or what they sent themselves. Touches of none but users that `[people] ignore` names
do not count. A contact who has left is not named.

Raised if a senior contact is in no touch at all. The most senior one is named first, then by name.

Clear where no senior contact is known: that is for `no-senior-contact` to say. Unknown where no contact is known, and
where more than `max_untitled` of the contacts have neither title nor seniority nor role.

How to tune: `level = "c"` names the top alone, `"head"` asks for more introductions; `[titles]` tells what the titles
of your customers mean.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import (
    level_text,
    people_text,
    senior_contacts,
    title_gate,
    touched_ids,
)
from rules.facts import AccountFacts
from rules.model import Contact
from rules.people_measures import contact_name, contact_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.titles import Level
from rules.wording import day_text, say, say_n


class SeniorUntouched(Params):
    """`[rules.senior-untouched]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    level: Level = Level.VP
    max_untitled: Annotated[float, Field(ge=0, le=1)] = 0.6


# Without `hears`: the text claims no more than what is on record, and one call or meeting would be.
@rule(params=SeniorUntouched, needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}))
def check(facts: AccountFacts, params: SeniorUntouched) -> Verdict:
    """Judge whether every senior contact has been approached at least once."""
    gate = title_gate(facts)
    seniors = senior_contacts(facts, params.level)
    touched = touched_ids(facts)
    untouched = [one for one in seniors if one.id not in touched]
    numbers: dict[str, Any] = {
        "contacts": gate.contacts,
        "untitled_contacts": gate.untitled,
        "senior_contacts": len(seniors),
        "untouched": len(untouched),
        "contact": contact_name(untouched[0]) if untouched else None,
    }
    if reason := gate.closed_because(params.max_untitled):
        return Unknown(reason=reason, numbers=numbers)
    if not untouched:
        message = say("every senior contact has been approached") if seniors else say("no senior contact is known")
        return Clear(message=message, numbers=numbers)
    finding = _finding(facts, params, untouched, len(seniors))
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _finding(facts: AccountFacts, params: SeniorUntouched, untouched: list[Contact], seniors: int) -> Finding:
    first, *others = untouched
    account, as_of = facts.account.name, day_text(facts.today)
    return Finding(
        headline=say("senior contact never approached"),
        why=say(
            "No message, call or meeting with {person} of {account} is on record (as of {as_of}){others}.",
            person=contact_text(first),
            account=account,
            as_of=as_of,
            others=say(", nor with {people}", people=people_text(others)) if others else "",
        ),
        clears_when=say(
            "Clears when a message, call or meeting with each contact {level} is on record.",
            level=level_text(params.level),
        ),
        first_step=say(
            "Introduce yourself to {name}: who we are, what we do for {account}, and what they expect of us.",
            name=contact_name(first),
            account=account,
        ),
        figures=say_n(
            "{untouched} of {n} senior contact never approached as of {as_of}",
            "{untouched} of {n} senior contacts never approached as of {as_of}",
            n=seniors,
            untouched=len(untouched),
            as_of=as_of,
        ),
        contact_id=first.id,
    )
