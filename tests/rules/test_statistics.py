"""The tables of domain.md 4.6, 4.7 and 4.16, and the counting behind them over made-up histories."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.measures import coverage
from rules.model import Kind, Outcome
from rules.statistics import (
    attention,
    decay_weight,
    effective_number,
    entropy_number,
    hhi,
    poisson_at_most,
    strength,
    top_share,
    wilson,
)
from rules.two_way import last_met, pair_strengths, person_days_by_span, two_way
from tests.builders import BERG, LOPEZ, day_before, facts, mail, touch
from tests.rules.histories import touches


@pytest.mark.parametrize(
    ("split", "top", "index", "effective", "entropy"),
    [
        ((100,), 1.00, 1.000, 1.00, 1.00),
        ((95, 5), 0.95, 0.905, 1.10, 1.22),
        ((90, 10), 0.90, 0.820, 1.22, 1.38),
        ((80, 20), 0.80, 0.680, 1.47, 1.65),
        ((80, 10, 10), 0.80, 0.660, 1.52, 1.89),
        ((80, 5, 5, 5, 5), 0.80, 0.650, 1.54, 2.18),
        ((70, 30), 0.70, 0.580, 1.72, 1.84),
        ((60, 40), 0.60, 0.520, 1.92, 1.96),
        ((50, 50), 0.50, 0.500, 2.00, 2.00),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_the_splits_of_domain_4_7(
    split: tuple[int, ...], top: float, index: float, effective: float, entropy: float
) -> None:
    assert top_share(split) == top
    assert hhi(split) == pytest.approx(index, abs=0.0005)
    assert effective_number(split) == pytest.approx(effective, abs=0.005)
    assert entropy_number(split) == pytest.approx(entropy, abs=0.006)  # 2.1775 is told as 2.18


@pytest.mark.parametrize("nothing", [(), (0,), (0, 0)])
def test_nobody_is_concentrated_on_nothing(nothing: tuple[int, ...]) -> None:
    measures = (top_share, hhi, effective_number, entropy_number)
    assert [measure(nothing) for measure in measures] == [None] * 4


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any), st.integers(2, 9))
def test_shares_do_not_depend_on_the_scale_nor_on_those_without_any(counts: list[int], times: int) -> None:
    more = [0, *(count * times for count in reversed(counts))]
    for measure in (top_share, hhi, effective_number):
        assert measure(counts) == measure(more), "to the last bit"
    assert entropy_number(counts) == pytest.approx(entropy_number(more))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any))
def test_both_effective_numbers_lie_between_one_and_the_number_of_people(counts: list[int]) -> None:
    effective, entropy = effective_number(counts), entropy_number(counts)
    assert effective is not None
    assert entropy is not None
    assert 1 <= effective <= entropy + 1e-9
    assert entropy <= sum(1 for count in counts if count) + 1e-9


@pytest.mark.parametrize(
    ("mean", "count", "probability"),
    [(11, 4, 0.015), (6, 3, 0.151), (6, 1, 0.017), (3, 0, 0.050), (3, 1, 0.199)],
    ids=["4 of 11", "3 of 6", "1 of 6", "0 of 3", "1 of 3"],
)
def test_the_examples_of_domain_4_16(mean: float, count: int, probability: float) -> None:
    assert poisson_at_most(count, mean) == pytest.approx(probability, abs=0.0005)


def test_poisson_is_right_at_the_ends() -> None:
    assert poisson_at_most(-1, 5) == 0
    assert poisson_at_most(0, 0) == 1
    assert poisson_at_most(0, 2) == pytest.approx(math.exp(-2))
    assert poisson_at_most(10_000, 5) == pytest.approx(1)
    assert poisson_at_most(1000, 1000) == pytest.approx(0.508, abs=0.001), "where exp(-mean) is 0"


@given(st.integers(0, 60), st.floats(0.01, 100))
def test_poisson_rises_with_the_count(count: int, mean: float) -> None:
    assert poisson_at_most(count, mean) <= poisson_at_most(count + 1, mean) <= 1


@pytest.mark.parametrize(("age_days", "left"), [(0, 1), (30, 0.79), (90, 0.50), (180, 0.25), (365, 0.06)])
def test_the_weights_left_of_domain_4_6(age_days: int, left: float) -> None:
    assert decay_weight(age_days, 90) == pytest.approx(left, abs=0.005)


def test_a_perfect_rhythm_twice_a_year_never_scores_above_four_thirds() -> None:
    ages = [(1.0, 183.0 * k) for k in range(200)]
    assert 1.30 < strength(ages, 90) <= 1.33


def test_attention_is_per_thousand_of_revenue() -> None:
    assert attention(21, 420_000) == 0.05


@given(touches())
def test_the_two_way_touches_are_those_that_coverage_counts(some: list[object]) -> None:
    known = facts(some)  # type: ignore[arg-type]  # touches, told loosely by the strategy
    for window in (30, 365):
        seen = coverage(known, window)
        found = list(two_way(known, known.today - timedelta(days=window)))
        assert len({(by, touched.day) for touched, by, _ in found}) == seen.total
        assert {(by, contact) for _, by, contact in found if contact is not None} == seen.threads


@given(touches())
def test_spans_add_up_to_the_window(some: list[object]) -> None:
    known = facts(some)  # type: ignore[arg-type]  # as above
    spans = person_days_by_span(known, 90, 5)
    assert [sum(spans[: number + 1]) for number in range(5)] == [
        coverage(known, 90 * (number + 1)).total for number in range(5)
    ]


def test_a_span_ends_with_its_last_day() -> None:
    assert person_days_by_span(facts([touch(0), touch(89), touch(90), touch(179), touch(180)]), 90, 2) == [2, 2]


def test_a_pair_is_as_strong_as_its_days_by_channel_and_age() -> None:
    known = facts(
        [
            touch(180),  # a meeting: 3, half of it left
            touch(180),  # the same pair and day once more
            touch(0, kind=Kind.CALL),
            mail(0),
            mail(0, inbound=True),  # one written day
            touch(5, by="peter", to="berg", kind=Kind.CALL, outcome=Outcome.ATTEMPTED),
            mail(7, by="anna"),  # never answered
            touch(3, to=()),
        ]
    )
    assert pair_strengths(known) == {("jana", "lopez"): pytest.approx(1.5 + 2 + 1)}


def test_strength_fades_with_its_half_life() -> None:
    known = facts([touch(90)])
    assert pair_strengths(known, 90)["jana", "lopez"] == pytest.approx(1.5)
    assert pair_strengths(known, 45)["jana", "lopez"] == pytest.approx(0.75)


def test_the_one_last_met_is_still_there() -> None:
    contacts = (LOPEZ, BERG)
    some = [touch(20, to="berg"), touch(10), mail(2, to="berg")]
    last = last_met(facts(some, contacts=contacts))
    assert last is not None
    assert (last.contact, last.on) == (LOPEZ, day_before(10))
    gone = (replace(LOPEZ, left_on=day_before(1)), BERG)
    last = last_met(facts(some, contacts=gone))
    assert last is not None
    assert last.contact is BERG
    assert last_met(facts([mail(3)])) is None


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, share, high = wilson(5, 10)
    assert (round(low, 3), share, round(high, 3)) == (0.237, 0.5, 0.763)
    assert wilson(0, 3)[0] == 0
    assert wilson(3, 3)[2] == 1
