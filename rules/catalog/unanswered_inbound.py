"""Somebody at a key customer wrote, and nobody of ours has reacted for days.

Hints that nobody takes up are among the reasons why key accounts are lost (Miller, Dynamic Business), and a message
left lying is the easiest of them to mend. Who answers does not matter, as long as somebody does.

What is counted, for each contact who has not left: messages from them on the last `window_days` days that nobody
of ours has reacted to. A reaction is anything later with the same contact by anybody of ours: a message or a call to
them, reached or not, or a meeting or a call that took place. Days are business days, Monday to Friday without the
holidays of `[calendar]`, and begin on the day after the message. Messages that went only to users whom `[people]
ignore` names are left out.

Raised when the earliest such message of some contact is more than `workdays` business days old; the contact who has
waited longest is named. Unknown where the CRM is not told of e-mails.

To tune: raise `workdays` where your people answer by telephone and log it late. A message that needs no answer ("thank
you") counts, since nobody reads it here: where that is too much noise, leave the rule off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import present
from rules.facts import AccountFacts
from rules.model import Contact, Direction, Touch
from rules.people_measures import MESSAGES, contact_name, contact_text, fitting_headline, is_counted, is_reaction
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Verdict, rule
from rules.wording import day_text, say, say_n, short_name
from rules.workdays import add_workdays


class UnansweredInbound(Params):
    """`[rules.unanswered-inbound]`."""

    enabled: bool = False
    severity: Severity = Severity.HIGH
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=1)] = 30
    workdays: Annotated[int, Field(ge=0)] = 3


@rule(
    params=UnansweredInbound,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: UnansweredInbound) -> Verdict:
    """Judge whether a message of theirs has waited too long."""
    waiting = _waiting(facts, params.window_days)
    contact, messages = waiting[0] if waiting else (None, [])
    first = messages[0].day if messages else None
    late = first is not None and add_workdays(first, params.workdays + 1, facts.holidays) <= facts.today
    numbers: Mapping[str, Any] = {
        "contact": contact_name(contact) if contact else None,
        "first_on": first.isoformat() if first else None,
        "messages": len(messages),
        "contacts_waiting": len(waiting),
    }
    if contact is None or not late:
        message = say("a message waits, not for long yet") if waiting else say("every message had a reaction")
        return Clear(message=message, numbers=numbers)
    return Raised(
        severity=params.severity, finding=_finding(facts, contact, messages, len(waiting) - 1), numbers=numbers
    )


def _waiting(facts: AccountFacts, window_days: int) -> list[tuple[Contact, list[Touch]]]:
    """Return the contacts who wait, each with the messages in the order of time; who has waited longest first."""
    after = facts.today - timedelta(days=window_days)
    touches = [touch for touch in facts.touches if touch.day > after and is_counted(facts, touch)]
    reacted_at: dict[str, datetime] = {}
    for touch in filter(is_reaction, touches):
        for contact_id in touch.theirs:
            reacted_at[contact_id] = max(touch.at, reacted_at.get(contact_id, touch.at))
    messages: dict[str, list[Touch]] = {contact.id: [] for contact in present(facts)}
    for touch in sorted(filter(_is_inbound, touches), key=lambda one: one.at):
        for contact_id in messages.keys() & touch.theirs:
            if contact_id not in reacted_at or reacted_at[contact_id] <= touch.at:
                messages[contact_id].append(touch)
    waiting = [(contact, messages[contact.id]) for contact in facts.contacts if messages.get(contact.id)]
    return sorted(waiting, key=lambda one: (one[1][0].at, one[0].id))


def _is_inbound(touch: Touch) -> bool:
    return touch.kind in MESSAGES and touch.direction is Direction.INBOUND


def _finding(facts: AccountFacts, contact: Contact, messages: Sequence[Touch], others: int) -> Finding:
    name, first = contact_name(contact), day_text(messages[0].day)
    told = {
        "person": contact_text(contact),
        "name": name,
        "short": short_name(name),
        "account": facts.account.name,
        "first": first,
        "wrote": say_n("wrote on {first}", "wrote {n} messages since {first}", n=len(messages), first=first),
        "others": say_n(
            "; {n} other contact of theirs also had no reaction",
            "; {n} other contacts of theirs also had no reaction",
            n=others,
        )
        if others
        else "",
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=fitting_headline(
            say("{short} unanswered since {first}", **told), say("a message unanswered since {first}", **told)
        ),
        why=say(
            "{person} of {account} {wrote}, and no message, call or meeting of any of ours followed{others} "
            "(as of {as_of}).",
            **told,
        ),
        clears_when=say(
            "Clears when any of ours has written to, called or met {name} and the others since then.", **told
        )
        if others
        else say("Clears when any of ours has written to, called or met {name} since then.", **told),
        first_step=say("Answer {name} today, if only to say by when there will be an answer.", **told),
        figures=say("{short} unanswered since {first}", **told),
        contact_id=contact.id,
    )
