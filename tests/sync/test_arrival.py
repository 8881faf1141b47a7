"""A crash between a write and its answer: what is looked up afterwards is ours where it reads as sent, else a human's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from connectors.hubspot.payloads import body_html
from connectors.protocol import Change, CloseTask, CreateTask, Done, TaskContent, TaskState, UpdateTask
from sync import outbox
from sync.plan import OurTask, Plan, Planned
from sync.store import ledger
from sync.wording import closing

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
KEY = "hf1:a:owner:1"
CONTENT = TaskContent(
    assignee_id="u",
    subject="[Relationship] R&D <b>Ltd</b>: known by one person",
    body="R&D <b>Ltd</b> hangs on one link.\n\nRules: sole-rep (Holdfast)",
    due_on=date(2026, 11, 5),
    severity="high",
)
CREATE = CreateTask(key=KEY, account_id="a", contact_id=None, content=CONTENT)
UPDATE = UpdateTask(
    key=KEY,
    task_id="t",
    account_id="a",
    changed={"subject": CONTENT.subject, "body": "It hangs on nobody.\n\nRules: going-quiet (Holdfast)"},
)
CLOSE = CloseTask(key=KEY, task_id="t", account_id="a", reason="met", body=closing(CONTENT.body, "met"))
RENDERED = {"plain": str, "HTML": body_html}


def made(render: Any = str, **human: Any) -> TaskState:
    """The task as it was created, and what a human made of it."""
    state = TaskState(
        key=KEY,
        id="t",
        status="open",
        account_id="a",
        assignee_id="u",
        subject=CONTENT.subject,
        body=render(CONTENT.body),
        due_on=CONTENT.due_on,
    )
    return replace(state, **human)


def sent(engine: Engine, change: Change, rules: dict[str, str] | None = None) -> None:
    """Sent, and nothing heard."""
    planned = Planned(change=change, account_id="a", account_name="R&D", rules=rules or {"sole-rep": "high"})
    outbox.send(engine, Plan(connection="crm", changes=(planned,)), cycle=1, now=NOW)


def answered(engine: Engine, task: TaskState) -> None:
    """Made, and heard of."""
    planned = Planned(change=CREATE, account_id="a", account_name="R&D", assignee_id="u", rules={"sole-rep": "high"})
    rows = outbox.send(engine, Plan(connection="crm", changes=(planned,)), cycle=1, now=NOW)
    outbox.settle(engine, "crm", [(row, planned, Done(task=task)) for row in rows], cycle=1, now=NOW)


def looked_up(engine: Engine, task: TaskState | None) -> OurTask | None:
    """The ledger's task after the look-up, measured against the CRM's; None where it has none any more."""
    rows = outbox.unsettled(engine, "crm")
    outbox.settle_by_lookup(engine, "crm", rows, {KEY: task} if task else {}, NOW)
    assert outbox.unsettled(engine, "crm") == []
    if task:
        with engine.begin() as db:
            ledger.remember_task(db, "crm", task, 2)
    return next(iter(ledger.read_tasks(engine, "crm").get("a", [])), None)


def outcome(engine: Engine) -> dict[str, int]:
    return outbox.count(engine, "crm")


def touched(task: OurTask | None) -> set[str]:
    assert task
    return {part for part in ("assignee_id", "subject", "body", "due_on") if task.touched(part)}


@pytest.mark.parametrize("render", RENDERED.values(), ids=RENDERED)
@pytest.mark.parametrize(
    ("human", "theirs"),
    [
        ({}, set()),
        ({"assignee_id": "boss"}, {"assignee_id"}),
        ({"due_on": date(2026, 12, 24)}, {"due_on"}),
        ({"subject": "[Relationship] R&D"}, {"subject"}),
        ({"subject": "Mine", "body": "Mine"}, {"subject", "body"}),
        ({"body": ""}, {"body"}),
    ],
)
def test_what_a_human_did_to_a_new_task_before_it_is_looked_up_is_theirs(
    engine: Engine, render: Any, human: dict[str, Any], theirs: set[str]
) -> None:
    sent(engine, CREATE)
    task = looked_up(engine, made(render, **human))
    assert task
    assert task.state == "open"
    assert touched(task) == theirs
    assert outcome(engine) == {"done": 1}


def test_what_is_not_there_is_forgotten_and_planned_anew(engine: Engine) -> None:
    sent(engine, CREATE)
    assert looked_up(engine, None) is None
    assert outcome(engine) == {"lapsed": 1}


@pytest.mark.parametrize("render", RENDERED.values(), ids=RENDERED)
@pytest.mark.parametrize(
    ("human", "theirs", "arrived"),
    [
        ({}, set(), True),
        ({"due_on": date(2026, 12, 24)}, {"due_on"}, True),
        ({"subject": "Mine"}, {"subject"}, True),
        # The one part by which it could be told is theirs: it is planned anew, for the parts that are not.
        ({"body": "Mine"}, {"body"}, False),
    ],
)
def test_what_a_human_did_to_a_task_after_our_update_is_theirs(
    engine: Engine, render: Any, human: dict[str, Any], theirs: set[str], *, arrived: bool
) -> None:
    answered(engine, made(render))
    sent(engine, UPDATE, {"going-quiet": "high"})
    task = looked_up(engine, made(render, **{"body": render(UPDATE.changed["body"]), **human}))
    assert task
    assert touched(task) == theirs
    assert task.rules == ({"going-quiet": "high"} if arrived else {"sole-rep": "high"})


@pytest.mark.parametrize("human", [{}, {"subject": "Mine"}, {"body": "Mine"}, {"due_on": date(2026, 12, 24)}])
def test_an_update_that_left_everything_as_it_was_has_not_arrived(engine: Engine, human: dict[str, Any]) -> None:
    answered(engine, made())
    sent(engine, UPDATE, {"going-quiet": "high"})
    task = looked_up(engine, made(**human))
    assert task
    assert touched(task) == set(human)
    assert task.rules == {"sole-rep": "high"}
    assert outcome(engine) == {"done": 1, "lapsed": 1}


def test_a_reader_that_our_update_set_is_the_reader_of_the_ledger(engine: Engine) -> None:
    answered(engine, made())
    sent(engine, replace(UPDATE, changed={"assignee_id": "boss"}))
    task = looked_up(engine, made(assignee_id="boss"))
    assert task
    assert task.assignee_id == "boss"
    assert touched(task) == set()


@pytest.mark.parametrize("render", RENDERED.values(), ids=RENDERED)
@pytest.mark.parametrize(
    ("by_us", "status", "left"), [(True, "completed", "ended"), (False, "completed", "open"), (False, "open", "open")]
)
def test_a_task_that_a_human_completed_before_our_closing_came_is_not_ours_closed(
    engine: Engine, render: Any, left: str, status: str, *, by_us: bool
) -> None:
    answered(engine, made(render))
    sent(engine, CLOSE)
    body = render(CLOSE.body if by_us else CONTENT.body)
    task = looked_up(engine, made(body=body, status=status, ended_at=NOW if status == "completed" else None))
    assert (task.state if task else "ended") == left
