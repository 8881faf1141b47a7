"""Single records of the HubSpot sandbox: spellings, paging, values, what is refused and how."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.sandbox.hubspot_served import Served, portal, served, small_company

COMPANIES = "/crm/objects/2026-09/companies"
TASKS = "/crm/objects/2026-09/tasks"
DUE = {"hs_timestamp": "2026-11-24T14:00:00.000Z"}


@pytest.fixture
def hubspot() -> Iterator[Served]:
    filled = portal()
    filled.load(small_company())
    with served(filled) as client:
        yield client


def codes(answer: Any) -> set[str]:
    return {error["code"] for error in answer["errors"]}


@pytest.mark.parametrize(
    "path",
    [
        "/crm/v3/objects/companies",
        "/crm/v3/objects/company",
        "/crm/v3/objects/COMPANY",
        "/crm/v3/objects/0-2",
        "/crm/objects/2026-03/companies",
        "/crm/objects/2026-09/0-2",
    ],
)
def test_every_spelling_leads_to_the_same_list(hubspot: Served, path: str) -> None:
    assert [one["properties"]["name"] for one in hubspot.get(path)["results"]] == ["Acme", "Acme Group"]


def test_a_version_that_was_never_published_is_not_found(hubspot: Served) -> None:
    assert hubspot.raw("GET", "/crm/objects/2026-04/companies").status == 404


def test_pages_follow_each_other_in_id_order_without_gap_or_repeat(hubspot: Served) -> None:
    seen, after = [], "0"
    while after:
        page = hubspot.get(f"/crm/v3/objects/deals?limit=2&after={after}")
        seen += [int(one["id"]) for one in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after", "")
    assert seen == sorted(set(seen))
    assert len(seen) == 3


def test_stamps_and_id_come_unasked_unset_values_are_null_and_unknown_names_are_left_out(hubspot: Served) -> None:
    shown = hubspot.get(f"{COMPANIES}?properties=phone,nothing&properties=name")["results"][0]["properties"]
    assert set(shown) == {"createdate", "hs_lastmodifieddate", "hs_object_id", "name", "phone"}
    assert shown["phone"] is None


def test_a_limit_above_the_most_is_refused(hubspot: Served) -> None:
    assert hubspot.call("GET", f"{COMPANIES}?limit=101")[0] == 400
    assert hubspot.call("GET", f"{COMPANIES}?limit=51&propertiesWithHistory=name")[0] == 400


def test_inline_associations_name_an_id_once_per_label(hubspot: Served) -> None:
    first = hubspot.get(f"{COMPANIES}?associations=contacts")["results"][0]
    types = [one["type"] for one in first["associations"]["contacts"]["results"]]
    assert types == ["company_to_contact", "company_to_contact_unlabeled"] * 2


def test_an_unknown_type_and_an_unknown_id_are_told_in_their_own_forms(hubspot: Served) -> None:
    status, answer = hubspot.call("GET", "/crm/v3/objects/widgets")
    assert (status, answer["message"]) == (400, "Unable to infer object type from: widgets")
    status, answer = hubspot.call("GET", f"{COMPANIES}/999")
    assert (status, answer["category"]) == (404, "OBJECT_NOT_FOUND")


def test_an_archived_record_is_only_in_the_archived_list(hubspot: Served) -> None:
    acme = hubspot.portal.ids("acme")[0]
    assert hubspot.call("DELETE", f"{COMPANIES}/{acme}") == (204, None)
    assert [one["properties"]["name"] for one in hubspot.get(COMPANIES)["results"]] == ["Acme Group"]
    archived = hubspot.get(f"{COMPANIES}?archived=True")["results"]
    assert [(one["id"], one["archived"]) for one in archived] == [(acme, True)]
    assert archived[0]["archivedAt"].startswith("2026-11-02T06:00:")
    assert hubspot.call("GET", f"{COMPANIES}/{acme}")[0] == 404
    assert hubspot.call("GET", f"{COMPANIES}/{acme}?archived=true")[0] == 200


def test_a_deleted_email_is_gone_for_good(hubspot: Served) -> None:
    email = hubspot.portal.ids("t1")[0]
    hubspot.call("DELETE", f"/crm/v3/objects/emails/{email}")
    assert hubspot.get("/crm/v3/objects/emails?archived=true")["results"] == []


def test_a_created_task_comes_back_with_its_defaults_and_associations(hubspot: Served) -> None:
    acme = hubspot.portal.ids("acme")[0]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 192}]
    status, made = hubspot.post(TASKS, {"properties": DUE, "associations": [{"to": {"id": acme}, "types": types}]})
    assert (status, made["properties"]["hs_task_status"]) == (201, "NOT_STARTED")
    assert made["createdAt"] == made["updatedAt"] == made["properties"]["hs_createdate"]
    linked = hubspot.get(f"/crm/objects/2026-09/tasks/{made['id']}/associations/companies")["results"]
    assert linked == [
        {
            "toObjectId": int(acme),
            "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 192, "label": None}],
        }
    ]


def test_an_association_type_of_the_other_direction_is_refused_and_nothing_is_created(hubspot: Served) -> None:
    acme = hubspot.portal.ids("acme")[0]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 191}]
    status, _ = hubspot.post(TASKS, {"properties": DUE, "associations": [{"to": {"id": acme}, "types": types}]})
    assert status == 400
    assert hubspot.get(TASKS)["results"] == []


def test_a_task_without_a_due_date_is_refused_with_the_missing_property(hubspot: Served) -> None:
    status, answer = hubspot.post(TASKS, {"properties": {"hs_task_subject": "x"}})
    assert (status, answer["context"]) == (400, {"properties": ["hs_timestamp"]})


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"nothing": "1"}, "PROPERTY_DOESNT_EXIST"),
        ({"hs_createdate": "2026-01-01T00:00:00Z"}, "READ_ONLY_VALUE"),
        ({"hs_task_status": "Done"}, "INVALID_OPTION"),
        ({"hs_task_status": " COMPLETED"}, "LEADING_TRAILING_WHITESPACE"),
        ({"hs_timestamp": "tomorrow"}, "INVALID_LONG"),
        ({"hs_timestamp": "2026-11-24"}, "INVALID_LONG"),
        ({"hubspot_owner_id": "1"}, "INVALID_OPTION"),
        ({"hs_task_body": "x" * 65_537}, "VALUE_TOO_LONG"),
    ],
)
def test_a_bad_value_is_refused_with_its_code(hubspot: Served, values: dict[str, str], code: str) -> None:
    status, answer = hubspot.post(TASKS, {"properties": DUE | values})
    assert (status, answer["category"], codes(answer)) == (400, "VALIDATION_ERROR", {code})
    assert answer["message"].startswith("Property values were not valid: [")


@pytest.mark.parametrize(
    ("name", "given", "stored"),
    [
        ("holdfast_risk", "12", "12"),
        ("holdfast_risk", 12, "12"),
        ("holdfast_next_exec_due", "2026-12-01", "2026-12-01"),
        ("holdfast_next_exec_due", "1796083200000", "2026-12-01"),
        ("hs_is_target_account", True, "true"),
        ("holdfast_coverage", "1x3", "1x3"),
        ("holdfast_coverage", "", None),
    ],
)
def test_values_are_kept_in_one_form(hubspot: Served, name: str, given: Any, stored: str | None) -> None:
    path = f"{COMPANIES}/{hubspot.portal.ids('acme')[0]}"
    status, _ = hubspot.call("PATCH", path, {"properties": {name: given}})
    assert status == 200
    assert hubspot.get(f"{path}?properties={name}")["properties"][name] == stored


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("holdfast_risk", "many", "INVALID_INTEGER"),
        ("holdfast_next_exec_due", "1796083200001", "INVALID_DATE"),
        ("holdfast_next_exec_due", "1.12.2026", "INVALID_DATE"),
        ("hs_is_target_account", "yes", "INVALID_OPTION"),
    ],
)
def test_a_company_refuses_what_its_types_do_not_hold(hubspot: Served, name: str, given: str, code: str) -> None:
    acme = hubspot.portal.ids("acme")[0]
    status, answer = hubspot.call("PATCH", f"{COMPANIES}/{acme}", {"properties": {name: given}})
    assert (status, codes(answer)) == (400, {code})


def test_an_owner_must_be_active_and_is_no_user_id(hubspot: Served) -> None:
    owners = hubspot.portal.account.owners
    jana = owners.named("jana@seller.example")
    assert jana is not None
    gone = hubspot.portal.ids("gone")[0]
    for wrong in (gone, str(jana.user_id)):
        assert hubspot.post(TASKS, {"properties": DUE | {"hubspot_owner_id": wrong}})[0] == 400
    assert hubspot.post(TASKS, {"properties": DUE | {"hubspot_owner_id": str(jana.id)}})[0] == 201


def test_an_update_moves_the_modification_stamp_even_without_news(hubspot: Served) -> None:
    path = f"{COMPANIES}/{hubspot.portal.ids('acme')[0]}"
    before = hubspot.get(path)["updatedAt"]
    _, answer = hubspot.call("PATCH", path, {"properties": {"name": "Acme"}})
    assert answer["updatedAt"] == answer["properties"]["hs_lastmodifieddate"] > before


def test_contacts_alone_have_their_stamp_in_lastmodifieddate(hubspot: Served) -> None:
    contact = hubspot.get("/crm/v3/objects/contacts?properties=hs_lastmodifieddate")["results"][0]
    assert contact["properties"]["hs_lastmodifieddate"] is None
    assert contact["properties"]["lastmodifieddate"] == contact["updatedAt"]


def test_a_unique_value_is_given_once(hubspot: Served) -> None:
    assert hubspot.post(TASKS, {"properties": DUE | {"holdfast_key": "hf1:a"}})[0] == 201
    status, answer = hubspot.post(TASKS, {"properties": DUE | {"holdfast_key": "HF1:A"}})
    assert (status, codes(answer)) == (400, {"CONFLICTING_UNIQUE_VALUE"})
    _, other = hubspot.post(TASKS, {"properties": DUE | {"holdfast_key": "hf1:b"}})
    status, answer = hubspot.call("PATCH", f"{TASKS}/{other['id']}", {"properties": {"holdfast_key": "hf1:a"}})
    assert (status, "already has that value" in answer["message"]) == (400, True)
    assert hubspot.get(f"{TASKS}/hf1:a?idProperty=holdfast_key")["properties"]["hs_object_id"] != other["id"]


def test_a_second_contact_with_an_address_is_a_conflict_that_names_the_first(hubspot: Served) -> None:
    maria = hubspot.portal.ids("maria")[0]
    status, answer = hubspot.post("/crm/v3/objects/contacts", {"properties": {"email": "maria@ACME.example"}})
    assert (status, answer["message"]) == (409, f"Contact already exists. Existing ID: {maria}")


def test_a_portal_may_have_a_key_that_is_not_unique() -> None:
    with served(portal(unique_task_key=False)) as hubspot:
        for _ in range(2):
            assert hubspot.post(TASKS, {"properties": DUE | {"holdfast_key": "hf1:a"}})[0] == 201
        assert hubspot.call("GET", f"{TASKS}/hf1:a?idProperty=holdfast_key")[0] == 400


def test_a_deal_is_closed_by_its_stage(hubspot: Served) -> None:
    _, made = hubspot.post("/crm/v3/objects/deals", {"properties": {"dealname": "x", "dealstage": "contractsent"}})
    assert made["properties"]["hs_is_closed"] == "false"
    hubspot.call("PATCH", f"/crm/v3/objects/deals/{made['id']}", {"properties": {"dealstage": "closedwon"}})
    shown = hubspot.get(f"/crm/v3/objects/deals/{made['id']}?properties=hs_is_closed,hs_is_closed_won")["properties"]
    assert (shown["hs_is_closed"], shown["hs_is_closed_won"]) == ("true", "true")


def test_the_lifecycle_only_moves_forward_unless_cleared(hubspot: Served) -> None:
    path = f"{COMPANIES}/{hubspot.portal.ids('acme')[0]}"

    def after(value: str) -> str | None:
        hubspot.call("PATCH", path, {"properties": {"lifecyclestage": value}})
        found: str | None = hubspot.get(f"{path}?properties=lifecyclestage")["properties"]["lifecyclestage"]
        return found

    assert [after("lead"), after("evangelist"), after(""), after("lead")] == ["customer", "evangelist", None, "lead"]


def test_a_merge_makes_a_new_record_that_both_old_ids_lead_to(hubspot: Served) -> None:
    acme, group = hubspot.portal.ids("acme")[0], hubspot.portal.ids("group")[0]
    status, merged = hubspot.post(f"{COMPANIES}/merge", {"primaryObjectId": group, "objectIdToMerge": acme})
    assert (status, merged["properties"]["name"]) == (200, "Acme Group")
    assert merged["id"] not in (acme, group)
    assert merged["properties"]["hs_merged_object_ids"] == f"{group};{acme}"
    assert {hubspot.get(f"{COMPANIES}/{old}")["id"] for old in (acme, group)} == {merged["id"]}
    assert hubspot.call("PATCH", f"{COMPANIES}/{acme}", {"properties": {"phone": "1"}})[1]["id"] == merged["id"]
    status, _ = hubspot.post(f"{COMPANIES}/batch/update", {"inputs": [{"id": acme, "properties": {"phone": "1"}}]})
    assert status == 404
    contact = hubspot.get(f"/crm/v3/objects/contacts/{hubspot.portal.ids('maria')[0]}?properties=associatedcompanyid")
    assert contact["properties"]["associatedcompanyid"] == merged["id"]
    assert [one["id"] for one in hubspot.get(COMPANIES)["results"]] == [merged["id"]]


def test_history_tells_former_values_newest_first(hubspot: Served) -> None:
    path = f"{COMPANIES}/{hubspot.portal.ids('acme')[0]}"
    hubspot.call("PATCH", path, {"properties": {"name": "Acme AG"}})
    history = hubspot.get(f"{path}?propertiesWithHistory=name")["propertiesWithHistory"]["name"]
    assert [one["value"] for one in history] == ["Acme AG", "Acme"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"properties": 3}', b"{}", b'{"properties": {"name": {}}}'])
def test_a_body_that_is_no_request_is_refused(hubspot: Served, body: bytes) -> None:
    answer = hubspot.raw("POST", COMPANIES, body)
    assert (answer.status, orjson.loads(answer.data)["category"]) == (400, "VALIDATION_ERROR")


def test_the_journal_is_told_what_was_called(hubspot: Served) -> None:
    hubspot.get(f"{COMPANIES}?limit=1")
    hubspot.post(TASKS, {"properties": DUE})
    told = [(one.operation, one.write, one.records) for one in hubspot.journal.exchanges]
    assert told == [("list", False, 1), ("create", True, 1)]
    assert hubspot.portal.classify("POST", f"{TASKS}/batch/create") == ("batch-create", True)
    assert hubspot.portal.classify("POST", "/crm/v3/objects/0-1/search") == ("search", False)
    assert hubspot.portal.classify("POST", "/elsewhere") == ("unknown", True)
