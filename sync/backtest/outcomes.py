"""What a rule might have foretold: outcomes of an account, each with its exact definition. Pure.

An outcome is a state that an account is in or not on every day, told with all that is known today. An account is at
risk on a day if it could come into the state and is not in it; the outcome came true if it is in it at the end of the
window, HORIZON_DAYS later, and on the day since which it is. So nothing that was there on the day itself counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

#: How long after a month-end an outcome counts (domain.md 3).
HORIZON_DAYS = 180
#: So long without a won deal, an account that had won at least ENOUGH_WON is no customer any more: 18 months.
LAPSE_DAYS = 548
ENOUGH_WON = 2
#: The name of the mapped date that `churned` prefers to what the deals tell.
CHURNED = "churned"
FIELD = "field:"

_HORIZON = timedelta(days=HORIZON_DAYS)
_LAPSE = timedelta(days=LAPSE_DAYS)
_YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """What became of one account, as known today; every tuple is sorted by day.

    `won` are (day, amount) of won deals, `lost` the days of lost ones, `touched` the days with a two-way touch of
    anybody, `marked` the day that a mapped field names.
    """

    won: tuple[tuple[date, float], ...] = ()
    lost: tuple[date, ...] = ()
    touched: tuple[date, ...] = ()
    marked: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """`exposed` says whether an account could come into the state at all by a day, `since` from when it has been in it
    on a day, None where it is not. `needs` is what must be known: `deals`, `touches` or the name of a mapped field.
    """

    name: str
    means: str
    needs: str
    exposed: Callable[[Course, date], bool]
    since: Callable[[Course, date], date | None]


@dataclass(frozen=True, slots=True)
class Fate:
    """What came of an account within HORIZON_DAYS after a month-end: the day of the outcome, None for nothing."""

    on: date | None


def fate(outcome: Outcome, course: Course, day: date) -> Fate | None:
    """Return what came of an account that was at risk on a day, None for one that was not."""
    if not outcome.exposed(course, day) or outcome.since(course, day) is not None:
        return None
    return Fate(outcome.since(course, day + _HORIZON))


def outcome_named(name: str, *, marked: bool = False) -> Outcome:
    """Return the outcome of a name, KeyError for none; `marked`: `churned` goes by its mapped date."""
    if name.startswith(FIELD):
        field = name.removeprefix(FIELD)
        return _by_field(name, field, f"the day in the mapped field {field!r} has come")
    if name == CHURNED and marked:
        return _by_field(name, CHURNED, "the mapped day on which it stopped being a customer has come")
    return OUTCOMES[name]


def _by_field(name: str, field: str, means: str) -> Outcome:
    return Outcome(name=name, means=means, needs=field, exposed=_always, since=_marked_since)


def _always(_course: Course, _day: date) -> bool:
    return True


def _marked_since(course: Course, day: date) -> date | None:
    return course.marked if course.marked and course.marked <= day else None


def _won_by(course: Course, day: date) -> int:
    return bisect_right(course.won, day, key=lambda one: one[0])


def _lapsed_since(course: Course, day: date) -> date | None:
    """From 18 months after the last won deal on, of at least two."""
    number = _won_by(course, day)
    if number < ENOUGH_WON:
        return None
    over = course.won[number - 1][0] + _LAPSE
    return over if over <= day else None


def _year_to(course: Course, day: date) -> float:
    return sum(amount for _, amount in course.won[_won_by(course, day - _YEAR) : _won_by(course, day)])


def _halved_since(course: Course, day: date) -> date | None:
    """From the first day on which the year's revenue was, and stayed, at most half of that of a window ago."""
    before = _year_to(course, day - _HORIZON)
    if before <= 0 or 2 * _year_to(course, day) > before:
        return None
    # The sum changes where a deal comes into the year or leaves it.
    days = {moved for closed_on, _ in course.won for moved in (closed_on, closed_on + _YEAR)}
    since = day
    for moved in sorted((one for one in days if day - _HORIZON < one <= day), reverse=True):
        if 2 * _year_to(course, moved) > before:
            break
        since = moved
    return since


def _lost_since(course: Course, day: date) -> date | None:
    """From the first deal on that was lost after the last won one."""
    number = _won_by(course, day)
    if not number:
        return None
    won_on = course.won[number - 1][0]
    return next((lost_on for lost_on in course.lost if won_on < lost_on <= day), None)


def _silent_since(course: Course, day: date) -> date | None:
    """From 180 days after the last two-way touch on."""
    number = bisect_right(course.touched, day)
    if not number:
        return None
    over = course.touched[number - 1] + _HORIZON
    return over if over <= day else None


OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        one.name: one
        for one in (
            Outcome(
                name=CHURNED,
                means=f"no deal won for {LAPSE_DAYS} days (18 months), after at least {ENOUGH_WON} won ones",
                needs="deals",
                exposed=lambda course, day: _won_by(course, day) >= ENOUGH_WON,
                since=_lapsed_since,
            ),
            Outcome(
                name="revenue-halved",
                means=f"{HORIZON_DAYS} days later, the deals won in 12 months are worth at most half as much",
                needs="deals",
                exposed=lambda course, day: _year_to(course, day) > 0,
                since=_halved_since,
            ),
            Outcome(
                name="lost-renewal",
                means=f"a deal lost after a won one, and none won since, {HORIZON_DAYS} days later",
                needs="lost deals",
                exposed=lambda course, day: _won_by(course, day) > 0,
                since=_lost_since,
            ),
            Outcome(
                name="silent-180",
                means=f"no two-way touch with anybody in the {HORIZON_DAYS} days after, but one in those before",
                needs="touches",
                exposed=lambda course, day: bisect_right(course.touched, day) > 0,
                since=_silent_since,
            ),
        )
    }
)
