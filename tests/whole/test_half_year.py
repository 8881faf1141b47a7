"""Half a year of a made-up company with people as they are: how many tasks each of them really gets.

Over HTTP, with the default caps, baseline and all default rules: two cycles a week, people who act by their character
between them, business going on. A month of 120 accounts by default; 26 weeks of 300 under HOLDFAST_SOAK=1, which
prints the table of `docs/rep.md`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.whole.half_year import LIVE, Life, company
from tests.whole.rehearsal import Rehearsal, rehearsal

SOAK = bool(os.environ.get("HOLDFAST_SOAK"))
ACCOUNTS, WEEKS = (300, 26) if SOAK else (120, 5)
LEAVES_IN_WEEK, HANDED_OVER_IN_WEEK = (5, 6) if SOAK else (2, 3)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path, company=company(ACCOUNTS), rate_limits=False) as running:
        running.set(**LIVE)
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_nobody_gets_more_than_a_handful_of_tasks(
    stage: Rehearsal, crm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    life = Life(stage=stage, crm=crm)
    try:
        for number in range(WEEKS):
            life.week(number, leaves=number == LEAVES_IN_WEEK, handed_over=number == HANDED_OVER_IN_WEEK)
    finally:
        with capsys.disabled():
            print(f"\n{crm}, {ACCOUNTS} accounts, {len(life.weeks)} weeks: new/open tasks by person\n{life.table()}")
    assert sum(sum(week.new.values()) for week in life.weeks), "there was something to do"
    assert life.edited, "somebody made a task theirs"
