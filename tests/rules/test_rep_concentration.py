"""rep-concentration: the splits of domain.md 4.7, and what it leaves to sole-rep."""

from __future__ import annotations

import pytest

from rules.catalog.rep_concentration import RepConcentration, check
from rules.facts import AccountFacts
from rules.model import Touch
from rules.rule import Clear, Raised, Route, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import JANA, facts, history, meetings

RULE = check.check


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, RepConcentration.model_validate(params))


def split(*days: int) -> list[Touch]:
    """So many person-days of Jana, Peter, Anna and others."""
    people = ("jana", "peter", "anna", "u4", "u5")
    return [
        one
        for person, count in zip(people, days, strict=False)
        for one in meetings(count, by=person, first_days_ago=0, every=3)
    ]


def test_most_contact_through_one_person_is_raised_with_its_numbers() -> None:
    verdict = judge(facts(split(15, 5)))
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.HIGH
    numbers = dict(verdict.numbers)
    assert numbers.pop("entropy_reps") == pytest.approx(1.75, abs=0.01)
    assert numbers == {
        "person_days": 20,
        "top_person": JANA.email,
        "top_days": 15,
        "top_share": 0.75,
        "second_share": 0.25,
        "coverage": "2x1",
        "silent_owner": None,
        "effective_reps": 1.6,
    }


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((100,), Raised),
        ((90, 10), Raised),
        ((80, 20), Raised),
        ((80, 5, 5, 5, 5), Raised),
        ((70, 30), Raised),
        ((69, 31), Clear),
        ((60, 40), Clear),
        ((50, 50), Clear),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_the_splits_of_domain_4_7(days: tuple[int, ...], expected: type) -> None:
    assert isinstance(judge(facts(split(*days))), expected)


@pytest.mark.parametrize(
    ("days", "expected"),
    [((15, 5), Clear), ((76, 24), Raised), ((78, 11, 11), Raised), ((75, 13, 12), Clear)],
    ids=["exactly 1.6", "1.57", "1.58 with two others", "1.69 with two others"],
)
def test_a_small_effective_number_is_enough(days: tuple[int, ...], expected: type) -> None:
    assert isinstance(judge(facts(split(*days)), top_share=1), expected)


@pytest.mark.parametrize(("days", "expected"), [(7, Unknown), (8, Raised)], ids=["one too few", "just enough"])
def test_thin_activity_is_unknown(days: int, expected: type) -> None:
    verdict = judge(facts(split(days)))
    assert isinstance(verdict, expected)
    if isinstance(verdict, Unknown):
        assert verdict.reason == "not enough activity: 7 of 8 person-days"


def test_without_person_days_its_numbers_are_null() -> None:
    numbers = judge(facts()).numbers
    assert [numbers[name] for name in ("top_person", "top_share", "effective_reps", "entropy_reps")] == [None] * 4


def test_a_silent_owner_makes_it_unknown() -> None:
    verdict = judge(facts(split(15, 5), logs=("peter",)))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "J. Roth logs nothing"
    assert isinstance(judge(facts(split(15, 5), logs=()), evidence_days=0), Raised)


@pytest.mark.parametrize(
    ("days", "expected"),
    [((30,), (Raised, Clear)), ((15, 5), (Clear, Raised))],
    ids=["sole-rep says it better", "two people"],
)
def test_where_sole_rep_is_raised_it_is_silent(days: tuple[int, ...], expected: tuple[type, type]) -> None:
    rulebook, problems = read_rulebook({"rep-concentration": {"enabled": True}})
    assert not problems
    verdicts = rulebook.judge(facts([*history(), *split(*days)]))
    assert (type(verdicts["sole-rep"]), type(verdicts["rep-concentration"])) == expected


def test_it_is_off_and_goes_to_the_manager_until_told_otherwise() -> None:
    assert not RepConcentration().enabled
    assert RepConcentration().route is Route.MANAGER


def test_the_text_is_stable_short_and_no_judgement() -> None:
    verdict = judge(facts(split(16, 4)))
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert text.headline == "contact leans on one person"
    assert text.why == (
        "Acme leans on one link: Jana Roth had 16 of the 20 contact days of the 12 months to 2 Nov 2026; that is spread "
        "as thin as over 1.5 people with equal parts."
    )
    assert text.clears_when == (
        "Clears when no one person of ours has 70% of the contact days, and they are spread like those of 1.6 people "
        "with equal parts or more."
    )
    assert text.first_step == "Bring Peter Hall to the next meeting, who had 4 contact days already."
    assert text.figures == "J. Roth 16 of 20 contact days as of 2 Nov 2026"
