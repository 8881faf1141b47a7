"""Who has left, on either side: planted for `our-person-left` and `their-person-left`, one function per situation.

The verdicts follow from the definitions and from nothing else, no rule is run. Of ours: inactive with a share of at
least 0.2 of the person-days, gone for more than 14 days, and a contact of theirs that the owner has not met. Of
theirs: of level vp, or in touch on at least 0.2 of the person-days, gone for at most 180 days, and nobody new since.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from connectors.sandbox.names import TRAP_VICE_PRESIDENT
from connectors.sandbox.situations import Coverage, Expected, sole_rep
from connectors.sandbox.timeline import Days
from connectors.sandbox.twists import LEAVER_AGE, Makers, Part, Plan, Scene, Twist

_SHARE = 5  # one person-day in five


def share_of_a_fifth(days: Days) -> Coverage:
    """Who left had exactly 0.2 and a contact alone; the top person exactly 0.7."""
    return replace(
        sole_rep(days),
        planted=("leaver-share-at", "concentration-at"),
        expect="clear",
        also={"our-person-left": "raised", "rep-concentration": "raised"},
        top_days=14,
        other_days=(4, 2),
        leaver=True,
    )


def share_below_a_fifth(days: Days) -> Coverage:
    """4 of 23 for the one who left, 16 of 23 for the top person: just below either threshold."""
    return replace(
        share_of_a_fifth(days),
        planted=("leaver-share-below", "concentration-below"),
        also={"our-person-left": "clear", "rep-concentration": "clear"},
        top_days=16,
        other_days=(4, 3),
    )


def handed_over(days: Days) -> Coverage:
    """The owner has met everybody whom the one who left knew."""
    return replace(
        share_of_a_fifth(days),
        planted=("handed-over",),
        also={"our-person-left": "clear"},
        top_days=15,
        other_days=(5,),
        handed_over=True,
    )


HANDOVERS: tuple[Callable[[Days], Coverage], ...] = (share_of_a_fifth, share_below_a_fifth, handed_over)


def top_left_15_days_ago(_plan: Plan) -> Twist:
    """The person who knew the customer is gone, and whoever follows has met nobody."""
    return _top_left("top-left-15-days-ago", LEAVER_AGE, "raised")


def top_left_14_days_ago(_plan: Plan) -> Twist:
    """The same on the last day of grace."""
    return _top_left("top-left-14-days-ago", LEAVER_AGE - 1, "clear")


def _top_left(name: str, age: int, verdict: Expected) -> Twist:
    return Twist(planted=(name,), expect={"our-person-left": verdict}, left_age=age)


def vp_left_180_days_ago(plan: Plan) -> Twist | None:
    """An executive of theirs, gone on the first day that still counts."""
    return _vp_left("vp-left-180-days-ago", 180, "raised", plan)


def vp_left_181_days_ago(plan: Plan) -> Twist | None:
    """One day too long ago."""
    return _vp_left("vp-left-181-days-ago", 181, "clear", plan)


def vp_replaced(plan: Plan) -> Twist | None:
    """Somebody new was met after the executive left."""
    return _followed("vp-replaced", plan, "clear", plan.days.workday(30, 95))


def vp_not_replaced(plan: Plan) -> Twist | None:
    """Who was met already on the day on which the executive left is not new."""
    return _followed("vp-not-replaced", plan, "raised", 100, plan.days.workday(30, 95))


def regular_left(plan: Plan) -> Twist | None:
    """No executive, but in touch on a fifth of the person-days."""
    return _regular_left("regular-left", -(-plan.coverage.person_days // _SHARE), "raised", plan)


def occasional_left(plan: Plan) -> Twist | None:
    """One day less than a fifth."""
    return _regular_left("occasional-left", -(-plan.coverage.person_days // _SHARE) - 1, "clear", plan)


def _vp_left(name: str, age: int, verdict: Expected, plan: Plan) -> Twist | None:
    if not _nobody_new(plan, age):
        return None
    met = Scene(age=plan.days.workday(200, 350), whom="gone")
    return Twist(
        planted=(name,),
        expect={"their-person-left": verdict},
        parts=(Part(name="gone", title=TRAP_VICE_PRESIDENT, left_age=age),),
        scenes=(met,),
    )


def _followed(name: str, plan: Plan, verdict: Expected, *ages: int) -> Twist | None:
    found = _vp_left(name, 100, verdict, plan)
    if found is None:
        return None
    met = tuple(Scene(age=age, whom="newcomer") for age in ages)
    return replace(found, parts=(*found.parts, Part(name="newcomer")), scenes=(*found.scenes, *met))


def _regular_left(name: str, count: int, verdict: Expected, plan: Plan) -> Twist | None:
    if count < 1 or not _nobody_new(plan, 95):
        return None
    met = tuple(Scene(age=age, whom="gone") for age in plan.days.workdays(count, 100, 350))
    return Twist(
        planted=(name,),
        expect={"their-person-left": verdict},
        parts=(Part(name="gone", left_age=95),),
        scenes=met,
    )


def _nobody_new(plan: Plan, age: int) -> bool:
    """Whether whom we met after that day was met before as well: regulars were, on the first day."""
    held = plan.executive.held
    return not plan.coverage.leaver and (not held or max(held) >= age)


DEPARTURES: Makers = (
    regular_left,
    occasional_left,
    vp_not_replaced,
    vp_replaced,
    vp_left_180_days_ago,
    vp_left_181_days_ago,
    top_left_15_days_ago,
    top_left_14_days_ago,
)
