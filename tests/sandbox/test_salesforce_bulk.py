"""Bulk API 2.0 queries as simple-salesforce and a careful client of one's own make them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.sandbox.salesforce_served import Client, served


@pytest.fixture
def client() -> Iterator[Client]:
    with served() as one:
        yield one


def job(client: Client, query: str, operation: str = "query") -> dict[str, Any]:
    reply = client.call("POST", "jobs/query", json={"operation": operation, "query": query})
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def finished(client: Client, query: str, operation: str = "query") -> str:
    made = job(client, query, operation)
    states = [client.call("GET", f"jobs/query/{made['id']}").json()["state"] for _ in range(3)]
    assert [made["state"], *states] == ["UploadComplete", "InProgress", "JobComplete", "JobComplete"]
    return str(made["id"])


def page(client: Client, job_id: str, **asked: Any) -> tuple[list[list[str]], requests.Response]:
    reply = client.call("GET", f"jobs/query/{job_id}/results", params=asked)
    return list(csv.reader(io.StringIO(reply.text))), reply


def test_a_jobs_result_comes_in_pages_that_can_be_read_again(client: Client) -> None:
    made = finished(client, "SELECT Id, Name, Owner.Name, IsDeleted, SystemModstamp FROM Account")
    first, reply = page(client, made, maxRecords=1)
    assert reply.headers["content-type"].startswith("text/csv")
    assert first[0] == ["Id", "Name", "Owner.Name", "IsDeleted", "SystemModstamp"]
    assert (first[1][3], first[1][4][-5:]) == ("false", ".000Z")
    assert reply.headers["Sforce-NumberOfRecords"] == "1"
    second, last = page(client, made, maxRecords=1, locator=reply.headers["Sforce-Locator"])
    assert last.headers["Sforce-Locator"] == "null"
    assert first[1][0] != second[1][0]
    assert page(client, made, maxRecords=1)[0] == first


def test_cells_are_quoted_whatever_stands_in_them(client: Client) -> None:
    subject = 'a "quoted", line\nand another'
    client.call("POST", "sobjects/Task", json={"Subject": "x", "Description": subject})
    made = finished(client, "SELECT Description, WhoId FROM Task WHERE Subject = 'x'")
    rows, reply = page(client, made)
    assert rows[1] == [subject, ""]
    assert reply.text.splitlines()[0] == '"Description","WhoId"'


def test_query_all_has_the_deleted_rows_too(client: Client) -> None:
    task = client.call("POST", "sobjects/Task", json={"Subject": "gone"}).json()["id"]
    client.call("DELETE", f"sobjects/Task/{task}")
    soql = "SELECT Id FROM Task WHERE Subject = 'gone'"
    assert page(client, finished(client, soql))[0] == [["Id"]]
    assert page(client, finished(client, soql, "queryAll"))[0] == [["Id"], [task]]


def test_an_unfinished_job_has_no_result_yet(client: Client) -> None:
    made = job(client, "SELECT Id FROM Account")
    assert client.call("GET", f"jobs/query/{made['id']}/results").status_code == 204


def test_a_job_can_be_aborted_and_deleted(client: Client) -> None:
    path = f"jobs/query/{job(client, 'SELECT Id FROM Account')['id']}"
    assert client.call("PATCH", path, json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert client.call("GET", path).json()["state"] == "Aborted"
    assert client.call("DELETE", path).status_code == 204
    assert client.call("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"operation": "query", "query": "SELECT Id FROM TaskStatus"}, "INVALIDENTITY"),
        ({"operation": "query", "query": "SELECT COUNT() FROM Task"}, "API_ERROR"),
        ({"operation": "query", "query": "SELECT Nope FROM Task"}, "INVALID_FIELD"),
        ({"operation": "insert", "query": "SELECT Id FROM Task"}, "INVALIDJOB"),
        ({}, "INVALIDJOB"),
    ],
)
def test_what_bulk_cannot_do_is_refused_at_once(client: Client, body: dict[str, str], code: str) -> None:
    reply = client.call("POST", "jobs/query", json=body)
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, code)


def test_a_stale_locator_is_refused(client: Client) -> None:
    made = finished(client, "SELECT Id FROM Account")
    _, reply = page(client, made, locator="zzz!")
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")
