"""Our own tasks in the org, looked up by key or by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from connectors.errors import RejectedError
from connectors.protocol import TaskState
from connectors.salesforce.client import Client
from connectors.salesforce.mapping import task_state
from connectors.salesforce.transport import Record
from connectors.salesforce.values import listed

# A short list of values stands in a query of its own, whose URL it keeps under the 16 KB that Salesforce takes. A long
# one goes by composite requests: five queries in one call, each below the 100,000 characters of a query's text.
SHORT = 100
VALUES_PER_QUERY = 1000
QUERIES_PER_CALL = 5

_FIELDS = (
    "Id, Subject, Description, Status, IsClosed, IsDeleted, AccountId, OwnerId, ActivityDate, CreatedDate, "
    "CompletedDateTime, SystemModstamp"
)


class OurTasks:
    """Read by query over all rows, which Salesforce answers from the database itself: what was written is seen."""

    def __init__(self, client: Client, key_field: str, feedback_field: Callable[[], str]) -> None:
        self._client = client
        self._key_field = key_field
        self._feedback_field = feedback_field

    def by_key(self, keys: Sequence[str]) -> dict[str, TaskState]:
        """The task that carries each key: one that lives rather than a deleted one, then the youngest."""
        asked = set(keys)
        found = [self._state(record) for record in self._rows(self._key_field, sorted(asked))]
        found.sort(key=lambda task: (task.status != "deleted", str(task.created_at), task.id))
        return {task.key: task for task in found if task.key in asked}

    def by_id(self, ids: Sequence[str]) -> dict[str, TaskState]:
        states = (self._state(record) for record in self._rows("Id", ids))
        return {state.id: state for state in states}

    def _state(self, record: Record) -> TaskState:
        return task_state(record, self._key_field, self._feedback_field())

    def _rows(self, column: str, values: Sequence[str]) -> Iterable[Record]:
        if len(values) <= SHORT:
            return self._client.query_whole(self._soql(column, values)) if values else ()
        return self._many(column, values)

    def _many(self, column: str, values: Sequence[str]) -> Iterator[Record]:
        parts = [values[start : start + VALUES_PER_QUERY] for start in range(0, len(values), VALUES_PER_QUERY)]
        for start in range(0, len(parts), QUERIES_PER_CALL):
            asked = [self._soql(column, part) for part in parts[start : start + QUERIES_PER_CALL]]
            for answer in self._client.queries(asked):
                if isinstance(answer, RejectedError):
                    raise answer
                yield from answer

    def _soql(self, column: str, values: Sequence[str]) -> str:
        names = ", ".join(filter(None, (self._key_field, self._feedback_field())))
        return f"SELECT {_FIELDS}, {names} FROM Task WHERE {column} IN {listed(values)}"  # noqa: S608 - quoted
