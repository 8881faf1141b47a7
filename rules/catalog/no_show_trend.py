"""A key customer stays away from meetings again and again.

One meeting that nobody comes to is an accident; two in two months are one of the hints that are easily ignored (Miller,
Dynamic Business; Dorman).

What is counted: the local days of the last `window_days` days with a meeting of any of ours to which nobody of theirs
came: marked as no-show in HubSpot, declined by those invited in Salesforce. Two on the same day are one. A meeting that
was called off or put off to another day is told by neither CRM in a way that says by whom, and does not count. Users
that `[people] ignore` names do not count.

Raised if there are at least `min_missed` such days.

Unknown where no meeting of the last 365 days is on record, held or missed: who logs no meetings logs no missed ones.

How to tune: where your people delete what did not take place, the rule will find nothing; it does no harm.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.model import Contact, Kind, Outcome, Touch
from rules.people_measures import contact_name, contact_text, is_counted, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import day_text, say, say_n

_YEAR = timedelta(days=365)


class NoShowTrend(Params):
    """`[rules.no-show-trend]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=1, le=365)] = 60
    min_missed: Annotated[int, Field(ge=1, description="days with a missed meeting, to be raised")] = 2


@rule(params=NoShowTrend, needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}))
def check(facts: AccountFacts, params: NoShowTrend) -> Verdict:
    """Judge whether meetings with them keep failing."""
    meetings = [one for one in facts.touches if one.kind is Kind.MEETING and is_counted(facts, one)]
    after = facts.today - timedelta(days=params.window_days)
    missed = [one for one in meetings if one.outcome is Outcome.ATTEMPTED and one.day > after]
    days = sorted({one.day for one in missed})
    contact = _absent(facts, missed)
    numbers: dict[str, Any] = {
        "missed_days": len(days),
        "last_missed_on": days[-1].isoformat() if days else None,
        "contact": contact_name(contact) if contact else None,
    }
    if not any(one.day > facts.today - _YEAR for one in meetings):
        return Unknown(reason=say("no meeting of the last 12 months is on record"), numbers=numbers)
    if len(days) < params.min_missed:
        message = say_n("{n} day with a missed meeting", "{n} days with a missed meeting", n=len(days))
        return Clear(message=message, numbers=numbers)
    told = {
        "account": facts.account.name,
        "missed": say_n("on {n} day", "on {n} days", n=len(days)),
        "window": window_text(params.window_days),
        "last": day_text(days[-1]),
        "as_of": day_text(facts.today),
        "days": params.window_days,
        "most": params.min_missed,
        "whom": contact_text(contact) if contact else facts.account.name,
    }
    finding = Finding(
        headline=say("meetings missed, last on {last}", **told),
        why=say(
            "Nobody of {account} came to what was agreed {missed} of the {window} to {as_of}, last on {last} with "
            "{whom}.",
            **told,
        ),
        clears_when=say("Clears when there are fewer than {most} such days within {days} days.", **told),
        first_step=say("Call {whom} and ask what has changed, before the next invitation goes out.", **told),
        figures=say_n(
            "meetings missed on {n} day, last {last}",
            "meetings missed on {n} days, last {last}",
            n=len(days),
            last=told["last"],
        ),
        contact_id=contact.id if contact else None,
    )
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _absent(facts: AccountFacts, missed: list[Touch]) -> Contact | None:
    """Return the contact who was missed last, the first by id of several; None where nobody is named."""
    last = max((one.at for one in missed if one.theirs), default=None)
    ids = {contact_id for one in missed if one.at == last for contact_id in one.theirs}
    return min((one for one in facts.contacts if one.id in ids), key=lambda one: one.id, default=None)
