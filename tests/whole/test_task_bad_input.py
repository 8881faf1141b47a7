"""What orgs, people and operators make of our tasks: every oddity has one outcome, told in one line; none is doubled."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.store.engine import exclusive, open_engine
from tests.whole.rehearsal import DAY, Rehearsal, rehearsal

CRMS = ["salesforce", "hubspot"]
ACCOUNT = {"salesforce": ("Account", "Name"), "hubspot": ("companies", "name")}
REFUSAL = "no tasks by robots here"
#: An admin's rule by which every new task is refused, and its end.
REFUSING: dict[str, dict[str, Any]] = {
    "salesforce": {
        "validations": [{"object": "Task", "field": "Subject", "pattern": r"^\[Relationship\]", "message": REFUSAL}]
    },
    "hubspot": {
        "rules": [
            {"object": "tasks", "when": "hs_task_status", "value": "NOT_STARTED", "needs": "hs_queue_membership_ids"}
        ]
    },
}
TAKING: dict[str, dict[str, Any]] = {"salesforce": {"validations": []}, "hubspot": {"rules": []}}
RENAMED = [
    ("TaskStatus", "Erledigt", "Completed"),
    ("TaskPriority", "Hoch", "High"),
    ("TaskPriority", "Egal", "Normal"),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path_factory.mktemp("odd"), accounts=20, touches_per_account=15, rate_limits=False) as stage:
        yield stage


@pytest.fixture
def stage(running: Rehearsal) -> Iterator[Rehearsal]:
    """Both CRMs as they were at first, nothing pulled, ready to write."""
    running.begin_again()
    with pytest.MonkeyPatch.context() as running.patch:
        running.live()
        yield running


def planned(stage: Rehearsal, crm: str) -> list[dict[str, Any]]:
    """The new tasks of a plan of this moment, after a pull."""
    stage.holdfast("run", "--dry-run", "--connection", crm)
    changes = stage.json("plan", "--connection", crm)["changes"]
    return [one for one in changes if one["op"] == "create_task"]


def called(stage: Rehearsal, crm: str, account_id: str, name: str) -> None:
    table, field = ACCOUNT[crm]
    stage.patch_record(crm, table, account_id, {field: name})


def assert_no_task_twice(stage: Rehearsal, crm: str) -> None:
    assert all(number == 1 for number in stage.open_tasks(crm).values())


@pytest.mark.parametrize("crm", CRMS)
def test_a_text_longer_than_the_field_is_cut_and_the_task_made(stage: Rehearsal, crm: str) -> None:
    account_id = planned(stage, crm)[0]["account"]["id"]
    called(stage, crm, account_id, ("Ünï😀" * 10_000)[: 255 if crm == "salesforce" else None])
    stage.holdfast("run", "--connection", crm)
    (task, *_) = (one for one in stage.our_tasks(crm) if f":{account_id}:" in one["key"])
    assert len(task["subject"]) <= 80
    assert "(Holdfast)" in task["body"]
    assert stage.json("parked", "list") == []


@pytest.mark.parametrize("crm", CRMS)
def test_html_in_a_name_is_shown_as_it_is_written_and_never_run(stage: Rehearsal, crm: str) -> None:
    account_id = planned(stage, crm)[0]["account"]["id"]
    name = "<b>A&B</b><script>x"
    called(stage, crm, account_id, name)
    stage.forget_store()  # with the texts of before
    stage.holdfast("run", "--connection", crm)
    stage.holdfast("undo", "--since", "2020-01-01", "--yes", "--connection", crm)  # writes the text once more
    (task, *_) = (one for one in stage.our_tasks(crm) if f":{account_id}:" in one["key"])
    assert task["closed"]
    assert name in task["subject"]
    shown = name if crm == "salesforce" else "&lt;b&gt;A&amp;B&lt;/b&gt;&lt;script&gt;x"
    assert shown in task["body"]
    assert crm == "salesforce" or "<script" not in task["body"]


def test_a_status_and_a_priority_that_the_org_has_renamed_are_used(stage: Rehearsal) -> None:
    database = stage.sandbox.salesforce.store.database
    for table, theirs, ours in RENAMED:
        database.execute(f'UPDATE "{table}" SET "ApiName" = ? WHERE "ApiName" = ?', (theirs, ours))
    try:
        stage.holdfast("run", "--connection", "salesforce")
        stage.holdfast("undo", "--since", "2020-01-01", "--yes", "--connection", "salesforce")
        tasks = [one for one in stage.records("salesforce", "Task") if one.get("Holdfast_Key__c")]
        assert {one["Status"] for one in tasks} == {"Erledigt"}
        assert {one["Priority"] for one in tasks} == {"Hoch", "Egal"}
        assert stage.json("parked", "list") == []
    finally:
        for table, theirs, ours in RENAMED:
            database.execute(f'UPDATE "{table}" SET "ApiName" = ? WHERE "ApiName" = ?', (ours, theirs))


def test_an_account_without_owner_is_held_back_with_the_remedy_and_told_once_it_has_one(stage: Rehearsal) -> None:
    one = next(one for one in planned(stage, "hubspot") if ":owner:" in one["key"])
    account_id, owner_id = one["account"]["id"], one["assignee"]["id"]
    stage.patch_record("hubspot", "companies", account_id, {"hubspot_owner_id": ""})
    stage.holdfast("run", "--connection", "hubspot")
    assert (account_id, "owner") not in stage.open_tasks("hubspot")
    held = [
        one for one in stage.json("plan", "--connection", "hubspot")["held_back"] if one["account"]["id"] == account_id
    ]
    told = "nobody active to give it to: set [people] fallback, [people.managers] or an owner"
    assert [one["reason"] for one in held] == [told]
    stage.patch_record("hubspot", "companies", account_id, {"hubspot_owner_id": owner_id})
    stage.holdfast("run", "--connection", "hubspot")
    assert stage.open_tasks("hubspot")[account_id, "owner"] == 1


@pytest.mark.parametrize("crm", CRMS)
def test_an_assignee_who_may_not_own_tasks_is_parked_and_the_next_in_line_gets_it(stage: Rehearsal, crm: str) -> None:
    """Who leaves between pull and write is refused by the CRM; the next pull knows it."""
    before = planned(stage, crm)
    leaver = before[0]["assignee"]["id"]
    theirs = {one["account"]["id"] for one in before if one["assignee"]["id"] == leaver}
    stage.act(crm, "leave_company", who=leaver)
    stage.holdfast("apply", "--connection", crm)
    refused = [one for one in stage.json("parked", "list") if one["op"] == "create_task"]
    assert {one["account_id"] for one in refused} == theirs
    assert all("active" in one["remedy"] and one["message"] for one in refused)
    stage.holdfast("run", "--connection", crm)
    tasks = [one for one in stage.our_tasks(crm) if not one["closed"]]
    assert leaver not in {one["owner"] for one in tasks}
    told = {one["key"].split(":")[1] for one in tasks}
    held = {one["account"]["id"] for one in stage.json("plan", "--connection", crm)["held_back"]}
    assert theirs <= told | held
    assert_no_task_twice(stage, crm)


@pytest.mark.parametrize("crm", CRMS)
def test_what_the_crm_refuses_is_parked_told_and_tried_again_when_asked(stage: Rehearsal, crm: str) -> None:
    stage.post(f"setup/{crm}", REFUSING[crm])
    try:
        stage.holdfast("run", "--connection", crm)
        (first, *others) = stage.json("parked", "list")
        assert all((one["op"], one["times"], one["state"]) == ("create_task", 1, "parked") for one in (first, *others))
        assert (REFUSAL if crm == "salesforce" else "is required") in first["message"]
        assert first["remedy"]
        assert f"refused on 2026-11-02: {first['code']}: {first['message']}" in stage.holdfast("parked", "list")
        stage.forget_journal()
        stage.holdfast("run", "--connection", crm)
        assert stage.writes() == []
        stage.holdfast("parked", "retry", first["subject"])
        stage.holdfast("run", "--connection", crm)
        assert len(stage.writes()) == 1
        times = {one["subject"]: one["times"] for one in stage.json("parked", "list")}
        assert times == {first["subject"]: 2} | {one["subject"]: 1 for one in others}
    finally:
        stage.post(f"setup/{crm}", TAKING[crm])
    stage.holdfast("parked", "retry")
    stage.holdfast("run", "--connection", crm)
    assert stage.json("parked", "list") == []
    assert sum(stage.open_tasks(crm).values()) == 1 + len(others)


@pytest.mark.parametrize("crm", CRMS)
def test_what_is_dropped_is_not_sent_again_until_it_is_asked_for(stage: Rehearsal, crm: str) -> None:
    stage.post(f"setup/{crm}", REFUSING[crm])
    try:
        stage.holdfast("run", "--connection", crm)
    finally:
        stage.post(f"setup/{crm}", TAKING[crm])
    first, *others = stage.json("parked", "list")
    assert "--all" in stage.told("parked", "drop", status=2)[0]
    assert "not sent again as it is" in stage.holdfast("parked", "drop", first["account_name"])
    dropped = {one["subject"] for one in (first, *others) if one["account_name"] == first["account_name"]}
    assert {one["subject"] for one in stage.json("parked", "list", "--all") if one["state"] == "given up"} == dropped
    assert f"{len(dropped)} dropped" in stage.holdfast("parked", "list")
    stage.advance(DAY)
    stage.holdfast("run", "--connection", crm)
    assert not dropped & {one["key"] for one in stage.our_tasks(crm)}
    stage.holdfast("parked", "retry", first["subject"])
    stage.holdfast("run", "--connection", crm)
    assert first["subject"] in {one["key"] for one in stage.our_tasks(crm)}
    assert_no_task_twice(stage, crm)


def test_a_name_of_nothing_parked_is_told(stage: Rehearsal) -> None:
    stage.holdfast("run", "--connection", "salesforce")
    (line,) = stage.told("parked", "retry", "Nobody Ltd", status=1)
    assert line.startswith("Nobody Ltd: ")
    assert stage.holdfast("parked", "list") == "nothing is parked\n"


def test_a_plan_edited_by_hand_is_refused_and_nothing_sent(stage: Rehearsal, tmp_path: Path) -> None:
    stage.holdfast("run", "--dry-run")
    file = tmp_path / "plan.json"
    stage.holdfast("plan", "--out", str(file))
    document = json.loads(file.read_bytes())
    task = next(one for one in document["changes"] if one["op"] == "create_task")
    task["subject"] = "Call them today"
    file.write_text(json.dumps(document))
    stage.forget_journal()
    (line,) = stage.told("apply", str(file), status=3)
    assert "was changed since `plan --out` wrote it" in line
    assert task["key"] in line
    document["changes"] = "none"
    file.write_text(json.dumps(document))
    (line,) = stage.told("apply", str(file), status=2)
    assert "is no plan" in line
    assert stage.writes() == []


def test_a_plan_that_no_longer_fits_says_what_moved(stage: Rehearsal, tmp_path: Path) -> None:
    stage.holdfast("run", "--dry-run")
    file = tmp_path / "plan.json"
    stage.holdfast("plan", "--out", str(file))
    one = next(one for one in stage.json("plan")["changes"] if one["op"] == "create_task")
    called(stage, one["connection"], one["account"]["id"], "Another Name Ltd")
    stage.holdfast("pull")
    (line,) = stage.told("apply", str(file), status=3)
    assert "no longer fits" in line
    assert one["key"] in line


def test_of_two_workers_with_one_plan_one_sends_it(stage: Rehearsal, tmp_path: Path) -> None:
    stage.holdfast("run", "--dry-run")
    file = tmp_path / "plan.json"
    stage.holdfast("plan", "--out", str(file))
    folder = stage.config.parent
    for part in folder.glob("holdfast.db*"):
        shutil.copy(part, tmp_path / part.name)
    engine = open_engine(f"sqlite:///{folder / 'holdfast.db'}")
    with exclusive(engine):
        (line,) = stage.told("apply", str(file), status=1)
    engine.dispose()
    assert "another Holdfast process" in line
    stage.holdfast("apply", str(file))
    (line,) = stage.told("apply", str(file), status=3)
    assert "no longer fits" in line
    tasks = {crm: {one["key"]: one["id"] for one in stage.our_tasks(crm)} for crm in CRMS}
    stage.set(HOLDFAST__STORE__URL=f"sqlite:///{tmp_path / 'holdfast.db'}")  # another machine, the store of before
    stage.holdfast("apply", str(file))
    assert {crm: {one["key"]: one["id"] for one in stage.our_tasks(crm)} for crm in CRMS} == tasks
