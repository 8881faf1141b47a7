"""Tokens that expire at the worst moments: one login each, and nothing sent twice."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest

from connectors.protocol import CreateTask, Done, TaskContent
from connectors.salesforce import bulk
from connectors.salesforce.client import Client
from connectors.salesforce.connector import SalesforceConnector
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_org import Org, pulled, rows

NUMBERS = itertools.count(1)
EXPIRED = {"kind": "token-expired", "first": 1}


@pytest.fixture(scope="module")
def served() -> Iterator[Org]:
    org = Org(Sandbox(accounts=25, touches_per_account=20))
    yield org
    org.close()


@pytest.fixture
def org(served: Org) -> Org:
    served.faults()
    return served


def logged_in(org: Org, **changes: Any) -> SalesforceConnector:
    """A connector with a token, in small pages; the journal begins after its login."""
    connector = SalesforceConnector("acme", org.settings(**changes), pause=lambda _: None)
    connector._client.transport.headers["Sforce-Query-Options"] = "batchSize=200"
    connector.capabilities()
    org.control("DELETE", "journal")
    return connector


def answered(org: Org, operation: str) -> list[str]:
    """What was asked by that operation and not refused."""
    journal = org.control("GET", "journal")["requests"]
    return [
        entry["path"] + entry["query"] for entry in journal if (entry["operation"], entry["status"]) == (operation, 200)
    ]


def tasks(org: Org, number: int) -> Sequence[CreateTask]:
    accounts = org.records("Account")
    content = TaskContent(
        assignee_id=accounts[0]["OwnerId"], subject="Introduce", body="why", due_on=date(2026, 12, 1), severity="high"
    )
    return [
        CreateTask(
            key=f"hf1:token:{next(NUMBERS)}",
            account_id=accounts[one % len(accounts)]["Id"],
            contact_id=None,
            content=content,
        )
        for one in range(number)
    ]


def test_a_token_that_expires_in_the_middle_of_paging_costs_one_login_and_no_page(org: Org) -> None:
    whole = rows(pulled(org.connect(), "email_messages"), "activities")
    connector = logged_in(org)
    org.faults({"operation": "query-more", **EXPIRED})
    assert rows(pulled(connector, "email_messages"), "activities") == whole
    assert org.served("token") == 1
    assert org.served("query") == 1
    assert len(answered(org, "query-more")) == len({*answered(org, "query-more")})


def test_a_token_that_expires_in_the_middle_of_a_bulk_download_costs_one_login_and_no_page(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "ROWS_PER_DOWNLOAD", 100)
    whole = rows(pulled(org.connect(), "email_messages"), "activities")
    connector = logged_in(org, bulk_above_rows=0)
    org.faults({"operation": "bulk-results", "after": 1, **EXPIRED})
    assert rows(pulled(connector, "email_messages"), "activities") == whole
    assert (org.served("token"), org.served("bulk-create")) == (1, 1)
    downloads = answered(org, "bulk-results")
    assert len(downloads) == len({*downloads}) > 2


def test_a_token_that_expires_in_the_middle_of_a_write_costs_one_login_and_makes_nothing_twice(org: Org) -> None:
    connector = logged_in(org)
    made = tasks(org, 450)
    org.faults({"operation": "collections-upsert", "after": 1, **EXPIRED})
    outcomes = [outcome for _, outcome in connector.apply(made)]
    assert [type(outcome) for outcome in outcomes] == [Done] * 450
    assert org.served("token") == 1
    assert len(answered(org, "collections-upsert")) == 3
    keys = [row["Holdfast_Key__c"] for row in org.records("Task") if row["Holdfast_Key__c"]]
    assert sorted(key for key in keys if key in {one.key for one in made}) == sorted(one.key for one in made)


def test_however_many_threads_meet_an_expired_token_one_logs_in_for_all(org: Org) -> None:
    client = Client("acme", org.settings(), pause=lambda _: None)
    client.query("SELECT Id FROM User")
    org.control("DELETE", "journal")
    org.sandbox.salesforce.logins.revoke_all()
    told: list[int] = []
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        told.append(client.query("SELECT Id FROM Account").total)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    assert told == [25] * 8
    assert org.served("token") == 1
    assert len(answered(org, "query")) == 8
