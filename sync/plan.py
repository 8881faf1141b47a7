"""What a plan is: the situations that it is made from, its changes, and what it holds back. `sync.planner` makes it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

import orjson

from connectors.protocol import Change, CloseTask, CreateTask, TaskState
from rules.rule import Route, Severity
from rules.wording import ENGLISH, Language
from sync.errors import RefusedError
from sync.findings import FindingState

CLOSES_BEFORE_SHARE_COUNTS = 10
_BADNESS = {str(severity): rank for rank, severity in enumerate(Severity)}  # 0 is worst


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

    @property
    def reader(self) -> str:
        """Who has it in the CRM now."""
        return (self.actual.assignee_id if self.actual else None) or self.assignee_id

    def snoozed(self, today: date) -> bool:
        """Whether a human put it off in the CRM: deferred, or due later than we wrote and not before today."""
        if self.actual is None:
            return False
        written, due_on = self.written.get("due_on"), self.actual.due_on
        later = bool(written and due_on and due_on > today and due_on.isoformat() > written)
        return self.actual.status == "deferred" or later

    def stays(self, today: date) -> bool:
        """Whether its findings stay on it, whoever else would get them now.

        So it is with one that a human put off, handed on or rewrote, and with one that may have arrived or not.
        """
        rewritten = self.touched("subject") and self.touched("body")
        return self.state != "open" or self.snoozed(today) or self.touched("assignee_id") or rewritten

    def snoozes(self, rules: Mapping[str, str], today: date) -> bool:
        """Whether it is put off and these findings, with their severities, are no worse than what it tells.

        One that comes on top and is worse than all of it breaks through.
        """
        told = min((_BADNESS[severity] for severity in self.rules.values() if severity in _BADNESS), default=0)
        news = [severity for rule, severity in rules.items() if severity != self.rules.get(rule)]
        return self.snoozed(today) and all(_BADNESS[severity] >= told for severity in news)

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
    `priority` orders the tasks that wait for the same person, the greatest first.
    `in_pilot` is false where the config asks for no task: nothing new is made, what is there goes on.
    `fields` are the desired values by logical name, None where the pull was not whole: then nothing is written, and
    what stands in the CRM stays. `language` is that of what its tasks are told from now on.
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
    in_pilot: bool = True
    priority: float = 0.0
    language: Language = ENGLISH

    def gives_tasks(self, rule: str) -> bool:
        """Whether the rule is on, and its findings go to somebody rather than into the report alone."""
        return self.rule_routes.get(rule, Route.REPORT) is not Route.REPORT


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """One change, with what a reader of the plan wants to know of it.

    `before` is what stands in the CRM of the parts of a task or the fields that it replaces, in plain JSON; what is
    empty there is absent. `instead` is what is done where a task that is handed to `assignee_id` finds no room there;
    None leaves it as it is.
    """

    change: Change
    account_id: str
    account_name: str
    route: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    assignee_id: str = ""
    priority: float = 0.0
    before: Mapping[str, Any] = field(default_factory=dict)
    instead: CloseTask | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldBack:
    """A task that is due but is not made, and why.

    One that waits for room with its reader has its `place` in that queue of `queue_length`, from 1; all others 0.
    """

    account_id: str
    account_name: str
    rules: tuple[str, ...]
    reason: str
    assignee_id: str = ""
    place: int = 0
    queue_length: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    connection: str
    changes: tuple[Planned, ...] = ()
    held_back: tuple[HeldBack, ...] = ()

    @property
    def checksum(self) -> str:
        """Equal exactly when the changes are equal, and what they replace."""
        told = [(type(one.change).__name__, asdict(one.change), one.before) for one in self.changes]
        return hashlib.sha256(orjson.dumps([self.connection, told], option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]

    def without(self, keys: Collection[str]) -> Plan:
        """The plan less the new tasks of these keys."""
        kept = (one for one in self.changes if not (isinstance(one.change, CreateTask) and one.change.key in keys))
        return replace(self, changes=tuple(kept))

    def of(self, kind: type[Change]) -> list[Planned]:
        return [planned for planned in self.changes if isinstance(planned.change, kind)]


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
