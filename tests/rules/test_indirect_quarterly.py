"""indirect-quarterly: who is beside the main contact, and what it takes to have heard from us."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.catalog.indirect_quarterly import IndirectQuarterly, check
from rules.facts import AccountFacts
from rules.model import Contact, Kind, Outcome, Touch
from rules.rule import Clear, Raised, Unknown, Verdict
from tests.builders import BERG, LOPEZ, day_before, deal, facts, mail, meetings, touch

HEAD = Contact(id="head", account_id="acme", name="Ada Roy", title="Head of Quality")
MAIN = meetings(4)  # with Maria Lopez


def judge(known: AccountFacts, **params: object) -> Verdict:
    return check.check(known, IndirectQuarterly.model_validate(params))


def heard(*touches: Touch, **more: Any) -> AccountFacts:
    return facts([*MAIN, *touches], **({"deals": (deal(900),)} | more))


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(92, Clear), (93, Raised)], ids=["last day of the quarter", "a day too late"]
)
@pytest.mark.parametrize("inbound", [False, True], ids=["ours", "theirs"])
def test_a_message_lasts_for_a_quarter(days_ago: int, inbound: bool, expected: type) -> None:
    assert isinstance(judge(heard(mail(days_ago, to="berg", inbound=inbound))), expected)


def test_a_meeting_counts_and_a_missed_call_does_not() -> None:
    assert isinstance(judge(heard(touch(50, to="berg", by="peter"))), Clear)
    missed = touch(5, to="berg", kind=Kind.CALL, outcome=Outcome.ATTEMPTED)
    verdict = judge(heard(mail(200, to="berg"), missed))
    assert isinstance(verdict, Raised)
    assert verdict.numbers["since"] == day_before(200).isoformat()
    assert "Karin Berg (CEO) of Acme heard nothing from us since 16 Apr 2026" in verdict.finding.why


def test_the_main_contact_is_not_asked_for() -> None:
    known = heard(mail(200, to="berg"))
    contacts = (replace(LOPEZ, title="Head of Procurement"), BERG)
    verdict = judge(replace(known, contacts=contacts))
    assert isinstance(verdict, Raised)
    assert (verdict.numbers["senior_contacts"], verdict.numbers["contact"]) == (1, "Karin Berg")


def test_who_waits_longest_is_named_first() -> None:
    known = heard(mail(200, to="berg"), mail(150, to="head"), contacts=(LOPEZ, HEAD, BERG))
    verdict = judge(known)
    assert isinstance(verdict, Raised)
    assert verdict.numbers["uninformed"] == 2
    assert verdict.finding.why.endswith("since 16 Apr 2026, nor recently A. Roy (Head of Quality) (as of 2 Nov 2026).")


def test_never_heard_counts_from_the_first_deal_or_from_being_entered() -> None:
    assert isinstance(judge(heard(deals=(deal(92),))), Clear)
    assert isinstance(judge(heard(deals=(deal(93),))), Raised)
    assert isinstance(judge(heard(contacts=(LOPEZ, replace(BERG, entered_on=day_before(92))))), Clear)
    assert isinstance(judge(heard(contacts=(LOPEZ, replace(BERG, entered_on=day_before(93))))), Raised)


def test_an_ignored_user_tells_nobody_anything() -> None:
    known = heard(mail(200, to="berg"), mail(5, by="anna", to="berg"))
    assert isinstance(judge(replace(known, ignored=frozenset({"anna"}))), Raised)


def test_who_left_is_not_asked_for_and_without_others_it_is_clear() -> None:
    verdict = judge(heard(contacts=(LOPEZ, replace(BERG, left_on=day_before(4)))))
    assert isinstance(verdict, Clear)
    assert verdict.message == "no other senior contact is known"


def test_nobody_can_tell_without_titles() -> None:
    nameless = tuple(Contact(id=f"c{n}", account_id="acme", name=f"C {n}") for n in range(4))
    assert isinstance(judge(heard(contacts=(LOPEZ, BERG, *nameless))), Unknown)
    assert isinstance(judge(heard(contacts=(LOPEZ, BERG, *nameless[:3]))), Raised)
