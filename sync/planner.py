"""From findings and what the CRM holds to the smallest set of changes. Pure.

One task per account and assignee, listing the findings whose routes lead there. What a human did to a task wins.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from connectors.protocol import Change, CloseTask, CreateTask, SetFields, TaskContent, UpdateTask
from rules.rule import Severity
from rules.wording import say
from rules.workdays import add_workdays
from sync import wording
from sync.findings import FindingState, worst_first
from sync.matching import Match, match
from sync.plan import HeldBack, OurTask, Plan, Planned, Situation, as_written

# domain.md section 3: due after so many business days, and over how many they are spread.
DUE_WORKDAYS = {Severity.CRITICAL: 3, Severity.HIGH: 5, Severity.MEDIUM: 10, Severity.LOW: 20}
SPREAD_WORKDAYS = {Severity.CRITICAL: 1, Severity.HIGH: 2, Severity.MEDIUM: 3, Severity.LOW: 5}
OUTSIDE_THE_PILOT = "outside the pilot"
_ADOPTED_STAYS = timedelta(days=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Days:
    """The calendar of a plan: `off` tells somebody's holidays; `quiet_until` is the last of the quiet days of now."""

    today: date
    off: Callable[[str], Collection[date]] = lambda _: ()
    quiet_until: date | None = None


def make_plan(connection: str, situations: Iterable[Situation], days: Days, writable: frozenset[str]) -> Plan:
    """Return the changes that make the CRM equal to what is desired; `writable` are the account fields that exist."""
    changes: list[Planned] = []
    held_back: list[HeldBack] = []
    for situation in situations:
        # Who is key, and what humans did to our tasks, rests on streams too: with one of them missing, nothing moves.
        if situation.fields is None:
            continue
        _plan_tasks(situation, days, changes, held_back)
        _plan_fields(situation, situation.fields, writable, changes)
    return Plan(connection=connection, changes=tuple(changes), held_back=tuple(held_back))


def _plan_tasks(situation: Situation, days: Days, changes: list[Planned], held_back: list[HeldBack]) -> None:
    wanted, homeless = _groups(situation, days.today)
    if homeless:
        rules = tuple(state.rule for state in homeless)
        homeless_why = "nobody active to give it to: set [people] fallback, [people.managers] or an owner"
        held_back.append(_held(situation, rules, homeless_why if situation.in_pilot else OUTSIDE_THE_PILOT))
    told: set[str] = set()
    matches = match(situation, wanted, days.today)
    for one in matches:
        if one.task:
            told |= _plan_existing(situation, one.task, one, days.today, changes)
    for one in matches:
        match _untold(situation, one, told, days):
            case Planned() as creation:
                changes.append(creation)
            case HeldBack() as held:
                held_back.append(held)
    continued = {one.task.key for one in matches if one.task}
    for task in situation.tasks:
        if task.key not in continued:
            _plan_closing(situation, task, told, days.today, changes)


def _untold(situation: Situation, one: Match, told: Collection[str], days: Days) -> Planned | HeldBack | None:
    """The task that is missing, or why it, or a finding, has to wait."""
    if one.task is None:
        why, silent = _put_off(situation, days), [state.rule for state in one.findings]
        if not why:
            return _creation(situation, one.findings, one.assignee_id, days)
    else:
        why = "its task was put off" if one.task.snoozed(days.today) else "a human rewrote its task"
        listed = {rule for task in situation.tasks for rule in task.rules}
        silent = [state.rule for state in one.findings if state.rule not in {*told, *listed}]
    return _held(situation, tuple(silent), why, one.assignee_id) if silent else None


def _put_off(situation: Situation, days: Days) -> str:
    """Why no new task is made for the account now; empty if there is no reason."""
    if not situation.in_pilot:
        return OUTSIDE_THE_PILOT
    if situation.snoozed_until and situation.snoozed_until > days.today:
        return f"account snoozed until {situation.snoozed_until}"
    return f"quiet days until {days.quiet_until}" if days.quiet_until else ""


def _groups(situation: Situation, today: date) -> tuple[dict[str, list[FindingState]], list[FindingState]]:
    """Open findings by the person who gets them, worst first, and those that nobody can get.

    A finding that an open task already lists stays with it even while it is quiet elsewhere. One of a rule
    that is off, or told in the report alone, is on none.
    """
    listed = {rule for task in situation.tasks for rule in task.rules}
    groups: dict[str, list[FindingState]] = {}
    homeless = []
    for state in worst_first(situation.findings):
        if situation.tier not in ("A", "B") or not (state.wants_task(today) or state.rule in listed):
            continue
        if not situation.gives_tasks(state.rule):
            continue
        assignee_id = situation.routes.get(situation.rule_routes[state.rule])
        if assignee_id:
            groups.setdefault(assignee_id, []).append(state)
        else:
            homeless.append(state)
    return groups, homeless


def _plan_existing(situation: Situation, task: OurTask, one: Match, today: date, changes: list[Planned]) -> set[str]:
    """Bring an open task up to date, and return the rules that it tells then."""
    findings, assignee_id = one.findings, one.assignee_id
    rules = {state.rule: str(state.severity) for state in findings}
    if task.state != "open":
        return set(task.rules)
    said: dict[str, Any] = {}
    if not task.tells(rules) and not task.snoozes(rules, today):
        language = situation.language
        said = {
            "subject": wording.subject(situation.account_name, findings, language),
            "body": wording.body(findings, language),
        }
    changed = {part: text for part, text in said.items() if not task.touched(part)}
    tells = rules if changed or task.tells(rules) else dict(task.rules)
    # One that came back after a lost store may have been handed on by a human: nobody knows.
    if task.assignee_id != assignee_id and not task.adopted_on and not task.touched("assignee_id"):
        changed["assignee_id"] = assignee_id
    if changed:
        severity = str(findings[0].severity)
        update = UpdateTask(
            key=task.key, task_id=task.crm_id, account_id=situation.account_id, changed=changed, severity=severity
        )
        instead = _instead(situation, task, today) if "assignee_id" in changed else None
        reader = changed.get("assignee_id", task.assignee_id)
        planned = _planned(situation, update, task.route, tells, reader)
        changes.append(replace(planned, before=_told_now(task, changed), instead=instead))
    return set(tells)


