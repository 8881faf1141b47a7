"""Pacing keeps every rolling stretch of time within its limit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.budget import Meter


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
