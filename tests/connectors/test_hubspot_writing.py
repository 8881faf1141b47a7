"""What a batch's answer means for each of its changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
import pytest
from pydantic import SecretStr, ValidationError

from connectors.errors import AuthError, RejectedError
from connectors.hubspot.paths import Paths
from connectors.hubspot.refusals import refusal
from connectors.hubspot.remedies import REMEDIES
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.tasks import Tasks
from connectors.hubspot.writing import Writer
from connectors.protocol import (
    Ambiguous,
    Capabilities,
    Change,
    CloseTask,
    CreateTask,
    Done,
    Outcome,
    Rejected,
    SetFields,
    TaskContent,
    UpdateTask,
)
from tests.connectors.hubspot_portal import Portal, Store, a_task, content, done, outcomes, pull

SETTINGS = HubspotSettings(kind="hubspot", access_token=SecretStr("t"))
Send = Callable[[str, dict[str, Any]], dict[str, Any]]


class Wire:
    """A portal that is one function."""

    name = "acme"
    paths = Paths("2026-09")

    def __init__(self, send: Send) -> None:
        self.sizes: list[int] = []
        self._send = send

    def create(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.sizes.append(len(body["inputs"]))
        return self._send(path, body)

    def post(self, path: str, body: dict[str, Any], query: Any = None) -> dict[str, Any]:
        return self.create(path, body)


def apply(wire: Wire, *changes: Change) -> list[tuple[Change, Outcome]]:
    allowed = Capabilities(task_key_unique=True, account_fields=frozenset())
    tasks = Tasks(wire, SETTINGS, lambda: True)  # type: ignore[arg-type]  # a double of Client
    writer = Writer(wire, SETTINGS, tasks, key_exists=lambda: True, capabilities=lambda: allowed)  # type: ignore[arg-type]
    return list(writer.apply(changes))


def task(number: int) -> CreateTask:
    content = TaskContent(assignee_id="7", subject="S", body="B", due_on=date(2026, 11, 20), severity="high")
    return CreateTask(key=f"hf1:{number}:owner:1", account_id=str(number), contact_id=None, content=content)


def created(inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": f"9{one['associations'][0]['to']['id']}", "properties": one["properties"]} for one in inputs]


def test_a_batch_refused_as_a_whole_is_halved_until_the_bad_row_is_alone() -> None:
    def send(_: str, body: dict[str, Any]) -> dict[str, Any]:
        if any(one["objectWriteTraceId"] == "hf1:3:owner:1" for one in body["inputs"]):
            raise RejectedError("A rule of this portal: region is required", "VALIDATION_ERROR")
        return {"results": created(body["inputs"])}

    wire = Wire(send)
    outcomes = {
        change: outcome for change, outcome in apply(wire, *map(task, range(8))) if isinstance(change, CreateTask)
    }
    assert outcomes[task(3)] == Rejected(code="VALIDATION_ERROR", message="A rule of this portal: region is required")
    assert sum(isinstance(outcome, Done) for outcome in outcomes.values()) == 7
    assert wire.sizes == [8, 4, 2, 2, 1, 1, 4]


def test_results_in_another_order_belong_to_their_keys() -> None:
    wire = Wire(lambda _, body: {"results": created(body["inputs"])[::-1]})
    for change, outcome in apply(wire, task(1), task(2), task(3)):
        assert isinstance(outcome, Done)
        assert outcome.task is not None
        assert isinstance(change, CreateTask)
        assert (outcome.task.key, outcome.task.id) == (change.key, f"9{change.account_id}")


def test_a_change_that_the_answer_does_not_mention_is_ambiguous() -> None:
    wire = Wire(lambda _, body: {"results": created(body["inputs"])[:1], "errors": [{"message": "?"}]})
    (_, first), (_, second) = sorted(apply(wire, task(1), task(2)), key=lambda pair: str(pair[0]))
    assert {type(first), type(second)} == {Done, Ambiguous}


@pytest.mark.parametrize(
    ("status", "body", "passing"),
    [
        (400, b'{"category": "VALIDATION_ERROR", "message": "region is required"}', False),
        (404, b'{"status": "error", "message": "resource not found", "correlationId": "8a3f"}', False),
        (409, b'{"category": "CONFLICT", "message": "an import holds it"}', False),
        (400, b"", True),
        (403, b"<html>blocked by the firewall</html>", True),
        (404, b"{}", True),
        (409, b"null", True),
        (414, b"<html>414 Request-URI Too Large</html>", True),
    ],
)
def test_a_record_is_refused_by_the_portal_s_own_word_and_not_by_a_bare_status(
    status: int, body: bytes, *, passing: bool
) -> None:
    def send(*_: Any) -> dict[str, Any]:
        raise refusal("acme", status, {}, body)

    ((_, outcome),) = apply(Wire(send), UpdateTask(key="k", task_id="9", account_id="1", changed={"subject": "S"}))
    assert isinstance(outcome, Rejected)
    assert outcome.passing is passing


def test_a_missing_scope_stops_the_sending_and_names_itself() -> None:
    def send(*_: Any) -> dict[str, Any]:
        raise RejectedError("misses the scope crm.objects.companies.write; grant it", "MISSING_SCOPES")

    wire = Wire(send)
    with pytest.raises(AuthError, match=r"crm\.objects\.companies\.write"):
        apply(wire, *(SetFields(account_id=str(number), fields={"risk": 1}) for number in range(150)))
    assert wire.sizes == [100]


def test_a_partly_returned_task_is_read_before_it_is_told() -> None:
    def send(path: str, _: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("batch/read"):
            whole = {"holdfast_key": task(1).key, "hs_task_subject": "S", "hs_task_body": "<p>B</p>"}
            return {"results": [{"id": "91", "properties": whole}]}
        return {"results": [{"id": "91", "properties": {"holdfast_key": task(1).key}}]}

    ((_, outcome),) = apply(Wire(send), task(1))
    assert isinstance(outcome, Done)
    assert outcome.task is not None
    assert (outcome.task.subject, outcome.task.body, outcome.task.account_id) == ("S", "<p>B</p>", "1")


@pytest.mark.parametrize(
    ("refused", "unassignable"), [(["hubspot_owner_id"], True), (["hubspot_owner_id", "region"], False)]
)
def test_who_cannot_own_a_task_is_told_apart_from_all_else_that_is_refused(
    refused: list[str], unassignable: bool
) -> None:
    problems = [{"isValid": False, "message": "No.", "error": "INVALID_OPTION", "name": name} for name in refused]
    said = f"Property values were not valid: {orjson.dumps(problems).decode()}"
    error = {"category": "VALIDATION_ERROR", "message": said, "context": {"objectWriteTraceId": [task(1).key]}}
    ((_, outcome),) = apply(Wire(lambda *_: {"results": [], "errors": [error]}), task(1))
    message = "; ".join(f"{name}: No. (INVALID_OPTION)" for name in refused)
    assert outcome == Rejected(code="VALIDATION_ERROR", message=message, unassignable=unassignable)


@pytest.mark.parametrize("whole_batches", [False, True])
def test_the_portal_s_owners_who_left_cannot_own_a_task(portal: Portal, whole_batches: bool) -> None:
    """Also where the portal refuses their batch as a whole, and tells of the row only when it is sent alone."""
    portal.control("POST", "setup/hubspot", {"whole_batches": whole_batches})
    store, connector = Store(), portal.connect()
    pull(connector, store)
    left = [row["id"] for row in store.rows["users"].values() if row["active"]][-1]
    portal.control("PATCH", f"records/hubspot/owners/{left}", {"archived": True})
    taken, refused = outcomes(connector, a_task(store, 0), a_task(store, 1, content=content(assignee_id=left)))
    assert isinstance(taken, Done)
    assert isinstance(refused, Rejected)
    assert refused.unassignable


def test_a_new_task_goes_into_the_queue_of_the_connection_and_stays_where_people_put_it(portal: Portal) -> None:
    store, connector = Store(), portal.connect(task_queue="132673490")
    pull(connector, store)
    task = done(outcomes(connector, a_task(store))[0])
    assert queues(portal) == ["132673490"]
    portal.control("PATCH", f"records/hubspot/tasks/{task.id}", {"hs_queue_membership_ids": "7"})
    named = {"key": task.key, "task_id": task.id, "account_id": str(task.account_id)}
    done(outcomes(connector, UpdateTask(**named, changed={"subject": "New"}))[0])
    done(outcomes(connector, CloseTask(**named, reason="cleared", body=None))[0])
    assert queues(portal) == ["7"]


def test_without_a_queue_none_is_named(portal: Portal) -> None:
    store, connector = Store(), portal.connect()
    pull(connector, store)
    done(outcomes(connector, a_task(store))[0])
    assert queues(portal) == [None]


def queues(portal: Portal) -> list[str | None]:
    return [record["properties"].get("hs_queue_membership_ids") for record in portal.records("tasks")]


def test_a_queue_that_the_portal_does_not_know_is_refused_with_the_remedy() -> None:
    problem = {"isValid": False, "message": "9 was not one of the allowed options: []", "error": "INVALID_OPTION"}
    said = f"Property values were not valid: {orjson.dumps([problem | {'name': 'hs_queue_membership_ids'}]).decode()}"
    error = {"category": "VALIDATION_ERROR", "message": said, "context": {"objectWriteTraceId": [task(1).key]}}
    ((_, outcome),) = apply(Wire(lambda *_: {"results": [], "errors": [error]}), task(1))
    assert isinstance(outcome, Rejected)
    assert not outcome.unassignable
    remedy = next(mend for word, mend in REMEDIES.items() if word in outcome.message)
    assert remedy.startswith("set task_queue of the connection")


@pytest.mark.parametrize("wrong", ["Renewals", "13267 3490", "-1", "٣"])
def test_a_queue_is_named_by_its_id_alone(wrong: str) -> None:
    with pytest.raises(ValidationError, match=f"must be a queue's id, the digits .* {wrong!r}"):
        HubspotSettings(kind="hubspot", access_token=SecretStr("t"), task_queue=wrong)
    number: Any = 132673490  # as TOML has it without quotes
    assert HubspotSettings(kind="hubspot", access_token=SecretStr("t"), task_queue=number).task_queue == "132673490"
