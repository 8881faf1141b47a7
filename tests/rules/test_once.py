"""A measure that several rules ask for is taken once for each account."""

from __future__ import annotations

from collections import Counter

from rules.facts import AccountFacts
from rules.measures import coverage
from rules.once import measured_once
from tests.builders import facts, touch

TAKEN: Counter[tuple[int, int]] = Counter()


@measured_once
def touches_times(known: AccountFacts, factor: int) -> int:
    """Count the touches, so many times each."""
    TAKEN[id(known), factor] += 1
    return len(known.touches) * factor


def test_a_measure_is_taken_once_for_each_account_and_argument() -> None:
    acme = facts([touch(1, by="jana")])
    assert [touches_times(acme, factor) for factor in (1, 2, 1, 2)] == [1, 2, 1, 2]
    assert TAKEN[id(acme), 1] == TAKEN[id(acme), 2] == 1


def test_what_was_measured_on_one_account_is_never_told_of_another() -> None:
    acme, globex = facts([touch(1, by="jana")]), facts([touch(1, by="jana"), touch(2, by="jana")])
    assert [touches_times(one, 1) for one in (acme, globex, acme)] == [1, 2, 1]


def test_accounts_of_the_same_name_and_size_are_told_apart() -> None:
    before, after = facts([touch(1, by="jana")]), facts([touch(1, by="peter")])
    assert coverage(before, 365).person_days == {"jana": 1}
    assert coverage(after, 365).person_days == {"peter": 1}


def test_a_measure_keeps_its_name_and_its_words() -> None:
    assert (touches_times.__name__, touches_times.__doc__) == (
        "touches_times",
        "Count the touches, so many times each.",
    )
