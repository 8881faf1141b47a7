"""Reading from the sandbox's Salesforce: queries and pages, describes, single records, what changed and what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.sandbox.company import SeedTouch
from tests.sandbox.salesforce_served import START, VERSION, Client, served, small_company


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    company = small_company()
    company.touches += [
        SeedTouch(
            id=f"n{n}",
            at=START - timedelta(days=n % 300, minutes=5),
            kind="note",
            users=("u1",),
            contacts=("c1",),
            account="a1",
        )
        for n in range(900)
    ]
    with served(company=company) as one:
        yield one


def pages(client: Client, soql: str, resource: str = "query", batch: int = 2000) -> list[dict[str, Any]]:
    found = [client.query(soql, resource, **{"Sforce-Query-Options": f"batchSize={batch}"})]
    while not found[-1]["done"]:
        found.append(client.call("GET", found[-1]["nextRecordsUrl"]).json())
    return found


def test_a_record_has_its_attributes_and_its_parents(client: Client) -> None:
    (row,) = client.query(
        "SELECT Id, Name, Owner.Name, Owner.Manager.Email, Parent.Name FROM Account WHERE Name = 'Acme GmbH'"
    )["records"]
    account, owner = client.id_of("a1"), client.id_of("u1")
    assert row == {
        "attributes": {"type": "Account", "url": f"{VERSION}/sobjects/Account/{account}"},
        "Id": account,
        "Name": "Acme GmbH",
        "Owner": {
            "attributes": {"type": "User", "url": f"{VERSION}/sobjects/User/{owner}"},
            "Name": "Jana Roth",
            "Manager": {
                "attributes": {"type": "User", "url": f"{VERSION}/sobjects/User/{client.id_of('u3')}"},
                "Email": "m.keller@seller.example",
            },
        },
        "Parent": None,
    }


def test_who_and_what_tell_their_kind(client: Client) -> None:
    soql = "SELECT Id, Who.Type, Who.Name, What.Type, Owner.Name FROM Task WHERE TaskSubtype = 'Call'"
    (row,) = client.rows(soql)
    assert (row["Who"]["Type"], row["Who"]["Name"]) == ("Contact", "Carla Voss")
    assert row["What"]["Type"] == "Account"
    assert row["Who"]["attributes"]["url"].endswith(f"/Contact/{client.id_of('c1')}")
    assert row["Owner"]["Name"] == "Jana Roth"


def test_counts_come_in_both_forms(client: Client) -> None:
    assert client.query("SELECT COUNT() FROM Account") == {"totalSize": 2, "done": True, "records": []}
    told = client.query("SELECT COUNT(Id) FROM Account WHERE Name LIKE 'Acme%'")
    assert told["records"] == [{"attributes": {"type": "AggregateResult"}, "expr0": 1}]


@pytest.mark.parametrize(
    ("asked", "sizes"), [(300, [300, 300, 300, 3]), (10, [200, 200, 200, 200, 103]), (9999, [903])]
)
def test_pages_follow_the_batch_size_within_its_bounds(client: Client, asked: int, sizes: list[int]) -> None:
    found = pages(client, "SELECT Id FROM Task", batch=asked)
    assert [len(page["records"]) for page in found] == sizes
    assert {page["totalSize"] for page in found} == {903}
    assert len({row["Id"] for page in found for row in page["records"]}) == 903


def test_a_result_is_that_of_the_moment_of_the_query(client: Client) -> None:
    soql = "SELECT Id FROM Task WHERE IsHighPriority = false ORDER BY Id"
    first = client.query(soql, **{"Sforce-Query-Options": "batchSize=200"})
    made = client.call("POST", "sobjects/Task", json={"Subject": "late"}).json()["id"]
    rest = client.call("GET", first["nextRecordsUrl"]).json()
    assert first["totalSize"] == rest["totalSize"] == 903
    assert client.call("GET", first["nextRecordsUrl"]).json() == rest
    client.call("DELETE", f"sobjects/Task/{made}")


@pytest.mark.parametrize("locator", ["01gHf0000000099AAA-2000", "nonsense", "01g-x"])
def test_a_stale_locator_is_refused(client: Client, locator: str) -> None:
    reply = client.call("GET", f"query/{locator}")
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_archived_and_deleted_rows_show_only_to_query_all() -> None:
    with served() as client:
        everything = client.rows("SELECT Id, IsArchived FROM Event")
        living = client.rows("SELECT Id FROM Event", "query")
        assert (len(everything), len(living)) == (3, 2)
        assert sum(row["IsArchived"] for row in everything) == 1
        client.call("DELETE", f"sobjects/Event/{client.id_of('t4', '00U')}")
        assert client.rows("SELECT Id FROM Event WHERE IsDeleted = true", "query") == []
        assert len(client.rows("SELECT Id FROM Event WHERE IsDeleted = true")) == 1


def test_activities_are_archived_when_the_clock_passes_a_year() -> None:
    with served() as client:
        client.control("POST", "clock", json={"advance_seconds": 366 * 86_400})
        assert client.rows("SELECT Id FROM Event", "query") == []
        assert len(client.rows("SELECT Id FROM Event")) == 3


def test_an_overlong_address_is_414(client: Client) -> None:
    assert (
        client.call("GET", "query", params={"q": "SELECT Id FROM Account WHERE Name = '" + "x" * 17_000}).status_code
        == 414
    )


def test_large_replies_are_compressed_for_who_asks(client: Client) -> None:
    params = {"q": "SELECT Id, Subject FROM Task"}
    packed = client.call("GET", "query", params=params, headers={"Accept-Encoding": "gzip"})
    plain = client.call("GET", "query", params=params, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_a_describe_tells_what_a_connector_must_know(client: Client) -> None:
    told = client.call("GET", "sobjects/task/describe").json()
    fields = {field["name"]: field for field in told["fields"]}
    assert (told["name"], told["keyPrefix"], told["replicateable"]) == ("Task", "00T", True)
    key = fields["Holdfast_Key__c"]
    assert (key["externalId"], key["unique"], key["caseSensitive"], key["length"], key["custom"]) == (
        True,
        True,
        True,
        80,
        True,
    )
    assert (fields["AccountId"]["createable"], fields["AccountId"]["updateable"]) == (False, False)
    assert fields["WhoId"]["referenceTo"] == ["Contact", "Lead"]
    assert fields["WhoId"]["relationshipName"] == "Who"
    assert [each["value"] for each in fields["Holdfast_Feedback__c"]["picklistValues"]] == [
        "helpful",
        "wrong",
        "already handled",
    ]
    assert not fields["Description"]["filterable"]


def test_a_bare_org_lacks_our_fields_and_says_no_more() -> None:
    with served(bare=True) as client:
        names = {field["name"] for field in client.call("GET", "sobjects/Account/describe").json()["fields"]}
        assert not any(name.startswith("Holdfast_") for name in names)
        assert "Customer_Since__c" in names
        assert client.refusal("SELECT Holdfast_Risk__c FROM Account")[:2] == (400, "INVALID_FIELD")
        reply = client.call("PATCH", "sobjects/Task/Holdfast_Key__c/x", json={"Subject": "x"})
        assert reply.status_code == 404
        assert reply.json() == [
            {
                "message": "Provided external ID field does not exist or is not accessible: Holdfast_Key__c",
                "errorCode": "NOT_FOUND",
            }
        ]


@pytest.mark.parametrize("path", ["sobjects/Nothing/describe", "sobjects/Nothing", "nothing", "/services/data/v58.0/limits", "/services/data/vX/limits", "/services/apexrest/x"])  # fmt: skip
def test_what_is_not_there_is_404(client: Client, path: str) -> None:
    reply = client.call("GET", path)
    assert (reply.status_code, reply.json()) == (
        404,
        [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}],
    )


def test_versions_are_listed_and_retired_ones_refused(client: Client) -> None:
    listed = client.call("GET", "/services/data/").json()
    assert [each["version"] for each in listed] == [f"{n}.0" for n in range(59, 68)]
    reply = client.call("GET", "/services/data/v30.0/limits")
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (410, "UNSUPPORTED_API_VERSION")


def test_limits_and_record_counts_are_told(client: Client) -> None:
    limits = client.call("GET", "limits/").json()
    assert limits["DailyApiRequests"]["Max"] > limits["DailyApiRequests"]["Remaining"] > 0
    counts = client.call("GET", "limits/recordCount", params={"sObjects": "Account,Lead"}).json()
    assert counts == {"sObjects": [{"count": 2, "name": "Account"}]}


def test_the_global_describe_lists_every_object(client: Client) -> None:
    told = client.call("GET", "sobjects").json()
    names = {each["name"]: each for each in told["sobjects"]}
    assert {"Account", "Task", "EmailMessageRelation", "TaskStatus"} <= set(names)
    assert not names["OpportunityContactRole"]["undeletable"]


def test_task_statuses_say_which_are_closed(client: Client) -> None:
    rows = client.rows("SELECT ApiName, IsClosed, IsDefault FROM TaskStatus ORDER BY SortOrder", "query")
    assert [row["ApiName"] for row in rows if row["IsClosed"]] == ["Completed"]
    assert [row["ApiName"] for row in rows if row["IsDefault"]] == ["Not Started"]


def test_one_record_is_read_whole_or_by_fields(client: Client) -> None:
    account = client.id_of("a1")
    whole = client.call("GET", f"sobjects/Account/{account[:15]}").json()
    assert (whole["Id"], whole["Name"], whole["IsDeleted"]) == (account, "Acme GmbH", False)
    some = client.call("GET", f"sobjects/Account/{account}", params={"fields": "Name,Type"}).json()
    assert set(some) == {"attributes", "Name", "Type"}


def window(client: Client, kind: str, start: str, end: str, name: str = "Task") -> Any:
    return client.call("GET", f"sobjects/{name}/{kind}/", params={"start": start, "end": end})


def test_updated_and_deleted_go_by_whole_minutes() -> None:
    with served() as client:
        made = client.call("POST", "sobjects/Task", json={"Subject": "x"}).json()["id"]
        client.control("POST", "clock", json={"advance_seconds": 90})
        told = window(client, "updated", "2026-11-02T06:00:59+00:00", "2026-11-02T06:01:30+00:00").json()
        assert told == {"ids": [made], "latestDateCovered": "2026-11-02T06:01:00.000+0000"}
        client.call("DELETE", f"sobjects/Task/{made}")
        client.control("POST", "clock", json={"advance_seconds": 60})
        told = window(client, "deleted", "2026-11-02T06:00:00Z", "2026-11-02T06:02:00Z").json()
        assert told["deletedRecords"] == [{"id": made, "deletedDate": told["deletedRecords"][0]["deletedDate"]}]
        assert told["deletedRecords"][0]["deletedDate"].startswith("2026-11-02T06:01:3")
        assert told["earliestDateAvailable"] == "2026-10-18T06:02:00.000+0000"


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("updated", "2026-11-02T06:00:01Z", "2026-11-02T06:00:59Z"),
        ("updated", "2026-10-02T00:00:00Z", "2026-11-02T00:00:00Z"),
        ("deleted", "2026-10-17T00:00:00Z", "2026-11-02T00:00:00Z"),
    ],
    ids=["nothing between", "31 days ago", "16 days ago"],
)
def test_a_window_that_is_not_kept_is_refused(client: Client, kind: str, start: str, end: str) -> None:
    reply = window(client, kind, start, end)
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_REPLICATION_DATE")


def test_team_members_vanish_and_only_deleted_tells() -> None:
    with served() as client:
        (row,) = client.rows("SELECT Id FROM AccountTeamMember")
        client.call("DELETE", f"sobjects/AccountTeamMember/{row['Id']}")
        client.control("POST", "clock", json={"advance_seconds": 60})
        assert client.rows("SELECT Id FROM AccountTeamMember") == []
        told = window(client, "deleted", "2026-11-02T06:00:00Z", "2026-11-02T06:01:00Z", "AccountTeamMember").json()
        assert [each["id"] for each in told["deletedRecords"]] == [row["Id"]]
