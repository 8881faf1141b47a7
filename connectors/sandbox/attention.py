"""Who hears from whom at the top and beside the main contact: planted for three rules, one function per situation.

For `exec-to-exec-lapse`, `indirect-quarterly` and `no-show-trend`. The verdicts follow from the definitions and from
nothing else, no rule is run.
"""

from __future__ import annotations

from connectors.sandbox.situations import WINDOW_AGE, Expected
from connectors.sandbox.twists import EVERYBODY, Makers, Part, Plan, Scene, Twist

_EXECUTIVE_DAYS = {"A": 183 + 14}  # by tier, cadence and grace of `exec-to-exec-lapse`
_EXECUTIVE_DAYS_ELSE = 365 + 14
_QUARTER_DAYS = 92
_TWO_MONTHS = 60


def executives_met_in_time(plan: Plan) -> Twist | None:
    """One of ours met one of theirs on the last day of cadence and grace."""
    return _executives("executives-met-in-time", plan, 0, "clear")


def executives_met_too_long_ago(plan: Plan) -> Twist | None:
    """One day earlier."""
    return _executives("executives-met-too-long-ago", plan, 1, "raised")


def _executives(name: str, plan: Plan, more: int, verdict: Expected) -> Twist | None:
    age = _EXECUTIVE_DAYS.get(plan.tier, _EXECUTIVE_DAYS_ELSE) + more
    inside = age <= WINDOW_AGE
    spoiled = {"our-exec-lapse", "peering-gap", *(("procurement-only", "no-senior-contact") if inside else ())}
    if plan.coverage.quarters or plan.coverage.leaver or plan.executive.by_colleague or spoiled & plan.expect.keys():
        return None
    # As for `our-exec-lapse`: where it counts as a day of the first of the others, that executive has no further day.
    if inside and (plan.coverage.other_days[:1] != (1,) or plan.lone):
        return None
    return Twist(
        planted=(name,),
        expect={"exec-to-exec-lapse": verdict},
        parts=(Part(name="chief", title="VP Sales"),),
        scenes=(Scene(age=age, whom="chief", by="other" if inside else "executive"),),
        executive=inside,
    )


def everybody_heard_92_days_ago(plan: Plan) -> Twist | None:
    """A letter to everybody there on the last day of the quarter."""
    return _letter("everybody-heard-92-days-ago", plan, _QUARTER_DAYS, "clear")


def head_heard_93_days_ago(plan: Plan) -> Twist | None:
    """A day earlier, and the head of quality heard of nothing else."""
    return _letter("head-heard-93-days-ago", plan, _QUARTER_DAYS + 1, "raised")


def _letter(name: str, plan: Plan, age: int, verdict: Expected) -> Twist | None:
    # One who was never approached, or is silent after so many tries, is another's situation; who left gets no letter.
    spoiled = {"senior-untouched", "suspected-left", "new-senior-contact", "peering-gap"} & plan.expect.keys()
    if spoiled or any(twist.untitled == "more" for twist in plan.twists) or any(part.left_age for part in plan.parts):
        return None
    return Twist(
        planted=(name,),
        expect={"indirect-quarterly": verdict},
        parts=(Part(name="aside", title="Head of Quality"),),
        scenes=(Scene(age=age, whom=EVERYBODY, by="outsider", how="outbound"),),
    )


def missed_twice_in_60_days(plan: Plan) -> Twist | None:
    """Nobody came, twice: the first time on the oldest day that counts."""
    return _missed("missed-twice-in-60-days", plan, _TWO_MONTHS - 1, "raised")


def missed_twice_in_61_days(plan: Plan) -> Twist | None:
    """The first time was a day earlier."""
    return _missed("missed-twice-in-61-days", plan, _TWO_MONTHS, "clear")


def _missed(name: str, plan: Plan, age: int, verdict: Expected) -> Twist | None:
    if any(kind == "meeting" for kind, _, _ in plan.executive.attempts):
        return None
    again = plan.days.workday(5, 40)
    return Twist(
        planted=(name,),
        expect={"no-show-trend": verdict},
        parts=(Part(name="absent"),),
        scenes=tuple(Scene(age=one, whom="absent", by="outsider", how="missed") for one in (age, again)),
        kept=True,
    )


ATTENTION: Makers = (
    executives_met_too_long_ago,
    executives_met_in_time,
    everybody_heard_92_days_ago,
    head_heard_93_days_ago,
    missed_twice_in_60_days,
    missed_twice_in_61_days,
)
