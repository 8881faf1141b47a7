"""senior-untouched: any touch ever counts, attempts included, and the most senior one is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.catalog.senior_untouched import SeniorUntouched, check
from rules.facts import AccountFacts
from rules.model import Contact, Direction, Kind, Outcome, Touch
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import BERG, LOPEZ, TODAY, facts, mail, meetings, touch

RULE = check.check
CATALOG = {check.id: check}

CHEN = Contact(id="chen", account_id="acme", name="Robert Chen", title="VP Purchasing")
ITO = Contact(id="ito", account_id="acme", name="Kenji Ito", title="VP Operations")


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, SeniorUntouched.model_validate(params))


def raised(known: AccountFacts, **params: object) -> Raised:
    verdict = judge(known, **params)
    assert isinstance(verdict, Raised)
    return verdict


def test_a_senior_contact_in_no_touch_is_raised_with_its_numbers() -> None:
    verdict = raised(facts(meetings(3)))
    assert verdict.severity is Severity.MEDIUM
    assert verdict.numbers == {
        "contacts": 2,
        "untitled_contacts": 0,
        "senior_contacts": 1,
        "untouched": 1,
        "contact": "Karin Berg",
    }


@pytest.mark.parametrize(
    "one",
    [
        mail(2000, to="berg"),
        mail(5, to="berg", inbound=True),
        touch(5, to="berg", kind=Kind.CALL, outcome=Outcome.ATTEMPTED, direction=Direction.OUTBOUND),
        touch(900, to=("lopez", "berg")),
        touch(5, to="berg", by=()),
    ],
    ids=["a mail years ago", "what they sent", "a missed call", "a guest in a meeting", "a shared mailbox"],
)
def test_any_touch_ever_is_enough(one: Touch) -> None:
    verdict = judge(facts([*meetings(3), one]))
    assert verdict == Clear(message="every senior contact has been approached", numbers=verdict.numbers)


def test_what_ignored_users_did_is_none() -> None:
    known = facts([touch(3, to="berg", by="anna")], ignored=frozenset({"anna"}))
    assert isinstance(judge(known), Raised)
    assert isinstance(judge(facts([touch(3, to="berg", by=("anna", "jana"))], ignored=frozenset({"anna"}))), Clear)


def test_without_a_senior_contact_there_is_nobody_to_approach() -> None:
    verdict = judge(facts(meetings(3), contacts=(LOPEZ, replace(BERG, left_on=TODAY))))
    assert verdict == Clear(message="no senior contact is known", numbers=verdict.numbers)


@pytest.mark.parametrize(
    ("level", "expected"), [("vp", Raised), ("c", Clear)], ids=["a VP is senior", "a VP is not at C level"]
)
def test_the_level_decides_who_is_senior(level: str, expected: type) -> None:
    assert isinstance(judge(facts(meetings(3), contacts=(LOPEZ, CHEN)), level=level), expected)


@pytest.mark.parametrize(
    ("untitled", "expected"), [(3, Raised), (4, Unknown)], ids=["three of five", "four of six: too many"]
)
def test_without_titles_nobody_can_say(untitled: int, expected: type) -> None:
    blank = [Contact(id=f"c{number}", account_id="acme", name="X") for number in range(untitled)]
    assert isinstance(judge(facts(meetings(3), contacts=(LOPEZ, BERG, *blank))), expected)
    assert isinstance(judge(facts(contacts=())), Unknown)


def test_of_several_the_most_senior_is_named_then_by_name() -> None:
    assert raised(facts(contacts=(CHEN, ITO, BERG))).numbers["contact"] == "Karin Berg"
    assert raised(facts(contacts=(CHEN, ITO))).finding.contact_id == "ito"


def test_the_order_of_touches_does_not_matter() -> None:
    known = facts([*meetings(3), mail(4, to="berg"), touch(3, to="chen")], contacts=(BERG, CHEN, ITO))
    assert judge(replace(known, touches=known.touches[::-1])) == judge(known)


def test_it_is_off_until_chosen_and_needs_no_logged_messages() -> None:
    assert not read_rulebook({}, CATALOG)[0].rules
    book, found = read_rulebook({"senior-untouched": {"enabled": True}}, CATALOG)
    assert found == []
    known = facts(meetings(3), untold={"email": "no message is logged there"})
    assert isinstance(book.judge(known)["senior-untouched"], Raised)


def test_the_owner_reads_whom_to_introduce_themselves_to() -> None:
    text = raised(facts([*meetings(3), touch(2, to="ito")], contacts=(LOPEZ, CHEN, ITO, BERG))).finding
    assert text.headline == "senior contact never approached"
    assert text.why == (
        "No message, call or meeting with Karin Berg (CEO) of Acme is on record (as of 2 Nov 2026), "
        "nor with R. Chen (VP Purchasing)."
    )
    assert text.first_step == (
        "Introduce yourself to Karin Berg: who we are, what we do for Acme, and what they expect of us."
    )
    assert text.clears_when == (
        "Clears when a message, call or meeting with each contact at VP level or above is on record."
    )
    assert text.figures == "2 of 3 senior contacts never approached as of 2 Nov 2026"
    assert text.contact_id == "berg"


def test_one_alone_is_named_alone() -> None:
    text = raised(facts()).finding
    assert text.why == "No message, call or meeting with Karin Berg (CEO) of Acme is on record (as of 2 Nov 2026)."
