"""our-exec-lapse: which exchange of our executives counts, where the clock starts, and when it has run out."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from rules.catalog.our_exec_lapse import OurExecLapse, check
from rules.facts import AccountFacts
from rules.model import Contact, Direction, Kind, Outcome, Touch, User
from rules.rule import Clear, NotApplicable, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import BERG, KEY, LOPEZ, TODAY, USERS, account, day_before, deal, facts, mail, touch

RULE = check.check

VOGT = User(id="vogt", name="Sabine Vogt", email="s.vogt@seller.example", title="COO")
MORO = User(id="moro", name="Luca Moro", email="l.moro@seller.example", title="CEO")


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, OurExecLapse.model_validate(params))


def ours(*touches: Touch, **more: object) -> AccountFacts:
    """Acme, where Sabine Vogt is our one executive."""
    usual = {"users": USERS | {"vogt": VOGT, "moro": MORO}, "executives": frozenset({"vogt"})}
    return facts(touches, **(usual | more))  # type: ignore[arg-type]  # the builder checks


@pytest.mark.parametrize(
    ("days_ago", "expected", "message"),
    [(183, Clear, "in touch in time"), (184, Clear, "due"), (197, Clear, "due"), (198, Raised, "")],
    ids=["last day of the cadence", "first day due", "last day of grace", "one day too late"],
)
def test_a_held_meeting_lasts_for_half_a_year(days_ago: int, expected: type, message: str) -> None:
    verdict = judge(ours(touch(days_ago, by="vogt"), touch(1)))
    assert isinstance(verdict, expected)
    assert verdict.numbers == {
        "executives": 1,
        "executive": VOGT.email,
        "last_held_on": day_before(days_ago).isoformat(),
        "age_days": days_ago,
        "due_on": day_before(days_ago - 183).isoformat(),
    }
    if isinstance(verdict, Clear):
        assert verdict.message == message
    else:
        assert isinstance(verdict, Raised)
        assert verdict.severity is Severity.HIGH


@pytest.mark.parametrize(
    ("held", "age_days"),
    [
        ([touch(20, by="vogt", to=())], 20),
        ([touch(20, by=("jana", "vogt"), to="berg")], 20),
        ([touch(20, by="vogt", kind=Kind.CALL, direction=Direction.INBOUND)], 20),
        ([mail(20, by="vogt"), mail(10, by="vogt", inbound=True)], 10),
        ([mail(20, by="vogt", inbound=True), mail(10, by="vogt")], 10),
        ([mail(20, by="vogt"), mail(10, inbound=True)], 300),
        ([mail(20, by="vogt"), mail(10, by="vogt")], 300),
        ([touch(20, by="vogt", kind=Kind.CALL, outcome=Outcome.ATTEMPTED)], 300),
        ([touch(20)], 300),
    ],
    ids=[
        "no contact known",
        "with the owner",
        "their call",
        "answered",
        "our answer",
        "answered to another",
        "never answered",
        "voicemail",
        "by the owner alone",
    ],
)
def test_what_an_executive_of_ours_held(held: list[Touch], age_days: int) -> None:
    assert judge(ours(touch(300, by="vogt"), *held)).numbers["age_days"] == age_days


@pytest.mark.parametrize(
    ("more", "age_days"),
    [
        ({"deals": (deal(900), deal(300)), "account": account(customer_since=day_before(1200))}, 900),
        ({"account": account(customer_since=day_before(1200))}, 1200),
        ({}, 50),
    ],
    ids=["first won deal", "customer since", "first touch"],
)
def test_never_held_counts_from_when_they_became_a_customer(more: dict[str, object], age_days: int) -> None:
    verdict = judge(ours(touch(50), **more))
    assert (verdict.numbers["age_days"], verdict.numbers["executive"]) == (age_days, None)


def test_a_new_customer_is_not_due_yet() -> None:
    verdict = judge(ours(touch(50)))
    assert isinstance(verdict, Clear)
    assert verdict.message == "no exchange yet, not due yet"


def test_without_any_day_to_count_from_it_is_unknown() -> None:
    verdict = judge(ours())
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "nothing says since when they are a customer, and there is no touch"


@pytest.mark.parametrize(
    "more",
    [{"executives": frozenset()}, {"ignored": frozenset({"vogt"})}],
    ids=["none is a user here", "the only one is ignored"],
)
def test_without_an_executive_who_counts_it_is_unknown(more: dict[str, object]) -> None:
    verdict = judge(ours(touch(300, by="vogt"), touch(300), **more))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "no executive of ours is a user of this CRM"


@pytest.mark.parametrize(
    ("tier", "days_ago", "expected"),
    [("A", 198, Raised), ("B", 379, Clear), ("B", 380, Raised), ("C", 379, Clear), ("C", 380, Raised)],
)
def test_the_rhythm_depends_on_the_tier_and_the_list_switches_the_rule(
    tier: str, days_ago: int, expected: type
) -> None:
    book, wrong = read_rulebook({}, {"our-exec-lapse": check}, named={"people.executives"})
    assert not wrong
    known = ours(touch(days_ago, by="vogt"), standing=replace(KEY, tier=tier))
    assert isinstance(book.judge(known)["our-exec-lapse"], expected)
    assert isinstance(book.judge(replace(known, untold={"email": "none logged"}))["our-exec-lapse"], Unknown)
    assert isinstance(book.judge(replace(known, standing=replace(KEY, key=False)))["our-exec-lapse"], NotApplicable)
    assert not read_rulebook({}, {"our-exec-lapse": check})[0].rules


def test_of_two_at_the_same_moment_the_first_by_id_is_told_whatever_the_order() -> None:
    both = frozenset({"vogt", "moro"})
    known = ours(touch(5, by="vogt"), touch(5, by="moro", to="berg"), touch(9, by="vogt"), executives=both)
    for seed in range(5):
        shuffled = list(known.touches)
        random.Random(seed).shuffle(shuffled)
        verdict = judge(replace(known, touches=tuple(shuffled)))
        assert (verdict.numbers["executive"], verdict.numbers["last_held_on"]) == (
            MORO.email,
            day_before(5).isoformat(),
        )


def test_the_text_as_a_rep_reads_it() -> None:
    verdict = judge(ours(touch(231, by="vogt"), touch(1)))
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert text.headline == "no exec of ours in touch since 16 Mar 2026"
    assert len(text.headline) <= 50
    assert text.why == (
        "Sabine Vogt was the last executive of ours to have a real exchange with Acme, on 16 Mar 2026 "
        "(as of 2 Nov 2026)."
    )
    assert text.first_step == (
        "Arrange 30 minutes of Sabine Vogt with Karin Berg (CEO), and prepare one page on where we stand."
    )
    assert text.clears_when == (
        "Clears when an executive of ours has held a meeting or a call with them, or exchanged messages, "
        "within 197 days."
    )
    assert text.figures == "last held 16 Mar 2026"


def test_the_text_where_none_was_ever_there() -> None:
    verdict = judge(ours(touch(231), executives=frozenset({"vogt", "moro"})))
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert text.headline == "no exchange with our executives yet"
    assert text.why == (
        "No real exchange of an executive of ours with Acme is known, counted from 16 Mar 2026 (as of 2 Nov 2026)."
    )
    assert text.first_step.startswith("Arrange 30 minutes of Luca Moro with Karin Berg (CEO)")
    assert text.figures == "never held, counted from 16 Mar 2026"


def test_who_is_proposed_is_still_there() -> None:
    gone = replace(VOGT, active=False)
    left = replace(BERG, left_on=TODAY)
    chen = Contact(id="chen", account_id="acme", name="Rita Chen", title="Head of Quality")
    known = ours(touch(231, by="vogt"), users=USERS | {"vogt": gone}, contacts=(LOPEZ, left, chen))
    verdict = judge(known)
    assert isinstance(verdict, Raised)
    assert verdict.finding.first_step == (
        "Arrange 30 minutes of one of our executives with Rita Chen (Head of Quality), "
        "and prepare one page on where we stand."
    )
    nobody = judge(replace(known, contacts=()))
    assert isinstance(nobody, Raised)
    assert "of one of our executives with Acme, and" in nobody.finding.first_step
