"""time-below-plan: contact days of a quarter against what the plan says for the role."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from rules.catalog.time_below_plan import TimeBelowPlan, check
from rules.model import TeamMember
from rules.rule import Clear, NotApplicable, Raised, Verdict
from tests.builders import day_before, facts, meetings, touch

PLAN = {"Account Manager": 3, "executive sponsor": 1}


def member(user_id: str, role: str = "Account Manager", days: int | None = 400) -> TeamMember:
    since = None if days is None else day_before(days)
    return TeamMember(account_id="acme", user_id=user_id, role=role, since=since)


def judge(*team: TeamMember, days: int = 3, plan: dict[str, int] | None = None, **params: object) -> Verdict:
    known = replace(facts([*meetings(days, by="peter"), touch(90, by="peter")]), team=team)
    return check.check(known, TimeBelowPlan(contact_days=PLAN if plan is None else plan, **params))


@pytest.mark.parametrize(("days", "expected"), [(3, Clear), (2, Raised)])
def test_the_days_of_the_role_are_enough(days: int, expected: type) -> None:
    assert isinstance(judge(member("peter"), days=days), expected)


def test_the_quarter_ends_with_its_ninetieth_day() -> None:
    assert isinstance(judge(member("peter"), days=2, window_days=91), Clear)


def test_who_is_farthest_below_is_named_and_the_others_too() -> None:
    verdict = judge(member("peter"), member("anna", "EXECUTIVE SPONSOR"), days=1)
    assert isinstance(verdict, Raised)
    assert verdict.numbers == {"members": 2, "short": 2, "days": 1, "planned": 3}
    assert verdict.finding.why == (
        "Peter Hall (Account Manager) had 1 contact day with Acme in the 90 days to 2 Nov 2026, against a plan of 3; "
        "below plan too: Anna Kim."
    )


@pytest.mark.parametrize(
    ("days_on_the_team", "expected"), [(89, Clear), (90, Raised), (None, Raised)], ids=["new", "settled", "not told"]
)
def test_who_is_new_is_passed_over(days_on_the_team: int | None, expected: type) -> None:
    assert isinstance(judge(member("anna", days=days_on_the_team)), expected)


def test_other_roles_and_deals_are_no_part_of_the_plan() -> None:
    assert isinstance(judge(member("anna", "Technical")), Clear)
    assert isinstance(judge(replace(member("anna"), deal_id="d")), Clear)


def test_without_a_plan_it_says_nothing() -> None:
    assert isinstance(judge(member("anna"), plan={}), NotApplicable)


def test_no_day_is_no_plan() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        TimeBelowPlan(contact_days={"Account Manager": 0})
