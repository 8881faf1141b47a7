"""Changes are sent in batches of 100; every change gets its own outcome.

Inputs carry a trace id, so that one bad row does not take the others with it; where the portal refuses a whole batch
all the same, it is halved until the bad rows are alone. A create whose answer was lost is never sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from connectors.errors import AmbiguousWriteError, AuthError, ConnectorError, RejectedError, TransientError
from connectors.hubspot.client import Client
from connectors.hubspot.payloads import create_input, fields_input, update_input
from connectors.hubspot.refusals import is_conflict, is_missing_scope, is_wordless
from connectors.hubspot.replies import refused_properties, results, row_errors
from connectors.hubspot.resolving import current_ids, retargeted
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.task_keys import key_of
from connectors.hubspot.task_states import task_state
from connectors.hubspot.tasks import Tasks
from connectors.hubspot.values import Json, properties
from connectors.protocol import (
    Ambiguous,
    Capabilities,
    Change,
    CloseTask,
    CreateTask,
    Done,
    Outcome,
    Rejected,
    SetFields,
    Superseded,
    UpdateTask,
)

BATCH_SIZE = 100
OWNER = "hubspot_owner_id"
LOST_ANSWERS = 2  # so many in a row, and the portal is left alone

TaskChange = CreateTask | UpdateTask | CloseTask
Answer = Json | Rejected | Ambiguous
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """Where a batch is sent; `send` is the client's way for what must arrive once, or may arrive twice."""

    path: str
    send: Callable[[str, Json], Json]


