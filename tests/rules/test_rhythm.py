"""What a customer says about a rhythm: an interval of their own, and absences that are no silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.facts import AccountFacts
from rules.model import Contact, Touch
from rules.rhythm import back_on
from rules.rule import Clear, Raised, Verdict, discover
from tests.builders import BERG, LOPEZ, account, day_before, deal, facts, mail, meetings, touch

TOMORROW, TODAY = day_before(-1), day_before(0)
SILENT = (*meetings(5, first_days_ago=130), *(mail(days) for days in (20, 30, 40)))
LATE: dict[str, tuple[Touch, ...]] = {
    "main-contact-meeting": (touch(46), *(mail(3, inbound=inbound) for inbound in (True, False))),
    "indirect-quarterly": (touch(3), touch(93, to="berg")),
    "exec-reach-lapse": (touch(3), touch(198, to="berg")),
    "exec-to-exec-lapse": (touch(3), touch(198, by="peter", to="berg")),
    "exec-due-soon": (touch(3), touch(170, to="berg")),
    "suspected-left": SILENT,
}


def judge(rule_id: str, known: AccountFacts) -> Verdict:
    rule = discover()[rule_id]
    return rule.check(known, rule.params.model_validate({}))


def late(rule_id: str, *contacts: Contact, **on_account: object) -> AccountFacts:
    return facts(
        LATE[rule_id],
        contacts=contacts or (LOPEZ, BERG),
        account=account(**on_account),
        deals=(deal(900),),
        executives=frozenset({"peter"}),
    )


@pytest.mark.parametrize("rule_id", LATE)
def test_who_is_away_is_late_for_nothing_until_they_are_back(rule_id: str) -> None:
    assert isinstance(judge(rule_id, late(rule_id)), Raised)
    away = (replace(LOPEZ, back_on=TOMORROW), replace(BERG, back_on=TOMORROW))
    assert isinstance(judge(rule_id, late(rule_id, *away)), Clear)
    back = (replace(LOPEZ, back_on=TODAY), replace(BERG, back_on=TODAY))
    assert isinstance(judge(rule_id, late(rule_id, *back)), Raised)


def test_an_executive_who_is_there_is_not_excused_by_one_who_is_away() -> None:
    chen = Contact(id="chen", account_id="acme", name="Robert Chen", title="CFO")
    known = late("exec-reach-lapse", LOPEZ, replace(BERG, back_on=TOMORROW), chen)
    assert isinstance(judge("exec-reach-lapse", known), Raised)
    left = replace(chen, left_on=day_before(5))
    assert isinstance(judge("exec-reach-lapse", late("exec-reach-lapse", replace(BERG, back_on=TOMORROW), left)), Clear)


def test_the_first_day_back_is_told_and_nobody_is_no_absence() -> None:
    some = [replace(LOPEZ, back_on=day_before(-9)), replace(BERG, back_on=TOMORROW)]
    assert back_on(facts(), some) == TOMORROW
    assert back_on(facts(), []) is None
    verdict = judge("main-contact-meeting", late("main-contact-meeting", some[0]))
    assert isinstance(verdict, Clear)
    assert verdict.message == "away until 11 Nov 2026"


@pytest.mark.parametrize(("rule_id", "days"), [("main-contact-meeting", 46), ("indirect-quarterly", 93)])
def test_what_was_agreed_goes_before_the_usual_rhythm(rule_id: str, days: int) -> None:
    assert isinstance(judge(rule_id, late(rule_id, contact_every_days=days)), Clear)
    sooner = judge(rule_id, late(rule_id, contact_every_days=days - 1))
    assert isinstance(sooner, Raised)
    assert f"within {days - 1} days" in sooner.finding.clears_when
