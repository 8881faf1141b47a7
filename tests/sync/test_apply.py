"""Sending a plan: what is counted, whatever ends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from connectors.errors import RejectedError, TransientError
from connectors.protocol import (
    Ambiguous,
    Change,
    CreateTask,
    Done,
    Outcome,
    Rejected,
    SetFields,
    TaskContent,
    TaskState,
)
from sync import outbox
from sync.apply import apply, recover
from sync.leash import Leash, StoppedError
from sync.plan import Plan, Planned

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)


@dataclass(kw_only=True)
class Crm:
    """A connection that answers the first changes as told, and then breaks off with `breaks` or takes no more."""

    answers: Sequence[Outcome]
    breaks: Exception | None = None
    there: Mapping[str, TaskState] = field(default_factory=dict)
    name: str = "crm"

    def apply(self, changes: Sequence[Change]) -> Iterator[tuple[Change, Outcome]]:
        yield from zip(changes, self.answers, strict=False)
        if self.breaks:
            raise self.breaks

    def find_tasks(self, keys: Sequence[str]) -> Mapping[str, TaskState]:
        return {key: self.there[key] for key in keys if key in self.there}


def creation(number: int) -> CreateTask:
    content = TaskContent(assignee_id="u", subject="S", body="B", due_on=date(2026, 11, 5), severity="high")
    return CreateTask(key=f"hf1:a{number}:owner:1", account_id=f"a{number}", contact_id=None, content=content)


def in_crm(change: CreateTask) -> TaskState:
    content = change.content
    return TaskState(
        key=change.key,
        id=change.key,
        status="open",
        account_id=change.account_id,
        assignee_id=content.assignee_id,
        subject=content.subject,
        body=content.body,
        due_on=content.due_on,
    )


def plan_of(*changes: Change) -> Plan:
    return Plan(
        connection="crm",
        changes=tuple(Planned(change=one, account_id=one.account_id, account_name="Acme") for one in changes),
    )


def sent(engine: Engine, crm: Crm, *changes: Change, leash: Leash | None = None) -> Counter[str]:
    """What was counted of these changes, be it until an error."""
    written: Counter[str] = Counter()
    ends = (type(crm.breaks),) if crm.breaks else (RejectedError, StoppedError)
    try:
        apply(engine, crm, plan_of(*changes), cycle=1, now=NOW, leash=leash, written=written)  # type: ignore[arg-type] # a double
    except ends:
        written["raised"] += 1
    return written


def test_what_was_sent_before_the_crm_broke_off_is_counted(engine: Engine) -> None:
    one, two, three = creation(1), creation(2), SetFields(account_id="a3", fields={"risk": 1})
    crm = Crm(answers=[Done(task=in_crm(one))], breaks=TransientError("acme: HubSpot failed"))
    assert sent(engine, crm, one, two, three) == {"created": 1, "raised": 1}
    assert outbox.count(engine, "crm") == {"done": 1, "sending": 2}


def test_what_was_sent_before_the_cycle_was_told_to_end_is_counted(engine: Engine) -> None:
    leash = Leash()
    changes = [SetFields(account_id=f"a{number}", fields={"risk": 1}) for number in range(60)]

    class Slow(Crm):
        def apply(self, changes: Sequence[Change]) -> Iterator[tuple[Change, Outcome]]:
            for answered in super().apply(changes):
                leash.pull_in("holdfast is being stopped")
                yield answered

    assert sent(engine, Slow(answers=[Done()] * 60), *changes, leash=leash) == {"fields": 50, "raised": 1}


def test_what_passes_is_counted_and_told_at_the_end(engine: Engine) -> None:
    passing = Rejected(code="UNABLE_TO_LOCK_ROW", message="locked", passing=True)
    found = sent(engine, Crm(answers=[passing, Done(task=in_crm(creation(2)))]), creation(1), creation(2))
    assert found == {"created": 1, "rejected": 1, "raised": 1}


def test_what_has_arrived_untold_counts_once_as_soon_as_it_is_found(engine: Engine) -> None:
    one, two = creation(1), creation(2)
    lost = Ambiguous(message="the answer was lost")
    assert sent(engine, Crm(answers=[lost, lost], there={one.key: in_crm(one)}), one, two) == {
        "unknown": 2,
        "created": 1,
    }
    assert outbox.count(engine, "crm") == {"done": 1, "lapsed": 1}
    assert not outbox.unsettled(engine, "crm")


@pytest.mark.parametrize("arrives", [True, False])
def test_what_a_crash_left_open_is_counted_by_whoever_finds_it(engine: Engine, *, arrives: bool) -> None:
    one = creation(1)
    sent(engine, Crm(answers=[], breaks=TransientError("gone")), one)
    later = Crm(answers=[], there={one.key: in_crm(one)} if arrives else {})
    assert recover(engine, later, now=NOW) == ({"created": 1} if arrives else {})  # type: ignore[arg-type] # a double
    assert recover(engine, later, now=NOW) == {}  # type: ignore[arg-type] # a double
