"""Changes become the inputs of HubSpot's batch endpoints. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from connectors.hubspot.task_keys import with_key
from connectors.hubspot.values import Json, milliseconds, rendered
from connectors.protocol import CloseTask, CreateTask, SetFields, UpdateTask

# Direction matters: 191 and 203 are the ways back.
TASK_TO_COMPANY = 192
TASK_TO_CONTACT = 204

DUE_HOUR_UTC = 9
_PRIORITIES = {"critical": "HIGH", "high": "HIGH", "medium": "MEDIUM", "low": "LOW"}


def create_input(change: CreateTask, key_property: str, queue: str = "") -> Json:
    """The key goes into the property of that name, "" being that there is none: then it goes into the text.

    A queue is named at birth alone: where a task goes from there is its owner's to say.
    """
    content, body = change.content, body_html(change.content.body)
    links = [_association(change.account_id, TASK_TO_COMPANY)]
    if change.contact_id:
        links.append(_association(change.contact_id, TASK_TO_CONTACT))
    return {
        "objectWriteTraceId": change.key,
        "properties": {
            **_keyed(change.key, body, key_property),
            "hs_task_subject": content.subject,
            "hs_task_status": "NOT_STARTED",
            "hs_task_priority": priority(content.severity),
            "hs_task_type": "TODO",
            "hs_timestamp": due_time(content.due_on),
            # Of a task that an app makes HubSpot tells its owner nothing, unless it has a reminder.
            "hs_task_reminders": str(milliseconds(datetime.fromisoformat(due_time(content.due_on)))),
            "hubspot_owner_id": content.assignee_id,
            **({"hs_queue_membership_ids": queue} if queue else {}),
        },
        "associations": links,
    }


def update_input(change: UpdateTask | CloseTask, key_property: str) -> Json:
    """Only what the change names: the rest is the rep's. A new text never loses the key."""
    if isinstance(change, CloseTask):
        wanted = {"hs_task_status": "COMPLETED"}
        if change.body is not None:
            wanted["hs_task_body"] = _closed_html(change.body)
    else:
        wanted = dict(_task_property(name, value) for name, value in change.changed.items())
    if "hs_task_body" in wanted:
        wanted |= _keyed(change.key, wanted["hs_task_body"], key_property)
    return {"id": change.task_id, "objectWriteTraceId": change.key, "properties": wanted}


def _closed_html(body: str) -> str:
    """A reason on top of what the portal returned as the task's text: that is HTML already, and tidied by it."""
    reason, gap, text = body.partition("\n\n")
    return body_html(reason) + text if text.startswith("<") else body_html(reason + gap + text)


def _keyed(key: str, body: str, key_property: str) -> dict[str, str]:
    return {key_property: key, "hs_task_body": body} if key_property else {"hs_task_body": with_key(body, key)}


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
