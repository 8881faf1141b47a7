"""suspected-left: in touch before, silent since, and tried in between."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from rules.catalog.suspected_left import SuspectedLeft, check
from rules.facts import AccountFacts
from rules.model import Contact, Direction, Kind, Outcome, Touch
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import BERG, LOPEZ, TODAY, day_before, facts, mail, touch

RULE = check.check

NO_ANSWER = {"kind": Kind.CALL, "outcome": Outcome.ATTEMPTED}


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, SuspectedLeft.model_validate(params))


def met(*days_ago: int, to: str = "lopez") -> list[Touch]:
    return [touch(day, to=to) for day in days_ago]


def tried(*days_ago: int, to: str = "lopez") -> list[Touch]:
    return [mail(day, to=to) for day in days_ago]


def silent(*more: Touch, **other: object) -> AccountFacts:
    """Maria Lopez met us on four days until 130 days ago; three mails since have no answer."""
    return facts([*met(130, 160, 190, 220), *tried(90, 60, 30), *more], **other)  # type: ignore[arg-type]  # it checks


def test_who_used_to_answer_and_does_not_any_more_is_suspected() -> None:
    verdict = judge(silent())
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.MEDIUM
    assert verdict.finding.contact_id == "lopez"
    assert verdict.numbers == {
        "suspects": 1,
        "contact": "Maria Lopez",
        "former_days": 4,
        "heard_on": day_before(130).isoformat(),
        "attempts": 3,
    }


@pytest.mark.parametrize(
    ("latest", "expected"), [(119, Clear), (120, Raised)], ids=["one day too early", "silent for 120 days"]
)
def test_the_silence_lasts_120_days(latest: int, expected: type) -> None:
    assert isinstance(judge(silent(*met(latest))), expected)


@pytest.mark.parametrize(
    ("oldest", "expected"), [(484, Raised), (485, Clear)], ids=["first day of the year before", "one day earlier"]
)
def test_the_days_before_are_of_the_year_before_the_silence(oldest: int, expected: type) -> None:
    known = facts([*met(130, 160, 190, oldest), *tried(90, 60, 30)])
    assert isinstance(judge(known), expected)


def test_three_days_are_too_few_and_two_touches_of_a_day_are_one() -> None:
    same_day = [touch(130, kind=Kind.CALL), touch(130, by="peter")]
    verdict = judge(facts([*met(130, 160, 190), *same_day, *tried(90, 60, 30)]))
    assert isinstance(verdict, Clear)
    assert verdict.message == "nobody who used to answer has gone silent"
    assert verdict.numbers["suspects"] == 0


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        (tried(119, 30, 20), Raised),
        (tried(120, 30, 20), Clear),
        (tried(30, 20), Clear),
        ([*tried(30), touch(20, **NO_ANSWER), touch(10, outcome=Outcome.ATTEMPTED)], Raised),  # type: ignore[arg-type]  # **
        ([*tried(30, 20), touch(10, direction=Direction.INBOUND, **NO_ANSWER)], Clear),  # type: ignore[arg-type]  # **
        ([*tried(30, 20), touch(10, kind=Kind.MESSAGE)], Raised),
    ],
    ids=["within the silence", "one before it", "two", "voicemail and no-show", "a call of theirs", "a message"],
)
def test_three_attempts_of_ours_prove_the_silence(tries: list[Touch], expected: type) -> None:
    assert isinstance(judge(facts([*met(130, 160, 190, 220), *tries])), expected)


@pytest.mark.parametrize(
    "sign",
    [mail(1, inbound=True, by="peter"), mail(1, inbound=True, by=()), touch(1, kind=Kind.CALL), touch(1, by=())],
    ids=["wrote to another", "wrote to a shared mailbox", "took a call", "met somebody unknown of ours"],
)
def test_any_sign_of_theirs_clears_it(sign: Touch) -> None:
    assert isinstance(judge(silent(sign)), Clear)


def test_a_written_exchange_counts_among_the_days_before() -> None:
    written = [one for day in (130, 160) for one in (mail(day), mail(day, inbound=True))]
    assert isinstance(judge(facts([*met(190, 220), *written, *tried(90, 60, 30)])), Raised)


@pytest.mark.parametrize(
    ("left_on", "expected"), [(TODAY, Clear), (date(2026, 11, 3), Raised)], ids=["left today", "leaves tomorrow"]
)
def test_who_is_known_to_have_left_is_not_suspected(left_on: date, expected: type) -> None:
    assert isinstance(judge(silent(contacts=(replace(LOPEZ, left_on=left_on), BERG))), expected)


def test_who_had_most_days_is_named_then_the_first_by_id() -> None:
    berg = [*met(140, 150, 170, 180, to="berg"), *tried(50, 40, 20, to="berg")]
    same = judge(silent(*berg))
    assert isinstance(same, Raised)
    assert (same.finding.contact_id, same.numbers["suspects"]) == ("berg", 2)
    more = judge(silent(*berg, *met(200)))
    assert isinstance(more, Raised)
    assert more.finding.contact_id == "lopez"


def test_users_that_the_config_ignores_neither_meet_nor_try_nor_hear() -> None:
    anna = frozenset({"anna"})
    by_anna = [touch(1, by="anna"), mail(1, by="anna", inbound=True)]
    assert isinstance(judge(silent(*by_anna, ignored=anna)), Raised)
    robot = [mail(day, by="anna") for day in (50, 40, 30)]
    assert isinstance(judge(facts([*met(130, 160, 190, 220), *robot])), Raised)
    assert isinstance(judge(facts([*met(130, 160, 190, 220), *robot], ignored=anna)), Clear)
    known = facts([*met(130, 160, 190), touch(220, by="anna"), *tried(90, 60, 30)], ignored=anna)
    assert isinstance(judge(known), Clear)


def test_the_order_of_the_touches_does_not_matter() -> None:
    known = silent(*met(140, 150, 170, 180, to="berg"), *tried(50, 40, 20, to="berg"))
    shuffled = list(known.touches)
    random.Random(5).shuffle(shuffled)
    assert judge(replace(known, touches=tuple(shuffled))) == judge(known)


def test_where_no_message_is_logged_it_is_unknown() -> None:
    book, wrong = read_rulebook({"suspected-left": {"enabled": True}}, {"suspected-left": check})
    assert not wrong
    known = silent(untold={"email": "e-mails are not logged"})
    assert isinstance(book.judge(known)["suspected-left"], Unknown)


def test_it_is_off_until_chosen() -> None:
    assert not SuspectedLeft().enabled


def test_the_text_as_a_rep_reads_it() -> None:
    verdict = judge(silent(*met(3, to="berg")))
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert text.headline == "no sign of M. Lopez since 25 Jun 2026"
    assert text.why == (
        "Maria Lopez (Buyer) of Acme, who was in touch on 4 days of the 12 months to 5 Jul 2026, has not been heard "
        "from since 25 Jun 2026, despite 3 attempts in the 120 days to 2 Nov 2026."
    )
    assert (
        text.first_step == "Ask Karin Berg (CEO) whether Maria Lopez is still there, and put the answer into the CRM."
    )
    assert text.clears_when == (
        "Clears when Maria Lopez has written, met us or taken a call, or the CRM says that Maria Lopez left."
    )
    assert text.figures == "M. Lopez last heard from 25 Jun 2026, 3 attempts in the 120 days to 2 Nov 2026"


def test_the_text_on_two_who_are_silent_and_nobody_to_ask() -> None:
    long = Contact(id="berg", account_id="acme", name="Karin Featherstonehaugh-Cholmondeley")
    berg = [*met(140, 150, 170, 180, to="berg"), *tried(50, 40, 20, to="berg")]
    verdict = judge(silent(*berg, contacts=(LOPEZ, long)))
    assert isinstance(verdict, Raised)
    assert verdict.finding.headline == "a contact silent since 15 Jun 2026"
    assert verdict.finding.why.endswith("in the 120 days to 2 Nov 2026 (and 1 other contact likewise).")
    assert verdict.finding.first_step.startswith("Ask the switchboard whether")
