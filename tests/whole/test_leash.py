"""A cycle that is told to end does so at once, wherever it is, and the next one goes on as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from sync import config_file, connections, cycle
from sync.cycle import Report, Work
from sync.leash import Leash
from sync.store.engine import open_engine
from tests.whole.rehearsal import Rehearsal, rehearsal


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path, accounts=12, touches_per_account=8, rate_limits=False) as running:
        running.live()
        yield running


def cut_short(stage: Rehearsal, checks: int) -> Report:
    """A live cycle on Salesforce whose leash ends after so many checks."""
    config, rulebook = config_file.load(stage.config)
    engine, ticks = open_engine(config.store_url), count()
    connector = connections.connect("salesforce", config.connections["salesforce"], rulebook.needs)
    now = datetime.fromisoformat(stage.get("clock")["now"])
    work = Work(engine=engine, config=config, rulebook=rulebook, connector=connector, now=now)
    work.leash = Leash("salesforce", checks + 0.5, clock=lambda: float(next(ticks)))
    try:
        return cycle.run(work, live=True)
    finally:
        connector.close()
        engine.dispose()


@pytest.mark.parametrize("checks", [0, 3, 12, 22, 26])
def test_what_a_short_leash_left_undone_the_next_cycle_does(stage: Rehearsal, checks: int) -> None:
    report = cut_short(stage, checks)
    (cause,) = report.causes
    assert cause.startswith("salesforce: the cycle took longer than schedule.cycle_limit_minutes")
    assert stage.json("status")["connections"]["salesforce"]["last_cycle"]["error"] == cause
    assert stage.our_tasks("salesforce") == [], "it was cut before anything was written"
    stage.holdfast("run")
    open_tasks = stage.open_tasks("salesforce")
    assert open_tasks
    assert max(open_tasks.values()) == 1
    stage.forget_journal()
    stage.holdfast("run")
    assert stage.writes() == []
