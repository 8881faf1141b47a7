"""Several situations in one: for companies with fewer key accounts than there are situations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from connectors.sandbox.departures import HANDOVERS
from connectors.sandbox.quiet import (
    above_half,
    half_of_the_mean,
    may_be_chance,
    mean_below_three,
    mean_of_three,
    quiet_once_before,
    record_449_days,
)
from connectors.sandbox.situations import (
    WINDOW_AGE,
    Coverage,
    customer_since_counts,
    customer_since_of_the_owner,
    gap_bridged,
    gap_restarts_tenure,
    owner_logs_nothing,
    second_share_at,
    seven_person_days,
    shared,
    sole_rep,
    tenure_729_days,
    tenure_730_days,
    top_share_below,
)
from connectors.sandbox.timeline import Days


def sole_over_a_bridged_gap(days: Days) -> Coverage:
    plan = replace(gap_bridged(days), planted=("sole-rep", "gap-bridged"))
    return _fading(plan, above_half(days))


def seven_and_one_way(days: Days) -> Coverage:
    plan = replace(seven_person_days(days), planted=("seven-person-days", "one-way-only"))
    return replace(plan, unanswered=days.rng.randint(20, 28))


def eight_and_tenure_730(days: Days) -> Coverage:
    plan = replace(tenure_730_days(days), planted=("eight-person-days", "tenure-730-days"))
    return replace(plan, top_days=8, other_days=(), exact=(WINDOW_AGE,))


def new_and_perhaps_chance(days: Days) -> Coverage:
    return _fading(tenure_729_days(days), may_be_chance(days))


def returned_and_quiet_before(days: Days) -> Coverage:
    return _fading(gap_restarts_tenure(days), quiet_once_before(days))


def both_shares_at_the_edge(days: Days) -> Coverage:
    """44 of 55, and nobody else with more than 5."""
    return replace(sole_rep(days), planted=("top-share-at", "second-share-below"), top_days=44, other_days=(5, 5, 1))


def since_the_deal_and_half(days: Days) -> Coverage:
    return replace(_fading(customer_since_counts(days), half_of_the_mean(days)), run_start=450)


def of_the_owner_and_449_days(days: Days) -> Coverage:
    return replace(_fading(customer_since_of_the_owner(days), record_449_days(days)), run_start=449)


def _fading(plan: Coverage, quiet: Coverage) -> Coverage:
    """The plan with the days of another in each quarter."""
    return replace(
        plan,
        planted=plan.planted + quiet.planted,
        also={**plan.also, **quiet.also},
        top_days=quiet.top_days,
        other_days=(),
        quarters=quiet.quarters,
    )


COVERAGE_IN_LITTLE: tuple[Callable[[Days], Coverage], ...] = (
    sole_over_a_bridged_gap,
    seven_and_one_way,
    shared,
    eight_and_tenure_730,
    new_and_perhaps_chance,
    returned_and_quiet_before,
    owner_logs_nothing,
    top_share_below,
    both_shares_at_the_edge,
    second_share_at,
    since_the_deal_and_half,
    of_the_owner_and_449_days,
    *HANDOVERS,
    mean_of_three,
    mean_below_three,
)
