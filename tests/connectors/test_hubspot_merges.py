"""Two records become a third: what was the two's is the third's, in the store and in what is written."""

from __future__ import annotations

from collections import Counter

import pytest

from connectors.hubspot.mapping import mapped, merged_ids, shapes
from connectors.hubspot.settings import HubspotSettings
from connectors.protocol import CreateTask, Done, Rejected, Row, SetFields, Superseded
from tests.connectors.hubspot_portal import HOUR, Portal, Store, a_task, done, outcomes, pull

ABOUT_COMPANY = "assoc:companies"


def merge(portal: Portal, kind: str, primary: str, other: str) -> str:
    pair = {"primaryObjectId": primary, "objectIdToMerge": other}
    return str(portal.api(f"/crm/objects/2026-09/{kind}/merge", pair)["id"])


def targets(store: Store, source: str) -> dict[str, set[str]]:
    """Activity or deal -> what it hangs on, as that source tells."""
    return {name: {target for _, _, target in links} for (name, told), links in store.links.items() if told == source}


def with_two_companies(portal: Portal) -> tuple[Store, str, str]:
    store = Store()
    pull(portal.connect(), store)
    portal.advance(200 * 24 * HOUR)  # so that no activity is recent, and the beat is behind us
    pull(portal.connect(), store)
    pull(portal.connect(), store)
    portal.advance(HOUR)
    primary, other = (row["id"] for row in list(store.rows["accounts"].values())[:2])
    return store, primary, other


@pytest.mark.parametrize("api_version", ["2026-09", "v3"])
def test_what_hung_on_two_companies_hangs_on_the_third(portal: Portal, api_version: str) -> None:
    store, primary, other = with_two_companies(portal)
    before = targets(store, ABOUT_COMPANY)
    contacts = {row["id"] for row in store.rows["contacts"].values() if row["account_id"] in (primary, other)}
    subsidiaries = {row["id"] for row in store.rows["accounts"].values() if row["parent_id"] in (primary, other)}
    new = merge(portal, "companies", primary, other)
    portal.advance(60)
    pull(portal.connect(api_version=api_version), store)
    assert not {primary, other} & set(store.rows["accounts"])
    after = targets(store, ABOUT_COMPANY)
    moved = {name for name, found in before.items() if found & {primary, other}}
    assert {name.partition(":")[0] for name in moved} >= {"calls", "emails", "meetings", "deals"}
    assert {name for name, found in after.items() if new in found} == moved
    assert not [name for name, found in after.items() if found & {primary, other}]
    assert {row["id"] for row in store.rows["contacts"].values() if row["account_id"] == new} == contacts
    assert {row["id"] for row in store.rows["accounts"].values() if row["parent_id"] == new} == subsidiaries - {
        primary,
        other,
    }


def test_what_two_contacts_did_was_done_by_the_third(portal: Portal) -> None:
    store, *_ = with_two_companies(portal)
    at = Counter(row["account_id"] for row in store.rows["contacts"].values())
    (account, _), *_ = at.most_common(1)
    primary, other = [row["id"] for row in store.rows["contacts"].values() if row["account_id"] == account][:2]
    before = targets(store, "assoc:contacts")
    new = merge(portal, "contacts", primary, other)
    portal.advance(60)
    pull(portal.connect(), store)
    assert not {primary, other} & set(store.rows["contacts"])
    after = targets(store, "assoc:contacts")
    moved = {name for name, found in before.items() if found & {primary, other}}
    assert moved
    assert {name for name, found in after.items() if new in found} == moved


def test_a_merge_is_followed_once(portal: Portal) -> None:
    store, primary, other = with_two_companies(portal)
    merge(portal, "companies", primary, other)
    portal.advance(60)
    connector = portal.connect()
    portal.served()
    pull(connector, store)
    followed = portal.served()
    pull(connector, store)
    again = portal.served()
    assert "associations-read" in {operation for operation, _ in followed}
    assert "associations-read" not in {operation for operation, _ in again}


def test_our_open_task_is_found_on_the_merged_company(portal: Portal) -> None:
    store, connector = Store(), portal.connect()
    pull(connector, store)
    task = done(outcomes(connector, a_task(store, 1))[0])
    portal.advance(HOUR)
    pull(connector, store)
    primary = next(one for one in store.rows["accounts"] if one != task.account_id)
    new = merge(portal, "companies", primary, str(task.account_id))
    portal.advance(60)
    pull(connector, store)
    row = store.rows["crm_tasks"][task.id]
    assert (row["account_id"], row["status"], row["key"]) == (new, "open", task.key)


def test_fields_of_a_company_merged_a_moment_ago_are_set_on_the_new_one(portal: Portal) -> None:
    store, primary, other = with_two_companies(portal)
    third = next(one for one in store.rows["accounts"] if one not in (primary, other))
    new = merge(portal, "companies", primary, other)
    changes = [SetFields(account_id=one, fields={"risk": 40 + n}) for n, one in enumerate((other, third))]
    portal.served()
    assert outcomes(portal.connect(), *changes) == [Done(), Done()]
    assert [operation for operation, _ in portal.served()].count("batch-update") == 1
    risks = {record["id"]: record["properties"].get("holdfast_risk") for record in portal.records("companies")}
    assert (risks[new], risks[third]) == ("40", "41")


def test_of_values_for_one_merged_company_its_own_win(portal: Portal) -> None:
    _, primary, other = with_two_companies(portal)
    new = merge(portal, "companies", primary, other)
    changes = [SetFields(account_id=one, fields={"risk": 40 + n}) for n, one in enumerate((primary, other, new))]
    found = outcomes(portal.connect(), *changes, SetFields(account_id="999999999", fields={"risk": 1}))
    assert found[:3] == [Superseded(account_id=new), Superseded(account_id=new), Done()]
    assert isinstance(found[3], Rejected)
    assert found[3].code == "OBJECT_NOT_FOUND"
    assert portal.control("GET", f"records/hubspot/companies/{new}")["properties"]["holdfast_risk"] == "42"


def test_a_task_for_a_company_merged_a_moment_ago_is_made_on_the_new_one(portal: Portal) -> None:
    store, _, _ = with_two_companies(portal)
    one, other = a_task(store, 0), a_task(store, 1)
    new = merge(portal, "companies", one.account_id, other.account_id)
    gone: CreateTask = a_task(store, 2)
    portal.control("DELETE", f"records/hubspot/companies/{gone.account_id}")
    first, second, third = outcomes(portal.connect(), one, other, gone)
    assert {done(first).account_id, done(second).account_id} == {new}
    assert isinstance(third, Rejected)
    assert len(portal.records("tasks")) == 2


def test_old_ids_are_read_from_either_property() -> None:
    shape = shapes(HubspotSettings.model_validate({"kind": "hubspot", "access_token": "t"}))["contacts"]
    properties: Row = {
        "hs_merged_object_ids": "7;8",
        "hs_calculated_merged_vids": "8:1579514400000;9:1579514400000;12:1",
    }
    record = {"id": "12", "properties": properties}
    assert merged_ids(shape, record) == ["7", "8", "9"]
    page = mapped(shape, [record], {})
    assert page.gone == {"contacts": ["7", "8", "9"]}
    assert page.merged == {"contacts": {"7": "12", "8": "12", "9": "12"}}
    assert merged_ids(shape, {"id": "12", "properties": {"hs_merged_object_ids": None}}) == []
