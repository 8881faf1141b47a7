"""Somebody senior is new among the contacts of a key customer, and nobody of ours has approached them.

Who comes new into a position looks at suppliers with fresh eyes, and remembers who came first. A change on their side
is the moment at which the dynamics of an account change (Miller, Dynamic Business).

What is counted: new is a contact who was entered in the CRM on one of the last `raised_days` days, senior one of
`level` or higher, or with the role of an executive. Any touch counts as an approach, over the whole record: also an
unanswered message, a missed call, or what they sent themselves. Touches of none but users that `[people] ignore` names
do not count. A contact who has left is not named.

Raised if a new senior contact is in no touch at all. The most senior one is named first, then by name.

Unknown where the CRM tells of no contact when it was entered. Clear where none is new.

How to tune: after an import every contact is new; switch the rule on a month later. `level = "vp"` names fewer.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import present, senior_contacts, touched_ids
from rules.facts import AccountFacts
from rules.model import Contact
from rules.people_measures import contact_name, contact_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.titles import Level
from rules.wording import day_text, say, say_n


class NewSeniorContact(Params):
    """`[rules.new-senior-contact]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER
    level: Level = Level.HEAD
    raised_days: Annotated[int, Field(ge=1, description="how long somebody is new after being entered")] = 30


# Without `hears`, as `senior-untouched`: the text claims no more than what is on record.
@rule(params=NewSeniorContact, needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}))
def check(facts: AccountFacts, params: NewSeniorContact) -> Verdict:
    """Judge whether everybody senior who is new has been approached."""
    new = [one for one in senior_contacts(facts, params.level) if _is_new(one, facts.today, params.raised_days)]
    touched = touched_ids(facts) if new else set()  # most accounts end here, spared the search
    untouched = [one for one in new if one.id not in touched]
    first = untouched[0] if untouched else None
    numbers: dict[str, Any] = {
        "new_senior_contacts": len(new),
        "untouched": len(untouched),
        "contact": contact_name(first) if first else None,
        "entered_on": first.entered_on.isoformat() if first and first.entered_on else None,
    }
    if not any(one.entered_on for one in present(facts)):
        return Unknown(reason=say("nothing says when a contact of theirs was entered"), numbers=numbers)
    if first is None or first.entered_on is None:
        message = say("who is new and senior has been approached") if new else say("nobody senior is new")
        return Clear(message=message, numbers=numbers)
    finding = _finding(facts, first, first.entered_on, len(untouched))
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _is_new(contact: Contact, today: date, days: int) -> bool:
    return contact.entered_on is not None and 0 <= (today - contact.entered_on).days <= days


def _finding(facts: AccountFacts, first: Contact, entered_on: date, count: int) -> Finding:
    told = {
        "account": facts.account.name,
        "name": contact_name(first),
        "person": contact_text(first),
        "entered": day_text(entered_on),
        "as_of": day_text(facts.today),
        "others": say_n(", nor of {n} other new senior contact", ", nor of {n} other new senior contacts", n=count - 1)
        if count > 1
        else "",
    }
    return Finding(
        headline=say("new senior contact, not approached yet"),
        why=say(
            "{person} of {account} was entered on {entered}, and no message, call or meeting is on record{others} "
            "(as of {as_of}).",
            **told,
        ),
        clears_when=say("Clears when a message, call or meeting with {name} is on record.", **told)
        if count == 1
        else say("Clears when a message, call or meeting with {name} and the others is on record.", **told),
        first_step=say(
            "Introduce yourself to {name}: who we are, what we do for {account}, and what they expect of us.", **told
        ),
        figures=say("{name} new since {entered}", **told),
        contact_id=first.id,
    )
