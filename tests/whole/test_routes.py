"""Tasks that go to our sponsor of an account, to a queue, or to whoever stands for one, in both CRMs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.whole.rehearsal import Rehearsal, rehearsal

CRMS = ["salesforce", "hubspot"]
#: A field that holds an address in the one, an owner in the other.
SPONSOR = {"salesforce": ("Account", "AccountNumber"), "hubspot": ("companies", "executive_sponsor_owner")}
NOBODY = "nobody active to give it to"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path_factory.mktemp("routes"), accounts=20, touches_per_account=15, rate_limits=False) as stage:
        yield stage


@pytest.fixture
def stage(running: Rehearsal) -> Iterator[Rehearsal]:
    """Both CRMs as they were at first, nothing pulled, ready to write; one rule alone."""
    running.begin_again()
    with pytest.MonkeyPatch.context() as running.patch:
        running.live()
        running.only("exec-reach-lapse")
        running.set(HOLDFAST__CUSTOMERS__KEY="all")
        yield running


def planned(stage: Rehearsal, crm: str) -> list[dict[str, Any]]:
    """The new tasks of a plan of this moment, after a pull."""
    stage.holdfast("run", "--dry-run", "--connection", crm)
    return creations(stage, crm)


def creations(stage: Rehearsal, crm: str) -> list[dict[str, Any]]:
    changes = stage.json("plan", "--connection", crm)["changes"]
    return [one for one in changes if one["op"] == "create_task"]


def people(stage: Rehearsal, crm: str) -> dict[str, str]:
    """Ids of our active people by address."""
    rows = stage.sql(f"SELECT email, id FROM users WHERE active AND connection = '{crm}'")
    return dict(map(tuple, rows))


def somebody_else(stage: Rehearsal, crm: str, but: str) -> tuple[str, str]:
    """Address and id of an active one of ours."""
    return next((email, one) for email, one in sorted(people(stage, crm).items()) if email and one != but)


def queue(stage: Rehearsal, *takes: str) -> str:
    made = stage.post("records/salesforce/Group", {"Name": "Sales desk", "DeveloperName": "Desk", "Type": "Queue"})
    for name in takes:
        stage.post("records/salesforce/QueueSobject", {"QueueId": made["Id"], "SobjectType": name})
    stage.set(HOLDFAST__CONNECTIONS__SALESFORCE__TASK_OWNER_QUEUE=made["Id"])
    stage.set(HOLDFAST__RULES__EXEC_REACH_LAPSE__ROUTE="queue")
    return str(made["Id"])


def assignees(stage: Rehearsal) -> set[str]:
    tasks = stage.records("salesforce", "Task")
    return {one["OwnerId"] for one in tasks if one.get("Holdfast_Key__c") and not one["IsClosed"]}


@pytest.mark.parametrize("crm", CRMS)
def test_a_finding_goes_to_our_sponsor_of_the_account_where_one_is_named(stage: Rehearsal, crm: str) -> None:
    table, name = SPONSOR[crm]
    stage.set(
        HOLDFAST__RULES__EXEC_REACH_LAPSE__ROUTE="sponsor",
        **{f"HOLDFAST__CONNECTIONS__{crm.upper()}__MAP__OUR_SPONSOR": name},
    )
    one = planned(stage, crm)[0]
    account_id, owner_id = one["account"]["id"], one["assignee"]["id"]
    email, sponsor_id = somebody_else(stage, crm, owner_id)
    stage.patch_record(crm, table, account_id, {name: email.upper() if crm == "salesforce" else sponsor_id})
    found = {one["account"]["id"]: one for one in planned(stage, crm)}[account_id]
    assert found["assignee"]["id"] == sponsor_id
    assert ":sponsor:" in found["key"]


@pytest.mark.parametrize("crm", CRMS)
def test_what_nobody_can_be_given_goes_to_the_fallback(stage: Rehearsal, crm: str) -> None:
    one = planned(stage, crm)[0]
    account_id = one["account"]["id"]
    email, user_id = somebody_else(stage, crm, one["assignee"]["id"])
    stage.set(HOLDFAST__PEOPLE__FALLBACK=email)
    stage.sql(f"UPDATE users SET active = 0 WHERE id != '{user_id}'")
    assert {one["assignee"]["id"] for one in creations(stage, crm)} == {user_id}
    stage.set(HOLDFAST__PEOPLE__FALLBACK="")
    held = [one for one in stage.json("plan", "--connection", crm)["held_back"] if one["account"]["id"] == account_id]
    assert [one["reason"][: len(NOBODY)] for one in held] == [NOBODY]


def test_a_queue_owns_tasks_up_to_its_cap_until_somebody_takes_them(stage: Rehearsal) -> None:
    desk = queue(stage, "Case", "Task")
    stage.set(HOLDFAST__LIMITS__MAX_OPEN_PER_PERSON="2")
    stage.holdfast("run", "--connection", "salesforce")
    assert assignees(stage) == {desk}
    assert len(stage.our_tasks("salesforce")) == 2
    stage.forget_journal()
    stage.holdfast("run", "--connection", "salesforce")
    assert stage.writes() == []
    task = stage.our_tasks("salesforce")[0]
    rep = next(one["Id"] for one in stage.records("salesforce", "User") if one["IsActive"])
    stage.patch_record("salesforce", "Task", task["id"], {"OwnerId": rep})
    stage.holdfast("run", "--connection", "salesforce")
    owners = {one["Id"]: one["OwnerId"] for one in stage.records("salesforce", "Task")}
    assert owners[task["id"]] == rep


def test_a_queue_that_may_own_no_tasks_is_passed_over(stage: Rehearsal) -> None:
    desk = queue(stage, "Case")
    stage.holdfast("run", "--connection", "salesforce")
    assert assignees(stage) == set()
    assert "Queue not associated" in stage.holdfast("parked", "list")
    stage.holdfast("run", "--connection", "salesforce")
    assert assignees(stage)
    assert desk not in assignees(stage)
