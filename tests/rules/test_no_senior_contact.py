"""no-senior-contact: who is senior, whether one is in touch, and whether the titles can tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.catalog.no_senior_contact import NoSeniorContact, check
from rules.facts import AccountFacts
from rules.model import Contact
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import BERG, LOPEZ, TODAY, facts, mail, meetings, touch

RULE = check.check
CATALOG = {check.id: check}

CHEN = Contact(id="chen", account_id="acme", name="Robert Chen", title="Head of Purchasing")


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, NoSeniorContact.model_validate(params))


def raised(known: AccountFacts, **params: object) -> Raised:
    verdict = judge(known, **params)
    assert isinstance(verdict, Raised)
    return verdict


def test_only_a_buyer_in_touch_is_raised_with_its_numbers() -> None:
    verdict = raised(facts(meetings(3)))
    assert verdict.severity is Severity.HIGH
    assert verdict.numbers == {
        "contacts": 2,
        "untitled_contacts": 0,
        "senior_contacts": 1,
        "senior_in_touch": 0,
        "contact": None,
    }


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(364, Clear), (365, Raised)], ids=["on the first day", "one day too early"]
)
def test_one_meeting_with_a_senior_contact_lasts_for_the_window(days_ago: int, expected: type) -> None:
    assert isinstance(judge(facts([*meetings(3), touch(days_ago, to="berg")])), expected)


@pytest.mark.parametrize(
    ("title", "level", "expected"),
    [
        ("Head of Purchasing", "head", Clear),
        ("Purchasing Manager", "head", Raised),
        ("Purchasing Manager", "manager", Clear),
        ("Head of Purchasing", "vp", Raised),
    ],
    ids=["a head", "a manager", "a manager is enough", "a head is not"],
)
def test_the_level_decides_who_is_senior(title: str, level: str, expected: type) -> None:
    verdict = judge(facts(meetings(3), contacts=(replace(LOPEZ, title=title), BERG)), level=level)
    assert isinstance(verdict, expected)


def test_a_decision_maker_is_senior_whatever_the_title() -> None:
    decider = replace(LOPEZ, roles=frozenset({"decision-maker"}), seniority="manager")
    verdict = judge(facts(meetings(3), contacts=(decider,)))
    assert verdict == Clear(message="1 senior contact in touch with us", numbers=verdict.numbers)
    assert verdict.numbers["contact"] == "Maria Lopez"


def test_an_unanswered_mail_is_no_touch_with_a_senior_contact() -> None:
    assert isinstance(judge(facts([mail(20, to="berg")])), Raised)
    assert isinstance(judge(facts([mail(20, to="berg"), mail(19, to="berg", inbound=True)])), Clear)


def test_a_senior_contact_who_left_does_not_count() -> None:
    gone = replace(BERG, left_on=TODAY)
    verdict = raised(facts([touch(3, to="berg")], contacts=(LOPEZ, gone)))
    assert verdict.numbers["senior_contacts"] == 0


@pytest.mark.parametrize(
    ("untitled", "expected"), [(3, Raised), (4, Unknown)], ids=["three of five", "four of six: too many"]
)
def test_without_titles_nobody_can_say(untitled: int, expected: type) -> None:
    blank = [Contact(id=f"c{number}", account_id="acme", name="X") for number in range(untitled)]
    verdict = judge(facts(meetings(3), contacts=(LOPEZ, BERG, *blank)))
    assert isinstance(verdict, expected)
    assert verdict.numbers["untitled_contacts"] == untitled
    if isinstance(verdict, Unknown):
        assert verdict.reason == "the titles of 4 of 6 contacts are missing"


def test_without_any_contact_it_is_unknown() -> None:
    assert judge(facts(contacts=())) == Unknown(
        reason="no contact of theirs is known", numbers=judge(facts(contacts=())).numbers
    )


def test_ignored_users_do_not_count() -> None:
    assert isinstance(judge(facts([touch(3, to="berg", by="anna")], ignored=frozenset({"anna"}))), Raised)


def test_the_order_of_touches_does_not_matter() -> None:
    known = facts([*meetings(3), mail(4, to="berg"), mail(3, to="berg", inbound=True), touch(8, to="berg")])
    assert judge(replace(known, touches=known.touches[::-1])) == judge(known)


def test_it_is_off_until_chosen_and_waits_for_a_crm_that_logs_messages() -> None:
    assert not read_rulebook({}, CATALOG)[0].rules
    book, found = read_rulebook({"no-senior-contact": {"enabled": True}}, CATALOG)
    assert found == []
    known = facts(meetings(3), untold={"email": "no message is logged there"})
    assert isinstance(book.judge(known)["no-senior-contact"], Unknown)


def test_the_owner_reads_who_is_silent_and_who_can_introduce() -> None:
    text = raised(facts(meetings(12), contacts=(LOPEZ, CHEN, BERG))).finding
    assert text.headline == "no senior contact in touch with us"
    assert text.why == (
        "Nobody at head level or above at Acme answered or met us in the 12 months to 2 Nov 2026; "
        "known there: K. Berg (CEO), R. Chen (Head of Purchasing)."
    )
    assert text.first_step == "Ask Maria Lopez for an introduction to Karin Berg (CEO)."
    assert text.clears_when == (
        "Clears when a contact at head level or above has had a meeting or a call with any of ours, or exchanged "
        "messages, within 12 months."
    )
    assert text.figures == "0 of 2 senior contacts in touch as of 2 Nov 2026"
    assert text.contact_id == "berg"


def test_with_no_senior_contact_known_the_text_says_so() -> None:
    text = raised(facts(meetings(12), contacts=(LOPEZ,))).finding
    assert text.why.endswith("known there: nobody among 1 contact.")
    assert text.first_step == "Ask Maria Lopez for an introduction to whoever decides there."
    assert text.contact_id is None


def test_with_nobody_in_touch_at_all_we_ask_ourselves() -> None:
    assert raised(facts()).finding.first_step == "Ask Karin Berg (CEO) for a talk."
