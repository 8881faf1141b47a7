"""The sandbox serves clients other than ours: chunked uploads as jsforce sends them, a proxy in front, whole pages."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from tests.sandbox.salesforce_served import VERSION, Client, served

PAGE = 2000


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with served() as one:
        yield one


def pieces(document: Any, size: int = 7) -> Iterator[bytes]:
    """A body of unknown length: requests sends it in chunks."""
    body = orjson.dumps(document)
    return (body[at : at + size] for at in range(0, len(body), size))


def chunked(client: Client, method: str, path: str, document: Any) -> Any:
    reply = client.call(method, path, data=pieces(document), headers={"Content-Type": "application/json"})
    assert reply.request.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in reply.request.headers
    assert reply.status_code in {200, 201}, reply.text
    return reply.json()


def subjects(client: Client) -> set[str]:
    return {row["Subject"] for row in client.rows("SELECT Subject FROM Task")}


def test_a_composite_may_come_in_chunks(client: Client) -> None:
    asked = [
        {"method": "POST", "url": f"{VERSION}/sobjects/Task", "referenceId": "made", "body": {"Subject": "in chunks"}},
        {"method": "GET", "url": f"{VERSION}/sobjects/Task/@{{made.id}}", "referenceId": "read"},
    ]
    told = chunked(client, "POST", "composite", {"allOrNone": True, "compositeRequest": asked})
    assert [part["httpStatusCode"] for part in told["compositeResponse"]] == [201, 200]
    assert told["compositeResponse"][1]["body"]["Subject"] == "in chunks"


def test_collections_and_jobs_may_come_in_chunks(client: Client) -> None:
    records = [
        {"attributes": {"type": "Task"}, "Subject": f"chunk {number}", "Description": "ü" * 5000}
        for number in range(50)
    ]
    told = chunked(client, "POST", "composite/sobjects", {"allOrNone": False, "records": records})
    assert [row["success"] for row in told] == [True] * 50
    assert subjects(client) >= {record["Subject"] for record in records}
    job = chunked(client, "POST", "jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"})
    assert job["state"] == "UploadComplete"


def test_chunks_of_one_byte_with_trailers_and_extensions_are_put_together(client: Client) -> None:
    """By hand, as the wire has it: no library sends all that HTTP allows."""
    body = orjson.dumps({"Subject": "byte by byte"})
    lines = [b"1;name=value\r\n" + body[at : at + 1] + b"\r\n" for at in range(len(body))]
    host = urlsplit(client.url).netloc
    wire = http.client.HTTPConnection(host, timeout=20)
    wire.putrequest("POST", f"{VERSION}/sobjects/Task")
    wire.putheader("Authorization", f"Bearer {client.token}")
    wire.putheader("Content-Type", "application/json")
    wire.putheader("Transfer-Encoding", "chunked")
    wire.endheaders()
    wire.send(b"".join(lines) + b"0\r\nX-Trailer: ignored\r\n\r\n")
    reply = wire.getresponse()
    assert reply.status == 201
    assert orjson.loads(reply.read())["success"] is True
    wire.close()
    assert "byte by byte" in subjects(client)


def login_through(client: Client, **headers: str) -> dict[str, Any]:
    given = client.sandbox.credentials()["salesforce"]
    reply = client.http.post(
        f"{client.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(given["client_id"], given["client_secret"]),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


PROXIES: dict[str, dict[str, str]] = {
    "all of it": {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "acme.my.salesforce.com"},
    "the host passed on": {"X_Forwarded_Proto": "https", "Host": "acme.my.salesforce.com"},
    "two proxies": {"X_Forwarded_Proto": "https, http", "X_Forwarded_Host": "acme.my.salesforce.com, inner.example"},
}


@pytest.mark.parametrize("headers", PROXIES.values(), ids=PROXIES)
def test_behind_a_proxy_that_speaks_https_the_instance_url_is_the_proxys(
    client: Client, headers: dict[str, str]
) -> None:
    """Clients that send everything to `instance_url` go through the proxy again, as they do with Salesforce itself."""
    told = login_through(client, **headers)
    assert told["instance_url"] == "https://acme.my.salesforce.com"
    assert told["id"].startswith("https://acme.my.salesforce.com/id/00D")
    assert client.call("GET", "limits", headers={"Authorization": f"Bearer {told['access_token']}"}).status_code == 200


def test_without_a_proxy_the_instance_url_is_where_the_sandbox_listens(client: Client) -> None:
    assert login_through(client)["instance_url"] == client.url


@pytest.fixture(scope="module")
def crowd() -> Iterator[Client]:
    with served() as one:
        database = one.sandbox.salesforce.store.database
        (template,) = one.sandbox.salesforce.store.select("Contact", '"IsDeleted" = 0', (), "LIMIT 1")
        names = ", ".join(f'"{name}"' for name in template)
        places = ", ".join("?" * len(template))
        many = (
            tuple({**template, "Id": f"003Hf9{number:09d}AAA", "LastName": f"No {number:04d}"}.values())
            for number in range(PAGE + 1)
        )
        database.executemany(f'INSERT INTO "Contact" ({names}) VALUES ({places})', many)
        yield one


@pytest.mark.parametrize(
    "headers", [{}, {"Sforce-Query-Options": "batchSize=2000"}, {"Sforce-Query-Options": "batchSize=5000"}]
)
def test_a_page_has_two_thousand_rows_and_the_next_one_the_rest(crowd: Client, headers: dict[str, str]) -> None:
    total = crowd.query("SELECT COUNT() FROM Contact")["totalSize"]
    page = crowd.query("SELECT Id, Name, Account.Name FROM Contact ORDER BY Id", **headers)
    assert (len(page["records"]), page["totalSize"], page["done"]) == (PAGE, total, False)
    rest = crowd.call("GET", page["nextRecordsUrl"]).json()
    assert (len(rest["records"]), rest["totalSize"], rest["done"]) == (total - PAGE, total, True)
    ids = [row["Id"] for row in (*page["records"], *rest["records"])]
    assert len(set(ids)) == total


def test_a_page_of_two_thousand_rows_comes_compressed_and_plain_alike(crowd: Client) -> None:
    soql = {"q": f"SELECT Id, Name FROM Contact ORDER BY Id LIMIT {PAGE}"}
    plain = crowd.call("GET", "query/", params=soql, headers={"Accept-Encoding": "identity"})
    packed = crowd.call("GET", "query/", params=soql, headers={"Accept-Encoding": "gzip"})
    assert ("Content-Encoding" in plain.headers, packed.headers["Content-Encoding"]) == (False, "gzip")
    assert plain.json() == packed.json()
    assert len(plain.json()["records"]) == PAGE
    assert plain.json()["done"]
