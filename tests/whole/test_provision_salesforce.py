"""An org that has nothing of ours: provisioned, it takes the worker's tasks and fields."""

from __future__ import annotations

from pathlib import Path

from sync.config_file import load
from sync.connections import connect
from tests.whole.rehearsal import Rehearsal, rehearsal


def provision(stage: Rehearsal) -> set[str]:
    connector = connect("salesforce", load(stage.config)[0].connections["salesforce"])
    states = {step.state for step in connector.provision(dry_run=False)}
    connector.close()
    return states


def test_after_provisioning_a_live_run_writes_tasks_and_fields(tmp_path: Path) -> None:
    with rehearsal(tmp_path, accounts=40, bare=True) as stage:
        stage.live()
        stage.holdfast("pull", "--connection", "salesforce")  # before there is anything of ours
        assert provision(stage) == {"made"}
        written = stage.json("run", "--connection", "salesforce")["connections"]["salesforce"]["written"]
        assert (written["created"], written["rejected"]) == (len(stage.our_tasks("salesforce")), 0)
        assert written["created"] > 0
        levels = [fields["Holdfast_Risk_Level__c"] for fields in stage.our_fields("salesforce").values()]
        assert sum(level is not None for level in levels) == written["fields"] > 0
        stage.forget_journal()
        stage.holdfast("run", "--connection", "salesforce")
        assert stage.writes() == []
