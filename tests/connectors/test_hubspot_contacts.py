"""Which company a contact belongs to and what it is there: associations and their labels decide, not the contact."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.hubspot.connector import HubspotConnector
from connectors.hubspot.contacts import company_of
from connectors.hubspot.links import Associated
from tests.connectors.hubspot_portal import HOUR, Portal, Store, pull

DAY = 24 * HOUR
ROOT = "/crm/associations/2026-09"


def label(portal: Portal, to_kind: str, name: str) -> int:
    """The type id of a label of the portal's own, from contacts to that kind."""
    made = portal.api(f"{ROOT}/contacts/{to_kind}/labels", {"label": name, "name": name.lower().replace(" ", "_")})
    return int(made["results"][0]["typeId"])


def attach(portal: Portal, contact: str, to_kind: str, to_id: str, type_id: int, *, own: bool = True) -> None:
    types = [{"associationCategory": "USER_DEFINED" if own else "HUBSPOT_DEFINED", "associationTypeId": type_id}]
    link = {"from": {"id": contact}, "to": {"id": to_id}, "types": types}
    portal.api(f"{ROOT}/contacts/{to_kind}/batch/create", {"inputs": [link]})


def loaded(portal: Portal) -> tuple[HubspotConnector, Store]:
    connector, store = portal.connect(), Store()
    pull(connector, store)
    portal.advance(HOUR)
    return connector, store


def roles(store: Store, contact: str) -> set[str]:
    return {
        word
        for row in store.rows["contact_roles"].values()
        if row["contact_id"] == contact
        for word in row["roles"].split(";")
    }


@pytest.mark.parametrize(
    ("companies", "own", "expected"),
    [
        ({"1": False, "2": True}, "1", "2"),
        ({"1": False, "2": False}, "2", "2"),
        ({"1": False, "2": False}, "9", "1"),
        ({}, "9", None),
    ],
    ids=["the primary one", "its own if none is primary", "the first if its own is stale", "none"],
)
def test_the_primary_company_is_a_contact_s_account(companies: dict[str, bool], own: str, expected: str | None) -> None:
    found = Associated(targets={"7": companies} if companies else {})
    assert company_of(found, {"id": "7", "account_id": own}) == expected


def test_a_contact_whose_associations_are_refused_stays_where_it_is() -> None:
    assert company_of(Associated(refused={"7"}), {"id": "7", "account_id": "9"}) == "9"


def test_a_stale_company_on_the_contact_does_not_count(portal: Portal) -> None:
    contact, other = portal.records("contacts")[0]["id"], portal.records("companies")[-1]["id"]
    true = portal.records("contacts")[0]["properties"]["associatedcompanyid"]
    assert true != other
    portal.control("PATCH", f"records/hubspot/contacts/{contact}", {"associatedcompanyid": other})
    _, store = loaded(portal)
    assert store.rows["contacts"][contact]["account_id"] == true


def test_a_new_primary_company_of_a_new_contact_arrives_in_the_next_cycle(portal: Portal) -> None:
    made = portal.control("POST", "records/hubspot/contacts", {"properties": {"email": "new@c.example"}})
    contact = str(made["id"] if "id" in made else made["record"]["id"])
    connector, store = loaded(portal)
    assert store.rows["contacts"][contact]["account_id"] is None
    portal.advance(2 * DAY)
    pull(connector, store)  # the beat is behind us
    portal.advance(HOUR)
    company = next(iter(store.rows["accounts"]))
    attach(portal, contact, "companies", company, 1, own=False)
    pull(connector, store)
    assert store.rows["contacts"][contact]["account_id"] == company


@pytest.mark.parametrize("to_kind", ["companies", "deals"])
def test_a_label_makes_a_role_and_goes_with_it(portal: Portal, to_kind: str) -> None:
    connector, store = loaded(portal)
    contact = next(row for row in store.rows["contacts"].values() if row["account_id"])
    target = contact["account_id"] if to_kind == "companies" else next(iter(store.rows["deals"]))
    type_id = label(portal, to_kind, "Decision maker")
    attach(portal, contact["id"], to_kind, target, type_id)
    portal.advance(DAY)
    pull(connector, store)
    assert "decision-maker" in roles(store, contact["id"])
    ends: dict[str, Any] = {"from": {"id": contact["id"]}, "to": {"id": target}}
    types = [{"associationCategory": "USER_DEFINED", "associationTypeId": type_id}]
    portal.api(f"{ROOT}/contacts/{to_kind}/batch/labels/archive", {"inputs": [ends | {"types": types}]})
    portal.advance(DAY)
    pull(connector, store)
    assert roles(store, contact["id"]) == set()


def test_a_portal_s_own_word_for_a_role_is_translated(portal: Portal) -> None:
    contact = portal.records("contacts")[0]
    company = contact["properties"]["associatedcompanyid"]
    attach(portal, contact["id"], "companies", company, label(portal, "companies", "Entscheider"))
    store = Store()
    pull(portal.connect(roles={"ENTSCHEIDER": "decision-maker"}), store)
    assert roles(store, contact["id"]) == {"decision-maker"}
    other = Store()
    pull(portal.connect(), other)
    assert roles(other, contact["id"]) == {"entscheider"}


def test_a_label_with_another_company_says_nothing_of_the_contact_s_own(portal: Portal) -> None:
    contact = portal.records("contacts")[0]
    other = next(
        one["id"] for one in portal.records("companies") if one["id"] != contact["properties"]["associatedcompanyid"]
    )
    attach(portal, contact["id"], "companies", other, label(portal, "companies", "Decision maker"))
    store = Store()
    pull(portal.connect(), store)
    assert roles(store, contact["id"]) == set()
