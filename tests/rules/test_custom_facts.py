"""The documented facts: each is of its type whatever the account, and says the number of the built-in rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from rules.custom.fact import Unit, for_cel
from rules.custom.fact_list import FACTS, GROUPS, facts_in
from rules.facts import AccountFacts
from rules.model import Contact, Kind, Outcome, TeamMember, Ticket
from rules.rule import discover
from tests.builders import BERG, LOPEZ, TODAY, account, day_before, deal, facts, mail, meetings, touch
from tests.rules.histories import accounts

KINDS: dict[str, type] = {"int": int, "double": float, "string": str, "bool": bool, "timestamp": datetime}


def value(name: str, known: AccountFacts) -> Any:
    return FACTS[name].measure(known)


def test_there_are_facts_of_every_group_each_with_its_meaning() -> None:
    assert 30 <= len(FACTS) <= 70
    assert sum(len(facts_in(group)) for group in GROUPS) == len(FACTS), "no name twice"
    for fact in FACTS.values():
        assert fact.meaning.endswith("."), fact.name
        assert fact.needs >= {"accounts", "activity"}
        assert fact.hears <= {"email", "departures", "team", "tickets"}


@settings(max_examples=60)
@given(accounts())
def test_every_fact_of_any_account_is_of_its_type_and_can_be_said(known: AccountFacts) -> None:
    for fact in FACTS.values():
        found = fact.measure(known)
        assert fact.said(found)
        if found is None:
            continue
        if fact.type == "list(string)":
            assert all(type(one) is str for one in for_cel(found)), fact.name
        else:
            assert type(for_cel(found)) is KINDS[fact.type], fact.name


@settings(max_examples=40)
@given(accounts())
def test_facts_are_the_numbers_of_the_built_in_rules(known: AccountFacts) -> None:
    catalog = discover()
    sole, single, dense = (
        catalog[rule].check(known, catalog[rule].params.model_validate({})).numbers
        for rule in ("sole-rep", "single-contact", "rep-concentration")
    )
    assert value("person_days_365d", known) == sole["person_days"] == single["person_days"]
    assert value("coverage", known) == sole["coverage"]
    if not sole["silent_owner"]:
        assert value("top_share", known) == sole["top_share"]
        assert value("second_share", known) == sole["second_share"]
        assert value("effective_people", known) == dense["effective_reps"]
    else:
        assert value("top_share", known) is None
    assert value("threads_theirs", known) == single["contacts_in_touch"]
    assert value("contacts_silent", known) == single["silent_contacts"]


@pytest.mark.parametrize(
    ("name", "touches", "expected"),
    [
        ("meetings_90d", [touch(89), touch(90)], 1),
        ("meetings_90d", [touch(5, outcome=Outcome.ATTEMPTED), touch(5, kind=Kind.CALL)], 0),
        ("calls_90d", [touch(5, kind=Kind.CALL), touch(6, kind=Kind.CALL, outcome=Outcome.ATTEMPTED)], 1),
        ("messages_in_90d", [mail(3, inbound=True), mail(4), mail(90, inbound=True)], 1),
        ("messages_out_90d", [mail(3, inbound=True), mail(4)], 1),
        ("unanswered_days", [mail(6, inbound=True), mail(3, inbound=True)], 6),
        ("unanswered_days", [mail(6, inbound=True), mail(3)], 0),
        ("days_since_last_touch", [mail(7), touch(30)], 7),
        ("days_since_two_way", [mail(7), touch(30)], 30),
        ("days_since_two_way", [mail(7)], 7),
        ("days_since_meeting", [touch(30), touch(5, kind=Kind.CALL)], 30),
        ("days_since_meeting", [touch(50, kind=Kind.CALL)], 50),
        ("days_since_meeting", [], None),
        ("days_on_record", [touch(30), mail(400)], 400),
        ("last_meeting_on", [touch(30)], day_before(30)),
        ("last_meeting_on", [mail(3)], None),
        ("top_days", [*meetings(3), *meetings(2, by="peter", first_days_ago=2)], 3),
        ("owner_share", [*meetings(1), *meetings(3, by="peter", first_days_ago=2)], 0.25),
        ("threads_ours", [touch(1), touch(2, by="peter")], 2),
        ("executives_in_touch", [touch(1)], 0),
        ("executives_in_touch", [touch(1, to="berg")], 1),
        ("days_since_exec_exchange", [touch(9, to="berg"), mail(2, to="berg")], 9),
        ("exec_tries", [touch(9, to="berg"), mail(2, to="berg")], 1),
        ("days_since_exec_exchange", [touch(9)], 9),
        ("main_contact", [touch(1, to="berg"), touch(2, to="berg"), touch(3)], "Karin Berg (CEO)"),
        ("usual_person_days_90d", [touch(days_ago) for days_ago in (1, 100, 190, 280, 370, 460)], 1.0),
        ("usual_person_days_90d", meetings(3), None),
    ],
)
def test_what_a_fact_counts(name: str, touches: list[Any], expected: object) -> None:
    assert value(name, facts(touches)) == expected


def test_facts_of_the_account_and_its_deals() -> None:
    known = facts(deals=(deal(10, amount=300.0), deal(400, amount=100.0)), account=account(type="", parent_id="up"))
    assert value("revenue_growth", known) == 3.0
    assert value("deals_won_365d", known) == 1
    assert value("days_since_deal_won", known) == 10
    assert value("customer_since", known) == day_before(400)
    assert value("days_as_customer", known) == 400
    assert value("account_type", known) is None
    assert value("has_parent", known) is True
    assert value("owner_email", known) == "jana.roth@seller.example"


def test_who_left_is_counted_no_more() -> None:
    gone = Contact(id="gone", account_id="acme", name="Al Gone", title="CFO", left_on=day_before(5))
    known = facts(contacts=(LOPEZ, BERG, gone))
    assert value("contacts_left_365d", known) == 1
    assert value("contacts_known", known) == 2
    assert value("contact_titles", known) == ["Buyer", "CEO"]
    assert value("contact_functions", known) == ["general", "procurement"]


def test_a_silent_owner_leaves_the_shares_unknown() -> None:
    known = facts(meetings(4, by="peter"), logs=("peter",))
    assert value("top_share", known) is None
    assert value("person_days_365d", known) == 4


def test_the_team_without_those_of_single_deals() -> None:
    team = (
        TeamMember(account_id="acme", user_id="peter", role="Service"),
        TeamMember(account_id="acme", user_id="anna", role="Bid", deal_id="d1"),
    )
    known = facts(team=team)
    assert value("team_size", known) == 1
    assert value("team_roles", known) == ["Service"]
    assert FACTS["team_size"].needs - FACTS["tier"].needs == {"team"}
    assert FACTS["team_size"].hears == {"team"}


def test_tickets_that_are_open_and_new() -> None:
    tickets = (
        Ticket(id="1", account_id="acme", opened_on=day_before(100), priority="urgent"),
        Ticket(id="2", account_id="acme", opened_on=day_before(20), closed_on=day_before(3), priority="high"),
        Ticket(id="3", account_id="acme", opened_on=day_before(10), priority="low"),
    )
    known = facts(tickets=tickets)
    names = ("tickets_open", "tickets_open_high", "oldest_ticket_days", "tickets_90d")
    assert [value(name, known) for name in names] == [2, 1, 100, 2]
    assert [value(name, facts()) for name in names] == [0, 0, None, 0]


def test_our_executives_are_those_of_the_config() -> None:
    known = facts([touch(20), touch(50, by="peter")])
    assert value("days_since_our_exec", known) is None
    assert value("days_since_our_exec", facts(known.touches, executives=frozenset({"peter"}))) == 50


def test_a_meeting_ahead() -> None:
    known = facts(upcoming=(touch(-14),))
    assert (value("meetings_ahead", known), value("days_until_meeting", known)) == (1, 14)
    assert (value("meetings_ahead", facts()), value("days_until_meeting", facts())) == (0, None)


@pytest.mark.parametrize(
    ("unit", "what", "said"),
    [
        (Unit.SHARE, 0.953, "95.3%"),
        (Unit.MONEY, 420_000.0, "420k"),
        (Unit.DAY, date(2026, 11, 2), "2 Nov 2026"),
        (Unit.NUMBER, 2.3456, "2.35"),
        (Unit.COUNT, 3, "3"),
        (Unit.TEXT, "Acme", "Acme"),
        (Unit.TEXTS, ["a", "b"], "a and b"),
        (Unit.TEXTS, [], "nothing"),
        (Unit.YES_OR_NO, False, "no"),
        (Unit.SHARE, None, "unknown"),
    ],
)
def test_how_a_value_is_said(unit: Unit, what: Any, said: str) -> None:
    fact = next(one for one in FACTS.values() if one.unit is unit)
    assert fact.said(what) == said


def test_a_day_is_its_midnight_in_utc_for_an_expression() -> None:
    assert for_cel(TODAY) == datetime(2026, 11, 2, tzinfo=UTC)
    assert for_cel(TODAY) - for_cel(TODAY - timedelta(days=1)) == timedelta(days=1)
