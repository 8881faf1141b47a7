"""Sending changes: collections of at most 200 records, and what became of each.

One record's refusal is that record's alone. A lost answer makes every change of its request ambiguous; nothing is
sent twice on suspicion.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.errors import AmbiguousWriteError, ConnectorError, RejectedError, TransientError
from connectors.protocol import Ambiguous, Change, CreateTask, Done, Outcome, Rejected, SetFields, UpdateTask
from connectors.retry import wait_seconds
from connectors.salesforce.client import Client
from connectors.salesforce.payloads import Choices, choices, payload
from connectors.salesforce.refusals import first_error, refusal
from connectors.salesforce.settings import FieldNames
from connectors.salesforce.tasks import OurTasks
from connectors.salesforce.transport import Record

BATCH = 200
READ_BACK = 5000  # tasks: what one call can ask for
OWNER = "INACTIVE_OWNER_OR_USER"
NO_QUEUE_OF_TASKS = "Queue not associated with this SObject type"  # INVALID_OPERATION, which says many other things
FULL = "STORAGE_LIMIT_EXCEEDED"  # of no row: what comes after it fares no better

Result = tuple[Change, Outcome]
Written = list[tuple[Change, str]]  # tasks with the record's id, yet to be read back


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sorted:
    """The changes of one batch by what is to be done next."""

    fields: list[Result] = field(default_factory=list)
    written: Written = field(default_factory=list)
    refused: list[Result] = field(default_factory=list)
    locked: list[Change] = field(default_factory=list)
    known: list[CreateTask] = field(default_factory=list)  # the org says that it has the key already


class Writing:
    """Makes changes true in the org."""

    def __init__(
        self, client: Client, names: FieldNames, tasks: OurTasks, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._names = names
        self._tasks = tasks
        self._pause = pause
        self._choices: Choices | None = None

    def apply(self, changes: Sequence[Change]) -> Iterator[Result]:
        """Yield the outcome of each change as it is known. Raises ConnectorError where nothing further can be sent.

        Tasks are read back many at a time, since reading 200 costs as much as reading 5,000.
        """
        written: Written = []
        try:
            for batch in batches(changes):
                yield from self._batch(batch, written, attempt=1)
                if len(written) >= READ_BACK:
                    yield from self._read_back(written)
        except ConnectorError:
            yield from self._read_back(written)
            raise
        yield from self._read_back(written)

    def _batch(self, batch: Sequence[Change], written: Written, *, attempt: int) -> Iterator[Result]:
        try:
            answers = _sort(batch, self._send(batch))
        except AmbiguousWriteError as lost:
            yield from ((change, Ambiguous(message=str(lost))) for change in batch)
            return
        except RejectedError as refused:
            yield from ((change, Rejected(code=refused.code, message=str(refused), passing=True)) for change in batch)
            return
        written += answers.written
        yield from (*answers.fields, *answers.refused)
        yield from self._already_there(answers.known)
        for change in answers.locked:
            yield from self._again(change, written, attempt)
        for _, outcome in answers.refused:
            if isinstance(outcome, Rejected) and outcome.code == FULL:
                raise refusal(self._client.name, 400, {"errorCode": FULL, "message": outcome.message}, write=True)

    def _send(self, batch: Sequence[Change]) -> list[Record]:
        words = Choices() if isinstance(batch[0], SetFields) else self._org_words()
        records = [payload(change, self._names, words) for change in batch]
        if isinstance(batch[0], CreateTask):
            return self._client.upsert("Task", self._names.key, records)
        return self._client.update(records)

    def _org_words(self) -> Choices:
        if self._choices is None:
            statuses, priorities = self._client.queries(
                [
                    "SELECT ApiName, IsClosed, SortOrder FROM TaskStatus",
                    "SELECT ApiName, IsHighPriority, IsDefault, SortOrder FROM TaskPriority",
                ]
            )
            self._choices = choices(statuses, priorities)
        return self._choices

    def _read_back(self, written: Written) -> Iterator[Result]:
        """Done, with how the CRM returned the task: what a human changes is measured against that. Empties the list."""
        these = written.copy()
        written.clear()
        try:
            found = self._tasks.by_id([record_id for _, record_id in these]) if these else {}
        except ConnectorError as error:
            # Written, but as what? The caller looks it up, as after a lost answer.
            unseen = Ambiguous(message=f"written, but not read back: {error}")
            yield from ((change, unseen) for change, _ in these)
            raise
        yield from ((change, Done(task=found.get(record_id))) for change, record_id in these)

    def _already_there(self, creations: Sequence[CreateTask]) -> Iterator[Result]:
        found = self._tasks.by_key([change.key for change in creations]) if creations else {}
        for change in creations:
            if change.key in found:
                yield change, Done(task=found[change.key])
            else:
                yield change, Rejected(code="DUPLICATE_VALUE", message=f"a record that is hidden has {change.key}")

    def _again(self, change: Change, written: Written, attempt: int) -> Iterator[Result]:
        """A record that was locked, sent by itself once it may be free."""
        busy = TransientError("UNABLE_TO_LOCK_ROW", sent=False)
        jitter = random.random()  # noqa: S311 - spreads retries, protects nothing
        wait = wait_seconds(busy, attempt, write=True, jitter=jitter)
        if wait is None:
            message = f"{self._client.name}: somebody else keeps a record locked; the next cycle tries again"
            yield change, Rejected(code="UNABLE_TO_LOCK_ROW", message=message, passing=True)
            return
        self._pause(wait)
        yield from self._batch([change], written, attempt=attempt + 1)


def batches(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """The changes by kind of request (new tasks, other changes of tasks, account fields), in order of their accounts
    so that one account's records stand in one request, where they cannot lock each other out.
    """
    kinds: tuple[list[Change], list[Change], list[Change]] = ([], [], [])
    for change in sorted(changes, key=lambda change: change.account_id):
        kinds[0 if isinstance(change, CreateTask) else 2 if isinstance(change, SetFields) else 1].append(change)
    for kind in kinds:
        for start in range(0, len(kind), BATCH):
            yield kind[start : start + BATCH]


def _sort(batch: Sequence[Change], replies: Sequence[Mapping[str, object]]) -> _Sorted:
    answers = _Sorted()
    for change, reply in zip(batch, replies, strict=True):
        code, message = first_error(reply.get("errors"))
        if reply.get("success") is True and isinstance(change, SetFields):
            answers.fields.append((change, Done()))
        elif reply.get("success") is True:
            answers.written.append((change, str(reply.get("id"))))
        elif code == "UNABLE_TO_LOCK_ROW":
            answers.locked.append(change)
        elif code == "DUPLICATE_VALUE" and isinstance(change, CreateTask):
            answers.known.append(change)
        else:
            unassignable = (code == OWNER or message.startswith(NO_QUEUE_OF_TASKS)) and _assigns(change)
            answers.refused.append((change, Rejected(code=code, message=message, unassignable=unassignable)))
    return answers


def _assigns(change: Change) -> bool:
    """Whether the change gives a task to somebody; an account whose owner left is nobody's assignment."""
    return isinstance(change, CreateTask) or (isinstance(change, UpdateTask) and "assignee_id" in change.changed)
