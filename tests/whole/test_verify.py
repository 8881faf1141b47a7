"""verify: two numbers that tell whether the store is whole, and their repair."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.whole.rehearsal import Rehearsal, rehearsal

CRMS = ["salesforce", "hubspot"]
GHOST = {"salesforce": "003999999999999AAA", "hubspot": "999999999999"}  # ids that nobody has


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path, accounts=20, rate_limits=False) as running:
        running.live()
        running.holdfast("run")
        running.holdfast("run")
        yield running


def figures(told: dict[str, Any], kind: str) -> tuple[int, int, int]:
    one = told[kind]
    return one["missing"], one["stale"], one["surplus"]


def spoil(stage: Rehearsal, crm: str) -> None:
    """Behind the worker's back: one contact lost, one changed, one that the CRM does not have."""
    engine = create_engine(f"sqlite:///{stage.config.parent / 'holdfast.db'}")
    with engine.begin() as db:
        ids = db.execute(
            text("SELECT id FROM contacts WHERE connection = :c ORDER BY id LIMIT 2"), {"c": crm}
        ).scalars()
        lost, changed = ids.all()
        known = {"c": crm, "lost": lost, "changed": changed, "ghost": GHOST[crm]}
        db.execute(text("UPDATE contacts SET id = :ghost WHERE connection = :c AND id = :lost"), known)
        db.execute(text("UPDATE contacts SET content = x'00' WHERE connection = :c AND id = :changed"), known)
    engine.dispose()


@pytest.mark.parametrize("crm", CRMS)
def test_a_whole_store_verifies_and_a_spoilt_one_is_repaired(stage: Rehearsal, crm: str) -> None:
    sound = stage.json("verify", "--connection", crm)[crm]
    assert {kind: figures(sound, kind) for kind in sound} == dict.fromkeys(sound, (0, 0, 0))
    assert sound["accounts"]["crm"] == sound["accounts"]["store"] == 20

    spoil(stage, crm)
    told = stage.holdfast("verify", "--connection", crm, status=1)
    assert "`holdfast verify --repair` mends them" in told
    repaired = stage.json("verify", "--repair", "--connection", crm)[crm]
    assert figures(repaired, "contacts") == (1, 1, 1)
    again = stage.json("verify", "--connection", crm)[crm]
    assert figures(again, "contacts") == (0, 0, 0)
    stage.forget_journal()
    stage.holdfast("run")
    assert stage.writes() == []
