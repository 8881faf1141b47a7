"""Which tasks were touched, what an undo plans, what is parked and what the audit says: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.protocol import CloseTask, TaskState
from rules.rule import Finding, Severity
from sync.audit import entries
from sync.errors import HoldfastError
from sync.findings import FindingState
from sync.parked import named, parked
from sync.plan import OurTask, as_written
from sync.plan_file import why_not
from sync.undo import Made, put_off, touched_why, undo_plan

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
SEEN = TaskState(
    key="hf1:a:owner:1",
    id="t1",
    status="open",
    assignee_id="u1",
    subject="[Relationship] Acme: known by one person",
    body="Why.\n\nRules: sole-rep (Holdfast)",
    due_on=date(2026, 11, 5),
)
TASK = OurTask(
    key=SEEN.key,
    route="owner",
    state="open",
    crm_id="t1",
    assignee_id="u1",
    rules={"sole-rep": "critical"},
    written=as_written(SEEN),
    actual=SEEN,
)
TEXT = Finding(headline="h", why="w", clears_when="c", first_step="f", figures="g")
OPEN = FindingState(rule="sole-rep", open=True, severity=Severity.HIGH, text=TEXT, raised_at=NOW)


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        pytest.param(SEEN, "", id="untouched"),
        pytest.param(None, "the CRM has no such task any more", id="gone"),
        pytest.param(replace(SEEN, status="completed"), "completed", id="completed"),
        pytest.param(replace(SEEN, status="deferred"), "deferred", id="deferred"),
        pytest.param(replace(SEEN, feedback="wrong"), "answered: wrong", id="answered"),
        pytest.param(replace(SEEN, subject="Mine", assignee_id="u2"), "changed: owner, subject", id="changed"),
        pytest.param(replace(SEEN, due_on=date(2026, 12, 1)), "changed: due date", id="put off"),
    ],
)
def test_what_a_human_did_keeps_a_task(seen: TaskState | None, why: str) -> None:
    assert touched_why(replace(TASK, actual=seen)) == why


def test_of_a_task_that_only_the_crm_remembers_the_text_must_be_ours() -> None:
    adopted = replace(TASK, adopted_on=date(2026, 11, 2))
    assert touched_why(adopted) == ""
    rewritten = replace(SEEN, body="Call them.")
    theirs = replace(adopted, actual=rewritten, written=as_written(rewritten))
    assert "its text is not ours" in touched_why(theirs)


def test_the_plan_closes_with_the_reason_on_top_of_the_text() -> None:
    one = Made(task=TASK, account_id="a", account_name="Acme", created_at=NOW, kept_why="")
    (planned,) = undo_plan("crm", [one], NOW.date()).changes
    assert isinstance(planned.change, CloseTask)
    assert planned.change.body is not None
    assert planned.change.body.startswith("Closed by Holdfast: taken back by")
    assert planned.change.body.endswith(SEEN.body)


def test_a_finding_is_quiet_for_the_days_unless_it_gets_worse() -> None:
    (state,) = put_off({"sole-rep": OPEN}, ["sole-rep"], NOW, NOW.date(), 7)
    assert not state.wants_task(date(2026, 11, 8))
    assert state.wants_task(date(2026, 11, 9))
    assert replace(state, severity=Severity.CRITICAL).wants_task(date(2026, 11, 3))


def test_a_longer_pause_stays_and_an_unknown_finding_is_quiet_however_bad() -> None:
    longer = replace(OPEN, quiet_until=date(2027, 1, 1), quiet_why="dismissed")
    (kept,) = put_off({"sole-rep": longer}, ["sole-rep"], NOW, NOW.date())
    assert kept.quiet_until == date(2027, 1, 1)
    (unseen,) = put_off({}, ["sole-rep"], NOW, NOW.date())
    assert not replace(unseen, open=True, severity=Severity.CRITICAL).wants_task(date(2026, 11, 3))


def row(row_id: int, state: str, message: str = "CODE_X: no", **more: Any) -> dict[str, Any]:
    change = {"account_id": "a", "rules": {"sole-rep": "high"}}
    at = NOW + timedelta(days=row_id)
    told = {"id": row_id, "connection": "crm", "subject": "hf1:a:owner:1", "cycle": 1, "op": "create_task"}
    return {**told, "change": change, "before": None, "state": state, "message": message, "settled_at": at} | more


def park(*rows: dict[str, Any], now: datetime = NOW + timedelta(days=3)) -> list[Any]:
    return parked("crm", rows, names={"a": "Acme"}, remedies={"CODE_X": "mend it"}, now=now)


def test_refusals_of_one_change_are_one_line_with_the_newest_message() -> None:
    (one,) = park(row(1, "rejected", "OLD_CODE: never"), row(2, "rejected"))
    assert (one.code, one.message, one.remedy, one.times) == ("CODE_X", "no", "mend it", 2)
    assert (one.since.day, one.last.day, one.state, one.account_name) == (3, 4, "parked", "Acme")


def test_what_is_being_retried_is_not_parked_and_what_nobody_wants_any_more_says_so() -> None:
    assert park(row(1, "retried")) == []
    assert [one.times for one in park(row(1, "retried"), row(2, "rejected"))] == [2]
    assert [one.state for one in park(row(1, "dropped"))] == ["given up"]
    assert [one.state for one in park(row(1, "rejected"), now=NOW + timedelta(days=9))] == ["not due"]


def test_a_refusal_without_a_code_keeps_its_message_and_has_a_remedy() -> None:
    (one,) = park(row(1, "rejected", "connection crm: odd"))
    assert (one.code, one.message) == ("", "connection crm: odd")
    assert one.remedy


def test_parked_rows_are_named_by_key_account_id_or_account_name() -> None:
    found = park(row(1, "rejected"))
    for word in ("hf1:a:owner:1", "a", "ACME"):
        assert named(found, [word]) == found
    assert named(found, []) == found
    with pytest.raises(HoldfastError, match="parked list"):
        named(found, ["b"])


def test_the_audit_says_which_values_were_not_kept_and_shows_html_as_text() -> None:
    change = {"account_id": "a", "changed": {"body": "Now\n\nThen", "subject": "S"}, "rules": {"sole-rep": "high"}}
    held = {"body": "<p>A &amp; B<br>C</p><p>D</p>", "subject": None}
    rows = [row(1, "done", op="update_task", change=change, before=before) for before in (held, None)]
    told = list(entries(rows, names={"a": "Acme"}, people={}, task_ids={"hf1:a:owner:1": "t1"}))
    assert [(one.value, one.before) for one in told] == [
        ("body", "A & B\nC\n\nD"),
        ("subject", None),
        ("body", "not kept"),
        ("subject", "not kept"),
    ]
    assert {(one.crm_id, one.account_name, one.why, one.outcome) for one in told} == {
        ("t1", "Acme", "sole-rep", "done")
    }


def test_a_field_that_is_emptied_and_a_lost_answer_are_told() -> None:
    change = {"account_id": "a", "fields": {"risk": None}, "rules": {}}
    rows = [row(1, "unknown", op="set_fields", subject="fields:a", change=change, before={"risk": 40})]
    (one,) = entries(rows, names={}, people={}, task_ids={})
    assert (one.before, one.after, one.key, one.crm_id, one.outcome) == ("40", None, "", "a", "not known yet")


def plan_of(checksum: str, **values: Any) -> dict[str, Any]:
    one = {"connection": "crm", "op": "create_task", "key": "k", "account": {"id": "a", "name": "Acme"}, **values}
    return {"checksum": checksum, "changes": [one]}


def test_a_plan_file_fits_until_something_moves_or_somebody_edits_it() -> None:
    assert why_not(plan_of("1"), plan_of("1")) == ""
    assert why_not(plan_of("1"), plan_of("1", account={"id": "a", "name": "ACME"})) == ""
    assert "crm create_task k" in why_not(plan_of("1", due_on="2026-11-05"), plan_of("2", due_on="2026-11-06"))
    assert "was changed since" in why_not(plan_of("1", subject="Mine"), plan_of("1", subject="Ours"))
