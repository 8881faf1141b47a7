"""Associations change without a trace: what is edited on old records arrives with the beat, and a pass is resumable."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import TransientError
from connectors.hubspot import link_streams, links
from connectors.hubspot.connector import HubspotConnector
from tests.connectors.hubspot_portal import HOUR, Portal, Store, pull, pull_stream

DAY = 24 * HOUR
ROOT = "/crm/associations/2026-09"


def settled(portal: Portal) -> tuple[HubspotConnector, Store]:
    """A store half a year after its load, with all that is recent or due behind it."""
    connector, store = portal.connect(), Store()
    pull(connector, store)
    portal.advance(200 * DAY)
    pull(connector, store)
    pull(connector, store)
    portal.advance(HOUR)
    return connector, store


def attach(portal: Portal, from_kind: str, from_id: str, to_kind: str, to_id: str, *, type_id: int) -> None:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
    link = {"from": {"id": from_id}, "to": {"id": to_id}, "types": types}
    portal.api(f"{ROOT}/{from_kind}/{to_kind}/batch/create", {"inputs": [link]})


def detach(portal: Portal, from_kind: str, from_id: str, to_kind: str, to_id: str) -> None:
    link = {"from": {"id": from_id}, "to": [{"id": to_id}]}
    portal.api(f"{ROOT}/{from_kind}/{to_kind}/batch/archive", {"inputs": [link]})


def an_old_call(store: Store) -> tuple[str, str, str]:
    """(call, a contact it hangs on, one that it does not)."""
    call = next(row_id for row_id in store.rows["activities"] if row_id.startswith("calls:"))
    ((_, _, contact), *_) = store.links[call, "assoc:contacts"]
    return call.removeprefix("calls:"), contact, next(one for one in store.rows["contacts"] if one != contact)


def test_edits_of_an_old_activity_s_associations_arrive_with_the_beat(portal: Portal) -> None:
    connector, store = settled(portal)
    call, former, new = an_old_call(store)
    company = next(iter(store.rows["accounts"]))
    detach(portal, "calls", call, "contacts", former)
    attach(portal, "calls", call, "contacts", new, type_id=194)
    attach(portal, "calls", call, "companies", company, type_id=182)
    before = dict(store.links)
    assert pull(connector, store)["calls"] == 0  # no stamp has moved
    assert store.links == before
    portal.advance(DAY)
    pull(connector, store)
    told = {target for _, _, target in store.links[f"calls:{call}", "assoc:contacts"]}
    assert (new in told, former in told) == (True, False)
    assert company in {target for _, _, target in store.links[f"calls:{call}", "assoc:companies"]}


def test_a_deal_s_new_primary_company_arrives_with_the_beat(portal: Portal) -> None:
    connector, store = settled(portal)
    deal = next(iter(store.rows["deals"]))
    ((_, _, former),) = store.links[f"deals:{deal}", "assoc:companies"]
    company = next(one for one in store.rows["accounts"] if one != former)
    attach(portal, "deals", deal, "companies", company, type_id=5)
    pull(connector, store)
    assert store.links[f"deals:{deal}", "assoc:companies"] == [("about", "account", former)]
    portal.advance(DAY)
    pull(connector, store)
    assert store.links[f"deals:{deal}", "assoc:companies"] == [("about", "account", company)]


def test_a_contact_s_new_primary_company_arrives_with_the_beat(portal: Portal) -> None:
    connector, store = settled(portal)
    contact, former = next((row["id"], row["account_id"]) for row in store.rows["contacts"].values())
    company = next(one for one in store.rows["accounts"] if one != former)
    attach(portal, "contacts", contact, "companies", company, type_id=1)
    pull(connector, store)
    assert store.rows["contacts"][contact]["account_id"] == former
    portal.advance(DAY)
    pull(connector, store)
    assert store.rows["contacts"][contact]["account_id"] == company


def test_a_pass_that_is_cut_short_goes_on_after_its_last_record(portal: Portal, monkeypatch: Any) -> None:
    monkeypatch.setattr(links, "BATCH_SIZE", 10)
    monkeypatch.setattr(link_streams, "overlapped", map)  # one after the other, so that the sixth question is known
    connector, store = settled(portal)
    call, _, new = an_old_call(store)
    attach(portal, "calls", call, "contacts", new, type_id=194)
    portal.advance(DAY)
    ids = sorted(row_id for row_id in store.rows["activities"] if row_id.startswith("calls:"))
    store.cycle += 1
    connector.server_now()
    portal.faults({"operation": "associations-read", "path": "calls", "after": 3 * 2, "kind": "unavailable"})
    with pytest.raises(TransientError):
        list(pull_stream(connector, store, "call_links"))
    portal.faults()
    assert store.cursors["call_links"]["pass"]["last"] == ids[19]
    # What changes while the pass lies still, behind its place, is read all the same.
    store.cycle += 1
    store.changed_in[ids[0]] = store.cycle
    portal.served()
    pages = list(pull_stream(connector, store, "call_links"))
    assert sum(page.records for page in pages) == len(ids) - 20 + 1
    assert new in {target for _, _, target in store.links[f"calls:{call}", "assoc:contacts"]}
    assert (store.cursors["call_links"]["cycle"], "pass" in store.cursors["call_links"]) == (store.cycle, False)
