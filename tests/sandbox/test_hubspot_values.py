"""Values as HubSpot keeps them: every form of a moment or a day ends in one, and text order is time order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sandbox.hubspot_values import is_number, milliseconds, parse_date, parse_datetime, stamp

MOMENTS = st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 Hypothesis adds the zone


@given(MOMENTS)
def test_milliseconds_and_text_of_a_moment_say_the_same(moment: datetime) -> None:
    epoch_ms = milliseconds(moment)
    assert parse_datetime(str(epoch_ms)) == parse_datetime(moment.isoformat()) == stamp(epoch_ms)


@given(MOMENTS, MOMENTS)
def test_the_order_of_texts_is_the_order_of_moments(one: datetime, other: datetime) -> None:
    first, second = milliseconds(one), milliseconds(other)
    assert (stamp(first) < stamp(second)) is (first < second)


@given(MOMENTS, st.integers(-12, 12))
def test_a_zone_does_not_matter(moment: datetime, hours: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(hours=hours)))
    assert parse_datetime(elsewhere.isoformat()) == parse_datetime(moment.isoformat())


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_is_the_same_from_text_and_from_its_midnight(day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert parse_date(day.isoformat()) == parse_date(str(milliseconds(midnight))) == day.isoformat()


@pytest.mark.parametrize("text", ["", "2026-13-01T00:00:00Z", "2026-11-02T06:00:00", "soon", "9" * 15])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert parse_datetime(text) is None


@pytest.mark.parametrize("text", ["", "2026-02-30", "20260201", "86400001", "9" * 15])
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "is_one"), [("1", True), ("-1.5", True), ("1e3", True), (".5", True), ("1,5", False), ("nan", False)]
)
def test_numbers_are_plain(text: str, is_one: bool) -> None:
    assert is_number(text) is is_one
