"""no-complaint-backup: how many of ours the main contact knows, and whom to introduce."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.catalog.no_complaint_backup import NoComplaintBackup, check
from rules.facts import AccountFacts
from rules.model import User
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import BERG, JANA, LOPEZ, TODAY, USERS, facts, mail, meetings, touch

RULE = check.check
CATALOG = {check.id: check}

KELLER = User(id="keller", name="Martin Keller")
MANAGED = {**USERS, "jana": replace(JANA, manager_id="keller"), "keller": KELLER}


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, NoComplaintBackup.model_validate(params))


def raised(known: AccountFacts) -> Raised:
    verdict = judge(known)
    assert isinstance(verdict, Raised)
    return verdict


def test_a_main_contact_who_knows_one_of_ours_is_raised_with_its_numbers() -> None:
    verdict = raised(facts(meetings(10)))
    assert verdict.severity is Severity.MEDIUM
    assert verdict.numbers == {"person_days": 10, "contact": "Maria Lopez", "contact_days": 10, "our_people": 1}


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
def test_a_second_of_ours_in_the_window_clears_it(days_ago: int, expected: type) -> None:
    verdict = judge(facts([*meetings(10), touch(days_ago, by="peter")]))
    assert isinstance(verdict, expected)
    if isinstance(verdict, Clear):
        assert verdict.message == "the main contact knows 2 of ours"


def test_the_second_must_know_the_main_contact_and_have_an_answer() -> None:
    assert isinstance(judge(facts([*meetings(10), touch(5, by="peter", to="berg")])), Raised)
    assert isinstance(judge(facts([*meetings(10), mail(20, by="peter")])), Raised)
    assert isinstance(judge(facts([*meetings(10), mail(20, by="peter"), mail(19, by="peter", inbound=True)])), Clear)


def test_an_inactive_colleague_counts_and_an_ignored_one_does_not() -> None:
    known = facts([*meetings(10), touch(5, by="anna")], users={**USERS, "anna": replace(USERS["anna"], active=False)})
    assert isinstance(judge(known), Clear)
    assert isinstance(judge(replace(known, ignored=frozenset({"anna"}))), Raised)


@pytest.mark.parametrize("left", [False, True], ids=["only contactless meetings", "the one we met has left"])
def test_without_a_main_contact_it_is_unknown(left: bool) -> None:
    contacts = (replace(LOPEZ, left_on=TODAY), BERG) if left else (LOPEZ, BERG)
    verdict = judge(facts([touch(day, to="lopez" if left else ()) for day in range(1, 11)], contacts=contacts))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "nobody of theirs is in touch with us"
    assert (verdict.numbers["person_days"], verdict.numbers["contact"]) == (10, None)


def test_the_order_of_touches_does_not_matter() -> None:
    known = facts([*meetings(10), *(touch(7 * n + 2, to="berg", by="peter") for n in range(10))])
    assert judge(replace(known, touches=known.touches[::-1])) == judge(known)


def test_it_is_off_until_chosen_and_waits_for_a_crm_that_logs_messages() -> None:
    assert not read_rulebook({}, CATALOG)[0].rules
    book, found = read_rulebook({"no-complaint-backup": {"enabled": True}}, CATALOG)
    assert found == []
    known = facts(meetings(10), untold={"email": "no message is logged there"})
    assert isinstance(book.judge(known)["no-complaint-backup"], Unknown)


def test_the_owner_reads_who_knows_whom_and_whom_to_introduce() -> None:
    text = raised(facts([*meetings(10), touch(3, by="peter", to="berg")], users=MANAGED)).finding
    assert text.headline == "main contact knows only one of ours"
    assert text.why == (
        "Maria Lopez (Buyer), the main contact at Acme, was in touch with Jana Roth alone in the 12 months to "
        "2 Nov 2026, on 10 of 11 contact days, and has nobody else of ours to turn to with a complaint."
    )
    assert text.first_step == "Introduce Martin Keller to Maria Lopez as a second address."
    assert text.clears_when == (
        "Clears when a second person of ours has had a meeting or a call with Maria Lopez, or exchanged messages, "
        "within 12 months."
    )
    assert text.figures == "M. Lopez knows only J. Roth, 10 of 11 contact days as of 2 Nov 2026"
    assert text.contact_id == "lopez"


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"users": {}},
        {"users": {**MANAGED, "keller": replace(KELLER, active=False)}},
        {"users": {**USERS, "jana": replace(JANA, manager_id="jana")}},
        {"users": MANAGED, "ignored": frozenset({"keller"})},
    ],
    ids=["no manager", "nobody known", "inactive manager", "their own manager", "ignored manager"],
)
def test_without_a_manager_to_name_any_colleague_will_do(more: dict[str, object]) -> None:
    text = raised(facts(meetings(10), **more)).finding  # type: ignore[arg-type]  # the builder checks the names
    assert text.first_step == "Introduce a colleague to Maria Lopez as a second address."
