"""Taking back tasks that we made: which of them nobody touched, and the plan that closes those. Pure.

They are closed, not deleted: the integration user may have no right to delete, a closed task can be opened again, and
the reason on top of it says what happened. Their findings are put off, so that the next cycle does not make them anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from connectors.protocol import CloseTask, TaskState
from rules.wording import ENGLISH, Language, number_day, say
from sync import wording
from sync.findings import FindingState, unseen
from sync.plan import OurTask, Plan, Planned

PUT_OFF_DAYS = 7
_PARTS = {"assignee_id": "owner", "subject": "subject", "body": "text", "due_on": "due date"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """An open task of ours: the ledger's view and, in `task.actual`, the CRM's of this moment (None: it has none).

    `kept_why` says what a human did to it, empty where nobody touched it: then it can be taken back.
    """

    task: OurTask
    account_id: str
    account_name: str
    created_at: datetime
    kept_why: str


def made(
    tasks: Mapping[str, Iterable[OurTask]],
    created: Mapping[str, datetime],
    now_there: Mapping[str, TaskState],
    *,
    names: Mapping[str, str],
    answers: Mapping[str, str],
) -> list[Made]:
    """Every task among `created`, in the order in which they were made.

    `tasks` are ours by account, `now_there` what the CRM shows of them by key at this moment, `answers` their feedback.
    """
    found = [
        Made(
            task=(seen := replace(task, actual=now_there.get(task.key))),
            account_id=account_id,
            account_name=names.get(account_id, ""),
            created_at=created[task.key],
            kept_why=touched_why(seen, answers.get(task.key, "")),
        )
        for account_id, some in tasks.items()
        for task in some
        if task.key in created
    ]
    return sorted(found, key=lambda one: (one.created_at, one.task.key))


def touched_why(task: OurTask, answer: str = "") -> str:
    """What a human did to the task since we wrote it, empty if nothing. Of one that only the CRM remembers, what we
    wrote is not known: its text has to look like ours.
    """
    actual = task.actual
    if actual is None:
        return "the CRM has no such task any more"
    if actual.status != "open":
        return {"completed": "completed", "deleted": "deleted", "deferred": "deferred"}[actual.status]
    if answer or actual.feedback:
        return f"answered: {actual.feedback or answer}"
    changed = [word for part, word in _PARTS.items() if task.touched(part)]
    if changed:
        return f"changed: {', '.join(changed)}"
    if task.adopted_on and not wording.is_our_text(actual.subject, actual.body):
        return "known from the CRM alone, and its text is not ours"
    return ""


def undo_plan(connection: str, taken_back: Iterable[Made], today: date, language: Language = ENGLISH) -> Plan:
    """The plan that closes these tasks, with the reason on top of their text."""
    changes = []
    reason = language.told(
        say("taken back by whoever runs Holdfast on {day}; you need not do anything", day=number_day(today))
    )
    for one in taken_back:
        assert one.task.actual is not None
        change = CloseTask(
            key=one.task.key,
            task_id=one.task.actual.id,
            account_id=one.account_id,
            reason=reason,
            body=wording.closing(one.task.actual.body, reason, language),
        )
        changes.append(
            Planned(
                change=change,
                account_id=one.account_id,
                account_name=one.account_name,
                route=one.task.route,
                rules=dict(one.task.rules),
                assignee_id=one.task.assignee_id,
            )
        )
    return Plan(connection=connection, changes=tuple(changes))


def put_off(
    known: Mapping[str, FindingState], rules: Iterable[str], now: datetime, today: date, days: int = PUT_OFF_DAYS
) -> Sequence[FindingState]:
    """The findings of an account whose task is taken back: quiet for so many days, unless they get worse.

    One that was never seen here, as after a lost store, has no severity to compare with and stays quiet however bad.
    """
    until, why = today + timedelta(days=days), f"taken back on {today:%Y-%m-%d}"
    found = []
    for rule in rules:
        state = known.get(rule)
        later = max(until, state.quiet_until) if state and state.quiet_until else until
        severity = state.severity if state else None
        found.append(replace(state or unseen(rule, now), quiet_until=later, quiet_why=why, quiet_severity=severity))
    return found
