"""Salesforce as the worker sees it: the Connector of connectors/protocol.py, put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial

from connectors.protocol import Capabilities, Change, Connector, Cursor, Known, Outcome, Page, Step, Stream, TaskState
from connectors.salesforce.bulk import BulkLoads
from connectors.salesforce.client import Client
from connectors.salesforce.commits import Commits
from connectors.salesforce.merges import children
from connectors.salesforce.provision import provision
from connectors.salesforce.reading import pull
from connectors.salesforce.schema import Schema
from connectors.salesforce.settings import WRITTEN_FIELDS, SalesforceSettings
from connectors.salesforce.sources import sources
from connectors.salesforce.tasks import OurTasks
from connectors.salesforce.writing import Writing


def connect(name: str, settings: SalesforceSettings, *, pause: Callable[[float], None] = time.sleep) -> Connector:
    """The connection `name`; nothing is sent before it is used. `pause` waits out retries."""
    return SalesforceConnector(name, settings, pause=pause)


class SalesforceConnector:
    """One org. Describes and the org's words are read once in the object's life: make a new one for each cycle."""

    kind = "salesforce"

    def __init__(self, name: str, settings: SalesforceSettings, *, pause: Callable[[float], None]) -> None:
        self.name = name
        self._names = settings.fields
        self._client = Client(name, settings, pause=pause)
        self._schema = Schema(self._client)
        self._commits = Commits(self._client)
        self._bulk = BulkLoads(self._client, self._schema, above_rows=settings.bulk_above_rows)
        self._sources = {source.stream: source for source in sources(self._client, settings)}
        self._tasks = OurTasks(self._client, settings.fields.key)
        self._writing = Writing(self._client, settings.fields, self._tasks, pause=pause)

    @property
    def api_calls(self) -> int:
        return self._client.calls

    @property
    def api_left(self) -> int | None:
        return self._client.calls_left

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
        return [Stream(name=source.stream, feeds=source.feeds) for source in self._sources.values()]

    def pull(self, stream: str, cursor: Cursor | None, known: Known) -> Iterator[Page]:
        source = self._sources[stream]
        return pull(
            self._client,
            self._schema,
            source,
            cursor,
            covered=self._commits.covered,
            bulk=self._bulk,
            moved=partial(children, self._client, self._schema, self._sources, source),
        )

    def apply(self, changes: Sequence[Change]) -> Iterator[tuple[Change, Outcome]]:
        return self._writing.apply(changes)

    def find_tasks(self, keys: Sequence[str]) -> Mapping[str, TaskState]:
        return self._tasks.by_key(keys)

    def provision(self, *, dry_run: bool) -> Iterator[Step]:
        yield from provision(self._client, self._names, dry_run=dry_run)
        self._schema = Schema(self._client)  # what the org has is asked anew afterwards

    def close(self) -> None:
        self._client.close()
