"""single-contact: exactly one contact with a thread, enough contact to tell, and what the owner reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.catalog.single_contact import SingleContact, check
from rules.facts import AccountFacts
from rules.model import Contact, Kind, Outcome
from rules.rule import Clear, Raised, Route, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import BERG, LOPEZ, day_before, facts, mail, meetings, touch

RULE = check.check
CATALOG = {check.id: check}

CHEN = Contact(id="chen", account_id="acme", name="Robert Chen", title="CFO")
ITO = Contact(id="ito", account_id="acme", name="Kenji Ito", title="Plant Manager")


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, SingleContact.model_validate(params))


def test_one_contact_alone_is_raised_with_its_numbers() -> None:
    verdict = judge(facts(meetings(10)))
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.HIGH
    assert verdict.numbers == {
        "person_days": 10,
        "contacts_in_touch": 1,
        "contact": "Maria Lopez",
        "silent_contacts": 1,
        "coverage": "1x1",
    }


@pytest.mark.parametrize(
    ("days", "expected"), [(7, Unknown), (8, Raised)], ids=["one person-day too few", "just enough person-days"]
)
def test_too_few_person_days_prove_nothing(days: int, expected: type) -> None:
    verdict = judge(facts(meetings(days)))
    assert isinstance(verdict, expected)
    if isinstance(verdict, Unknown):
        assert verdict.reason == "not enough activity: 7 of 8 person-days"


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(364, Clear), (365, Raised)], ids=["on the first day", "one day too early"]
)
def test_a_second_contact_in_the_window_clears_it(days_ago: int, expected: type) -> None:
    assert isinstance(judge(facts([*meetings(10), touch(days_ago, to="berg")])), expected)


def test_whoever_of_ours_the_second_contact_meets() -> None:
    verdict = judge(facts([*meetings(10), touch(5, to="berg", by="peter")]))
    assert verdict == Clear(message="2 contacts are in touch with us", numbers=verdict.numbers)


def test_an_attempt_is_no_second_thread() -> None:
    tried = [mail(20, to="berg"), touch(5, to="berg", kind=Kind.CALL, outcome=Outcome.ATTEMPTED)]
    assert isinstance(judge(facts([*meetings(10), *tried])), Raised)
    assert isinstance(judge(facts([*meetings(10), *tried, mail(19, to="berg", inbound=True)])), Clear)


def test_meetings_without_a_contact_are_no_sign_of_anybody() -> None:
    verdict = judge(facts([touch(days_ago, to=()) for days_ago in range(1, 11)]))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "the meetings and calls do not say whom of theirs we met"
    assert (verdict.numbers["person_days"], verdict.numbers["contact"]) == (10, None)


def test_ignored_users_are_no_link_and_make_no_person_day() -> None:
    known = facts([*meetings(8), touch(3, to="berg", by="anna")], ignored=frozenset({"anna"}))
    assert isinstance(judge(known), Raised)
    assert isinstance(judge(replace(known, ignored=frozenset({"anna", "jana"}))), Unknown)


def test_the_order_of_touches_does_not_matter() -> None:
    known = facts([*meetings(10), mail(4), mail(3, inbound=True)])
    assert judge(replace(known, touches=known.touches[::-1])) == judge(known)


def test_it_is_on_by_default_and_waits_for_a_crm_that_logs_messages() -> None:
    book, _ = read_rulebook({"single-contact": {}}, CATALOG)
    assert book.params("single-contact", "A").route is Route.OWNER
    known = facts(meetings(10), untold={"email": "no message is logged there"})
    assert book.judge(known)["single-contact"] == Unknown(
        reason="no message is logged there", numbers=judge(known).numbers
    )


def test_the_owner_reads_who_answers_who_is_silent_and_what_to_ask() -> None:
    text = raised(facts(meetings(12), contacts=(LOPEZ, ITO, CHEN))).finding
    assert text.headline == "only one contact answers us"
    assert text.why == (
        "Only Maria Lopez (Buyer) of Acme answered or met us in the 12 months to 2 Nov 2026, over 12 contact days; "
        "known but silent: R. Chen (CFO), K. Ito (Plant Manager)."
    )
    assert text.first_step == "Ask Maria Lopez for one introduction, to Robert Chen (CFO)."
    assert text.clears_when == (
        "Clears when a second contact of theirs has had a meeting or a call with any of ours, or exchanged messages, "
        "within 12 months."
    )
    assert text.figures == "only M. Lopez answers, 12 contact days as of 2 Nov 2026"
    assert text.contact_id == "lopez"


def test_with_nobody_else_known_any_introduction_will_do() -> None:
    text = raised(facts(meetings(8), contacts=(LOPEZ,))).finding
    assert text.why.endswith("over 8 contact days; nobody else of theirs is known.")
    assert text.first_step == "Ask Maria Lopez for one introduction, to a colleague."


def test_nobody_is_sent_to_one_who_left() -> None:
    gone = replace(LOPEZ, left_on=day_before(3))
    known = facts(meetings(8), contacts=(gone, BERG, replace(CHEN, left_on=day_before(0))))
    text = raised(known).finding
    assert text.first_step == "Maria Lopez left on 30 Oct 2026: ask Karin Berg (CEO) for a first talk."
    assert "known but silent: K. Berg (CEO)." in text.why
    alone = raised(replace(known, contacts=(gone,))).finding
    assert alone.first_step == "Maria Lopez left on 30 Oct 2026: ask who follows."


def test_somebody_known_by_the_id_alone_is_named_by_it() -> None:
    assert raised(facts(meetings(8), contacts=())).numbers["contact"] == "lopez"


def raised(known: AccountFacts) -> Raised:
    verdict = judge(known)
    assert isinstance(verdict, Raised)
    return verdict
