"""Who may not own tasks in a portal does not stop them: the next in line gets them, whichever way the portal says no."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync import config_file
from tests.whole.rehearsal import Rehearsal, rehearsal


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path, accounts=20, touches_per_account=15, rate_limits=False) as one:
        one.live()
        yield one


def managers(stage: Rehearsal) -> dict[str, str]:
    """Owner id of each who has a manager -> the manager's owner id."""
    config, _ = config_file.load(stage.config)
    ids = {one["email"]: one["id"] for one in stage.records("hubspot", "owners")}
    return {ids[person]: ids[manager] for person, manager in config.people.managers.items() if person in ids}


@pytest.mark.slow
@pytest.mark.parametrize("whole_batches", [False, True], ids=["row by row", "the whole batch"])
def test_a_task_that_its_owner_may_not_have_goes_to_the_manager(stage: Rehearsal, whole_batches: bool) -> None:
    """The portal lists the owner as active all the while: only its refusal tells."""
    stage.post("setup/hubspot", {"whole_batches": whole_batches})
    above = managers(stage)
    stage.holdfast("run", "--dry-run", "--connection", "hubspot")
    due = [one for one in stage.json("plan", "--connection", "hubspot")["changes"] if one["op"] == "create_task"]
    owner = next(one["assignee"]["id"] for one in due if one["assignee"]["id"] in above and ":owner:" in one["key"])
    theirs = {one["key"] for one in due if one["assignee"]["id"] == owner and ":owner:" in one["key"]}
    others = {one["key"] for one in due if one["assignee"]["id"] != owner}

    stage.patch_record("hubspot", "owners", owner, {"archived": True})
    stage.holdfast("apply", "--connection", "hubspot")
    stage.patch_record("hubspot", "owners", owner, {"archived": False})
    assert {one["key"] for one in stage.our_tasks("hubspot")} == others  # nobody else's task suffered
    parked = {one["subject"]: one for one in stage.json("parked", "list") if one["op"] == "create_task"}
    assert theirs <= parked.keys()
    assert {one["remedy"] for one in parked.values()} == {
        "give the company to an active owner, or name a successor in [people.successors]"
    }

    stage.holdfast("run", "--connection", "hubspot")
    readers = {one["key"].split(":")[1]: one["owner"] for one in stage.our_tasks("hubspot") if ":owner:" in one["key"]}
    assert {readers.get(key.split(":")[1]) for key in theirs} == {above[owner]}
    assert owner not in readers.values()
    stage.forget_journal()
    stage.holdfast("run", "--connection", "hubspot")
    assert stage.writes() == []
