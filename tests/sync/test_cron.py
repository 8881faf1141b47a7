"""Cron expressions: numbers of days as crontab has them, and slots that were missed, slept through or come twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.run.cron import GRACE, is_due, next_slot, trigger

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 11, 1, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("1", "Mon"),
        ("0", "Sun"),
        ("7", "Sun"),
        ("mon", "Mon"),
        ("5-6", "Fri Sat"),
        ("0-6/3", "Sun Wed Sat"),
        ("1,3", "Mon Wed"),
    ],
)
def test_days_are_numbered_as_crontab_does(days: str, expected: str) -> None:
    slots, moment, found = trigger(f"0 7 * * {days}", BERLIN), SUNDAY, []
    while (slot := next_slot(slots, moment)) and slot < SUNDAY + timedelta(days=7):
        found.append(slot.strftime("%a"))
        moment = slot
    assert " ".join(found) == expected


def test_several_expressions_are_the_slots_of_each() -> None:
    slots, moment, found = trigger("30 3 * * *; 0 7-8 * * mon-fri", BERLIN), SUNDAY, []
    while (slot := next_slot(slots, moment)) and slot < SUNDAY + timedelta(days=2):
        found.append(slot.strftime("%a %H:%M"))
        moment = slot
    assert found == ["Sun 03:30", "Mon 03:30", "Mon 07:00", "Mon 08:00"]


def test_of_several_expressions_the_wrong_one_is_told() -> None:
    with pytest.raises(ValueError, match=r"no cron expression of five fields \(is '61 \* \* \* \*'\)"):
        trigger("30 3 * * *; 61 * * * *")


@pytest.mark.parametrize(
    "expression", ["", "* * * *", "* * * * * *", "61 * * * *", "* * * * 5-2", "* * * * 9", "@daily"]
)
def test_what_is_no_expression_is_told_with_its_text(expression: str) -> None:
    with pytest.raises(ValueError, match="no cron expression of five fields") as raised:
        trigger(expression)
    assert repr(expression) in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        ("2026-11-02T06:30", "2026-11-02T07:00", True),
        ("2026-11-02T07:00", "2026-11-02T07:01", False),
        ("2026-11-01T07:00", "2026-11-02T09:00", True),
        ("2026-10-28T07:00", "2026-11-02T06:00", False),
        ("2026-11-03T07:00", "2026-11-02T07:00", False),
    ],
    ids=["its time", "done already", "missed by two hours", "missed by more than the grace", "a clock that went back"],
)
def test_a_slot_is_due_once(last: str, now: str, *, expected: bool) -> None:
    slots = trigger("0 7 * * 1-5", BERLIN)
    moments = (datetime.fromisoformat(text).replace(tzinfo=BERLIN) for text in (last, now))
    assert is_due(slots, *moments) is expected


def test_a_daily_beat_keeps_the_hour_that_comes_twice_once() -> None:
    slots = trigger("30 2 * * *", BERLIN)
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert is_due(slots, first - timedelta(hours=20), first, daily=True)
    assert not is_due(slots, first, second, daily=True)
    assert is_due(slots, first, second)
    assert is_due(slots, first, first + timedelta(days=1, hours=1), daily=True)


def test_a_daily_beat_is_kept_on_the_day_without_its_hour() -> None:
    slots = trigger("30 2 * * *", BERLIN)
    slot = next_slot(slots, datetime(2026, 3, 28, 12, tzinfo=BERLIN))
    assert slot is not None
    assert slot.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    following = next_slot(slots, slot)
    assert following is not None
    assert following.astimezone(BERLIN).day == 30


@given(minutes=st.integers(0, 525_600), hours=st.floats(0, 100), minute=st.integers(0, 59))
def test_what_has_run_is_not_due_before_the_next_slot(minutes: int, hours: float, minute: int) -> None:
    slots, began = trigger(f"{minute} */6 * * *", BERLIN), SUNDAY + timedelta(minutes=minutes)
    now = began + timedelta(hours=hours)
    slot = next_slot(slots, max(began, now - GRACE))
    assert slot is not None
    assert is_due(slots, began, now) == (slot <= now)
    assert not is_due(slots, now, now)
