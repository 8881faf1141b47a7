"""Nobody senior at a key customer heard from the company itself for a quarter.

Where all that a customer knows of us comes through its rep, the relationship is the rep's. A programme by which the
company speaks to its customers directly, a bulletin, an event, a letter of the management, outlives whoever leaves (the
fourth of five steps against customers who go with their rep).

What is counted: mailings, invitations and events of the company's own; no other rule counts what goes to many at once.
In Salesforce they are campaigns: a member got one on the day on which it began, or on which they were entered as a
member, whichever is later; an answer (First Responded) counts on its own day, and a campaign that was aborted not at
all. In HubSpot they are its marketing e-mails, of which it tells the newest to each contact, and the newest click or
reply. Senior contacts are those of `level` or higher, and those with the role of an executive; who has left, or wants
no such mail, is not among them. Of one who never got anything the clock starts at the later of two days: that on which
the contact was entered, and that of the first won deal, else customer-since, else the account's first touch.

Raised if that is more than `cadence_days` ago for every one of them: one who is reached is enough.

Unknown where the CRM shows no mailing to anybody, where no contact is known, and where more than `max_untitled` of them
have neither title nor seniority nor role. Of a past day, HubSpot's contacts tell only of a first and a newest mailing:
Unknown where those lie on either side of it. Clear where nobody senior is known, and where all of them want none.

How to tune: `cadence_days` is the rhythm of your bulletin and a few days more. Where mailings go out by a system that
does not tell the CRM, leave the rule off.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import level_text, people_text, senior_contacts, title_gate
from rules.facts import AccountFacts
from rules.measures import customer_since, first_touch_on
from rules.model import Contact, Mailing
from rules.people_measures import contact_name, contact_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.titles import Level
from rules.wording import day_text, say


class CompanyCommunication(Params):
    """`[rules.company-communication]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER
    level: Level = Level.HEAD
    cadence_days: Annotated[int, Field(ge=1)] = 92
    max_untitled: Annotated[float, Field(ge=0, le=1)] = 0.6


@rule(
    params=CompanyCommunication,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity", "mailings"}),
    hears=frozenset({"mailings"}),
)
def check(facts: AccountFacts, params: CompanyCommunication) -> Verdict:
    """Judge whether the company itself reaches anybody senior."""
    gate, seniors = title_gate(facts), senior_contacts(facts, params.level)
    willing = {one.id: one for one in seniors if not one.opted_out}
    theirs = [one for one in facts.mailings if one.contact_id in willing]
    newest = _newest(theirs)
    since = _since(facts, willing, theirs)
    numbers: dict[str, Any] = {
        "contacts": gate.contacts,
        "untitled_contacts": gate.untitled,
        "senior_contacts": len(seniors),
        "opted_out": len(seniors) - len(willing),
        "reached": len({one.contact_id for one in theirs}),
        "contact": contact_name(next(iter(willing.values()))) if willing else None,
        "since": since.isoformat() if since else None,
        "mailing": newest.name if newest else None,
    }
    if reason := gate.closed_because(params.max_untitled):
        return Unknown(reason=reason, numbers=numbers)
    if not willing:
        none = say("nobody senior is known") if not seniors else say("everybody senior wants no mailings")
        return Clear(message=none, numbers=numbers)
    if since and (facts.today - since).days <= params.cadence_days:
        return Clear(message=say("the company itself reached somebody senior"), numbers=numbers)
    if any(one.got_on is None for one in theirs):
        return Unknown(reason=say("the CRM keeps only the newest mailing to each contact"), numbers=numbers)
    if since is None:
        return Unknown(reason=say("nothing says since when they are a customer"), numbers=numbers)
    finding = _finding(facts, params, [*willing.values()], since, newest)
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _newest(mailings: list[Mailing]) -> Mailing | None:
    """Return the one that was heard of last."""
    known = (one for one in mailings if one.heard_on)
    return max(known, key=lambda one: (one.heard_on or date.min, one.name), default=None)


def _since(facts: AccountFacts, contacts: Mapping[str, Contact], mailings: list[Mailing]) -> date | None:
    """Return the latest day on which one of them heard, or could not yet have heard; None where nothing tells any."""
    reached = {one.contact_id for one in mailings}
    begin = customer_since(facts) or first_touch_on(facts)
    starts = ([day for day in (begin, one.entered_on) if day] for one in contacts.values() if one.id not in reached)
    heard = [one.heard_on for one in mailings if one.heard_on]
    return max([*(max(days) for days in starts if days), *heard], default=None)


def _finding(
    facts: AccountFacts, params: CompanyCommunication, contacts: list[Contact], since: date, newest: Mailing | None
) -> Finding:
    told = {
        "account": facts.account.name,
        "person": contact_text(contacts[0]),
        "people": people_text(contacts),
        "level": level_text(params.level),
        "since": day_text(since),
        "as_of": day_text(facts.today),
        "last": say('; the last was "{name}"', name=newest.name) if newest and newest.name else "",
    }
    return Finding(
        headline=say("no company mailing since {since}", **told),
        why=say(
            "Nobody senior at {account} ({people}) has heard from the company itself since {since}{last} "
            "(as of {as_of}).",
            **told,
        )
        if newest
        else say(
            "Nothing from the company itself to anybody senior at {account} ({people}) is known, counted from {since} "
            "(as of {as_of}).",
            **told,
        ),
        clears_when=say(
            "Clears when a contact {level} is reached by a mailing or event of the company within {days} days.",
            days=params.cadence_days,
            **told,
        ),
        first_step=say("Have {person} added to the customer bulletin, or invited to the next customer event.", **told),
        figures=say("no company mailing to anybody senior since {since}", **told),
        contact_id=contacts[0].id,
    )
