"""Nothing is lost between two pulls: late commits, merges, what comes back from the bin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.protocol import Cursor, Page
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.place import Place
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_org import UNREAD, Org, load, pulled, rows

HOUR = 3600


@pytest.fixture(scope="module")
def served() -> Iterator[Org]:
    org = Org(Sandbox(accounts=12, touches_per_account=15))
    yield org
    org.close()


@pytest.fixture
def org(served: Org) -> Org:
    served.faults()
    served.advance(HOUR)
    served.control("DELETE", "journal")
    return served


def cursors(loaded: dict[str, list[Page]]) -> dict[str, Cursor]:
    return {stream: pages[-1].cursor for stream, pages in loaded.items()}


def living(org: Org, object_name: str) -> list[dict[str, Any]]:
    return [record for record in org.records(object_name) if not record.get("IsDeleted")]


def somebody(org: Org) -> str:
    return next(str(user["Email"]) for user in org.records("User") if user["IsActive"])


def test_a_row_that_is_committed_behind_the_look_back_still_arrives(org: Org) -> None:
    person = living(org, "Contact")[0]
    late = {"object": "Contact", "id": person["Id"], "values": {"Title": "Chief Late Officer"}}
    org.set_up(write_late=[late])
    org.advance(HOUR)  # four times as long as the look-back
    pages = pulled(org.connect(), "contacts")
    org.set_up(commit=True)
    org.advance(HOUR)
    (page,) = pulled(org.connect(), "contacts", pages[-1].cursor)
    assert rows([page], "contacts")[person["Id"]]["title"] == "Chief Late Officer"


def test_a_row_that_is_committed_behind_the_last_one_of_a_pull_that_broke_off_arrives_with_the_rest(org: Org) -> None:
    message, *others = living(org, "EmailMessage")
    values = {"MessageDate": "2026-10-01T09:00:00Z"}
    org.set_up(write_late=[{"object": "EmailMessage", "id": message["Id"], "values": values}])
    org.advance(60)
    for other in others:
        org.control("PATCH", f"records/salesforce/EmailMessage/{other['Id']}", {"Status": "3"})
    broken = next(in_small_pages(org).pull("email_messages", None, UNREAD))
    assert not broken.last
    org.set_up(commit=True)
    org.advance(HOUR)
    pages = pulled(org.connect(), "email_messages", broken.cursor)
    assert rows(pages, "activities")[message["Id"]]["at"] == datetime(2026, 10, 1, 9, tzinfo=UTC)


def test_the_transactions_of_an_org_cost_one_call_a_cycle(org: Org) -> None:
    load(org.connect())
    assert org.served("updated") == 1


def test_an_org_that_does_not_tell_its_transactions_is_read_with_the_look_back_alone(org: Org) -> None:
    # What it is answered to an object that cannot be replicated.
    org.faults({"operation": "updated", "status": 400})
    (page,) = pulled(org.connect(), "contacts")
    assert page.cursor["since"]


def test_the_children_of_a_merged_account_come_with_it_although_their_stamps_stand_still(org: Org) -> None:
    winner, loser = living(org, "Account")[:2]
    key = {"Holdfast_Key__c": "hf1:merged:owner:1", "Subject": "ours", "WhatId": loser["Id"]}
    task = org.control("POST", "records/salesforce/Task", key)["Id"]
    before = cursors(load(org.connect()))
    moved = {
        name: {row["Id"] for row in living(org, name) if row["AccountId"] == loser["Id"]}
        for name in ("Contact", "Opportunity", "Event")
    }
    assert moved["Contact"]
    org.advance(HOUR)
    done = {"crm": "salesforce", "who": somebody(org), "do": "merge", "winner": winner["Id"], "loser": loser["Id"]}
    org.control("POST", "act", done)
    connector = org.connect()
    pages = pulled(connector, "accounts", before["accounts"])
    assert loser["Id"] in pages[-1].gone["accounts"]
    for table, name in (("contacts", "Contact"), ("deals", "Opportunity")):
        told = rows(pages, table)
        assert {told[each]["account_id"] for each in moved[name]} <= {winner["Id"]}
    assert rows(pages, "crm_tasks")[task]["account_id"] == winner["Id"]
    told = [link for page in pages for links in page.links for link in links.rows]
    assert {link["target"] for link in told if (link["side"], link["kind"]) == ("about", "account")} == {winner["Id"]}
    # By their stamps, the children would never have been seen again.
    (contacts,) = pulled(connector, "contacts", before["contacts"])
    assert not rows([contacts], "contacts").keys() & moved["Contact"]


def test_a_pull_that_dies_among_the_children_of_a_merge_reads_them_again(org: Org) -> None:
    winner, loser = living(org, "Account")[:2]
    before = pulled(org.connect(), "accounts")[-1].cursor
    org.advance(HOUR)
    done = {"crm": "salesforce", "who": somebody(org), "do": "merge", "winner": winner["Id"], "loser": loser["Id"]}
    org.control("POST", "act", done)
    first = next(org.connect().pull("accounts", before, UNREAD))
    assert "accounts" not in first.gone
    assert loser["Id"] in pulled(org.connect(), "accounts", first.cursor)[-1].gone["accounts"]


def test_what_a_merged_contact_did_is_the_winners(org: Org) -> None:
    held = {row["WhoId"] for row in living(org, "Task") if row["WhoId"]}
    loser, winner = [row for row in living(org, "Contact") if row["Id"] in held][:2]
    before = pulled(org.connect(), "contacts")[-1].cursor
    org.advance(HOUR)
    done = {"crm": "salesforce", "who": somebody(org), "do": "merge", "object": "Contact"}
    org.control("POST", "act", {**done, "winner": winner["Id"], "loser": loser["Id"]})
    pages = pulled(org.connect(), "contacts", before)
    assert loser["Id"] in pages[-1].gone["contacts"]
    theirs = {
        link["target"] for page in pages for links in page.links for link in links.rows if link["side"] == "theirs"
    }
    assert winner["Id"] in theirs
    assert loser["Id"] not in theirs


def test_a_cycle_without_a_merge_asks_for_no_children(org: Org) -> None:
    before = pulled(org.connect(), "accounts")[-1].cursor
    org.advance(HOUR)
    org.control("DELETE", f"records/salesforce/Account/{living(org, 'Account')[-1]['Id']}")
    org.control("DELETE", "journal")
    pulled(org.connect(), "accounts", before)
    assert org.served("query") == 1


def test_what_is_taken_out_of_the_bin_is_back(org: Org) -> None:
    account = living(org, "Account")[-1]
    people = {row["Id"] for row in living(org, "Contact") if row["AccountId"] == account["Id"]}
    org.control("DELETE", f"records/salesforce/Account/{account['Id']}")
    before = cursors(load(org.connect()))
    org.advance(HOUR)
    done = {"crm": "salesforce", "who": somebody(org), "do": "undelete", "object": "Account", "id": account["Id"]}
    org.control("POST", "act", done)
    connector = org.connect()
    accounts, contacts = (pulled(connector, stream, before[stream]) for stream in ("accounts", "contacts"))
    assert account["Id"] in rows(accounts, "accounts")
    assert rows(contacts, "contacts").keys() >= people
    assert people


# --- the sweep ----------------------------------------------------------------------------------------------------

DAY = 24 * HOUR
QUIET = {"operation": "updated", "status": 400}  # the org does not tell its transactions: the look-back has to do


def committed_late(org: Org, title: str) -> tuple[str, Cursor]:
    """A contact whose change was stamped before a pull and committed an hour after; and where that pull stopped."""
    person = living(org, "Contact")[0]["Id"]
    org.faults(QUIET)
    org.set_up(write_late=[{"object": "Contact", "id": person, "values": {"Title": title}}])
    org.advance(HOUR)
    cursor = pulled(org.connect(sweep_days=3), "contacts")[-1].cursor
    org.advance(HOUR)
    org.set_up(commit=True)
    return person, cursor


def test_what_was_committed_behind_every_look_back_is_found_by_the_sweep_of_the_next_day(org: Org) -> None:
    person, cursor = committed_late(org, "Chief Night Officer")
    org.advance(DAY)
    for days, found in ((0, False), (3, True)):
        pages = pulled(org.connect(sweep_days=days), "contacts", cursor)
        told = rows(pages, "contacts").get(person, {}).get("title") == "Chief Night Officer"
        assert told is found
        assert pages[-1].cursor["since"] > cursor["since"]


def test_a_day_has_one_sweep_an_object(org: Org) -> None:
    person, cursor = committed_late(org, "Chief Day Officer")
    org.advance(DAY)
    swept = pulled(org.connect(sweep_days=3), "contacts", cursor)
    assert person in rows(swept, "contacts")
    (again,) = pulled(org.connect(sweep_days=3), "contacts", swept[-1].cursor)
    assert again.records == 0


def test_a_sweep_that_dies_goes_on_where_it_was(org: Org) -> None:
    cursor = pulled(org.connect(sweep_days=14), "email_messages")[-1].cursor
    org.advance(DAY)
    messages = living(org, "EmailMessage")
    assert len(messages) > 200
    for message in messages:
        org.control("PATCH", f"records/salesforce/EmailMessage/{message['Id']}", {"Subject": "x"})
    cursor = pulled(org.connect(sweep_days=14), "email_messages", cursor)[-1].cursor
    org.advance(DAY)
    pages = in_small_pages(org).pull("email_messages", cursor, UNREAD)
    first = next(pages)
    assert (first.records, first.last) == (200, False)
    rest = pulled(org.connect(sweep_days=14), "email_messages", first.cursor)
    assert first.records + sum(page.records for page in rest) == len(messages)


def test_a_pull_under_way_is_finished_before_the_day_is_swept() -> None:
    at_rest = Place(fields=("Name",), hidden=(), described_at="", since="2026-11-02T05:00:00Z", swept_on="2026-11-01")
    morning = datetime(2026, 11, 2, 6, tzinfo=UTC)
    swept = at_rest.swept(morning, 3)
    assert (swept.since, swept.swept_on) == ("2026-10-30T05:00:00Z", "2026-11-02")
    assert swept.swept(morning, 3) == swept
    for under_way in (
        replace(at_rest, until="2026-11-02T05:45:00Z", job="750x"),
        replace(at_rest, until="2026-11-02T05:45:00Z", last_id="003x", last_stamp="2026-11-02T05:30:00Z"),
    ):
        assert under_way.swept(morning, 3) == under_way


def in_small_pages(org: Org) -> SalesforceConnector:
    connector = SalesforceConnector("acme", org.settings(sweep_days=14), pause=lambda _: None)
    connector._client.transport.headers["Sforce-Query-Options"] = "batchSize=200"
    return connector
