"""Which open task tells which findings, when people come and go and humans have decided something about a task."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.protocol import CloseTask, CreateTask, UpdateTask
from rules.rule import Route, Severity
from sync.plan import OurTask
from sync.planner import Days, make_plan
from tests.sync.test_plan import FIELDS, TODAY, plan, situation, state, task

BOTH = (state(), state("exec-reach-lapse", Severity.HIGH))
ONE_PERSON = {Route.OWNER: "boss", Route.MANAGER: "boss"}
LATER = TODAY + timedelta(days=20)


def owners_task(**seen: Any) -> OurTask:
    """Jana's open task on exec-reach-lapse, seen in the CRM as we wrote it but for `seen`."""
    known = task(key="hf1:a1:owner:1", route="owner", assignee_id="jana", rules={"exec-reach-lapse": "high"})
    assert known.actual
    as_made = replace(known.actual, key=known.key, assignee_id="jana")
    return replace(known, written={**known.written, "assignee_id": "jana"}, actual=replace(as_made, **seen))


def test_when_two_readers_become_one_the_second_task_closes_and_the_first_tells_both() -> None:
    made = plan(situation(*BOTH, tasks=[task(), owners_task()], routes=ONE_PERSON))
    assert [(type(one.change), one.account_id) for one in made.changes] == [(UpdateTask, "a1"), (CloseTask, "a1")]
    assert made.changes[0].rules == {"sole-rep": "critical", "exec-reach-lapse": "high"}
    assert isinstance(made.changes[1].change, CloseTask)
    assert made.changes[1].change.reason == "another task tells it"


def test_a_task_that_a_human_handed_on_keeps_its_findings_when_two_readers_become_one() -> None:
    handed_on = owners_task(assignee_id="a friend")
    assert not plan(situation(*BOTH, tasks=[task(), handed_on], routes=ONE_PERSON)).changes


def test_a_finding_that_was_put_off_is_not_told_to_somebody_else_meanwhile() -> None:
    told = {"sole-rep": "critical", "exec-reach-lapse": "high"}
    put_off = replace(owners_task(status="deferred"), rules=told)
    assert not plan(situation(*BOTH, tasks=[put_off])).changes, "the manager is back, and waits as the owner does"
    taken_up = replace(owners_task(), rules=told)
    made = plan(situation(*BOTH, tasks=[taken_up]))
    assert {type(one.change) for one in made.changes} == {CreateTask, UpdateTask}, "each has their own again"


def test_a_task_stays_with_its_reader_though_another_finding_is_worse_now() -> None:
    tasks = [replace(task(), rules={"sole-rep": "low"}), owners_task()]
    worse = (state(severity=Severity.LOW), state("exec-reach-lapse", Severity.CRITICAL))
    made = plan(situation(*worse, tasks=tasks))
    assert [one.assignee_id for one in made.changes] == ["jana"], "hers is rewritten; nobody's is handed over"


def test_a_finding_that_goes_to_another_reader_by_the_config_takes_its_task_along() -> None:
    made = plan(situation(state(), rule_routes={"sole-rep": Route.OWNER}, tasks=[task()]))
    (handed,) = made.changes
    assert isinstance(handed.change, UpdateTask)
    assert handed.change.changed == {"assignee_id": "jana"}


@pytest.mark.parametrize(("today", "rewritten"), [(LATER - timedelta(days=1), False), (LATER, True)])
def test_a_later_due_date_puts_a_task_off_until_that_day(today: date, *, rewritten: bool) -> None:
    seen = replace(task().actual, due_on=LATER)  # type: ignore[type-var] # it was seen in the CRM
    milder = situation(*BOTH, tasks=[task(actual=seen)], routes=ONE_PERSON)
    made = make_plan("acme", [milder], Days(today=today), FIELDS)
    assert bool(made.changes) is rewritten
    assert [(held.rules, held.reason) for held in made.held_back] == (
        [] if rewritten else [(("exec-reach-lapse",), "its task was put off")]
    )


def test_a_finding_that_no_text_of_ours_can_tell_is_held_back_visibly() -> None:
    rewritten = task(actual=replace(task().actual, subject="Mine", body="Mine"))  # type: ignore[type-var] # seen
    made = plan(situation(*BOTH, tasks=[rewritten], routes=ONE_PERSON))
    assert not made.changes
    assert [(held.rules, held.reason) for held in made.held_back] == [
        (("exec-reach-lapse",), "a human rewrote its task")
    ]


def test_a_task_that_was_put_off_goes_on_to_the_new_owner_and_is_never_closed_for_want_of_room() -> None:
    moved = {Route.OWNER: "peter", Route.MANAGER: "boss"}
    made = plan(situation(BOTH[1], tasks=[owners_task(status="deferred")], routes=moved))
    (handed,) = made.changes
    assert isinstance(handed.change, UpdateTask)
    assert handed.change.changed == {"assignee_id": "peter"}
    assert handed.instead is None


def test_a_quiet_finding_stays_on_the_task_that_tells_it_and_moves_to_no_other() -> None:
    """Its reader completed another task on it, say, and opened this one again."""
    quiet = state("exec-reach-lapse", Severity.HIGH, quiet_until=LATER, quiet_severity=Severity.HIGH)
    readers = {Route.OWNER: "peter", Route.MANAGER: "boss"}
    tells_quiet = replace(task(), rules={"sole-rep": "critical", "exec-reach-lapse": "high"})
    made = plan(situation(state(), quiet, tasks=[tells_quiet], routes=readers))
    assert not [one for one in made.changes if isinstance(one.change, CreateTask)]
    again = plan(situation(state(), replace(quiet, quiet_until=TODAY), tasks=[tells_quiet], routes=readers))
    assert [one.assignee_id for one in again.changes if isinstance(one.change, CreateTask)] == ["peter"]
