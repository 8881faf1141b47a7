"""going-quiet as domain.md 4.16 fixes it: both sides of every border, and its text."""

from __future__ import annotations

import pytest

from rules.catalog.going_quiet import GoingQuiet, check
from rules.facts import AccountFacts
from rules.model import Touch
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from tests.builders import LOPEZ, day_before, facts, mail, touch

RULE = check.check


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, GoingQuiet.model_validate(params))


def spans(now: int, *before: int, first: int = 450) -> list[Touch]:
    """So many person-days in the last 90 days and in each span before, the newest first; the record begins earlier."""
    days = [90 * span + number for span, count in enumerate((now, *before)) for number in range(count)]
    return [mail(first), *(touch(day) for day in days)]


def test_half_the_contact_is_raised_with_its_numbers() -> None:
    verdict = judge(facts(spans(4, 12, 11, 9, 12)))
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.HIGH
    assert verdict.numbers["chance"] == pytest.approx(0.0151, abs=0.0001)
    assert {name: value for name, value in verdict.numbers.items() if name != "chance"} == {
        "person_days_90": 4,
        "person_days_before": [12, 11, 9, 12],
        "usual": 11.0,
        "first_touch_on": day_before(450).isoformat(),
    }


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (4, (11, 11, 11, 11), Raised),
        (3, (6, 6, 6, 6), Clear),
        (1, (6, 6, 6, 6), Raised),
        (1, (3, 3, 3, 3), Clear),
        (0, (3, 3, 3, 3), Raised),
        (0, (3, 3, 3, 2), Unknown),
        (10, (20, 20, 20, 20), Raised),
        (11, (20, 20, 20, 20), Clear),
        (4, (14, 14, 12, 4), Clear),
        (4, (14, 14, 11, 5), Raised),
    ],
    ids=[
        "11 fell to 4",
        "6 fell to 3, which may be chance",
        "6 fell to 1",
        "3 fell to 1, which may be chance",
        "3 fell to none",
        "less than 3 before",
        "exactly half",
        "a day more than half",
        "one span before was as quiet",
        "no span before was as quiet",
    ],
)
def test_the_borders_of_domain_4_16(now: int, before: tuple[int, ...], expected: type) -> None:
    assert isinstance(judge(facts(spans(now, *before))), expected)


@pytest.mark.parametrize(
    ("first", "expected"), [(449, Unknown), (450, Raised)], ids=["one day too young", "just old enough"]
)
def test_a_young_record_is_unknown(first: int, expected: type) -> None:
    verdict = judge(facts(spans(1, 9, 9, 9, 9, first=first)))
    assert isinstance(verdict, expected)
    if isinstance(verdict, Unknown):
        assert verdict.reason == "the record begins on 10 Aug 2025, 450 days are needed"


def test_an_account_without_a_touch_is_unknown() -> None:
    verdict = judge(facts())
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "no contact is on record"
    assert verdict.numbers["first_touch_on"] is None


def test_too_little_contact_is_unknown() -> None:
    verdict = judge(facts(spans(0, 3, 3, 3, 2)))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "too little contact to tell"


@pytest.mark.parametrize(
    ("day", "expected"), [(89, [1, 0]), (90, [0, 1]), (449, [0, 0])], ids=["last of the span", "first before", "oldest"]
)
def test_a_day_belongs_to_one_span(day: int, expected: list[int]) -> None:
    numbers = judge(facts([touch(day), mail(500)])).numbers
    assert [numbers["person_days_90"], numbers["person_days_before"][0]] == expected
    assert numbers["person_days_90"] + sum(numbers["person_days_before"]) == 1


def test_ignored_people_make_no_contact() -> None:
    robot = [touch(day, by="anna") for day in range(1, 80)]
    known = facts([*spans(1, 9, 9, 9, 9), *robot, touch(900, by="anna")], ignored=frozenset({"anna"}))
    assert isinstance(judge(known), Raised)
    assert judge(known).numbers["first_touch_on"] == day_before(450).isoformat()


def test_every_bound_is_a_setting() -> None:
    known = facts(spans(4, 11, 11, 11, 11))
    assert isinstance(judge(known, quiet_share=0.3), Clear)
    assert isinstance(judge(known, chance=0.01), Clear)
    assert isinstance(judge(known, min_mean=12), Unknown)


def test_the_text_is_stable_short_and_no_judgement() -> None:
    verdict = judge(facts(spans(4, 12, 11, 9, 12)))
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert text.headline == "contact has gone quiet"
    assert text.why == (
        "Acme had 4 contact days with us in the 90 days to 2 Nov 2026; in the four spans of 90 days before there were "
        "12, 9, 11 and 12, on average 11."
    )
    assert text.clears_when == (
        "Clears when 90 days have 6 contact days or more again, by what was usual as of 2 Nov 2026."
    )
    assert (
        text.first_step
        == "Call Maria Lopez (Buyer), last in real exchange with us on 2 Nov 2026; ask what has changed."
    )
    assert text.figures == "4 contact days in 90 days, usually 11, as of 2 Nov 2026"


def test_what_it_asks_for_clears_it() -> None:
    before = (12, 11, 9, 12)
    raised = [now for now in range(20) if isinstance(judge(facts(spans(now, *before))), Raised)]
    verdict = judge(facts(spans(0, *before)))
    assert isinstance(verdict, Raised)
    assert f"have {max(raised) + 1} contact days or more" in verdict.finding.clears_when


def test_where_nobody_they_met_is_known_it_asks_for_somebody() -> None:
    verdict = judge(facts(spans(1, 9, 9, 9, 9), contacts=()))
    assert isinstance(verdict, Raised)
    assert verdict.finding.first_step == "Call somebody who knows us there, and ask what has changed."
    assert LOPEZ.name not in verdict.finding.why
