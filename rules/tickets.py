"""What the rules of service measure: which tickets are urgent, young or over a limit, and how findings name them.

Tickets are those of domain.md 1F, cases in Salesforce. Days are local, business days those of `rules.workdays`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from rules.facts import AccountFacts
from rules.model import Contact, Ticket
from rules.people_measures import contact_text
from rules.wording import Text, day_text, say, say_n
from rules.workdays import add_workdays

#: The words of Salesforce and HubSpot for what cannot wait.
HIGH_PRIORITIES = ("high", "urgent", "critical")
#: What a rule about tickets needs of the CRM.
TICKET_NEEDS = frozenset({"users", "accounts", "contacts", "deals", "activity", "tickets"})


def is_high(ticket: Ticket, words: Collection[str]) -> bool:
    """Tell whether the priority of a ticket is one of some words, whatever their case."""
    return ticket.priority in {word.strip().lower() for word in words}


def opened_within(facts: AccountFacts, window_days: int) -> list[Ticket]:
    """Return the tickets that were opened in the last `window_days` days, today included, oldest first."""
    after = facts.today - timedelta(days=window_days)
    return [ticket for ticket in facts.tickets if ticket.opened_on > after]


def is_over(facts: AccountFacts, day: date, workdays: int) -> bool:
    """Tell whether more than so many business days have gone since a day, which is none of them."""
    return add_workdays(day, workdays + 1, facts.holidays) <= facts.today


def contact_of(facts: AccountFacts, ticket: Ticket) -> Contact | None:
    """Return whose ticket it is, None where nobody known is named."""
    return next((contact for contact in facts.contacts if contact.id == ticket.contact_id), None)


def tickets_text(count: int) -> Text:
    """Return `1 ticket` or `3 tickets`."""
    return say_n("{n} ticket", "{n} tickets", n=count)


def ticket_text(facts: AccountFacts, ticket: Ticket) -> Text:
    """Return `that of Maria Lopez (Buyer) of 2 Nov 2026`, without the name where it is not known."""
    contact, day = contact_of(facts, ticket), day_text(ticket.opened_on)
    if contact is None:
        return say("that of {day}", day=day)
    return say("that of {person} of {day}", person=contact_text(contact), day=day)


def oldest(tickets: Iterable[Ticket]) -> Ticket | None:
    """Return the ticket that was opened first, None of none."""
    return min(tickets, key=lambda one: (one.opened_on, one.id), default=None)
