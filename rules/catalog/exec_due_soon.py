"""The next exchange with an executive of a key customer is due soon, and nothing is in the calendar.

Periodic time face to face is made by booking it (revolving-door article, step 3): whoever waits for the day on which it
is due will be late.

What is counted: as in `exec-reach-lapse`. Executives are the contacts of `level` or higher and those whose role is
decision-maker or executive sponsor; the clock starts at the last held exchange of any of ours with one of them, else at
the first won deal, else customer-since, else the account's first touch, and the next one is due `cadence_days` later.
Booked is a meeting ahead with one of them; meetings of none but users that `[people] ignore` names do not count.

Raised from `ahead_days` before that day on if nothing is booked. Clear where `exec-reach-lapse` is raised, which says
it louder, and while the CRM says that all of them are away.

Unknown where no executive of theirs is known, where nothing tells when the clock started, and where the CRM does not
log messages.

How to tune: give `level` and `cadence_days` the values that `exec-reach-lapse` has with you; `ahead_days` is how long
it takes to find a date.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import booked_on
from rules.facts import AccountFacts
from rules.measures import customer_since, first_touch_on, last_exchange
from rules.model import Contact
from rules.people_measures import by_rank, contact_name, contact_text, is_senior, left_on
from rules.rhythm import away_text, back_on
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.titles import Level
from rules.wording import day_text, say


class ExecDueSoon(Params):
    """`[rules.exec-due-soon]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER
    level: Level = Level.C
    cadence_days: Annotated[int, Field(ge=1)] = 183
    ahead_days: Annotated[int, Field(ge=0, description="how long before the day it is told")] = 30


@rule(
    params=ExecDueSoon,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
    unless=frozenset({"exec-reach-lapse"}),
)
def check(facts: AccountFacts, params: ExecDueSoon) -> Verdict:
    """Judge whether the next exchange is booked in time."""
    executives = by_rank(facts, (one for one in facts.contacts if is_senior(facts, one, params.level)))
    last = last_exchange(facts, [one.id for one in executives])
    since = (last.held_on or customer_since(facts) or first_touch_on(facts)) if executives else None
    due_on = since + timedelta(days=params.cadence_days) if since else None
    booked = min(filter(None, (booked_on(facts, one.id) for one in executives)), default=None)
    numbers: dict[str, Any] = {
        "executives": len(executives),
        "last_held_on": last.held_on.isoformat() if last.held_on else None,
        "due_on": due_on.isoformat() if due_on else None,
        "booked_on": booked.isoformat() if booked else None,
    }
    if not executives:
        return Unknown(reason=say("no executive of theirs is known"), numbers=numbers)
    if due_on is None:
        reason = say("nothing says since when they are a customer, and there is no touch")
        return Unknown(reason=reason, numbers=numbers)
    if (due_on - facts.today).days > params.ahead_days:
        return Clear(message=say("not due before {day}", day=day_text(due_on)), numbers=numbers)
    if away := back_on(facts, executives):
        return Clear(message=away_text(away), numbers=numbers)
    if booked:
        return Clear(message=say("a meeting is booked for {day}", day=day_text(booked)), numbers=numbers)
    about = next((one for one in executives if one.id == last.contact_id), executives[0])
    return Raised(severity=params.severity, finding=_finding(facts, executives, about, due_on), numbers=numbers)


def _finding(facts: AccountFacts, executives: list[Contact], about: Contact, due_on: date) -> Finding:
    reach = next((one for one in (about, *executives) if left_on(facts, one) is None), about)
    told = {
        "account": facts.account.name,
        "day": day_text(due_on),
        "name": contact_name(reach),
        "as_of": day_text(facts.today),
        "person": contact_text(about),
    }
    return Finding(
        headline=say("exec check-in due {day}, none booked", **told),
        why=say(
            "The next real exchange with an executive of {account}, such as {person}, is due on {day}, and no meeting "
            "is in the calendar (as of {as_of}).",
            **told,
        ),
        clears_when=say("Clears when a meeting with an executive of theirs is booked or held."),
        first_step=say("Ask {name} for a date before {day}.", **told)
        if due_on > facts.today
        else say("Ask {name} for a date in the next days.", **told),
        figures=say("due {day}, none booked as of {as_of}", **told),
        contact_id=reach.id,
    )
