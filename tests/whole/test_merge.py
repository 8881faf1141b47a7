"""A customer that was merged into another keeps its task and its memory."""

from __future__ import annotations

from pathlib import Path

from tests.whole.rehearsal import rehearsal


def test_our_open_task_follows_a_merged_account(tmp_path: Path) -> None:
    with rehearsal(tmp_path, accounts=40, rate_limits=False) as stage:
        stage.live()
        stage.holdfast("run", "--connection", "salesforce")
        task = stage.our_tasks("salesforce")[0]
        loser = task["key"].split(":")[1]
        told = stage.json("explain", loser, "--connection", "salesforce")[0]["rules"]
        rule = next(name for name, one in told.items() if one["verdict"] == "raised" and name in task["body"])
        bystander = next(
            key[1]
            for key, one in stage.verdicts("--connection", "salesforce").items()
            if one["verdict"] == "not_applicable"
        )
        stage.act("salesforce", "merge", who=task["owner"], winner=bystander, loser=loser)
        stage.holdfast("run", "--connection", "salesforce")
        (ours,) = (one for one in stage.our_tasks("salesforce") if one["key"] == task["key"])
        assert ours["account"] == bystander
        assert not ours["deleted"]
        (winner,) = stage.json("explain", bystander, "--connection", "salesforce")
        assert task["key"] in {one["key"] for one in winner["tasks"]}
        assert winner["rules"][rule]["memory"]
        assert (
            len([one for one in stage.our_tasks("salesforce") if one["account"] == bystander and not one["closed"]])
            <= 2
        )
