"""no-show-trend: which days count, how many it takes, and where no meeting is logged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.catalog.no_show_trend import NoShowTrend, check
from rules.facts import AccountFacts
from rules.model import Kind, Outcome, Touch
from rules.rule import Clear, Raised, Unknown, Verdict
from tests.builders import day_before, facts, mail, touch


def judge(known: AccountFacts, **params: object) -> Verdict:
    return check.check(known, NoShowTrend.model_validate(params))


def missed(days_ago: int, **more: Any) -> Touch:
    return touch(days_ago, outcome=Outcome.ATTEMPTED, **more)


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(59, Raised), (60, Clear)], ids=["oldest day that counts", "a day before"]
)
def test_two_days_within_two_months_are_a_trend(days_ago: int, expected: type) -> None:
    assert isinstance(judge(facts([missed(days_ago), missed(5)])), expected)


def test_the_last_one_is_told_with_who_was_to_come() -> None:
    verdict = judge(facts([missed(40), missed(8, to="berg")]))
    assert isinstance(verdict, Raised)
    assert verdict.numbers == {
        "missed_days": 2,
        "last_missed_on": day_before(8).isoformat(),
        "contact": "Karin Berg",
    }
    assert "on 2 days of the 60 days to 2 Nov 2026, last on 25 Oct 2026 with Karin Berg (CEO)" in verdict.finding.why


def test_two_on_one_day_are_one_and_calls_are_none() -> None:
    call = touch(20, kind=Kind.CALL, outcome=Outcome.ATTEMPTED)
    verdict = judge(facts([missed(8), missed(8, to="berg"), call, touch(3)]))
    assert isinstance(verdict, Clear)
    assert verdict.message == "1 day with a missed meeting"
    assert isinstance(judge(facts([missed(8), call]), min_missed=1), Raised)


def test_a_meeting_of_users_who_are_ignored_does_not_count() -> None:
    known = facts([missed(8), missed(20, by="anna")])
    assert isinstance(judge(replace(known, ignored=frozenset({"anna"}))), Clear)


def test_where_nobody_is_named_the_account_is() -> None:
    verdict = judge(facts([missed(8, to=()), missed(20, to=())]))
    assert isinstance(verdict, Raised)
    assert verdict.finding.contact_id is None
    assert verdict.finding.first_step.startswith("Call Acme and ask")


@pytest.mark.parametrize(
    ("touches", "expected"),
    [([], Unknown), ([mail(3)], Unknown), ([touch(365)], Unknown), ([touch(364)], Clear)],
    ids=["nothing", "messages only", "a meeting before the year", "a meeting of the year"],
)
def test_who_logs_no_meetings_logs_no_missed_ones(touches: list[Touch], expected: type) -> None:
    assert isinstance(judge(facts(touches)), expected)
