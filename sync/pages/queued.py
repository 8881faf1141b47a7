"""The queue as the next run would have it: tasks by person, what is held back and why, and what waits for room.

Nothing is planned here: the accounts' own plans are put together, and go through the same caps as a cycle's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.protocol import CloseTask, CreateTask, UpdateTask
from sync import queue
from sync.cycle import released
from sync.pages.line import Line
from sync.pages.scene import Scene, Visit
from sync.plan import HeldBack, Plan, Planned


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A task that is due and not made, or findings that are quiet, and why."""

    account_id: str
    account: str
    card: str
    rules: tuple[str, ...]
    person: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """One person's tasks of ours: those open, those that the next run makes, and those that wait."""

    name: str
    open: int
    new: int
    waiting: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """What the next run does: `changes` counts its new, rewritten and closed tasks."""

    desks: tuple[Desk, ...]
    held: tuple[Held, ...]
    changes: Mapping[str, int]
    caps: str
    live: bool
    waits_for_pull: bool

    def said(self, lines: Sequence[Line]) -> list[Line]:
        """Return the lines, with the findings whose task waits saying so."""
        waits = {(one.account_id, rule): f"held back: {one.reason}" for one in self.held for rule in one.rules}
        return [
            replace(
                line,
                found=tuple(
                    replace(one, doing=waits.get((line.account_id, one.rule), one.doing)) for one in line.found
                ),
            )
            for line in lines
        ]


class QueueCount:
    """Gathers what is planned account by account."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._changes: list[Planned] = []
        self._held: list[HeldBack] = []
        self._quiet: list[Held] = []
        self._cards: dict[str, str] = {}

    def add(self, scene: Scene, visit: Visit, line: Line) -> None:
        """Take in one account."""
        plan, open_states = visit.outlook.plan, [one for one in visit.outlook.states.values() if one.open]
        pressing = queue.priority(line.score, (one.severity for one in open_states), line.revenue)
        self._open.update(task.reader for task in visit.remembered.tasks)
        self._changes += (replace(one, priority=pressing) for one in plan.changes)
        self._held += plan.held_back
        self._cards[line.account_id] = line.card
        quiet: defaultdict[str, list[str]] = defaultdict(list)
        for state in open_states:
            if not state.wants_task(scene.today):
                quiet[f"quiet until {state.quiet_until}: its task was {state.quiet_why}"].append(state.rule)
        self._quiet += (
            Held(
                account_id=line.account_id,
                account=line.name,
                card=line.card,
                rules=tuple(rules),
                person="",
                reason=reason,
            )
            for reason, rules in quiet.items()
        )

    def told(self, scene: Scene) -> Queue:
        """Return the queue, who has most tasks first."""
        limits = scene.work.config.limits
        plan = Plan(connection=scene.name, changes=tuple(self._changes), held_back=tuple(self._held))
        if not scene.is_whole:
            plan = Plan(connection=scene.name)  # as in a cycle: nothing moves until a pull arrives whole
        plan = released(scene.work, plan, self._open, scene.today)
        new = Counter(one.assignee_id for one in plan.of(CreateTask))
        waiting = Counter(one.assignee_id for one in plan.held_back if one.assignee_id)
        names = scene.side.people.name
        desks = [
            Desk(name=names(who), open=self._open[who], new=new[who], waiting=waiting[who])
            for who in {*self._open, *new, *waiting}
        ]
        kinds = (("new", CreateTask), ("rewritten", UpdateTask), ("closed", CloseTask))
        return Queue(
            desks=tuple(sorted(desks, key=lambda one: (-one.open - one.new - one.waiting, one.name))),
            held=(*self._told_held(scene, plan), *self._quiet),
            changes={name: len(plan.of(kind)) for name, kind in kinds},
            caps=f"{limits.max_open_per_person or 'no limit of'} open tasks a person, "
            f"{limits.max_new_per_person_per_week or 'no limit of'} new ones a week",
            live=scene.work.config.writeback.mode == "live",
            waits_for_pull=not scene.is_whole,
        )

    def _told_held(self, scene: Scene, plan: Plan) -> Iterator[Held]:
        for one in plan.held_back:
            yield Held(
                account_id=one.account_id,
                account=one.account_name,
                card=self._cards[one.account_id],
                rules=one.rules,
                person=scene.side.people.name(one.assignee_id) if one.assignee_id else "",
                reason=one.reason,
            )
