"""Search of the HubSpot sandbox: operators, value rules, limits, the cap, and an index that lags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.sandbox.hubspot_search import has_token
from tests.sandbox.hubspot_served import START, Served, portal, served, small_company


@pytest.fixture
def hubspot() -> Iterator[Served]:
    filled = portal()
    filled.load(small_company())
    with served(filled) as client:
        yield client


def where(name: str, operator: str, **values: Any) -> dict[str, Any]:
    return {"filterGroups": [{"filters": [{"propertyName": name, "operator": operator} | values]}]}


def found(hubspot: Served, kind: str, body: dict[str, Any]) -> list[str]:
    status, answer = hubspot.post(f"/crm/objects/2026-09/{kind}/search", body)
    assert status == 200, answer
    assert answer["total"] == len(answer["results"])
    return [one["id"] for one in answer["results"]]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (where("name", "EQ", value="ACME"), ["Acme"]),
        (where("name", "NEQ", value="acme"), ["Acme Group"]),
        (where("name", "IN", values=["acme"]), ["Acme"]),
        (where("name", "IN", values=["Acme"]), []),
        (where("name", "NOT_IN", values=["acme"]), ["Acme Group"]),
        (where("name", "CONTAINS_TOKEN", value="gr*"), ["Acme Group"]),
        (where("name", "NOT_CONTAINS_TOKEN", value="group"), ["Acme"]),
        (where("domain", "HAS_PROPERTY"), ["Acme"]),
        (where("domain", "NOT_HAS_PROPERTY"), ["Acme Group"]),
        (where("lifecyclestage", "EQ", value="customer"), ["Acme"]),
        (where("lifecyclestage", "EQ", value="CUSTOMER"), []),
        (where("customer_since", "BETWEEN", value="1577836800000", highValue="1609459200000"), ["Acme"]),
        (where("customer_since", "GT", value="2020-03-01"), []),
        (where("createdate", "LT", value="1583100000000"), ["Acme"]),
        (where("createdate", "GTE", value="2020-03-02T00:00:00Z"), ["Acme Group"]),
        (where("phone", "NEQ", value="1"), []),
        ({"query": "group"}, ["Acme Group"]),
        ({"filters": [{"propertyName": "name", "operator": "EQ", "value": "acme"}]}, ["Acme"]),
        ({}, ["Acme", "Acme Group"]),
    ],
)
def test_a_condition_finds_what_it_should(hubspot: Served, condition: dict[str, Any], names: list[str]) -> None:
    status, answer = hubspot.post("/crm/v3/objects/companies/search", condition | {"properties": ["name"]})
    assert (status, [one["properties"]["name"] for one in answer["results"]]) == (200, names)


def test_contacts_are_not_found_by_the_stamp_of_the_other_types(hubspot: Served) -> None:
    assert found(hubspot, "contacts", where("hs_lastmodifieddate", "GTE", value="0")) == []
    assert len(found(hubspot, "contacts", where("lastmodifieddate", "GTE", value="0"))) == 2


def test_one_of_several_values_of_a_checkbox_is_enough(hubspot: Served) -> None:
    maria = hubspot.portal.ids("maria")
    assert found(hubspot, "contacts", where("hs_buying_role", "IN", values=["EXECUTIVE_SPONSOR"])) == maria


def test_groups_are_alternatives_and_filters_hold_together(hubspot: Served) -> None:
    t1, t2 = hubspot.portal.ids("t1")[0], hubspot.portal.ids("t2")[0]

    def of(email: str, direction: str) -> dict[str, Any]:
        return {
            "filters": [
                {"propertyName": "hs_object_id", "operator": "EQ", "value": email},
                {"propertyName": "hs_email_direction", "operator": "EQ", "value": direction},
            ]
        }

    groups = [of(t1, "EMAIL"), of(t2, "INCOMING_EMAIL"), of(t1, "INCOMING_EMAIL")]
    assert found(hubspot, "emails", {"filterGroups": groups}) == [t1, t2]


def test_records_can_be_found_by_what_they_are_associated_with(hubspot: Served) -> None:
    acme = hubspot.portal.ids("acme")[0]
    assert len(found(hubspot, "calls", where("associations.company", "EQ", value=acme))) == 2
    assert found(hubspot, "calls", where("associations.company", "EQ", value="1")) == []


def test_only_the_first_sort_counts_and_numbers_are_no_text(hubspot: Served) -> None:
    sorts = [{"propertyName": "amount", "direction": "DESCENDING"}, {"propertyName": "dealname"}]
    body = where("amount", "HAS_PROPERTY") | {"sorts": sorts}
    assert found(hubspot, "deals", body) == [hubspot.portal.ids("d1")[0], hubspot.portal.ids("d3")[0]]


def test_the_offset_pages_through_the_results(hubspot: Served) -> None:
    _, first = hubspot.post("/crm/v3/objects/deals/search", {"limit": 2})
    assert (first["total"], first["paging"]) == (3, {"next": {"after": "2"}})
    _, rest = hubspot.post("/crm/v3/objects/deals/search", {"limit": 2, "after": "2"})
    assert (len(rest["results"]), "paging" in rest) == (1, False)


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 200, "after": "9801"},
        {"after": "10000"},
        {"after": "x"},
        where("nothing", "EQ", value="1"),
        where("name", "EQUALS", value="1"),
        where("name", "EQ"),
        where("name", "IN", values=[]),
        where("name", "IN", value="acme"),
        where("createdate", "BETWEEN", value="1"),
        where("createdate", "GT", value="yesterday"),
        where("holdfast_risk", "GT", value="high"),
        where("associations.widget", "EQ", value="1"),
        {"filterGroups": [{"filters": []}]},
        {"filterGroups": where("name", "EQ", value="1")["filterGroups"] * 6},
        {"filterGroups": [{"filters": where("name", "EQ", value="1")["filterGroups"][0]["filters"] * 7}]},
        {"filterGroups": [{"filters": where("name", "EQ", value="1")["filterGroups"][0]["filters"] * 5}] * 4},
        {"sorts": [{"propertyName": "nothing"}]},
        {"query": "x" * 3001},
    ],
)
def test_what_search_cannot_do_is_refused(hubspot: Served, body: dict[str, Any]) -> None:
    status, answer = hubspot.post("/crm/v3/objects/companies/search", body)
    assert (status, answer["category"]) == (400, "VALIDATION_ERROR")


def test_the_last_page_below_the_cap_is_served(hubspot: Served) -> None:
    assert hubspot.post("/crm/v3/objects/companies/search", {"limit": 200, "after": "9800"})[0] == 200


def test_a_search_shows_no_associations_and_only_the_properties_asked_for(hubspot: Served) -> None:
    body = {"properties": ["phone", "nothing"]}
    shown = hubspot.post("/crm/v3/objects/companies/search", body)[1]["results"][0]
    assert set(shown["properties"]) == {"createdate", "hs_lastmodifieddate", "hs_object_id", "phone"}
    assert "associations" not in shown


def test_a_lagging_index_shows_the_portal_as_it_was() -> None:
    filled = portal(index_lag_seconds=60)
    filled.load(small_company())
    clock = filled.account.clock
    with served(filled) as hubspot:
        acme = filled.ids("acme")[0]
        hubspot.call("PATCH", f"/crm/v3/objects/companies/{acme}", {"properties": {"name": "New"}})
        _, made = hubspot.post("/crm/v3/objects/companies", {"properties": {"name": "Third"}})
        hubspot.call("DELETE", f"/crm/v3/objects/companies/{filled.ids('group')[0]}")
        names = {one["properties"]["name"] for one in hubspot.get("/crm/v3/objects/companies")["results"]}
        assert names == {"New", "Third"}
        assert found(hubspot, "companies", where("name", "IN", values=["acme", "acme group"])) == [
            acme,
            filled.ids("group")[0],
        ]
        clock.advance(61)
        assert found(hubspot, "companies", {}) == [acme, made["id"]]
        assert found(hubspot, "companies", where("name", "EQ", value="new")) == [acme]


def test_a_fault_can_make_one_search_lag() -> None:
    with served(portal()) as hubspot:
        hubspot.post("/crm/v3/objects/companies", {"properties": {"name": "First"}})
        hubspot.journal.faults = {"index_lag_seconds": 10}
        assert found(hubspot, "companies", {}) == []
        hubspot.journal.faults = {}
        assert len(found(hubspot, "companies", {})) == 1


def test_a_bulk_job_leaves_one_stamp_on_many_records(hubspot: Served) -> None:
    hubspot.portal.act("tom", "bulk_edit", {"object": "deals", "values": {"dealtype": "newbusiness"}})
    stamps = {one["updatedAt"] for one in hubspot.get("/crm/v3/objects/deals")["results"]}
    assert len(stamps) == 1
    assert min(stamps) > START.isoformat()[:19]


@pytest.mark.parametrize(
    ("text", "token", "fits"),
    [
        ("Acme Group", "group", True),
        ("Acme Groups", "group", False),
        ("Acme Groups", "group*", True),
        (None, "x", False),
    ],
)
def test_tokens_are_whole_words_unless_starred(text: str | None, token: str, fits: bool) -> None:
    assert has_token(text, token) is fits
