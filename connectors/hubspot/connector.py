"""A HubSpot portal as a Connector."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.diagnosis import Line
from connectors.errors import ConnectorError, RejectedError
from connectors.hubspot.activity import READINGS
from connectors.hubspot.client import Client
from connectors.hubspot.contacts import read_page, without_roles
from connectors.hubspot.diagnosis import diagnose
from connectors.hubspot.link_streams import activity_links, contact_companies, deal_companies
from connectors.hubspot.loading import everything, grouped, is_load, resumed
from connectors.hubspot.mapping import Shape, in_home_currency, shapes
from connectors.hubspot.merges import moved
from connectors.hubspot.portal_fields import PortalFields, portal_fields
from connectors.hubspot.provision import provision
from connectors.hubspot.reading import changes, owners
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.tasks import Tasks
from connectors.hubspot.tickets import begun, unless_hidden
from connectors.hubspot.vanished import vanished
from connectors.hubspot.writing import Writer
from connectors.protocol import (
    ON_DEMAND,
    Capabilities,
    Change,
    Connector,
    Cursor,
    Known,
    Outcome,
    Page,
    Step,
    Stream,
    TaskState,
)

# Stream of links -> the activities that they belong to.
LINK_STREAMS = {f"{kind.removesuffix('s')}_links": kind for kind in READINGS}


def connect(
    name: str,
    settings: HubspotSettings,
    needs: frozenset[str] = frozenset(),
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    before_request: Callable[[], None] = lambda: None,
) -> Connector:
    """Return the connection `name`; nothing is sent before its first method is called."""
    return HubspotConnector(name, settings, needs, clock=clock, sleep=sleep, before_request=before_request)


class HubspotConnector:
    """One portal. What is not in a cursor is what the portal said once: the pace it grants, its properties."""

    kind = "hubspot"

    def __init__(
        self,
        name: str,
        settings: HubspotSettings,
        needs: frozenset[str] = frozenset(),
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        before_request: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self._settings, self._needs = settings, needs
        self._client = Client(name, settings, clock=clock, sleep=sleep, before_request=before_request)
        self._shapes = shapes(settings, needs)
        self._fields: PortalFields | None = None
        self._currency: str | None = None
        self._tasks = Tasks(self._client, settings, self._key_exists)
        self._writer = Writer(
            self._client, settings, self._tasks, key_exists=self._key_exists, capabilities=self.capabilities
        )

    @property
    def api_calls(self) -> int:
        return self._client.calls

    @property
    def api_retried(self) -> Mapping[str, int]:
        return self._client.retried

    @property
    def api_left(self) -> int | None:
        return self._client.left

    def forecast(self, *, spent: int, expected: int | None) -> str:
        """`about 140 calls, 61,000 left today`: what is left is the portal's for all apps, `spent` is out of it."""
        try:
            self._client.account()
        except ConnectorError:
            return ""
        about = "" if expected is None else f"about {expected:,} calls"
        return ", ".join(filter(None, (about, "" if self.api_left is None else f"{self.api_left:,} left today")))

    def capabilities(self) -> Capabilities:
        return self._portal_fields().capabilities

    def server_now(self) -> datetime:
        return self._client.server_now()

    def streams(self) -> Sequence[Stream]:
        """Links after what they link, since their pull asks the store what changed."""
        names = {"owners": "users", "companies": "accounts", "contacts": "contacts", "deals": "deals"}
        names |= {"contact_companies": "contacts", "deal_companies": "deals"}
        names |= {kind: kind for kind in ON_DEMAND & self._shapes.keys()}
        names |= dict.fromkeys((*READINGS, *LINK_STREAMS), "activity")
        names |= {"tasks": "tasks"}
        return [Stream(name=name, feeds=frozenset({feeds})) for name, feeds in names.items()]

    def pull(self, stream: str, cursor: Cursor | None, known: Known) -> Iterator[Page]:
        if stream in self._shapes:
            pages = self._objects(self._shapes[stream], begun(cursor), known)
            return unless_hidden(pages, cursor, known) if stream in ON_DEMAND else map(without_roles, pages)
        if stream in LINK_STREAMS:
            return activity_links(self._client, LINK_STREAMS[stream], cursor, known)
        match stream:
            case "owners":
                return owners(self._client)
            case "contact_companies":
                roles = self._settings.roles
                return contact_companies(self._client, self._shapes["contacts"], roles, cursor, known)
            case "deal_companies":
                return deal_companies(self._client, cursor, known)
            case "tasks":
                return self._tasks.pull(cursor, known)
            case _:
                raise ValueError(f"HubSpot has no stream {stream!r}")

    def _objects(self, shape: Shape, cursor: Cursor | None, known: Known) -> Iterator[Page]:
        cursor = resumed(cursor, shape)
        if shape.kind == "deals":
            shape = in_home_currency(shape, self._settings, self._home_currency())
        if cursor is None or is_load(cursor):
            for records, reached, last in grouped(everything(self._client, shape, cursor)):
                yield read_page(self._client, shape, records, reached, last=last)
            return
        found = changes(self._client, shape, cursor, index_lag_seconds=self._settings.index_lag_seconds)
        for records, reached in found:
            if records:
                yield from moved(self._client, self._shapes, shape, records, cursor=cursor, known=known)
                yield read_page(self._client, shape, records, reached)
            cursor = reached
        yield from vanished(self._client, shape, cursor, known)

    def apply(self, changes: Sequence[Change]) -> Iterator[tuple[Change, Outcome]]:
        return self._writer.apply(changes)

    def find_tasks(self, keys: Sequence[str]) -> Mapping[str, TaskState]:
        return self._tasks.find(keys, unique=self.capabilities().task_key_unique)

    def provision(self, *, dry_run: bool) -> Iterator[Step]:
        self._fields = None  # what the portal has is asked anew afterwards
        return provision(self._client, self._settings, dry_run=dry_run)

    def diagnose(self) -> Iterator[Line]:
        return diagnose(self._client, self._settings, self._needs)

    def close(self) -> None:
        self._client.close()

    def _home_currency(self) -> str:
        """Asked once; empty where the portal does not tell it."""
        if self._currency is None:
            try:
                found = self._client.account()
            except RejectedError:
                found = {}
            self._currency = str(found.get("companyCurrency") or "")
        return self._currency

    def _portal_fields(self) -> PortalFields:
        # Asked again while the key is missing: an admin may be making it right now.
        if self._fields is None or not self._fields.key_exists:
            self._fields = portal_fields(self._client, self._settings)
        return self._fields

    def _key_exists(self) -> bool:
        return self._portal_fields().key_exists
