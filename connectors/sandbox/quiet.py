"""Contact that fades, and customers who get too little: planted for `going-quiet` and `quiet-key-account`.

The verdicts follow from the definitions and from nothing else, no rule is run. Going quiet: with a record of at least
450 days and a mean of at least 3 person-days in the four quarters before, the last 90 days have at most half of the
mean, less than any of the four, and so few that chance has less than 5 % of it. Quiet key account: a customer for at
least 730 days, and person-days per revenue among the lowest quarter of the key accounts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from connectors.sandbox.situations import Coverage, Expected, sole_rep
from connectors.sandbox.timeline import Days


def half_of_the_mean(days: Days) -> Coverage:
    """8 where the mean is 16, with a record of 450 days to the day."""
    plan = replace(_faded(days, "raised", 8, 16, 16, 16, 16), planted=("half-of-the-mean", "record-450-days"))
    return replace(plan, run_start=450)


def above_half(days: Days) -> Coverage:
    """9 where the mean is 16: hardly chance, but more than half."""
    return replace(_faded(days, "clear", 9, 16, 16, 16, 16), planted=("above-half",))


def record_449_days(days: Days) -> Coverage:
    """A record one day too short to know the four quarters."""
    return replace(_faded(days, "unknown", 1, 6, 6, 6, 6), planted=("record-449-days",), run_start=449)


def may_be_chance(days: Days) -> Coverage:
    """2 where the mean is 6: that happens in 6 quarters of 100."""
    return replace(_faded(days, "clear", 2, 6, 6, 6, 6), planted=("may-be-chance",))


def quiet_once_before(days: Days) -> Coverage:
    """1 where the mean is 6, but one of the four quarters had no more."""
    return replace(_faded(days, "clear", 1, 1, 7, 8, 8), planted=("quiet-once-before",))


def mean_of_three(days: Days) -> Coverage:
    """None where the mean is exactly 3; and a large customer, for two years to the day, with so little contact."""
    plan = replace(_faded(days, "raised", 0, 3, 3, 3, 3), planted=("mean-of-three", "customer-for-730-days"))
    return _large(plan, 730, "raised")


def mean_below_three(days: Days) -> Coverage:
    """None where the mean is 2.75: too little to tell. The customer is one day short of two years."""
    plan = replace(_faded(days, "unknown", 0, 3, 3, 3, 2), planted=("mean-below-three", "customer-for-729-days"))
    return _large(plan, 729, "clear")


def _faded(days: Days, verdict: Expected, *quarters: int) -> Coverage:
    """Days of one rep alone; those of the fifth quarter back stand before the window."""
    plan = replace(sole_rep(days), also={"going-quiet": verdict}, top_days=sum(quarters[:4]), other_days=())
    return replace(plan, quarters=quarters)


def _large(plan: Coverage, first_won: int, verdict: Expected) -> Coverage:
    return replace(plan, large=True, first_won=first_won, also={**plan.also, "quiet-key-account": verdict})


QUIET: tuple[Callable[[Days], Coverage], ...] = (
    half_of_the_mean,
    above_half,
    record_449_days,
    may_be_chance,
    quiet_once_before,
    mean_of_three,
    mean_below_three,
)
