"""new-senior-contact: how long somebody is new, who is senior, and what counts as an approach."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.catalog.new_senior_contact import NewSeniorContact, check
from rules.facts import AccountFacts
from rules.model import Contact, Kind, Outcome, Touch
from rules.rule import Clear, Raised, Unknown, Verdict
from tests.builders import BERG, LOPEZ, day_before, facts, mail, touch

OLD = replace(LOPEZ, entered_on=day_before(900))


def judge(known: AccountFacts, **params: object) -> Verdict:
    return check.check(known, NewSeniorContact.model_validate(params))


def entered(days_ago: int, *touches: Touch, who: Contact = BERG, **more: Any) -> AccountFacts:
    return facts(touches, contacts=(OLD, replace(who, entered_on=day_before(days_ago))), **more)


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(0, Raised), (30, Raised), (31, Clear)], ids=["today", "last day", "a day too long"]
)
def test_somebody_is_new_for_thirty_days(days_ago: int, expected: type) -> None:
    assert isinstance(judge(entered(days_ago)), expected)


def test_the_day_and_the_person_are_told() -> None:
    verdict = judge(entered(12))
    assert isinstance(verdict, Raised)
    assert verdict.numbers == {
        "new_senior_contacts": 1,
        "untouched": 1,
        "contact": "Karin Berg",
        "entered_on": "2026-10-21",
    }
    assert "Karin Berg (CEO) of Acme was entered on 21 Oct 2026" in verdict.finding.why


@pytest.mark.parametrize(
    "approach",
    [
        mail(2, to="berg"),
        mail(2, to="berg", inbound=True),
        touch(2, to="berg", kind=Kind.CALL, outcome=Outcome.ATTEMPTED),
        touch(40, to="berg"),
    ],
    ids=["a mail", "a mail of theirs", "a missed call", "met before being entered"],
)
def test_any_touch_is_an_approach(approach: Touch) -> None:
    verdict = judge(entered(12, approach))
    assert isinstance(verdict, Clear)
    assert verdict.message == "who is new and senior has been approached"


def test_a_touch_of_somebody_who_is_ignored_is_none() -> None:
    known = entered(12, mail(2, by="anna", to="berg"))
    assert isinstance(judge(replace(known, ignored=frozenset({"anna"}))), Raised)


def test_juniors_and_those_who_left_are_not_named() -> None:
    assert isinstance(judge(entered(12, who=replace(BERG, title="Buyer"))), Clear)
    assert isinstance(judge(entered(12, who=replace(BERG, left_on=day_before(1)))), Clear)
    assert isinstance(judge(entered(12, who=replace(BERG, title="Head of Sales")), level="vp"), Clear)


def test_several_are_one_finding_of_the_most_senior() -> None:
    head = Contact(id="head", account_id="acme", name="Ada Roy", title="Head of Sales", entered_on=day_before(3))
    known = entered(12)
    verdict = judge(replace(known, contacts=(head, *known.contacts)))
    assert isinstance(verdict, Raised)
    assert (verdict.numbers["untouched"], verdict.finding.contact_id) == (2, "berg")
    assert "nor of 1 other new senior contact" in verdict.finding.why


def test_nobody_can_tell_where_no_day_is_known() -> None:
    verdict = judge(facts())
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "nothing says when a contact of theirs was entered"
