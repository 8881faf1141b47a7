"""Days that an account itself keeps: planted for four rules, one function per situation.

For `no-account-plan`, `stale-plan`, `no-joint-plan` and `expectations-inventory`. The verdicts follow from the
definitions and from nothing else, no rule is run. Where nothing is planted the fields are empty.
"""

from __future__ import annotations

from connectors.sandbox.situations import Expected
from connectors.sandbox.twists import Makers, Plan, Twist

_YEAR = 365
_HALF_A_YEAR = 180  # for the plan of a customer of tier A


def planned_365_days_ago(plan: Plan) -> Twist:
    """On the last day on which it counts."""
    stale: Expected = "raised" if plan.tier == "A" else "clear"
    return Twist(
        planted=("planned-365-days-ago",),
        expect={"no-account-plan": "clear", "stale-plan": stale},
        planned_age=_YEAR,
    )


def planned_366_days_ago(_plan: Plan) -> Twist:
    """One day earlier there is no plan any longer, and so none that is stale."""
    return Twist(
        planted=("planned-366-days-ago",),
        expect={"no-account-plan": "raised", "stale-plan": "clear"},
        planned_age=_YEAR + 1,
    )


def planned_180_days_ago(plan: Plan) -> Twist | None:
    """Still fresh for a customer of tier A."""
    return _half_a_year("planned-180-days-ago", plan, _HALF_A_YEAR, "clear")


def planned_181_days_ago(plan: Plan) -> Twist | None:
    """One day earlier."""
    return _half_a_year("planned-181-days-ago", plan, _HALF_A_YEAR + 1, "raised")


def _half_a_year(name: str, plan: Plan, age: int, verdict: Expected) -> Twist | None:
    if plan.tier != "A":
        return None
    return Twist(planted=(name,), expect={"no-account-plan": "clear", "stale-plan": verdict}, planned_age=age)


def together_and_asked_in_time(_plan: Plan) -> Twist:
    """Both on the last day of the year."""
    return Twist(
        planted=("together-365-days-ago", "asked-365-days-ago"),
        expect={"no-joint-plan": "clear", "expectations-inventory": "clear"},
        together_age=_YEAR,
        asked_age=_YEAR,
    )


def together_and_asked_too_long_ago(_plan: Plan) -> Twist:
    """Both one day earlier."""
    return Twist(
        planted=("together-366-days-ago", "asked-366-days-ago"),
        expect={"no-joint-plan": "raised", "expectations-inventory": "raised"},
        together_age=_YEAR + 1,
        asked_age=_YEAR + 1,
    )


PLANNING: Makers = (
    planned_180_days_ago,
    planned_181_days_ago,
    planned_365_days_ago,
    planned_366_days_ago,
    together_and_asked_in_time,
    together_and_asked_too_long_ago,
)
