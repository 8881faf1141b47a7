"""point-of-contact-authority: the owner's title against the level that is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.catalog.point_of_contact_authority import PointOfContactAuthority, check
from rules.facts import AccountFacts
from rules.model import User
from rules.rule import Clear, Raised, Route, Severity, Unknown, Verdict
from rules.titles import Level, TitleRules
from tests.builders import JANA, USERS, account, facts


def judge(known: AccountFacts, **params: object) -> Verdict:
    return check.check(known, PointOfContactAuthority.model_validate(params))


def owned(owner: User, **more: Any) -> AccountFacts:
    return facts(users=USERS | {"jana": owner}, **more)


@pytest.mark.parametrize(
    ("title", "level", "expected"),
    [
        ("Account Manager", "manager", Clear),
        ("Sales Representative", "manager", Raised),
        ("Sales Representative", "other", Clear),
        ("Account Manager", "head", Raised),
    ],
)
def test_the_title_is_held_against_the_level(title: str, level: str, expected: type) -> None:
    verdict = judge(owned(replace(JANA, title=title)), level=level)
    assert isinstance(verdict, expected)
    assert verdict.numbers["owner"] == "jana.roth@seller.example"


def test_it_is_for_the_manager_and_names_the_title() -> None:
    verdict = judge(owned(replace(JANA, title="Sales Representative")))
    assert isinstance(verdict, Raised)
    assert (verdict.severity, check.params().route) == (Severity.LOW, Route.MANAGER)  # type: ignore[call-arg]  # all have defaults
    assert "owned by Jana Roth (Sales Representative)" in verdict.finding.why


def test_the_own_list_of_titles_wins() -> None:
    titles = TitleRules(levels={"sales representative": Level.MANAGER})
    assert isinstance(judge(owned(replace(JANA, title="Sales Representative"), titles=titles)), Clear)


def test_nobody_can_tell_without_an_active_owner_or_a_title() -> None:
    reasons = [
        judge(owned(replace(JANA, active=False))),
        judge(facts(account=account(owner_id=None))),
        judge(facts(ignored=frozenset({"jana"}))),
        judge(owned(replace(JANA, title=" "))),
    ]
    assert [one.reason for one in reasons if isinstance(one, Unknown)] == [
        *["the account has no active owner"] * 3,
        "the CRM keeps no title of Jana Roth",
    ]
