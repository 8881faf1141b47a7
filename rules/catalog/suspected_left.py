"""Somebody at a key customer who used to answer has gone silent and may have left.

People leave without telling us, and the CRM learns of it last. Ties last where both sides keep them up (Raeder et al.
2011): a contact who was in touch regularly, and does not answer any more although we keep trying, has left, moved on
or turned away. All three are worth a call to somebody else there.

What is counted, for each contact whom the CRM does not know to have left: the days with a two-way touch in the 365
days before the last `silent_days` days; and in those last days, what came from them (a message, a meeting held, a call
that connected) and what we tried (a message to them, a call or a meeting where nobody was there).

Raised for a contact with at least `min_days` such days before, nothing from them since, and at least `min_outbound`
attempts of ours since. The one with most days before is named. Whom the CRM says to be away (HubSpot, from automatic
replies) is not suspected before they are back. Unknown where the CRM is not told of e-mails.

To tune: `silent_days` is how long a holiday, a parental leave or a quiet project may last; `min_outbound = 1` also
finds those whom we have nearly given up ourselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import pair_days, present
from rules.facts import AccountFacts
from rules.model import Contact, Direction, Outcome, Touch
from rules.people_measures import MESSAGES, contact_name, contact_text, fitting_headline, is_counted, window_text
from rules.rhythm import back_on
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Verdict, rule
from rules.two_way import last_met
from rules.wording import Text, day_text, say, say_n, short_name


class SuspectedLeft(Params):
    """`[rules.suspected-left]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=30)] = 365
    silent_days: Annotated[int, Field(ge=1)] = 120
    min_days: Annotated[int, Field(ge=1)] = 4
    min_outbound: Annotated[int, Field(ge=1)] = 3


@rule(
    params=SuspectedLeft,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: SuspectedLeft) -> Verdict:
    """Judge whether a contact who used to answer may have left."""
    suspects = _suspects(facts, params)
    first = suspects[0] if suspects else None
    numbers: Mapping[str, Any] = {
        "suspects": len(suspects),
        "contact": contact_name(first.contact) if first else None,
        "former_days": first.former_days if first else None,
        "heard_on": first.heard_on.isoformat() if first else None,
        "attempts": first.attempts if first else None,
    }
    if first is None:
        return Clear(message=say("nobody who used to answer has gone silent"), numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, suspects), numbers=numbers)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Suspect:
    """`heard_on` is the day of the last sign of the contact, with or without an answer of ours."""

    contact: Contact
    former_days: int
    heard_on: date
    attempts: int


def _suspects(facts: AccountFacts, params: SuspectedLeft) -> list[_Suspect]:
    """Return the suspects, most former days first."""
    silent_after = facts.today - timedelta(days=params.silent_days)
    heard_on, attempts = _signs(facts, silent_after)
    days = pair_days(facts, params.window_days + params.silent_days)
    found = [
        _Suspect(
            contact=contact,
            former_days=len({day for _, day in days[contact.id] if day <= silent_after}),
            heard_on=heard_on[contact.id],
            attempts=attempts[contact.id],
        )
        for contact in present(facts)
        if contact.id in days and heard_on[contact.id] <= silent_after and not back_on(facts, [contact])
    ]
    enough = [one for one in found if one.former_days >= params.min_days and one.attempts >= params.min_outbound]
    return sorted(enough, key=lambda one: (-one.former_days, one.contact.id))


def _signs(facts: AccountFacts, silent_after: date) -> tuple[Mapping[str, date], Mapping[str, int]]:
    """Return, by contact id, the day of the last sign of a contact, and our attempts after a day."""
    heard_on: dict[str, date] = {}
    attempts: Counter[str] = Counter()
    for touch in facts.touches:
        if not is_counted(facts, touch):
            continue
        if _is_sign(touch):
            for contact_id in touch.theirs:
                heard_on[contact_id] = max(touch.day, heard_on.get(contact_id, touch.day))
        elif touch.day > silent_after and _is_attempt(touch):
            attempts.update(touch.theirs)
    return heard_on, attempts


def _is_sign(touch: Touch) -> bool:
    if touch.kind in MESSAGES:
        return touch.direction is Direction.INBOUND
    return touch.outcome is Outcome.HELD


def _is_attempt(touch: Touch) -> bool:
    if touch.kind in MESSAGES:
        return touch.direction is Direction.OUTBOUND
    return touch.outcome is Outcome.ATTEMPTED and touch.direction is not Direction.INBOUND


def _finding(facts: AccountFacts, params: SuspectedLeft, suspects: list[_Suspect]) -> Finding:
    first = suspects[0]
    told = {
        "person": contact_text(first.contact),
        "name": contact_name(first.contact),
        "short": short_name(contact_name(first.contact)),
        "account": facts.account.name,
        "window": window_text(params.window_days),
        "before": day_text(facts.today - timedelta(days=params.silent_days)),
        "heard": day_text(first.heard_on),
        "tried": _tried(facts, params, first),
        "others": _others(len(suspects) - 1),
    }
    return Finding(
        headline=fitting_headline(
            say("no sign of {short} since {heard}", **told), say("a contact silent since {heard}", **told)
        ),
        why=say_n(
            "{person} of {account}, who was in touch on {n} day of the {window} to {before}, has not been heard from "
            "since {heard}, despite {tried}{others}.",
            "{person} of {account}, who was in touch on {n} days of the {window} to {before}, has not been heard from "
            "since {heard}, despite {tried}{others}.",
            n=first.former_days,
            **told,
        ),
        clears_when=say(
            "Clears when {name} has written, met us or taken a call, or the CRM says that {name} left.", **told
        ),
        first_step=say(
            "Ask {asked} whether {name} is still there, and put the answer into the CRM.",
            asked=_asked(facts, suspects),
            **told,
        ),
        figures=say("{short} last heard from {heard}, {tried}", **told),
        contact_id=first.contact.id,
    )


def _tried(facts: AccountFacts, params: SuspectedLeft, one: _Suspect) -> Text:
    return say_n(
        "{n} attempt in the {days} days to {as_of}",
        "{n} attempts in the {days} days to {as_of}",
        n=one.attempts,
        days=params.silent_days,
        as_of=day_text(facts.today),
    )


def _others(n: int) -> str:
    return say_n(" (and {n} other contact likewise)", " (and {n} other contacts likewise)", n=n) if n else ""


def _asked(facts: AccountFacts, suspects: list[_Suspect]) -> str:
    last = last_met(facts)
    silent = {one.contact.id for one in suspects}
    return contact_text(last.contact) if last and last.contact.id not in silent else say("the switchboard")
