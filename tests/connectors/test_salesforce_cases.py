"""Salesforce's cases, read where a rule needs them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rules.customers import CustomerSettings
from rules.model import Ticket
from sync.pull import complete_kinds
from sync.store.facts import FactsReader, Moment
from tests.connectors.salesforce_mirror import NAME, Mirror, mirrored

HOUR, DAY = 3600, 86_400
TICKETS = frozenset({"tickets"})


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with mirrored(tmp_path_factory.mktemp("cases"), needs=TICKETS, accounts=4, touches_per_account=4) as one:
        yield one


@pytest.fixture
def mirror(kept: Mirror) -> Mirror:
    """One org for all tests, each an hour after the one before, with a store that has all of it."""
    kept.org.advance(HOUR)
    kept.whole()
    kept.org.advance(HOUR)
    kept.org.control("DELETE", "journal")
    return kept


def make(mirror: Mirror, name: str, **values: Any) -> str:
    return str(mirror.org.control("POST", f"records/salesforce/{name}", values)["Id"])


def change(mirror: Mirror, record_id: str, **values: Any) -> None:
    mirror.org.control("PATCH", f"records/salesforce/Case/{record_id}", values)


def customer(mirror: Mirror) -> str:
    return make(mirror, "Account", Name="Acme", Type="Customer - Direct")


def tickets(mirror: Mirror, account: str, moment: Moment | None = None) -> tuple[Ticket, ...]:
    """As rules are told of them."""
    everybody = CustomerSettings.model_validate({"is": "won-deal-or-type", "key": "all"})
    moment = moment or Moment.at(mirror.now, ZoneInfo("UTC"))
    reader = FactsReader(mirror.engine, NAME, moment, customers=everybody, needs=TICKETS)
    (facts,) = reader.read([account])
    return facts.tickets


def test_nobody_is_asked_for_cases_that_no_rule_needs(mirror: Mirror) -> None:
    idle = Mirror(org=mirror.org, folder=mirror.folder)
    try:
        assert "cases" not in idle.whole()
        asked = " ".join(one["query"] + one["path"] for one in mirror.org.control("GET", "journal")["requests"])
        assert "FROM+Case" not in asked
        assert "sobjects/Case" not in asked
    finally:
        idle.close()


def test_a_case_is_told_with_who_asked_and_how_urgent_it_is(mirror: Mirror) -> None:
    account = customer(mirror)
    contact = make(mirror, "Contact", LastName="Lopez", AccountId=account)
    case = make(
        mirror, "Case", AccountId=account, ContactId=contact, Priority="High", IsEscalated=True, Status="Escalated"
    )
    mirror.whole()
    (one,) = tickets(mirror, account)
    assert one == Ticket(
        id=case,
        account_id=account,
        opened_on=mirror.now.date(),
        contact_id=contact,
        priority="high",
        escalated=True,
    )


def test_a_case_that_is_closed_and_opened_again_is_seen_to_be_although_salesforce_keeps_no_trace(
    mirror: Mirror,
) -> None:
    account = customer(mirror)
    case = make(mirror, "Case", AccountId=account, Subject="It broke", Status="New")
    mirror.whole()
    mirror.org.advance(2 * DAY)
    change(mirror, case, Status="Closed", IsClosed=True, ClosedDate=_stamp(mirror.now))
    mirror.whole()
    (closed,) = tickets(mirror, account)
    assert (closed.closed_on, closed.reopened_on) == (mirror.now.date(), None)
    mirror.org.advance(3 * DAY)
    change(mirror, case, Status="Working", IsClosed=False, ClosedDate=None)
    again_on = mirror.now.date()
    mirror.org.advance(HOUR)
    mirror.whole()
    (again,) = tickets(mirror, account)
    assert (again.closed_on, again.reopened_on) == (None, again_on)
    mirror.org.advance(DAY)
    change(mirror, case, Subject="It broke again")
    mirror.whole()
    assert tickets(mirror, account)[0].reopened_on == again_on, "a later edit opens nothing"


def test_as_of_a_day_a_case_is_as_open_as_it_was(mirror: Mirror) -> None:
    account = customer(mirror)
    begun = mirror.now
    case = make(mirror, "Case", AccountId=account, Status="New")
    mirror.org.advance(4 * DAY)
    change(mirror, case, Status="Closed", IsClosed=True, ClosedDate=_stamp(mirror.now))
    mirror.whole()

    def on(days: int) -> tuple[Ticket, ...]:
        return tickets(mirror, account, Moment.end_of((begun + timedelta(days=days)).date(), ZoneInfo("UTC")))

    assert on(-1) == ()
    assert [one.closed_on for one in on(3)] == [None]
    assert [one.closed_on for one in on(4)] == [(begun + timedelta(days=4)).date()]


def test_a_deleted_case_is_gone(mirror: Mirror) -> None:
    account = customer(mirror)
    case = make(mirror, "Case", AccountId=account, Status="New")
    mirror.whole()
    mirror.org.advance(HOUR)
    mirror.org.control("DELETE", f"records/salesforce/Case/{case}")
    mirror.org.advance(HOUR)
    mirror.whole()
    assert tickets(mirror, account) == ()
    assert mirror.verify()["tickets"].sound


def test_a_merge_brings_the_cases_to_the_winner(mirror: Mirror) -> None:
    winner, loser = customer(mirror), customer(mirror)
    case = make(mirror, "Case", AccountId=loser, Status="New")
    for _ in range(2):  # until its stamp lies behind every look-back: the merge leaves it there
        mirror.org.advance(HOUR)
        mirror.whole()
    mirror.org.advance(HOUR)
    who = mirror.org.records("User")[1]["Email"]
    merge = {"crm": "salesforce", "who": who, "do": "merge", "winner": winner, "loser": loser}
    mirror.org.control("POST", "act", merge)
    mirror.whole()
    assert mirror.rows("tickets")[case]["account_id"] == winner


def test_an_increment_of_cases_costs_one_call(mirror: Mirror) -> None:
    make(mirror, "Case", AccountId=customer(mirror), Status="New")
    mirror.org.control("DELETE", "journal")
    mirror.whole()
    asked = [one for one in mirror.org.control("GET", "journal")["requests"] if "Case" in one["query"] + one["path"]]
    assert 1 <= len(asked) <= 3


def test_an_org_without_cases_lacks_nothing_and_says_so(mirror: Mirror) -> None:
    mirror.org.set_up(lack=["Case"])
    try:
        other = mirror.folder / "without"
        other.mkdir()
        bare = Mirror(org=mirror.org, folder=other, needs=TICKETS)
        assert bare.whole()["cases"].records == 0
        assert bare.set_aside() == []
        moment = Moment.at(mirror.now, ZoneInfo("UTC"))
        reader = FactsReader(bare.engine, NAME, moment, customers=CustomerSettings(), needs=TICKETS)
        assert reader.untold["tickets"] == "the CRM shows no case or ticket; `holdfast doctor` says why"
        bare.close()
    finally:
        mirror.org.set_up(have=["Case"])


def test_cases_that_did_not_arrive_are_not_taken_for_whole(mirror: Mirror) -> None:
    mirror.org.set_up(hide=["Case.AccountId"])
    mirror.org.advance(2 * DAY)
    pulled = mirror.pull()
    mirror.org.set_up(show=["Case.AccountId"])
    connector = mirror.connector()
    whole = complete_kinds(connector.streams(), {name: one.complete for name, one in pulled.items()})
    assert "tickets" not in whole
    assert "Case.AccountId" in pulled["cases"].error
    connector.close()


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
