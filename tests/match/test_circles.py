"""Accounts that are above each other, however many steps apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.match.circles import circles

NODES = st.sampled_from("abcdefg")


def test_each_circle_is_told_once_and_what_hangs_on_it_is_not() -> None:
    above = {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"], "c2": ["e"], "e": ["e"], "f": ["g"]}
    assert circles(above) == [("a", "b", "c"), ("e",)]


def test_a_chain_may_be_longer_than_any_stack() -> None:
    above = {str(number): [str(number + 1)] for number in range(50_000)}
    assert circles(above) == []
    assert [len(one) for one in circles({**above, "50000": ["0"]})] == [50_001]


@given(st.dictionaries(NODES, st.sets(NODES), max_size=7))
def test_two_are_in_one_circle_if_each_can_be_reached_from_the_other(above: dict[str, set[str]]) -> None:
    def reached(start: str) -> set[str]:
        found: set[str] = set()
        ahead = [*above.get(start, ())]
        while ahead:
            if (node := ahead.pop()) not in found:
                found.add(node)
                ahead += above.get(node, ())
        return found

    within = {node: reached(node) for node in "abcdefg"}
    mutual = {
        tuple(sorted(other for other in within if other in within[node] and node in within[other]))
        for node in within
        if node in within[node]
    }
    assert circles(above) == sorted(mutual)
