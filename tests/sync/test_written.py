"""What the outbox remembers of a change: what it replaced, who refused it, and that a person can be forgotten in it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from connectors.protocol import (
    CloseTask,
    CreateTask,
    Done,
    Page,
    Rejected,
    SetFields,
    TaskContent,
    TaskState,
    UpdateTask,
)
from sync import outbox
from sync.plan import Plan, Planned
from sync.store import ledger, written
from sync.store.erasure import erase_contact
from sync.store.records import save_page

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
KEY = "hf1:a:owner:1"
CONTENT = TaskContent(assignee_id="u", subject="S", body="Ask Ann Lee", due_on=date(2026, 11, 5), severity="high")
CREATE = CreateTask(key=KEY, account_id="a", contact_id=None, content=CONTENT)
STATE = TaskState(
    key=KEY,
    id="t",
    status="open",
    account_id="a",
    assignee_id="u",
    subject="S",
    body="Ask Ann Lee",
    due_on=CONTENT.due_on,
)


def sent(engine: Engine, change: Any, outcome: Any, *, now: datetime = NOW) -> None:
    planned = Planned(change=change, account_id="a", account_name="Acme", rules={"sole-rep": "high"})
    rows = outbox.send(engine, Plan(connection="crm", changes=(planned,)), cycle=1, now=now)
    outbox.settle(engine, "crm", [(row, one, outcome) for row, one in rows.items()], cycle=1, now=now)


def stored(engine: Engine, **tables: list[dict[str, Any]]) -> None:
    save_page(engine, "crm", "stream", Page(rows=tables), cycle=1, now=NOW)


def befores(engine: Engine) -> list[Any]:
    return [row["before"] for row in written.changes_made(engine, "crm")]


def test_every_change_is_kept_with_exactly_what_it_replaced(engine: Engine) -> None:
    stored(engine, accounts=[{"id": "a", "name": "Acme", "ours": {"risk": 40, "coverage": "1x3"}}])
    sent(engine, CREATE, Done(task=STATE))
    sent(engine, UpdateTask(key=KEY, task_id="t", account_id="a", changed={"subject": "T"}), Done())
    sent(engine, CloseTask(key=KEY, task_id="t", account_id="a", reason="met", body=None), Done())
    sent(engine, SetFields(account_id="a", fields={"risk": 62, "findings": "x"}), Done())
    assert befores(engine) == [None, {"subject": "S"}, {"status": "open"}, {"risk": 40, "findings": None}]
    later = written.changes_made(engine, "crm", NOW + timedelta(seconds=1))
    assert list(later) == []


def test_a_refusal_is_told_until_a_later_attempt_succeeds(engine: Engine) -> None:
    sent(engine, CREATE, Rejected(code="NO", message="never"))
    assert [row["message"] for row in written.refused(engine, "crm")] == ["NO: never"]
    assert list(written.changes_made(engine, "crm")) == []
    sent(engine, CREATE, Done(task=STATE))
    assert list(written.refused(engine, "crm")) == []


def test_retried_is_not_held_back_and_dropped_is_for_good(engine: Engine) -> None:
    sent(engine, CREATE, Rejected(code="NO", message="never"))
    a_month_later = NOW + timedelta(days=30)
    assert KEY in outbox.parked(engine, "crm", since=NOW - timedelta(hours=20))
    assert KEY not in outbox.parked(engine, "crm", since=a_month_later)
    written.mark(engine, "crm", [KEY], "dropped")
    assert KEY in outbox.parked(engine, "crm", since=a_month_later)
    written.mark(engine, "crm", [KEY], "retried")
    assert KEY not in outbox.parked(engine, "crm", since=NOW - timedelta(hours=20))


def test_an_answer_survives_our_own_writing_and_counts_for_every_rule_of_the_task(engine: Engine) -> None:
    sent(engine, CREATE, Done(task=STATE))
    stored(engine, crm_tasks=[{"id": "t", "key": KEY, "subject": "S", "feedback": "wrong"}])
    with engine.begin() as db:
        ledger.remember_task(db, "crm", STATE, 2)
    assert written.answers(engine, "crm") == {"sole-rep": Counter({"wrong": 1})}
    assert written.given_answers(engine, "crm") == {KEY: "wrong"}


def test_a_person_who_is_forgotten_stands_in_no_value_of_before(engine: Engine) -> None:
    stored(engine, contacts=[{"id": "c", "name": "Ann Lee", "email": "ann@acme.example", "account_id": "a"}])
    sent(engine, CREATE, Done(task=STATE))
    sent(engine, UpdateTask(key=KEY, task_id="t", account_id="a", changed={"body": "Ask Bo"}), Done())
    erase_contact(engine, "crm", "ann@acme.example", NOW)
    assert befores(engine) == [None, {"body": "Ask [erased]"}]
