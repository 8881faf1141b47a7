"""exec-reach-lapse as domain.md 0a fixes it: held against attempted, where the clock starts, and when it has run out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.catalog.exec_reach_lapse import ExecReachLapse, check
from rules.facts import AccountFacts
from rules.measures import last_exchange
from rules.model import Contact, Direction, Kind, Outcome, Touch
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from rules.titles import Level, TitleRules
from tests.builders import BERG, LOPEZ, TODAY, account, day_before, deal, facts, mail, touch

RULE = check.check


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, ExecReachLapse.model_validate(params))


@pytest.mark.parametrize(
    ("days_ago", "expected", "message"),
    [
        (0, Clear, "in touch in time"),
        (183, Clear, "in touch in time"),
        (184, Clear, "due"),
        (197, Clear, "due"),
        (198, Raised, ""),
    ],
    ids=["today", "last day of the cadence", "first day due", "last day of grace", "one day too late"],
)
def test_a_held_meeting_lasts_for_half_a_year(days_ago: int, expected: type, message: str) -> None:
    verdict = judge(facts([touch(days_ago, to="berg")]))
    assert isinstance(verdict, expected)
    assert verdict.numbers["age_days"] == days_ago
    assert verdict.numbers["last_held_on"] == day_before(days_ago).isoformat()
    assert verdict.numbers["due_on"] == (day_before(days_ago) + timedelta(days=183)).isoformat()
    if isinstance(verdict, Clear):
        assert verdict.message == message


@pytest.mark.parametrize(
    ("days_ago", "severity"),
    [(366, Severity.HIGH), (367, Severity.CRITICAL)],
    ids=["two cycles", "one day more than two"],
)
def test_more_than_two_cycles_are_critical(days_ago: int, severity: Severity) -> None:
    verdict = judge(facts([touch(days_ago, to="berg")]))
    assert isinstance(verdict, Raised)
    assert verdict.severity is severity


def test_no_executive_known_is_unknown() -> None:
    verdict = judge(facts([touch(3)], contacts=(LOPEZ,)))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "no executive of theirs is known"
    assert (verdict.numbers["executives"], verdict.numbers["contact"]) == (0, None)


def test_a_decision_maker_by_role_is_an_executive_whatever_the_title_or_seniority() -> None:
    decider = replace(LOPEZ, roles=frozenset({"decision-maker"}), seniority="manager")
    verdict = judge(facts([touch(3)], contacts=(decider,)))
    assert isinstance(verdict, Clear)
    assert verdict.numbers["executives"] == 1


@pytest.mark.parametrize(("level", "expected"), [("c", Unknown), ("vp", Clear)], ids=["c", "vp"])
def test_the_level_can_be_lowered(level: str, expected: type) -> None:
    known = facts([touch(3)], contacts=(replace(LOPEZ, title="VP Purchasing"),))
    assert isinstance(judge(known, level=level), expected)


def test_the_organisations_own_titles_count() -> None:
    titles = TitleRules(levels={"buyer": Level.C})
    assert isinstance(judge(facts([touch(3)], contacts=(LOPEZ,), titles=titles)), Clear)


@pytest.mark.parametrize(
    "tried",
    [
        [mail(20, to="berg"), mail(10, to="berg")],
        [
            touch(20, to="berg", kind=Kind.CALL, outcome=Outcome.ATTEMPTED),
            touch(10, to="berg", outcome=Outcome.ATTEMPTED),
        ],
    ],
    ids=["unanswered mails", "voicemail and no-show"],
)
def test_an_attempt_is_not_held(tried: list[Touch]) -> None:
    verdict = judge(facts([touch(231, to="berg"), *tried]))
    assert isinstance(verdict, Raised)
    assert verdict.numbers["attempts_since"] == 2
    assert verdict.numbers["state"] == "attempted"
    assert verdict.finding.contact_id == "berg"


def test_what_they_send_unanswered_is_neither_held_nor_an_attempt_of_ours() -> None:
    call = touch(5, to="berg", kind=Kind.CALL, direction=Direction.INBOUND, outcome=Outcome.ATTEMPTED)
    verdict = judge(facts([touch(231, to="berg"), mail(10, to="berg", inbound=True), call]))
    assert isinstance(verdict, Raised)
    assert (verdict.numbers["attempts_since"], verdict.numbers["state"]) == (0, "none")


def test_a_written_exchange_counts_on_the_day_of_its_later_message() -> None:
    numbers = judge(facts([mail(50, to="berg"), mail(30, to="berg", inbound=True)])).numbers
    assert (numbers["last_held_on"], numbers["state"]) == (day_before(30).isoformat(), "held")


def test_a_late_message_without_an_answer_does_not_move_the_exchange() -> None:
    known = facts(
        [mail(90, to="berg"), mail(80, to="berg", inbound=True), mail(45, to="berg"), mail(14, to="berg", inbound=True)]
    )
    assert judge(known).numbers["last_held_on"] == day_before(80).isoformat()
    assert judge(known).numbers["attempts_since"] == 1


def test_the_pair_must_be_the_same_two_people() -> None:
    verdict = judge(facts([touch(400), mail(20, to="berg"), mail(19, to="berg", inbound=True, by="peter")]))
    assert verdict.numbers["last_held_on"] is None


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
    verdict = judge(facts([touch(50), mail(10, to="berg")], **more))  # type: ignore[arg-type]  # the builder checks
    assert verdict.numbers["age_days"] == age_days
    assert verdict.numbers["last_held_on"] is None
    assert verdict.numbers["state"] == "attempted"


def test_a_new_customer_never_met_is_not_due_yet() -> None:
    verdict = judge(facts([touch(50)]))
    assert isinstance(verdict, Clear)
    assert (verdict.message, verdict.numbers["state"]) == ("never met, not due yet", "none")


def test_without_any_day_to_count_from_it_is_unknown() -> None:
    verdict = judge(facts())
    assert isinstance(verdict, Unknown)
    assert verdict.numbers["due_on"] is None


def test_only_people_of_ours_who_count_can_hold_it() -> None:
    known = facts([touch(300, to="berg"), touch(3, to="berg", by="anna"), touch(3, to="berg", by=())])
    assert judge(replace(known, ignored=frozenset({"anna"}))).numbers["age_days"] == 300


def test_of_several_executives_the_one_last_met_is_named_else_the_most_senior() -> None:
    vogt = Contact(id="vogt", account_id="acme", name="Anton Vogt", title="VP Operations", roles=frozenset())
    both = (LOPEZ, vogt, BERG)
    assert judge(facts([touch(300)], contacts=both), level="vp").numbers["contact"] == "Karin Berg"
    assert judge(facts([touch(300, to="vogt")], contacts=both), level="vp").numbers["contact"] == "Anton Vogt"
    assert judge(facts([touch(3, to=("vogt", "berg"))], contacts=both), level="vp").numbers["contact"] == "Karin Berg"


def test_nobody_is_asked_to_meet_somebody_who_left() -> None:
    gone = replace(BERG, left_on=date(2026, 6, 1), left_why="relation ended")
    vogt = Contact(id="vogt", account_id="acme", name="Anton Vogt", title="CFO", roles=frozenset())
    known = facts([touch(231, to="berg")], contacts=(gone, vogt))
    verdict = judge(known)
    assert isinstance(verdict, Raised)
    assert "Karin Berg" in verdict.finding.why
    assert verdict.finding.first_step.startswith("Book 30 minutes with Anton Vogt;")
    assert verdict.finding.contact_id == "vogt"
    alone = judge(replace(known, contacts=(gone,)))
    assert isinstance(alone, Raised)
    assert alone.finding.first_step == "Ask who follows Karin Berg, and book 30 minutes with that person."


def test_the_text_is_stable_and_short() -> None:
    verdict = judge(facts([touch(231, to="berg"), mail(20, to="berg"), mail(10, to="berg")]))
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert text.headline == "exec not met since 16 Mar 2026"
    assert text.why == (
        "The last real exchange of any of ours with an executive of Acme was with Karin Berg (CEO) on 16 Mar 2026, "
        "and 2 attempts came to nothing since (as of 2 Nov 2026)."
    )
    assert text.first_step == "Book 30 minutes with Karin Berg; ask how we stand and what else would help."
    assert text.figures == "last held 16 Mar 2026, 2 attempts since, as of 2 Nov 2026"
    never = judge(facts([touch(300)]))
    assert isinstance(never, Raised)
    assert len(never.finding.headline) <= 50
    assert len(f"[Relationship] Acme Corp: known by one person; {text.headline}") <= 80


MOMENT = datetime(2026, 11, 2, 12, tzinfo=UTC)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 24 * 120),
            st.sampled_from(["jana", "peter"]),
            st.sampled_from(["berg", "lopez"]),
            st.booleans(),
        ),
        max_size=25,
    )
)
def test_the_last_exchange_is_the_later_of_the_latest_two_that_answer_each_other(
    rows: list[tuple[int, str, str, bool]],
) -> None:
    mails = [mail(at=MOMENT - timedelta(hours=ago), by=by, to=to, inbound=inbound) for ago, by, to, inbound in rows]
    expected: date | None = max(
        (
            max(one, other, key=lambda message: message.at).day
            for one in mails
            for other in mails
            if one.theirs == other.theirs == ("berg",)
            and one.ours == other.ours
            and one.direction is not other.direction
            and abs(one.at - other.at) <= timedelta(days=30)
        ),
        default=None,
    )
    assert last_exchange(facts(mails, today=TODAY), ["berg"]).held_on == expected
