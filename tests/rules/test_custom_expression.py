"""Expressions over facts: what is refused where they are read, and what an absent fact does to them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import cel
import pytest
from hypothesis import given
from hypothesis import strategies as some

from rules.custom.expression import UntoldError, compiled
from rules.custom.types import ExpressionError

TYPES = {
    "days": "int",
    "share": "double",
    "tier": "string",
    "active": "bool",
    "last_on": "timestamp",
    "titles": "list(string)",
}
SAMPLE = {
    "days": 4,
    "share": 0.5,
    "tier": "A",
    "active": True,
    "last_on": datetime(2026, 1, 5, tzinfo=UTC),
    "titles": ["Buyer", "CEO"],
}


def refused(source: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        compiled(source, TYPES)
    return str(caught.value)


def holds(source: str, **values: Any) -> bool:
    return compiled(source, TYPES).holds(SAMPLE | values)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("days >", "column 7: ends too early"),
        ("", "column 1: ends too early"),
        ("days = 4", "column 6: = is not expected here; write =="),
        ("days > 3 and active", "column 10: and is not expected here; write &&"),
        ("(days > 3", "column 10: ends too early"),
        ("days > 3)", "column 9: ) is not expected here"),
        ("days > 3;", "column 9: ; is not expected here"),
        ("tier == 'A", "column 9: ' is not expected here"),
        ("{'a': days} == {}", "column 1: { is not expected here"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_column(source: str, message: str) -> None:
    assert refused(source) == message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("share > 0.5 && day > 3", "column 16: unknown fact day, the nearest known one is days"),
        ("xyzzy == 1", "column 1: unknown fact xyzzy, docs/rules/custom.md lists the known ones"),
        ("tier.lower() == 'a'", "column 6: unknown function lower, known are all, contains, endsWith, exists, "),
        ("max(days, 3) > 2", "column 1: unknown function max, known are double, duration, int, "),
    ],
)
def test_what_nobody_knows_is_told_with_its_column_and_what_is_near(source: str, message: str) -> None:
    assert refused(source).startswith(message)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("tier > 3", "column 8: cannot compare tier (a text) with 3 (a whole number)"),
        ("3 < tier", "column 5: cannot compare 3 (a whole number) with tier (a text)"),
        ("days == '4'", "column 9: cannot compare days (a whole number) with '4' (a text)"),
        ("1 < days < 9", "column 12: cannot compare 1 < days (true or false) with 9 (a whole number)"),
        ("active > false", "column 8: > needs numbers, texts or days, not true or false"),
        ("days in ['A']", "column 9: days (a whole number) cannot be in ['A'] (a list)"),
        ("tier in 'ABC'", "column 9: tier (a text) cannot be in 'ABC' (a text)"),
        ("tier in ['A', 2]", "column 15: 2 (a whole number) stands in a list of another type"),
        (
            "days / 2.0 > 1.0",
            (
                "column 8: / cannot be used on days (a whole number) and 2.0 (a number); "
                "write double(...) around the whole number"
            ),
        ),
        ("tier + 1 == 'A1'", "column 8: + cannot be used on tier (a text) and 1 (a whole number)"),
        ("days", "column 1: must be true or false, and is a whole number"),
        ("!days", "column 2: must be true or false, and days (a whole number) is not"),
        ("active && days", "column 11: must be true or false, and days (a whole number) is not"),
        ("-tier == 'A'", "column 2: must be a number or a whole number, and tier (a text) is not"),
        ("active ? days > 1 : days", "column 21: must be true or false, and days (a whole number) is not"),
        ("tier[0] == 'A'", "column 1: tier (a text) has no items"),
        ("titles['a'] == 'A'", "column 8: must be a whole number, and 'a' (a text) is not"),
        ("days.contains('a')", "column 6: contains cannot be used on a whole number and a text"),
        ("tier.exists(one, one == 'A')", "column 1: exists needs a list, and tier (a text) is none"),
        ("titles.exists(days, days == 'A')", "column 15: days is the name of a fact; choose another for an item"),
        ("titles.exists(one, one > 3)", "column 26: cannot compare one (a text) with 3 (a whole number)"),
        ("titles.exists(one)", "column 8: exists is written exists(one, condition on one)"),
        ("tier.matches('(')", "column 14: '(' cannot be read (RuntimeError)"),
        ("last_on > timestamp('soon')", "column 21: 'soon' cannot be read (RuntimeError)"),
        ("1 < 2", "column 1: names no fact, so that it would be the same for every account"),
    ],
)
def test_types_that_do_not_fit_are_told_with_their_column(source: str, message: str) -> None:
    assert refused(source) == message


def test_in_several_lines_the_line_is_told_too() -> None:
    assert refused("\ndays > 3\n  && tier > 3\n").startswith("line 3, column 13: cannot compare tier")


def test_what_is_nested_too_deeply_is_refused() -> None:
    assert refused("!" * 5000 + "active") == "column 1: is nested too deeply"


@pytest.mark.parametrize(
    "source",
    [
        "days > 3 && share >= 0.5",
        "days > 3.5",
        "share == 0.5 || tier == 'B'",
        "double(days) / 8.0 == share",
        "days % 3 == 1",
        "tier in ['A', 'B'] && !(tier in [])",
        "titles.exists(one, one.startsWith('Buy')) && titles.all(one, one.size() > 2)",
        "titles.filter(one, one != 'CEO').size() == 1 && titles[1] == 'CEO'",
        "titles.map(one, size(one)).exists_one(length, length == 3)",
        "tier.matches('(?i)^a$') && string(days) == '4' && int(share) == 0",
        "last_on - timestamp('2026-01-04T00:00:00Z') == duration('24h')",
        "last_on.getFullYear() == 2026 && last_on.getMonth() == 0 && last_on.getDate() == 5",
        "last_on.getDayOfWeek() == 1 // a Monday",
        "active ? days > 1 : days > 100",
        "-days < -3 && !!active",
    ],
)
def test_what_passes_means_what_cel_says(source: str) -> None:
    assert holds(source)


def test_every_pair_of_types_that_passes_is_one_that_cel_can_work_with() -> None:
    """And arithmetic that is refused is what CEL refuses too, but for lists, which nobody needs to add."""
    signs = ("==", "!=", "<", ">=", "in", "+", "-", "*", "/", "%")
    for (one, _), sign, (other, _) in itertools.product(TYPES.items(), signs, TYPES.items()):
        pair = f"{one} {sign} {other}"
        source = pair if sign in {"==", "!=", "<", ">=", "in"} else f"{pair} == {pair}"
        try:
            expression = compiled(source, TYPES)
        except ExpressionError:
            if sign in "+-*/%" and (one, other) != ("titles", "titles"):
                with pytest.raises((TypeError, RuntimeError)):
                    cel.evaluate(source, SAMPLE)
        else:
            assert expression.holds(SAMPLE) in {True, False}, source


@given(some.text(alphabet="days hretiv&|!<>=+-*/%()[]{}'\"?:.,0123\\\n$", max_size=40))
def test_whatever_is_written_is_either_read_or_told_with_its_column(source: str) -> None:
    try:
        names = compiled(source, TYPES).names
    except ExpressionError as error:
        told = str(error)
    else:
        told = "column" if names <= TYPES.keys() else ""
    assert "column" in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("days > 3 && tier == 'B'", False),
        ("tier == 'B' && days > 3", False),
        ("days > 3 || tier == 'A'", True),
        ("tier == 'A' ? active : days > 3", True),
        ("titles.exists(one, one == 'CEO') || days > 3", True),
    ],
)
def test_an_absent_fact_matters_only_where_nothing_else_decides(source: str, expected: bool) -> None:
    assert holds(source, days=None) is expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("days > 3", "not known: days"),
        ("days > 3 && tier == 'A'", "not known: days"),
        ("share > 0.1 && days > 3 && last_on == last_on", "not known: days, last_on"),
    ],
)
def test_an_absent_fact_that_decides_is_named(source: str, reason: str) -> None:
    with pytest.raises(UntoldError) as caught:
        holds(source, days=None, last_on=None)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("days / (days - 4) > 1", "division by zero"),
        ("titles[days] == 'CEO'", "index out of bounds"),
        ("days * 9223372036854775807 > 1", "overflow"),
        ("int(tier) == 1", "int"),
        ("last_on - duration(tier) == last_on", "duration"),
    ],
)
def test_what_fails_on_one_account_is_told_in_one_line(source: str, reason: str) -> None:
    with pytest.raises(UntoldError, match=reason) as caught:
        holds(source)
    assert "\n" not in caught.value.reason


def test_a_day_is_a_moment_that_can_be_compared() -> None:
    later = SAMPLE["last_on"] + timedelta(days=40)  # type: ignore[operator]  # a datetime
    assert compiled("today - last_on > duration('720h')", TYPES | {"today": "timestamp"}).holds(
        SAMPLE | {"today": later}
    )
