"""From findings and what the CRM holds to the smallest set of changes. Pure.

One task per account and assignee, listing the findings whose routes lead there. What a human did to a task wins.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import orjson

from connectors.protocol import Change, CloseTask, CreateTask, SetFields, TaskContent, TaskState, UpdateTask
from rules.rule import Route, Severity
from rules.workdays import add_workdays
from sync import wording
from sync.errors import RefusedError
from sync.findings import FindingState, worst_first

DUE_WORKDAYS = {Severity.CRITICAL: 3, Severity.HIGH: 5, Severity.MEDIUM: 10, Severity.LOW: 20}  # domain.md section 3
CLOSES_BEFORE_SHARE_COUNTS = 10
_ADOPTED_STAYS = timedelta(days=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class OurTask:
    """An unfinished task of ours: the ledger's view, and the CRM's where it has been seen since."""

    key: str
    route: str
    state: str  # planned | open
    crm_id: str
    assignee_id: str
    rules: Mapping[str, str]
    written: Mapping[str, Any]
    actual: TaskState | None = None
    adopted_on: date | None = None

    def touched(self, part: str) -> bool:
        """Whether a human changed that part since we wrote it."""
        return self.actual is not None and part in self.written and self.written[part] != as_written(self.actual)[part]

    def tells(self, rules: Mapping[str, str]) -> bool:
        """Whether its text needs no change for these findings.

        Of a task that came back from the CRM after a lost store no severity is known, and one whose text names no rule
        was rewritten by a human.
        """
        if self.adopted_on and not any(self.rules.values()):
            return not self.rules or set(rules) == set(self.rules)
        return rules == self.rules


def as_written(task: TaskState) -> dict[str, Any]:
    """The parts of a task that are ours to write, as the CRM returned them."""
    return {
        "assignee_id": task.assignee_id,
        "subject": task.subject,
        "body": task.body,
        "due_on": task.due_on.isoformat() if task.due_on else None,
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """All that the plan needs to know of one account.

    `routes` maps a route to the id of the person it leads to; a route without anybody to take it is absent.
    `fields` are the desired values by logical name, None where the pull was not whole: then nothing is written, and
    what stands in the CRM stays.
    """

    account_id: str
    account_name: str
    tier: str
    findings: Mapping[str, FindingState]
    rule_routes: Mapping[str, Route]
    routes: Mapping[Route, str]
    tasks: Sequence[OurTask] = ()
    fields: Mapping[str, Any] | None = field(default_factory=dict)
    actual_fields: Mapping[str, Any] = field(default_factory=dict)
    used_keys: frozenset[str] = frozenset()
    snoozed_until: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """One change, with what a reader of the plan wants to know of it."""

    change: Change
    account_id: str
    account_name: str
    route: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    assignee_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldBack:
    """A task that is due but is not made, and why."""

    account_id: str
    account_name: str
    rules: tuple[str, ...]
    reason: str
    assignee_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    connection: str
    changes: tuple[Planned, ...] = ()
    held_back: tuple[HeldBack, ...] = ()

    @property
    def checksum(self) -> str:
        """Equal exactly when the changes are equal."""
        told = [(type(planned.change).__name__, asdict(planned.change)) for planned in self.changes]
        return hashlib.sha256(orjson.dumps([self.connection, told], option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]

    def without(self, keys: Collection[str]) -> Plan:
        """The plan less the new tasks of these keys."""
        kept = (one for one in self.changes if not (isinstance(one.change, CreateTask) and one.change.key in keys))
        return replace(self, changes=tuple(kept))

    def of(self, kind: type[Change]) -> list[Planned]:
        return [planned for planned in self.changes if isinstance(planned.change, kind)]


def make_plan(
    connection: str, situations: Iterable[Situation], today: date, holidays: frozenset[date], writable: frozenset[str]
) -> Plan:
    """Return the changes that make the CRM equal to what is desired; `writable` are the account fields that exist."""
    changes: list[Planned] = []
    held_back: list[HeldBack] = []
    for situation in situations:
        # Who is key, and what humans did to our tasks, rests on streams too: with one of them missing, nothing moves.
        if situation.fields is None:
            continue
        _plan_tasks(situation, today, holidays, changes, held_back)
        _plan_fields(situation, situation.fields, writable, changes)
    return Plan(connection=connection, changes=tuple(changes), held_back=tuple(held_back))


def _plan_tasks(
    situation: Situation, today: date, holidays: frozenset[date], changes: list[Planned], held_back: list[HeldBack]
) -> None:
    wanted, homeless = _groups(situation, today)
    if homeless:
        rules = tuple(state.rule for state in homeless)
        held_back.append(_held(situation, rules, "nobody active to give it to: set [people.managers] or an owner"))
    free = list(situation.tasks)
    for assignee_id, findings in wanted.items():
        task = _matching(free, situation, findings)
        if task is not None:
            free.remove(task)
            _plan_existing(situation, task, findings, changes)
        elif situation.snoozed_until and situation.snoozed_until > today:
            rules = tuple(state.rule for state in findings)
            held_back.append(_held(situation, rules, f"account snoozed until {situation.snoozed_until}", assignee_id))
        else:
            changes.append(_creation(situation, findings, assignee_id, today, holidays))
    for task in free:
        _plan_closing(situation, task, today, changes)


def _groups(situation: Situation, today: date) -> tuple[dict[str, list[FindingState]], list[FindingState]]:
    """Open findings by the person who gets them, worst first, and those that nobody can get.

    A finding that an open task already lists stays with it even while it is quiet elsewhere.
    """
    listed = {rule for task in situation.tasks for rule in task.rules}
    groups: dict[str, list[FindingState]] = {}
    homeless = []
    for state in worst_first(situation.findings):
        if situation.tier not in ("A", "B") or not (state.wants_task(today) or state.rule in listed):
            continue
        assignee_id = situation.routes.get(situation.rule_routes[state.rule])
        if assignee_id:
            groups.setdefault(assignee_id, []).append(state)
        else:
            homeless.append(state)
    return groups, homeless


def _matching(tasks: Sequence[OurTask], situation: Situation, findings: Sequence[FindingState]) -> OurTask | None:
    """The open task that these findings belong on: made for their route, in the hands of their reader, or telling them.

    The last is for a task that a human reassigned before the store was lost.
    """
    routes = {situation.rule_routes[state.rule] for state in findings}
    assignee_id = situation.routes[situation.rule_routes[findings[0].rule]]
    told = {state.rule for state in findings}
    by_route = (task for task in tasks if task.route in routes)
    by_person = (task for task in tasks if task.assignee_id == assignee_id)
    by_telling = (task for task in tasks if not task.route and told & set(task.rules))
    return next(by_route, None) or next(by_person, None) or next(by_telling, None)


def _plan_existing(
    situation: Situation,
    task: OurTask,
    findings: Sequence[FindingState],
    changes: list[Planned],
) -> None:
    rules = {state.rule: str(state.severity) for state in findings}
    if task.state == "open" and not task.tells(rules):
        said = {"subject": wording.subject(situation.account_name, findings), "body": wording.body(findings)}
        changed = {part: text for part, text in said.items() if not task.touched(part)}
        severity = str(findings[0].severity)
        update = UpdateTask(
            key=task.key, task_id=task.crm_id, account_id=situation.account_id, changed=changed, severity=severity
        )
        if changed:
            changes.append(_planned(situation, update, task.route, rules, task.assignee_id))


def _creation(
    situation: Situation, findings: Sequence[FindingState], assignee_id: str, today: date, holidays: frozenset[date]
) -> Planned:
    route = situation.rule_routes[findings[0].rule]
    rules = {state.rule: str(state.severity) for state in findings}
    again = next((state.quiet_why for state in findings if state.quiet_why), "")
    content = TaskContent(
        assignee_id=assignee_id,
        subject=wording.subject(situation.account_name, findings),
        body=wording.body(findings, again=f"Told again ({again}): still true." if again else ""),
        due_on=add_workdays(today, DUE_WORKDAYS[findings[0].severity], holidays),
        severity=str(findings[0].severity),
    )
    contact_id = next((state.text.contact_id for state in findings if state.text.contact_id), None)
    key = _new_key(situation, route)
    change = CreateTask(key=key, account_id=situation.account_id, contact_id=contact_id, content=content)
    return _planned(situation, change, route, rules, assignee_id)


def _new_key(situation: Situation, route: str) -> str:
    """`hf1:<account>:<route>:<episode>`: deterministic, so that the CRM's unique index is the last guard."""
    episode = 1
    while (key := f"hf1:{situation.account_id}:{route}:{episode}") in situation.used_keys:
        episode += 1
    return key


