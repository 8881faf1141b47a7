"""sole-rep over made-up histories: what must not matter to it, and its person-days against their definition."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.catalog.sole_rep import SoleRep, check
from rules.model import Direction, Kind, Outcome, Touch
from rules.rule import Raised
from tests.builders import TODAY, facts, history, meetings, touch

DEFAULTS = SoleRep()
RULE = check.check
ANSWER = timedelta(days=30)
PEOPLE = ("jana", "peter", "anna", "0059")


@st.composite
def touches(draw: st.DrawFn) -> list[Touch]:
    """Touches of any kind by anybody over three years, several at the same moment among them."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 1100),
                st.sampled_from(PEOPLE),
                st.sampled_from(["lopez", "berg", ""]),
                st.sampled_from([Kind.EMAIL, Kind.MESSAGE, Kind.CALL, Kind.MEETING]),
                st.booleans(),
            ),
            max_size=40,
        )
    )
    return [_touch(*row) for row in rows]


def _touch(days_ago: int, person: str, contact: str, kind: Kind, flag: bool) -> Touch:
    to = (contact,) if contact else ()
    if kind in {Kind.EMAIL, Kind.MESSAGE}:
        return touch(days_ago, by=person, to=to, kind=kind, direction=Direction.INBOUND if flag else Direction.OUTBOUND)
    return touch(days_ago, by=person, to=to, kind=kind, outcome=Outcome.HELD if flag else Outcome.ATTEMPTED)


@given(touches(), st.randoms(use_true_random=False))
def test_the_order_of_touches_does_not_matter(some: list[Touch], random: object) -> None:
    shuffled = some[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    known = facts(some)
    assert RULE(known, DEFAULTS) == RULE(replace(known, touches=tuple(shuffled)), DEFAULTS)


@given(touches(), st.data())
def test_a_touch_told_twice_on_a_person_day_changes_no_number(some: list[Touch], data: st.DataObject) -> None:
    if not some:
        return
    again = replace(data.draw(st.sampled_from(some)), id="again")
    assert RULE(facts(some), DEFAULTS).numbers == RULE(facts([*some, again]), DEFAULTS).numbers


@given(st.lists(st.integers(0, 20), min_size=1, max_size=4), st.integers(2, 5))
def test_more_of_the_same_changes_no_share(split: list[int], times: int) -> None:
    def shares(factor: int) -> tuple[object, object]:
        some = [one for by, n in zip(PEOPLE, split, strict=False) for one in meetings(n * factor, by=by, every=1)]
        numbers = RULE(facts(some), DEFAULTS).numbers
        return numbers["top_share"], numbers["second_share"]

    assert shares(1) == pytest.approx(shares(times)) if any(split) else shares(1) == (None, None)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 30))
def test_more_days_of_the_strongest_other_person_never_raise(jana: int, peter: int, more: int) -> None:
    """With the gate met, until the other becomes the top person."""
    if jana + peter < DEFAULTS.min_touch_days or peter + more > jana:
        return
    first = [*history(), *meetings(jana, every=1)]
    before = RULE(facts([*first, *meetings(peter, by="peter", every=1)]), DEFAULTS)
    after = RULE(facts([*first, *meetings(peter + more, by="peter", every=1)]), DEFAULTS)
    assert isinstance(before, Raised) or not isinstance(after, Raised)


def _slow_person_days(some: list[Touch]) -> set[tuple[str, object]]:
    """The definition, by comparing every message with every other."""
    written = {Kind.EMAIL, Kind.MESSAGE}
    found: set[tuple[str, object]] = set()
    for one in some:
        if one.day <= TODAY - timedelta(days=365):
            continue
        if one.kind not in written:
            found |= {(user, one.day) for user in one.ours if one.outcome is Outcome.HELD}
            continue
        for other in some:
            opposite = other.kind in written and {one.direction, other.direction} == {
                Direction.INBOUND,
                Direction.OUTBOUND,
            }
            if opposite and set(one.theirs) & set(other.theirs) and abs(one.at - other.at) <= ANSWER:
                found |= {(user, one.day) for user in set(one.ours) & set(other.ours)}
    return found


@given(touches())
def test_person_days_are_what_the_definition_says(some: list[Touch]) -> None:
    assert RULE(facts(some), DEFAULTS).numbers["person_days"] == len(_slow_person_days(some))
