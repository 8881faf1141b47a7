"""What must hold for every rule of the catalog, over made-up histories of any kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rules.facts import AccountFacts
from rules.model import Touch
from rules.rule import Finding, Raised, Rule, Verdict, discover
from tests.builders import TODAY, facts, history, touch
from tests.rules.histories import PEOPLE, accounts

RULES = discover()

#: Numbers that count single touches: all others are counted by days and pairs.
COUNTS_OF_TOUCHES = {"attempts_since", "attempts", "messages"}
SHARES = {"top_share", "second_share", "effective_reps"}


def judge(rule: Rule, known: AccountFacts, **params: object) -> Verdict:
    return rule.check(known, rule.params.model_validate(params))


@given(known=accounts(), random=st.randoms(use_true_random=False))
def test_the_order_of_touches_changes_no_verdict(known: AccountFacts, random: Random) -> None:
    shuffled = [*known.touches]
    random.shuffle(shuffled)
    again = replace(known, touches=tuple(shuffled))
    for rule in RULES.values():
        assert judge(rule, known) == judge(rule, again), rule.id


@given(known=accounts().filter(lambda known: known.touches), data=st.data())
def test_a_touch_told_twice_changes_no_number_of_days_or_people(known: AccountFacts, data: st.DataObject) -> None:
    again = replace(data.draw(st.sampled_from(known.touches)), id="again")
    twice = replace(known, touches=tuple(sorted((*known.touches, again), key=lambda one: (one.at, one.id))))
    for rule in RULES.values():
        before, after = judge(rule, known), judge(rule, twice)
        for name in before.numbers.keys() - COUNTS_OF_TOUCHES:
            assert before.numbers[name] == after.numbers[name], (rule.id, name)


days_of_people = st.sets(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 364 // 5 - 1)), min_size=1)


def spread(days: set[tuple[str, int]], times: int) -> list[Touch]:
    """Each person-day `times` times, on as many days, all of them within the window of a year."""
    return [touch(day * times + number, by=by) for by, day in sorted(days) for number in range(times)]


@given(days=days_of_people, times=st.integers(2, 5))
def test_more_of_the_same_changes_no_share(days: set[tuple[str, int]], times: int) -> None:
    known, multiplied = facts(spread(days, 1)), facts(spread(days, times))
    for rule in RULES.values():
        once, more = judge(rule, known).numbers, judge(rule, multiplied).numbers
        assert {name: once[name] for name in SHARES & once.keys()} == {
            name: more[name] for name in SHARES & more.keys()
        }


@given(days=days_of_people.filter(lambda days: len(days) >= 8), more=st.integers(1, 40))
def test_more_days_of_the_strongest_other_person_never_raise_sole_rep(days: set[tuple[str, int]], more: int) -> None:
    """With enough person-days, and the same person on top before and after."""

    def verdict(some: list[Touch]) -> Verdict:
        # With the default share of a second person hardly any made-up history is raised.
        return judge(RULES["sole-rep"], facts([*history(), *some]), top_share=0.5, second_share=0.4)

    before = verdict(spread(days, 1))
    counts = Counter(by for by, _ in days)
    others = [by for by in PEOPLE if by != before.numbers["top_person"].partition("@")[0].partition(".")[0]]
    other = max(others, key=lambda by: counts[by])
    free = [day for day in range(365) if (other, day) not in days]
    after = verdict([*spread(days, 1), *(touch(day, by=other) for day in free[:more])])
    if before.numbers["top_person"] == after.numbers["top_person"]:
        assert isinstance(before, Raised) or not isinstance(after, Raised)


def texts(finding: Finding) -> list[str]:
    return [finding.headline, finding.why, finding.clears_when, finding.first_step, finding.figures]


@given(known=accounts())
def test_a_finding_is_told_whole_short_and_in_plain_letters(known: AccountFacts) -> None:
    for rule in RULES.values():
        verdict = judge(rule, known)
        if isinstance(verdict, Raised):
            told = texts(verdict.finding)
            assert len(verdict.finding.headline) <= 50, rule.id
            assert all(text.strip() and text.isascii() for text in told), rule.id
            assert not [text for text in told if "None" in text or "  " in text], rule.id


@given(known=accounts())
def test_a_headline_does_not_change_with_the_day_alone(known: AccountFacts) -> None:
    """A task that says the same in other words every morning is noise: the people and days it names must be others."""
    later = replace(known, today=TODAY + timedelta(days=1))
    for rule in RULES.values():
        today, tomorrow = judge(rule, known), judge(rule, later)
        if not isinstance(today, Raised) or not isinstance(tomorrow, Raised):
            continue
        if (today.severity, named(today)) == (tomorrow.severity, named(tomorrow)):
            assert today.finding.headline == tomorrow.finding.headline, rule.id


def named(verdict: Raised) -> dict[str, str]:
    """The people and days among the numbers."""
    return {name: value for name, value in verdict.numbers.items() if isinstance(value, str) and name != "coverage"}
