"""An issue of a key customer went up to somebody senior before it was solved.

Issues belong solved at the lowest level, before those who decide hear of them (B2B stickiness): the executive who has
to call support remembers it when the contract is up.

What is counted: tickets of the account that are open, or were opened in the last `window_days` days. One went up if
the CRM says that it is escalated (Salesforce; HubSpot knows no escalation), or if its contact is of `level` or higher,
by the CRM's own seniority field, the role or the title, or is a decision-maker or executive sponsor.

Raised if one went up. Those of their executives come first, then the newest.

Unknown where the CRM holds no case or ticket at all.

How to tune: `level = "c"` where directors are your everyday contacts. A longer `window_days` keeps it in mind for the
next meeting.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.model import Ticket
from rules.people_measures import contact_name, contact_text, is_senior, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Verdict, rule
from rules.tickets import TICKET_NEEDS, contact_of, opened_within, tickets_text
from rules.titles import Level
from rules.wording import Text, day_text, say


class IssueReachedExec(Params):
    """`[rules.issue-reached-exec]`."""

    enabled: bool = False
    severity: Severity = Severity.HIGH
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=1)] = 30
    level: Level = Level.VP


@rule(params=IssueReachedExec, needs=TICKET_NEEDS, hears=frozenset({"tickets"}))
def check(facts: AccountFacts, params: IssueReachedExec) -> Verdict:
    """Judge whether an issue reached those who decide."""
    recent = opened_within(facts, params.window_days)
    known = [one for one in facts.tickets if one.closed_on is None or one in recent]
    raised_by = {one.id for one in known if _is_of_executive(facts, one, params.level)}
    gone_up = sorted(
        (one for one in known if one.escalated or one.id in raised_by),
        key=lambda one: (one.id in raised_by, one.opened_on, one.id),
        reverse=True,
    )
    numbers: dict[str, Any] = {
        "tickets": len(known),
        "gone_up": len(gone_up),
        "by_executives": len(raised_by),
        "opened_on": gone_up[0].opened_on.isoformat() if gone_up else None,
    }
    if not gone_up:
        return Clear(message=say("no issue went up"), numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, gone_up, raised_by), numbers=numbers)


def _is_of_executive(facts: AccountFacts, ticket: Ticket, level: Level) -> bool:
    contact = contact_of(facts, ticket)
    return contact is not None and is_senior(facts, contact, level)


def _finding(facts: AccountFacts, params: IssueReachedExec, gone_up: list[Ticket], raised_by: set[str]) -> Finding:
    first = gone_up[0]
    contact = contact_of(facts, first)
    told = {
        "account": facts.account.name,
        "day": day_text(first.opened_on),
        "person": contact_text(contact) if contact else "",
        "others": say("; {tickets} in all went up", tickets=tickets_text(len(gone_up))) if len(gone_up) > 1 else "",
        "window": window_text(params.window_days),
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("an issue went up to their executives") if raised_by else say("an issue was escalated"),
        why=say("{person} of {account} had to turn to support on {day}{others} (as of {as_of}).", **told)
        if raised_by
        else say("A ticket of {account} of {day} was escalated{others} (as of {as_of}).", **told),
        clears_when=say("Clears when such tickets are closed and none was opened within {window}.", **told),
        first_step=_first_step(first, contact_name(contact) if contact else ""),
        figures=say("an issue of {day} went up", **told),
        contact_id=contact.id if contact else None,
    )


def _first_step(ticket: Ticket, name: str) -> Text:
    if not name:
        return say("Tell them who takes care of it, and ask whom they would rather have called.")
    if ticket.closed_on is None:
        return say("Call {name} with what is being done, and name who is to be called the next time.", name=name)
    return say("Ask {name} whether it was solved well, and name who is to be called the next time.", name=name)