class Writer:
    """Sends changes to one portal; it keeps nothing but how many answers in a row were lost."""

    def __init__(
        self,
        client: Client,
        settings: HubspotSettings,
        tasks: Tasks,
        *,
        key_exists: Callable[[], bool],
        capabilities: Callable[[], Capabilities],
    ) -> None:
        paths = client.paths
        self._settings = settings
        self._tasks = tasks
        self._key_exists = key_exists
        self._capabilities = capabilities
        self._lost = 0
        self._create = Endpoint(path=paths.objects("tasks", "batch/create"), send=client.create)
        self._update = Endpoint(path=paths.objects("tasks", "batch/update"), send=client.post)
        self._company = Endpoint(path=paths.objects("companies", "batch/update"), send=client.post)
        self._name = client.name
        self._client = client

    def apply(self, changes: Sequence[Change]) -> Iterator[tuple[Change, Outcome]]:
        self._lost = 0
        for chunk in _chunks([change for change in changes if isinstance(change, CreateTask)]):
            yield from self._created(chunk)
        for edits in _chunks([change for change in changes if isinstance(change, UpdateTask | CloseTask)]):
            yield from self._with_states(
                self._sent(self._update, edits, [update_input(edit, self._key()) for edit in edits])
            )
        for wanted in _chunks([change for change in changes if isinstance(change, SetFields)]):
            yield from self._fields_set(wanted)

    def _fields_set(self, wanted: Sequence[SetFields]) -> Iterator[tuple[Change, Outcome]]:
        current = current_ids(self._client, "companies", (change.account_id for change in wanted))
        chosen: dict[str, SetFields] = {}
        # What was said of the merged company itself goes before what was said of those that went into it.
        for change in sorted(wanted, key=lambda one: current.get(one.account_id) != one.account_id):
            target = current.get(change.account_id)
            if target is None:
                message = f"connection {self._name}: company {change.account_id} is not there any more"
                yield change, Rejected(code="OBJECT_NOT_FOUND", message=message)
            elif target in chosen:
                yield change, Superseded(account_id=target)
            else:
                chosen[target] = change
        names = self._settings.fields.of_companies()
        inputs = [fields_input(replace(one, account_id=target), names) for target, one in chosen.items()]
        for sent, answer in self._sent(self._company, list(chosen.values()), inputs) if chosen else ():
            yield sent, answer if isinstance(answer, Rejected | Ambiguous) else Done()

    def _created(self, chunk: Sequence[CreateTask]) -> Iterator[tuple[Change, Outcome]]:
        doubles: list[tuple[CreateTask, Rejected]] = []
        homeless: list[tuple[CreateTask, Rejected]] = []
        for change, outcome in self._made(chunk):
            if isinstance(outcome, Rejected) and is_conflict(outcome.code, outcome.message):
                doubles.append((change, outcome))
            elif isinstance(outcome, Rejected) and outcome.code.endswith("OBJECT_NOT_FOUND"):
                homeless.append((change, outcome))
            else:
                yield change, outcome
        yield from self._there_already(doubles)
        yield from self._elsewhere(homeless)

    def _key(self) -> str:
        """The property that holds our key, empty where tasks have none."""
        return self._settings.fields.key if self._key_exists() else ""

    def _made(self, chunk: Sequence[CreateTask]) -> Iterator[tuple[CreateTask, Outcome]]:
        key, queue = self._key(), self._settings.task_queue
        sent = self._sent(self._create, chunk, [create_input(change, key, queue) for change in chunk])
        for change, outcome in self._with_states(sent):
            assert isinstance(change, CreateTask)
            yield change, outcome

    def _elsewhere(self, refused: Sequence[tuple[CreateTask, Rejected]]) -> Iterator[tuple[Change, Outcome]]:
        """What a task should hang on was merged meanwhile: it is made once more, on the record of now."""
        moved = retargeted(self._client, [change for change, _ in refused]) if refused else {}
        originals = {change.key: change for change, _ in refused}
        yield from ((change, outcome) for change, outcome in refused if change.key not in moved)
        for change, outcome in self._made(list(moved.values())) if moved else ():
            yield originals[change.key], outcome

    def _there_already(self, refused: Sequence[tuple[CreateTask, Rejected]]) -> Iterator[tuple[Change, Outcome]]:
        """A key that exists is a task that exists: an earlier attempt got through."""
        if refused:
            found = self._tasks.find([change.key for change, _ in refused], unique=self._capabilities().task_key_unique)
            for change, rejected in refused:
                yield change, Done(task=found[change.key]) if change.key in found else rejected

    def _sent(
        self, endpoint: Endpoint, changes: Sequence[Change], inputs: Sequence[Json]
    ) -> Iterator[tuple[Change, Answer]]:
        try:
            reply = endpoint.send(endpoint.path, {"inputs": list(inputs)})
        except RejectedError as error:
            if is_missing_scope(error):
                raise AuthError(str(error)) from error
            if len(changes) == 1:
                refused = _refused(error.code, str(error), error.fields)
                # Nothing is held against a record that the portal itself says nothing about.
                yield changes[0], replace(refused, passing=is_wordless(error))
                return
            half = len(changes) // 2
            yield from self._sent(endpoint, changes[:half], inputs[:half])
            yield from self._sent(endpoint, changes[half:], inputs[half:])
        except (AmbiguousWriteError, TransientError) as error:
            if isinstance(error, TransientError) and not error.sent:
                raise
            yield from ((change, Ambiguous(message=str(error))) for change in changes)
            self._lost += 1
            if self._lost >= LOST_ANSWERS:
                raise TransientError(f"connection {self._name}: HubSpot's answers to writes are being lost") from error
        else:
            self._lost = 0
            answers = answers_by_name(reply, self._settings.fields.key)
            unmentioned = Ambiguous(message=f"connection {self._name}: HubSpot's answer does not mention this change")
            for change, sent in zip(changes, inputs, strict=True):
                names = (sent["objectWriteTraceId"], sent.get("id"))
                yield change, next((answers[name] for name in names if name in answers), unmentioned)

    def _with_states(self, answers: Iterator[tuple[Change, Answer]]) -> Iterator[tuple[Change, Outcome]]:
        """Turn records into states, also those that came before sending had to stop."""
        done: list[tuple[TaskChange, Json]] = []
        try:
            for change, answer in answers:
                if isinstance(answer, Rejected | Ambiguous):
                    yield change, answer
                else:
                    assert not isinstance(change, SetFields)
                    done.append((change, answer))
        except ConnectorError:
            yield from self._states(done)
            raise
        yield from self._states(done)

    def _states(self, done: Sequence[tuple[TaskChange, Json]]) -> Iterator[tuple[Change, Outcome]]:
        try:
            whole = self._read_whole([record for _, record in done])
        except ConnectorError as error:
            # Written, but how it looks is not known: the look-up that follows an ambiguous answer finds out.
            yield from ((change, Ambiguous(message=str(error))) for change, _ in done)
            return
        for change, record in done:
            state = task_state(whole[str(record["id"])], self._settings.fields.key, change.account_id)
            yield change, Done(task=state)

    def _read_whole(self, records: Sequence[Json]) -> Mapping[str, Json]:
        """The records by id; those of which the portal returned only a part are read."""
        whole = {str(record["id"]): record for record in records}
        partial = [task_id for task_id, record in whole.items() if not self._needed() <= properties(record).keys()]
        read = self._tasks.by_id(partial) if partial else {}
        return whole | read

    def _needed(self) -> set[str]:
        return ({self._key()} - {""}) | {
            "hs_task_subject",
            "hs_task_body",
            "hs_task_status",
            "hs_timestamp",
            "hubspot_owner_id",
        }


def answers_by_name(reply: Json, key_property: str) -> dict[str, Answer]:
    """What the reply says of each input, by its trace id, its id and its key: results come in no certain order."""
    answers: dict[str, Answer] = {}
    errors = [one for one in reply.get("errors") or () if isinstance(one, dict)]
    for error, (context, code, message) in zip(errors, row_errors(reply), strict=True):
        refused = _refused(code, message, refused_properties(error))
        for field in ("objectWriteTraceId", "ids", "id"):
            for name in _listed(context.get(field)):
                answers[name] = refused
    for record in results(reply):
        names = (record.get("objectWriteTraceId"), record.get("id"), key_of(record, key_property))
        answers.update({str(name): record for name in names if name and record.get("id")})
    return answers


def _refused(code: str, message: str, fields: Collection[str]) -> Rejected:
    return Rejected(code=code, message=message, unassignable=set(fields) == {OWNER})


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def _chunks(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), BATCH_SIZE):
        yield items[start : start + BATCH_SIZE]
