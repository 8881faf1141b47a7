"""What differs from portal to portal: its currency, its admin's validation rules, its way to refuse a batch."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.protocol import Change, Done, Rejected, SetFields
from tests.connectors.hubspot_portal import HOUR, Portal, Store, a_task, content, outcomes, pull


def set_up(portal: Portal, **wanted: Any) -> None:
    portal.control("POST", "setup/hubspot", wanted)


@pytest.mark.parametrize("api_version", ["2026-09", "v3"])
def test_a_deal_in_another_currency_counts_in_the_portal_s_own(portal: Portal, api_version: str) -> None:
    set_up(portal, rates={"USD": 0.5})
    values = {"dealname": "Abroad", "dealstage": "closedwon", "amount": "3000", "deal_currency_code": "USD"}
    deal = portal.control("POST", "records/hubspot/deals", values)["id"]
    store = Store()
    pull(portal.connect(api_version=api_version), store)
    assert (store.rows["deals"][deal]["amount"], store.rows["deals"][deal]["currency"]) == (1500, "EUR")


def test_a_new_exchange_rate_moves_no_stamp_and_arrives_with_the_beat(portal: Portal) -> None:
    values = {"dealname": "Abroad", "dealstage": "closedwon", "amount": "3000", "deal_currency_code": "USD"}
    deal = portal.control("POST", "records/hubspot/deals", values)["id"]
    portal.advance(HOUR)
    connector, store = portal.connect(), Store()
    pull(connector, store)
    data = portal.sandbox.hubspot.account.data
    record = next(one for one in data.store.everything(3, 0, -1) if str(one.id) == deal)
    record.properties["amount_in_home_currency"] = "2400"
    data.store.put(record, data.now_ms)
    portal.advance(24 * HOUR)
    pull(connector, store)
    assert store.rows["deals"][deal]["amount"] == 2400


def test_a_portal_without_converted_amounts_gives_them_as_they_are(portal: Portal) -> None:
    for kind, definitions in portal.sandbox.hubspot.account.data.definitions.items():
        if kind.plural == "deals":
            del definitions["amount_in_home_currency"]
    values = {"dealname": "Abroad", "dealstage": "closedwon", "amount": "3000", "deal_currency_code": "USD"}
    deal = portal.control("POST", "records/hubspot/deals", values)["id"]
    store = Store()
    pull(portal.connect(), store)
    assert (store.rows["deals"][deal]["amount"], store.rows["deals"][deal]["currency"]) == (3000, "USD")


def loaded(portal: Portal) -> Store:
    store = Store()
    pull(portal.connect(), store)
    portal.served()
    return store


@pytest.mark.parametrize("whole_batches", [False, True])
def test_what_a_validation_rule_refuses_is_refused_alone_and_with_its_words(
    portal: Portal, *, whole_batches: bool
) -> None:
    rules = [
        {"object": "tasks", "when": "hs_task_priority", "value": "LOW", "needs": "hs_queue_membership_ids"},
        {"object": "companies", "when": "holdfast_risk", "value": "7", "needs": "phone"},
    ]
    set_up(portal, rules=rules, whole_batches=whole_batches)
    store = loaded(portal)
    owner = next(row["id"] for row in store.rows["users"].values() if row["active"])
    changes: list[Change] = [a_task(store, number) for number in range(5)]
    changes[3] = a_task(store, 3, content=content(assignee_id=owner, severity="low"))
    accounts = list(store.rows["accounts"])[:4]
    changes += [SetFields(account_id=one, fields={"risk": 7 if n == 1 else 8}) for n, one in enumerate(accounts)]
    found = outcomes(portal.connect(), *changes)
    assert [type(one) for one in found] == [Done, Done, Done, Rejected, Done, Done, Rejected, Done, Done]
    task, company = found[3], found[6]
    assert isinstance(task, Rejected)
    assert isinstance(company, Rejected)
    assert 'is required when "hs_task_priority" is "LOW"' in task.message
    assert 'is required when "holdfast_risk" is "7"' in company.message
    assert "\n" not in task.message
    assert len(portal.records("tasks")) == 4
    sent = [operation for operation, _ in portal.served()]
    assert (sent.count("batch-create"), sent.count("batch-update")) == ((7, 5) if whole_batches else (1, 1))


def test_older_versions_of_the_api_know_no_validation_rules(portal: Portal) -> None:
    set_up(portal, rules=[{"object": "companies", "when": "holdfast_risk", "value": "7", "needs": "phone"}])
    account = next(iter(loaded(portal).rows["accounts"]))
    change = SetFields(account_id=account, fields={"risk": 7})
    assert outcomes(portal.connect(api_version="2026-03"), change) == [Done()]


def test_a_locked_portal_is_written_to_once_the_lock_is_gone(portal: Portal) -> None:
    store = loaded(portal)
    portal.faults({"operation": "batch-create", "kind": "locked", "first": 2})
    assert isinstance(outcomes(portal.connect(), a_task(store))[0], Done)
    assert len(portal.records("tasks")) == 1


def test_what_cannot_be_set_up_is_told(portal: Portal) -> None:
    for wanted in ({"colour": "red"}, {"rules": [{"object": "companies"}]}, {"rates": 3}):
        reply = portal.http.request("POST", f"{portal.url}/_sandbox/setup/hubspot", json=wanted)
        assert reply.status == 400
        assert b"error" in reply.data or b"message" in reply.data
