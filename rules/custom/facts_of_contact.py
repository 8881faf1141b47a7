"""Contact with the account.

A person-day is a person of ours and a local day with at least one two-way touch: a meeting held, a call that
connected, or a message that the same two people answered within 30 days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from rules.catalog.unanswered_inbound import UnansweredInbound
from rules.catalog.unanswered_inbound import check as unanswered_inbound
from rules.custom.fact import YEARS, Unit, fact
from rules.facts import AccountFacts
from rules.measures import all_two_way, coverage, first_touch_on
from rules.model import Direction, Kind, Outcome, Touch
from rules.people_measures import MESSAGES, is_counted
from rules.two_way import person_days_by_span

_SPAN_DAYS, _SPANS = 90, 5


@fact(Unit.COUNT, days=365, hears="email")
def person_days_365d(facts: AccountFacts) -> int:
    """Person-days of the last 365 days."""
    return coverage(facts, 365).total


@fact(Unit.COUNT, days=90, hears="email")
def person_days_90d(facts: AccountFacts) -> int:
    """Person-days of the last 90 days."""
    return coverage(facts, 90).total


@fact(Unit.NUMBER, days=450, hears="email")
def usual_person_days_90d(facts: AccountFacts) -> float | None:
    """The mean of the four spans of 90 days before the last one. Not known where the record is under 450 days."""
    first_on = first_touch_on(facts)
    if first_on is None or (facts.today - first_on).days < _SPAN_DAYS * _SPANS:
        return None
    _, *before = person_days_by_span(facts, _SPAN_DAYS, _SPANS)
    return sum(before) / len(before)


@fact(Unit.COUNT, days=90)
def meetings_90d(facts: AccountFacts) -> int:
    """Meetings held in the last 90 days."""
    return sum(1 for _ in _days(facts, _is_meeting, 90))


@fact(Unit.COUNT, days=365)
def meetings_365d(facts: AccountFacts) -> int:
    """Meetings held in the last 365 days."""
    return sum(1 for _ in _days(facts, _is_meeting, 365))


@fact(Unit.COUNT, days=90)
def calls_90d(facts: AccountFacts) -> int:
    """Calls of the last 90 days that connected."""
    return sum(1 for _ in _days(facts, lambda one: one.kind is Kind.CALL and one.outcome is Outcome.HELD, 90))


@fact(Unit.COUNT, days=90, hears="email")
def messages_in_90d(facts: AccountFacts) -> int:
    """Messages from them in the last 90 days."""
    return sum(1 for _ in _days(facts, _is_message(Direction.INBOUND), 90))


@fact(Unit.COUNT, days=90, hears="email")
def messages_out_90d(facts: AccountFacts) -> int:
    """Messages to them in the last 90 days, answered or not."""
    return sum(1 for _ in _days(facts, _is_message(Direction.OUTBOUND), 90))


@fact(Unit.DAYS, days=30, hears="email")
def unanswered_days(facts: AccountFacts) -> int:
    """Since the earliest message of theirs of the last 30 days that nobody reacted to; 0 where there is none."""
    first_on = unanswered_inbound.check(facts, UnansweredInbound()).numbers["first_on"]
    return (facts.today - date.fromisoformat(first_on)).days if first_on else 0


@fact(Unit.DAY, days=YEARS, hears="email")
def last_touch_on(facts: AccountFacts) -> date | None:
    """The day of the last touch of any kind, one-way or only tried too. Not known without any."""
    return max(_days(facts, lambda _: True), default=None)


@fact(Unit.DAYS, days=YEARS, hears="email")
def days_since_last_touch(facts: AccountFacts) -> int | None:
    """Since `last_touch_on`."""
    return _since(facts, max(_days(facts, lambda _: True), default=None))


@fact(Unit.DAYS, days=YEARS, hears="email")
def days_since_two_way(facts: AccountFacts) -> int | None:
    """Since the last two-way touch; where there was none, since the record begins."""
    return _since(facts, max((touch.day for touch, _, _ in all_two_way(facts)), default=first_touch_on(facts)))


@fact(Unit.DAY, days=YEARS)
def last_meeting_on(facts: AccountFacts) -> date | None:
    """The day of the last meeting that was held. Not known without any."""
    return max(_days(facts, _is_meeting), default=None)


@fact(Unit.DAYS, days=YEARS)
def days_since_meeting(facts: AccountFacts) -> int | None:
    """Since the last meeting that was held; where there was none, since the record begins."""
    return _since(facts, max(_days(facts, _is_meeting), default=first_touch_on(facts)))


@fact(Unit.COUNT)
def meetings_ahead(facts: AccountFacts) -> int:
    """Meetings that are entered and lie ahead."""
    return sum(is_counted(facts, meeting) for meeting in facts.upcoming)


@fact(Unit.DAYS)
def days_until_meeting(facts: AccountFacts) -> int | None:
    """Until the next of them. Not known without one."""
    ahead = [meeting.day for meeting in facts.upcoming if is_counted(facts, meeting)]
    return (min(ahead) - facts.today).days if ahead else None


@fact(Unit.DAYS, days=YEARS)
def days_on_record(facts: AccountFacts) -> int | None:
    """Since the first touch that is known. Not known without any."""
    return _since(facts, first_touch_on(facts))


def _days(facts: AccountFacts, wanted: Callable[[Touch], bool], window_days: int | None = None) -> Iterator[date]:
    """Yield the day of each touch that is wanted, in a window or ever."""
    after = facts.today - timedelta(days=window_days) if window_days else date.min
    return (one.day for one in facts.touches if one.day > after and wanted(one) and is_counted(facts, one))


def _is_meeting(touch: Touch) -> bool:
    return touch.kind is Kind.MEETING and touch.outcome is Outcome.HELD


def _is_message(direction: Direction) -> Callable[[Touch], bool]:
    return lambda touch: touch.kind in MESSAGES and touch.direction is direction


def _since(facts: AccountFacts, day: date | None) -> int | None:
    return (facts.today - day).days if day else None
