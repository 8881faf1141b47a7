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
lies ahead in the calendar. How often the customer asked to hear from us goes before either, where
`[connections.NAME.map] contact_every_days` names a field that tells it. While the CRM says that the main contact is
away, nothing is due.

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

from rules.contact_measures import booked_on, last_met_on, main_contact
from rules.facts import AccountFacts
from rules.measures import customer_since, first_touch_on
from rules.model import Contact
from rules.people_measures import contact_name, contact_text
from rules.rhythm import away_text, back_on, cadence
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import day_text, say


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
    cadence_days = cadence(facts, params.cadence_days)
    main = main_contact(facts, params.window_days)
    contact = main.contact if main else None
    met_on = last_met_on(facts, contact.id) if contact else None
    since = (met_on or customer_since(facts) or first_touch_on(facts)) if contact else None
    booked = booked_on(facts, contact.id) if contact else None
    numbers: dict[str, Any] = {
        "contact": contact_name(contact) if contact else None,
        "last_met_on": met_on.isoformat() if met_on else None,
        "age_days": (facts.today - since).days if since else None,
        "due_on": (since + timedelta(days=cadence_days)).isoformat() if since else None,
        "booked_on": booked.isoformat() if booked else None,
    }
    if contact is None or since is None:
        return Unknown(reason=say("nobody of theirs is in touch with us"), numbers=numbers)
    if (facts.today - since).days <= cadence_days:
        in_time = say("met in time") if met_on else say("never met, not due yet")
        return Clear(message=in_time, numbers=numbers)
    if booked:
        return Clear(message=say("a meeting is booked for {day}", day=day_text(booked)), numbers=numbers)
    if away := back_on(facts, [contact]):
        return Clear(message=away_text(away), numbers=numbers)
    finding = _finding(facts, cadence_days, contact, met_on, since)
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _finding(facts: AccountFacts, cadence_days: int, contact: Contact, met_on: date | None, since: date) -> Finding:
    told = {
        "person": contact_text(contact),
        "account": facts.account.name,
        "name": contact_name(contact),
        "since": day_text(since),
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("main contact not met since {since}", **told) if met_on else say("main contact never met"),
        why=say(
            "The last meeting or call with {person}, the main contact at {account}, was on {since}, and none is booked "
            "(as of {as_of}).",
            **told,
        )
        if met_on
        else say(
            "No meeting or call with {person}, the main contact at {account}, is known, counted from {since}, and none "
            "is booked (as of {as_of}).",
            **told,
        ),
        clears_when=say(
            "Clears when any of ours has had a meeting or a call with {name} within {days} days, or a meeting is "
            "booked.",
            days=cadence_days,
            **told,
        ),
        first_step=say("Book a meeting with {name} and agree on a rhythm.", **told),
        figures=say("last met {since}, none booked as of {as_of}", **told)
        if met_on
        else say("last met never, none booked as of {as_of}", **told),
        contact_id=contact.id,
    )
