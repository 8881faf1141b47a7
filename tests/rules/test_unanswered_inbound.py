"""unanswered-inbound: what is a message of theirs, what is a reaction of ours, and how long is too long."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from rules.catalog.unanswered_inbound import UnansweredInbound, check
from rules.facts import AccountFacts
from rules.model import Contact, Direction, Kind, Outcome, Touch
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import BERG, LOPEZ, TODAY, facts, mail, touch

RULE = check.check

NO_ANSWER = Outcome.ATTEMPTED


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, UnansweredInbound.model_validate(params))


def wrote(days_ago: int = 6, **more: object) -> Touch:
    """Today is a Monday: six days ago it was Tuesday, with four business days since."""
    return mail(days_ago, inbound=True, **more)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 10, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [(0, Clear), (5, Clear), (6, Raised)],
    ids=["today", "Wednesday, three business days", "Tuesday, four business days"],
)
def test_more_than_three_business_days_are_too_long(days_ago: int, expected: type) -> None:
    verdict = judge(facts([wrote(days_ago)]))
    assert isinstance(verdict, expected)
    assert verdict.numbers == {
        "contact": "Maria Lopez",
        "first_on": wrote(days_ago).day.isoformat(),
        "messages": 1,
        "contacts_waiting": 1,
    }
    if isinstance(verdict, Clear):
        assert verdict.message == "a message waits, not for long yet"


def test_a_weekend_is_no_business_day() -> None:
    friday = facts([touch(at=at(23, 12), kind=Kind.EMAIL, direction=Direction.INBOUND)])
    assert isinstance(judge(replace(friday, today=date(2026, 10, 28))), Clear)
    assert isinstance(judge(replace(friday, today=date(2026, 10, 29))), Raised)


def test_a_holiday_is_no_business_day() -> None:
    holiday = frozenset({date(2026, 10, 30)})
    assert isinstance(judge(facts([wrote(6)], holidays=holiday)), Clear)
    assert isinstance(judge(facts([wrote(7)], holidays=holiday)), Raised)


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(29, Raised), (30, Clear)], ids=["first day of the window", "one day earlier"]
)
def test_only_the_last_thirty_days_count(days_ago: int, expected: type) -> None:
    assert isinstance(judge(facts([wrote(days_ago)])), expected)


def test_the_earliest_message_that_waits_decides() -> None:
    verdict = judge(facts([wrote(1), wrote(6), wrote(3)]))
    assert isinstance(verdict, Raised)
    assert (verdict.numbers["first_on"], verdict.numbers["messages"]) == ("2026-10-27", 3)


@pytest.mark.parametrize(
    ("reaction", "expected"),
    [
        (mail(2), Clear),
        (mail(2, by="peter"), Clear),
        (touch(2, kind=Kind.MESSAGE), Clear),
        (touch(2), Clear),
        (touch(2, kind=Kind.CALL, outcome=NO_ANSWER), Clear),
        (touch(2, kind=Kind.CALL, outcome=NO_ANSWER, direction=Direction.OUTBOUND), Clear),
        (touch(2, kind=Kind.CALL, direction=Direction.INBOUND), Clear),
        (touch(2, kind=Kind.CALL, outcome=NO_ANSWER, direction=Direction.INBOUND), Raised),
        (touch(2, outcome=NO_ANSWER), Raised),
        (mail(2, to="berg"), Raised),
        (mail(7), Raised),
    ],
    ids=[
        "answered",
        "answered by another",
        "by another channel",
        "met",
        "called in vain",
        "called out in vain",
        "spoke in their call",
        "missed their call",
        "nobody came",
        "wrote to another of theirs",
        "wrote before",
    ],
)
def test_what_is_a_reaction(reaction: Touch, expected: type) -> None:
    verdict = judge(facts([wrote(6), reaction]))
    assert isinstance(verdict, expected)
    if isinstance(verdict, Clear):
        assert (verdict.message, verdict.numbers["contact"]) == ("every message had a reaction", None)


def test_a_reaction_must_be_later_by_the_clock() -> None:
    message = touch(at=at(27, 12), kind=Kind.EMAIL, direction=Direction.INBOUND)
    for hour, expected in ((11, Raised), (12, Raised), (13, Clear)):
        assert isinstance(judge(facts([message, mail(at=at(27, hour))])), expected)


def test_a_message_after_the_reaction_waits_anew() -> None:
    verdict = judge(facts([wrote(20), mail(15), wrote(6), wrote(5)]))
    assert isinstance(verdict, Raised)
    assert (verdict.numbers["first_on"], verdict.numbers["messages"]) == ("2026-10-27", 2)


def test_who_has_waited_longest_is_named_then_the_first_by_id() -> None:
    verdict = judge(facts([wrote(6), wrote(8, to="berg")]))
    assert isinstance(verdict, Raised)
    assert (verdict.finding.contact_id, verdict.numbers["contacts_waiting"]) == ("berg", 2)
    same = judge(facts([wrote(6, to=("lopez", "berg"))]))
    assert isinstance(same, Raised)
    assert same.finding.contact_id == "berg"


@pytest.mark.parametrize(
    ("left_on", "expected"), [(TODAY, Clear), (date(2026, 11, 3), Raised)], ids=["left today", "leaves tomorrow"]
)
def test_who_has_left_waits_no_more(left_on: date, expected: type) -> None:
    assert isinstance(judge(facts([wrote(6)], contacts=(replace(LOPEZ, left_on=left_on), BERG))), expected)


def test_users_that_the_config_ignores_are_neither_written_to_nor_do_they_answer() -> None:
    anna = frozenset({"anna"})
    assert isinstance(judge(facts([wrote(6, by="anna")], ignored=anna)), Clear)
    assert isinstance(judge(facts([wrote(6, by=("anna", "jana"))], ignored=anna)), Raised)
    assert isinstance(judge(facts([wrote(6), mail(2, by="anna")], ignored=anna)), Raised)


def test_a_message_to_a_shared_mailbox_waits_and_can_be_answered_from_there() -> None:
    assert isinstance(judge(facts([wrote(6, by=())])), Raised)
    assert isinstance(judge(facts([wrote(6, by=()), mail(2, by=())])), Clear)


def test_the_order_of_the_touches_does_not_matter() -> None:
    known = facts([wrote(20), mail(15), wrote(6), wrote(5), wrote(7, to="berg"), mail(1, to="berg")])
    shuffled = list(known.touches)
    random.Random(5).shuffle(shuffled)
    assert judge(replace(known, touches=tuple(shuffled))) == judge(known)


@pytest.mark.parametrize(("workdays", "expected"), [(0, Raised), (1, Clear)], ids=["none", "one"])
def test_the_days_can_be_set(workdays: int, expected: type) -> None:
    friday = facts([wrote(3)])
    assert isinstance(judge(friday, workdays=workdays), expected)


def test_where_no_message_is_logged_it_is_unknown() -> None:
    book, wrong = read_rulebook({"unanswered-inbound": {"enabled": True}}, {"unanswered-inbound": check})
    assert not wrong
    known = facts([wrote(6)], untold={"email": "e-mails are not logged"})
    assert isinstance(book.judge(known)["unanswered-inbound"], Unknown)


def test_it_is_off_until_chosen_and_high() -> None:
    assert not UnansweredInbound().enabled
    assert UnansweredInbound().severity is Severity.HIGH


def test_the_text_as_a_rep_reads_it() -> None:
    verdict = judge(facts([wrote(6)]))
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert text.headline == "M. Lopez unanswered since 27 Oct 2026"
    assert text.why == (
        "Maria Lopez (Buyer) of Acme wrote on 27 Oct 2026, and no message, call or meeting of any of ours followed "
        "(as of 2 Nov 2026)."
    )
    assert text.first_step == "Answer Maria Lopez today, if only to say by when there will be an answer."
    assert text.clears_when == "Clears when any of ours has written to, called or met Maria Lopez since then."
    assert text.figures == "M. Lopez unanswered since 27 Oct 2026"


def test_the_text_on_several_messages_and_contacts() -> None:
    long = Contact(id="berg", account_id="acme", name="Karin Featherstonehaugh-Cholmondeley")
    verdict = judge(facts([wrote(7, to="berg"), wrote(6, to="berg"), wrote(6)], contacts=(LOPEZ, long)))
    assert isinstance(verdict, Raised)
    assert verdict.finding.headline == "a message unanswered since 26 Oct 2026"
    assert verdict.finding.why == (
        f"{long.name} of Acme wrote 2 messages since 26 Oct 2026, and no message, call or meeting of any of ours "
        "followed; 1 other contact of theirs also had no reaction (as of 2 Nov 2026)."
    )
    assert verdict.finding.clears_when == (
        f"Clears when any of ours has written to, called or met {long.name} and the others since then."
    )
