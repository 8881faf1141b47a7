"""Documents for scripts: the plan as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from connectors.protocol import CloseTask, CreateTask, SetFields, UpdateTask
from sync.outbox import operation
from sync.people import People
from sync.plan import HeldBack, Plan, Planned


def plan_as_json(plan: Plan, people: People) -> dict[str, Any]:
    """The plan of one connection in the words of `plan --json`."""
    return {
        "checksum": plan.checksum,
        "changes": [_change(plan.connection, planned, people) for planned in plan.changes],
        "held_back": [_held(plan.connection, held, people) for held in plan.held_back],
    }


def _change(connection: str, planned: Planned, people: People) -> dict[str, Any]:
    told: dict[str, Any] = {
        "connection": connection,
        "op": operation(planned.change),
        "account": {"id": planned.account_id, "name": planned.account_name},
        "assignee": _person(planned.assignee_id, people),
        "rules": list(planned.rules),
    }
    match planned.change:
        case CreateTask(key=key, content=content):
            told |= {"key": key, "due_on": content.due_on.isoformat(), "subject": content.subject, "body": content.body}
        case UpdateTask(key=key, changed=changed):
            told |= {"key": key, **changed, "before": dict(planned.before)}
        case CloseTask(key=key, reason=reason, body=body):
            told |= {"key": key, "reason": reason, "body": body}
        case SetFields(fields=fields):
            told |= {"fields": _plain(fields), "before": dict(planned.before)}
    return told


def _held(connection: str, held: HeldBack, people: People) -> dict[str, Any]:
    return {
        "connection": connection,
        "account": {"id": held.account_id, "name": held.account_name},
        "assignee": _person(held.assignee_id, people),
        "rules": list(held.rules),
        "reason": held.reason,
        "place": held.place or None,
        "queue_length": held.queue_length or None,
    }


def _person(user_id: str, people: People) -> dict[str, str] | None:
    return {"id": user_id, "name": people.name(user_id)} if user_id else None


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}
