"""What people do to our tasks and to the accounts behind them, and what the next cycles make of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.whole.rehearsal import DAY, Rehearsal, rehearsal

CRMS = ["salesforce", "hubspot"]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both CRMs, one live cycle behind them."""
    with rehearsal(tmp_path_factory.mktemp("people"), accounts=120, rate_limits=False) as stage:
        stage.live()
        stage.only("sole-rep", "exec-reach-lapse")
        stage.holdfast("run")
        yield stage


def open_tasks(stage: Rehearsal, crm: str, rule: str) -> list[dict[str, str]]:
    """Open tasks of ours that tell of this rule alone."""
    rules = {"sole-rep", "exec-reach-lapse"}
    return [
        task
        for task in stage.our_tasks(crm)
        if not task["deleted"] and not task["closed"] and {one for one in rules if one in task["body"]} == {rule}
    ]


def state_of(stage: Rehearsal, crm: str, key: str) -> tuple[bool, bool]:
    (task,) = (one for one in stage.our_tasks(crm) if one["key"] == key)
    return task["deleted"], task["closed"]


def account_of(task: dict[str, str]) -> str:
    return task["key"].split(":")[1]


def keys_on(stage: Rehearsal, crm: str, account_id: str) -> list[str]:
    return sorted(one["key"] for one in stage.our_tasks(crm) if account_of(one) == account_id)


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.parametrize("verb", ["complete_task", "delete_task"])
def test_what_a_human_ended_is_not_made_again(synced: Rehearsal, crm: str, verb: str) -> None:
    task = open_tasks(synced, crm, "sole-rep")[0]
    before = keys_on(synced, crm, account_of(task))
    synced.act(crm, verb, who=task["owner"], task=task["id"])
    synced.advance(DAY)
    synced.holdfast("run")
    assert keys_on(synced, crm, account_of(task)) == before
    told = synced.json("explain", account_of(task), "--connection", crm)[0]
    memory = told["rules"]["sole-rep"]["memory"]
    assert memory["open"]
    assert memory["quiet_until"]
    ended = {one["key"]: one["ended_how"] for one in told["tasks"]}
    assert ended[task["key"]] == ("completed" if verb == "complete_task" else "deleted")


@pytest.mark.parametrize("crm", CRMS)
def test_a_held_meeting_with_the_executive_closes_the_task_with_the_reason(synced: Rehearsal, crm: str) -> None:
    task = open_tasks(synced, crm, "exec-reach-lapse")[0]
    told = synced.json("explain", account_of(task), "--connection", crm)[0]
    contact = synced.contact(crm, account_of(task), told["rules"]["exec-reach-lapse"]["numbers"]["contact"])
    now = datetime.fromisoformat(synced.get("clock")["now"])
    synced.act(
        crm,
        "hold_meeting",
        who=task["owner"],
        account=account_of(task),
        contact=contact,
        at=(now - timedelta(hours=2)).isoformat(),
        minutes=30,
    )
    synced.holdfast("run")
    assert state_of(synced, crm, task["key"]) == (False, False), "one clear evaluation closes nothing"
    synced.advance(DAY)
    synced.holdfast("run")
    assert state_of(synced, crm, task["key"]) == (False, True)
    (closed,) = (one for one in synced.our_tasks(crm) if one["key"] == task["key"])
    assert "Closed by Holdfast" in closed["body"]


@pytest.mark.parametrize("crm", CRMS)
def test_a_second_reps_calls_close_the_task(synced: Rehearsal, crm: str) -> None:
    task = open_tasks(synced, crm, "sole-rep")[-1]
    told = synced.json("explain", account_of(task), "--connection", crm)[0]
    numbers = told["rules"]["sole-rep"]["numbers"]
    now = datetime.fromisoformat(synced.get("clock")["now"])
    busy = {name for touch in told["touches"] for name in touch["ours"]}
    colleague = next(
        user.email for user in synced.sandbox.company.users if user.active and user.name not in busy and user.manager
    )
    contact = synced.contact(crm, account_of(task), told["touches"][-1]["theirs"][0])
    for days_ago in range(1, numbers["person_days"] // 9 + 3):
        at = (now - timedelta(days=days_ago)).isoformat()
        synced.act(
            crm,
            "log_call",
            who=colleague,
            account=account_of(task),
            contact=contact,
            at=at,
            minutes=12,
            outcome="connected",
        )
    synced.holdfast("run")
    synced.advance(DAY)
    synced.holdfast("run")
    assert state_of(synced, crm, task["key"]) == (False, True)


@pytest.mark.parametrize("crm", CRMS)
def test_a_task_that_a_human_edited_keeps_the_edit(synced: Rehearsal, crm: str) -> None:
    task = open_tasks(synced, crm, "sole-rep")[1]
    synced.act(crm, "edit_task", who=task["owner"], task=task["id"], subject="Mine now")
    synced.holdfast("run")
    synced.forget_journal()
    synced.holdfast("run")
    (kept,) = (one for one in synced.our_tasks(crm) if one["key"] == task["key"])
    assert kept["subject"] == "Mine now"
    assert synced.writes() == []


def test_a_lost_store_recovers_its_open_tasks_from_the_crm(synced: Rehearsal) -> None:
    synced.holdfast("run")
    before = {crm: texts(synced, crm) for crm in CRMS}
    for part in synced.config.parent.glob("holdfast.db*"):
        part.unlink()
    synced.holdfast("run")
    assert {crm: texts(synced, crm) for crm in CRMS} == before, "what a human changed is left alone too"
    synced.forget_journal()
    synced.holdfast("run")
    assert synced.writes() == []


def texts(stage: Rehearsal, crm: str) -> dict[str, tuple[str, str]]:
    return {one["key"]: (one["subject"], one["body"]) for one in stage.our_tasks(crm)}
