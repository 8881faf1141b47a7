"""Nobody of ours has had a real exchange with an executive of a key customer for half a year.

The customer's chief executive or ultimate decision-maker should hear from us at least twice a year, by meeting,
telephone or in writing, and answer. An unanswered mail is an attempt, not an exchange; a completed to-do is neither.

Executives are the account's contacts of `level` or higher, and those whose role is decision-maker or executive
sponsor, whatever their title. Held is a meeting that took place, a call that connected, or a message that the same two
people answered within 30 days, on the day of the later one. Where none was ever held, the clock starts at the first
won deal, else customer-since, else the account's first touch.

Due when that is more than `cadence_days` ago, which is shown and raises nothing. Raised when it is more than
`cadence_days + grace_days` ago, one severity worse after two cycles; but not while the CRM says that all of them are
away. Unknown where no executive of theirs is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.measures import Exchange, customer_since, first_touch_on, last_exchange
from rules.model import Contact
from rules.people_measures import contact_name, contact_text, left_on
from rules.rhythm import away_text, back_on
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.titles import Level, is_executive_by_role, level_of
from rules.wording import Text, day_text, say, say_n


class ExecReachLapse(Params):
    """`[rules.exec-reach-lapse]`."""

    severity: Severity = Severity.HIGH
    route: Route = Route.OWNER
    level: Level = Level.C
    cadence_days: Annotated[int, Field(ge=1)] = 183
    grace_days: Annotated[int, Field(ge=0)] = 14


@rule(
    params=ExecReachLapse,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    weight=15,
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: ExecReachLapse) -> Verdict:
    """Judge whether their executives have heard from us in time."""
    executives = _executives(facts, params.level)
    if not executives:
        return Unknown(
            reason=say("no executive of theirs is known"), numbers=_numbers(executives, None, None, params, facts)
        )
    last = last_exchange(facts, [contact.id for contact in executives])
    since = last.held_on or customer_since(facts) or first_touch_on(facts)
    numbers = _numbers(executives, last, since, params, facts)
    if since is None:
        reason = say("nothing says since when they are a customer, and there is no touch")
        return Unknown(reason=reason, numbers=numbers)
    age = (facts.today - since).days
    if age <= params.cadence_days + params.grace_days:
        in_time = say("in touch in time") if last.held_on else say("never met, not due yet")
        return Clear(message=say("due") if age > params.cadence_days else in_time, numbers=numbers)
    if away := back_on(facts, executives):
        return Clear(message=away_text(away), numbers=numbers)
    severity = params.severity.worse if age > 2 * params.cadence_days else params.severity
    return Raised(severity=severity, finding=_finding(facts, params, executives, last, since), numbers=numbers)


def _executives(facts: AccountFacts, level: Level) -> list[Contact]:
    """Return the executives, the most senior first."""
    ranks = {contact.id: level_of(contact, facts.titles).rank for contact in facts.contacts}
    found = [one for one in facts.contacts if ranks[one.id] >= level.rank or is_executive_by_role(one)]
    return sorted(found, key=lambda one: (-ranks[one.id], one.name, one.id))


def _about(executives: list[Contact], last: Exchange | None) -> Contact:
    """Return the executive whom the finding names: the one last met, else the most senior."""
    met = last.contact_id if last else None
    return next((one for one in executives if one.id == met), executives[0])


def _numbers(
    executives: list[Contact], last: Exchange | None, since: date | None, params: ExecReachLapse, facts: AccountFacts
) -> Mapping[str, Any]:
    """`age_days` and `due_on` run from the last held exchange, or from where the clock starts without one."""
    held_on = last.held_on if last else None
    attempts = last.attempts if last else 0
    age = (facts.today - since).days if since else None
    in_time = held_on is not None and age is not None and age <= params.cadence_days + params.grace_days
    return {
        "last_held_on": held_on.isoformat() if held_on else None,
        "age_days": age,
        "attempts_since": attempts,
        "executives": len(executives),
        "contact": (_about(executives, last).name or _about(executives, last).id) if executives else None,
        "due_on": (since + timedelta(days=params.cadence_days)).isoformat() if since else None,
        "state": "held" if in_time else "attempted" if attempts else "none",
    }


def _finding(
    facts: AccountFacts, params: ExecReachLapse, executives: list[Contact], last: Exchange, since: date
) -> Finding:
    contact = _about(executives, last)
    # Nobody is asked to meet somebody who has left.
    there = [contact, *executives]
    reach = next((one for one in there if left_on(facts, one) is None), None)
    begin = day_text(since)
    return Finding(
        headline=say("exec not met since {day}", day=begin)
        if last.held_on
        else say("no exchange yet with their executives"),
        why=_why(facts, contact, last, since),
        clears_when=say(
            "Clears when any of ours has held a meeting or a call with an executive of theirs, or exchanged messages, "
            "within {days} days.",
            days=params.cadence_days + params.grace_days,
        ),
        first_step=say(
            "Book 30 minutes with {name}; ask how we stand and what else would help.", name=contact_name(reach)
        )
        if reach
        else say("Ask who follows {name}, and book 30 minutes with that person.", name=contact_name(contact)),
        figures=_figures(last, facts.today),
        contact_id=(reach or contact).id,
    )


def _why(facts: AccountFacts, contact: Contact, last: Exchange, since: date) -> Text:
    told = {
        "account": facts.account.name,
        "person": contact_text(contact),
        "day": day_text(since),
        "tried": say_n(
            ", and {n} attempt came to nothing since", ", and {n} attempts came to nothing since", n=last.attempts
        )
        if last.attempts
        else "",
        "as_of": day_text(facts.today),
    }
    if last.held_on:
        return say(
            "The last real exchange of any of ours with an executive of {account} was with {person} on {day}{tried} "
            "(as of {as_of}).",
            **told,
        )
    return say(
        "No real exchange with an executive of {account}, such as {person}, is known, counted from {day}{tried} "
        "(as of {as_of}).",
        **told,
    )


def _figures(last: Exchange, as_of: date) -> Text:
    return say_n(
        "{held}, {n} attempt since, as of {as_of}",
        "{held}, {n} attempts since, as of {as_of}",
        n=last.attempts,
        held=say("last held {day}", day=day_text(last.held_on)) if last.held_on else say("never held"),
        as_of=day_text(as_of),
    )
