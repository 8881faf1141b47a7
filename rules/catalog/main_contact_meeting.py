"""The regular meeting with the main contact of a key customer has lapsed, and none is booked.

Whether the main contact is met regularly is a question of the annual litmus test (Dorman): what changes at a customer
is told in a talk sooner than in a mail.

What is counted: the main contact is the one with most two-way touch-days in the last `window_days` days: pairs of one
of ours and a local day with a meeting that was held, a call that connected, or a message that the same two people
answered within 30 days. Ties go to the one with the later last day. Contacts who have left are no main contact.
The clock starts at the last held meeting or call of any of ours with them, however long ago; where there was none, at
the first won deal, else customer-since, else the account's first touch. Users that `[people] ignore` names do
not count.

Raised if that is more than `cadence_days` ago, 45 days by default and 90 for tier B and C, and no meeting with them
lies ahead in the calendar.

Unknown where nobody of theirs is in touch, and where the CRM does not log messages.

How to tune: `cadence_days` is the rhythm that you have agreed on; give each tier its own in
`[rules.main-contact-meeting.tier.B]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import Field

from rules.contact_measures import last_met_on, main_contact
from rules.facts import AccountFacts
from rules.measures import customer_since, first_touch_on
from rules.model import Contact
from rules.people_measures import contact_name, contact_text, is_counted
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import day_text


class MainContactMeeting(Params):
    """`[rules.main-contact-meeting]`."""

    by_tier: ClassVar[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
        {"B": {"cadence_days": 90}, "C": {"cadence_days": 90}}
    )

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=30)] = 365
    cadence_days: Annotated[int, Field(ge=1)] = 45


@rule(
    params=MainContactMeeting,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: MainContactMeeting) -> Verdict:
    """Judge whether somebody of ours meets the main contact in the agreed rhythm."""
    main = main_contact(facts, params.window_days)
    contact = main.contact if main else None
    met_on = last_met_on(facts, contact.id) if contact else None
    since = (met_on or customer_since(facts) or first_touch_on(facts)) if contact else None
    booked_on = _booked_on(facts, contact.id) if contact else None
    numbers: dict[str, Any] = {
        "contact": contact_name(contact) if contact else None,
        "last_met_on": met_on.isoformat() if met_on else None,
        "age_days": (facts.today - since).days if since else None,
        "due_on": (since + timedelta(days=params.cadence_days)).isoformat() if since else None,
        "booked_on": booked_on.isoformat() if booked_on else None,
    }
    if contact is None or since is None:
        return Unknown(reason="nobody of theirs is in touch with us", numbers=numbers)
    if (facts.today - since).days <= params.cadence_days:
        return Clear(message="met in time" if met_on else "never met, not due yet", numbers=numbers)
    if booked_on:
        return Clear(message=f"a meeting is booked for {day_text(booked_on)}", numbers=numbers)
    finding = _finding(facts, params, contact, met_on, since)
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _booked_on(facts: AccountFacts, contact_id: str) -> date | None:
    """Return the day of the next meeting with a contact that any of ours who counts will be in."""
    return min(
        (meeting.day for meeting in facts.upcoming if contact_id in meeting.theirs and is_counted(facts, meeting)),
        default=None,
    )


def _finding(
    facts: AccountFacts, params: MainContactMeeting, contact: Contact, met_on: date | None, since: date
) -> Finding:
    as_of, begin, name = day_text(facts.today), day_text(since), contact_name(contact)
    person = f"{contact_text(contact)}, the main contact at {facts.account.name},"
    if met_on:
        why = f"The last meeting or call with {person} was on {begin}, and none is booked (as of {as_of})."
    else:
        why = f"No meeting or call with {person} is known, counted from {begin}, and none is booked (as of {as_of})."
    return Finding(
        headline=f"main contact not met since {begin}" if met_on else "main contact never met",
        why=why,
        clears_when=f"Clears when any of ours has had a meeting or a call with {name} within {params.cadence_days} "
        "days, or a meeting is booked.",
        first_step=f"Book a meeting with {name} and agree on a rhythm.",
        figures=f"last met {begin if met_on else 'never'}, none booked as of {as_of}",
        contact_id=contact.id,
    )