def _told_now(task: OurTask, parts: Iterable[str]) -> dict[str, Any]:
    """Those parts of the task as they stand in the CRM, as far as it has been seen."""
    now = as_written(task.actual) if task.actual else task.written
    return {part: now[part] for part in parts if now.get(part)}


def _instead(situation: Situation, task: OurTask, today: date) -> CloseTask | None:
    """Where its new reader has no room, a task closes and waits; one that a human put off stays as it is."""
    return None if task.snoozed(today) else _close(situation, task, say("its new reader has no room for it yet"))


def _creation(situation: Situation, findings: Sequence[FindingState], assignee_id: str, days: Days) -> Planned:
    route = situation.rule_routes[findings[0].rule]
    rules = {state.rule: str(state.severity) for state in findings}
    language = situation.language
    content = TaskContent(
        assignee_id=assignee_id,
        subject=wording.subject(situation.account_name, findings, language),
        body=wording.body(findings, language),
        due_on=_due_on(situation, findings[0].severity, assignee_id, days),
        severity=str(findings[0].severity),
    )
    contact_id = next((state.text.contact_id for state in findings if state.text.contact_id), None)
    key = _new_key(situation, route)
    change = CreateTask(key=key, account_id=situation.account_id, contact_id=contact_id, content=content)
    return _planned(situation, change, route, rules, assignee_id)


def _due_on(situation: Situation, severity: Severity, assignee_id: str, days: Days) -> date:
    """By severity, in business days of the person who gets it; those of one day are spread by their accounts."""
    spread = zlib.crc32(situation.account_id.encode()) % SPREAD_WORKDAYS[severity]
    return add_workdays(days.today, DUE_WORKDAYS[severity] + spread, days.off(assignee_id))


def _new_key(situation: Situation, route: str) -> str:
    """`hf1:<account>:<route>:<episode>`: deterministic, so that the CRM's unique index is the last guard."""
    episode = 1
    while (key := f"hf1:{situation.account_id}:{route}:{episode}") in situation.used_keys:
        episode += 1
    return key


def _plan_closing(
    situation: Situation, task: OurTask, told: Collection[str], today: date, changes: list[Planned]
) -> None:
    """Close an open task once every finding it lists has ended or is `told` on another; a homeless one keeps it.

    A task that came back from the CRM after a lost store stays for two days, in which what it told is raised again if
    it is still true.
    """
    listed = [situation.findings[rule] for rule in task.rules if rule in situation.findings]
    newly_found = task.adopted_on is not None and today < task.adopted_on + _ADOPTED_STAYS
    elsewhere = [state for state in listed if state.open and state.rule in told]
    kept_open = [
        state for state in listed if state.open and situation.gives_tasks(state.rule) and state.rule not in told
    ]
    if task.state != "open" or newly_found or (kept_open and situation.tier != "C"):
        return
    silenced = any(state.open for state in listed) and not kept_open
    why = "; ".join(dict.fromkeys(state.ended_why for state in listed if state.ended_why))
    no_task, no_account = (
        say("the config asks for no task on this"),
        say("the account is no longer one that gets tasks"),
    )
    otherwise = no_task if silenced else no_account
    reason = say("another task tells it") if elsewhere else why or otherwise
    changes.append(_planned(situation, _close(situation, task, reason), task.route, task.rules, task.assignee_id))


def _close(situation: Situation, task: OurTask, reason: str) -> CloseTask:
    told = situation.language.told(reason)
    text = None
    if not task.touched("body"):
        text = wording.closing(str(task.written.get("body", "")), told, situation.language)
    return CloseTask(key=task.key, task_id=task.crm_id, account_id=situation.account_id, reason=told, body=text)


def _plan_fields(
    situation: Situation, desired: Mapping[str, Any], writable: frozenset[str], changes: list[Planned]
) -> None:
    actual = {name: _plain(value) for name, value in situation.actual_fields.items()}
    news = {name: value for name, value in desired.items() if name in writable and _plain(value) != actual.get(name)}
    if news:
        planned = _planned(situation, SetFields(account_id=situation.account_id, fields=news))
        before = {name: actual[name] for name in news if actual.get(name) is not None}
        changes.append(replace(planned, before=before))


def _plain(value: Any) -> Any:
    """A value as the store keeps what the CRM returned: dates as ISO text, nothing as None."""
    return value.isoformat() if isinstance(value, date) else None if value == "" else value


def _planned(
    situation: Situation,
    change: Change,
    route: str = "",
    rules: Mapping[str, str] | None = None,
    assignee_id: str = "",
) -> Planned:
    return Planned(
        change=change,
        account_id=situation.account_id,
        account_name=situation.account_name,
        route=route,
        rules=rules or {},
        assignee_id=assignee_id,
        priority=situation.priority,
    )


def _held(situation: Situation, rules: tuple[str, ...], reason: str, assignee_id: str = "") -> HeldBack:
    return HeldBack(
        account_id=situation.account_id,
        account_name=situation.account_name,
        rules=rules,
        reason=reason,
        assignee_id=assignee_id,
    )