def _plan_closing(situation: Situation, task: OurTask, today: date, changes: list[Planned]) -> None:
    """Close an open task once every finding it lists has ended; a finding that is only quiet or homeless keeps it.

    A task that came back from the CRM after a lost store stays for two days, in which what it told is raised again if
    it is still true.
    """
    listed = [situation.findings[rule] for rule in task.rules if rule in situation.findings]
    newly_found = task.adopted_on is not None and today < task.adopted_on + _ADOPTED_STAYS
    if task.state != "open" or newly_found or (any(state.open for state in listed) and situation.tier != "C"):
        return
    why = "; ".join(dict.fromkeys(state.ended_why for state in listed if state.ended_why))
    reason = why or "the account is no longer one that gets tasks"
    text = None if task.touched("body") else wording.closing(str(task.written.get("body", "")), reason)
    change = CloseTask(key=task.key, task_id=task.crm_id, account_id=situation.account_id, reason=reason, body=text)
    changes.append(_planned(situation, change, task.route, task.rules, task.assignee_id))


def _plan_fields(
    situation: Situation, desired: Mapping[str, Any], writable: frozenset[str], changes: list[Planned]
) -> None:
    actual = situation.actual_fields
    news = {
        name: value for name, value in desired.items() if name in writable and _plain(value) != _plain(actual.get(name))
    }
    if news:
        changes.append(_planned(situation, SetFields(account_id=situation.account_id, fields=news)))


