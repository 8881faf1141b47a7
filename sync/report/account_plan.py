"""What the plan does about one finding of an account, and why it does no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.protocol import CloseTask, CreateTask, UpdateTask
from rules.rule import Route
from sync.outlook import Outlook, Remembered, Side
from sync.plan import HeldBack, Planned


def plan_told(rule: str, outlook: Outlook, remembered: Remembered, side: Side) -> dict[str, Any] | None:
    """Return what the next run plans for a rule's finding, None where there is no open finding and no task of it.

    `does` is one of `new task`, `rewrites task`, `closes task`, `leaves task`, `waits`, `held back`, `quiet`, `report
    only` and `no task`. `waits` comes with its `place` in the queue of a reader, as the last plan had it.
    """
    return next(_told(rule, outlook, remembered, side), None)


def _told(rule: str, outlook: Outlook, remembered: Remembered, side: Side) -> Iterator[dict[str, Any]]:
    """Yield what holds, the strongest first: a task that changes, what holds one back, one that stays, silence."""
    changes = [one for one in outlook.plan.changes if rule in one.rules]
    if not any(isinstance(one.change, CloseTask) for one in changes):
        # What an account's own plan asks for may find no room: that only the plan of all accounts knows.
        yield from (_held_told(one, side) for one in remembered.held if changes and rule in one.rules)
    yield from (_change_told(one, side) for one in changes)
    yield from ({"does": "held back", "why": one.reason} for one in outlook.plan.held_back if rule in one.rules)
    for task in remembered.tasks:
        if rule in task.rules:
            yield {"does": "leaves task", "task": task.key, "for": side.people.name(task.assignee_id)}
    state, standing = outlook.states.get(rule), outlook.facts.standing
    if state is None or not state.open:
        return
    if not state.wants_task(outlook.facts.today):
        until = state.quiet_until.isoformat() if state.quiet_until else None
        yield {"does": "quiet", "until": until, "why": f"its task was {state.quiet_why}"}
    if side.rulebook.params(rule, standing.tier).route is Route.REPORT:
        yield {"does": "report only", "why": "its route is the report"}
    yield {"does": "no task", "why": f"accounts of tier {standing.tier} get none"}


def _held_told(held: HeldBack, side: Side) -> dict[str, Any]:
    if not held.place:
        return {"does": "held back", "why": held.reason}
    name = side.people.name(held.assignee_id)
    return {"does": "waits", "for": name, "place": held.place, "queue_length": held.queue_length}


def _change_told(planned: Planned, side: Side) -> dict[str, Any]:
    name = side.people.name(planned.assignee_id)
    match planned.change:
        case CreateTask(key=key, content=content):
            return {"does": "new task", "task": key, "for": name, "due_on": content.due_on.isoformat()}
        case UpdateTask(key=key, changed=changed):
            return {"does": "rewrites task", "task": key, "for": name, "why": f"its {' and '.join(sorted(changed))}"}
        case CloseTask(key=key, reason=reason):
            return {"does": "closes task", "task": key, "for": name, "why": reason}
        case _:
            return {"does": "no task", "why": "only fields change"}
