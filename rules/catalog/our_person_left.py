"""One of ours who carried the contact with a key customer is gone, and the successor has not met everybody they knew.

The tie is to the person as much as to the firm. What keeps a customer when that person goes is a handover in which
the successor meets everybody the leaver knew, before somebody else does (Bendapudi and Leone, HBR 2001); at one large
distributor a change of the rep cost 13 to 18 percent of a customer's revenue in the first year (Shi, Sridhar, Grewal
and Lilien 2017).

A leaver is one of ours with `share` or more of the person-days of the last `window_days` days (a person of ours and
a local day with at least one two-way touch with the account), who is inactive now or owned the account earlier and
does not now. The day is the last one on which the person was seen as owner; for an inactive user the last one on which
they logged anything anywhere. The successor is the account's owner if active and no leaver, else whom `[people]
successors` names for the leaver with most person-days. To be handed over are the contacts in two-way touch with a
leaver in the window who have not left themselves.

Raised when the successor, or nobody if there is none, has not been in two-way touch in the window with one of these
contacts, more than `grace_days` days after the leaver whom that contact knew went. Clear within that time. Unknown
where the CRM is not told of e-mails.

To tune: `grace_days` is how long a handover may take with you; a higher `share` speaks of main contacts only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.model import Contact
from rules.people_measures import (
    Handover,
    Leaver,
    contact_name,
    contact_text,
    fitting_headline,
    handover,
    user_address,
    user_name,
    window_text,
)
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Verdict, rule
from rules.wording import Text, day_text, joined, say, say_n, short_name

_NAMED = 3  # so many contacts are named, the others counted


class OurPersonLeft(Params):
    """`[rules.our-person-left]`."""

    severity: Severity = Severity.CRITICAL
    route: Route = Route.SUCCESSOR
    window_days: Annotated[int, Field(ge=30)] = 365
    share: Annotated[float, Field(gt=0, le=1)] = 0.2
    grace_days: Annotated[int, Field(ge=0)] = 14


@rule(
    params=OurPersonLeft,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    weight=10,
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: OurPersonLeft) -> Verdict:
    """Judge whether what a leaver knew has been handed over."""
    found = handover(facts, params.window_days, params.share)
    late = _late(facts, params, found)
    leaver = next(iter([*late, *found.leavers]), None)
    numbers: Mapping[str, Any] = {
        "leavers": len(found.leavers),
        "leaver": user_address(facts, leaver.user_id) if leaver else None,
        "leaver_days": leaver.days if leaver else None,
        "departed_on": leaver.departed_on.isoformat() if leaver else None,
        "person_days": found.total,
        "successor": user_address(facts, found.successor_id) if leaver and found.successor_id else None,
        "contacts": len(found.contacts),
        "unmet": len(found.unmet),
    }
    if late:
        return Raised(severity=params.severity, finding=_finding(facts, params, found, late[0]), numbers=numbers)
    if leaver is None:
        return Clear(message=say("nobody who carried the contact has left"), numbers=numbers)
    return Clear(message=say("handover in its first days") if found.unmet else say("handed over"), numbers=numbers)


def _late(facts: AccountFacts, params: OurPersonLeft, found: Handover) -> list[Leaver]:
    """Return the leavers whose time for a handover is over and who knew somebody whom nobody met since."""
    unmet = {contact.id for contact in found.unmet}
    over = (one for one in found.leavers if (facts.today - one.departed_on).days > params.grace_days)
    return [one for one in over if unmet & one.contact_ids]


def _finding(facts: AccountFacts, params: OurPersonLeft, found: Handover, leaver: Leaver) -> Finding:
    name = user_name(facts, leaver.user_id)
    told = {
        "name": name,
        "short": short_name(name),
        "account": facts.account.name,
        "departed": day_text(leaver.departed_on),
        "unmet": say_n(
            "{unmet} of {n} contact", "{unmet} of {n} contacts", n=len(found.contacts), unmet=len(found.unmet)
        ),
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=fitting_headline(say("contacts of {short} not handed over", **told), say("contacts not handed over")),
        why=say(
            "{name}, {until}, had {days} of the {total} contact days of {account} in the {window} to {as_of}, and "
            "{gap}: {contacts}.",
            until=say("active until {departed}", **told)
            if leaver.inactive
            else say("owner of {account} until {departed}", **told),
            days=leaver.days,
            total=found.total,
            window=window_text(params.window_days),
            gap=_gap(facts, found, told["unmet"]),
            contacts=_listed(found.unmet),
            **told,
        ),
        clears_when=_clears_when(facts, found),
        first_step=_first_step(facts, found, leaver),
        figures=say("{short} until {departed}, {unmet} not met as of {as_of}", **told),
        contact_id=found.unmet[0].id,
    )


def _gap(facts: AccountFacts, found: Handover, unmet: str) -> Text:
    if found.successor_id:
        follows = user_name(facts, found.successor_id)
        return say("{follows} has had no exchange with {unmet} to hand over", follows=follows, unmet=unmet)
    return say_n(
        "no successor is known who could meet the {n} contact to hand over",
        "no successor is known who could meet the {n} contacts to hand over",
        n=len(found.contacts),
    )


def _clears_when(facts: AccountFacts, found: Handover) -> Text:
    if found.successor_id:
        return say(
            "Clears when {follows} has met, called or exchanged messages with each contact to hand over.",
            follows=user_name(facts, found.successor_id),
        )
    return say("Clears when an active owner of the account has had an exchange with each contact to hand over.")


def _first_step(facts: AccountFacts, found: Handover, leaver: Leaver) -> Text:
    first = contact_text(found.unmet[0])
    if not found.successor_id:
        return say("Give the account an active owner, who meets {contact} first.", contact=first)
    follows = user_name(facts, found.successor_id)
    if leaver.inactive:
        return say("Arrange a first meeting of {follows} with {contact}.", follows=follows, contact=first)
    return say(
        "Arrange a first meeting of {follows} with {contact}, together with {name}.",
        follows=follows,
        contact=first,
        name=user_name(facts, leaver.user_id),
    )


def _listed(contacts: Sequence[Contact]) -> Text:
    names: list[str] = [contact_name(one) for one in contacts[:_NAMED]]
    if len(contacts) > _NAMED:
        names.append(say("{n} more", n=len(contacts) - _NAMED))
    return joined(names)
