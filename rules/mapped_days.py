"""Days of the customer's own on an account, that a config maps: when a plan was made, when they were last asked.

A key that is not mapped tells nothing; one that is mapped and empty tells that it never was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rules.facts import AccountFacts
from rules.wording import Text, say

_UNMAPPED = {
    "plan_date": say("nothing tells it: needs [connections.NAME.map] plan_date"),
    "joint_plan_date": say("nothing tells it: needs [connections.NAME.map] joint_plan_date"),
    "expectations_date": say("nothing tells it: needs [connections.NAME.map] expectations_date"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedDay:
    """What a mapped day says: `on` is None where it is empty, `unmapped` says which key would map it, else empty."""

    on: date | None
    age_days: int | None
    unmapped: Text | str = ""

    def older_than(self, days: int) -> bool:
        """Tell whether it was longer ago, or never. A day that lies ahead is not old."""
        return self.age_days is None or self.age_days > days

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
        return MappedDay(on=None, age_days=None, unmapped=_UNMAPPED[key])
    on = days[key]
    return MappedDay(on=on, age_days=(facts.today - on).days if on else None)
