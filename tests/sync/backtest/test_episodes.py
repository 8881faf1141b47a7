"""Month-ends into episodes, and episodes into a record."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from sync.backtest.episodes import Record, episodes
from sync.backtest.months import month_ends
from sync.backtest.outcomes import Fate

MONTHS = tuple(date(2025, month, 28) for month in range(1, 7))
SAFE, GONE = Fate(None), Fate(date(2025, 5, 10))


@pytest.mark.parametrize(
    ("letters", "begun"),
    {
        "rrrrrr": [0],
        "rrcrrr": [0, 3],
        "rr-rrr": [0, 3],
        "rrurrr": [0],
        "rruurr": [0, 4],
        "ucurcu": [3],
        "ccuu--": [],
    }.items(),
)
def test_months_in_a_row_are_one_episode(letters: str, begun: list[int]) -> None:
    assert [run[0] for run in episodes(letters)] == begun


def record(letters: str, *fates: Fate | None) -> Record:
    one = Record(months=MONTHS)
    one.add("a", letters, fates)
    return one


def test_an_alarm_counts_by_its_first_month_end() -> None:
    one = record("crrrrr", SAFE, SAFE, GONE, GONE, GONE, None)
    assert (one.episodes, one.at_risk, one.hits) == (1, 1, 0), "the outcome came, but not within 180 days of the first"
    assert (one.caught, one.missed, one.unjudged) == (1, 0, 0)
    assert one.lead_days == [(date(2025, 5, 10) - date(2025, 2, 28)).days]


def test_an_outcome_is_counted_once_however_many_months_see_it() -> None:
    assert (record("cccccc", *[GONE] * 4, None, None).missed) == 1
    twice = record("rccccr", GONE, GONE, None, None, None, Fate(date(2025, 8, 1)))
    assert (twice.caught, twice.missed, twice.hits) == (2, 0, 2)


def test_an_outcome_with_nothing_but_unknown_before_it_is_no_miss_and_no_catch() -> None:
    one = record("uuuucc", GONE, GONE, GONE, GONE, None, None)
    assert (one.caught, one.missed, one.unjudged) == (0, 0, 1)
    assert one.told({})["outcomes"] == {"all": 1, "caught": 0, "missed": 0, "unjudged": 1}
    assert one.accounts["unknown"] == 0, "it could be judged later"


def test_where_the_rule_does_not_speak_of_the_account_nothing_counts() -> None:
    one = record("------", *[GONE] * 6)
    assert (one.episodes, one.base_total, one.caught, one.missed, one.unjudged) == (0, 0, 0, 0, 0)


def test_who_is_not_at_risk_is_an_alert_and_no_false_alarm() -> None:
    one = record("rrrrrr", *[None] * 6)
    assert (one.episodes, one.at_risk, one.base_total) == (1, 0, 0)
    assert one.alerts_per_account_year == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2026, 10, 27), date(2026, 3, 31)),
        (date(2026, 10, 28), date(2026, 4, 30)),
        (date(2026, 10, 31), date(2026, 4, 30)),
    ],
)
def test_the_last_month_end_is_one_whose_window_was_over_before_today(today: date, last: date) -> None:
    months = month_ends(today, 24, date(2020, 1, 1))
    assert months.replayed[-1] == last
    assert len(months.replayed) == 24
    assert months.replayed[0].year == 2024
    assert all((later - one).days <= 31 for one, later in pairwise([*months.replayed, *months.open]))
    assert not months.blank
    assert months.open[0] > last
    assert months.open[-1] <= today
