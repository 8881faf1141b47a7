"""Provisioning against orgs that have nothing of ours, all of it, something else by its name, and no right to make it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from connectors.protocol import Connector, Step
from connectors.salesforce.our_fields import our_fields
from connectors.salesforce.settings import WRITTEN_FIELDS, FieldNames
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_org import Org, pulled

PACKAGE = Path(__file__).parent.parent.parent / "deploy" / "salesforce"
NAMESPACE = {"m": "http://soap.sforce.com/2006/04/metadata"}
NAMES = {f"{each.entity}.{each.name}" for each in our_fields(FieldNames())}


@pytest.fixture
def bare() -> Iterator[Org]:
    org = Org(Sandbox(accounts=3, touches_per_account=5, bare=True))
    yield org
    org.close()


def steps(connector: Connector, *, dry_run: bool = False) -> dict[str, Step]:
    return {step.name: step for step in connector.provision(dry_run=dry_run)}


def make_field(org: Org, name: str, **metadata: Any) -> None:
    """As an admin makes a field, without telling anybody."""
    client = org.connect()._client  # type: ignore[attr-defined] # the protocol has no way to make it wrong
    client.create("tooling/sobjects/CustomField", {"FullName": name, "Metadata": {"label": "x", **metadata}})


def test_a_bare_org_has_all_fields_and_the_access_to_them_afterwards(bare: Org) -> None:
    connector = bare.connect()
    made = steps(connector)
    assert {step.state for step in made.values()} == {"made"}
    assert made.keys() > NAMES
    assert connector.capabilities().account_fields == frozenset(WRITTEN_FIELDS)
    assert connector.capabilities().task_key_unique
    assert connector.find_tasks(["hf1:x"]) == {}


def test_people_alone_write_what_is_theirs(bare: Org) -> None:
    steps(bare.connect())
    edited = {row["Field"] for row in bare.records("FieldPermissions") if row["PermissionsEdit"]}
    shown = {row["Field"] for row in bare.records("FieldPermissions")}
    assert shown - edited == {
        "Account.Holdfast_Snooze_Until__c",
        "Task.Holdfast_Feedback__c",
        "Event.Holdfast_Feedback__c",
    }


def test_a_second_time_changes_nothing(bare: Org) -> None:
    steps(bare.connect())
    bare.control("DELETE", "journal")
    again = steps(bare.connect())
    assert {step.state for step in again.values()} == {"exists"}
    assert not [entry for entry in bare.control("GET", "journal")["requests"] if entry["write"]]


def test_a_dry_run_tells_and_makes_nothing(bare: Org) -> None:
    told = steps(bare.connect(), dry_run=True)
    assert told.keys() > NAMES
    assert {step.state for step in told.values()} == {"would make"}
    assert bare.records("CustomField")[0]["DeveloperName"] == "Customer_Since"
    assert not [entry for entry in bare.control("GET", "journal")["requests"] if entry["write"]]


def test_an_org_that_has_it_all_needs_nothing() -> None:
    org = Org(Sandbox(accounts=1))
    assert {step.state for step in org.connect().provision(dry_run=False)} == {"exists"}
    assert org.records("PermissionSet") == []
    org.close()


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_run_that_broke_off_is_finished_by_the_next(bare: Org, cut: str) -> None:
    bare.faults({"operation": "tooling-create", "after": 4, "cut": cut, "first": 1})
    with pytest.raises(Exception, match="may have been done"):
        steps(bare.connect())
    bare.faults()
    assert {step.state for step in steps(bare.connect()).values()} <= {"made", "exists"}
    assert bare.connect().capabilities().account_fields == frozenset(WRITTEN_FIELDS)


@pytest.mark.parametrize(
    ("name", "metadata", "told"),
    [
        ("Account.Holdfast_Findings__c", {"type": "Text", "length": 80}, "80 characters long, must be 255"),
        ("Account.Holdfast_Risk__c", {"type": "Text", "length": 80}, "type string, must be Number"),
        ("Account.Holdfast_Risk__c", {"type": "Number", "precision": 3, "scale": 2}, "3 digits before the point"),
        (
            "Activity.Holdfast_Key__c",
            {"type": "Text", "length": 80, "externalId": True},
            "must be unique and case-sensitive",
        ),
        (
            "Activity.Holdfast_Feedback__c",
            {"type": "Picklist", "valueSet": {"valueSetDefinition": {"value": [{"fullName": "helpful"}]}}},
            "lacks the values wrong, already handled",
        ),
    ],
    ids=["too-short", "another-type", "too-few-digits", "not-unique", "values"],
)
def test_what_is_there_but_wrong_is_told_and_left_alone(
    bare: Org, name: str, metadata: dict[str, Any], told: str
) -> None:
    make_field(bare, name, **metadata)
    first = list(bare.connect().provision(dry_run=False))
    (wrong,) = (step for step in first if step.state == "wrong")
    assert (wrong.name, told in wrong.told, "Setup, Object Manager" in wrong.told) == (name, True, True)
    again = steps(bare.connect())  # now that it can be seen, at once
    assert (again[name].state, told in again[name].told) == ("wrong", True)


def test_without_the_right_to_make_fields_the_clicks_are_told(bare: Org) -> None:
    bare.set_up(customizes=False)
    told = steps(bare.connect())
    assert {name: told[name].state for name in NAMES} == dict.fromkeys(NAMES, "manual")
    assert told["Activity.Holdfast_Key__c"].told == (
        "Setup, Object Manager, Activity, Fields & Relationships, New: Text, length 80, unique, case-sensitive, "
        "an external id; label Holdfast Key, name Holdfast_Key; or deploy deploy/salesforce, which holds all of it"
    )


def test_without_the_right_to_give_access_the_clicks_are_told(bare: Org) -> None:
    bare.set_up(permits=False)
    told = steps(bare.connect())
    assert {told[name].state for name in NAMES} == {"made"}
    access = [step for name, step in told.items() if name.startswith("access to")]
    assert len(access) == 7 + 4
    assert {step.state for step in access} == {"manual"}
    assert "Object Settings, Tasks, Edit: Read and Edit Access" in told["access to Task.Holdfast_Key__c"].told
    assert "Manage Assignments" in told["permission set Holdfast"].told
    assert "INSUFFICIENT_ACCESS" in told["permission set Holdfast"].told


def test_access_that_was_taken_away_is_given_back(bare: Org) -> None:
    steps(bare.connect())
    (grant,) = (row for row in bare.records("FieldPermissions") if row["Field"] == "Account.Holdfast_Risk__c")
    bare.control("PATCH", f"records/salesforce/FieldPermissions/{grant['Id']}", {"PermissionsEdit": False})
    assert "risk" not in bare.connect().capabilities().account_fields
    told = steps(bare.connect())
    assert told["access to Account.Holdfast_Risk__c"].state == "made"
    assert "risk" in bare.connect().capabilities().account_fields


def test_a_field_made_without_access_is_one_that_does_not_exist(bare: Org) -> None:
    make_field(bare, "Activity.Holdfast_Key__c", type="Text", length=80, unique=True, externalId=True)
    client = bare.connect()._client  # type: ignore[attr-defined] # what no method of the protocol asks
    assert "Holdfast_Key__c" not in {field["name"] for field in client.describe("Task")["fields"]}
    with pytest.raises(Exception, match="INVALID_FIELD"):
        client.query("SELECT Holdfast_Key__c FROM Task")
    with pytest.raises(Exception, match="external ID field does not exist"):
        client.upsert("Task", "Holdfast_Key__c", [{"attributes": {"type": "Task"}, "Holdfast_Key__c": "x"}])
    with pytest.raises(Exception, match="DUPLICATE_DEVELOPER_NAME"):
        make_field(bare, "Activity.Holdfast_Key__c", type="Text", length=80)


def test_the_next_pull_reads_the_key_although_the_one_before_could_not(bare: Org) -> None:
    before = pulled(bare.connect(), "tasks")[-1]
    assert "Holdfast_Key__c" in before.cursor["hidden"]
    steps(bare.connect())
    after = pulled(bare.connect(), "tasks", before.cursor)[-1]
    assert "Holdfast_Key__c" in after.cursor["fields"]


def texts(element: ET.Element) -> dict[str, str]:
    return {child.tag.partition("}")[2]: child.text or "" for child in element}


def test_the_package_has_what_provisioning_makes() -> None:
    packed = {}
    for entity in ("Account", "Activity"):
        root = ET.parse(PACKAGE / "objects" / f"{entity}.object").getroot()
        for element in root.findall("m:fields", NAMESPACE):
            field = texts(element)
            values = [value.text for value in element.findall(".//m:value/m:fullName", NAMESPACE)]
            packed[f"{entity}.{field['fullName']}"] = (field, values)
    assert packed.keys() == NAMES
    for each in our_fields(FieldNames()):
        field, values = packed[f"{each.entity}.{each.name}"]
        wanted = {name: str(value).lower() for name, value in each.details.items() if name != "valueSet"}
        assert field.items() >= {"label": each.label, "type": each.kind, **wanted}.items()
        assert values == [
            value["fullName"]
            for value in each.details.get("valueSet", {}).get("valueSetDefinition", {}).get("value", [])
        ]
    listed = ET.parse(PACKAGE / "package.xml").getroot().findall(".//m:members", NAMESPACE)
    assert {member.text for member in listed} == NAMES | {"Holdfast", "Holdfast_People"}


@pytest.mark.parametrize(("name", "ours"), [("Holdfast", True), ("Holdfast_People", False)])
def test_each_permission_set_edits_what_its_people_write(name: str, ours: bool) -> None:
    root = ET.parse(PACKAGE / "permissionsets" / f"{name}.permissionset").getroot()
    given = {texts(each)["field"]: texts(each)["editable"] for each in root.findall("m:fieldPermissions", NAMESPACE)}
    assert given == {
        f"{on}.{each.name}": str(each.written is ours).lower()
        for each in our_fields(FieldNames())
        for on in each.objects
    }
