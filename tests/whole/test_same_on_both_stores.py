"""The same history on SQLite and on PostgreSQL: every row of every table is the same, and so is every plan.

What happens is what happens in half a year of rehearsals: people see to their tasks by their character, business goes
on, somebody leaves, cycles are spoilt by faults. The CRMs' clocks only go on when they are moved, so that the two lives
differ in nothing but the store.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from connectors.sandbox.server import START
from sync.store.engine import open_engine
from tests.conftest import open_engine_raw
from tests.whole.half_year import LIVE, Life, company
from tests.whole.rehearsal import DAY, Rehearsal, rehearsal

ACCOUNTS, DAYS, LEAVES, HANDED_OVER = 40, 5, 2, 3
FAULTS: tuple[dict[str, Any], ...] = (
    {"write": True, "cut": "after"},
    {"kind": "server-error", "first": 2},
    {"write": True, "truncate": "cut"},
)
# Told by the machine's clock, not by the CRM's; a digest of the config, in which the store's URL stands; a running number.
OF_THIS_STORE = {"cycles": {"ended_at"}, "cursors": {"complete_at"}, "evaluations": {"basis"}, "held_back": {"id"}}


@pytest.fixture
def lives(tmp_path: Path, postgresql_url: str, request: pytest.FixtureRequest) -> Iterator[dict[str, Life]]:
    """Twice the same company, in two sandboxes, with a store of either kind, by the store's URL."""
    admin = open_engine_raw(postgresql_url)
    with admin.connect() as db:
        for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            db.execute(text(statement))
    admin.dispose()
    with ExitStack() as stack:
        found = {}
        for name, url in (
            ("sqlite", f"sqlite:///{tmp_path / 'sqlite' / 'holdfast.db'}"),
            ("postgresql", postgresql_url),
        ):
            (tmp_path / name).mkdir()
            stage = stack.enter_context(rehearsal(tmp_path / name, company=company(ACCOUNTS), rate_limits=False))
            stage.sandbox.clock.stop()
            stage.sandbox.clock.set(START)
            found[url] = Life(stage=stage, crm=request.param)
        yield found


def lived(life: Life, url: str) -> tuple[dict[str, list[str]], list[Any]]:
    """Live it; return every row of every table and the plan of each evening."""
    stage: Rehearsal = life.stage
    stage.set(**LIVE, HOLDFAST__STORE__URL=url)
    plans = []
    life.begin_week()
    for day in range(DAYS):
        life.cycle()
        life.events(leaves=day == LEAVES, handed_over=day == HANDED_OVER)
        life.business_goes_on(share=0.4)
        life.people_see_to_their_tasks(day)
        stage.advance(DAY // 2)
        stage.faults({"crm": life.crm, **FAULTS[day % len(FAULTS)]})
        stage.cycle(life.crm)
        stage.faults()
        plans.append(json.loads(stage.holdfast("plan", "--connection", life.crm, "--json")))
        stage.advance(DAY // 2)
    return rows(url), plans


def rows(url: str) -> dict[str, list[str]]:
    engine = open_engine(url)
    with engine.connect() as db:
        found = {
            name: sorted(
                str({key: value for key, value in row.items() if key not in OF_THIS_STORE.get(name, ())})
                for row in db.execute(table.select()).mappings()
            )
            for name, table in SQLModel.metadata.tables.items()
        }
    engine.dispose()
    return found


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.parametrize("lives", ["salesforce", "hubspot"], indirect=True)
def test_a_history_leaves_the_same_rows_and_plans(lives: dict[str, Life]) -> None:
    (here, plans), (there, other_plans) = (lived(life, url) for url, life in lives.items())
    assert any(plan["changes"] for plan in plans), "there was something to plan"
    assert here["tasks"]
    assert plans == other_plans
    for name, some in here.items():
        assert some == there[name], name
