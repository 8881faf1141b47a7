"""Faults at every write, day after day: each day ends where it would have ended without them.

The same course of events is lived twice. In one life all goes well: two cycles, then people act. In the other each day
begins with cycles of which every write goes wrong, each in its own way, before two that go well; then the same people
do the same. At each day's end both CRMs and both stores hold the same of ours. Six days by default; eight weeks,
with other mixtures of faults, under HOLDFAST_SOAK=1.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests.whole.half_year import LIVE, Life, company
from tests.whole.rehearsal import DAY, rehearsal

SOAK = bool(os.environ.get("HOLDFAST_SOAK"))
ACCOUNTS, DAYS = (120, 40) if SOAK else (40, 6)
LEAVES, HANDED_OVER = 2, 4  # days
Fault = dict[str, Any]

HTML = [{"status": status, "html": True} for status in (200, 502, 503)]
#: A record is refused for what it says, also when it is sent alone: it is parked.
CONTENT: dict[str, list[Fault]] = {
    "salesforce": [{"rows": {"code": "FIELD_CUSTOM_VALIDATION_EXCEPTION"}}],
    "hubspot": [
        {"rows": {"category": "VALIDATION_ERROR"}},
        *({"status": status} for status in (400, 404, 409, 414)),
    ],
}
#: The request has no effect.
REFUSED: dict[str, list[Fault]] = {
    "salesforce": [
        *CONTENT["salesforce"],
        *({"status": status} for status in (400, 401, 403, 404, 406, 410, 414, 420, 429, 431, 500, 502, 503, 504)),
        *({"kind": kind} for kind in ("quota", "rate-limit", "unavailable", "forbidden", "token-expired")),
        {"rows": {"code": "UNABLE_TO_LOCK_ROW"}},
        {"status": 503, "empty": True},
        {"cut": "before"},
        *HTML,
    ],
    "hubspot": [
        *CONTENT["hubspot"],
        *({"status": status} for status in (401, 403, 423, 429, 477, 500, 502, 503, 504, 521, 524)),
        *({"kind": kind} for kind in ("quota", "rate-limit", "unavailable", "locked", "migration")),
        {"status": 429, "kind": "rate-limit", "retry_after": 7},
        {"status": 503, "empty": True},
        {"cut": "before"},
        *HTML,
    ],
}
#: The request has its effect, and nobody is told.
APPLIED: list[Fault] = [
    {"cut": "after"},
    {"truncate": "cut"},
    {"truncate": "short"},
    {"status": 500, "kind": "server-error", "applied": True},
    {"status": 504, "html": True, "applied": True},
    {"status": 200, "empty": True, "applied": True},
]
# How many of a cycle's writes go wrong: all of them; in the long run also the first alone, or some by chance.
SHARES: Sequence[Fault] = ({}, {"first": 1}, {"probability": 0.5}) if SOAK else ({},)


def faults_of(crm: str) -> Iterator[list[Fault]]:
    """Those of one day, day after day: some that refuse, so that there is still something to write, then one more."""
    refused, applied, number = cycle(REFUSED[crm]), cycle(APPLIED), 0
    while True:
        turn = [next(refused) for _ in range(5)] + [next(applied)]
        share = SHARES[number // len(APPLIED) % len(SHARES)]
        yield [{"crm": crm, "write": True, "seed": number, **share, **fault} for fault in turn]
        number += 1


@pytest.fixture
def lives(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[list[Life]]:
    """Twice the same company, in two sandboxes, with a store for each."""
    with ExitStack() as stack:
        found = []
        for name in ("undisturbed", "disturbed"):
            folder = tmp_path / name
            folder.mkdir()
            stage = stack.enter_context(rehearsal(folder, company=company(ACCOUNTS), rate_limits=False))
            stage.set(**LIVE)
            found.append(Life(stage=stage, crm=request.param))
        yield found


def evening(life: Life, day: int) -> dict[tuple[str, ...], Any]:
    """The two cycles that go well, and how things stand after them."""
    if day % 5 == 0:
        life.begin_week()
    life.cycle()
    life.cycle()
    return life.state()


def night(life: Life, day: int) -> None:
    """What people do, and the time until the next working day."""
    life.events(leaves=day == LEAVES, handed_over=day == HANDED_OVER)
    life.business_goes_on(share=0.2)
    life.people_see_to_their_tasks(day // 5)
    life.stage.advance(DAY if day % 5 < 4 else 3 * DAY)


def go_wrong(life: Life, faults: Sequence[Fault]) -> Iterator[Fault]:
    """A cycle for each of these faults; yields those that found nothing to spoil.

    What was refused for its content would wait for the next day: an operator has it tried again, and nothing else.
    """
    for fault in faults:
        life.stage.faults(fault)
        report = life.stage.cycle(life.crm)
        assert not any("\n" in cause for cause in report.causes)
        if any(content.items() <= fault.items() for content in CONTENT[life.crm]):
            life.stage.holdfast("parked", "retry")
        if not any(rule["fired"] for rule in life.stage.sandbox.faults.told()):
            yield fault
    life.stage.faults()


@pytest.mark.slow
@pytest.mark.parametrize("lives", ["salesforce", "hubspot"], indirect=True)
def test_each_day_ends_as_it_would_have_ended_without_faults(lives: list[Life]) -> None:
    undisturbed, disturbed = lives
    faults = faults_of(disturbed.crm)
    idle: list[Fault] = []
    for day in range(DAYS):
        wanted = evening(undisturbed, day)
        idle += go_wrong(disturbed, next(faults))
        found = evening(disturbed, day)
        differing = {name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)}
        assert not differing, [(day, name, found.get(name), "not", wanted.get(name)) for name in sorted(differing)]
        for life in lives:
            night(life, day)
    assert SOAK or not idle, "every fault met a write"
    assert {task["status"] for task in disturbed.tasks.values()} & {"Completed", "COMPLETED"}, "tasks came and went"
