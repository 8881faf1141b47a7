"""No executive of ours has had a real exchange with a key customer for half a year.

Key accounts do better where top management takes part (Workman, Homburg and Jensen 2003). The task goes to the owner,
never past them: executives who come unprepared do harm (Capon and Senn, HBR).

Executives are those whom `[people] executives` names; the rule is on exactly when that names somebody. Held is a
meeting that took place or a call that connected with one of them in it, whichever contact it was with; or a message
of theirs that the same two people answered within 30 days, on the day of the later one. An unanswered mail is none.
Where none was ever held, the clock starts at the first won deal, else customer-since, else the first touch.

Raised when that is more than `cadence_days + grace_days` ago. Unknown where nothing tells when the clock started, where
none of the executives is a user of this CRM, and where the CRM is not told of e-mails.

To tune: `cadence_days` is the rhythm that you want, half a year for tier A and a year for B and C unless you say
otherwise; `grace_days` is the time to arrange it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import Field

from rules.contact_measures import present
from rules.facts import AccountFacts
from rules.measures import customer_since, first_touch_on
from rules.people_measures import Held, by_rank, contact_text, last_held, user_address, user_name
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import Text, day_text, say


class OurExecLapse(Params):
    """`[rules.our-exec-lapse]`."""

    by_tier: ClassVar[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
        {"B": {"cadence_days": 365}, "C": {"cadence_days": 365}}
    )

    severity: Severity = Severity.HIGH
    route: Route = Route.OWNER
    cadence_days: Annotated[int, Field(ge=1)] = 183
    grace_days: Annotated[int, Field(ge=0)] = 14


@rule(
    params=OurExecLapse,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
    switched_on_by="people.executives",
)
def check(facts: AccountFacts, params: OurExecLapse) -> Verdict:
    """Judge whether the customer has heard from an executive of ours in time."""
    executives = facts.executives - facts.ignored
    last = last_held(facts, executives)
    since = last.on if last else customer_since(facts) or first_touch_on(facts)
    numbers: Mapping[str, Any] = {
        "executives": len(executives),
        "executive": user_address(facts, last.user_id) if last else None,
        "last_held_on": last.on.isoformat() if last else None,
        "age_days": (facts.today - since).days if since else None,
        "due_on": (since + timedelta(days=params.cadence_days)).isoformat() if since else None,
    }
    if not executives:
        return Unknown(reason=say("no executive of ours is a user of this CRM"), numbers=numbers)
    if since is None:
        reason = say("nothing says since when they are a customer, and there is no touch")
        return Unknown(reason=reason, numbers=numbers)
    age = (facts.today - since).days
    if age <= params.cadence_days + params.grace_days:
        in_time = say("in touch in time") if last else say("no exchange yet, not due yet")
        return Clear(message=say("due") if age > params.cadence_days else in_time, numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, last, since), numbers=numbers)


def _finding(facts: AccountFacts, params: OurExecLapse, last: Held | None, since: date) -> Finding:
    begin = day_text(since)
    return Finding(
        headline=say("no exec of ours in touch since {day}", day=begin)
        if last
        else say("no exchange with our executives yet"),
        why=_why(facts, last, since),
        clears_when=say(
            "Clears when an executive of ours has held a meeting or a call with them, or exchanged messages, within "
            "{days} days.",
            days=params.cadence_days + params.grace_days,
        ),
        first_step=_first_step(facts, last),
        figures=say("last held {day}", day=begin) if last else say("never held, counted from {day}", day=begin),
    )


def _why(facts: AccountFacts, last: Held | None, since: date) -> Text:
    told = {"account": facts.account.name, "day": day_text(since), "as_of": day_text(facts.today)}
    if last:
        return say(
            "{name} was the last executive of ours to have a real exchange with {account}, on {day} (as of {as_of}).",
            name=user_name(facts, last.user_id),
            **told,
        )
    return say(
        "No real exchange of an executive of ours with {account} is known, counted from {day} (as of {as_of}).", **told
    )


def _first_step(facts: AccountFacts, last: Held | None) -> Text:
    """Suggest who of ours, the one who knows them first, and the most senior of theirs."""
    active = sorted(one for one in facts.executives - facts.ignored if (user := facts.users.get(one)) and user.active)
    ours = sorted(active, key=lambda one: (last is None or one != last.user_id, user_name(facts, one), one))
    theirs = by_rank(facts, present(facts))
    return say(
        "Arrange 30 minutes of {who} with {whom}, and prepare one page on where we stand.",
        who=user_name(facts, ours[0]) if ours else say("one of our executives"),
        whom=contact_text(theirs[0]) if theirs else facts.account.name,
    )
