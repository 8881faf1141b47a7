"""Nobody in a higher position at a key customer is in touch with us.

Who knows only buyers hears last of a change of plans, and nobody who decides would miss us. Whether there is a
real relationship with people in higher positions is a question of the annual litmus test (Dorman); the authority of the
contacts is worth most where those who decide are hard to reach (Palmatier 2008, 446 B2B exchanges).

What is counted: senior contacts are those of `level` or higher, by the CRM's own seniority field, the role or the
title, and those whose role is decision-maker or executive sponsor. One is in touch with at least one two-way touch with
any of ours in the last `window_days` days: a meeting that was held, a call that connected, or a message that the same
two people answered within 30 days. A contact who has left does not count, nor do users that `[people] ignore` names.

Raised if no senior contact is in touch, whether some are known or none is.

Unknown where no contact is known, where more than `max_untitled` of the contacts have neither title nor seniority nor
role, and where the CRM does not log messages.

How to tune: `level = "manager"` asks for less, `"vp"` for more; `[titles]` tells what the titles of your customers
mean. A lower `max_untitled` asks for better kept titles before anything is raised.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import level_text, main_contact, pair_days, people_text, senior_contacts, title_gate
from rules.facts import AccountFacts
from rules.model import Contact
from rules.people_measures import contact_name, contact_text, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.titles import Level
from rules.wording import Text, day_text, say, say_n


class NoSeniorContact(Params):
    """`[rules.no-senior-contact]`."""

    enabled: bool = False
    severity: Severity = Severity.HIGH
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=30)] = 365
    level: Level = Level.HEAD
    max_untitled: Annotated[float, Field(ge=0, le=1)] = 0.6


@rule(
    params=NoSeniorContact,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: NoSeniorContact) -> Verdict:
    """Judge whether anybody in a higher position knows us."""
    gate = title_gate(facts)
    seniors = senior_contacts(facts, params.level)
    days = pair_days(facts, params.window_days)
    reached = [one for one in seniors if one.id in days]
    numbers: dict[str, Any] = {
        "contacts": gate.contacts,
        "untitled_contacts": gate.untitled,
        "senior_contacts": len(seniors),
        "senior_in_touch": len(reached),
        "contact": contact_name(reached[0]) if reached else None,
    }
    if reason := gate.closed_because(params.max_untitled):
        return Unknown(reason=reason, numbers=numbers)
    if reached:
        message = say_n("{n} senior contact in touch with us", "{n} senior contacts in touch with us", n=len(reached))
        return Clear(message=message, numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, seniors, gate.contacts), numbers=numbers)


def _finding(facts: AccountFacts, params: NoSeniorContact, silent: list[Contact], contacts: int) -> Finding:
    told = {
        "account": facts.account.name,
        "level": level_text(params.level),
        "window": window_text(params.window_days),
        "as_of": day_text(facts.today),
        "known": people_text(silent)
        if silent
        else say_n("nobody among {n} contact", "nobody among {n} contacts", n=contacts),
    }
    return Finding(
        headline=say("no senior contact in touch with us"),
        why=say(
            "Nobody {level} at {account} answered or met us in the {window} to {as_of}; known there: {known}.", **told
        ),
        clears_when=say(
            "Clears when a contact {level} has had a meeting or a call with any of ours, or exchanged messages, within "
            "{window}.",
            **told,
        ),
        first_step=_first_step(facts, params, silent),
        figures=say_n(
            "0 of {n} senior contact in touch as of {as_of}",
            "0 of {n} senior contacts in touch as of {as_of}",
            n=len(silent),
            as_of=told["as_of"],
        ),
        contact_id=silent[0].id if silent else None,
    )


def _first_step(facts: AccountFacts, params: NoSeniorContact, silent: list[Contact]) -> Text:
    """Let the main contact introduce us, if there is one."""
    main = main_contact(facts, params.window_days)
    whom = contact_text(silent[0]) if silent else say("whoever decides there")
    if main is None:
        return say("Ask {whom} for a talk.", whom=whom)
    return say("Ask {name} for an introduction to {whom}.", name=contact_name(main.contact), whom=whom)
