"""Writing to the sandbox's Salesforce: what it takes, what it works out itself, what it refuses and how."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.salesforce_served import VERSION, Client, served


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with served() as one:
        yield one


@pytest.fixture
def fresh() -> Iterator[Client]:
    with served() as one:
        yield one


def task(client: Client, **values: Any) -> str:
    reply = client.call("POST", "sobjects/Task", json={"Subject": "Check in", **values})
    assert reply.status_code == 201, reply.text
    assert reply.json() == {"id": reply.json()["id"], "success": True, "errors": []}
    return str(reply.json()["id"])


def read(client: Client, name: str, record_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.call("GET", f"sobjects/{name}/{record_id}").json()
    return found


def test_a_new_task_has_what_salesforce_fills_in(client: Client) -> None:
    account = client.id_of("a1")
    made = read(
        client, "Task", task(client, WhoId=client.id_of("c1"), ActivityDate="2026-11-20", Description=" body \n")
    )
    assert made["AccountId"] == account  # through the contact
    assert (made["Status"], made["Priority"], made["TaskSubtype"], made["IsClosed"]) == (
        "Not Started",
        "Normal",
        "Task",
        False,
    )
    assert made["Description"] == "body"
    assert made["OwnerId"] == made["CreatedById"]
    assert made["CreatedDate"].startswith("2026-11-02T06:0")
    assert made["CreatedDate"].endswith(".000+0000")
    assert made["CompletedDateTime"] is None


def test_closing_a_task_stamps_it_and_reopening_takes_that_back(client: Client) -> None:
    made = task(client)
    assert client.call("PATCH", f"sobjects/Task/{made}", json={"Status": "Completed"}).status_code == 204
    closed = read(client, "Task", made)
    assert closed["IsClosed"]
    assert closed["CompletedDateTime"]
    client.call("PATCH", f"sobjects/Task/{made}", json={"Status": "In Progress"})
    assert not read(client, "Task", made)["IsClosed"]
    assert read(client, "Task", made)["CompletedDateTime"] is None


def test_a_written_task_leaves_its_mark_on_the_account(fresh: Client) -> None:
    before = read(fresh, "Account", fresh.id_of("a1"))
    fresh.control("POST", "clock", json={"advance_seconds": 3600})
    task(fresh, WhatId=fresh.id_of("a1"), Status="Completed", ActivityDate="2026-11-02")
    after = read(fresh, "Account", fresh.id_of("a1"))
    assert (before["LastActivityDate"], after["LastActivityDate"]) == ("2026-10-26", "2026-11-02")
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["LastModifiedDate"] == before["LastModifiedDate"]


def test_a_deal_makes_the_activity_count_for_its_account(client: Client) -> None:
    assert read(client, "Task", task(client, WhatId=client.id_of("d3")))["AccountId"] == client.id_of("a2")


def test_an_opportunity_knows_by_its_stage_whether_it_is_won(client: Client) -> None:
    deal = client.id_of("d3")
    client.call("PATCH", f"sobjects/Opportunity/{deal}", json={"StageName": "Closed Won"})
    assert [read(client, "Opportunity", deal)[name] for name in ("IsWon", "IsClosed", "Probability")] == [
        True,
        True,
        100.0,
    ]


def test_numbers_may_come_as_text_and_are_rounded_to_the_field(client: Client) -> None:
    account = client.id_of("a2")
    body = {"NumberOfEmployees": "10000", "Holdfast_Risk__c": 41.6, "Holdfast_Snooze_Until__c": "2026-12-01"}
    assert client.call("PATCH", f"sobjects/Account/{account}", json=body).status_code == 204
    told = read(client, "Account", account)
    assert (told["NumberOfEmployees"], told["Holdfast_Risk__c"], told["Holdfast_Snooze_Until__c"]) == (
        10000,
        42.0,
        "2026-12-01",
    )
    client.call("PATCH", f"sobjects/Account/{account}", json={"Holdfast_Risk__c": None})
    assert read(client, "Account", account)["Holdfast_Risk__c"] is None


NOBODY = "003Hf0000009999AAA"


@pytest.mark.parametrize(
    ("values", "code", "fields"),
    [
        ({"Foo__c": 1}, "INVALID_FIELD", []),
        ({"AccountId": "{a1}"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["AccountId"]),
        ({"IsClosed": True}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["IsClosed"]),
        ({"CreatedDate": "2020-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["CreatedDate"]),
        ({"Subject": "x" * 256}, "STRING_TOO_LONG", ["Subject"]),
        ({"Holdfast_Key__c": "x" * 81}, "STRING_TOO_LONG", ["Holdfast_Key__c"]),
        ({"Holdfast_Feedback__c": "meh"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["Holdfast_Feedback__c"]),
        ({"TaskSubtype": "Dance"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["TaskSubtype"]),
        ({"ActivityDate": "02.11.2026"}, "JSON_PARSER_ERROR", []),
        ({"ActivityDate": "2026-02-30"}, "JSON_PARSER_ERROR", []),
        ({"ActivityDate": 20261102}, "JSON_PARSER_ERROR", []),
        ({"ReminderDateTime": "2026-11-02T06:00:00"}, "JSON_PARSER_ERROR", []),
        ({"IsReminderSet": "yes"}, "JSON_PARSER_ERROR", []),
        ({"CallDurationInSeconds": "long"}, "JSON_PARSER_ERROR", []),
        ({"CallDurationInSeconds": 10**12}, "NUMBER_OUTSIDE_VALID_RANGE", ["CallDurationInSeconds"]),
        ({"WhatId": "nonsense"}, "MALFORMED_ID", ["WhatId"]),
        ({"WhoId": "{a1}"}, "FIELD_INTEGRITY_EXCEPTION", ["WhoId"]),
        ({"WhoId": NOBODY}, "INVALID_CROSS_REFERENCE_KEY", ["WhoId"]),
        ({"OwnerId": "{u4}"}, "INACTIVE_OWNER_OR_USER", ["OwnerId"]),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_alone_and_in_a_row(
    client: Client, values: dict[str, Any], code: str, fields: list[str]
) -> None:
    ids = {f"{{{name}}}": client.id_of(name) for name in ("a1", "u4")}
    sent = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in values.items()}
    reply = client.call("POST", "sobjects/Task", json=sent)
    assert reply.status_code == 400
    (told,) = reply.json()
    assert (told["errorCode"], told["fields"]) == (code, fields)
    (row,) = client.upsert({"Holdfast_Key__c": "bad", "Subject": "x", **sent})
    assert not row["success"]
    assert "id" not in row
    assert (row["errors"][0]["statusCode"], row["errors"][0]["fields"]) == (code, fields)


def test_what_must_be_there_is_asked_for(client: Client) -> None:
    reply = client.call("POST", "sobjects/Contact", json={"FirstName": "Only"})
    assert reply.json() == [
        {
            "message": "Required fields are missing: [LastName]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["LastName"],
        }
    ]
    reply = client.call("PATCH", f"sobjects/Contact/{client.id_of('c1')}", json={"LastName": None})
    assert reply.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert (
        client.call("POST", "sobjects/Event", json={"Subject": "x"}).json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    )


def test_an_unrestricted_picklist_takes_anything(client: Client) -> None:
    assert read(client, "Task", task(client, Status="Snoozed", Priority="Sky-high"))["Status"] == "Snoozed"


def test_an_event_works_out_its_times(client: Client) -> None:
    body = {"Subject": "Visit", "StartDateTime": "2026-11-10T10:00:00+01:00", "DurationInMinutes": 90}
    made = read(client, "Event", client.call("POST", "sobjects/Event", json=body).json()["id"])
    assert made["EndDateTime"] == "2026-11-10T10:30:00.000+0000"
    assert made["ActivityDate"] == "2026-11-10"
    client.call("PATCH", f"sobjects/Event/{made['Id']}", json={"StartDateTime": "2026-11-11T09:00:00Z"})
    assert read(client, "Event", made["Id"])["EndDateTime"] == "2026-11-11T10:30:00.000+0000"


def test_what_is_deleted_is_in_the_bin_and_cannot_be_changed(client: Client) -> None:
    made = task(client)
    assert client.call("DELETE", f"sobjects/Task/{made}").status_code == 204
    for method, body in (("GET", None), ("PATCH", {"Subject": "y"}), ("DELETE", None)):
        reply = client.call(method, f"sobjects/Task/{made}", json=body)
        assert (reply.status_code, reply.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")
    reply = client.call(
        "PATCH", "composite/sobjects", json={"records": [{"attributes": {"type": "Task"}, "Id": made, "Subject": "y"}]}
    )
    assert reply.json()[0]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def test_users_and_fixed_tables_cannot_be_deleted_or_written(client: Client) -> None:
    assert (
        client.call("DELETE", f"sobjects/User/{client.id_of('u1')}").json()[0]["errorCode"]
        == "INSUFFICIENT_ACCESS_OR_READONLY"
    )
    assert client.call("POST", "sobjects/TaskStatus", json={}).status_code == 405
    assert client.call("PUT", "sobjects/Task", json={}).status_code == 405


def test_a_key_makes_once_and_then_changes(fresh: Client) -> None:
    path = "sobjects/Task/Holdfast_Key__c/hf1%3Aa%2Fb"
    first = fresh.call("PATCH", path, json={"Subject": "one"})
    second = fresh.call("PATCH", path, json={"Subject": "two"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == {"id": first.json()["id"], "success": True, "errors": [], "created": True}
    assert second.json() == {**first.json(), "created": False}
    assert fresh.rows("SELECT Subject, Holdfast_Key__c FROM Task WHERE Holdfast_Key__c = 'hf1:a/b'") == [
        {"Subject": "two", "Holdfast_Key__c": "hf1:a/b"}
    ]
    assert fresh.call("GET", path).json()["Subject"] == "two"
    reply = fresh.call("PATCH", path, json={"Holdfast_Key__c": "hf1:a/b"})
    assert reply.json()[0]["message"] == "The Holdfast_Key__c field should not be specified in the sobject data."


def test_a_key_minds_its_case_and_does_not_see_the_bin(fresh: Client) -> None:
    first = fresh.upsert({"Holdfast_Key__c": "K", "Subject": "x"}, allOrNone=False)[0]
    other = fresh.upsert({"Holdfast_Key__c": "k", "Subject": "x"})[0]
    assert other["created"]
    fresh.call("DELETE", f"sobjects/Task/{first['id']}")
    again = fresh.upsert({"Holdfast_Key__c": "K", "Subject": "x"})[0]
    assert again["created"]
    assert again["id"] != first["id"]


def test_a_taken_key_is_a_duplicate_for_tasks_and_events_alike(fresh: Client) -> None:
    made = task(fresh, Holdfast_Key__c="mine")
    event = {"StartDateTime": "2026-11-10T10:00:00Z", "DurationInMinutes": 5, "Holdfast_Key__c": "mine"}
    for name, body in (("Task", {"Holdfast_Key__c": "mine"}), ("Event", event)):
        (told,) = fresh.call("POST", f"sobjects/{name}", json=body).json()
        assert told["errorCode"] == "DUPLICATE_VALUE"
        assert told["message"] == f"duplicate value found: Holdfast_Key__c duplicates value on record with id: {made}"


def test_the_same_key_twice_in_a_call_fails_both_rows(fresh: Client) -> None:
    rows = fresh.upsert(
        {"Holdfast_Key__c": "a", "Subject": "1"},
        {"Holdfast_Key__c": "b", "Subject": "2"},
        {"Holdfast_Key__c": "a", "Subject": "3"},
    )
    assert [row["success"] for row in rows] == [False, True, False]
    assert rows[0]["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"
    assert fresh.query("SELECT COUNT() FROM Task WHERE Holdfast_Key__c != null")["totalSize"] == 1


def test_rows_answer_in_the_order_of_the_request(fresh: Client) -> None:
    account = fresh.id_of("a1")
    rows = fresh.upsert(
        {"Holdfast_Key__c": "1", "Subject": "ok", "WhatId": account},
        {"Holdfast_Key__c": "2", "Subject": "ok", "OwnerId": fresh.id_of("u4")},
        {"Subject": "no key"},
        {"Holdfast_Key__c": "4", "Subject": "ok"},
    )
    assert [row["success"] for row in rows] == [True, False, False, True]
    assert [row.get("created") for row in rows] == [True, None, None, True]
    assert rows[2]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"


def test_all_or_none_undoes_the_innocent(fresh: Client) -> None:
    rows = fresh.upsert(
        {"Holdfast_Key__c": "1", "Subject": "ok"}, {"Holdfast_Key__c": "2", "Bad__c": 1}, allOrNone=True
    )
    assert [row["errors"][0]["statusCode"] for row in rows] == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD"]
    assert fresh.query("SELECT COUNT() FROM Task WHERE Holdfast_Key__c != null")["totalSize"] == 0


def test_collections_create_update_read_and_delete(fresh: Client) -> None:
    made = fresh.call(
        "POST",
        "composite/sobjects",
        json={"records": [{"attributes": {"type": "Task"}, "Subject": str(n)} for n in range(3)]},
    ).json()
    ids = [row["id"] for row in made]
    assert made[0] == {"id": ids[0], "success": True, "errors": []}
    changes = [{"attributes": {"type": "Task"}, "id": each, "Priority": "High"} for each in ids[:2]]
    assert all(row["success"] for row in fresh.call("PATCH", "composite/sobjects", json={"records": changes}).json())
    gone = fresh.call("DELETE", "composite/sobjects", params={"ids": ",".join([ids[2], "00THf0000009999AAA"])}).json()
    assert [row["success"] for row in gone] == [True, False]
    told = fresh.call(
        "POST", "composite/sobjects/Task", json={"ids": ids, "fields": ["Subject", "IsHighPriority"]}
    ).json()
    assert [row and row["IsHighPriority"] for row in told] == [True, True, None]
    assert (
        fresh.call("GET", "composite/sobjects/Task", params={"ids": ids[0], "fields": "Subject"}).json()[0]["Subject"]
        == "0"
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"records": [{"attributes": {"type": "Task"}}] * 201}, "EXCEEDED_ID_LIMIT"),
        ({"records": [{"attributes": {"type": ("Task", "Event")[n % 2]}} for n in range(11)]}, "INVALID_INPUT"),
        ({"record": []}, "JSON_PARSER_ERROR"),
        ("no json", "JSON_PARSER_ERROR"),
    ],
    ids=["too many", "too mixed", "no records", "no JSON"],
)
def test_a_malformed_call_is_refused_as_a_whole(client: Client, body: Any, code: str) -> None:
    options = {"data": body} if isinstance(body, str) else {"json": body}
    reply = client.call("POST", "composite/sobjects", **options)
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, code)


def composite(client: Client, *requests: tuple[str, str, Any], **envelope: Any) -> Any:
    asked = [
        {"method": method, "url": f"{VERSION}/{path}", "referenceId": f"r{n}", **({"body": body} if body else {})}
        for n, (method, path, body) in enumerate(requests)
    ]
    return client.call("POST", "composite", json={"compositeRequest": asked, **envelope})


def test_a_composite_is_one_call_whose_parts_answer_alone(fresh: Client) -> None:
    before = fresh.call("GET", "limits").headers["Sforce-Limit-Info"]
    reply = composite(
        fresh,
        ("GET", "query/?q=SELECT+Id+FROM+Account+LIMIT+1", None),
        ("GET", "sobjects/Foo", None),
        ("DELETE", "sobjects/Task/" + task(fresh), None),
    )
    after = reply.headers["Sforce-Limit-Info"]
    parts = reply.json()["compositeResponse"]
    assert [part["httpStatusCode"] for part in parts] == [200, 404, 204]
    assert parts[0]["body"]["totalSize"] == 1
    assert parts[1]["body"] == [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
    assert (parts[2]["body"], parts[2]["httpHeaders"], parts[2]["referenceId"]) == (None, {}, "r2")
    used = [int(each.removeprefix("api-usage=").split("/")[0]) for each in (before, after)]
    assert used[1] - used[0] == 2  # the task's making, and the composite as one


def test_a_part_may_use_the_result_of_another(fresh: Client) -> None:
    parts = composite(
        fresh,
        ("POST", "sobjects/Account", {"Name": "New"}),
        ("POST", "sobjects/Contact", {"LastName": "One", "AccountId": "@{r0.id}"}),
        ("GET", "query/?q=SELECT+AccountId+FROM+Contact+WHERE+Id='@{r1.id}'", None),
        ("GET", "sobjects/Account/@{r2.records[0].AccountId}", None),
    ).json()["compositeResponse"]
    assert [part["httpStatusCode"] for part in parts] == [201, 201, 200, 200]
    assert parts[3]["body"]["Name"] == "New"


def test_a_composite_can_be_all_or_none(fresh: Client) -> None:
    parts = composite(
        fresh, ("POST", "sobjects/Task", {"Subject": "one"}), ("POST", "sobjects/Task", {"Nope": 1}), allOrNone=True
    ).json()["compositeResponse"]
    assert [part["body"][0]["errorCode"] for part in parts] == ["PROCESSING_HALTED", "INVALID_FIELD"]
    assert fresh.query("SELECT COUNT() FROM Task WHERE Subject = 'one'")["totalSize"] == 0


def test_a_composite_has_its_limits(client: Client) -> None:
    assert composite(client, *[("GET", "sobjects/Task/x", None)] * 26).status_code == 400
    assert composite(client, *[("GET", "query/?q=x", None)] * 6).json()[0]["errorCode"] == "LIMIT_EXCEEDED"


def test_the_journal_says_whether_a_composite_wrote(fresh: Client) -> None:
    fresh.control("DELETE", "journal")
    composite(fresh, ("GET", "query/?q=SELECT+Id+FROM+Account", None))
    composite(fresh, ("POST", "sobjects/Task", {"Subject": "one"}))
    assert [(each["operation"], each["write"], each["records"]) for each in fresh.journal()] == [
        ("composite", False, 2),
        ("composite", True, 1),
    ]


def test_a_contact_that_moves_takes_its_direct_relation_along(fresh: Client) -> None:
    contact, other = fresh.id_of("c1"), fresh.id_of("a2")
    fresh.call("PATCH", f"sobjects/Contact/{contact}", json={"AccountId": other})
    rows = fresh.rows(
        f"SELECT AccountId, IsDeleted FROM AccountContactRelation WHERE ContactId = '{contact}' AND IsDirect = true ORDER BY Id"
    )
    assert rows == [{"AccountId": fresh.id_of("a1"), "IsDeleted": True}, {"AccountId": other, "IsDeleted": False}]


def test_a_deleted_account_takes_what_hangs_on_it(fresh: Client) -> None:
    fresh.call("DELETE", f"sobjects/Account/{fresh.id_of('a1')}")
    for name in ("Contact", "Opportunity", "Event"):
        assert fresh.query(f"SELECT COUNT() FROM {name} WHERE AccountId = '{fresh.id_of('a1')}'")["totalSize"] == 0
    assert fresh.rows("SELECT Id FROM AccountTeamMember") == []
