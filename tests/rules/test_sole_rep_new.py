"""sole-rep-new: what sole-rep looks for, before it is multi-year."""

from __future__ import annotations

import pytest

from rules.catalog import sole_rep
from rules.catalog.sole_rep_new import SoleRepNew, check
from rules.facts import AccountFacts
from rules.rule import Clear, Raised, Route, Severity, Unknown, Verdict
from tests.builders import account, day_before, deal, facts, history, meetings, touch

RULE = check.check


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, SoleRepNew.model_validate(params))


def both(known: AccountFacts) -> tuple[type, type]:
    """The verdicts of sole-rep and of sole-rep-new."""
    return type(sole_rep.check.check(known, sole_rep.SoleRep())), type(judge(known))


def test_one_person_alone_of_late_is_raised_for_the_report() -> None:
    verdict = judge(facts(meetings(10)))
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.LOW
    assert SoleRepNew().route is Route.REPORT
    assert not SoleRepNew().enabled
    assert verdict.numbers["tenure_days"] == 64
    assert verdict.numbers["top_share"] == 1.0


@pytest.mark.parametrize(
    ("since", "expected"),
    [(729, (Clear, Raised)), (730, (Raised, Clear))],
    ids=["the last day it is new", "exactly two years"],
)
def test_sole_rep_takes_over_on_the_day_it_is_multi_year(since: int, expected: tuple[type, type]) -> None:
    days_ago = [*range(10, since, 200), since]
    assert both(facts([*meetings(8), *(touch(day) for day in days_ago)])) == expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (facts(meetings(7)), (Unknown, Unknown)),
        (facts(meetings(10), logs=()), (Unknown, Unknown)),
        (facts([*meetings(9), touch(2, by="peter")]), (Clear, Clear)),
        (facts([*meetings(79, every=2), *meetings(21, by="peter", every=3)]), (Clear, Clear)),
        (facts(meetings(8), deals=(deal(2000),)), (Raised, Clear)),
        (facts([*history(), *meetings(8)]), (Raised, Clear)),
    ],
    ids=["too few days", "silent owner", "a second person", "below the top share", "as a customer", "for years"],
)
def test_it_is_judged_like_sole_rep(known: AccountFacts, expected: tuple[type, type]) -> None:
    assert both(known) == expected


def test_its_numbers_are_those_of_sole_rep() -> None:
    known = facts(meetings(10), account=account(customer_since=day_before(500)))
    assert judge(known).numbers == sole_rep.check.check(known, sole_rep.SoleRep()).numbers


def test_the_text_says_when_it_becomes_sole_rep() -> None:
    verdict = judge(facts(meetings(10)))
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert text.headline == "known by one person, not yet for long"
    assert text.why == (
        "Acme hangs on one link: Jana Roth had 10 of the 10 contact days of the 12 months to 2 Nov 2026, in touch since "
        "30 Aug 2026; that is for long from 29 Aug 2028 on."
    )
    assert text.first_step == "Name a second relationship owner and bring them to the next meeting."
    assert text.figures == "J. Roth 10 of 10 contact days as of 2 Nov 2026"


def test_its_tenure_is_a_setting() -> None:
    assert isinstance(judge(facts(meetings(10)), tenure_days=64), Clear)
    assert isinstance(judge(facts(meetings(10)), tenure_days=65), Raised)
