"""company-communication: what reaches whom, whose clock is still running, and whom nobody may write to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rules.catalog.company_communication import CompanyCommunication, check
from rules.facts import AccountFacts
from rules.model import Contact, Mailing
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import BERG, LOPEZ, day_before, deal, facts

HEAD = Contact(id="head", account_id="acme", name="Ada Roy", title="Head of Quality")


def got(days_ago: int | None, who: str = "berg", *, answered: int | None = None) -> Mailing:
    return Mailing(
        contact_id=who,
        name="Bulletin 3/2026",
        got_on=None if days_ago is None else day_before(days_ago),
        answered_on=None if answered is None else day_before(answered),
    )


def mailed(*mailings: Mailing, contacts: tuple[Contact, ...] = (LOPEZ, BERG), since: int = 900) -> AccountFacts:
    return replace(facts(deals=(deal(since),), contacts=contacts), mailings=mailings)


def judge(known: AccountFacts, **params: object) -> Verdict:
    return check.check(known, CompanyCommunication.model_validate(params))


@pytest.mark.parametrize(
    ("mailing", "expected"),
    [
        (got(92), Clear),
        (got(93), Raised),
        (got(200, answered=92), Clear),
        (got(200, answered=93), Raised),
        (got(1, "lopez"), Raised),
    ],
    ids=["last day", "a day too late", "answered in time", "answered too late", "only the buyer"],
)
def test_a_mailing_to_somebody_senior_lasts_for_a_quarter(mailing: Mailing, expected: type) -> None:
    assert isinstance(judge(mailed(mailing)), expected)


def test_one_who_is_reached_is_enough() -> None:
    assert isinstance(judge(mailed(got(300), got(5, "head"), contacts=(LOPEZ, BERG, HEAD))), Clear)


def test_the_finding_names_the_most_senior_and_the_last_mailing() -> None:
    older = replace(got(260, "head"), name="Bulletin 1/2026")
    verdict = judge(mailed(older, got(200), contacts=(LOPEZ, HEAD, BERG)))
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.LOW
    assert verdict.numbers == {
        "contacts": 3,
        "untitled_contacts": 0,
        "senior_contacts": 2,
        "opted_out": 0,
        "reached": 2,
        "contact": "Karin Berg",
        "since": day_before(200).isoformat(),
        "mailing": "Bulletin 3/2026",
    }
    assert verdict.finding.contact_id == "berg"
    assert verdict.finding.why == (
        "Nobody senior at Acme (K. Berg (CEO), A. Roy (Head of Quality)) has heard from the company itself since "
        '16 Apr 2026; the last was "Bulletin 3/2026" (as of 2 Nov 2026).'
    )
    assert verdict.finding.first_step.startswith("Have Karin Berg (CEO) added to the customer bulletin")


@pytest.mark.parametrize(("days", "expected"), [(92, Clear), (93, Raised)])
def test_who_never_got_anything_is_waited_for_since_the_first_deal_or_since_being_entered(
    days: int, expected: type
) -> None:
    assert isinstance(judge(mailed(since=days)), expected)
    assert isinstance(judge(mailed(contacts=(LOPEZ, replace(BERG, entered_on=day_before(days))))), expected)


def test_who_never_got_anything_is_not_said_to_have_heard_once() -> None:
    verdict = judge(mailed(since=900))
    assert isinstance(verdict, Raised)
    assert verdict.finding.why == (
        "Nothing from the company itself to anybody senior at Acme (K. Berg (CEO)) is known, counted from 16 May 2024 "
        "(as of 2 Nov 2026)."
    )


def test_who_wants_no_mailings_is_neither_asked_for_nor_named() -> None:
    unwilling = replace(BERG, opted_out=True)
    verdict = judge(mailed(got(5), contacts=(LOPEZ, unwilling, HEAD)))
    assert isinstance(verdict, Raised), "it is no reason to leave the other out"
    assert "Berg" not in verdict.finding.why + verdict.finding.first_step
    verdict = judge(mailed(contacts=(LOPEZ, unwilling)))
    assert isinstance(verdict, Clear)
    assert (verdict.message, verdict.numbers["opted_out"]) == ("everybody senior wants no mailings", 1)


def test_who_left_does_not_count() -> None:
    gone = replace(BERG, left_on=day_before(10))
    assert isinstance(judge(mailed(got(20), contacts=(LOPEZ, gone, HEAD))), Raised)


def test_without_titles_or_a_beginning_nobody_can_tell() -> None:
    assert isinstance(judge(mailed(contacts=(replace(LOPEZ, title=""),))), Unknown)
    nothing = replace(mailed(), deals=())
    assert judge(nothing) == Unknown(
        reason="nothing says since when they are a customer", numbers=judge(nothing).numbers
    )
    assert isinstance(judge(mailed(contacts=(LOPEZ,))), Clear), "nobody senior is known"


def test_between_a_first_and_a_newest_mailing_nobody_knows_which_came() -> None:
    verdict = judge(mailed(got(None)))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "the CRM keeps only the newest mailing to each contact"
    both = mailed(got(None), got(5, "head"), contacts=(LOPEZ, BERG, HEAD))
    assert isinstance(judge(both), Clear)


def test_it_is_off_until_chosen_and_hears_of_mailings() -> None:
    assert not read_rulebook({})[0].rules.keys() & {"company-communication"}
    rulebook, problems = read_rulebook({"company-communication": {"enabled": True}})
    assert not problems
    deaf = replace(mailed(), untold={"mailings": "there is none"})
    verdict = rulebook.judge(deaf)["company-communication"]
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "there is none"


def test_a_day_is_that_of_the_later_of_getting_and_answering() -> None:
    assert got(9, answered=5).heard_on == day_before(5)
    assert got(5, answered=9).heard_on == day_before(5)
    assert got(None).heard_on is None
    assert isinstance(got(0).heard_on, date)
