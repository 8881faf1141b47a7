"""Our own tasks in the org, looked up by key or by id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.protocol import TaskState
from connectors.salesforce.client import Client, Record
from connectors.salesforce.mapping import task_state
from connectors.salesforce.values import listed

# Both keep the URL under the 16 KB that Salesforce takes.
IDS_PER_QUERY = 200
KEYS_PER_QUERY = 100

_FIELDS = (
    "Id, Subject, Description, Status, IsClosed, IsDeleted, AccountId, OwnerId, ActivityDate, CreatedDate, "
    "CompletedDateTime, SystemModstamp"
)


class OurTasks:
    """Read by query over all rows, which Salesforce answers from the database itself: what was written is seen."""

    def __init__(self, client: Client, key_field: str) -> None:
        self._client = client
        self._key_field = key_field

    def by_key(self, keys: Sequence[str]) -> dict[str, TaskState]:
        """The task that carries each key: one that lives rather than a deleted one, then the youngest."""
        asked = set(keys)
        found = [self._state(record) for record in self._rows(self._key_field, sorted(asked), KEYS_PER_QUERY)]
        found.sort(key=lambda task: (task.status != "deleted", str(task.created_at), task.id))
        return {task.key: task for task in found if task.key in asked}

    def by_id(self, ids: Sequence[str]) -> dict[str, TaskState]:
        states = (self._state(record) for record in self._rows("Id", ids, IDS_PER_QUERY))
        return {state.id: state for state in states}

    def _state(self, record: Record) -> TaskState:
        return task_state(record, self._key_field)

    def _rows(self, column: str, values: Sequence[str], size: int) -> Iterable[Record]:
        for start in range(0, len(values), size):
            these = listed(values[start : start + size])
            yield from self._client.query_whole(
                f"SELECT {_FIELDS}, {self._key_field} FROM Task WHERE {column} IN {these}"  # noqa: S608 - quoted
            )
