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
from rules.wording import count_text, day_text, short_name

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
        return Clear(message="nobody who carried the contact has left", numbers=numbers)
    return Clear(message="handover in its first days" if found.unmet else "handed over", numbers=numbers)


def _late(facts: AccountFacts, params: OurPersonLeft, found: Handover) -> list[Leaver]:
    """Return the leavers whose time for a handover is over and who knew somebody whom nobody met since."""
    unmet = {contact.id for contact in found.unmet}
    over = (one for one in found.leavers if (facts.today - one.departed_on).days > params.grace_days)
    return [one for one in over if unmet & one.contact_ids]


def _finding(facts: AccountFacts, params: OurPersonLeft, found: Handover, leaver: Leaver) -> Finding:
    account, as_of, departed = facts.account.name, day_text(facts.today), day_text(leaver.departed_on)
    name, first = user_name(facts, leaver.user_id), contact_text(found.unmet[0])
    unmet = f"{len(found.unmet)} of {count_text(len(found.contacts), 'contact')}"
    until = f"active until {departed}" if leaver.inactive else f"owner of {account} until {departed}"
    if found.successor_id:
        follows = user_name(facts, found.successor_id)
        gap = f"{follows} has had no exchange with {unmet} to hand over"
        clears_when = f"Clears when {follows} has met, called or exchanged messages with each contact to hand over."
        jointly = "" if leaver.inactive else f", together with {name}"
        first_step = f"Arrange a first meeting of {follows} with {first}{jointly}."
    else:
        gap = f"no successor is known who could meet the {count_text(len(found.contacts), 'contact')} to hand over"
        clears_when = "Clears when an active owner of the account has had an exchange with each contact to hand over."
        first_step = f"Give the account an active owner, who meets {first} first."
    return Finding(
        headline=fitting_headline(f"contacts of {short_name(name)} not handed over", "contacts not handed over"),
        why=f"{name}, {until}, had {leaver.days} of the {found.total} contact days of {account} in the "
        f"{window_text(params.window_days)} to {as_of}, and {gap}: {_listed(found.unmet)}.",
        clears_when=clears_when,
        first_step=first_step,
        figures=f"{short_name(name)} until {departed}, {unmet} not met as of {as_of}",
        contact_id=found.unmet[0].id,
    )


def _listed(contacts: Sequence[Contact]) -> str:
    names = [contact_name(one) for one in contacts[:_NAMED]]
    if len(contacts) > _NAMED:
        names.append(f"{len(contacts) - _NAMED} more")
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
