"""What we wrote, afterwards: taken back where nobody touched it, told change by change, answered by its readers."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.whole.rehearsal import DAY, Rehearsal, rehearsal

CRMS = ["salesforce", "hubspot"]
LONG_AGO = ("--since", "2020-01-01")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path_factory.mktemp("undo"), accounts=20, touches_per_account=15, rate_limits=False) as stage:
        yield stage


@pytest.fixture
def stage(running: Rehearsal) -> Iterator[Rehearsal]:
    """Both CRMs with the tasks of a first live run."""
    running.begin_again()
    with pytest.MonkeyPatch.context() as running.patch:
        running.live()
        running.holdfast("run")
        yield running


def open_tasks(stage: Rehearsal, crm: str) -> dict[str, dict[str, Any]]:
    return {one["key"]: one for one in stage.our_tasks(crm) if not one["closed"] and not one["deleted"]}


def test_without_yes_nothing_is_closed_and_everything_listed(stage: Rehearsal) -> None:
    stage.forget_journal()
    told = stage.json("undo", *LONG_AGO)
    assert {one["key"] for one in told} == {*open_tasks(stage, "salesforce"), *open_tasks(stage, "hubspot")}
    assert {one["outcome"] for one in told} == {"would be closed"}
    assert stage.writes() == []


def test_only_what_nobody_touched_is_taken_back_and_it_is_not_made_anew(stage: Rehearsal) -> None:
    kept = {}
    for crm in CRMS:
        first, second, third, *_ = stage.our_tasks(crm)
        stage.act(crm, "edit_task", who=first["owner"], task=first["id"], subject="Mine")
        stage.act(crm, "give_feedback", who=second["owner"], task=second["id"], answer="wrong")
        stage.act(crm, "defer_task", who=third["owner"], task=third["id"])
        kept[crm] = {one["key"] for one in (first, second, third)}
    told = {one["key"]: one for one in stage.json("undo", *LONG_AGO, "--yes")}
    for crm in CRMS:
        assert open_tasks(stage, crm).keys() == kept[crm]
        assert {one["key"] for one in told.values() if one["connection"] == crm and one["why"]} == kept[crm]
        (closed, *_) = (one for one in stage.our_tasks(crm) if one["closed"])
        assert "taken back by whoever runs Holdfast" in closed["body"]
        assert "&lt;" not in closed["body"]  # tags that a reader would see
    assert {one["why"] for one in told.values()} == {"", "changed: subject", "answered: wrong", "deferred"}
    stage.forget_journal()
    stage.holdfast("run")
    assert stage.writes() == []
    assert {one["outcome"] for one in stage.json("undo", *LONG_AGO)} == {"left alone"}


def test_what_is_still_true_comes_back_once_it_is_no_longer_put_off(stage: Rehearsal) -> None:
    before = stage.open_tasks("salesforce")
    stage.holdfast("undo", *LONG_AGO, "--yes", "--put-off-days", "2")
    stage.advance(DAY)
    stage.holdfast("run")
    # What was found meanwhile is told; what was taken back is not.
    assert not before.keys() & stage.open_tasks("salesforce").keys()
    stage.advance(DAY)
    stage.holdfast("run")
    assert before.keys() <= stage.open_tasks("salesforce").keys()
    again = [one for one in open_tasks(stage, "salesforce").values() if one["key"].endswith(":2")]
    assert len(again) == len(before)
    assert all("taken back on 2026-11-02" in one["body"] for one in again)


def test_tasks_of_before_are_left_alone(stage: Rehearsal) -> None:
    assert stage.json("undo", "--since", "2026-11-03") == []


def test_after_a_lost_store_the_crm_tells_which_tasks_are_ours(stage: Rehearsal) -> None:
    ours = {crm: set(open_tasks(stage, crm)) for crm in CRMS}
    rewritten = {}
    for crm in CRMS:
        first = stage.our_tasks(crm)[0]
        stage.act(crm, "edit_task", who=first["owner"], task=first["id"], body="Call them.")
        rewritten[crm] = {first["key"]}
    stage.forget_store()
    lines = stage.told("undo", *LONG_AGO, "--yes", status=1)
    assert [line.split(":")[0] for line in lines] == CRMS
    assert all("`holdfast pull`" in line for line in lines)
    stage.holdfast("pull")
    told = stage.json("undo", *LONG_AGO, "--yes")
    for crm in CRMS:
        assert {one["key"] for one in told if one["connection"] == crm} == ours[crm]
        assert open_tasks(stage, crm).keys() == rewritten[crm]
    stage.holdfast("run")
    assert {crm: set(open_tasks(stage, crm)) for crm in CRMS} == rewritten


def test_a_time_that_is_none_is_refused(stage: Rehearsal) -> None:
    (line,) = stage.told("undo", "--since", "yesterday", status=2)
    assert "--since" in line


@pytest.mark.parametrize("crm", CRMS)
def test_the_audit_tells_every_value_with_what_it_replaced(stage: Rehearsal, crm: str, tmp_path: Path) -> None:
    stage.holdfast("undo", *LONG_AGO, "--yes", "--connection", crm)
    entries = stage.json("audit", "--connection", crm)
    made = [one for one in entries if one["op"] == "create_task" and one["value"] == "subject"]
    assert {one["key"] for one in made} == {one["key"] for one in stage.our_tasks(crm)}
    assert all(one["before"] is None and one["after"].startswith("[Relationship]") and one["why"] for one in made)
    assert {one["crm_id"] for one in made} == {one["id"] for one in stage.our_tasks(crm)}
    closed = [one for one in entries if one["op"] == "close_task"]
    assert {(one["before"], one["after"]) for one in closed if one["value"] == "status"} == {("open", "completed")}
    texts = {one["key"]: one["after"] for one in entries if one["op"] == "create_task" and one["value"] == "body"}
    for one in (one for one in closed if one["value"] == "body"):
        assert one["before"].split() == texts[one["key"]].split()
        assert one["why"].startswith("taken back by")
    out = tmp_path / "audit.csv"
    stage.holdfast("audit", "--connection", crm, "--out", str(out))
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(entries)
    assert {row["who"] for row in rows} == {"holdfast"}
    assert stage.json("audit", "--since", "2099-01-01") == []


def test_a_field_that_changes_is_told_with_its_value_of_before(stage: Rehearsal) -> None:
    account, fields = next(
        (one, ours) for one, ours in stage.our_fields("salesforce").items() if ours.get("Holdfast_Risk__c")
    )
    stage.patch_record("salesforce", "Account", account, {"Holdfast_Risk__c": 99})
    stage.holdfast("run", "--connection", "salesforce")
    *_, last = (one for one in stage.json("audit") if (one["account_id"], one["value"]) == (account, "risk"))
    assert (last["before"], last["after"]) == ("99", str(int(fields["Holdfast_Risk__c"])))


@pytest.mark.parametrize("crm", CRMS)
def test_answers_are_read_back_and_counted_by_rule(stage: Rehearsal, crm: str) -> None:
    task = stage.our_tasks(crm)[0]
    rules = next(one for one in stage.json("audit") if one["key"] == task["key"])["why"].split(", ")
    stage.act(crm, "give_feedback", who=task["owner"], task=task["id"], answer="already handled")
    stage.holdfast("run")
    assert stage.json("status")["connections"][crm]["feedback"] == {rule: {"already handled": 1} for rule in rules}
    assert f"answers to {rules[0]}: 1 already handled" in stage.holdfast("status")
    stage.act(crm, "complete_task", who=task["owner"], task=task["id"])
    stage.holdfast("run")
    assert stage.json("status")["connections"][crm]["feedback"][rules[0]] == {"already handled": 1}
