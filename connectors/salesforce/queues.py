"""The queue that takes tasks which nobody can be given: whether the org lets it."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.diagnosis import Line, fail, ok
from connectors.salesforce.client import Client
from connectors.salesforce.values import id18, text

_SHOWN = 10


def diagnose(client: Client, queue_id: str) -> Iterator[Line]:
    """Yield whether tasks may be owned by that queue; nothing where none is named."""
    if not queue_id:
        return
    records = client.query_whole("SELECT QueueId, Queue.Name FROM QueueSobject WHERE SobjectType = 'Task'")
    names = {id18(record.get("QueueId")): text((record.get("Queue") or {}).get("Name")) for record in records}
    if queue_id in names:
        yield ok(f"task_owner_queue: tasks may be owned by the queue {names[queue_id]!r}")
        return
    others = ", ".join(f"{name!r} ({one})" for one, name in sorted(names.items(), key=lambda one: one[1])[:_SHOWN])
    yield fail(
        f"task_owner_queue: {queue_id} is no queue that may own tasks: what it should get goes to the next in line",
        f"add Task to its Supported Objects (Setup, Queues), or name one that has it: {others or 'none does'}",
    )
