"""Days counted back from the as-of day, and a diary that turns "they spoke on that day" into touches.

An age is a whole number of days before the as-of day: 1 is yesterday, a negative age lies ahead. Touches stand between
10:00 and 17:30 local time, far enough from midnight that every timezone from UTC-8 to UTC+9 sees the same day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from connectors.sandbox.company import SeedTouch
from connectors.sandbox.names import SUBJECTS

_OPENS = time(10)
_LAST_START_MINUTES = 300  # after opening; the longest meeting ends 90 minutes later
_SATURDAY = 5
_ANSWERED_AGE = 31  # in the last month nobody of ours leaves a mail unanswered, unless that is what is planted


@dataclass(kw_only=True, slots=True)
class Days:
    """The calendar of one company and its source of chance."""

    rng: Random
    as_of: date
    zone: ZoneInfo
    _openings: dict[int, datetime] = field(default_factory=dict)

    def date(self, age: int) -> date:
        return self.as_of - timedelta(days=age)

    def at(self, age: int, minute: int) -> datetime:
        """The moment, in UTC, so many minutes after 10:00 local time of that day."""
        opening = self._openings.get(age)
        if opening is None:
            opening = datetime.combine(self.date(age), _OPENS, self.zone).astimezone(UTC)
            self._openings[age] = opening
        return opening + timedelta(minutes=minute)

    def workday(self, low: int, high: int) -> int:
        """An age from Monday to Friday between `low` and `high`, both included; they lie at least 2 days apart."""
        while True:
            age = low + int(self.rng.random() * (high - low + 1))
            if (self.as_of.weekday() - age) % 7 < _SATURDAY:
                return age

    def workdays(self, count: int, low: int, high: int, *, but: tuple[int, ...] = ()) -> list[int]:
        """`count` different working days between `low` and `high`, none of them in `but`."""
        free = [age for age in range(low, high + 1) if age not in but and (self.as_of.weekday() - age) % 7 < _SATURDAY]
        return self.rng.sample(free, count)


@dataclass(kw_only=True, slots=True)
class Diary:
    """Writes touches of one account at a time; `account` is moved on by whoever plants."""

    days: Days
    account: str = ""
    touches: list[SeedTouch] = field(default_factory=list)

    def write(
        self,
        kind: str,
        age: int,
        user: str,
        contacts: tuple[str, ...],
        *,
        minute: int | None = None,
        direction: str = "",
        outcome: str = "",
        minutes: int | None = None,
    ) -> None:
        """Add one touch of that day, at a random minute if none is given."""
        rng = self.days.rng
        start = int(rng.random() * _LAST_START_MINUTES) if minute is None else minute
        self.touches.append(
            SeedTouch(
                id=f"t{len(self.touches) + 1:07d}",
                at=self.days.at(age, start),
                kind=kind,
                direction=direction,
                users=(user,),
                contacts=contacts,
                account=self.account,
                subject=SUBJECTS[int(rng.random() * len(SUBJECTS))],
                outcome=outcome,
                minutes=minutes,
            )
        )

    def exchange(self, age: int, user: str, contacts: tuple[str, ...]) -> None:
        """One person-day: a meeting held with all the contacts, or a call or a mail and its answer with the first."""
        rng = self.days.rng
        match rng.choice(("meeting", "call", "mail", "mail")):
            case "meeting":
                minutes = rng.choice((30, 45, 60, 90))
                self.write("meeting", age, user, contacts, outcome="completed", minutes=minutes)
            case "call":
                direction, minutes = rng.choice(("inbound", "outbound")), rng.randint(3, 25)
                self.write("call", age, user, contacts[:1], direction=direction, outcome="connected", minutes=minutes)
            case _:
                self.correspond(age, age, user, contacts[0])

    def correspond(self, first_age: int, second_age: int, user: str, contact: str) -> None:
        """A mail and its answer, the answer on the second day, or 10 to 110 minutes later where the day is the same."""
        rng = self.days.rng
        there, back = rng.choice((("inbound", "outbound"), ("outbound", "inbound")))
        if second_age <= _ANSWERED_AGE:
            there, back = "inbound", "outbound"
        minute = rng.randint(0, 180)
        self.write("email", first_age, user, (contact,), minute=minute, direction=there)
        self.write("email", second_age, user, (contact,), minute=minute + rng.randint(10, 110), direction=back)

    def attempt(self, kind: str, outcome: str, age: int, user: str, contact: str) -> None:
        """Something of ours that reached nobody: a mail, or a call or meeting with that outcome."""
        direction, minutes = ("", 30) if kind == "meeting" else ("outbound", 0 if kind == "call" else None)
        self.write(kind, age, user, (contact,), direction=direction, outcome=outcome, minutes=minutes)

    def plan_ahead(self, user: str, contact: str) -> None:
        """A meeting three to nine weeks from now: it counts for nothing yet."""
        self.write("meeting", self.days.workday(-60, -21), user, (contact,), outcome="scheduled", minutes=60)
