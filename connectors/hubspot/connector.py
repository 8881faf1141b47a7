"""A HubSpot portal as a Connector."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.hubspot.activity import READINGS
from connectors.hubspot.client import Client
from connectors.hubspot.links import activity_links, deal_companies
from connectors.hubspot.mapping import shapes
from connectors.hubspot.portal_fields import PortalFields, portal_fields
from connectors.hubspot.reading import objects, owners
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.tasks import Tasks
from connectors.hubspot.writing import Writer
from connectors.protocol import Capabilities, Change, Connector, Cursor, Known, Outcome, Page, Stream, TaskState

# Stream of links -> the activities that they belong to.
LINK_STREAMS = {f"{kind.removesuffix('s')}_links": kind for kind in READINGS}


def connect(
    name: str,
    settings: HubspotSettings,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Connector:
    """Return the connection `name`; nothing is sent before its first method is called."""
    return HubspotConnector(name, settings, clock=clock, sleep=sleep)


class HubspotConnector:
    """One portal. What is not in a cursor is what the portal said once: the pace it grants, its properties."""

    kind = "hubspot"

    def __init__(
        self,
        name: str,
        settings: HubspotSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self._settings = settings
        self._client = Client(name, settings, clock=clock, sleep=sleep)
        self._shapes = shapes(settings)
        self._fields: PortalFields | None = None
        self._tasks = Tasks(self._client, settings, self._key_exists)
        self._writer = Writer(
            self._client, settings, self._tasks, key_exists=self._key_exists, capabilities=self.capabilities
        )

    @property
    def api_calls(self) -> int:
        return self._client.calls

    @property
    def api_left(self) -> int | None:
        return self._client.left

    def capabilities(self) -> Capabilities:
        return self._portal_fields().capabilities

    def server_now(self) -> datetime:
        return self._client.server_now()

    def streams(self) -> Sequence[Stream]:
        """Links after what they link, since their pull asks the store what changed."""
        names = {"owners": "users", "companies": "accounts", "contacts": "contacts", "deals": "deals"}
        names |= {"deal_companies": "deals"}
        names |= dict.fromkeys((*READINGS, *LINK_STREAMS), "activity")
        names |= {"tasks": "tasks"}
        return [Stream(name=name, feeds=frozenset({feeds})) for name, feeds in names.items()]

    def pull(self, stream: str, cursor: Cursor | None, known: Known) -> Iterator[Page]:
        if stream in self._shapes:
            lag = self._settings.index_lag_seconds
            return objects(self._client, self._shapes[stream], cursor, index_lag_seconds=lag)
        if stream in LINK_STREAMS:
            return activity_links(self._client, LINK_STREAMS[stream], cursor, known)
        match stream:
            case "owners":
                return owners(self._client)
            case "deal_companies":
                return deal_companies(self._client, cursor, known)
            case "tasks":
                return self._tasks.pull(cursor, known)
            case _:
                raise ValueError(f"HubSpot has no stream {stream!r}")

    def apply(self, changes: Sequence[Change]) -> Iterator[tuple[Change, Outcome]]:
        return self._writer.apply(changes)

    def find_tasks(self, keys: Sequence[str]) -> Mapping[str, TaskState]:
        return self._tasks.find(keys, unique=self.capabilities().task_key_unique)

    def close(self) -> None:
        self._client.close()

    def _portal_fields(self) -> PortalFields:
        # Asked again while the key is missing: an admin may be making it right now.
        if self._fields is None or not self._fields.key_exists:
            self._fields = portal_fields(self._client, self._settings)
        return self._fields

    def _key_exists(self) -> bool:
        return self._portal_fields().key_exists
