"""sole-rep as domain.md 0a fixes it: both sides of every border, and what must not matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules.catalog.sole_rep import SoleRep, check
from rules.facts import AccountFacts
from rules.model import Direction, Kind, Outcome, User
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from tests.builders import (
    ANNA,
    JANA,
    PETER,
    USERS,
    account,
    day_before,
    deal,
    facts,
    history,
    mail,
    meetings,
    touch,
)

RULE = check.check


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, SoleRep.model_validate(params))


def sole(**more: object) -> AccountFacts:
    """Jana alone: 10 contact days this year, in touch for four years."""
    return facts([*history(), *meetings(10)], **more)  # type: ignore[arg-type]  # the builder checks the names


def test_one_person_alone_for_years_is_raised_with_its_numbers() -> None:
    verdict = judge(sole())
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.CRITICAL
    numbers = dict(verdict.numbers)
    assert numbers.pop("tenure_days") > 1000
    assert numbers == {
        "person_days": 10,
        "top_person": JANA.email,
        "top_days": 10,
        "top_share": 1.0,
        "second_share": 0.0,
        "tenure_at_least": False,
        "coverage": "1x1",
        "silent_owner": None,
    }


@pytest.mark.parametrize(
    ("days", "expected"), [(7, Unknown), (8, Raised)], ids=["one person-day too few", "just enough person-days"]
)
def test_thin_activity_is_unknown(days: int, expected: type) -> None:
    verdict = judge(facts([*history(), *meetings(days)]))
    assert isinstance(verdict, expected)
    if isinstance(verdict, Unknown):
        assert verdict.reason == "not enough activity: 7 of 8 person-days"
        assert verdict.numbers["top_share"] == 1.0


@pytest.mark.parametrize(
    ("oldest", "person_days"),
    [(364, 8), (365, 7)],
    ids=["first day of the window", "one day too early"],
)
def test_the_window_has_365_days_with_today(oldest: int, person_days: int) -> None:
    verdict = judge(facts([touch(oldest), *meetings(7, first_days_ago=0)]))
    assert verdict.numbers["person_days"] == person_days


@pytest.mark.parametrize(
    ("since", "expected"), [(730, Raised), (729, Clear)], ids=["exactly two years", "one day short"]
)
def test_tenure_must_be_multi_year(since: int, expected: type) -> None:
    days_ago = [*range(10, since, 200), since]
    verdict = judge(facts([*meetings(8), *(touch(day) for day in days_ago)]))
    assert isinstance(verdict, expected)
    assert verdict.numbers["tenure_days"] == since


@pytest.mark.parametrize(
    ("jana", "peter", "expected"),
    [(8, 2, Clear), (9, 1, Clear), (10, 1, Raised), (79, 21, Clear), (19, 1, Raised)],
    ids=["80 and 20", "90 and exactly 10", "91 and 9", "79 and 21", "95 and 5"],
)
def test_a_second_person_with_a_tenth_of_the_days_is_a_second_link(jana: int, peter: int, expected: type) -> None:
    touches = [*history(), *meetings(jana, every=2), *meetings(peter, by="peter", every=3)]
    assert isinstance(judge(facts(touches)), expected)


@pytest.mark.parametrize(
    ("split", "expected", "top_share"),
    [
        ((100,), Raised, 1.00),
        ((95, 5), Raised, 0.95),
        ((90, 10), Clear, 0.90),
        ((80, 20), Clear, 0.80),
        ((80, 10, 10), Clear, 0.80),
        ((80, 5, 5, 5, 5), Raised, 0.80),
        ((70, 30), Clear, 0.70),
        ((60, 40), Clear, 0.60),
        ((50, 50), Clear, 0.50),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else None,
)
def test_the_splits_of_domain_4_7(split: tuple[int, ...], expected: type, top_share: float) -> None:
    people = ["jana", "peter", "anna", "u4", "u5"]
    touches = [
        one
        for person, days in zip(people, split, strict=False)
        for one in meetings(days, by=person, first_days_ago=0, every=3)
    ]
    verdict = judge(facts([*touches, *history()]))
    assert isinstance(verdict, expected)
    assert verdict.numbers["top_share"] == top_share


def test_a_workshop_with_eight_guests_is_one_person_day() -> None:
    guests = tuple(f"c{number}" for number in range(8))
    verdict = judge(facts([touch(3, to=guests), touch(3), mail(3)]))
    assert verdict.numbers["person_days"] == 1
    assert verdict.numbers["coverage"] == "1x9"


def test_a_meeting_of_two_of_ours_is_a_person_day_of_each() -> None:
    assert judge(facts([touch(3, by=("jana", "peter"))])).numbers["person_days"] == 2


def test_a_held_meeting_without_a_contact_counts_but_makes_no_thread() -> None:
    numbers = judge(facts([touch(3, to=())])).numbers
    assert (numbers["person_days"], numbers["coverage"]) == (1, "0x0")


def test_an_attempt_is_no_person_day() -> None:
    assert judge(facts([touch(3, kind=Kind.CALL, outcome=Outcome.ATTEMPTED)])).numbers["person_days"] == 0


ANSWER = timedelta(days=30)


@pytest.mark.parametrize(
    ("apart", "person_days"),
    [(ANSWER, 2), (ANSWER + timedelta(seconds=1), 0)],
    ids=["exactly 30 x 24 hours", "one second too late"],
)
def test_a_mail_is_two_way_within_thirty_days(apart: timedelta, person_days: int) -> None:
    sent = datetime(2026, 8, 1, 9, 30, tzinfo=UTC)
    numbers = judge(facts([mail(at=sent), mail(at=sent + apart, inbound=True)])).numbers
    assert numbers["person_days"] == person_days


def test_an_answer_of_somebody_else_does_not_make_a_mail_two_way() -> None:
    numbers = judge(facts([mail(5), mail(4, inbound=True, to="berg"), mail(3, inbound=True, by="peter")])).numbers
    assert numbers["person_days"] == 0


def test_a_mail_may_be_answered_from_outside_the_window() -> None:
    numbers = judge(facts([mail(366, inbound=True), mail(364)])).numbers
    assert numbers["person_days"] == 1


def test_a_message_answers_a_mail() -> None:
    answer = touch(2, kind=Kind.MESSAGE, direction=Direction.INBOUND)
    assert judge(facts([mail(3), answer])).numbers["person_days"] == 2


def test_without_person_days_share_and_tenure_are_null() -> None:
    numbers = judge(facts([mail(3)])).numbers
    assert [numbers[name] for name in ("top_person", "top_share", "second_share", "tenure_days")] == [None] * 4
    assert (numbers["person_days"], numbers["top_days"]) == (0, 0)


@pytest.mark.parametrize(
    ("gap", "tenure_days"), [(270, 370), (271, 100)], ids=["the longest gap of a run", "one day longer breaks it"]
)
def test_a_run_ends_at_a_long_gap(gap: int, tenure_days: int) -> None:
    assert judge(facts([touch(100 + gap), touch(100)])).numbers["tenure_days"] == tenure_days


def test_a_final_silence_is_no_gap() -> None:
    assert judge(facts([touch(360)])).numbers["tenure_days"] == 360


def test_one_way_and_attempted_touches_count_for_tenure() -> None:
    call = touch(400, kind=Kind.CALL, outcome=Outcome.ATTEMPTED)
    assert judge(facts([mail(600), call, touch(300)])).numbers["tenure_days"] == 600


def test_time_as_a_customer_counts_for_the_owner_whose_run_opens_the_record() -> None:
    numbers = judge(facts(meetings(8), deals=(deal(2000), deal(1500)))).numbers
    assert (numbers["tenure_days"], numbers["tenure_at_least"]) == (2000, True)


@pytest.mark.parametrize(
    "known",
    [
        facts(meetings(8), deals=(deal(2000),), account=account(owner_id="peter")),
        facts([touch(60, by="peter", kind=Kind.CALL, outcome=Outcome.ATTEMPTED), *meetings(8)], deals=(deal(2000),)),
        facts([touch(400), *meetings(8)], deals=(deal(2000),)),
    ],
    ids=["owned by somebody else", "somebody else opens the record", "an earlier run of the same person"],
)
def test_time_as_a_customer_does_not_count(known: AccountFacts) -> None:
    numbers = judge(known).numbers
    assert numbers["tenure_days"] == 50
    assert not numbers["tenure_at_least"]


def test_customer_since_stands_in_where_no_deal_was_won() -> None:
    since = account(customer_since=day_before(900))
    assert judge(facts(meetings(8), account=since)).numbers["tenure_days"] == 900
    assert judge(facts(meetings(8), account=since, deals=(deal(800),))).numbers["tenure_days"] == 800


def test_among_equals_the_longer_tenure_is_top_then_the_address() -> None:
    days = [touch(day, by=person) for day in range(1, 9) for person in ("jana", "peter")]
    assert judge(facts(days)).numbers["top_person"] == JANA.email
    assert judge(facts([*days, touch(50, by="peter")], deals=())).numbers["top_person"] == PETER.email
    assert judge(facts([*days, mail(50, by="peter", to=())])).numbers["top_person"] == PETER.email


def test_ignored_people_are_dropped_everywhere() -> None:
    robot = [*meetings(40, by="anna", every=2), touch(2000, by="anna")]
    known = facts([*history(), *meetings(8), *robot], ignored=frozenset({"anna"}), deals=(deal(3000),))
    verdict = judge(known)
    assert isinstance(verdict, Raised)
    assert verdict.numbers["person_days"] == 8
    assert verdict.numbers["tenure_at_least"], "the robot's touch does not open the record"


def test_somebody_unknown_counts_under_the_id() -> None:
    assert judge(facts(meetings(8, by="0059"))).numbers["top_person"] == "0059"


@pytest.mark.parametrize(
    ("last", "expected"),
    [(89, Raised), (90, Unknown), (None, Unknown)],
    ids=["the last day that counts", "one day too early", "never"],
)
def test_an_owner_who_logs_nothing_makes_it_unknown(last: int | None, expected: type) -> None:
    logged = {} if last is None else {"peter": day_before(last)}
    verdict = judge(sole(account=account(owner_id="peter"), last_logged=logged))
    assert isinstance(verdict, expected)
    if isinstance(verdict, Unknown):
        assert verdict.reason == "P. Hall logs nothing"
        assert verdict.numbers["person_days"] == 10


def test_the_silent_owner_is_told_before_thin_activity() -> None:
    verdict = judge(facts(logs=()))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "J. Roth logs nothing"


@pytest.mark.parametrize(
    "more",
    [
        {"users": {**USERS, "peter": replace(PETER, active=False)}},
        {"users": {"jana": JANA}},
        {"ignored": frozenset({"peter"})},
        {"account": account(owner_id=None)},
    ],
    ids=["inactive", "unknown", "ignored", "nobody"],
)
def test_only_an_active_colleague_must_log(more: dict[str, object]) -> None:
    known = replace(sole(account=account(owner_id="peter"), last_logged={}), **more)  # type: ignore[arg-type]
    assert isinstance(judge(known), Raised)


def test_evidence_can_be_switched_off() -> None:
    assert isinstance(judge(sole(last_logged={}), evidence_days=0), Raised)


def test_a_second_share_of_zero_asks_for_nobody_else_at_all() -> None:
    assert isinstance(judge(sole(), second_share=0), Raised)
    assert isinstance(judge(facts([*history(), *meetings(30), touch(2, by="anna")]), second_share=0), Clear)


def test_the_text_is_stable_short_and_no_judgement() -> None:
    verdict = judge(facts([*history(), *meetings(41, every=5), touch(3, by="peter"), touch(8, by="peter")]))
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert len(text.headline) <= 50
    assert text.why == (
        "Acme hangs on one link: Jana Roth had 41 of the 43 contact days of the 12 months to 2 Nov 2026, "
        "and has been in touch since 2 Jan 2023."
    )
    assert text.first_step == "Bring Peter Hall to the next meeting, who had 2 contact days already."
    assert text.figures == "J. Roth 41 of 43 contact days as of 2 Nov 2026"
    assert all(part.isascii() for part in (text.headline, text.why, text.clears_when, text.first_step, text.figures))


def test_only_somebody_who_is_still_with_us_is_proposed_as_second_link() -> None:
    gone = {**USERS, "peter": replace(PETER, active=False)}
    verdict = judge(facts([*history(), *meetings(41, every=5), touch(3, by="peter"), touch(8, by="0059")], users=gone))
    assert isinstance(verdict, Raised)
    assert verdict.finding.first_step == "Name a second relationship owner and bring them to the next meeting."


def test_at_least_is_told_where_the_record_opens_late() -> None:
    verdict = judge(facts(meetings(8), deals=(deal(2000),)))
    assert isinstance(verdict, Raised)
    assert "in touch at least since 12 May 2021" in verdict.finding.why


def test_a_user_without_a_name_is_told_by_the_address() -> None:
    users = {"jana": User(id="jana", name="", email="jana.roth@seller.example"), "anna": ANNA}
    verdict = judge(sole(users=users))
    assert isinstance(verdict, Raised)
    assert "jana.roth@seller.example had 10 of the 10" in verdict.finding.why
