"""The rule report: how each finding that was told ended, what came of it in 90 days, and when a rule is advised on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from connectors.protocol import CloseTask, CreateTask, Done, Page, TaskContent, TaskState, UpdateTask
from sync import outbox
from sync.cases import Case, End, ToldTask, cases
from sync.plan import Plan, Planned
from sync.report.rules import text, told
from sync.rule_report import Record, Seen, Share, Stand, report, together
from sync.store import ledger, spans
from sync.store.records import save_page
from sync.store.rule_records import rule_records
from sync.store.spans import Span

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
TOLD_ON = date(2026, 6, 1)
TODAY = date(2026, 11, 2)


def span(days: int = 10, ended_as: str = "clear", rule: str = "sole-rep") -> Span:
    ended_at = NOW + timedelta(days=days)
    return Span(
        account_id="acme", rule=rule, severity="high", raised_at=NOW - timedelta(days=1), ended_at=ended_at,
        ended_as=ended_as,
    )  # fmt: skip


def task(ended_how: str = "", *, rules: tuple[str, ...] = ("sole-rep",), **more: Any) -> ToldTask:
    told_at = {"sole-rep": NOW}
    return ToldTask(account_id="acme", told_at=told_at, rules=frozenset(rules), ended_how=ended_how, **more)


def end(one: ToldTask, *ended: Span) -> End:
    (case,) = cases([one], ended, UTC)
    return case.end


@pytest.mark.parametrize(
    ("one", "ended", "expected"),
    [
        pytest.param(task(), (), End.OPEN, id="nothing happened"),
        pytest.param(task("completed"), (span(),), End.DONE, id="completed, and it cleared too"),
        pytest.param(task("deleted"), (), End.DISMISSED, id="deleted"),
        pytest.param(task("closed"), (span(),), End.CLEARED, id="closed when it had cleared"),
        pytest.param(task("closed"), (), End.WITHDRAWN, id="closed for another reason"),
        pytest.param(task("closed"), (span(-3),), End.WITHDRAWN, id="cleared before it was told again"),
        pytest.param(task("closed"), (span(ended_as="not_applicable"),), End.WITHDRAWN, id="no customer any more"),
        pytest.param(task("closed"), (span(ended_as="unknown"),), End.WITHDRAWN, id="could not be judged"),
        pytest.param(task("closed"), (span(rule="going-quiet"),), End.WITHDRAWN, id="another rule cleared"),
        pytest.param(task(rules=("going-quiet",)), (span(),), End.CLEARED, id="left a task that goes on"),
        pytest.param(task("completed", rules=("going-quiet",)), (span(),), End.CLEARED, id="left it before its end"),
        pytest.param(task("deleted", rules=("going-quiet",)), (), End.WITHDRAWN, id="told elsewhere before its end"),
        pytest.param(task("account gone"), (), End.WITHDRAWN, id="the account is gone"),
    ],
)
def test_a_case_ends_once(one: ToldTask, ended: tuple[Span, ...], expected: End) -> None:
    assert end(one, *ended) is expected


def test_days_are_local() -> None:
    late = replace(task(), told_at={"sole-rep": datetime(2026, 10, 31, 23, 30, tzinfo=UTC)})
    (case,) = cases([late], [span()], ZoneInfo("Europe/Berlin"))
    assert (case.told_on, case.cleared_on) == (date(2026, 11, 1), date(2026, 11, 12))


def case(how: End = End.DONE, **more: Any) -> Case:
    return Case(**{"account_id": "acme", "rule": "sole-rep", "told_on": TOLD_ON, "end": how} | more)


def stand(days: int, ours: int = 1, theirs: int = 2, met_days: int | None = None) -> Stand:
    met_on = None if met_days is None else TOLD_ON + timedelta(days=met_days)
    return Stand(day=TOLD_ON + timedelta(days=days), ours=ours, theirs=theirs, executive_met_on=met_on)


def record(*some: Case, stands: tuple[Stand, ...] = (), today: date = TODAY) -> Record:
    return together(report(some, {"acme": stands}, today)["sole-rep"].values())


@pytest.mark.parametrize(
    ("stands", "wider", "met"),
    [
        pytest.param((stand(-1), stand(30)), 0, 0, id="nothing changed"),
        pytest.param((stand(-1), stand(30, ours=2)), 1, 0, id="a second one of ours"),
        pytest.param((stand(-1), stand(30, theirs=3)), 1, 0, id="one more of theirs"),
        pytest.param((stand(0, ours=2), stand(30, ours=1), stand(60, ours=2)), 0, 0, id="lost and found again"),
        pytest.param((stand(-1), stand(91, ours=2, met_days=91)), None, None, id="too late to be looked at"),
        pytest.param((stand(-1), stand(90, ours=2)), 1, 0, id="on the last day"),
        pytest.param((stand(-1, met_days=-9), stand(30, met_days=20)), 0, 1, id="an executive was met"),
        pytest.param((stand(-1, met_days=-9), stand(30, met_days=0)), 0, 0, id="met on the day it was told"),
        pytest.param((stand(3, ours=2),), None, None, id="nobody knows how it stood before"),
    ],
)
def test_what_came_of_it_is_looked_at_for_90_days(
    stands: tuple[Stand, ...], wider: int | None, met: int | None
) -> None:
    seen = record(case(), stands=stands)
    assert (seen.wider, seen.executive_met) == (
        Share(some=wider or 0, of=int(wider is not None)),
        Share(some=met or 0, of=int(met is not None)),
    )


@pytest.mark.parametrize(("days", "some"), [(90, 1), (91, 0)])
def test_a_finding_cleared_in_time_or_not(days: int, some: int) -> None:
    seen = record(case(End.CLEARED, cleared_on=TOLD_ON + timedelta(days=days)))
    assert seen.cleared == Share(some=some, of=1)


@pytest.mark.parametrize(("days", "of"), [(89, 0), (90, 1)])
def test_nothing_is_said_of_a_case_before_its_90_days_are_over(days: int, of: int) -> None:
    cleared = case(End.CLEARED, cleared_on=TOLD_ON)
    assert record(cleared, today=TOLD_ON + timedelta(days=days)).cleared.of == of


def test_months_are_those_in_which_it_was_told() -> None:
    by_month = report([case(), case(told_on=date(2026, 7, 31)), case(told_on=date(2026, 7, 1))], {}, TODAY)["sole-rep"]
    assert {month: one.told for month, one in by_month.items()} == {date(2026, 6, 1): 1, date(2026, 7, 1): 2}


@pytest.mark.parametrize(
    ("ends", "advice"),
    [
        pytest.param({End.DISMISSED: 14}, "", id="all deleted, too few to judge"),
        pytest.param({End.DISMISSED: 14, End.OPEN: 5, End.WITHDRAWN: 5}, "", id="open and withdrawn ones do not count"),
        pytest.param({End.DISMISSED: 8, End.DONE: 4, End.CLEARED: 4}, "", id="just half"),
        pytest.param({End.DISMISSED: 9, End.DONE: 4, End.CLEARED: 3}, "look at its findings", id="perhaps chance"),
        pytest.param({End.DISMISSED: 15}, "switch it off", id="surely more than half"),
    ],
)
def test_a_rule_that_is_mostly_dismissed_is_advised_on(ends: dict[End, int], advice: str) -> None:
    seen = record(*(case(how) for how, number in ends.items() for _ in range(number)))
    assert advice in seen.advice
    assert bool(advice) == bool(seen.advice)


def test_a_case_that_was_done_and_called_wrong_was_not_wanted() -> None:
    seen = record(case(answer="wrong"), case(answer="helpful"), case(End.OPEN, answer="wrong"))
    assert seen.unwanted == Share(some=1, of=2)
    assert seen.answers == {"wrong": 2, "helpful": 1}


@given(st.lists(st.builds(case, st.sampled_from(End), put_off=st.booleans(), answer=st.sampled_from(["", "wrong"]))))
def test_every_case_is_counted_once(some: list[Case]) -> None:
    whole = Record(seen=[Seen(case=one) for one in some])
    assert sum(whole.ends.values()) == whole.told == len(some)
    assert 0 <= whole.unwanted.some <= whole.unwanted.of <= whole.told


def test_the_text_says_what_it_cannot_know() -> None:
    records = report([case(End.DISMISSED, put_off=True, answer="wrong")], {}, TODAY)
    shown = text("portal", records, 12)
    assert "sole-rep: too few to judge, 1 of 15 settled" in shown
    assert "2026-06  1 told: 1 dismissed; 1 put off; 1 answered wrong" in shown
    assert shown.endswith("within 90 days: cleared 0 of 1")
    young = text("portal", report([case(told_on=TODAY)], {}, TODAY), 12)
    assert young.endswith("within 90 days: too early to tell")
    assert "none" in text("portal", {}, 1)
    document = told(records)["sole-rep"]
    assert document["total"] == document["months"]["2026-06"]
    assert document["too_few"]


# --- over a store


KEY = "hf1:acme:owner:1"
RULES = {"sole-rep": "high", "going-quiet": "medium"}
NOT_KNOWN = dict.fromkeys(("owner_id", "top_share", "risk"))


def send(engine: Engine, change: Any, at: datetime, rules: dict[str, str], state: TaskState | None = None) -> None:
    planned = Planned(change=change, account_id="acme", account_name="Acme", rules=rules, assignee_id="jana")
    rows = outbox.send(engine, Plan(connection="crm", changes=(planned,)), cycle=1, now=at)
    outbox.settle(engine, "crm", [(row, one, Done(task=state)) for row, one in rows.items()], cycle=1, now=at)


def made(engine: Engine, at: datetime) -> None:
    content = TaskContent(assignee_id="jana", subject="S", body="B", due_on=at.date(), severity="high")
    state = TaskState(
        key=KEY, id="t", status="open", account_id="acme", assignee_id="jana", subject="S", body="B",
        due_on=content.due_on,
    )  # fmt: skip
    create = CreateTask(key=KEY, account_id="acme", contact_id=None, content=content)
    send(engine, create, at, {"sole-rep": "high"}, state)


def seen(engine: Engine, **more: Any) -> None:
    row = {"id": "t", "key": KEY, "subject": "S", **more}
    save_page(engine, "crm", "tasks", Page(rows={"crm_tasks": [row]}), cycle=2, now=NOW)


def test_a_tasks_whole_life_is_told_from_the_store(engine: Engine) -> None:
    first = NOW - timedelta(days=100)
    made(engine, first)
    update = UpdateTask(key=KEY, task_id="t", account_id="acme", changed={"body": "both"})
    send(engine, update, first + timedelta(days=2), RULES)
    send(engine, update, first + timedelta(days=4), {"going-quiet": "medium"})
    cleared = Span(
        account_id="acme", rule="sole-rep", severity="high", raised_at=first, ended_at=first + timedelta(days=3),
        ended_as="clear",
    )  # fmt: skip
    with engine.begin() as db:
        spans.save(db, "crm", [cleared])
        for days, label in ((0, "1x3"), (50, "2x3")):
            day = (first + timedelta(days=days)).date()
            ledger.save_snapshots(db, "crm", day, {"acme": {**NOT_KNOWN, "coverage": label, "last_exec_exchange": day}})
        ledger.end_task(db, "crm", KEY, "completed", first + timedelta(days=60))
    seen(engine, status="completed", due_on=NOW.date(), feedback="helpful")
    found = rule_records(engine, "crm", NOW, UTC, months=12)
    ((month, sole),), ((other, quiet),) = found["sole-rep"].items(), found["going-quiet"].items()
    assert month == other == date(2026, 7, 1)
    assert sole.ends == {End.CLEARED: 1}
    assert quiet.ends == {End.DONE: 1}
    assert (sole.put_off, sole.answers) == (1, {"helpful": 1})
    assert (sole.cleared, sole.wider, sole.executive_met) == (Share(some=1, of=1),) * 3
    assert quiet.cleared == Share(some=0, of=1)
    assert rule_records(engine, "crm", NOW, UTC, months=3) == {}
    assert rule_records(engine, "crm", NOW, UTC, months=12, outcomes=False)["sole-rep"][month].wider.of == 0


def test_a_task_that_only_the_crm_remembered_tells_what_its_text_says(engine: Engine) -> None:
    state = TaskState(
        key=KEY, id="t", status="deleted", account_id="acme", assignee_id="jana", subject="S", body="sole-rep",
        due_on=None, created_at=NOW - timedelta(days=20), ended_at=NOW,
    )  # fmt: skip
    with engine.begin() as db:
        ledger.adopt_task(db, "crm", state, ["sole-rep"], NOW)
    (found,) = rule_records(engine, "crm", NOW, UTC, months=1 + 1)["sole-rep"].values()
    assert found.ends == {End.DISMISSED: 1}


def test_a_task_that_never_arrived_was_never_told(engine: Engine) -> None:
    made(engine, NOW)
    with engine.begin() as db:
        ledger.change_task(db, "crm", KEY, {"state": "planned"})
    assert rule_records(engine, "crm", NOW, UTC, months=1) == {}


def test_the_endings_of_a_merged_account_are_those_of_the_one_that_stays(engine: Engine) -> None:
    with engine.begin() as db:
        spans.save(db, "crm", [span()])
        spans.follow(db, "crm", "acme", "winner")
    assert [one.account_id for one in spans.read(engine, "crm", since=NOW)] == ["winner"]
    assert spans.read(engine, "other", since=NOW) == []


def test_closing_by_us_is_told_with_the_reason(engine: Engine) -> None:
    made(engine, NOW - timedelta(days=3))
    send(engine, CloseTask(key=KEY, task_id="t", account_id="acme", reason="met", body=None), NOW, {})
    (found,) = rule_records(engine, "crm", NOW, UTC, months=2)["sole-rep"].values()
    assert found.ends == {End.WITHDRAWN: 1}
