"""The sandbox's Salesforce, spoken with through the real simple-salesforce."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from simple_salesforce import Salesforce, SalesforceExpiredSession, SalesforceMalformedRequest

from connectors.sandbox.company import SeedTouch
from tests.sandbox.salesforce_served import START, VERSION, Client, LoopbackSession, served, small_company


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    company = small_company()
    company.touches += [
        SeedTouch(id=f"n{n}", at=START - timedelta(hours=n), kind="note", users=("u1",), contacts=("c1",), account="a1")
        for n in range(2500)
    ]
    with served(company=company) as one:
        yield one


@pytest.fixture(scope="module")
def library(client: Client) -> Iterator[Salesforce]:
    given = client.sandbox.credentials()["salesforce"]
    session = LoopbackSession(client.url)
    yield Salesforce(
        username=given["username"],
        consumer_key=given["consumer_key"],
        privatekey_file=given["private_key_file"],
        instance_url="login",
        session=session,
        version="66.0",
    )
    session.close()


def test_it_logs_in_and_pages_through_a_query(client: Client, library: Salesforce) -> None:
    rows = list(library.query_all_iter("SELECT Id, Who.Name FROM Task WHERE Subject = 'Note' ORDER BY Id"))
    assert len({row["Id"] for row in rows}) == 2500
    assert rows[0]["Who"]["Name"] == "Carla Voss"
    assert client.journal()[-1]["operation"] == "query-more"
    assert library.query("SELECT COUNT() FROM Task WHERE Subject = 'Note'", include_deleted=True)["totalSize"] == 2500


def test_its_sftype_writes_and_reads(library: Salesforce) -> None:
    made = library.Task.create({"Subject": "x"})
    assert library.Task.update(made["id"], {"Subject": "y"}) == 204
    assert library.Task.get(made["id"])["Subject"] == "y"
    assert library.Task.upsert("Holdfast_Key__c/abc", {"Subject": "z"}) == 201
    assert library.Task.upsert("Holdfast_Key__c/abc", {"Subject": "zz"}) == 200
    assert library.Task.get_by_custom_id("Holdfast_Key__c", "abc")["Subject"] == "zz"
    assert library.Task.delete(made["id"]) == 204
    assert "fields" in library.Task.describe()
    now = START + timedelta(minutes=5)
    assert "ids" in library.Task.updated(now - timedelta(days=1), now)
    assert "deletedRecords" in library.Task.deleted(now - timedelta(days=1), now)


def test_it_reaches_composite_and_collections(library: Salesforce) -> None:
    body = {"compositeRequest": [{"method": "GET", "url": f"{VERSION}/sobjects/Foo", "referenceId": "r"}]}
    assert library.restful("composite", method="POST", json=body)["compositeResponse"][0]["httpStatusCode"] == 404
    record = {"attributes": {"type": "Task"}, "Holdfast_Key__c": "lib", "Subject": "x"}
    rows = library.restful("composite/sobjects/Task/Holdfast_Key__c", method="PATCH", json={"records": [record]})
    assert rows[0]["created"]
    assert library.limits()["DailyApiRequests"]["Remaining"] > 0
    assert library.api_usage["api-usage"].total == 115_000


def test_its_exceptions_carry_the_error_list(library: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        library.query("SELECT Foo FROM Account")
    assert refused.value.content[0]["errorCode"] == "INVALID_FIELD"


def test_it_sees_an_expired_session(client: Client) -> None:
    session = LoopbackSession(client.url)
    stale = Salesforce(instance_url="https://127.0.0.1", session_id="stale", session=session, version="66.0")
    began = time.monotonic()
    with pytest.raises(SalesforceExpiredSession):
        stale.query("SELECT Id FROM Account")
    assert time.monotonic() - began < 5
    session.close()
