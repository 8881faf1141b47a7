"""exec-due-soon: from when it is told, what counts as booked, and what says it louder."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rules.catalog.exec_due_soon import ExecDueSoon, check
from rules.catalog.exec_reach_lapse import check as exec_reach_lapse
from rules.facts import AccountFacts
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import BERG, LOPEZ, TODAY, day_before, deal, facts, touch


def judge(known: AccountFacts, **params: object) -> Verdict:
    return check.check(known, ExecDueSoon.model_validate(params))


def met(days_ago: int, **more: Any) -> AccountFacts:
    return facts([touch(days_ago, to="berg")], **more)


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [(152, Clear), (153, Raised), (183, Raised), (250, Raised)],
    ids=["due in 31 days", "due in 30 days", "due today", "overdue"],
)
def test_it_is_told_from_thirty_days_before(days_ago: int, expected: type) -> None:
    verdict = judge(met(days_ago))
    assert isinstance(verdict, expected)
    assert verdict.numbers["due_on"] == (day_before(days_ago) + timedelta(days=183)).isoformat()


def test_the_day_and_the_executive_are_told() -> None:
    verdict = judge(met(160))
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.LOW
    assert verdict.finding.headline == "exec check-in due 25 Nov 2026, none booked"
    assert verdict.finding.first_step == "Ask Karin Berg for a date before 25 Nov 2026."
    overdue = judge(met(190))
    assert isinstance(overdue, Raised)
    assert overdue.finding.first_step == "Ask Karin Berg for a date in the next days."


def test_a_meeting_ahead_with_an_executive_is_booked_and_one_with_a_buyer_is_not() -> None:
    booked = judge(met(160, upcoming=(touch(-20), touch(-9, to="berg"))))
    assert isinstance(booked, Clear)
    assert booked.numbers["booked_on"] == (TODAY + timedelta(days=9)).isoformat()
    assert isinstance(judge(met(160, upcoming=(touch(-20),))), Raised)
    ignored = met(160, upcoming=(touch(-9, by="anna", to="berg"),), ignored=frozenset({"anna"}))
    assert isinstance(judge(ignored), Raised)


def test_what_has_lapsed_is_left_to_the_rule_that_says_so() -> None:
    catalog = {check.id: check, exec_reach_lapse.id: exec_reach_lapse}
    book, _ = read_rulebook({"exec-due-soon": {"enabled": True}}, catalog)
    told = [book.judge(met(days_ago))["exec-due-soon"] for days_ago in (197, 198)]
    assert [type(one) for one in told] == [Raised, Clear]


def test_never_met_counts_from_the_first_deal_and_who_left_is_not_asked() -> None:
    assert isinstance(judge(facts(deals=(deal(152),))), Clear)
    assert isinstance(judge(facts(deals=(deal(153),))), Raised)
    chief = replace(LOPEZ, id="new", name="Ada Roy", title="CEO")
    verdict = judge(met(160, contacts=(chief, replace(BERG, left_on=day_before(2)))))
    assert isinstance(verdict, Raised)
    assert verdict.finding.contact_id == "new"


def test_nobody_can_tell_without_an_executive_or_a_beginning() -> None:
    for known in (facts([touch(9)], contacts=(LOPEZ,)), facts()):
        assert isinstance(judge(known), Unknown)
