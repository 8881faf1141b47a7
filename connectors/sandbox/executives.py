"""What is planted for `exec-reach-lapse` and `exec-due-soon` on key accounts and what must be concluded.

One function per situation. The verdicts follow from the definitions, no rule is run. The first is raised when the last
exchange that anybody of ours HELD with a contact of level c, or one in the role of decision-maker or executive sponsor,
is more than 183 + 14 days ago, the second from 30 days before the 183 are over, unless a meeting with one of them
stands in the calendar. Numbers are ages, whole days before the as-of day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from connectors.sandbox.names import EXECUTIVE_TITLES, PLAIN_TITLES
from connectors.sandbox.situations import Expected
from connectors.sandbox.timeline import Days

Attempt = tuple[str, str, int]  # kind, outcome, age


@dataclass(frozen=True, kw_only=True, slots=True)
class Executive:
    """The customer's executive and when somebody of ours had an exchange with that contact.

    `title` and `role` are empty where no executive is known. `held` are days with a held exchange, of a mail and its
    answer where `written`; `attempts` reached nobody. A colleague of another department holds them if `by_colleague`.
    The next meeting stands in the calendar where `booked`. `also` are the verdicts of other rules that this decides.
    """

    planted: tuple[str, ...]
    expect: Expected
    title: str = ""
    role: str = ""
    held: tuple[int, ...] = ()
    written: bool = False
    by_colleague: bool = False
    attempts: tuple[Attempt, ...] = ()
    booked: bool = False
    also: Mapping[str, Expected] = field(default_factory=dict)


def _title(days: Days) -> str:
    return days.rng.choice(EXECUTIVE_TITLES)


def _long_ago(days: Days) -> int:
    return days.workday(260, 478)


def held_197_days_ago(days: Days) -> Executive:
    """On the last day of cadence and grace."""
    return Executive(planted=("held-197-days-ago",), expect="clear", title=_title(days), held=(197,))


def held_198_days_ago(days: Days) -> Executive:
    """One day too long ago."""
    return Executive(planted=("held-198-days-ago",), expect="raised", title=_title(days), held=(198,))


def attempted_only(days: Days) -> Executive:
    """Mails without an answer and calls into the void since the last real exchange."""
    tries = (("email", ""), ("email", ""), ("call", "no-answer"), ("call", "voicemail"), ("email", ""))
    attempts = tuple((kind, outcome, days.workday(20, 170)) for kind, outcome in tries)
    return Executive(
        planted=("attempted-only",), expect="raised", title=_title(days), held=(_long_ago(days),), attempts=attempts
    )


def no_show(days: Days) -> Executive:
    """The executive did not come."""
    plan = replace(attempted_only(days), planted=("no-show",))
    return replace(plan, attempts=(("meeting", "no-show", days.workday(20, 170)),))


def cancelled(days: Days) -> Executive:
    """The meeting was called off."""
    plan = replace(attempted_only(days), planted=("cancelled",))
    return replace(plan, attempts=(("meeting", "cancelled", days.workday(20, 170)),))


def no_show_and_cancelled(days: Days) -> Executive:
    """Both in one, for companies with few key accounts."""
    came, called_off = no_show(days), cancelled(days)
    return replace(came, planted=came.planted + called_off.planted, attempts=came.attempts + called_off.attempts)


def no_executive_known(_days: Days) -> Executive:
    """Nobody there has such a title or role, though some sound like it."""
    return Executive(planted=("no-executive-known",), expect="unknown")


def decision_maker_lapsed(days: Days) -> Executive:
    """Known by the role alone, and silent for too long."""
    return Executive(
        planted=("decision-maker-lapsed",),
        expect="raised",
        title=days.rng.choice(PLAIN_TITLES),
        role=days.rng.choice(("decision-maker", "executive-sponsor")),
        held=(_long_ago(days),),
    )


def decision_maker_fresh(days: Days) -> Executive:
    """Known by the role alone, and spoken with."""
    plan = replace(decision_maker_lapsed(days), planted=("decision-maker-fresh",), expect="clear")
    return replace(plan, held=(days.workday(20, 160),))


def never_exchanged(days: Days) -> Executive:
    """Known, never spoken with; the first deal was won longer than 197 days ago, as on every key account."""
    return Executive(planted=("never-exchanged",), expect="raised", title=_title(days))


def written_197_days_ago(days: Days) -> Executive:
    """A mail and its answer: the day of the answer counts."""
    held = (197 + days.rng.randint(1, 20), 197)
    return Executive(planted=("written-197-days-ago",), expect="clear", title=_title(days), held=held, written=True)


def written_198_days_ago(days: Days) -> Executive:
    """The same one day earlier."""
    held = (198 + days.rng.randint(1, 20), 198)
    return Executive(planted=("written-198-days-ago",), expect="raised", title=_title(days), held=held, written=True)


def met_by_colleague(days: Days) -> Executive:
    """Anybody of ours will do."""
    return Executive(
        planted=("met-by-colleague",),
        expect="clear",
        title=_title(days),
        held=(days.workday(20, 160),),
        by_colleague=True,
    )


def executive_kept(days: Days) -> Executive:
    """Twice a year, as it should be."""
    held = (days.workday(185, 330), days.workday(20, 160))
    return Executive(planted=("executive-kept",), expect="clear", title=_title(days), held=held)


def due_in_30_days(days: Days) -> Executive:
    """The next one is due in 30 days, and nobody has asked for a date."""
    plan = replace(held_197_days_ago(days), planted=("due-in-30-days",), held=(183 - 30,))
    return replace(plan, also={"exec-due-soon": "raised"})


def due_in_31_days(days: Days) -> Executive:
    """A day later there will be reason to."""
    plan = replace(due_in_30_days(days), planted=("due-in-31-days",), held=(183 - 31,))
    return replace(plan, also={"exec-due-soon": "clear"})


def due_and_booked(days: Days) -> Executive:
    """Due, and the date is set."""
    plan = replace(due_in_30_days(days), planted=("due-and-booked",), booked=True)
    return replace(plan, also={"exec-due-soon": "clear"})


# Those first that not every coverage has a place for: they are dealt in this order at first.
_FIRST: tuple[Callable[[Days], Executive], ...] = (
    met_by_colleague,
    decision_maker_fresh,
    executive_kept,
    written_197_days_ago,
    written_198_days_ago,
    held_198_days_ago,
    held_197_days_ago,
    decision_maker_lapsed,
    attempted_only,
)
_LAST: tuple[Callable[[Days], Executive], ...] = (no_executive_known, never_exchanged)
_DUE: tuple[Callable[[Days], Executive], ...] = (due_in_30_days, due_in_31_days, due_and_booked)
EXECUTIVE = (*_FIRST, no_show, cancelled, *_LAST, *_DUE)
EXECUTIVE_IN_LITTLE = (*_FIRST, no_show_and_cancelled, *_LAST)
