"""Something urgent was put right for a key customer, and nobody told them.

A favour that nobody hears of is none (Lewis, seven habits: let them know, and they owe you one). Who worked over the
weekend for a customer should say so.

What is counted: tickets of the account whose priority is one of `high_priorities` and that were closed in the last
`window_days` days, each with a contact who has not left. They were told with anything on the day of closing or later
with that contact by anybody of ours: a message or a call to them, reached or not, or a meeting or call that took place.

Raised if more than `workdays` business days after the day of closing the contact has not been told. Business days are
Monday to Friday without the holidays of `[calendar]`. The latest such ticket is named.

Unknown where the CRM holds no case or ticket at all, and where it does not log messages.

How to tune: it knows no extra service but urgent tickets. Leave it off where support tells the customer by mails that
the CRM does not log with the contact.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.model import Contact, Ticket
from rules.people_measures import contact_name, contact_text, is_counted, is_reaction, left_on
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Verdict, rule
from rules.tickets import HIGH_PRIORITIES, TICKET_NEEDS, contact_of, is_high, is_over, tickets_text
from rules.wording import day_text, say


class UnannouncedFavour(Params):
    """`[rules.unannounced-favour]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=1)] = 30
    workdays: Annotated[int, Field(ge=0, description="business days without a word")] = 5
    high_priorities: tuple[str, ...] = HIGH_PRIORITIES


@rule(params=UnannouncedFavour, needs=TICKET_NEEDS, hears=frozenset({"tickets", "email"}))
def check(facts: AccountFacts, params: UnannouncedFavour) -> Verdict:
    """Judge whether what was done for them was told."""
    done = [
        (one, contact)
        for one in facts.tickets
        if one.closed_on
        and (facts.today - one.closed_on).days < params.window_days
        and is_high(one, params.high_priorities)
        and (contact := contact_of(facts, one))
        and not left_on(facts, contact)
    ]
    untold = [
        (one, contact)
        for one, contact in done
        if one.closed_on and is_over(facts, one.closed_on, params.workdays) and not _is_told(facts, one, contact)
    ]
    last = max(untold, key=lambda one: (one[0].closed_on, one[0].id), default=None)
    numbers: dict[str, Any] = {
        "done": len(done),
        "untold": len(untold),
        "contact": contact_name(last[1]) if last else None,
    }
    if last is None:
        return Clear(message=say("nothing urgent was done without a word"), numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, *last, len(untold)), numbers=numbers)


def _is_told(facts: AccountFacts, ticket: Ticket, contact: Contact) -> bool:
    return any(
        contact.id in touch.theirs
        and ticket.closed_on is not None
        and touch.day >= ticket.closed_on
        and is_counted(facts, touch)
        and is_reaction(touch)
        for touch in facts.touches
    )


def _finding(facts: AccountFacts, ticket: Ticket, contact: Contact, count: int) -> Finding:
    told = {
        "name": contact_name(contact),
        "person": contact_text(contact),
        "account": facts.account.name,
        "closed": day_text(ticket.closed_on or ticket.opened_on),
        "tickets": tickets_text(count),
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("something urgent was done, and not told"),
        why=say(
            "The urgent ticket of {person} of {account} was closed on {closed}, and nobody of ours has turned to them "
            "since (as of {as_of}).",
            **told,
        ),
        clears_when=say("Clears when any of ours has written to, called or met {name} since then.", **told),
        first_step=say("Tell {name} what was done, and by whom.", **told),
        figures=say("{tickets} closed without a word, the last on {closed}", **told),
        contact_id=contact.id,
    )
