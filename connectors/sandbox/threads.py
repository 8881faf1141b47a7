"""Whom of theirs we know: planted for `single-contact`, `no-senior-contact`, `senior-untouched`, one each.

The verdicts follow from the definitions and from nothing else, no rule is run: a contact with a thread in the 365 days
with the as-of day in them counts; seniors are of level head or higher, for `senior-untouched` of vp or higher; with
more than 60 % of the contacts untitled nobody can tell.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.sandbox.names import TRAP_VICE_PRESIDENT
from connectors.sandbox.situations import WINDOW_AGE, Expected
from connectors.sandbox.twists import Makers, Part, Plan, Scene, Twist

_HEAD = "Head of Procurement"


def second_contact_on_the_oldest_day(plan: Plan) -> Twist | None:
    """One contact, and a second one met on the oldest day of the window."""
    return _second("second-contact-364-days-ago", plan, WINDOW_AGE, "clear")


def second_contact_a_day_before(plan: Plan) -> Twist | None:
    """The second one was met a day before the window: only one is left."""
    return _second("second-contact-365-days-ago", plan, WINDOW_AGE + 1, "raised")


def _second(name: str, plan: Plan, age: int, verdict: Expected) -> Twist | None:
    if plan.exec_met_in_window() or plan.coverage.person_days < 8:
        return None
    return Twist(
        planted=(name,),
        expect={"single-contact": verdict},
        parts=(Part(name="second"),),
        scenes=(Scene(age=age, whom="second"),),
        lone=True,
    )


def head_on_the_oldest_day(plan: Plan) -> Twist | None:
    """One head of department was met, on the oldest day of the window."""
    return _head(plan, ("head-met-364-days-ago",), WINDOW_AGE, "clear")


def head_a_day_before(plan: Plan) -> Twist | None:
    """A day earlier: nobody above buyer level knows us. Of the contacts 60 % have no title, and no more."""
    found = _head(plan, ("head-met-365-days-ago", "untitled-three-fifths"), WINDOW_AGE + 1, "raised")
    return found and replace(found, untitled="three-fifths")


def _head(plan: Plan, planted: tuple[str, ...], age: int, verdict: Expected) -> Twist | None:
    if plan.exec_met_in_window():
        return None
    return Twist(
        planted=planted,
        expect={"no-senior-contact": verdict},
        parts=(Part(name="head", title=_HEAD),),
        scenes=(Scene(age=age, whom="head"),),
        junior=True,
    )


def untitled_more(_plan: Plan) -> Twist:
    """More than 60 % of the contacts have no title."""
    return Twist(
        planted=("untitled-more",),
        expect={"no-senior-contact": "unknown", "senior-untouched": "unknown"},
        untitled="more",
    )


def senior_untouched(_plan: Plan) -> Twist:
    """A vice president to whom nobody ever wrote."""
    return Twist(
        planted=("senior-untouched",),
        expect={"senior-untouched": "raised"},
        parts=(Part(name="senior", title=TRAP_VICE_PRESIDENT),),
    )


def senior_tried(plan: Plan) -> Twist | None:
    """One mail to the vice president is a touch, answered or not; so had every other senior one."""
    executive = plan.executive
    if (executive.title or executive.role) and not executive.held:
        return None
    return Twist(
        planted=("senior-tried",),
        expect={"senior-untouched": "clear"},
        parts=(Part(name="senior", title=TRAP_VICE_PRESIDENT),),
        scenes=(Scene(age=plan.days.workday(30, 400), whom="senior", by="outsider", how="outbound"),),
    )


def second_is_a_head(plan: Plan) -> Twist | None:
    """Two in one, as the next: for companies with few key accounts."""
    return _both(second_contact_on_the_oldest_day(plan), head_on_the_oldest_day(plan))


def second_was_a_head(plan: Plan) -> Twist | None:
    return _both(second_contact_a_day_before(plan), head_a_day_before(plan))


def _both(second: Twist | None, head: Twist | None) -> Twist | None:
    if second is None or head is None:
        return None
    return replace(head, planted=second.planted + head.planted, expect={**second.expect, **head.expect}, lone=True)


_OTHERS: Makers = (senior_tried, senior_untouched, untitled_more)
THREADS: Makers = (
    head_a_day_before,
    head_on_the_oldest_day,
    second_contact_a_day_before,
    second_contact_on_the_oldest_day,
    *_OTHERS,
)
THREADS_IN_LITTLE: Makers = (second_was_a_head, second_is_a_head, *_OTHERS)
