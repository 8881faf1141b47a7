"""A task of ours as the portal has it. Pure."""

from __future__ import annotations

from connectors.hubspot.task_keys import key_of, without_key
from connectors.hubspot.values import Json, day, moment, properties, sane_moment, text
from connectors.protocol import TaskState

_STATUS = {"COMPLETED": "completed", "DEFERRED": "deferred"}  # all others are open


def task_properties(key_property: str, feedback_property: str = "") -> tuple[str, ...]:
    """What is read of a task of ours. A portal leaves out what it does not have."""
    feedback = (feedback_property,) if feedback_property else ()
    return (
        key_property,
        *feedback,
        "hs_task_subject",
        "hs_task_body",
        "hs_task_status",
        "hs_timestamp",
        "hubspot_owner_id",
        "hs_task_completion_date",
        "hs_createdate",
    )


def task_state(
    record: Json, key_property: str, account_id: str | None = None, *, feedback_property: str = ""
) -> TaskState:
    """A task as the portal has it; `body` is its HTML without a key in it, `due_on` the UTC day of its due time."""
    values = properties(record)
    archived = record.get("archived") is True
    status = "deleted" if archived else _STATUS.get(text(values, "hs_task_status").upper(), "open")
    ended = {"deleted": record.get("archivedAt"), "completed": values.get("hs_task_completion_date")}
    return TaskState(
        key=key_of(record, key_property),
        id=text(record, "id"),
        status=status,
        account_id=account_id,
        assignee_id=text(values, "hubspot_owner_id") or None,
        subject=text(values, "hs_task_subject"),
        body=without_key(text(values, "hs_task_body")),
        due_on=day(values, "hs_timestamp"),
        created_at=sane_moment(values.get("hs_createdate") or record.get("createdAt")),
        ended_at=moment(ended.get(status)),
        feedback=text(values, feedback_property).strip().lower(),
    )
