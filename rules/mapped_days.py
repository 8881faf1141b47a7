"""Days of the customer's own on an account, that a config maps: when a plan was made, when they were last asked.

A key that is not mapped tells nothing; one that is mapped and empty tells that it never was. The rules that ask no more
of such a day than that it be recent differ in the key and in what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from rules.facts import AccountFacts
from rules.rule import Clear, Finding, Raised, Severity, Unknown, Verdict
from rules.wording import Text, day_text, say

#: What such a rule needs of the CRM.
NEEDS = frozenset({"users", "accounts", "deals"})

#: Says a finding: the day, None where there is none, and the values for its sentences: `account`, `last` (the day as
#: people read it), `days` and `as_of`.
Saying = Callable[[date | None, Mapping[str, Any]], Finding]


class DayParams(Protocol):
    """What `judged` must be told."""

    @property
    def severity(self) -> Severity: ...
    @property
    def max_age_days(self) -> int: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedDay:
    """What a mapped day says: `on` is None where it is empty; `unmapped` is the key where nothing maps it, else empty.

    A day that lies ahead has an age below 0.
    """

    on: date | None
    age_days: int | None
    unmapped: str = ""

    def numbers(self, max_age_days: int) -> dict[str, Any]:
        due_on = self.on + timedelta(days=max_age_days) if self.on else None
        return {
            "last_on": self.on.isoformat() if self.on else None,
            "age_days": self.age_days,
            "due_on": due_on.isoformat() if due_on else None,
        }


def mapped_day(facts: AccountFacts, key: str) -> MappedDay:
    """Return the day that `[connections.NAME.map]` maps by a key."""
    days = facts.account.days
    if key not in days:
        return MappedDay(on=None, age_days=None, unmapped=key)
    on = days[key]
    return MappedDay(on=on, age_days=(facts.today - on).days if on else None)


def judged(facts: AccountFacts, params: DayParams, key: str, *, in_time: Text, saying: Saying) -> Verdict:
    """Return the verdict on a day: raised where it was more than `max_age_days` ago, or never."""
    day = mapped_day(facts, key)
    numbers = day.numbers(params.max_age_days)
    if day.unmapped:
        return Unknown(reason=unmapped_text(day.unmapped), numbers=numbers)
    if day.age_days is not None and day.age_days <= params.max_age_days:
        return Clear(message=in_time, numbers=numbers)
    told = {
        "account": facts.account.name,
        "last": day_text(day.on) if day.on else "",
        "days": params.max_age_days,
        "as_of": day_text(facts.today),
    }
    return Raised(severity=params.severity, finding=saying(day.on, told), numbers=numbers)


def unmapped_text(key: str) -> Text:
    """Return why nobody can tell what a key of `[connections.NAME.map]` would map."""
    return say("nothing tells it: needs [connections.NAME.map] {key}", key=key)
