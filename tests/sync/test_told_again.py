"""A finding that a human has ended a task on before says so wherever it is told again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.protocol import UpdateTask
from rules.rule import Route, Severity
from tests.sync.test_plan import only, plan, situation, state, task

AGAIN = "A task on this was {} on 2026-10-02. It is told again because the reason still stands."
TO_MANAGER = {"sole-rep": Route.MANAGER, "single-contact": Route.MANAGER}
OVER: dict[str, Any] = {"quiet_until": date(2026, 11, 1), "quiet_severity": Severity.CRITICAL}  # the day before this


@pytest.mark.parametrize("how", ["completed", "dismissed", "taken back"])
def test_a_new_task_says_it_before_the_finding_that_it_is_true_of(how: str) -> None:
    ended = state(quiet_why=f"{how} on 2026-10-02", **OVER)
    another = state("single-contact", Severity.HIGH)
    body = only(plan(situation(another, ended, rule_routes=TO_MANAGER))).content.body
    assert body.startswith(AGAIN.format(how)), "the worst finding comes first"
    assert body.count("A task on this was") == 1


def test_a_finding_that_joins_an_open_task_says_it_there() -> None:
    ended = state("single-contact", Severity.HIGH, quiet_why="completed on 2026-10-02", **OVER)
    change = only(plan(situation(state(), ended, rule_routes=TO_MANAGER, tasks=[task()])))
    assert isinstance(change, UpdateTask)
    first, *others = change.changed["body"].split("\n\n")
    assert first.startswith("Why."), "nobody ended a task on the finding that is told already"
    assert others[0] == AGAIN.format("completed")


def test_what_is_told_again_is_told_so_after_every_rewriting() -> None:
    ended = state(severity=Severity.HIGH, quiet_why="completed on 2026-10-02", **OVER)
    change = only(plan(situation(ended, tasks=[task()])))
    assert change.changed["body"].startswith(AGAIN.format("completed"))


def test_a_finding_that_nobody_ended_a_task_on_says_nothing() -> None:
    assert "A task on this was" not in only(plan(situation(state()))).content.body
