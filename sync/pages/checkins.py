"""The executive check-ins of one key account: what was held, tried, due and missed, month by month (domain.md 4.13).

Held, due and missed are what `exec-reach-lapse` says of them: its parameters, its executives, its clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from rules.catalog.exec_reach_lapse import ExecReachLapse
from rules.facts import AccountFacts
from rules.measures import customer_since, first_touch_on
from rules.model import Direction, Kind, Outcome, Touch
from rules.people_measures import is_senior
from rules.rule import Clear, NotApplicable, Raised, Unknown, Verdict
from rules.two_way import two_way

MONTHS_BACK = 8
MONTHS_AHEAD = 3

_MESSAGES = frozenset({Kind.EMAIL, Kind.MESSAGE})


class Mark(StrEnum):
    """What a month of the calendar shows; each has a shape of its own."""

    HELD = "held"
    ATTEMPTED = "attempted"
    DUE = "due"
    LAPSED = "lapsed"


class State(StrEnum):
    """How an account stands today."""

    LAPSED = "lapsed"
    DUE = "due"
    IN_TIME = "in time"
    UNKNOWN = "not known"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckIn:
    """The check-ins of an account. `marks` has one set for each of `months`; `why` says why it is not known."""

    state: State
    executive: str | None = None
    last_held_on: date | None = None
    due_on: date | None = None
    attempts: int = 0
    booked_on: date | None = None
    marks: tuple[frozenset[Mark], ...] = ()
    why: str = ""


def months(today: date) -> list[date]:
    """Return the first days of the calendar's months, the earliest first."""
    number = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - MONTHS_BACK, number + MONTHS_AHEAD + 1)]


def check_in(facts: AccountFacts, verdict: Verdict | None, params: ExecReachLapse) -> CheckIn:
    """Return an account's check-ins as the verdict of `exec-reach-lapse` has them; None where that rule is off."""
    match verdict:
        case None:
            return CheckIn(state=State.UNKNOWN, why="the rule exec-reach-lapse is off")
        case NotApplicable(reason=why) | Unknown(reason=why):
            return CheckIn(state=State.UNKNOWN, why=why)
        case Raised(numbers=numbers):
            state = State.LAPSED
        case Clear(numbers=numbers, message=message):
            state = State.DUE if message == "due" else State.IN_TIME
    return CheckIn(
        state=state,
        executive=numbers.get("contact"),
        last_held_on=_day(numbers.get("last_held_on")),
        due_on=_day(numbers.get("due_on")),
        attempts=numbers.get("attempts_since") or 0,
        booked_on=_booked_on(facts, params),
        marks=_marks(facts, params),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _executive_ids(facts: AccountFacts, params: ExecReachLapse) -> frozenset[str]:
    return frozenset(contact.id for contact in facts.contacts if is_senior(facts, contact, params.level))


def _booked_on(facts: AccountFacts, params: ExecReachLapse) -> date | None:
    wanted = _executive_ids(facts, params)
    return min((touch.day for touch in facts.upcoming if not wanted.isdisjoint(touch.theirs)), default=None)


def _marks(facts: AccountFacts, params: ExecReachLapse) -> tuple[frozenset[Mark], ...]:
    wanted = _executive_ids(facts, params)
    exchanges = [(touch, contact_id) for touch, _, contact_id in two_way(facts) if contact_id in wanted]
    held = sorted({touch.day for touch, _ in exchanges})
    answered = {touch.id for touch, _ in exchanges}
    tried = {_month(touch.day) for touch in facts.touches if _is_try(facts, touch, wanted) and touch.id not in answered}
    begin = customer_since(facts) or first_touch_on(facts)
    return tuple(
        _shared(frozenset(_month_marks(month, held=held, tried=tried, begin=begin, params=params, today=facts.today)))
        for month in months(facts.today)
    )


@cache
def _shared(marks: frozenset[Mark]) -> frozenset[Mark]:
    """One of the few sets that there are: each key account keeps twelve."""
    return marks


def _is_try(facts: AccountFacts, touch: Touch, wanted: frozenset[str]) -> bool:
    if wanted.isdisjoint(touch.theirs) or facts.ignored.issuperset(touch.ours):
        return False
    if touch.kind in _MESSAGES:
        return touch.direction is Direction.OUTBOUND
    return touch.outcome is Outcome.ATTEMPTED and touch.direction is not Direction.INBOUND


def _month(day: date) -> date:
    return day.replace(day=1)


def _month_marks(
    month: date, *, held: Sequence[date], tried: set[date], begin: date | None, params: ExecReachLapse, today: date
) -> Iterator[Mark]:
    """Yield what is shown for a month, by what had been held by its end, or by today if that is earlier."""
    end = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    if any(_month(day) == month for day in held):
        yield Mark.HELD
        return
    if month in tried:
        yield Mark.ATTEMPTED
    clock = max((day for day in held if day <= end), default=begin)
    if clock is None or clock > end:
        return
    due = clock + timedelta(days=params.cadence_days)
    if due + timedelta(days=params.grace_days) < min(end, today) and month <= today:
        yield Mark.LAPSED
    elif _month(due) == month:
        yield Mark.DUE
