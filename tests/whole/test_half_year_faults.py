"""Faults at every write, day after day: each day ends where it would have ended without them.

The same course of events is lived twice. In one life all goes well: two cycles, then people act. In the other each day
begins with cycles of which every write goes wrong, each in its own way, before two that go well; then the same people
do the same. At each day's end both CRMs and both stores hold the same of ours. Six days of 40 accounts by default; the
half-year's 130 working days of 300 accounts, ten faulty cycles a day with other mixtures of faults, under
HOLDFAST_SOAK=1: about twenty minutes of a processor for each CRM.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count, cycle
from pathlib import Path
from typing import Any

import pytest

from tests.whole.half_year import LIVE, Life, company
from tests.whole.rehearsal import DAY, rehearsal

SOAK = bool(os.environ.get("HOLDFAST_SOAK"))
ACCOUNTS, DAYS = (300, 130) if SOAK else (40, 6)
LEAVES, HANDED_OVER = (27, 32) if SOAK else (2, 4)  # days
Fault = dict[str, Any]

HTML = [{"status": status, "html": True} for status in (200, 502, 503)]
#: A record is refused for what it says, also when it is sent alone: it is parked.
CONTENT: dict[str, list[Fault]] = {
    "salesforce": [{"rows": {"code": "FIELD_CUSTOM_VALIDATION_EXCEPTION"}}],
    "hubspot": [
        {"rows": {"category": "VALIDATION_ERROR"}},
        *({"status": status} for status in (400, 404, 409)),
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
        *({"status": status} for status in (401, 403, 414, 423, 429, 477, 500, 502, 503, 504, 521, 524)),
        *({"status": status, "html": True} for status in (400, 403, 404, 409)),
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
# How many of the writes of a day's last two faulty cycles go wrong: all, in the long run also the first alone or some
# by chance. Those before spoil all, so that every write of the day meets each of their faults.
SHARES: Sequence[tuple[Fault, Fault]] = (
    (({}, {}), ({}, {"first": 1}), ({"probability": 0.5}, {"probability": 0.5})) if SOAK else (({}, {}),)
)
REFUSALS = 9 if SOAK else 5  # a day


def faults_of(crm: str) -> Iterator[list[Fault]]:
    """Those of one day, day after day: some that refuse, so that there is still something to write, then one more."""
    refused, applied = cycle(REFUSED[crm]), cycle(APPLIED)
    for number in count():
        some, last = SHARES[number // len(APPLIED) % len(SHARES)]
        turn = [next(refused) for _ in range(REFUSALS)]
        turn[-1] = {**some, **turn[-1]}
        yield [{"crm": crm, "write": True, "seed": number, **fault} for fault in (*turn, {**last, **next(applied)})]


def content(fault: Fault) -> str:
    """What goes wrong, whichever of the writes it meets."""
    which = {"crm", "write", "seed", "first", "probability"}
    return json.dumps({name: value for name, value in fault.items() if name not in which}, sort_keys=True)


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


def go_wrong(life: Life, faults: Sequence[Fault]) -> Counter[str]:
    """A cycle for each of these faults; returns how many writes each of them spoiled.

    What was refused for its content would wait for the next day: an operator has it tried again, and nothing else.
    """
    spoiled: Counter[str] = Counter()
    for fault in faults:
        life.stage.faults(fault)
        report = life.run()
        assert not any("\n" in cause for cause in report.causes)
        if content(fault) in map(content, CONTENT[life.crm]):
            life.stage.holdfast("parked", "retry")
        spoiled[content(fault)] += sum(rule["fired"] for rule in life.stage.sandbox.faults.told())
    life.stage.faults()
    return spoiled


@pytest.mark.slow
@pytest.mark.parametrize("lives", ["salesforce", "hubspot"], indirect=True)
def test_each_day_ends_as_it_would_have_ended_without_faults(
    lives: list[Life], capsys: pytest.CaptureFixture[str]
) -> None:
    undisturbed, disturbed = lives
    faults, spoiled, due = faults_of(disturbed.crm), Counter[str](), set[str]()
    for day in range(DAYS):
        wanted = evening(undisturbed, day)
        today = next(faults)
        due.update(map(content, today))
        spoiled += go_wrong(disturbed, today)
        found = evening(disturbed, day)
        differing = {name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)}
        assert not differing, [(day, name, found.get(name), "not", wanted.get(name)) for name in sorted(differing)]
        for life in lives:
            night(life, day)
        if SOAK:
            with capsys.disabled():
                print(f"{disturbed.crm}, day {day + 1} of {DAYS}: {spoiled.total()} writes spoiled", flush=True)
    assert due == set(spoiled), "every fault met a write"
    for life in lives:
        assert {what: life.written[what] for what in life.arrived()} == life.arrived(), "no count is lost or doubled"
    assert {task["status"] for task in disturbed.tasks.values()} & {"Completed", "COMPLETED"}, "tasks came and went"
