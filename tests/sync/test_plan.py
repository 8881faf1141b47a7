"""From findings to the smallest set of changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.protocol import CloseTask, CreateTask, SetFields, TaskState, UpdateTask
from rules.rule import Finding, Route, Severity
from sync.errors import RefusedError
from sync.findings import FindingState
from sync.plan import OurTask, Plan, Situation, as_written, refuse_if_outsized
from sync.planner import Days, make_plan

TODAY = date(2026, 11, 2)  # a Monday
FIELDS = frozenset({"risk_level", "coverage", "findings", "last_exec_exchange"})
ROUTES = {"sole-rep": Route.MANAGER, "exec-reach-lapse": Route.OWNER}


def state(
    rule: str = "sole-rep", severity: Severity = Severity.CRITICAL, *, is_open: bool = True, **more: Any
) -> FindingState:
    text = Finding(
        headline=f"{rule} says", why="Why.", clears_when="Clears when so.", first_step="Step.", figures="1 of 2"
    )
    raised_at = datetime(2026, 11, 1, tzinfo=UTC)
    return FindingState(rule=rule, open=is_open, severity=severity, text=text, raised_at=raised_at, **more)


def situation(*states: FindingState, **more: Any) -> Situation:
    known: dict[str, Any] = {
        "account_id": "a1",
        "account_name": "Acme",
        "tier": "A",
        "findings": {one.rule: one for one in states},
        "rule_routes": ROUTES,
        "routes": {Route.OWNER: "jana", Route.MANAGER: "boss"},
    }
    return Situation(**known | more)


def plan(*situations: Situation) -> Plan:
    return make_plan("acme", situations, Days(today=TODAY), FIELDS)


def task(**more: Any) -> OurTask:
    """Our open task on sole-rep, as we wrote it."""
    seen = TaskState(
        key="hf1:a1:manager:1",
        id="t1",
        status="open",
        account_id="a1",
        assignee_id="boss",
        subject="S",
        body="B",
        due_on=TODAY,
    )
    known: dict[str, Any] = {
        "key": seen.key,
        "route": "manager",
        "state": "open",
        "crm_id": "t1",
        "assignee_id": "boss",
        "rules": {"sole-rep": "critical"},
        "written": as_written(seen),
        "actual": seen,
    }
    return OurTask(**known | more)


def only(made: Plan) -> Any:
    assert len(made.changes) == 1, made
    return made.changes[0].change


def test_a_finding_becomes_one_task_for_its_route() -> None:
    change = only(plan(situation(state())))
    assert isinstance(change, CreateTask)
    assert change.key == "hf1:a1:manager:1"
    assert change.content.assignee_id == "boss"
    assert change.content.due_on == date(2026, 11, 5), "critical: three working days"


def test_two_findings_for_one_person_share_a_task() -> None:
    one_person = {Route.OWNER: "jana", Route.MANAGER: "jana"}
    change = only(plan(situation(state("exec-reach-lapse", Severity.HIGH), state(), routes=one_person)))
    assert change.content.subject == "[Relationship] Acme: sole-rep says; exec-reach-lapse says"
    assert change.key == "hf1:a1:manager:1", "the worst finding gives the route"


def test_two_findings_for_two_people_are_two_tasks() -> None:
    made = plan(situation(state(), state("exec-reach-lapse")))
    assert {planned.assignee_id for planned in made.changes} == {"jana", "boss"}


@pytest.mark.parametrize("tier", ["C", ""])
def test_only_tiers_a_and_b_get_tasks(tier: str) -> None:
    assert not plan(situation(state(), tier=tier)).changes


def test_planning_again_changes_nothing() -> None:
    assert not plan(situation(state(), tasks=[task()])).changes


def test_a_second_finding_updates_the_task_of_its_reader() -> None:
    one_person = {Route.OWNER: "boss", Route.MANAGER: "boss"}
    made = plan(situation(state(), state("exec-reach-lapse"), routes=one_person, tasks=[task()]))
    change = only(made)
    assert isinstance(change, UpdateTask)
    assert set(change.changed) == {"subject", "body"}


def test_a_subject_that_a_human_changed_is_left_alone() -> None:
    seen = task().actual
    assert seen
    edited = task(actual=replace(seen, subject="Mine"))
    one_person = {Route.OWNER: "boss", Route.MANAGER: "boss"}
    change = only(plan(situation(state(), state("exec-reach-lapse"), routes=one_person, tasks=[edited])))
    assert set(change.changed) == {"body"}


def test_a_task_closes_with_the_reason_when_its_last_finding_ended() -> None:
    change = only(plan(situation(state(is_open=False, ended_why="shared by two"), tasks=[task()])))
    assert isinstance(change, CloseTask)
    assert change.reason == "shared by two"
    assert change.body
    assert change.body.startswith("Closed by Holdfast: shared by two.")


def test_a_body_that_a_human_changed_is_not_rewritten_at_closing() -> None:
    seen = task().actual
    assert seen
    edited = task(actual=replace(seen, body="My notes"))
    change = only(plan(situation(state(is_open=False, ended_why="gone"), tasks=[edited])))
    assert change.body is None


@pytest.mark.parametrize(
    ("told", "updates"),
    [({"sole-rep": ""}, False), ({}, False), ({"exec-reach-lapse": ""}, True)],
    ids=["the same", "a human's own text", "another"],
)
def test_a_task_that_only_the_crm_remembered_is_rewritten_only_for_other_findings(
    told: dict[str, str], *, updates: bool
) -> None:
    made = plan(situation(state(), tasks=[task(rules=told, route="", adopted_on=TODAY)]))
    assert [type(one.change) for one in made.changes] == ([UpdateTask] if updates else [])


@pytest.mark.parametrize(("day", "closes"), [(1, False), (2, False), (3, True)])
def test_a_task_that_only_the_crm_remembered_stays_for_two_days(day: int, *, closes: bool) -> None:
    adopted = task(rules={}, route="", adopted_on=date(2026, 11, 1))
    made = make_plan("acme", [situation(tasks=[adopted])], Days(today=date(2026, 11, day)), FIELDS)
    assert bool(made.changes) is closes


@pytest.mark.parametrize(("tier", "closes"), [("", False), ("C", True)], ids=["no longer key", "tier C"])
def test_an_account_that_is_no_longer_key_clears_like_any_other(tier: str, *, closes: bool) -> None:
    assert bool(plan(situation(state(), tier=tier, tasks=[task()])).changes) is closes


def test_a_task_stays_while_one_of_its_findings_is_open() -> None:
    both = task(rules={"sole-rep": "critical", "exec-reach-lapse": "high"})
    routes = {Route.OWNER: "boss", Route.MANAGER: "boss"}
    made = plan(situation(state(is_open=False), state("exec-reach-lapse", Severity.HIGH), routes=routes, tasks=[both]))
    assert isinstance(only(made), UpdateTask)


def test_a_finding_put_off_gets_no_task() -> None:
    quiet = state(quiet_until=date(2026, 12, 1), quiet_severity=Severity.CRITICAL, quiet_why="completed on 2026-11-01")
    assert not plan(situation(quiet)).changes


def test_after_the_pause_a_new_episode_says_so() -> None:
    back = state(quiet_until=TODAY, quiet_severity=Severity.CRITICAL, quiet_why="completed on 2026-10-03")
    change = only(plan(situation(back, used_keys=frozenset({"hf1:a1:manager:1"}))))
    assert change.key == "hf1:a1:manager:2"
    assert "completed on 2026-10-03" in change.content.body


def test_without_anybody_to_take_it_a_finding_is_held_back() -> None:
    made = plan(situation(state(), routes={}))
    assert not made.changes
    assert "nobody active" in made.held_back[0].reason


def test_a_finding_for_the_report_makes_no_task_and_is_not_held_back() -> None:
    made = plan(situation(state(), state("exec-reach-lapse"), rule_routes=ROUTES | {"sole-rep": Route.REPORT}))
    assert [planned.rules for planned in made.changes] == [{"exec-reach-lapse": "critical"}]
    assert not made.held_back


@pytest.mark.parametrize(
    "rule_routes", [ROUTES | {"sole-rep": Route.REPORT}, {"exec-reach-lapse": Route.OWNER}], ids=["report", "off"]
)
def test_the_task_of_a_rule_that_gives_none_any_more_closes(rule_routes: dict[str, Route]) -> None:
    change = only(plan(situation(state(), rule_routes=rule_routes, tasks=[task()])))
    assert isinstance(change, CloseTask)
    assert change.reason == "the config asks for no task on this"


def test_outside_the_pilot_nothing_new_is_made_and_what_is_there_goes_on() -> None:
    made = plan(situation(state(), state("exec-reach-lapse"), in_pilot=False, tasks=[task()]))
    assert not made.changes, "the open task stays as it is"
    assert [(held.rules, held.reason, held.assignee_id) for held in made.held_back] == [
        (("exec-reach-lapse",), "outside the pilot", "jana")
    ]
    ended = plan(situation(state(is_open=False, ended_why="gone"), in_pilot=False, tasks=[task()]))
    assert isinstance(only(ended), CloseTask)


def test_outside_the_pilot_fields_are_written() -> None:
    assert isinstance(only(plan(situation(in_pilot=False, fields={"coverage": "1x3"}))), SetFields)


def test_outside_the_pilot_is_the_reason_where_nobody_could_take_it_either() -> None:
    (held,) = plan(situation(state(), in_pilot=False, routes={})).held_back
    assert held.reason == "outside the pilot"


def test_a_snoozed_account_gets_no_new_task() -> None:
    made = plan(situation(state(), snoozed_until=date(2026, 12, 1)))
    assert not made.changes
    assert made.held_back[0].reason == "account snoozed until 2026-12-01"


def test_only_fields_whose_value_changed_are_set() -> None:
    desired = {"coverage": "1x3", "risk_level": "unknown", "last_exec_exchange": date(2026, 3, 1), "findings": None}
    actual = {"coverage": "1x3", "last_exec_exchange": "2026-03-01"}
    change = only(plan(situation(fields=desired, actual_fields=actual)))
    assert isinstance(change, SetFields)
    assert change.fields == {"risk_level": "unknown"}


def test_a_field_that_the_crm_lacks_is_not_written() -> None:
    assert not plan(situation(fields={"risk": 40})).changes


def test_an_incomplete_pull_writes_no_field() -> None:
    assert not plan(situation(fields=None, actual_fields={"coverage": "1x3"})).changes


def test_too_many_new_tasks_are_refused_unless_accepted() -> None:
    made = plan(*(situation(state(), account_id=f"a{number}") for number in range(5)))
    with pytest.raises(RefusedError, match="--accept 5"):
        refuse_if_outsized(made, 0, max_new=4, max_closed_share=0)
    refuse_if_outsized(made, 0, max_new=4, max_closed_share=0, accepted=5)
    refuse_if_outsized(made, 0, max_new=0, max_closed_share=0)


@pytest.mark.parametrize(("closes", "refused"), [(9, False), (10, True)], ids=["below ten", "from ten on"])
def test_closing_a_large_share_of_our_tasks_is_refused(closes: int, *, refused: bool) -> None:
    ended = state(is_open=False, ended_why="gone")
    made = plan(*(situation(ended, account_id=f"a{number}", tasks=[task()]) for number in range(closes)))
    if refused:
        with pytest.raises(RefusedError, match="closes 10 of our 20"):
            refuse_if_outsized(made, 20, max_new=0, max_closed_share=0.34)
    else:
        refuse_if_outsized(made, 20, max_new=0, max_closed_share=0.34)


def test_the_checksum_changes_with_the_plan_and_only_then() -> None:
    one, other = plan(situation(state())), plan(situation(state(), account_id="a2"))
    assert one.checksum == plan(situation(state())).checksum != other.checksum


def test_a_change_tells_what_it_replaces() -> None:
    one_person = {Route.OWNER: "boss", Route.MANAGER: "boss"}
    fields = {"coverage": "1x3", "risk_level": "watch", "last_exec_exchange": date(2026, 3, 1)}
    actual = {"coverage": "1x2", "last_exec_exchange": "2026-02-01"}
    known = {"routes": one_person, "tasks": [task()], "fields": fields}
    made = plan(situation(state(), state("exec-reach-lapse"), actual_fields=actual, **known))
    (update,), (fields_set,) = made.of(UpdateTask), made.of(SetFields)
    assert update.before == {"subject": "S", "body": "B"}
    assert fields_set.before == actual
    moved = plan(situation(state(), state("exec-reach-lapse"), actual_fields=actual | {"coverage": "1x1"}, **known))
    assert moved.checksum != made.checksum, "a plan that replaces something else is another plan"


# --- who has it, and when ------------------------------------------------------------------------------------------


def test_another_owner_gets_the_task_that_nobody_touched() -> None:
    made = plan(situation(state(), tasks=[task()], routes={Route.OWNER: "jana", Route.MANAGER: "new boss"}))
    change = only(made)
    assert isinstance(change, UpdateTask)
    assert change.changed == {"assignee_id": "new boss"}
    assert isinstance(made.changes[0].instead, CloseTask), "for when there is no room"


def test_a_task_that_a_human_handed_on_stays_where_it_is() -> None:
    known = task()
    assert known.actual
    handed_on = replace(known, actual=replace(known.actual, assignee_id="a friend"))
    moved = {Route.OWNER: "jana", Route.MANAGER: "new boss"}
    assert not plan(situation(state(), tasks=[handed_on], routes=moved)).changes
    assert handed_on.reader == "a friend"


@pytest.mark.parametrize(
    "put_off", [{"due_on": date(2026, 12, 1)}, {"status": "deferred"}], ids=["due later", "deferred"]
)
def test_a_task_that_was_put_off_is_rewritten_only_for_something_worse(put_off: dict[str, Any]) -> None:
    known = task(rules={"sole-rep": "high"})
    assert known.actual
    snoozed = replace(known, actual=replace(known.actual, **put_off))
    both = {Route.OWNER: "boss", Route.MANAGER: "boss"}
    calm = [state(severity=Severity.HIGH), state("exec-reach-lapse", Severity.MEDIUM)]
    assert not plan(situation(*calm, tasks=[snoozed], routes=both)).changes
    worse = [state(severity=Severity.HIGH), state("exec-reach-lapse", Severity.CRITICAL)]
    assert isinstance(only(plan(situation(*worse, tasks=[snoozed], routes=both))), UpdateTask)


def test_a_task_that_was_put_off_closes_when_its_reason_is_gone() -> None:
    known = task()
    assert known.actual
    snoozed = replace(known, actual=replace(known.actual, status="deferred"))
    ended = state(is_open=False, ended_why="more than one of ours")
    assert isinstance(only(plan(situation(ended, tasks=[snoozed]))), CloseTask)


def test_due_dates_skip_the_readers_own_holidays() -> None:
    days = Days(today=TODAY, off=lambda who: {date(2026, 11, 3)} if who == "boss" else ())
    change = only(make_plan("acme", [situation(state())], days, FIELDS))
    assert change.content.due_on == date(2026, 11, 6)


def test_tasks_of_one_day_are_not_all_due_on_one_day() -> None:
    accounts = [situation(state(severity=Severity.LOW), account_id=f"a{number}") for number in range(50)]
    due = {one.change.content.due_on for one in plan(*accounts).of(CreateTask) if isinstance(one.change, CreateTask)}
    assert due == {date(2026, 11, 30), *(date(2026, 12, day) for day in (1, 2, 3, 4))}


def test_no_new_task_is_made_on_quiet_days() -> None:
    days = Days(today=TODAY, quiet_until=date(2026, 11, 4))
    made = make_plan("acme", [situation(state())], days, FIELDS)
    assert not made.changes
    assert made.held_back[0].reason == "quiet days until 2026-11-04"
