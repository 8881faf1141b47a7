"""A ticket of a key customer has been open for longer than it should take.

Issues that are solved swiftly bind a customer more than none at all would; what lies about is talked of there every
day (B2B stickiness). A case in Salesforce is a ticket like one in HubSpot.

What is counted: tickets of the account that are open, and the business days since the day on which each was opened:
Monday to Friday without the holidays of `[calendar]`, beginning on the day after it. Urgent is a ticket whose priority
is one of `high_priorities`. A ticket that was closed and opened again is as old as on the first day.

Raised if an urgent ticket is open for more than `high_workdays` business days, or any other for more than
`normal_workdays`. For customers of tiers B and C both are twice as long.

Unknown where the CRM holds no case or ticket at all.

How to tune: set both to what your contracts promise, for each tier of its own. Where your CRM has other words for what
is urgent (`p1`), name them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import Field

from rules.facts import AccountFacts
from rules.model import Ticket
from rules.people_measures import contact_name
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Verdict, rule
from rules.tickets import HIGH_PRIORITIES, TICKET_NEEDS, contact_of, is_high, is_over, ticket_text, tickets_text
from rules.wording import day_text, say, say_n

_TWICE = MappingProxyType({"high_workdays": 4, "normal_workdays": 10})


class IssueNotSwift(Params):
    """`[rules.issue-not-swift]`."""

    by_tier: ClassVar[Mapping[str, Mapping[str, Any]]] = MappingProxyType({"B": _TWICE, "C": _TWICE})

    enabled: bool = False
    severity: Severity = Severity.HIGH
    route: Route = Route.OWNER
    high_workdays: Annotated[int, Field(ge=0, description="business days for an urgent ticket")] = 2
    normal_workdays: Annotated[int, Field(ge=0, description="business days for any other")] = 5
    high_priorities: tuple[str, ...] = HIGH_PRIORITIES


@rule(params=IssueNotSwift, needs=TICKET_NEEDS, hears=frozenset({"tickets"}))
def check(facts: AccountFacts, params: IssueNotSwift) -> Verdict:
    """Judge whether anything lies about."""
    waiting = [ticket for ticket in facts.tickets if ticket.closed_on is None]
    late = [ticket for ticket in waiting if is_over(facts, ticket.opened_on, _limit(ticket, params))]
    numbers: dict[str, Any] = {
        "open": len(waiting),
        "late": len(late),
        "oldest_on": late[0].opened_on.isoformat() if late else None,
    }
    if not late:
        message = say("{tickets} open, none for too long", tickets=tickets_text(len(waiting)))
        return Clear(message=message, numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, late), numbers=numbers)


def _limit(ticket: Ticket, params: IssueNotSwift) -> int:
    return params.high_workdays if is_high(ticket, params.high_priorities) else params.normal_workdays


def _finding(facts: AccountFacts, late: Sequence[Ticket]) -> Finding:
    contact = contact_of(facts, late[0])
    told = {
        "account": facts.account.name,
        "tickets": tickets_text(len(late)),
        "oldest": ticket_text(facts, late[0]),
        "since": day_text(late[0].opened_on),
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("{tickets} open for too long", **told),
        why=say_n(
            "A ticket of {account} is open for longer than it should as of {as_of}: {oldest}.",
            "{n} tickets of {account} are open for longer than they should as of {as_of}; the oldest is {oldest}.",
            n=len(late),
            **told,
        ),
        clears_when=say_n(
            "Clears when it is closed.", "Clears when they are closed, or none is late any more.", n=len(late)
        ),
        first_step=say("Call {name} and tell a day by which it is solved.", name=contact_name(contact))
        if contact
        else say("Find out where it is held up, and tell them a day by which it is solved."),
        figures=say("{tickets} late, the oldest since {since}", **told),
        contact_id=contact.id if contact else None,
    )
