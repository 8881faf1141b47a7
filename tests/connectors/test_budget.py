"""Pacing keeps every rolling stretch of time within its limit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.budget import BudgetError, DailyBudget, Meter, Shares


class HandClock:
    """A clock that moves when somebody sleeps or when it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def meter(clock: HandClock, *, calls: int, per_seconds: float) -> Meter:
    return Meter(calls=calls, per_seconds=per_seconds, clock=clock, sleep=clock.sleep)


def test_calls_within_the_limit_do_not_wait() -> None:
    clock = HandClock()
    four = meter(clock, calls=4, per_seconds=1)
    assert [four.take() for _ in range(4)] == [0, 0, 0, 0]


def test_one_call_too_many_waits_until_the_oldest_is_old_enough() -> None:
    clock = HandClock()
    two = meter(clock, calls=2, per_seconds=10)
    two.take()
    clock.now += 3
    two.take()
    assert two.take() == pytest.approx(7)
    assert two.take() == pytest.approx(3)


def test_a_learnt_limit_only_rises() -> None:
    clock = HandClock()
    one = meter(clock, calls=100, per_seconds=10)
    one.learn(190)
    one.learn(50)
    assert one.calls == 190


@given(
    calls=st.integers(1, 7),
    per_seconds=st.floats(0.1, 20),
    pauses=st.lists(st.floats(0, 5), max_size=60),
)
def test_no_rolling_stretch_ever_holds_more_than_the_limit(calls: int, per_seconds: float, pauses: list[float]) -> None:
    clock = HandClock()
    pace = meter(clock, calls=calls, per_seconds=per_seconds)
    times = []
    for pause in pauses:
        clock.now += pause
        pace.take()
        times.append(clock.now)
    assert all(later >= earlier for earlier, later in pairwise(times))
    assert all(times[i + calls] - times[i] >= per_seconds - 1e-6 for i in range(len(times) - calls))


# --- the budget of a day -------------------------------------------------------------------------------------------


def sent(budget: DailyBudget, *, most: int = 10_000) -> int:
    """How many calls go through before the budget stops one."""
    for number in range(most):
        try:
            budget.take()
        except BudgetError:
            return number
    return most


def test_before_anything_is_known_calls_go() -> None:
    budget = DailyBudget("acme", Shares(per_day=0.1, per_cycle=0.1, reserve=50))
    assert sent(budget, most=20) == 20
    assert (budget.left, budget.ours_left, budget.forecast(None)) == (None, None, "")


@given(
    most=st.integers(1, 1000),
    used=st.integers(0, 1000),
    spent=st.integers(0, 1000),
    day=st.floats(0.01, 1),
    cycle=st.floats(0.01, 1),
    reserve=st.integers(0, 100),
)
def test_no_share_is_ever_exceeded_and_writing_gets_what_reading_must_leave(
    *, most: int, used: int, spent: int, day: float, cycle: float, reserve: int
) -> None:
    budget = DailyBudget("acme", Shares(per_day=day, per_cycle=cycle, reserve=reserve))
    budget.hear(used, most)
    budget.spent = spent
    limit = max(0, min(int(day * most) - spent, int(cycle * most)))
    # What others use stands still here, and with it what the org has left.
    read = sent(budget) if most - used > reserve else 0
    assert read <= max(0, limit - reserve)
    budget.writing = True
    written = sent(budget) if most > used else 0
    assert read + written <= limit
    if most > used:
        assert written >= min(reserve, limit - read)


def test_a_stop_names_the_limit_in_one_line_and_counts_nothing() -> None:
    budget = DailyBudget("acme", Shares(per_day=0.5, per_cycle=0.25, reserve=5))
    budget.hear(10, 100)
    assert sent(budget) == 20
    with pytest.raises(BudgetError, match=r"acme: .*api_share_per_cycle = 0\.25; 5 are kept for writing") as caught:
        budget.take()
    assert "\n" not in str(caught.value)
    assert budget.calls == 20
    budget.writing = True
    assert sent(budget) == 5
