"""uncoordinated: departments at one contact within a month, where no team keeps them together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.catalog.uncoordinated import Uncoordinated, check
from rules.facts import AccountFacts
from rules.model import Outcome, TeamMember, Touch, User
from rules.rule import Clear, Raised, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import ANNA, JANA, LOPEZ, PETER, day_before, facts, mail, touch

USERS = {
    user.id: user
    for user in (
        replace(JANA, department="Sales"),
        replace(PETER, department="Service"),
        replace(ANNA, department="Management"),
        User(id="tom", name="Tom Wood"),
        User(id="uwe", name="Uwe Ott", department="SALES"),
    )
}
JANA_PETER = (mail(3), touch(12, by="peter"))


def judge(*touches: Touch, team: tuple[TeamMember, ...] = (), **more: Any) -> Verdict:
    known: AccountFacts = replace(facts(touches, users=USERS, **more), team=team)
    return check.check(known, Uncoordinated())


@pytest.mark.parametrize(("days", "expected"), [(29, Raised), (30, Clear)])
def test_three_departments_within_thirty_days_are_too_many(days: int, expected: type) -> None:
    assert isinstance(judge(*JANA_PETER, mail(days, by="anna")), expected)


def test_it_says_which_departments_and_who() -> None:
    verdict = judge(*JANA_PETER, mail(29, by="anna"))
    assert isinstance(verdict, Raised)
    assert verdict.finding.why == (
        "Management, Sales and Service turned to Maria Lopez (Buyer) of Acme in the 30 days to 2 Nov 2026, and no team "
        "is named: Anna Kim, Jana Roth, Peter Hall."
    )
    assert verdict.finding.contact_id == "lopez"
    assert verdict.numbers == {"departments": 3, "contact": "Maria Lopez", "team": 0}


def test_a_call_that_reached_nobody_turned_to_them_and_a_mail_from_them_did_not() -> None:
    missed = touch(4, by="anna", outcome=Outcome.ATTEMPTED)
    assert isinstance(judge(*JANA_PETER, missed), Clear), "a meeting to which nobody came"
    assert isinstance(judge(*JANA_PETER, mail(4, by="anna", inbound=True)), Clear)


def test_departments_at_different_contacts_and_two_spellings_of_one_are_no_crowd() -> None:
    assert isinstance(judge(*JANA_PETER, mail(4, by="anna", to="berg")), Clear)
    assert isinstance(judge(*JANA_PETER, mail(4, by="uwe")), Clear)


def test_a_team_keeps_them_together_and_one_that_is_gone_does_not() -> None:
    crowd = (*JANA_PETER, mail(4, by="anna"))
    member = TeamMember(account_id="acme", user_id="peter")
    assert isinstance(judge(*crowd, team=(member,)), Clear)
    assert isinstance(judge(*crowd, team=(replace(member, user_id="gone"),)), Raised)
    assert isinstance(judge(*crowd, team=(replace(member, deal_id="d"),)), Raised)


def test_who_is_ignored_or_has_left_does_not_count() -> None:
    crowd = (*JANA_PETER, mail(4, by="anna"))
    assert isinstance(judge(*crowd, ignored=frozenset({"anna"})), Clear)
    left = replace(LOPEZ, left_on=day_before(2))
    assert isinstance(judge(*crowd, contacts=(left,)), Clear)


def test_a_department_that_is_not_known_decides_nothing() -> None:
    verdict = judge(*JANA_PETER, mail(4, by="tom"))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "the departments of our people are missing"
    assert isinstance(judge(mail(3), mail(4, by="tom")), Clear), "with or without, they are two"
    assert isinstance(judge(*JANA_PETER, mail(4, by="anna"), mail(5, by="tom")), Raised)


def test_where_messages_are_not_logged_it_cannot_be_told() -> None:
    book, _ = read_rulebook({"uncoordinated": {"enabled": True}})
    known = facts(JANA_PETER, users=USERS, untold={"email": "no message"})
    assert isinstance(book.judge(known)["uncoordinated"], Unknown)
