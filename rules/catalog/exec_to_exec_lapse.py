"""No executive of ours has met an executive of a key customer for half a year.

Larger customers deserve a regular check-in of both managements (B2B stickiness), on both sides of the organisation
(Miller, Dynamic Business): what two reps agreed on may be unknown where budgets are made.

What is counted: ours are those whom `[people] executives` names; theirs are the contacts of `level` or higher, and
those with the role of decision-maker or executive sponsor, also one who has left since. Held is a meeting that took
place or a call that connected with one of each in it, or a message between the two that was answered within 30 days, on
the day of the later one. Where none was ever held, the clock starts at the first won deal, else customer-since, else
the account's first touch.

Raised when that is more than `cadence_days + grace_days` ago: half a year and two weeks for tier A, a year and two
weeks for B and C. While the CRM says that all of theirs are away, nothing is due.

Unknown where `[people] executives` names no user of this CRM, where no executive of theirs is known, where nothing
tells when the clock started, and where the CRM does not log messages.

How to tune: `cadence_days` is the rhythm that you want, `level = "c"` asks for the very top of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import Field

from rules.facts import AccountFacts
from rules.measures import customer_since, first_touch_on
from rules.model import Contact
from rules.people_measures import (
    ExecutiveMeeting,
    by_rank,
    contact_text,
    is_senior,
    last_between,
    left_on,
    user_address,
    user_name,
)
from rules.rhythm import away_text, back_on
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.titles import Level
from rules.wording import Text, day_text, say


class ExecToExecLapse(Params):
    """`[rules.exec-to-exec-lapse]`."""

    by_tier: ClassVar[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
        {"B": {"cadence_days": 365}, "C": {"cadence_days": 365}}
    )

    enabled: bool = False
    severity: Severity = Severity.HIGH
    route: Route = Route.OWNER
    level: Level = Level.VP
    cadence_days: Annotated[int, Field(ge=1)] = 183
    grace_days: Annotated[int, Field(ge=0)] = 14


@rule(
    params=ExecToExecLapse,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: ExecToExecLapse) -> Verdict:
    """Judge whether both managements have spoken in time."""
    ours = facts.executives - facts.ignored
    theirs = by_rank(facts, (one for one in facts.contacts if is_senior(facts, one, params.level)))
    last = last_between(facts, ours, theirs)
    since = last.on if last else customer_since(facts) or first_touch_on(facts)
    numbers: dict[str, Any] = {
        "our_executives": len(ours),
        "their_executives": len(theirs),
        "executive": user_address(facts, last.user_id) if last else None,
        "contact": contact_text(last.contact) if last else None,
        "last_held_on": last.on.isoformat() if last else None,
        "age_days": (facts.today - since).days if since else None,
        "due_on": (since + timedelta(days=params.cadence_days)).isoformat() if since else None,
    }
    if not ours:
        return Unknown(reason=say("no executive of ours is a user of this CRM"), numbers=numbers)
    if not theirs:
        return Unknown(reason=say("no executive of theirs is known"), numbers=numbers)
    if since is None:
        reason = say("nothing says since when they are a customer, and there is no touch")
        return Unknown(reason=reason, numbers=numbers)
    age = (facts.today - since).days
    if age <= params.cadence_days + params.grace_days:
        in_time = say("in touch in time") if last else say("no exchange yet, not due yet")
        return Clear(message=say("due") if age > params.cadence_days else in_time, numbers=numbers)
    if away := back_on(facts, theirs):
        return Clear(message=away_text(away), numbers=numbers)
    finding = _finding(facts, params, theirs, last, since)
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _finding(
    facts: AccountFacts, params: ExecToExecLapse, theirs: list[Contact], last: ExecutiveMeeting | None, since: date
) -> Finding:
    begin = day_text(since)
    whom = next((one for one in ([last.contact] if last else []) + theirs if left_on(facts, one) is None), None)
    return Finding(
        headline=say("executives not met since {day}", day=begin)
        if last
        else say("executives of both sides have never met"),
        why=_why(facts, last, since),
        clears_when=say(
            "Clears when an executive of ours and one of theirs have had a meeting or a call, or exchanged messages, "
            "within {days} days.",
            days=params.cadence_days + params.grace_days,
        ),
        first_step=say(
            "Propose {who} and {whom} for 30 minutes, and prepare one page on where we stand.",
            who=_who(facts, last),
            whom=contact_text(whom) if whom else say("whoever follows there"),
        ),
        figures=say("executives last met {day}", day=begin)
        if last
        else say("executives never met, counted from {day}", day=begin),
        contact_id=whom.id if whom else None,
    )


def _why(facts: AccountFacts, last: ExecutiveMeeting | None, since: date) -> Text:
    told = {"account": facts.account.name, "day": day_text(since), "as_of": day_text(facts.today)}
    if last:
        return say(
            "The last real exchange of both managements was {name} with {person} of {account} on {day} (as of "
            "{as_of}).",
            name=user_name(facts, last.user_id),
            person=contact_text(last.contact),
            **told,
        )
    return say(
        "No real exchange of an executive of ours with one of {account} is known, counted from {day} (as of {as_of}).",
        **told,
    )


def _who(facts: AccountFacts, last: ExecutiveMeeting | None) -> Text | str:
    """Name the executive of ours who met them last, if still here, else the first by name."""
    active = sorted(one for one in facts.executives - facts.ignored if (user := facts.users.get(one)) and user.active)
    ours = sorted(active, key=lambda one: (last is None or one != last.user_id, user_name(facts, one), one))
    return user_name(facts, ours[0]) if ours else say("one of our executives")
