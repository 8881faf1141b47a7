"""Tasks are made once, whatever a portal lets us keep their keys in and wherever its answers are lost."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator

import pytest

from connectors.errors import ConnectorError
from connectors.hubspot.task_keys import key_of, with_key, without_key
from connectors.protocol import Ambiguous, Capabilities, CloseTask, CreateTask, Outcome, TaskState, UpdateTask
from tests.connectors.hubspot_portal import HOUR, Portal, Store, a_task, content, done, outcomes, pull

CUTS = 100 if os.environ.get("HOLDFAST_SOAK") else 10
CAPABILITIES = ("unique property", "plain property", "neither")


def portal_with(capability: str) -> Portal:
    portal = Portal(bare=capability == "neither")
    if capability == "plain property":
        portal.sandbox.hubspot.account.unique_task_key = False
        portal.sandbox.reset()
    return portal


@pytest.fixture(params=CAPABILITIES)
def limited(request: pytest.FixtureRequest) -> Iterator[tuple[str, Portal]]:
    portal = portal_with(request.param)
    yield request.param, portal
    portal.close()


def keys_in(portal: Portal) -> Counter[str]:
    return Counter(key_of(record, "holdfast_key") for record in portal.records("tasks"))


def test_a_create_cut_after_its_effect_makes_no_second_task(limited: tuple[str, Portal]) -> None:
    capability, portal = limited
    connector, store, chance = portal.connect(), Store(), random.Random(7)
    pull(connector, store)
    assert connector.capabilities().task_key_unique == (capability == "unique property")
    template = a_task(store)
    portal.faults(
        {"operation": "batch-create", "probability": 0.4, "seed": 1, "cut": "after"},
        {"operation": "batch-create", "probability": 0.2, "seed": 2, "status": 502, "html": True, "applied": True},
        {"operation": "batch-create", "probability": 0.2, "seed": 3, "cut": "before"},
        {"operation": "batch-create", "probability": 0.1, "seed": 4, "truncate": "cut"},
        {"operation": "search", "index_lag_seconds": 30},
    )
    lost = 0
    wanted = iter(a_task(store, key=f"{template.key}-{number}") for number in range(100_000))
    due: list[CreateTask] = []
    made: set[str] = set()
    while lost < CUTS or due:
        if lost < CUTS:
            due += [next(wanted) for _ in range(chance.randrange(1, 4))]
        found = dict(zip((one.key for one in due), sent(connector, due), strict=True))
        ambiguous = [key for key, outcome in found.items() if isinstance(outcome, Ambiguous)]
        lost += bool(ambiguous)
        there = connector.find_tasks(ambiguous)
        made |= {*there, *(key for key, outcome in found.items() if not isinstance(outcome, Ambiguous))}
        due = [one for one in due if one.key not in made]
        portal.advance(chance.choice((1, 60, HOUR)))
    assert keys_in(portal) == dict.fromkeys(made, 1)


def sent(connector: object, due: list[CreateTask]) -> list[Outcome]:
    return outcomes(connector, *due)  # type: ignore[arg-type]  # a Portal's connector


def test_a_task_is_known_again_by_its_key_in_every_portal(limited: tuple[str, Portal]) -> None:
    _, portal = limited
    connector, store = portal.connect(), Store()
    pull(connector, store)
    first, second = (done(one) for one in outcomes(connector, a_task(store, 0), a_task(store, 1)))
    assert first.body == "<p>Why</p><p>what &lt;next&gt;</p>"
    portal.control("DELETE", f"records/hubspot/tasks/{second.id}")
    found = connector.find_tasks([first.key, second.key, "hf1:nobody:owner:1"])
    assert {key: (task.id, task.status) for key, task in found.items()} == {
        first.key: (first.id, "open"),
        second.key: (second.id, "deleted"),
    }
    portal.advance(HOUR)
    lost = Store()
    pull(portal.connect(), lost)
    assert {row["key"]: row["body"] for row in lost.rows["crm_tasks"].values()} == {first.key: first.body}


def test_a_new_text_does_not_lose_the_key(limited: tuple[str, Portal]) -> None:
    _, portal = limited
    connector, store = portal.connect(), Store()
    pull(connector, store)
    task = done(outcomes(connector, a_task(store))[0])
    named = {"key": task.key, "task_id": task.id, "account_id": str(task.account_id)}
    updated = done(outcomes(connector, UpdateTask(**named, changed={"body": "Other <words>"}))[0])
    assert (updated.key, updated.body) == (task.key, "<p>Other &lt;words&gt;</p>")
    closed = done(outcomes(connector, CloseTask(**named, reason="cleared", body="Cleared."))[0])
    assert (closed.key, closed.body, closed.status) == (task.key, "<p>Cleared.</p>", "completed")


def test_a_task_with_its_key_in_the_text_survives_the_making_of_the_property() -> None:
    portal = portal_with("neither")
    try:
        connector, store = portal.connect(), Store()
        pull(connector, store)
        assert connector.capabilities() == Capabilities(task_key_unique=False, account_fields=frozenset())
        task = done(outcomes(connector, a_task(store))[0])
        assert [step.state for step in connector.provision(dry_run=False)].count("made") > 1
        portal.advance(HOUR)
        store.rows["crm_tasks"][task.id] = {"id": task.id, "status": "open"}
        pull(connector, store)
        assert store.rows["crm_tasks"][task.id]["key"] == task.key
        named = {"key": task.key, "task_id": task.id, "account_id": str(task.account_id)}
        outcomes(connector, UpdateTask(**named, changed={"body": "New"}))
        (stored,) = portal.records("tasks")
        assert stored["properties"]["holdfast_key"] == task.key
    finally:
        portal.close()


def test_a_human_who_removes_the_key_from_the_text_has_taken_the_task() -> None:
    portal = portal_with("neither")
    try:
        connector, store = portal.connect(), Store()
        pull(connector, store)
        task: TaskState = done(outcomes(connector, a_task(store))[0])
        store.rows["crm_tasks"][task.id] = {"id": task.id, "status": "open"}
        portal.control("PATCH", f"records/hubspot/tasks/{task.id}", {"hs_task_body": "<p>Mine</p>"})
        pull(connector, store)
        assert task.id not in store.rows["crm_tasks"]
    finally:
        portal.close()


@pytest.mark.parametrize("body", ["", "<p>Why</p>", "<p>a</p><p>b &lt;c&gt;</p>"])
def test_a_key_goes_into_a_text_and_comes_out_of_it(body: str) -> None:
    written = with_key(body, "hf1:512:owner:1&2")
    assert key_of({"properties": {"hs_task_body": written}}, "holdfast_key") == "hf1:512:owner:1&2"
    assert without_key(written) == body
    # Editors of the portal's own put classes and spaces into what they show.
    edited = written.replace("<p>holdfastkey", '<p style="margin:0;">\n  holdfastkey').replace("2</p>", "2 </p>\n")
    assert key_of({"properties": {"hs_task_body": edited}}, "holdfast_key") == "hf1:512:owner:1&2"
    assert without_key(edited) == body


@pytest.mark.parametrize("capability", CAPABILITIES[:2])
def test_five_thousand_tasks_are_looked_up_and_written_in_sixty_calls(capability: str) -> None:
    portal = portal_with(capability)
    try:
        connector, store = portal.connect(), Store()
        pull(connector, store)
        connector.capabilities()
        template = a_task(store, content=content(assignee_id=a_task(store).content.assignee_id))
        changes = [a_task(store, key=f"{template.key}-{number}") for number in range(5_000)]
        before = connector.api_calls
        assert connector.find_tasks([one.key for one in changes]) == {}
        assert sum(1 for _ in connector.apply(changes)) == 5_000
        # Time flies in tests: every look at the portal's clock is a call, which in earnest is none.
        assert connector.api_calls - before <= 60
    finally:
        portal.close()


def test_a_portal_that_cannot_search_texts_is_searched_for_all_tasks() -> None:
    portal = portal_with("neither")
    try:
        connector, store = portal.connect(), Store()
        pull(connector, store)
        task = done(outcomes(connector, a_task(store))[0])
        portal.advance(HOUR)
        portal.faults({"operation": "search", "path": "tasks", "first": 1, "status": 400})
        assert connector.find_tasks([task.key])[task.key].id == task.id
    except ConnectorError as error:
        raise AssertionError(error) from error
    finally:
        portal.close()
