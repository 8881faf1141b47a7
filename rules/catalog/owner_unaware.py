"""A key customer has trouble, and the account's owner has not been heard of there since it began.

Everybody who touches the customer relays every issue (Dorman's litmus test): an owner who comes to the next meeting
and knows nothing of three tickets shows that nobody talks to anybody.

What is counted: tickets of the account opened in the last `window_days` days. Trouble are those whose priority is one
of `high_priorities`; at `min_tickets` or more all of them are. It began on the day on which the first of them was
opened. The owner has been heard of with a message or a call to anybody there, reached or not, or a meeting or call
that took place, on that day or later.

Raised if there is trouble, and more than `workdays` business days after the day on which it began the owner has not
been heard of. Business days are Monday to Friday without the holidays of `[calendar]`.

Unknown where the CRM holds no case or ticket at all, where it does not log messages, and, with trouble, where the
account has no active owner, or one who has logged nothing anywhere in `evidence_days`.

How to tune: `workdays = 0` asks for a word on the next business day at the latest. Name your CRM's own words for what
is urgent in `high_priorities`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.model import Ticket, User
from rules.people_measures import contact_name, is_reaction, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.tickets import (
    HIGH_PRIORITIES,
    TICKET_NEEDS,
    contact_of,
    is_high,
    is_over,
    opened_within,
    tickets_text,
)
from rules.wording import Text, day_text, full_name, say, short_name


class OwnerUnaware(Params):
    """`[rules.owner-unaware]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=1)] = 30
    min_tickets: Annotated[int, Field(ge=1, description="so many are trouble, whatever their priority")] = 3
    workdays: Annotated[int, Field(ge=0, description="business days without a word of the owner")] = 1
    evidence_days: Annotated[int, Field(ge=0)] = 90
    high_priorities: tuple[str, ...] = HIGH_PRIORITIES


@rule(params=OwnerUnaware, needs=TICKET_NEEDS, hears=frozenset({"tickets", "email"}))
def check(facts: AccountFacts, params: OwnerUnaware) -> Verdict:
    """Judge whether the owner has been in touch since trouble began."""
    trouble = _trouble(facts, params)
    owner = facts.users.get(facts.account.owner_id or "")
    heard = trouble and owner is not None and _is_heard(facts, owner, trouble[0])
    numbers: dict[str, Any] = {
        "trouble": len(trouble),
        "began_on": trouble[0].opened_on.isoformat() if trouble else None,
        "owner_heard": bool(heard),
    }
    if not trouble:
        return Clear(message=say("no trouble"), numbers=numbers)
    if heard:
        return Clear(message=say("the owner has been in touch since"), numbers=numbers)
    if reason := _unjudged(facts, owner, params.evidence_days):
        return Unknown(reason=reason, numbers=numbers)
    if not is_over(facts, trouble[0].opened_on, params.workdays):
        return Clear(message=say("it has only begun"), numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, trouble), numbers=numbers)


def _trouble(facts: AccountFacts, params: OwnerUnaware) -> list[Ticket]:
    recent = opened_within(facts, params.window_days)
    if len(recent) >= params.min_tickets:
        return recent
    return [one for one in recent if is_high(one, params.high_priorities)]


def _is_heard(facts: AccountFacts, owner: User, first: Ticket) -> bool:
    return any(
        owner.id in touch.ours and touch.day >= first.opened_on and is_reaction(touch) for touch in facts.touches
    )


def _unjudged(facts: AccountFacts, owner: User | None, evidence_days: int) -> Text | None:
    """Why an owner's silence proves nothing."""
    if owner is None or not owner.active or owner.id in facts.ignored:
        return say("the account has no active owner")
    last = facts.last_logged.get(owner.id)
    if evidence_days and (last is None or last <= facts.today - timedelta(days=evidence_days)):
        return say("{name} logs nothing", name=short_name(full_name(owner, owner.id)))
    return None


def _finding(facts: AccountFacts, params: OwnerUnaware, trouble: Sequence[Ticket]) -> Finding:
    contact = contact_of(facts, trouble[0])
    told = {
        "account": facts.account.name,
        "tickets": tickets_text(len(trouble)),
        "since": day_text(trouble[0].opened_on),
        "owner": full_name(facts.users.get(facts.account.owner_id or ""), facts.account.owner_id or ""),
        "window": window_text(params.window_days),
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("trouble, and no word of the owner"),
        why=say(
            "{account} has had trouble since {since} ({tickets} in the {window} to {as_of}), and {owner} has not "
            "turned to anybody there since.",
            **told,
        ),
        clears_when=say("Clears when {owner} has written to, called or met somebody there.", **told),
        first_step=say("Read the tickets and call {name} about them.", name=contact_name(contact))
        if contact
        else say("Read the tickets and call your main contact about them."),
        figures=say("{tickets} since {since}, no word of the owner", **told),
        contact_id=contact.id if contact else None,
    )
