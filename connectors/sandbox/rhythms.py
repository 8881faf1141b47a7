"""Who is met by whom and how often, and who waits for an answer: one function per situation of six rules.

Planted for `no-complaint-backup`, `main-contact-meeting`, `unanswered-inbound`, `suspected-left` and `our-exec-lapse`.
The verdicts follow from the definitions and from nothing else, no rule is run.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.sandbox.situations import WINDOW_AGE, Expected
from connectors.sandbox.timeline import Days
from connectors.sandbox.twists import MAIN, REGULAR, Makers, Part, Plan, Scene, Twist

_MEETING_DAYS = {"A": 45}  # by tier, the cadence of `main-contact-meeting`
_MEETING_DAYS_ELSE = 90
_EXECUTIVE_DAYS = {"A": 183 + 14}  # cadence and grace of `our-exec-lapse`
_EXECUTIVE_DAYS_ELSE = 365 + 14
_SATURDAY = 5


def one_for_the_main_contact(plan: Plan) -> Twist | None:
    """Somebody else met the main contact, a day before the window."""
    if plan.coverage.quarters or plan.coverage.person_days < 8:
        return None
    return Twist(
        planted=("one-for-the-main-contact",),
        expect={"no-complaint-backup": "raised"},
        scenes=(Scene(age=WINDOW_AGE + 1, whom=MAIN, by="outsider"),),
        led=True,
    )


def two_for_the_main_contact(plan: Plan) -> Twist | None:
    """Somebody else met the main contact once, on the oldest day of the window."""
    if plan.coverage.leaver or plan.coverage.person_days < 8:
        return None
    return Twist(
        planted=("two-for-the-main-contact",),
        expect={"no-complaint-backup": "clear"},
        scenes=(Scene(age=WINDOW_AGE, whom=MAIN, by="other"),),
        led=True,
    )


def main_met_in_time(plan: Plan) -> Twist:
    """On the last day of the cadence, and written to since."""
    return _main_met("main-met-in-time", plan, 0, "clear")


def main_met_too_long_ago(plan: Plan) -> Twist:
    """One day earlier, and written to since."""
    return _main_met("main-met-too-long-ago", plan, 1, "raised")


def main_meeting_booked(plan: Plan) -> Twist | None:
    """Too long ago, but the next meeting stands in the calendar."""
    found = _main_met("main-meeting-booked", plan, 1, "clear")
    return None if plan.left_age else replace(found, booked=True)


def _main_met(name: str, plan: Plan, more: int, verdict: Expected) -> Twist:
    age = _MEETING_DAYS.get(plan.tier, _MEETING_DAYS_ELSE) + more
    return Twist(
        planted=(name,),
        expect={"main-contact-meeting": verdict},
        scenes=(Scene(age=age, whom=MAIN),),
        led=True,
        written_days=age,
    )


def waiting_3_workdays(plan: Plan) -> Twist:
    """A mail of theirs that may still wait a day."""
    age = max(age for age in range(1, 9) if _workdays_since(plan.days, age) == 3)
    return _waiting("waiting-3-workdays", age, "clear")


def waiting_4_workdays(plan: Plan) -> Twist:
    """One that may not: Saturdays and Sundays do not count."""
    age = min(age for age in range(1, 9) if _workdays_since(plan.days, age) == 4)
    return _waiting("waiting-4-workdays", age, "raised")


def waiting_29_days(_plan: Plan) -> Twist:
    """Unanswered since the oldest day that counts."""
    return _waiting("waiting-29-days", 29, "raised")


def waiting_30_days(_plan: Plan) -> Twist:
    """Too old to be worth a reminder."""
    return _waiting("waiting-30-days", 30, "clear")


def answered_by_another(plan: Plan) -> Twist:
    """Whoever of ours answers, it is an answer."""
    found = _waiting("answered-by-another", plan.days.workday(10, 25), "clear")
    answer = Scene(age=plan.days.workday(2, 8), whom="asker", by="executive", how="outbound")
    return replace(found, scenes=(*found.scenes, answer))


def _waiting(name: str, age: int, verdict: Expected) -> Twist:
    return Twist(
        planted=(name,),
        expect={"unanswered-inbound": verdict},
        parts=(Part(name="asker"),),
        scenes=(Scene(age=age, whom="asker", by="outsider", how="inbound"),),
    )


def _workdays_since(days: Days, age: int) -> int:
    return sum(days.date(later).weekday() < _SATURDAY for later in range(age))


def silent_120_days(plan: Plan) -> Twist | None:
    """Met four times, silent since, and three mails went out in vain."""
    return _faded("silent-120-days", plan, "raised")


def silent_119_days(plan: Plan) -> Twist | None:
    """The same, a day too short."""
    return _faded("silent-119-days", plan, "clear", last=119)


def silent_after_two_tries(plan: Plan) -> Twist | None:
    """The same with two mails."""
    return _faded("silent-after-two-tries", plan, "clear", tries=2)


def silent_met_three_times(plan: Plan) -> Twist | None:
    """The same with somebody met three times only."""
    return _faded("silent-met-three-times", plan, "clear", earlier=2)


def _faded(
    name: str, plan: Plan, verdict: Expected, *, last: int = 120, tries: int = 3, earlier: int = 3
) -> Twist | None:
    if plan.lone:
        return None
    ages = [*plan.days.workdays(earlier, 452, 478), last]
    met = [Scene(age=age, whom="faded") for age in ages]
    met += [Scene(age=age, whom="faded", how="outbound") for age in plan.days.workdays(tries, 20, 110)]
    return Twist(
        planted=(name,),
        expect={"suspected-left": verdict},
        parts=(Part(name="faded"),),
        scenes=tuple(met),
    )


def our_executive_in_time(plan: Plan) -> Twist | None:
    """An executive of ours was there on the last day of cadence and grace."""
    return _our_executive("our-executive-in-time", plan, 0, "clear")


def our_executive_too_long_ago(plan: Plan) -> Twist | None:
    """One day earlier."""
    return _our_executive("our-executive-too-long-ago", plan, 1, "raised")


def executive_came(plan: Plan) -> Twist | None:
    """An executive of ours was there in good time: no situation, what many of the others have besides."""
    if "our-exec-lapse" in plan.expect or plan.peer:
        return None
    low, high = (20, 190) if plan.tier in _EXECUTIVE_DAYS else (WINDOW_AGE + 2, _EXECUTIVE_DAYS_ELSE - 3)
    found = _our_executive("", plan, plan.days.workday(low, high) - _executive_days(plan), "clear")
    return found and replace(found, planted=(), expect={})


def _executive_days(plan: Plan) -> int:
    return _EXECUTIVE_DAYS.get(plan.tier, _EXECUTIVE_DAYS_ELSE)


def _our_executive(name: str, plan: Plan, more: int, verdict: Expected) -> Twist | None:
    age = _executive_days(plan) + more
    inside = age <= WINDOW_AGE
    if plan.coverage.quarters or plan.coverage.leaver or plan.executive.by_colleague:
        return None
    # Where it counts as a day of the first of the others, the executive must have no further day.
    if inside and plan.coverage.other_days[:1] != (1,):
        return None
    return Twist(
        planted=(name,),
        expect={"our-exec-lapse": verdict},
        scenes=(Scene(age=age, whom=REGULAR, by="other" if inside else "executive"),),
        executive=inside,
    )


RHYTHMS: Makers = (
    two_for_the_main_contact,
    one_for_the_main_contact,
    main_meeting_booked,
    main_met_too_long_ago,
    main_met_in_time,
    our_executive_too_long_ago,
    our_executive_in_time,
    silent_120_days,
    silent_119_days,
    silent_after_two_tries,
    silent_met_three_times,
    waiting_4_workdays,
    waiting_3_workdays,
    waiting_29_days,
    waiting_30_days,
    answered_by_another,
)
