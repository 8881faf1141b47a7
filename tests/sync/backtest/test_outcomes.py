"""Outcomes by their definitions, and what must hold for all of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.backtest.outcomes import HORIZON_DAYS, OUTCOMES, Course, Fate, fate, outcome_named

T = date(2026, 1, 31)


def ago(days: int) -> date:
    return T - timedelta(days=days)


def won(*days: int, amount: float = 100.0) -> Course:
    return Course(won=tuple((ago(one), amount) for one in days))


CASES = {
    "churned: 18 months are over within the window": ("churned", won(900, 500), Fate(ago(500 - 548))),
    "churned: over on the last day of it": ("churned", won(900, 548 - 180), Fate(ago(-180))),
    "churned: a day later is too late": ("churned", won(900, 548 - 181), Fate(None)),
    "churned: a deal in between": ("churned", won(900, 500, -20), Fate(None)),
    "churned: gone already": ("churned", won(900, 548), None),
    "churned: a single deal says nothing": ("churned", won(500), None),
    "halved: half is enough": ("revenue-halved", won(300, 100), Fate(ago(300 - 365))),
    "halved: made up for": ("revenue-halved", won(300, 100, -150), Fate(None)),
    "halved: nothing left": ("revenue-halved", won(300), Fate(ago(300 - 365))),
    "halved: still within the year": ("revenue-halved", won(180), Fate(None)),
    "halved: was halved before": ("revenue-halved", Course(won=((ago(400), 100.0), (ago(100), 40.0))), None),
    "halved: no revenue to lose": ("revenue-halved", won(400), None),
    "lost: after a won one": ("lost-renewal", Course(won=((ago(300), 1.0),), lost=(ago(-30),)), Fate(ago(-30))),
    "lost: the first of two": ("lost-renewal", Course(won=((ago(300), 1.0),), lost=(ago(-30), ago(-60))), Fate(ago(-30))),
    "lost: but won after": ("lost-renewal", Course(won=((ago(300), 1.0), (ago(-90), 1.0)), lost=(ago(-30),)), Fate(None)),
    "lost: before": ("lost-renewal", Course(won=((ago(300), 1.0),), lost=(ago(30), ago(-30))), None),
    "lost: never won": ("lost-renewal", Course(lost=(ago(-30),)), None),
    "silent: nothing in the window": ("silent-180", Course(touched=(ago(100),)), Fate(ago(100 - 180))),
    "silent: met on its last day": ("silent-180", Course(touched=(ago(100), ago(-180))), Fate(None)),
    "silent: met a day after it": ("silent-180", Course(touched=(ago(100), ago(-181))), Fate(ago(100 - 180))),
    "silent: met on the day itself": ("silent-180", Course(touched=(ago(0),)), Fate(ago(-180))),
    "silent: was silent already": ("silent-180", Course(touched=(ago(180),)), None),
    "silent: never met": ("silent-180", Course(), None),
    "field: within the window": ("field:left", Course(marked=ago(-1)), Fate(ago(-1))),
    "field: on the day itself": ("field:left", Course(marked=ago(0)), None),
    "field: after the window": ("field:left", Course(marked=ago(-181)), Fate(None)),
    "field: empty": ("field:left", Course(), Fate(None)),
}  # fmt: skip


@pytest.mark.parametrize(("name", "course", "expected"), CASES.values(), ids=CASES)
def test_an_outcome_is_what_its_definition_says(name: str, course: Course, expected: Fate | None) -> None:
    assert fate(outcome_named(name), course, T) == expected


def test_a_mapped_day_of_churn_wins_over_deals() -> None:
    course = Course(won=((ago(900), 1.0), (ago(500), 1.0)), marked=ago(-10))
    assert fate(outcome_named("churned", marked=True), course, T) == Fate(ago(-10))


DAYS = st.lists(st.integers(-400, 1200).map(ago), max_size=8, unique=True).map(sorted)
COURSES = st.builds(
    lambda deals, lost, touched, marked: Course(
        won=tuple((day, float(1 + day.day)) for day in deals), lost=tuple(lost), touched=tuple(touched), marked=marked
    ),
    DAYS,
    DAYS,
    DAYS,
    st.none() | st.integers(-400, 400).map(ago),
)


@given(COURSES, st.sampled_from([*OUTCOMES, "field:left"]), st.integers(0, 400))
def test_an_outcome_lies_after_the_day_and_within_its_window(course: Course, name: str, later: int) -> None:
    day = ago(later)
    found = fate(outcome_named(name), course, day)
    if found and found.on:
        assert day < found.on <= day + timedelta(days=HORIZON_DAYS)


@given(COURSES, st.sampled_from([*OUTCOMES, "field:left"]), st.integers(0, 400))
def test_who_had_the_outcome_at_the_end_of_a_window_is_not_at_risk_there(course: Course, name: str, later: int) -> None:
    outcome, day = outcome_named(name), ago(later)
    found = fate(outcome, course, day)
    if found and found.on:
        assert fate(outcome, course, day + timedelta(days=HORIZON_DAYS)) is None
