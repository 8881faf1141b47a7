"""How many tasks one person gets: the most pressing first, few at a time. Pure.

Each further reminder cuts acceptance by a third (Ancker 2017), so nobody has more than a handful of open tasks of
ours, and only some new ones a week. What finds no room waits, visibly, in the order in which it will come.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from connectors.protocol import CreateTask, UpdateTask
from rules.rule import Severity
from rules.score import SEVERITY_VALUES
from sync.plan import HeldBack, Plan, Planned

BASELINE = "baseline: the first live run writes fields and no task (limits.baseline)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What a person has of ours: tasks that are open, and those made this week."""

    open: int = 0
    new: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Caps:
    """At most so many open and so many new a week for one person; 0 is no limit."""

    open: int = 5
    new: int = 3

    def room_for_new(self, load: Load) -> float:
        """How many new tasks the person may get now."""
        return min(self.room_for_open(load), max(0, self.new - load.new) if self.new else math.inf)

    def room_for_open(self, load: Load) -> float:
        """How many tasks of others the person may take over now."""
        return max(0, self.open - load.open) if self.open else math.inf


def priority(score: int | None, severities: Iterable[Severity], revenue: float | None) -> float:
    """Return what orders waiting tasks: score x log10(1 + revenue) (domain.md 4.15).

    Where no score is published, the worst severity stands for it.
    """
    worst = max((SEVERITY_VALUES[severity] for severity in severities), default=0.0)
    pressing = worst * 100 if score is None else score
    return pressing * math.log10(1 + max(revenue or 0.0, 0.0)) if revenue else pressing / 100


def baseline(plan: Plan) -> Plan:
    """Return the plan without its new tasks: each is held back until the next run."""
    kept, held = [], list(plan.held_back)
    for planned in plan.changes:
        if isinstance(planned.change, CreateTask):
            held.append(_held(planned, BASELINE))
        else:
            kept.append(planned)
    return replace(plan, changes=tuple(kept), held_back=tuple(held))


def release(plan: Plan, loads: Mapping[str, Load], caps: Caps) -> Plan:
    """Return the plan with as many new tasks for each person as there is room for; the others wait.

    Tasks that change hands come first, and are closed where the new hands are full. A task that closes makes room in
    the next run, when it is closed.
    """
    now = dict(loads)
    queue = sorted(filter(_hands_over, plan.changes), key=_order)
    waiting = sorted((one for one in plan.changes if isinstance(one.change, CreateTask)), key=_order)
    full: dict[str, list[Planned]] = {}
    for planned in [*queue, *waiting]:
        who = planned.assignee_id
        load = now.get(who, Load())
        new = isinstance(planned.change, CreateTask)
        if (caps.room_for_new(load) if new else caps.room_for_open(load)) < 1:
            full.setdefault(who, []).append(planned)
        else:
            now[who] = Load(open=load.open + 1, new=load.new + new)
    waits = {id(planned) for some in full.values() for planned in some}
    kept = [_instead(planned) if id(planned) in waits else planned for planned in plan.changes]
    held = [
        replace(_held(planned, _waits(place, some, now.get(who, Load()))), place=place, queue_length=len(some))
        for who, some in full.items()
        for place, planned in enumerate(sorted(some, key=_order), start=1)
    ]
    return replace(plan, changes=tuple(filter(None, kept)), held_back=(*plan.held_back, *held))


def _hands_over(planned: Planned) -> bool:
    return isinstance(planned.change, UpdateTask) and "assignee_id" in planned.change.changed


def _order(planned: Planned) -> tuple[float, str, str]:
    return -planned.priority, planned.account_id, planned.route


def _instead(planned: Planned) -> Planned | None:
    """The closing of a task that finds no room with its new reader; nothing for one that was to be made."""
    if planned.instead is None:
        return None
    return replace(planned, change=planned.instead, before={}, instead=None)


def _waits(place: int, some: list[Planned], load: Load) -> str:
    return f"waits: no. {place} of {len(some)} in the queue ({load.open} open, {load.new} new this week)"


def _held(planned: Planned, reason: str) -> HeldBack:
    return HeldBack(
        account_id=planned.account_id,
        account_name=planned.account_name,
        rules=tuple(planned.rules),
        reason=reason,
        assignee_id=planned.assignee_id,
    )
