"""Associations of the HubSpot sandbox: both directions, labels, one Primary, paging per record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.hubspot_served import Served, portal, served, small_company

V4 = "/crm/v4/associations"


@pytest.fixture
def hubspot() -> Iterator[Served]:
    filled = portal()
    filled.load(small_company())
    with served(filled) as client:
        yield client


def read(hubspot: Served, source: str, target: str, *inputs: dict[str, str]) -> tuple[int, Any]:
    return hubspot.post(f"/crm/associations/2026-09/{source}/{target}/batch/read", {"inputs": list(inputs)})


def types(hubspot: Served, source: str, source_id: str, target: str) -> dict[int, set[int]]:
    _, answer = read(hubspot, source, target, {"id": source_id})
    return {
        one["toObjectId"]: {found["typeId"] for found in one["associationTypes"]}
        for result in answer["results"]
        for one in result["to"]
    }


def link(hubspot: Served, source: str, source_id: str, target: str, target_id: str, *numbers: int) -> tuple[int, Any]:
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number} for number in numbers]
    one = {"from": {"id": source_id}, "to": {"id": target_id}, "types": spec}
    return hubspot.post(f"{V4}/{source}/{target}/batch/create", {"inputs": [one]})


def company(hubspot: Served, name: str) -> str:
    found: str = hubspot.post("/crm/v3/objects/companies", {"properties": {"name": name}})[1]["id"]
    return found


def test_an_id_without_associations_is_an_error_of_the_207_and_no_result(hubspot: Served) -> None:
    maria = hubspot.portal.ids("maria")[0]
    status, answer = read(hubspot, "contacts", "companies", {"id": maria}, {"id": "9"})
    assert (status, answer["numErrors"]) == (207, 1)
    assert [one["from"] for one in answer["results"]] == [{"id": maria}]
    assert answer["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert answer["errors"][0]["context"]["fromObjectId"] == ["9"]
    assert answer["errors"][0]["message"] == "No company is associated with contact 9."
    assert read(hubspot, "contacts", "companies", {"id": maria})[0] == 200


def test_a_primary_company_is_seen_with_and_without_label_from_both_sides(hubspot: Served) -> None:
    maria, acme = hubspot.portal.ids("maria")[0], hubspot.portal.ids("acme")[0]
    assert types(hubspot, "contacts", maria, "companies") == {int(acme): {1, 279}}
    assert types(hubspot, "companies", acme, "contacts")[int(maria)] == {2, 280}


def test_more_than_a_thousand_inputs_are_refused(hubspot: Served) -> None:
    assert read(hubspot, "contacts", "companies", *[{"id": str(n)} for n in range(1001)])[0] == 400
    assert read(hubspot, "contacts", "companies", *[{"id": str(n)} for n in range(1000)])[0] == 207


def test_each_record_pages_for_itself(hubspot: Served) -> None:
    hubspot.portal.account.association_page = 1
    acme, maria = hubspot.portal.ids("acme")[0], hubspot.portal.ids("maria")[0]
    _, answer = read(hubspot, "companies", "contacts", {"id": acme})
    first = answer["results"][0]
    assert [one["toObjectId"] for one in first["to"]] == [int(maria)]
    after = first["paging"]["next"]["after"]
    _, answer = read(hubspot, "companies", "contacts", {"id": acme, "after": after})
    assert [one["toObjectId"] for one in answer["results"][0]["to"]] == [int(hubspot.portal.ids("left")[0])]
    assert "paging" not in answer["results"][0]
    assert read(hubspot, "companies", "contacts", {"id": acme, "after": "&"})[0] == 400


def test_a_second_primary_replaces_the_first_which_stays_associated(hubspot: Served) -> None:
    maria, acme = hubspot.portal.ids("maria")[0], hubspot.portal.ids("acme")[0]
    other = company(hubspot, "Other")
    status, answer = link(hubspot, "contacts", maria, "companies", other, 1)
    assert (status, answer["results"][0]["labels"]) == (201, ["Primary"])
    assert types(hubspot, "contacts", maria, "companies") == {int(acme): {279}, int(other): {1, 279}}
    assert hubspot.portal.record("contacts", maria)["properties"]["associatedcompanyid"] == other
    assert types(hubspot, "companies", acme, "contacts")[int(maria)] == {280}


def test_a_primary_can_be_set_from_the_companys_side(hubspot: Served) -> None:
    maria, acme = hubspot.portal.ids("maria")[0], hubspot.portal.ids("acme")[0]
    other = company(hubspot, "Other")
    link(hubspot, "companies", other, "contacts", maria, 2)
    assert types(hubspot, "contacts", maria, "companies") == {int(acme): {279}, int(other): {1, 279}}


def test_association_edits_move_no_modification_stamp(hubspot: Served) -> None:
    call, group = hubspot.portal.ids("t3")[0], hubspot.portal.ids("group")[0]
    before = (
        hubspot.get(f"/crm/v3/objects/calls/{call}")["updatedAt"],
        hubspot.get(f"/crm/v3/objects/companies/{group}"),
    )
    link(hubspot, "calls", call, "companies", group, 182)
    assert int(group) in types(hubspot, "calls", call, "companies")
    assert hubspot.get(f"/crm/v3/objects/calls/{call}")["updatedAt"] == before[0]
    assert hubspot.get(f"/crm/v3/objects/companies/{group}") == before[1]


@pytest.mark.parametrize("number", [191, 204, 99_999])
def test_a_type_that_does_not_lead_from_one_to_the_other_is_refused(hubspot: Served, number: int) -> None:
    _, task = hubspot.post("/crm/v3/objects/tasks", {"properties": {"hs_timestamp": "2026-11-24T14:00:00Z"}})
    status, answer = link(hubspot, "tasks", task["id"], "companies", hubspot.portal.ids("acme")[0], number)
    assert (status, answer["numErrors"], answer["results"]) == (207, 1, [])


def test_an_association_with_nothing_is_refused(hubspot: Served) -> None:
    status, answer = link(hubspot, "contacts", hubspot.portal.ids("maria")[0], "companies", "9", 279)
    assert (status, answer["errors"][0]["category"]) == (207, "OBJECT_NOT_FOUND")


def test_an_archived_association_is_gone_from_both_sides(hubspot: Served) -> None:
    maria, acme = hubspot.portal.ids("maria")[0], hubspot.portal.ids("acme")[0]
    one = {"from": {"id": maria}, "to": [{"id": acme}]}
    assert hubspot.post(f"{V4}/contacts/companies/batch/archive", {"inputs": [one]}) == (204, None)
    assert types(hubspot, "contacts", maria, "companies") == {}
    assert int(maria) not in types(hubspot, "companies", acme, "contacts")
    assert "associatedcompanyid" not in hubspot.portal.record("contacts", maria)["properties"]


def test_a_label_alone_can_be_taken_away(hubspot: Served) -> None:
    maria, acme = hubspot.portal.ids("maria")[0], hubspot.portal.ids("acme")[0]
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    one = {"from": {"id": maria}, "to": {"id": acme}, "types": spec}
    assert hubspot.post(f"{V4}/contacts/companies/batch/labels/archive", {"inputs": [one]})[0] == 204
    assert types(hubspot, "contacts", maria, "companies") == {int(acme): {279}}


def test_a_default_association_needs_no_type(hubspot: Served) -> None:
    maria, group = hubspot.portal.ids("maria")[0], hubspot.portal.ids("group")[0]
    one = {"from": {"id": maria}, "to": {"id": group}}
    status, answer = hubspot.post(f"{V4}/contacts/companies/batch/associate/default", {"inputs": [one]})
    assert (status, [each["associationSpec"]["associationTypeId"] for each in answer["results"]]) == (200, [279, 280])
    assert types(hubspot, "contacts", maria, "companies")[int(group)] == {279}


def test_labels_of_the_portals_own_can_be_made_and_used(hubspot: Served) -> None:
    maria, acme = hubspot.portal.ids("maria")[0], hubspot.portal.ids("acme")[0]
    body = {"label": "Decision maker", "name": "decision_maker"}
    _, made = hubspot.post(f"{V4}/contacts/companies/labels", body)
    number = made["results"][0]["typeId"]
    spec = [{"associationCategory": "USER_DEFINED", "associationTypeId": number}]
    one = {"from": {"id": maria}, "to": {"id": acme}, "types": spec}
    assert hubspot.post(f"{V4}/contacts/companies/batch/create", {"inputs": [one]})[0] == 201
    assert {"category": "USER_DEFINED", "typeId": number, "label": "Decision maker"} in hubspot.get(
        f"{V4}/contacts/companies/labels"
    )["results"]
    assert types(hubspot, "contacts", maria, "companies")[int(acme)] == {1, 279, number}


def test_a_parent_company_shows_as_a_property_of_its_child(hubspot: Served) -> None:
    acme, group = hubspot.portal.ids("acme")[0], hubspot.portal.ids("group")[0]
    assert types(hubspot, "companies", acme, "companies") == {int(group): {14}}
    assert types(hubspot, "companies", group, "companies") == {int(acme): {13}}
    assert hubspot.portal.record("companies", acme)["properties"]["hs_parent_company_id"] == group


def test_the_associations_of_one_record_page_by_limit(hubspot: Served) -> None:
    path = f"/crm/v4/objects/companies/{hubspot.portal.ids('acme')[0]}/associations/deals"
    page = hubspot.get(f"{path}?limit=2")
    rest = hubspot.get(f"{path}?limit=2&after={page['paging']['next']['after']}")
    assert len({one["toObjectId"] for one in page["results"] + rest["results"]}) == 3
    assert hubspot.call("GET", "/crm/v4/objects/companies/9/associations/deals")[0] == 404
