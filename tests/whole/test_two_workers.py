"""Two workers apply one plan at the same moment: one of them sends it, or both send it and the CRM has it once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.whole.rehearsal import Rehearsal, rehearsal

CRMS = ["salesforce", "hubspot"]
STORE = "HOLDFAST__STORE__URL"
WRITE_MILLISECONDS = 300  # so long that each is under way while the other begins
TIMEOUT_SECONDS = 60

pytestmark = pytest.mark.slow


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path, accounts=20, touches_per_account=15, rate_limits=False) as running:
        running.live()
        yield running


def plan(stage: Rehearsal) -> Path:
    """A plan of both CRMs in a file, after a pull."""
    stage.holdfast("run", "--dry-run")
    file = stage.config.parent / "plan.json"
    stage.holdfast("plan", "--out", str(file))
    return file


def keys_of(document: Any) -> set[str]:
    return {one["key"] for one in document["changes"] if one["op"] == "create_task"}


def at_once(stage: Rehearsal, file: Path, *stores: str) -> dict[int, list[str]]:
    """`apply` of the file by a process for each of these stores; what each wrote to standard error, by exit status."""
    stage.forget_journal()
    stage.faults({"write": True, "delay_ms": WRITE_MILLISECONDS})
    workers = []
    for store in stores:
        stage.set(**{STORE: store})
        workers.append(stage.spawn("apply", str(file), "--quiet"))
    told: dict[int, list[str]] = {}
    for worker in workers:
        _, error = worker.communicate(timeout=TIMEOUT_SECONDS)
        told.setdefault(worker.returncode, []).append(error)
    stage.faults()
    return told


def assert_each_once(stage: Rehearsal, keys: set[str]) -> None:
    there = [task["key"] for crm in CRMS for task in stage.our_tasks(crm) if not task["deleted"]]
    assert sorted(there) == sorted(keys)


def test_of_two_on_one_store_one_sends_the_plan(stage: Rehearsal, engine: Engine) -> None:
    url = engine.url.set(drivername=engine.url.get_backend_name()).render_as_string(hide_password=False)
    stage.set(**{STORE: url})
    file = plan(stage)
    keys = keys_of(stage.json("plan"))
    told = at_once(stage, file, url, url)
    assert len(told.pop(0)) == 1, told
    (loser,) = (line for lines in told.values() for line in lines)
    assert "another Holdfast process" in loser or "no longer fits" in loser
    assert "Traceback" not in loser
    assert_each_once(stage, keys)
    made = [
        one for one in stage.get("journal")["requests"] if one["operation"] in ("collections-upsert", "batch-create")
    ]
    assert sum(one["records"] for one in made) <= len(keys)
    stage.forget_journal()
    stage.holdfast("run")
    assert stage.writes() == [], "nothing was forgotten"


def test_of_two_with_a_store_each_both_send_it_and_the_crm_has_it_once(stage: Rehearsal) -> None:
    """As where a machine was restored from a backup while the old one still runs."""
    file = plan(stage)
    keys = keys_of(stage.json("plan"))
    folder = stage.config.parent
    for part in folder.glob("holdfast.db*"):
        shutil.copy(part, folder / part.name.replace("holdfast", "restored"))
    stores = [f"sqlite:///{folder / name}" for name in ("holdfast.db", "restored.db")]
    told = at_once(stage, file, *stores)
    assert not any("Traceback" in line for lines in told.values() for line in lines)
    assert_each_once(stage, keys)
    for store in stores:
        stage.set(**{STORE: store})
        stage.holdfast("run")
        stage.forget_journal()
        stage.holdfast("run")
        assert stage.writes() == []
    assert_each_once(stage, keys)
