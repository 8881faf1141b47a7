"""Changes become the inputs of HubSpot's batch endpoints. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.values import Json, rendered
from connectors.protocol import CloseTask, CreateTask, SetFields, UpdateTask

# Direction matters: 191 and 203 are the ways back.
TASK_TO_COMPANY = 192
TASK_TO_CONTACT = 204

DUE_HOUR_UTC = 9
_PRIORITIES = {"critical": "HIGH", "high": "HIGH", "medium": "MEDIUM", "low": "LOW"}


def create_input(change: CreateTask, settings: HubspotSettings) -> Json:
    content = change.content
    links = [_association(change.account_id, TASK_TO_COMPANY)]
    if change.contact_id:
        links.append(_association(change.contact_id, TASK_TO_CONTACT))
    return {
        "objectWriteTraceId": change.key,
        "properties": {
            settings.fields.key: change.key,
            "hs_task_subject": content.subject,
            "hs_task_body": body_html(content.body),
            "hs_task_status": "NOT_STARTED",
            "hs_task_priority": priority(content.severity),
            "hs_task_type": "TODO",
            "hs_timestamp": due_time(content.due_on),
            "hubspot_owner_id": content.assignee_id,
        },
        "associations": links,
    }


def update_input(change: UpdateTask | CloseTask) -> Json:
    """Only what the change names: the rest is the rep's."""
    if isinstance(change, CloseTask):
        wanted = {"hs_task_status": "COMPLETED"}
        if change.body is not None:
            wanted["hs_task_body"] = body_html(change.body)
    else:
        wanted = dict(_task_property(name, value) for name, value in change.changed.items())
    return {"id": change.task_id, "objectWriteTraceId": change.key, "properties": wanted}


def fields_input(change: SetFields, names: Mapping[str, str]) -> Json:
    """`names` maps our logical names to properties of companies."""
    wanted = {names[logical]: property_value(value) for logical, value in change.fields.items()}
    return {"id": change.account_id, "objectWriteTraceId": change.account_id, "properties": wanted}


def property_value(value: Any) -> str:
    """A value as a property: "" empties it, a date is a day without time, and numbers are text too."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return rendered(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)


def body_html(plain: str) -> str:
    """Plain text as the HTML of a task's body: a paragraph per block of lines, everything else escaped."""
    blocks = re.split(r"\n\s*\n", plain.replace("\r\n", "\n").strip())
    return "".join(f"<p>{html.escape(block.strip()).replace(chr(10), '<br>')}</p>" for block in blocks if block.strip())


def priority(severity: str) -> str:
    return _PRIORITIES.get(severity, "MEDIUM")


def due_time(due_on: date) -> str:
    return rendered(datetime.combine(due_on, time(DUE_HOUR_UTC), UTC))


def _task_property(name: str, value: Any) -> tuple[str, str]:
    match name:
        case "subject":
            return "hs_task_subject", str(value)
        case "body":
            return "hs_task_body", body_html(str(value))
        case "due_on":
            return "hs_timestamp", due_time(value)
        case "severity":
            return "hs_task_priority", priority(str(value))
        case "assignee_id":
            return "hubspot_owner_id", str(value)
        case _:
            raise ValueError(f"a task has no {name!r}")


def _association(to_id: str, type_id: int) -> Json:
    return {
        "to": {"id": to_id},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
    }
