"""Salesforce as the worker sees it: the Connector of connectors/protocol.py, put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from connectors.diagnosis import Line, trying
from connectors.errors import ConnectorError
from connectors.protocol import Capabilities, Change, Connector, Cursor, Known, Outcome, Page, Step, Stream, TaskState
from connectors.salesforce import holidays, queues
from connectors.salesforce.bulk import ROWS_PER_DOWNLOAD, BulkLoads
from connectors.salesforce.client import Client
from connectors.salesforce.commits import Commits
from connectors.salesforce.diagnosis import diagnose
from connectors.salesforce.merges import Merges
from connectors.salesforce.provision import provision
from connectors.salesforce.reading import Reader
from connectors.salesforce.schema import Schema
from connectors.salesforce.settings import WRITTEN_FIELDS, SalesforceSettings
from connectors.salesforce.sources import sources
from connectors.salesforce.tasks import OurTasks
from connectors.salesforce.writing import Writing

ROWS_PER_QUERY = 2000  # in one page of it


def connect(
    name: str,
    settings: SalesforceSettings,
    needs: frozenset[str] = frozenset(),
    *,
    pause: Callable[[float], None] = time.sleep,
    before_request: Callable[[], None] = lambda: None,
) -> Connector:
    """The connection `name`; nothing is sent before it is used. `pause` waits out retries."""
    return SalesforceConnector(name, settings, needs, pause=pause, before_request=before_request)


class SalesforceConnector:
    """One org. Describes and the org's words are read once in the object's life: make a new one for each cycle."""

    kind = "salesforce"

    def __init__(
        self,
        name: str,
        settings: SalesforceSettings,
        needs: frozenset[str] = frozenset(),
        *,
        pause: Callable[[float], None],
        before_request: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self._settings = settings
        self._names = settings.fields
        self._client = Client(name, settings, pause=pause, before_request=before_request)
        self._schema = Schema(self._client)
        self._bulk = BulkLoads(self._client, self._schema, above_rows=settings.bulk_above_rows)
        self._sources = {source.stream: source for source in sources(settings, needs)}
        self._reader = Reader(
            client=self._client,
            schema=self._schema,
            bulk=self._bulk,
            covered=Commits(self._client).covered,
            moved=Merges(client=self._client, schema=self._schema, sources=self._sources).children,
            sweep_days=settings.sweep_days,
        )
        self._tasks = OurTasks(self._client, self._names.key, self._feedback)
        self._writing = Writing(self._client, settings.fields, self._tasks, pause=pause)

    def _feedback(self) -> str:
        """The field with the readers' answers, empty where nobody has looked yet whether we can read it."""
        known = self._schema.fields("Task") if self._schema.has_read("Task") else None
        return self._names.feedback if self._names.feedback in (known or {}) else ""

    @property
    def api_calls(self) -> int:
        return self._client.calls

    @property
    def api_retried(self) -> Mapping[str, int]:
        return self._client.transport.retried

    @property
    def api_left(self) -> int | None:
        return self._client.budget.left

    def capabilities(self) -> Capabilities:
        key = (self._schema.fields("Task") or {}).get(self._names.key, {})
        account = self._schema.fields("Account") or {}
        names = self._names.on_account()
        return Capabilities(
            task_key_unique=bool(key.get("unique") and key.get("externalId")),
            account_fields=frozenset(
                logical for logical in WRITTEN_FIELDS if account.get(names[logical], {}).get("updateable")
            ),
        )

    def server_now(self) -> datetime:
        return self._client.server_now()

    def streams(self) -> Sequence[Stream]:
        read = [Stream(name=source.stream, feeds=source.feeds) for source in self._sources.values()]
        return [*read, holidays.STREAM]

    def pull(self, stream: str, cursor: Cursor | None, known: Known) -> Iterator[Page]:
        self._client.budget.writing = False
        if stream == holidays.STREAM.name:
            yield from holidays.pull(self._client, cursor, known, wanted=self._settings.holidays)
        else:
            yield from self._reader.pull(self._sources[stream], cursor, known)

    def apply(self, changes: Sequence[Change]) -> Iterator[tuple[Change, Outcome]]:
        self._client.budget.writing = True
        yield from self._writing.apply(changes)

    def find_tasks(self, keys: Sequence[str]) -> Mapping[str, TaskState]:
        self._client.budget.writing = True  # whatever it is asked for, a write waits for it
        return self._tasks.by_key(keys)

    def forecast(self, *, spent: int, expected: int | None) -> str:
        budget = self._client.budget
        budget.spent = spent
        try:
            self._client.server_now(attempts=1)
            return budget.forecast(self._first_load() if expected is None else expected)
        except ConnectorError:
            return ""

    def _first_load(self) -> int:
        """About how many calls: per object describe, query and pages; or describe, job, polls, end and pages."""
        rows = {source.stream: self._bulk.rows(source.object_name) for source in self._sources.values()}
        return sum(
            10 + number // ROWS_PER_DOWNLOAD if self._bulk.is_for(number) else 2 + number // ROWS_PER_QUERY
            for number in rows.values()
        )

    def provision(self, *, dry_run: bool) -> Iterator[Step]:
        yield from provision(self._client, self._names, dry_run=dry_run)
        self._schema.forget()  # what the org has is asked anew afterwards

    def diagnose(self) -> Iterator[Line]:
        yield from diagnose(self._client, self._sources.values())
        yield from trying(partial(queues.diagnose, self._client, self._settings.task_owner_queue))
        yield from trying(partial(holidays.diagnose, self._client, wanted=self._settings.holidays))

    def close(self) -> None:
        self._client.close()
