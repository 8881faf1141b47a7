"""What an admin does to the org: fields made by the Tooling API, access to them, rules, late transactions, merges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.salesforce_served import Client, served

TEXT = {"label": "Colour", "type": "Text", "length": 20}


@pytest.fixture
def client() -> Iterator[Client]:
    with served() as one:
        yield one


def make_field(client: Client, name: str, **changes: Any) -> Any:
    body = {"FullName": name, "Metadata": TEXT | changes}
    return client.call("POST", "tooling/sobjects/CustomField", json=body)


def post(client: Client, object_name: str, **values: Any) -> str:
    reply = client.call("POST", f"sobjects/{object_name}", json=values)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


def refused(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.json()[0]["errorCode"]


def me(client: Client) -> str:
    return str(client.call("GET", "").json()["identity"].rpartition("/")[2])


def shown(client: Client, object_name: str) -> set[str]:
    return {field["name"] for field in client.call("GET", f"sobjects/{object_name}/describe").json()["fields"]}


def test_a_field_made_by_the_api_is_seen_once_a_permission_set_gives_it(client: Client) -> None:
    made = make_field(client, "Account.Colour__c")
    assert (made.status_code, made.json()["success"], made.json()["id"][:3]) == (201, True, "00N")
    assert "Colour__c" not in shown(client, "Account")
    assert client.refusal("SELECT Colour__c FROM Account")[:2] == (400, "INVALID_FIELD")
    permission_set = post(client, "PermissionSet", Name="Paint", Label="Paint")
    grant = {"ParentId": permission_set, "SobjectType": "Account", "Field": "Account.Colour__c"}
    granted = post(client, "FieldPermissions", **grant, PermissionsRead=True, PermissionsEdit=False)
    assert "Colour__c" not in shown(client, "Account")  # given, but to nobody
    post(client, "PermissionSetAssignment", AssigneeId=me(client), PermissionSetId=permission_set)
    account = client.id_of("a1", "001")
    assert client.rows(f"SELECT Colour__c FROM Account WHERE Id = '{account}'") == [{"Colour__c": None}]
    paint = {"Colour__c": "red"}
    reply = client.call("PATCH", f"sobjects/Account/{account}", json=paint)
    assert refused(reply) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    client.call("PATCH", f"sobjects/FieldPermissions/{granted}", json={"PermissionsEdit": True})
    assert client.call("PATCH", f"sobjects/Account/{account}", json=paint).status_code == 204


def test_a_field_of_activity_stands_on_tasks_and_events_and_is_granted_on_each(client: Client) -> None:
    make_field(client, "Activity.Colour__c")
    permission_set = post(client, "PermissionSet", Name="Paint", Label="Paint")
    grant = {"ParentId": permission_set, "PermissionsRead": True, "PermissionsEdit": True}
    post(client, "FieldPermissions", **grant, SobjectType="Task", Field="Task.Colour__c")
    post(client, "PermissionSetAssignment", AssigneeId=me(client), PermissionSetId=permission_set)
    assert "Colour__c" in shown(client, "Task")
    assert "Colour__c" not in shown(client, "Event")


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("Account.Holdfast_Risk__c", {}, "DUPLICATE_DEVELOPER_NAME"),
        ("Activity.Holdfast_Key__c", {}, "DUPLICATE_DEVELOPER_NAME"),
        ("Task.Colour__c", {}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Nothing.Colour__c", {}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Account.Colour__c", {"length": None}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Account.Colour__c", {"length": 256}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Account.Colour__c", {"label": None}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Colour", {}, "REQUIRED_FIELD_MISSING"),
    ],
)
def test_a_field_that_cannot_be_made_is_refused(client: Client, name: str, changes: dict[str, Any], code: str) -> None:
    assert refused(make_field(client, name, **changes)) == (400, code)


def test_the_tooling_api_tells_of_fields_that_nobody_sees(client: Client) -> None:
    made = make_field(client, "Account.Colour__c").json()["id"]
    soql = "SELECT Id, TableEnumOrId FROM CustomField WHERE DeveloperName = 'Colour'"
    (row,) = client.call("GET", "tooling/query", params={"q": soql}).json()["records"]
    assert (row["Id"], row["TableEnumOrId"]) == (made, "Account")
    told = client.call("GET", f"tooling/sobjects/CustomField/{made}").json()
    assert (told["FullName"], told["Metadata"]["length"]) == ("Account.Colour__c", 20)
    assert client.refusal("SELECT Id FROM CustomField")[:2] == (400, "INVALID_TYPE")


def test_without_the_rights_nothing_is_made(client: Client) -> None:
    client.control("POST", "setup/salesforce", json={"customizes": False, "permits": False})
    assert refused(make_field(client, "Account.Colour__c")) == (403, "INSUFFICIENT_ACCESS")
    reply = client.call("POST", "sobjects/PermissionSet", json={"Name": "Paint", "Label": "Paint"})
    assert refused(reply) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Field": "Account.Nope__c"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Field": "Account.Name"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"PermissionsRead": False}, "FIELD_INTEGRITY_EXCEPTION"),
    ],
    ids=["no-field", "required-field", "edit-without-read"],
)
def test_a_permission_that_makes_no_sense_is_refused(client: Client, values: dict[str, Any], code: str) -> None:
    parent = post(client, "PermissionSet", Name="Paint", Label="Paint")
    grant = {"ParentId": parent, "SobjectType": "Account", "Field": "Account.Type"}
    grant |= {"PermissionsRead": True, "PermissionsEdit": True}
    assert refused(client.call("POST", "sobjects/FieldPermissions", json=grant | values)) == (400, code)


def test_what_is_given_twice_is_refused(client: Client) -> None:
    parent = post(client, "PermissionSet", Name="Paint", Label="Paint")
    reply = client.call("POST", "sobjects/PermissionSet", json={"Name": "Paint", "Label": "Paint"})
    assert refused(reply) == (400, "DUPLICATE_DEVELOPER_NAME")
    given = {"AssigneeId": me(client), "PermissionSetId": parent}
    post(client, "PermissionSetAssignment", **given)
    reply = client.call("POST", "sobjects/PermissionSetAssignment", json=given)
    assert refused(reply) == (400, "DUPLICATE_VALUE")


def test_a_late_transaction_shows_behind_the_stamps_that_are_there(client: Client) -> None:
    person = client.id_of("c1", "003")
    late = {"object": "Contact", "id": person, "values": {"Title": "CEO"}}
    client.control("POST", "setup/salesforce", json={"write_late": [late]})
    client.control("POST", "clock", json={"advance_seconds": 1200})
    window = {"start": "2026-11-02T06:10:00Z", "end": "2026-11-02T06:20:00Z"}
    covered = client.call("GET", "sobjects/Contact/updated", params=window).json()["latestDateCovered"]
    assert covered == "2026-11-02T06:00:00.000+0000"
    soql = f"SELECT Title, SystemModstamp FROM Contact WHERE Id = '{person}'"
    assert client.rows(soql)[0]["Title"] == "CFO"
    client.control("POST", "setup/salesforce", json={"commit": True})
    (row,) = client.rows(soql)
    assert (row["Title"], row["SystemModstamp"][:16]) == ("CEO", "2026-11-02T06:00")
    covered = client.call("GET", "sobjects/Contact/updated", params=window).json()["latestDateCovered"]
    assert covered == "2026-11-02T06:20:00.000+0000"


def test_a_merge_moves_children_without_touching_their_stamps(client: Client) -> None:
    winner, loser, person = client.id_of("a2", "001"), client.id_of("a1", "001"), client.id_of("c1", "003")
    soql = f"SELECT AccountId, SystemModstamp FROM Contact WHERE Id = '{person}'"
    (before,) = client.rows(soql)
    tasks = client.query(f"SELECT COUNT() FROM Task WHERE AccountId = '{loser}'", "queryAll")["totalSize"]
    already = client.query(f"SELECT COUNT() FROM Task WHERE AccountId = '{winner}'", "queryAll")["totalSize"]
    client.control("POST", "clock", json={"advance_seconds": 600})
    done = {"crm": "salesforce", "who": "u1", "do": "merge", "winner": "a2", "loser": "a1"}
    assert client.control("POST", "act", json=done) == {"salesforce": {"Account": [winner, loser]}}
    assert client.rows(soql) == [{"AccountId": winner, "SystemModstamp": before["SystemModstamp"]}]
    (gone,) = client.rows(f"SELECT IsDeleted, MasterRecordId FROM Account WHERE Id = '{loser}'")
    assert gone == {"IsDeleted": True, "MasterRecordId": winner}
    count = client.query(f"SELECT COUNT() FROM Task WHERE AccountId = '{winner}'", "queryAll")["totalSize"]
    assert (tasks > 0, count) == (True, tasks + already)


def test_an_account_comes_out_of_the_bin_with_what_went_in_with_it(client: Client) -> None:
    account = client.id_of("a1", "001")
    living = f"SELECT COUNT() FROM Contact WHERE AccountId = '{account}'"
    before = client.query(living)["totalSize"]
    client.call("DELETE", f"sobjects/Account/{account}")
    assert client.query(living)["totalSize"] == 0
    undone = {"crm": "salesforce", "who": "u1", "do": "undelete", "object": "Account", "id": account}
    client.control("POST", "act", json=undone)
    assert (client.query(living)["totalSize"], before) == (2, 2)


# --- leads and shared activities ----------------------------------------------------------------------------------


def converted(client: Client, lead: str, **details: Any) -> str:
    """The contact that the lead became."""
    return str(act(client, lead, **details)["salesforce"]["Contact"][0])


def act(client: Client, lead: str, **details: Any) -> Any:
    named = {
        "crm": "salesforce",
        "who": "jana.roth@seller.example",
        "do": "convert_lead",
        "lead": lead,
        "account": "a1",
    }
    return client.control("POST", "act", json=named | details)


def with_activities(client: Client) -> tuple[str, list[str]]:
    """A lead with an open task, a done one and a past event of the rep who will convert it."""
    lead = post(client, "Lead", LastName="Later", FirstName="Lea", Company="New GmbH", Email="lea@new.example")
    about = {"WhoId": lead, "OwnerId": client.id_of("u1", "005"), "Subject": "Hello"}
    times = {"StartDateTime": "2026-10-05T08:00:00.000+0000", "DurationInMinutes": 30}
    return lead, [
        post(client, "Task", **about),
        post(client, "Task", **about, Status="Completed"),
        post(client, "Event", **about, **times),
    ]


def test_a_converted_lead_names_what_it_became_and_its_activities_are_the_contacts(client: Client) -> None:
    lead, made = with_activities(client)
    client.control("POST", "clock", json={"advance_seconds": 3600})
    contact = converted(client, lead)
    names = "IsConverted, ConvertedContactId, ConvertedAccountId, SystemModstamp, CreatedDate"
    (told,) = client.rows(f"SELECT {names} FROM Lead WHERE Id = '{lead}'")
    account = client.id_of("a1", "001")
    assert (told["IsConverted"], told["ConvertedContactId"], told["ConvertedAccountId"]) == (True, contact, account)
    assert told["SystemModstamp"] > told["CreatedDate"]
    (person,) = client.rows(f"SELECT Name, Email, AccountId FROM Contact WHERE Id = '{contact}'")
    assert (person["Name"], person["Email"], person["AccountId"]) == ("Lea Later", "lea@new.example", account)
    for object_name, ids in (("Task", made[:2]), ("Event", made[2:])):
        for each in ids:
            (row,) = client.rows(
                f"SELECT WhoId, AccountId, SystemModstamp, CreatedDate FROM {object_name} WHERE Id = '{each}'"
            )
            assert (row["WhoId"], row["AccountId"]) == (contact, account)
            assert row["SystemModstamp"] > row["CreatedDate"]


def test_events_of_whoever_converts_go_to_the_new_owner_even_past_ones(client: Client) -> None:
    lead, (still_open, done, event) = with_activities(client)
    contact = client.id_of("c1", "003")
    owner = client.id_of("u2", "005")
    client.call("PATCH", f"sobjects/Contact/{contact}", json={"OwnerId": owner})
    assert converted(client, lead, contact=contact) == contact
    owners = {
        row["Id"]: row["OwnerId"]
        for name in ("Task", "Event")
        for row in client.rows(f"SELECT Id, OwnerId FROM {name} WHERE WhoId = '{contact}'")
    }
    assert (owners[still_open], owners[event]) == (owner, owner)
    assert owners[done] == client.id_of("u1", "005")


def test_an_old_conversion_leaves_its_activities_on_the_lead(client: Client) -> None:
    lead, made = with_activities(client)
    converted(client, lead, leaving_links=True)
    assert {row["Id"] for row in client.rows(f"SELECT Id FROM Task WHERE WhoId = '{lead}'")} == {*made[:2]}
    assert "converted lead" in str(act(client, lead))


def test_an_object_of_a_feature_that_is_off_does_not_exist(client: Client) -> None:
    assert client.call("GET", "sobjects/TaskRelation/describe").status_code == 404
    assert client.refusal("SELECT Id FROM TaskRelation")[:2] == (400, "INVALID_TYPE")
    client.control("POST", "setup/salesforce", json={"have": ["TaskRelation"], "lack": ["AccountContactRelation"]})
    assert client.rows("SELECT Id FROM TaskRelation") == []
    assert client.refusal("SELECT Id FROM AccountContactRelation")[:2] == (400, "INVALID_TYPE")


def test_person_accounts_are_there_once_they_are_switched_on_and_for_good(client: Client) -> None:
    fields = {"IsPersonAccount", "PersonContactId", "LastName"}
    assert not fields & shown(client, "Account")
    assert client.refusal("SELECT IsPersonAccount FROM Account")[:2] == (400, "INVALID_FIELD")
    client.control("POST", "setup/salesforce", json={"have": ["PersonAccounts"]})
    assert fields <= shown(client, "Account")
    assert {row["IsPersonAccount"] for row in client.rows("SELECT IsPersonAccount FROM Account")} == {False}
    person = post(client, "Account", FirstName="Paul", LastName="Private")
    (row,) = client.rows(f"SELECT Name, IsPersonAccount, PersonContactId FROM Account WHERE Id = '{person}'")
    assert (row["Name"], row["IsPersonAccount"]) == ("Paul Private", True)
    (contact,) = client.rows(f"SELECT Id, Name, IsPersonAccount FROM Contact WHERE AccountId = '{person}'")
    assert contact == {"Id": row["PersonContactId"], "Name": "Paul Private", "IsPersonAccount": True}
    # An activity names the contact and counts for the account.
    task = post(client, "Task", Subject="Call", WhoId=contact["Id"])
    assert client.rows(f"SELECT AccountId FROM Task WHERE Id = '{task}'") == [{"AccountId": person}]
    made = client.call("POST", "sobjects/Account", json={"Name": "Acme", "IsPersonAccount": True})
    assert refused(made) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    off = client.control("POST", "setup/salesforce", json={"lack": ["PersonAccounts"]})
    assert "PersonAccounts" in str(off)
    assert fields <= shown(client, "Account")


def test_relations_of_a_task_go_with_it(client: Client) -> None:
    client.control("POST", "setup/salesforce", json={"have": ["TaskRelation"]})
    task = post(client, "Task", Subject="Call", WhoId=client.id_of("c1", "003"))
    post(client, "TaskRelation", TaskId=task, RelationId=client.id_of("c2", "003"))
    assert len(client.rows("SELECT Id FROM TaskRelation WHERE IsDeleted = false")) == 1
    client.call("DELETE", f"sobjects/Task/{task}")
    assert client.rows("SELECT IsDeleted FROM TaskRelation") == [{"IsDeleted": True}]
