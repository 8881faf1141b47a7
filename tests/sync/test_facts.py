"""What facts say beside touches: who left, who owned before, what lies ahead, what the CRM cannot tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from connectors.protocol import Links, Page
from rules.customers import CustomerSettings
from rules.exemptions import Waiver
from rules.facts import AccountFacts
from sync.pages.spread import Went, went
from sync.store import ledger
from sync.store.attention import held_by_account
from sync.store.facts import FactsReader, Moment
from sync.store.records import save_page

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
TODAY = NOW.date()
BERLIN = ZoneInfo("Europe/Berlin")


def save(
    engine: Engine, rows: dict[str, list[dict[str, Any]]], links: Sequence[tuple[str, str, str, str]] = ()
) -> None:
    told = [dict(zip(("activity_id", "side", "kind", "target"), link, strict=True)) for link in links]
    page = Page(rows=rows, links=[Links(source="own", rows=told, replaced=[link[0] for link in links])])
    save_page(engine, "acme", "things", page, cycle=1, now=NOW)


def company(engine: Engine, **more: list[dict[str, Any]]) -> None:
    """One customer with one contact and two of our people."""
    rows: dict[str, list[dict[str, Any]]] = {
        "users": [
            {"id": "u1", "name": "Jana Roth", "email": "jana@seller.example"},
            {"id": "u2", "name": "Peter Hall", "email": "peter@seller.example"},
        ],
        "accounts": [{"id": "a1", "name": "Acme", "owner_id": "u1", "customer_type": True}],
        "contacts": [contact()],
    }
    save(engine, rows | more)


def contact(**more: Any) -> dict[str, Any]:
    return {"id": "c1", "account_id": "a1", "name": "Maria Lopez", "email": "maria@acme.example", **more}


def meeting(at: datetime, **more: Any) -> dict[str, Any]:
    return {"id": "m1", "kind": "meeting", "outcome": "held", "at": at, "ends_at": at, **more}


def facts(engine: Engine, moment: Moment | None = None, **settings: Any) -> AccountFacts:
    customers = CustomerSettings.model_validate({"key": "all"})
    (only,) = FactsReader(engine, "acme", moment or Moment.at(NOW, BERLIN), customers=customers, **settings).read()
    return only


WITH = [("m1", "ours", "user", "u1"), ("m1", "theirs", "contact", "c1"), ("m1", "about", "account", "a1")]


@pytest.mark.parametrize(
    ("more", "ahead"),
    [
        ({}, True),
        ({"outcome": "void"}, False),
        ({"kind": "call"}, False),
        ({"at": NOW - timedelta(minutes=5)}, False),
        ({"at": NOW, "on_day": TODAY}, False),
        ({"on_day": TODAY + timedelta(days=1)}, True),
    ],
    ids=["booked", "cancelled", "a call", "begun", "today, all day", "tomorrow, all day"],
)
def test_a_meeting_that_has_not_begun_is_upcoming_and_no_touch(
    engine: Engine, more: dict[str, Any], *, ahead: bool
) -> None:
    company(engine)
    later = NOW + timedelta(days=3)
    save(engine, {"activities": [meeting(later, ends_at=later + timedelta(hours=1)) | more]}, WITH)
    found = facts(engine)
    assert [(touch.id, touch.ours, touch.theirs) for touch in found.upcoming] == [("m1", ("u1",), ("c1",))] * ahead


def test_as_of_a_day_only_what_had_been_booked_by_then_is_upcoming(engine: Engine) -> None:
    company(engine)
    booked = NOW - timedelta(days=2)
    save(engine, {"activities": [meeting(NOW + timedelta(days=3), created_at=booked)]}, WITH)
    assert facts(engine, Moment.end_of(booked.date(), BERLIN)).upcoming
    assert not facts(engine, Moment.end_of(booked.date() - timedelta(days=1), BERLIN)).upcoming


def test_executives_and_successors_are_told_by_address(engine: Engine) -> None:
    company(engine)
    found = facts(
        engine,
        executive_emails={"peter@seller.example"},
        successor_emails={"jana@seller.example": "peter@seller.example", "peter@seller.example": "nobody@else.example"},
        holidays=frozenset({date(2026, 12, 25)}),
        waivers=[Waiver(account="acme", rule="sole-rep", reason="winding down")],
    )
    assert found.executives == {"u2"}
    assert found.successors == {"u1": "u2"}
    assert found.holidays == {date(2026, 12, 25)}
    assert found.waived == {"sole-rep": "waived without end: winding down"}


def test_former_owners_are_those_whom_earlier_snapshots_saw(engine: Engine) -> None:
    company(engine)
    with engine.begin() as db:
        for days, owner in ((0, "u3"), (1, "u1"), (2, "u2"), (3, "u2"), (4, None)):
            values = {
                "a1": {**dict.fromkeys(("coverage", "top_share", "last_exec_exchange", "risk")), "owner_id": owner}
            }
            ledger.save_snapshots(db, "acme", TODAY - timedelta(days=days), values)
    assert facts(engine).former_owners == {"u2": TODAY - timedelta(days=2)}, "neither today's, nor the owner now"
    before = Moment.end_of(TODAY - timedelta(days=2), BERLIN)
    assert facts(engine, before).former_owners == {"u2": TODAY - timedelta(days=3)}


def test_the_earliest_day_on_which_a_contact_left_is_kept_until_the_crm_takes_it_back(engine: Engine) -> None:
    def left(**told: Any) -> tuple[date | None, str]:
        save(engine, {"contacts": [contact(**told)]})
        (one,) = facts(engine).contacts
        return one.left_on, one.left_why

    company(engine)
    assert left(left_on=date(2026, 5, 9), left_why="e-mail bounced") == (date(2026, 5, 9), "e-mail bounced")
    assert left(left_on=date(2026, 6, 1), left_why="relation ended") == (date(2026, 5, 9), "e-mail bounced")
    assert left(left_on=date(2026, 4, 1), left_why="relation ended") == (date(2026, 4, 1), "relation ended")
    assert left() == (None, "")
    assert left(left_on=date(2026, 6, 1), left_why="relation ended") == (date(2026, 6, 1), "relation ended")


def test_a_contact_left_by_the_earliest_record_that_says_so_and_not_before_that_day(engine: Engine) -> None:
    company(engine, contacts=[contact(left_on=date(2026, 6, 1), left_why="e-mail bounced")])
    role = {"id": "r1", "contact_id": "c1", "left_on": date(2026, 5, 1), "left_why": "relation ended"}
    save(engine, {"contact_roles": [role]})
    for day, expected in (
        (date(2026, 4, 30), (None, "")),
        (date(2026, 5, 1), (date(2026, 5, 1), "relation ended")),
        (date(2026, 7, 1), (date(2026, 5, 1), "relation ended")),
    ):
        (one,) = facts(engine, Moment.end_of(day, BERLIN)).contacts
        assert (one.left_on, one.left_why) == expected


def test_departures_are_untold_while_no_contact_ever_left(engine: Engine) -> None:
    company(engine)
    assert set(facts(engine).untold) == {"departures"}
    save(engine, {"contact_roles": [{"id": "r1", "contact_id": "elsewhere", "left_on": date(2026, 5, 1)}]})
    assert not facts(engine).untold


def test_messages_are_untold_where_hundreds_were_met_and_nobody_wrote(engine: Engine) -> None:
    company(engine, contacts=[contact(left_on=date(2026, 5, 1))])
    recently, before = NOW - timedelta(days=89), NOW - timedelta(days=91)
    met = [meeting(recently, id=f"m{number}") for number in range(499)]
    save(engine, {"activities": [*met, meeting(before, id="m-before")]})
    assert not facts(engine).untold
    save(engine, {"activities": [meeting(recently, id="m499")]})
    assert set(facts(engine).untold) == {"email"}
    mail = {"id": "e1", "kind": "email", "direction": "outbound", "outcome": "sent"}
    save(engine, {"activities": [mail | {"at": before}]})
    assert set(facts(engine).untold) == {"email"}
    save(engine, {"activities": [mail | {"id": "e2", "at": recently}]})
    assert not facts(engine).untold


def test_peers_are_the_attention_that_key_accounts_with_revenue_get(engine: Engine) -> None:
    company(engine)
    deal = {"id": "d1", "account_id": "a1", "won": True, "amount": 2000.0, "closed_on": TODAY - timedelta(days=9)}
    more = [{"id": "a2", "name": "Beta", "customer_type": True}]
    save(engine, {"deals": [deal], "accounts": more, "activities": [meeting(NOW - timedelta(days=5))]}, WITH)
    reader = FactsReader(
        engine,
        "acme",
        Moment.at(NOW, BERLIN),
        customers=CustomerSettings.model_validate({"key": "all"}),
        with_peers=True,
    )
    told = [one.peers.attention for one in reader.read() if one.peers]
    assert told == [(0.5,), (0.5,)], "one person-day for 2,000 of revenue; Beta has none"


def test_a_sponsor_is_told_by_id_or_address_and_counted_over_key_accounts(engine: Engine) -> None:
    accounts = [
        {"id": f"a{number}", "name": "Acme", "customer_type": number < 4, "sponsor": sponsor}
        for number, sponsor in enumerate(("peter@seller.example", "u2", "nobody@x.example", "u2"), start=1)
    ]
    company(engine, accounts=accounts)
    customers = CustomerSettings.model_validate({"key": "all"})
    read = list(FactsReader(engine, "acme", Moment.at(NOW, BERLIN), customers=customers).read())
    assert [one.account.sponsor for one in read] == ["u2", "u2", "nobody@x.example", "u2"]
    assert read[0].sponsored == {"u2": 2, "nobody@x.example": 1}, "the last is no customer"


def test_deals_with_a_competitor_are_told_open_or_lost_as_of_the_day(engine: Engine) -> None:
    day, later = date(2026, 10, 1), date(2026, 10, 20)
    deals: list[dict[str, Any]] = [
        {"id": "won", "account_id": "a1", "closed_on": day, "won": True},
        {"id": "lost", "account_id": "a1", "closed_on": day, "competitor": "Nordwerk"},
        {"id": "later", "account_id": "a1", "closed_on": later, "won": True, "competitor": "Nordwerk"},
        {"id": "open", "account_id": "a1", "competitor": "Nordwerk"},
        {"id": "plain", "account_id": "a1", "closed_on": day, "competitor": ""},
    ]
    company(engine, deals=deals)
    told = {one.id: (one.won, one.closed_on, one.competitor) for one in facts(engine).deals}
    assert told == {
        "won": (True, day, None),
        "lost": (False, day, "Nordwerk"),
        "later": (True, later, "Nordwerk"),
        "open": (False, None, "Nordwerk"),
    }
    past = facts(engine, Moment.end_of(date(2026, 10, 10), BERLIN)).deals
    assert {one.id: (one.won, one.closed_on) for one in past}["later"] == (False, None), "it was open then"


def test_an_absence_is_known_of_the_present_alone(engine: Engine) -> None:
    back = date(2026, 11, 9)
    company(engine, contacts=[contact(back_on=back)])
    assert facts(engine).contacts[0].back_on == back
    assert facts(engine, Moment.end_of(date(2026, 10, 10), BERLIN)).contacts[0].back_on is None


def test_meetings_and_calls_are_counted_for_prospects_too(engine: Engine) -> None:
    """Once for each account of theirs, by their contacts or by what the record is about; of 365 days."""
    accounts = [{"id": f"a{number}", "name": "A", "customer_type": number == 1} for number in (1, 2)]
    people = [contact(), contact(id="c2", account_id="a2", email="")]
    company(engine, accounts=accounts, contacts=people)
    activities = [
        meeting(NOW - timedelta(days=3)),
        meeting(NOW - timedelta(days=4), id="m2", kind="call"),
        meeting(NOW - timedelta(days=5), id="m3", outcome="attempted"),
        meeting(NOW - timedelta(days=366), id="m4"),
        meeting(NOW + timedelta(days=1), id="m5"),
    ]
    links = [*WITH, ("m1", "theirs", "contact", "c2"), *((f"m{n}", "theirs", "contact", "c2") for n in (2, 3, 4, 5))]
    save(engine, {"activities": activities}, links)
    held = held_by_account(engine, "acme", Moment.at(NOW, BERLIN), 365)
    assert held == {"a1": 1, "a2": 2}
    customers = CustomerSettings.model_validate({"key": "all"})
    standings = FactsReader(engine, "acme", Moment.at(NOW, BERLIN), customers=customers).standings
    assert went(held, standings) == Went(key=1 / 3, customers=0, others=2 / 3)
    assert went({"gone": 4}, standings) is None
