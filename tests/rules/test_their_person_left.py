"""their-person-left: who mattered, how long it is told, and who counts as somebody new."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from rules.catalog.their_person_left import TheirPersonLeft, check
from rules.facts import AccountFacts
from rules.model import Contact, Kind, Outcome, Touch
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from rules.titles import Level, TitleRules
from tests.builders import BERG, LOPEZ, TODAY, day_before, facts, mail, meetings, touch

RULE = check.check

CHEN = Contact(id="chen", account_id="acme", name="Rita Chen", title="Planner")


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, TheirPersonLeft.model_validate(params))


def gone(contact: Contact, days_ago: int = 100, why: str = "relation ended") -> Contact:
    return replace(contact, left_on=day_before(days_ago), left_why=why)


def berg_left(days_ago: int = 100, *, more: tuple[Touch, ...] = (), **other: object) -> AccountFacts:
    """The chief executive left; of ten meetings in the year two were with her, the others with Maria Lopez."""
    usual = {"contacts": (LOPEZ, CHEN, gone(BERG, days_ago))}
    held = [*meetings(8, first_days_ago=8, every=30), touch(300, to="berg"), touch(310, to="berg")]
    return facts([*held, *more], **(usual | other))  # type: ignore[arg-type]  # the builder checks


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [(0, Raised), (180, Raised), (181, Clear)],
    ids=["today", "last day that it is told", "one day later"],
)
def test_it_is_told_for_half_a_year(days_ago: int, expected: type) -> None:
    verdict = judge(berg_left(days_ago))
    assert isinstance(verdict, expected)
    assert verdict.numbers["left"] == 1
    if isinstance(verdict, Clear):
        assert verdict.message == "nobody who mattered left of late"


def test_who_leaves_tomorrow_has_not_left() -> None:
    verdict = judge(berg_left(contacts=(LOPEZ, replace(BERG, left_on=TODAY + timedelta(days=1)))))
    assert isinstance(verdict, Clear)
    assert verdict.numbers["left"] == 0


def test_an_executive_is_one_severity_worse() -> None:
    verdict = judge(berg_left())
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.CRITICAL
    assert verdict.numbers == {
        "left": 1,
        "contact": "Karin Berg",
        "left_on": day_before(100).isoformat(),
        "executive": True,
        "contact_days": 2,
        "person_days": 10,
    }
    milder = judge(berg_left(), severity="medium")
    assert isinstance(milder, Raised)
    assert milder.severity is Severity.HIGH


@pytest.mark.parametrize(
    ("leaver", "expected"),
    [
        (replace(CHEN, title="VP Operations"), Raised),
        (replace(CHEN, title="Head of Operations"), Clear),
        (replace(CHEN, roles=frozenset({"decision-maker"})), Raised),
        (replace(CHEN, roles=frozenset({"executive-sponsor"}), seniority="manager"), Raised),
        (CHEN, Clear),
    ],
    ids=["VP", "head", "decision-maker", "sponsor of a low level", "planner"],
)
def test_an_executive_matters_without_any_contact_day(leaver: Contact, expected: type) -> None:
    assert isinstance(judge(berg_left(contacts=(LOPEZ, gone(leaver)))), expected)


def test_the_level_and_the_organisations_own_titles_count() -> None:
    known = berg_left(contacts=(LOPEZ, gone(replace(CHEN, title="Head of Operations"))))
    assert isinstance(judge(known, level="head"), Raised)
    own = berg_left(contacts=(LOPEZ, gone(CHEN)), titles=TitleRules(levels={"planner": Level.C}))
    assert isinstance(judge(own), Raised)


@pytest.mark.parametrize(
    ("days", "expected"), [(2, Raised), (1, Clear)], ids=["a fifth of the days", "less than a fifth"]
)
def test_others_matter_by_their_part_of_the_contact_days(days: int, expected: type) -> None:
    held = [touch(20 + number, to="chen" if number < days else "lopez") for number in range(10)]
    verdict = judge(facts(held, contacts=(LOPEZ, gone(CHEN, 10))))
    assert isinstance(verdict, expected)
    if isinstance(verdict, Raised):
        assert verdict.severity is Severity.HIGH
        assert (verdict.numbers["executive"], verdict.numbers["contact_days"]) == (False, 2)


def test_two_of_ours_on_one_day_are_two_person_days_and_so_is_their_part() -> None:
    held = [touch(20, by=("jana", "peter"), to="chen"), *meetings(8, first_days_ago=30)]
    verdict = judge(facts(held, contacts=(LOPEZ, gone(CHEN, 10))))
    assert isinstance(verdict, Raised)
    assert (verdict.numbers["contact_days"], verdict.numbers["person_days"]) == (2, 10)


@pytest.mark.parametrize(
    ("oldest", "expected"), [(364, Raised), (365, Clear)], ids=["first day of the window", "one day earlier"]
)
def test_only_the_window_counts(oldest: int, expected: type) -> None:
    held = [touch(oldest, to="chen"), *meetings(4, first_days_ago=120)]
    assert isinstance(judge(facts(held, contacts=(LOPEZ, gone(CHEN)))), expected)


@pytest.mark.parametrize(
    ("met", "expected"),
    [
        ([touch(99, to="chen")], Clear),
        ([touch(100, to="chen")], Raised),
        ([touch(99, to="chen"), touch(1500, to="chen")], Raised),
        ([touch(99, to="chen"), mail(1500, to="chen", inbound=True)], Clear),
        ([mail(20, to="chen"), mail(19, to="chen", inbound=True)], Clear),
        ([mail(20, to="chen")], Raised),
        ([touch(20, to="chen", kind=Kind.CALL, outcome=Outcome.ATTEMPTED)], Raised),
        ([touch(50, to="berg")], Raised),
    ],
    ids=[
        "the day after",
        "the same day",
        "known for years",
        "wrote years ago and was not answered",
        "answered",
        "only written to",
        "only tried",
        "the leaver is nobody new",
    ],
)
def test_somebody_new_since_then_clears_it(met: list[Touch], expected: type) -> None:
    verdict = judge(berg_left(100, more=tuple(met)))
    assert isinstance(verdict, expected)
    if isinstance(verdict, Clear):
        assert verdict.message == "somebody new has been in touch since"
        assert verdict.numbers["contact"] == "Karin Berg"


def test_the_executive_is_named_first_then_the_latest_to_leave() -> None:
    vogt = Contact(id="vogt", account_id="acme", name="Anton Vogt", title="COO")
    both = (gone(LOPEZ, 5), gone(vogt, 30), gone(BERG, 60))
    verdict = judge(berg_left(contacts=both))
    assert isinstance(verdict, Raised)
    assert verdict.finding.contact_id == "vogt"
    same_day = judge(berg_left(contacts=(gone(vogt, 60), gone(BERG, 60))))
    assert isinstance(same_day, Raised)
    assert same_day.finding.contact_id == "berg"


def test_the_severity_is_that_of_the_one_named() -> None:
    known = berg_left(contacts=(CHEN, gone(LOPEZ, 5), gone(BERG, 100)), more=(touch(50, to="chen"),))
    verdict = judge(known)
    assert isinstance(verdict, Raised), "somebody new came after the executive, nobody after the other"
    assert (verdict.finding.contact_id, verdict.severity) == ("lopez", Severity.HIGH)


def test_where_nothing_says_who_left_it_is_unknown_unless_somebody_did() -> None:
    untold = {"departures": "nothing says that a contact left"}
    verdict = judge(berg_left(contacts=(LOPEZ, BERG), untold=untold))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "nothing says that a contact left"
    assert isinstance(judge(berg_left(untold=untold)), Raised)


def test_where_no_message_is_logged_it_is_unknown() -> None:
    book, wrong = read_rulebook({}, {"their-person-left": check})
    assert not wrong
    known = berg_left(untold={"email": "e-mails are not logged"})
    assert isinstance(book.judge(known)["their-person-left"], Unknown)


def test_users_that_the_config_ignores_make_nobody_matter_and_nobody_new() -> None:
    held = [*meetings(8, first_days_ago=30), *(touch(day, by="anna", to="chen") for day in (20, 21, 22))]
    left = facts(held, contacts=(LOPEZ, gone(CHEN, 10)))
    assert isinstance(judge(left), Raised)
    assert isinstance(judge(replace(left, ignored=frozenset({"anna"}))), Clear)
    met = berg_left(more=(touch(20, by="anna", to="chen"),))
    assert isinstance(judge(met), Clear)
    assert isinstance(judge(replace(met, ignored=frozenset({"anna"}))), Raised)


def test_the_order_of_the_touches_does_not_matter() -> None:
    known = berg_left(more=(touch(100, to="chen"), mail(9), mail(8, inbound=True)))
    shuffled = list(known.touches)
    random.Random(5).shuffle(shuffled)
    assert judge(replace(known, touches=tuple(shuffled))) == judge(known)


def test_the_text_as_a_rep_reads_it() -> None:
    verdict = judge(berg_left())
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert text.headline == "K. Berg left on 25 Jul 2026"
    assert text.why == (
        "The CRM says that Karin Berg (CEO), who had a part in 2 of 10 contact days of the 12 months to 2 Nov 2026, "
        "left Acme on 25 Jul 2026 (relation ended), and nobody new there has been in touch since."
    )
    assert text.first_step == "Ask Maria Lopez (Buyer) who follows Karin Berg, and for an introduction."
    assert text.clears_when == (
        "Clears when somebody of theirs who was never in touch before has met us, taken a call or exchanged messages "
        "after 25 Jul 2026."
    )
    assert text.figures == "K. Berg left 25 Jul 2026, 2 of 10 contact days as of 2 Nov 2026"


def test_the_text_where_nobody_else_is_known() -> None:
    long = replace(BERG, name="Karin Featherstonehaugh-Cholmondeley-Smythe")
    verdict = judge(berg_left(contacts=(gone(long, why=""),)))
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert text.headline == "a key contact left on 25 Jul 2026"
    assert text.why.endswith("left Acme on 25 Jul 2026, and nobody new there has been in touch since.")
    assert text.first_step == f"Find out who follows {long.name}, and ask for a first meeting."
