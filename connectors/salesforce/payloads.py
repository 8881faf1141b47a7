"""Changes as Salesforce takes them: one record per change, and the replies to them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.protocol import Change, CloseTask, CreateTask, SetFields, UpdateTask
from connectors.salesforce.settings import FieldNames

Record = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]

LONGEST_SUBJECT = 80
LONGEST_BODY = 32_000

_TASK_FIELDS = {
    "assignee_id": "OwnerId",
    "subject": "Subject",
    "body": "Description",
    "due_on": "ActivityDate",
    "severity": "Priority",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What this org calls things: its first closed status, its high and its default priority."""

    closed: str = "Completed"
    high: str = "High"
    normal: str = "Normal"

    def priority(self, severity: str) -> str:
        return self.high if severity in {"critical", "high"} else self.normal


def choices(statuses: Rows | Exception, priorities: Rows | Exception) -> Choices:
    """From the rows of TaskStatus and TaskPriority; Salesforce's own words where an org refuses to tell."""
    usual = Choices()
    return Choices(
        closed=_first(statuses, "IsClosed", usual.closed),
        high=_first(priorities, "IsHighPriority", usual.high),
        normal=_first(priorities, "IsDefault", usual.normal),
    )


def payload(change: Change, names: FieldNames, org: Choices) -> Record:
    """The record of a collections request that makes the change true: only what it names."""
    match change:
        case CreateTask():
            return _new_task(change, names, org)
        case UpdateTask():
            return {"attributes": {"type": "Task"}, "Id": change.task_id, **_task_values(change.changed, org)}
        case CloseTask():
            text = {} if change.body is None else _task_values({"body": change.body}, org)
            return {"attributes": {"type": "Task"}, "Id": change.task_id, "Status": org.closed, **text}
        case SetFields():
            api_names = names.on_account()
            values = {api_names[logical]: _json(value) for logical, value in change.fields.items()}
            return {"attributes": {"type": "Account"}, "Id": change.account_id, **values}


def _new_task(change: CreateTask, names: FieldNames, org: Choices) -> Record:
    content = change.content
    # No Status: the org's default is what its people expect of a new task.
    values = _task_values({name: getattr(content, name) for name in _TASK_FIELDS}, org)
    record = {"attributes": {"type": "Task"}, names.key: change.key, "WhatId": change.account_id, **values}
    return record | ({"WhoId": change.contact_id} if change.contact_id else {})


def _task_values(changed: Mapping[str, Any], org: Choices) -> Record:
    values = {_TASK_FIELDS[name]: _json(value) for name, value in changed.items()}
    if "Priority" in values:
        values["Priority"] = org.priority(values["Priority"])
    if "Subject" in values:
        values["Subject"] = values["Subject"][:LONGEST_SUBJECT]
    if "Description" in values:
        values["Description"] = values["Description"][:LONGEST_BODY]
    return values


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _first(rows: Rows | Exception, flag: str, usual: str) -> str:
    flagged = [] if isinstance(rows, Exception) else [row for row in rows if row.get(flag) and row.get("ApiName")]
    return min(flagged, key=lambda row: row.get("SortOrder") or 0)["ApiName"] if flagged else usual
