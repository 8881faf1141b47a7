"""A plan as it is read: every change with what it replaces."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.protocol import Change, CloseTask, CreateTask, SetFields, TaskContent, UpdateTask
from rules.model import User
from sync.config import PeopleSection
from sync.people import People
from sync.plan import Plan, Planned
from sync.report.text import plan_text
from sync.report.told import plan_as_json

PEOPLE = People.of({who: User(id=who, name=name) for who, name in (("u", "Ann Lee"), ("v", "Bo Ek"))}, PeopleSection())
CONTENT = TaskContent(assignee_id="u", subject="New one", body="B", due_on=date(2026, 11, 5), severity="high")


def plan_of(change: Change, **more: Any) -> Plan:
    planned = Planned(change=change, account_id="a", account_name="Acme", assignee_id="u", **more)
    return Plan(connection="crm", changes=(planned,))


def line(change: Change, **more: Any) -> str:
    return plan_text(plan_of(change, **more), PEOPLE).splitlines()[-1].strip()


def told(change: Change, **more: Any) -> dict[str, Any]:
    (one,) = plan_as_json(plan_of(change, **more), PEOPLE)["changes"]
    return dict(one)


def test_an_update_tells_the_subject_and_the_reader_that_it_replaces() -> None:
    change = UpdateTask(
        key="k", task_id="t", account_id="a", changed={"subject": "Now", "body": "New", "assignee_id": "u"}
    )
    before = {"subject": "Then", "body": "Old", "assignee_id": "v"}
    assert line(change, before=before) == "update Now  (was: Then, body, from Bo Ek)"
    assert told(change, before=before)["before"] == before


def test_a_field_tells_its_value_before_and_after() -> None:
    change = SetFields(account_id="a", fields={"risk": 62, "coverage": None, "risk_level": "watch"})
    before = {"risk": 0, "coverage": "1x3"}
    assert line(change, before=before) == "Acme: risk=62 (was 0), coverage=empty (was 1x3), risk_level=watch"
    assert told(change, before=before)["fields"] == {"risk": 62, "coverage": None, "risk_level": "watch"}
    assert told(change, before=before)["before"] == before


def test_a_plan_of_half_a_pull_does_not_claim_that_there_is_nothing_to_write() -> None:
    nothing = Plan(connection="crm")
    assert plan_text(nothing, PEOPLE) == "crm:\n  nothing to write"
    assert (
        plan_text(nothing, PEOPLE, whole=False).splitlines()[1].startswith("  no plan: the last pull is not complete")
    )


def test_what_is_new_and_what_closes_replaces_nothing() -> None:
    create = CreateTask(key="k", account_id="a", contact_id=None, content=CONTENT)
    close = CloseTask(key="k", task_id="t", account_id="a", reason="met", body=None)
    assert line(create) == "new    New one  (due 2026-11-05)"
    assert line(close) == "close  Acme: met"
    assert "before" not in told(create) | told(close)
