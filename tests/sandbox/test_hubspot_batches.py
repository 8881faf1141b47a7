"""Batch calls of the HubSpot sandbox: caps, partial failure, upserts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.hubspot_served import Served, portal, served, small_company

TASKS = "/crm/objects/2026-09/tasks/batch"
DUE = {"hs_timestamp": "2026-11-24T14:00:00.000Z"}


@pytest.fixture
def hubspot() -> Iterator[Served]:
    filled = portal()
    filled.load(small_company())
    with served(filled) as client:
        yield client


def tasks(hubspot: Served) -> list[str]:
    return [one["id"] for one in hubspot.get("/crm/v3/objects/tasks?limit=100")["results"]]


def new(key: str, trace: str = "", **values: str) -> dict[str, Any]:
    made: dict[str, Any] = {"properties": DUE | {"holdfast_key": key} | values}
    return made | ({"objectWriteTraceId": trace} if trace else {})


def test_more_than_a_hundred_inputs_are_refused(hubspot: Served) -> None:
    inputs = [new(f"hf1:{number}") for number in range(101)]
    assert hubspot.post(f"{TASKS}/create", {"inputs": inputs})[0] == 400
    assert hubspot.post(f"{TASKS}/create", {"inputs": inputs[:100]})[0] == 201
    assert len(tasks(hubspot)) == 100
    assert hubspot.post(f"{TASKS}/create", {"inputs": []})[0] == 400
    assert hubspot.post(f"{TASKS}/create", {})[0] == 400


def test_without_trace_ids_one_bad_input_fails_the_whole_batch(hubspot: Served) -> None:
    status, answer = hubspot.post(f"{TASKS}/create", {"inputs": [new("a"), new("b", nothing="1")]})
    assert (status, answer["category"], tasks(hubspot)) == (400, "VALIDATION_ERROR", [])


@pytest.mark.parametrize("traces", [("w1", ""), ("w1", "w1")], ids=["one missing", "not unique"])
def test_trace_ids_that_are_not_complete_do_not_count(hubspot: Served, traces: tuple[str, str]) -> None:
    inputs = [new("a", traces[0]), new("b", traces[1], nothing="1")]
    assert hubspot.post(f"{TASKS}/create", {"inputs": inputs})[0] == 400
    assert tasks(hubspot) == []


def test_with_trace_ids_good_inputs_are_created_and_bad_ones_named(hubspot: Served) -> None:
    inputs = [new("a", "w1"), new("b", "w2", nothing="1"), new("c", "w3")]
    status, answer = hubspot.post(f"{TASKS}/create", {"inputs": inputs})
    assert (status, answer["status"], answer["numErrors"]) == (207, "COMPLETE", 1)
    assert answer["errors"][0]["context"] == {"objectWriteTraceId": ["w2"]}
    assert "PROPERTY_DOESNT_EXIST" in answer["errors"][0]["message"]
    assert {one["objectWriteTraceId"]: one["properties"]["holdfast_key"] for one in answer["results"]} == {
        "w1": "a",
        "w3": "c",
    }


def test_results_do_not_come_in_the_order_of_the_inputs(hubspot: Served) -> None:
    _, answer = hubspot.post(f"{TASKS}/create", {"inputs": [new("a"), new("b")]})
    assert [one["properties"]["holdfast_key"] for one in answer["results"]] == ["b", "a"]


def test_two_inputs_with_one_unique_value_conflict(hubspot: Served) -> None:
    status, answer = hubspot.post(f"{TASKS}/create", {"inputs": [new("a", "w1"), new("a", "w2")]})
    assert (status, len(answer["results"]), answer["numErrors"]) == (207, 1, 1)


def test_a_read_names_the_ids_that_are_not_there(hubspot: Served) -> None:
    acme = hubspot.portal.ids("acme")[0]
    body = {"inputs": [{"id": acme}, {"id": "9"}], "properties": ["name"]}
    status, answer = hubspot.post("/crm/v3/objects/companies/batch/read", body)
    assert (status, answer["results"][0]["properties"]["name"]) == (207, "Acme")
    assert answer["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert answer["errors"][0]["context"] == {"ids": ["9"]}
    body = {"inputs": [{"id": "MARIA@acme.example"}], "idProperty": "email"}
    assert hubspot.post("/crm/v3/objects/contacts/batch/read", body)[0] == 200


def test_only_unique_properties_identify_records(hubspot: Served) -> None:
    body = {"inputs": [{"id": "Acme"}], "idProperty": "name"}
    status, answer = hubspot.post("/crm/v3/objects/companies/batch/read", body)
    assert (status, "non-unique" in answer["message"]) == (400, True)


def test_an_upsert_creates_once_and_updates_afterwards(hubspot: Served) -> None:
    def upsert(subject: str) -> dict[str, Any]:
        one = {"idProperty": "holdfast_key", "id": "hf1:a", "properties": DUE | {"hs_task_subject": subject}}
        status, answer = hubspot.post(f"{TASKS}/upsert", {"inputs": [one]})
        assert status == 200
        found: dict[str, Any] = answer["results"][0]
        return found

    first, second = upsert("one"), upsert("two")
    assert (first["new"], second["new"], first["id"] == second["id"]) == (True, False, True)
    assert second["properties"]["hs_task_subject"] == "two"
    assert tasks(hubspot) == [first["id"]]


def test_an_update_of_an_unknown_id_fails_all_or_is_named(hubspot: Served) -> None:
    acme = hubspot.portal.ids("acme")[0]
    inputs: list[dict[str, Any]] = [
        {"id": acme, "properties": {"holdfast_risk": "5"}},
        {"id": "9", "properties": {"holdfast_risk": "5"}},
    ]
    path = "/crm/v3/objects/companies/batch/update"
    assert hubspot.post(path, {"inputs": inputs})[0] == 404
    assert "holdfast_risk" not in hubspot.portal.record("companies", acme)["properties"]
    traced = [one | {"objectWriteTraceId": f"w{number}"} for number, one in enumerate(inputs)]
    status, answer = hubspot.post(path, {"inputs": traced})
    assert (status, len(answer["results"]), answer["errors"][0]["context"]["objectWriteTraceId"]) == (207, 1, ["w1"])


def test_the_same_record_twice_in_one_batch_is_refused(hubspot: Served) -> None:
    acme = hubspot.portal.ids("acme")[0]
    inputs = [{"id": acme, "properties": {"phone": phone}} for phone in "12"]
    assert hubspot.post("/crm/v3/objects/companies/batch/update", {"inputs": inputs})[0] == 400


def test_an_archive_passes_over_what_is_not_there(hubspot: Served) -> None:
    hubspot.post(f"{TASKS}/create", {"inputs": [new("a")]})
    ids = [{"id": one} for one in (*tasks(hubspot), "9")]
    assert hubspot.post(f"{TASKS}/archive", {"inputs": ids}) == (204, None)
    assert tasks(hubspot) == []


@pytest.mark.parametrize(
    "match", [{"objectWriteTraceId": "^w2$"}, {"holdfast_key": "b"}, {"holdfast_key": "b", "hs_timestamp": "2026"}]
)
def test_a_fault_refuses_the_rows_that_match(hubspot: Served, match: dict[str, str]) -> None:
    hubspot.journal.faults = {"rows": {"match": match, "message": "not today", "category": "CONFLICT"}}
    status, answer = hubspot.post(f"{TASKS}/create", {"inputs": [new("a", "w1"), new("b", "w2")]})
    assert (status, len(answer["results"])) == (207, 1)
    told = {"status": "error", "category": "CONFLICT", "message": "not today"}
    assert answer["errors"] == [told | {"context": {"objectWriteTraceId": ["w2"]}}]


def test_a_row_fault_without_trace_ids_fails_the_batch(hubspot: Served) -> None:
    hubspot.journal.faults = {"rows": {"match": {"holdfast_key": "b"}}}
    assert hubspot.post(f"{TASKS}/create", {"inputs": [new("a"), new("b")]})[0] == 400
    assert tasks(hubspot) == []
