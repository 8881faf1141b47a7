"""The worker's verdicts against what the sandbox planted, and what it writes, account by account."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.whole.rehearsal import rehearsal

SEEDS = [pytest.param(1), *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))]
if os.environ.get("HOLDFAST_SOAK"):
    SEEDS += [pytest.param(seed) for seed in range(4, 11)]
CRMS = ("salesforce", "hubspot")
FIELD = {"salesforce": "Holdfast_Risk_Level__c", "hubspot": "holdfast_risk_level"}


@pytest.mark.parametrize("seed", SEEDS)
def test_verdicts_tasks_and_fields_equal_the_planted_truth(seed: int, tmp_path: Path) -> None:
    with rehearsal(tmp_path, seed=seed, accounts=300, rate_limits=False) as stage:
        stage.live()
        first = stage.json("run")
        stage.forget_journal()
        second = stage.json("run")
        assert stage.writes() == [], "a second cycle sends nothing"
        assert [one["written"]["created"] for one in second["connections"].values()] == [0, 0]

        truth, got = stage.get("truth")["accounts"], stage.verdicts()
        expected = {
            (crm, account[f"{crm}_id"], rule): verdict
            for account in truth
            for rule, by_crm in account["expect"].items()
            for crm, verdict in by_crm.items()
        }
        assert {key: one["verdict"] for key, one in got.items()} == expected
        for crm in CRMS:
            for rule in ("sole-rep", "exec-reach-lapse"):
                seen = Counter(verdict for (c, _, r), verdict in expected.items() if (c, r) == (crm, rule))
                assert set(seen) == {"raised", "clear", "unknown", "not_applicable"}, "every verdict occurs"

        report = {one["connection"]: {a["id"]: a for a in one["accounts"]} for one in stage.json("report")}
        for crm in CRMS:
            key_accounts = report[crm]
            due = {
                (account_id, rule)
                for account_id, account in key_accounts.items()
                for rule, verdict in account["verdicts"].items()
                if verdict["verdict"] == "raised" and account["tier"] in ("A", "B")
            }
            tasks = stage.our_tasks(crm)
            told = {(key.split(":")[1], rule) for key, rule in _rules_told(tasks)}
            assert told == due, f"{crm}: each raised account of tier A or B has its task, and no other"
            assert first["connections"][crm]["written"]["created"] == len(tasks)
            fields = _levels(stage.records(crm, "Account" if crm == "salesforce" else "companies"), crm)
            assert {account_id for account_id, level in fields.items() if level} == set(key_accounts)


def _rules_told(tasks: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {
        (task["key"], rule)
        for task in tasks
        for rule in ("sole-rep", "exec-reach-lapse")
        if rule in (task["body"] or "")
    }


def _levels(records: list[dict], crm: str) -> dict[str, str | None]:  # type: ignore[type-arg]
    if crm == "salesforce":
        return {one["Id"]: one.get(FIELD[crm]) for one in records}
    return {one["id"]: one["properties"].get(FIELD[crm]) for one in records}