def _plain(value: Any) -> Any:
    """A value as the store keeps what the CRM returned: dates as ISO text, nothing as None."""
    return value.isoformat() if isinstance(value, date) else None if value == "" else value


def _planned(
    situation: Situation, change: Change, route: str = "", rules: Mapping[str, str] | None = None, assignee_id: str = ""
) -> Planned:
    return Planned(
        change=change,
        account_id=situation.account_id,
        account_name=situation.account_name,
        route=route,
        rules=rules or {},
        assignee_id=assignee_id,
    )


def _held(situation: Situation, rules: tuple[str, ...], reason: str, assignee_id: str = "") -> HeldBack:
    return HeldBack(
        account_id=situation.account_id,
        account_name=situation.account_name,
        rules=rules,
        reason=reason,
        assignee_id=assignee_id,
    )


def refuse_if_outsized(
    plan: Plan, open_tasks: int, *, max_new: int, max_closed_share: float, accepted: int = 0
) -> None:
    """Raise RefusedError if the plan makes or closes more than the limits allow; 0 switches a limit off.

    `accepted` is the number of new tasks that a human accepted once (`--accept N`).
    """
    kinds = Counter(type(planned.change) for planned in plan.changes)
    new, closed = kinds[CreateTask], kinds[CloseTask]
    if max_new and new > max(max_new, accepted):
        raise RefusedError(
            f"{plan.connection}: the plan makes {new} new tasks, limits.max_new_tasks_per_run is {max_new}; "
            f"look at `holdfast plan`, then allow it once with --accept {new}"
        )
    if max_closed_share and closed > CLOSES_BEFORE_SHARE_COUNTS - 1 and closed > max_closed_share * open_tasks:
        raise RefusedError(
            f"{plan.connection}: the plan closes {closed} of our {open_tasks} open tasks, limits.max_closed_share is "
            f"{max_closed_share}; look at `holdfast plan`, then raise the limit for one run"
        )
