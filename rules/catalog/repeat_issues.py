"""A key customer has one issue after the other, or an old one again.

Every issue that comes back says that nobody saw to its cause, and is a question of the yearly litmus test (Dorman): is
there a pattern in what they complain of?

What is counted: tickets of the account that were opened in the last `window_days` days, closed since or not, and
tickets that were opened again in these days. HubSpot tells when a ticket was opened again; Salesforce does not: there
it is seen when a case that was closed is open at the next pull.

Raised if at least `min_tickets` were opened, or one was opened again.

Unknown where the CRM holds no case or ticket at all.

How to tune: raise `min_tickets` for customers who send everything as a ticket, questions too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.model import Ticket
from rules.people_measures import contact_name, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Verdict, rule
from rules.tickets import TICKET_NEEDS, contact_of, opened_within, ticket_text, tickets_text
from rules.wording import day_text, say


class RepeatIssues(Params):
    """`[rules.repeat-issues]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=1)] = 30
    min_tickets: Annotated[int, Field(ge=2, description="so many make a series")] = 3


@rule(params=RepeatIssues, needs=TICKET_NEEDS, hears=frozenset({"tickets"}))
def check(facts: AccountFacts, params: RepeatIssues) -> Verdict:
    """Judge whether issues come in series or come back."""
    opened = opened_within(facts, params.window_days)
    after = facts.today - timedelta(days=params.window_days)
    again = [one for one in facts.tickets if one.reopened_on and one.reopened_on > after]
    numbers: dict[str, Any] = {"opened": len(opened), "opened_again": len(again)}
    if len(opened) < params.min_tickets and not again:
        message = say("{tickets} opened, none again", tickets=tickets_text(len(opened)))
        return Clear(message=message, numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, opened, again), numbers=numbers)


def _finding(facts: AccountFacts, params: RepeatIssues, opened: list[Ticket], again: list[Ticket]) -> Finding:
    is_series = len(opened) >= params.min_tickets
    last = opened[-1] if is_series else again[-1]
    contact = contact_of(facts, last)
    told = {
        "account": facts.account.name,
        "tickets": tickets_text(len(opened) if is_series else len(again)),
        "last": ticket_text(facts, last),
        "window": window_text(params.window_days),
        "needed": params.min_tickets,
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("{tickets} in {window}", **told) if is_series else say("an old issue is back"),
        why=say("{account} opened {tickets} in the {window} to {as_of}, the last of them {last}.", **told)
        if is_series
        else say("{tickets} of {account} had to be opened again in the {window} to {as_of}: {last}.", **told),
        clears_when=say("Clears when fewer than {needed} were opened within {window}, and none again.", **told),
        first_step=say("Ask {name} what is behind them, and have the cause removed.", name=contact_name(contact))
        if contact
        else say("Find out what is behind them, and have the cause removed."),
        figures=say("{tickets} in {window} to {as_of}", **told),
        contact_id=contact.id if contact else None,
    )
