"""A human takes back what they did to a task of ours: it is an open task of ours again, and no second one is made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.whole.rehearsal import DAY, Rehearsal, rehearsal

CRMS = ["salesforce", "hubspot"]
OPEN: dict[str, tuple[str, dict[str, Any]]] = {
    "salesforce": ("Task", {"Status": "Not Started"}),
    "hubspot": ("tasks", {"hs_task_status": "NOT_STARTED"}),
}
LONGEST_PAUSE_DAYS = 60


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path_factory.mktemp("again"), accounts=20, touches_per_account=15, rate_limits=False) as stage:
        stage.live()
        yield stage


def in_the_ledger(stage: Rehearsal, key: str) -> tuple[str, str]:
    ((state, how),) = stage.sql(f"SELECT state, ended_how FROM tasks WHERE key = '{key}'")
    return state, how


@pytest.mark.parametrize("crm", CRMS)
def test_a_task_that_was_completed_and_opened_again_goes_on(running: Rehearsal, crm: str) -> None:
    running.begin_again()
    running.cycle(crm)
    task = running.our_tasks(crm)[0]
    account_and_route = tuple(task["key"].split(":")[1:3])
    running.act(crm, "complete_task", who=task["owner"], task=task["id"])
    running.cycle(crm)
    assert in_the_ledger(running, task["key"]) == ("ended", "completed")
    table, values = OPEN[crm]
    running.patch_record(crm, table, task["id"], values)
    running.cycle(crm)
    assert in_the_ledger(running, task["key"]) == ("open", "")
    running.advance((LONGEST_PAUSE_DAYS + 1) * DAY)
    running.cycle(crm)
    running.advance(DAY)
    running.cycle(crm)
    assert running.open_tasks(crm)[account_and_route] <= 1, "it is told on this one, or this one was closed"
    state, how = in_the_ledger(running, task["key"])
    (now,) = (one for one in running.our_tasks(crm) if one["key"] == task["key"])
    assert (state, how) == (("ended", "closed") if now["closed"] else ("open", ""))


@pytest.mark.parametrize("crm", CRMS)
def test_what_we_closed_and_a_human_opened_again_is_left_to_them(running: Rehearsal, crm: str) -> None:
    running.begin_again()
    running.cycle(crm)
    running.holdfast("undo", "--since", "2020-01-01", "--yes", "--connection", crm)
    task = next(one for one in running.our_tasks(crm) if one["closed"])
    table, values = OPEN[crm]
    running.patch_record(crm, table, task["id"], values)
    running.forget_journal()
    running.cycle(crm)
    assert running.writes() == []
    assert in_the_ledger(running, task["key"]) == ("ended", "closed")
