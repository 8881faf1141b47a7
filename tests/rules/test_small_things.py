"""Business days and the wording of figures."""

from __future__ import annotations

from datetime import date

import pytest

from rules.model import User
from rules.wording import count_text, day_text, full_name, money_text, share_text, short_name
from rules.workdays import add_workdays

FRIDAY = date(2026, 10, 30)


@pytest.mark.parametrize(
    ("count", "due_on"),
    [
        (1, date(2026, 11, 2)),
        (3, date(2026, 11, 4)),
        (5, date(2026, 11, 6)),
        (6, date(2026, 11, 9)),
        (0, date(2026, 11, 2)),
    ],
)
def test_weekends_are_skipped_and_the_day_itself_is_never_due(count: int, due_on: date) -> None:
    assert add_workdays(FRIDAY, count) == due_on


def test_holidays_are_skipped_also_on_weekends() -> None:
    holidays = {date(2026, 11, 2), date(2026, 11, 7)}
    assert add_workdays(FRIDAY, 1, holidays) == date(2026, 11, 3)
    assert add_workdays(date(2026, 10, 31), 1, holidays) == date(2026, 11, 3)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (950, "950"),
        (1000, "1k"),
        (5200, "5.2k"),
        (420_000, "420k"),
        (2_100_000, "2.1M"),
        (3e9, "3bn"),
        (-1500, "-1.5k"),
    ],
)
def test_money_is_told_in_short_without_a_currency(amount: float, text: str) -> None:
    assert money_text(amount) == text


def test_days_shares_and_counts_read_the_same_everywhere() -> None:
    assert day_text(date(2026, 3, 6)) == "6 Mar 2026"
    assert (share_text(0.8), share_text(1), share_text(0.125)) == ("80%", "100%", "12.5%")
    assert (count_text(1, "attempt"), count_text(0, "attempt")) == ("1 attempt", "0 attempts")


def test_people_are_told_by_the_best_name_there_is() -> None:
    assert full_name(None, "0051") == "0051"
    assert full_name(User(id="0051", name="", email=""), "0051") == "0051"
    assert (short_name("Pat van der Hall"), short_name("pat@x.example"), short_name("")) == (
        "P. Hall",
        "pat@x.example",
        "",
    )
