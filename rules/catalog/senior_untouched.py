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
)
from rules.facts import AccountFacts
from rules.model import Contact
from rules.people_measures import contact_name, contact_text, is_counted
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.titles import Level
from rules.wording import count_text, day_text


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
    touched = _touched_ids(facts)
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
        message = "every senior contact has been approached" if seniors else "no senior contact is known"
        return Clear(message=message, numbers=numbers)
    finding = _finding(facts, params, untouched, len(seniors))
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _touched_ids(facts: AccountFacts) -> set[str]:
    """Return the contact ids of any touch by anybody who is not ignored, attempts included."""
    return {contact_id for touch in facts.touches if is_counted(facts, touch) for contact_id in touch.theirs}


def _finding(facts: AccountFacts, params: SeniorUntouched, untouched: list[Contact], seniors: int) -> Finding:
    first, *others = untouched
    as_of, level = day_text(facts.today), level_text(params.level)
    return Finding(
        headline="senior contact never approached",
        why=f"No message, call or meeting with {contact_text(first)} of {facts.account.name} is on record "
        f"(as of {as_of}){f', nor with {people_text(others)}' if others else ''}.",
        clears_when=f"Clears when a message, call or meeting with each contact {level} is on record.",
        first_step=f"Introduce yourself to {contact_name(first)}: who we are, what we do for {facts.account.name}, "
        "and what they expect of us.",
        figures=f"{len(untouched)} of {count_text(seniors, 'senior contact')} never approached as of {as_of}",
        contact_id=first.id,
    )
