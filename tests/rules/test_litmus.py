"""The litmus test: what passes, what fails, what nobody can tell, and whom to ask."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.facts import AccountFacts, Standing
from rules.litmus import QUESTIONS, Answer, Answered, Litmus
from rules.model import Contact, Outcome, User
from rules.people_measures import involved
from rules.rulebook import Rulebook, read_rulebook
from tests.builders import BERG, LOPEZ, USERS, day_before, facts, mail, meetings, touch

CHEN = Contact(id="chen", account_id="acme", name="Robert Chen", title="CFO")
EVERYTHING = frozenset({"users", "accounts", "contacts", "deals", "activity"})


def book(**tables: Any) -> Rulebook:
    rulebook, problems = read_rulebook(tables)
    assert not problems
    return rulebook


def answers(seen: AccountFacts, rulebook: Rulebook | None = None, complete: Any = EVERYTHING) -> dict[str, Answered]:
    """Answers by a word of their question."""
    found = Litmus(rulebook or book(), complete).answers(seen)
    words = ("senior people", "two of ours", "three of theirs", "main contact", "other senior", "executive of theirs")
    more = ("sponsor there", "our executives", "plan", "unanswered", "lively", "expect")
    assert all(word in one.question.text for word, one in zip((*words, *more), found, strict=True))
    return dict(zip((*words, *more), found, strict=True))


def healthy(**more: Any) -> AccountFacts:
    """Jana and Peter meet three contacts, the chief executive among them, month by month, `besides` other touches."""
    some = [
        touch(days, by=by, to=to)
        for days in range(5, 700, 30)
        for by, to in (("jana", "lopez"), ("peter", "berg"), ("jana", "chen"))
    ]
    return facts([*some, *more.pop("besides", ())], **({"contacts": (LOPEZ, BERG, CHEN)} | more))


def test_there_are_twelve_questions() -> None:
    assert len(QUESTIONS) == 12
    assert len({question.text for question in QUESTIONS}) == 12


def test_a_healthy_account_passes_what_can_be_told_though_most_of_these_rules_are_off() -> None:
    told = answers(healthy())
    passed = {"senior people", "two of ours", "three of theirs", "main contact", "executive of theirs", "lively"}
    assert {word for word, one in told.items() if one.answer is Answer.PASS} >= passed
    assert Answer.FAIL not in {told[word].answer for word in passed}
    assert told["two of ours"].evidence == "2 of ours in two-way touch in 12 months"
    assert told["executive of theirs"].evidence.endswith("last held 2026-10-28, next due 2027-04-29")


def test_an_account_on_one_thread_fails_with_the_numbers_of_the_rules() -> None:
    seen = facts(meetings(12, first_days_ago=60))
    told = answers(seen)
    assert told["two of ours"].answer is told["three of theirs"].answer is Answer.FAIL
    assert told["three of theirs"].evidence == "1 of theirs in two-way touch in 12 months"
    assert told["senior people"].answer is Answer.FAIL
    assert told["main contact"].answer is Answer.FAIL
    assert "3 Sep 2026" in told["main contact"].evidence


def test_a_question_whose_data_nobody_maps_names_the_key() -> None:
    told = answers(healthy())
    for word, key in (("our executives", "our_sponsor"), ("plan", "plan_date"), ("expect", "expectations_date")):
        assert told[word].answer is Answer.UNKNOWN
        assert key in told[word].evidence


@pytest.mark.parametrize(
    ("sponsor", "answer", "evidence"),
    [
        ("peter", Answer.PASS, "Peter Hall answers for it"),
        ("tom", Answer.FAIL, "Tom Wood, who answered for Acme, is no longer with us (as of 2 Nov 2026)."),
        (
            "x@seller.example",
            Answer.FAIL,
            "x@seller.example is to answer for Acme, and is none of our people (as of 2 Nov 2026).",
        ),
        ("", Answer.FAIL, "No executive of ours is named who answers for Acme (as of 2 Nov 2026)."),
    ],
)
def test_a_mapped_sponsor_answers_whether_one_of_ours_answers_for_them(
    sponsor: str, answer: Answer, evidence: str
) -> None:
    seen = healthy()
    peter = User(id="peter", name="Peter Hall", email="peter@seller.example")
    users = {"peter": peter, "tom": User(id="tom", name="Tom Wood", active=False)}
    told = answers(replace(seen, account=replace(seen.account, sponsor=sponsor), users=users))["our executives"]
    assert (told.answer, told.evidence) == (answer, evidence)


def test_a_part_that_is_not_known_keeps_a_yes_from_being_one_and_a_no_stays_no() -> None:
    never_pulled = answers(healthy(), complete=EVERYTHING - {"activity"})
    assert never_pulled["main contact"].answer is Answer.UNKNOWN
    assert never_pulled["main contact"].evidence == "not all activity arrived in the last cycle"
    ito = Contact(id="ito", account_id="acme", name="Ken Ito", title="Plant Manager")
    waiting = healthy(besides=[mail(20, inbound=True, to="ito")], contacts=(LOPEZ, BERG, CHEN, ito))
    assert answers(waiting)["unanswered"].answer is Answer.FAIL


def test_the_config_sets_the_thresholds_of_a_rule_that_is_off() -> None:
    seen = facts(meetings(12, first_days_ago=60))
    patient = book(**{"main-contact-meeting": {"cadence_days": 90}})
    assert "main-contact-meeting" not in patient.rules
    assert answers(seen)["main contact"].answer is Answer.FAIL
    assert answers(seen, patient)["main contact"].answer is Answer.PASS


def test_a_rule_that_is_off_for_the_tier_is_asked_all_the_same() -> None:
    only_a = book(**{"main-contact-meeting": {"tier": {"A": {"enabled": True}}}})
    tier_b = replace(healthy().standing, tier="B")
    assert answers(healthy(standing=tier_b), only_a)["main contact"].answer is Answer.PASS


@pytest.mark.parametrize("standing", [Standing(customer=True, key=False), Standing(customer=False, key=None)])
def test_whoever_asks_about_an_account_that_is_not_key_gets_an_answer(standing: Standing) -> None:
    assert answers(healthy(standing=standing))["executive of theirs"].answer is Answer.PASS


def test_silence_that_may_be_missing_capture_is_no_failure() -> None:
    few = meetings(3)
    assert answers(facts(few, untold={"email": "no e-mail is logged"}))["two of ours"].answer is Answer.UNKNOWN
    silent = answers(facts(few, logs=("peter", "anna"), last_logged={}))["two of ours"]
    assert (silent.answer, "logs nothing" in silent.evidence) == (Answer.UNKNOWN, True)
    assert answers(facts())["two of ours"].answer is Answer.UNKNOWN


def test_whoever_has_left_is_not_asked() -> None:
    users = {**USERS, "anna": replace(USERS["anna"], active=False)}
    told = involved(facts([touch(1, by=("jana", "anna"))], users=users))
    assert [one.user_id for one in told] == ["jana"]


def test_whoever_had_a_touch_of_any_kind_in_twelve_months_is_asked_but_nobody_ignored() -> None:
    some = [touch(1), touch(3, by=("jana", "anna")), mail(364, by="peter"), mail(365, by="0059")]
    some += [touch(9, by="0060", outcome=Outcome.ATTEMPTED)]
    told = involved(facts(some, ignored=frozenset({"anna"})))
    assert [(one.user_id, one.touches, one.last_on) for one in told] == [
        ("jana", 2, day_before(1)),
        ("0060", 1, day_before(9)),
        ("peter", 1, day_before(364)),
    ]
