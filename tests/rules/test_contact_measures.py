"""Main contact, senior contacts and the title gate: what counts, and what decides between two."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.contact_measures import (
    last_met_on,
    level_text,
    main_contact,
    pair_days,
    people_text,
    senior_contacts,
    title_gate,
)
from rules.measures import coverage
from rules.model import Contact, Kind, Outcome
from rules.titles import Level, TitleRules
from tests.builders import BERG, LOPEZ, TODAY, day_before, facts, mail, touch

CHEN = Contact(id="chen", account_id="acme", name="Robert Chen", title="Head of Finance")


def test_a_day_counts_once_for_each_of_ours_and_each_of_theirs() -> None:
    known = facts([touch(3, by=("jana", "peter"), to=("lopez", "berg")), touch(3), touch(2)])
    both = {("jana", day_before(3)), ("peter", day_before(3))}
    assert pair_days(known, 365) == {"berg": both, "lopez": both | {("jana", day_before(2))}}


@pytest.mark.parametrize(
    ("days_ago", "counted"), [(364, True), (365, False)], ids=["first day of the window", "one day too old"]
)
def test_the_window_holds_as_many_days_as_it_says(days_ago: int, counted: bool) -> None:
    assert ("lopez" in pair_days(facts([touch(days_ago)]), 365)) is counted


def test_a_message_counts_in_the_window_though_its_answer_is_older() -> None:
    known = facts([mail(370, inbound=True), mail(360)])
    assert pair_days(known, 365) == {"lopez": {("jana", day_before(360))}}


def test_attempts_and_ignored_users_make_no_contact_day() -> None:
    tried = touch(4, outcome=Outcome.ATTEMPTED, kind=Kind.CALL)
    known = facts([tried, mail(3), touch(2, by="anna"), touch(1, by=())], ignored=frozenset({"anna"}))
    assert pair_days(known, 365) == {}
    assert main_contact(known, 365) is None
    assert last_met_on(known, "lopez") is None


@given(
    st.lists(
        st.tuples(
            st.integers(0, 24 * 80),
            st.sampled_from(["jana", "peter", "anna"]),
            st.sampled_from(["berg", "lopez"]),
            st.sampled_from([Kind.EMAIL, Kind.MEETING, Kind.CALL]),
            st.booleans(),
        ),
        max_size=25,
    ),
    st.integers(1, 60),
)
def test_whoever_has_a_contact_day_has_a_thread_and_nobody_else(
    rows: list[tuple[int, str, str, Kind, bool]], window_days: int
) -> None:
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    touches = [
        mail(at=noon - timedelta(hours=ago), by=by, to=to, inbound=inbound)
        if kind is Kind.EMAIL
        else touch(at=noon - timedelta(hours=ago), by=by, to=to, kind=kind)
        for ago, by, to, kind, inbound in rows
    ]
    known = facts(touches, ignored=frozenset({"anna"}))
    seen, days = coverage(known, window_days), pair_days(known, window_days)
    assert {(user, contact) for contact, some in days.items() for user, _ in some} == seen.threads
    assert len(set().union(*days.values())) == seen.total
    assert pair_days(replace(known, touches=known.touches[::-1]), window_days) == days


def test_the_main_contact_has_most_contact_days() -> None:
    known = facts([touch(1), touch(90, to="berg"), touch(80, by=("jana", "peter"), to="berg")])
    main = main_contact(known, 365)
    assert main is not None
    assert (main.contact, len(main.days), main.our_ids) == (BERG, 3, ["jana", "peter"])


@pytest.mark.parametrize(
    ("lopez", "berg", "expected"),
    [(5, 4, BERG), (4, 5, LOPEZ), (4, 4, BERG)],
    ids=["the later one", "the later one again", "the smaller id"],
)
def test_of_two_with_as_many_days_the_later_one_is_the_main_contact(lopez: int, berg: int, expected: Contact) -> None:
    main = main_contact(facts([touch(lopez), touch(berg, to="berg")]), 365)
    assert main is not None
    assert main.contact == expected


@pytest.mark.parametrize(("days_ago", "expected"), [(0, BERG), (-1, LOPEZ)], ids=["left today", "leaves tomorrow"])
def test_a_contact_who_left_is_not_the_main_contact(days_ago: int, expected: Contact) -> None:
    left = replace(LOPEZ, left_on=day_before(days_ago))
    main = main_contact(facts([touch(2), touch(1), touch(9, to="berg")], contacts=(left, BERG)), 365)
    assert main is not None
    assert main.contact.id == expected.id


def test_a_meeting_was_held_however_long_ago_and_a_message_was_not() -> None:
    known = facts([touch(900), touch(1, to="berg"), mail(3, inbound=True), mail(2)])
    assert last_met_on(known, "lopez") == day_before(900)


def test_senior_contacts_stand_by_rank_then_name() -> None:
    ito = Contact(id="ito", account_id="acme", name="Kenji Ito", title="Head of Plant")
    sponsor = replace(LOPEZ, seniority="manager", roles=frozenset({"executive-sponsor"}))
    gone = Contact(id="gone", account_id="acme", name="A Gone", title="CFO", left_on=TODAY)
    known = facts(contacts=(sponsor, CHEN, ito, gone, BERG))
    assert senior_contacts(known, Level.HEAD) == [BERG, ito, CHEN, sponsor]
    own = replace(known, titles=TitleRules(levels={"head of finance": Level.VP}))
    assert senior_contacts(own, Level.VP) == [BERG, CHEN, sponsor]


@pytest.mark.parametrize(
    ("untitled", "reason"),
    [(3, ""), (4, "the titles of 4 of 6 contacts are missing")],
    ids=["three of five", "four of six"],
)
def test_more_than_the_share_without_a_title_closes_the_gate(untitled: int, reason: str) -> None:
    blank = [Contact(id=f"c{number}", account_id="acme", name="X", title=" ") for number in range(untitled)]
    assert title_gate(facts(contacts=(*blank, LOPEZ, BERG))).closed_because(0.6) == reason


def test_a_title_a_seniority_or_a_role_is_enough_and_who_left_does_not_count() -> None:
    bare = Contact(id="bare", account_id="acme", name="X")
    told = (LOPEZ, replace(bare, seniority="vp"), replace(bare, roles=frozenset({"champion"})))
    gate = title_gate(facts(contacts=(*told, bare, replace(bare, left_on=TODAY))))
    assert (gate.contacts, gate.untitled) == (4, 1)
    assert title_gate(facts(contacts=())).closed_because(1) == "no contact of theirs is known"


def test_people_and_levels_are_told_in_few_words() -> None:
    bare = Contact(id="bare", account_id="acme", name="")
    assert people_text([CHEN]) == "R. Chen (Head of Finance)"
    assert people_text([CHEN, BERG, bare, LOPEZ, LOPEZ]) == "R. Chen (Head of Finance), K. Berg (CEO), bare and 2 more"
    assert [level_text(level) for level in (Level.C, Level.VP, Level.HEAD)] == [
        "at C level",
        "at VP level or above",
        "at head level or above",
    ]
