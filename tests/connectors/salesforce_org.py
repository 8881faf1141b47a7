"""The sandbox's Salesforce as a connector's test sees it, and short ways to pull from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import requests

from connectors.protocol import Connector, Cursor, Page
from connectors.salesforce.connector import connect
from connectors.salesforce.settings import SalesforceSettings
from connectors.sandbox.server import Sandbox


class Remembered:
    """What the store knows of the pages it was given: their links. No stream of Salesforce is read by id."""

    cycle = 1

    def __init__(self, pages: Sequence[Page] = ()) -> None:
        self.links: set[tuple[str, str, str, str]] = set()
        self.keep(pages)

    def keep(self, pages: Sequence[Page]) -> None:
        for told in (told for page in pages for told in page.links):
            self.links -= {_named(row) for row in told.removed}
            self.links |= {_named(row) for row in told.rows}

    def linked(self, kind: str, targets: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        wanted = {*targets}
        return ((one, side, target) for one, side, what, target in self.links if what == kind and target in wanted)

    def credited(self, source: str, activity_ids: Sequence[str]) -> dict[str, str]:
        return {}  # who did what is for tests with a store

    def activities(self, id_prefix: str, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        raise AssertionError

    def deals(self, *, changed_since: int) -> Iterator[str]:
        raise AssertionError

    def live(self, table: str, id_prefix: str = "") -> Iterator[str]:
        return iter(())  # as far as anybody asks: nothing was read before

    def open_tasks(self) -> Sequence[str]:
        raise AssertionError


UNREAD = Remembered()


def _named(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return row["activity_id"], row["side"], row["kind"], row["target"]


class Org:
    """The sandbox as a test sees it: by its controls."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.url = sandbox.start_in_thread()
        self.http = requests.Session()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        reply = self.http.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=10)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def records(self, object_name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", f"records/salesforce/{object_name}?limit=100000")["records"]
        return found

    def faults(self, *rules: dict[str, Any]) -> None:
        self.control("POST", "faults", {"rules": [{"crm": "salesforce", **rule} for rule in rules]})

    def served(self, operation: str) -> int:
        return sum(entry["operation"] == operation for entry in self.control("GET", "journal")["requests"])

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance_seconds": seconds})

    def settings(self, **changes: Any) -> SalesforceSettings:
        logins = self.sandbox.salesforce.logins
        given = {
            "base_url": self.url,
            "consumer_key": logins.consumer_key,
            "username": logins.username,
            "private_key": logins.private_key_pem.decode(),
            # The clock of these tests jumps: that the first pull of a day reads more is for tests of its own.
            "sweep_days": 0,
        }
        return SalesforceSettings(**{**given, **changes})

    def set_up(self, **wanted: Any) -> Any:
        return self.control("POST", "setup/salesforce", wanted)

    def connect(self, **changes: Any) -> Connector:
        return connect("acme", self.settings(**changes), pause=lambda _: None)

    def close(self) -> None:
        self.http.close()
        self.sandbox.stop()


def pulled(connector: Connector, stream: str, cursor: Cursor | None = None, known: Remembered = UNREAD) -> list[Page]:
    pages = list(connector.pull(stream, cursor, known))
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    return pages


def load(connector: Connector, known: Remembered | None = None) -> dict[str, list[Page]]:
    """A whole first load, each stream's pages known to the next."""
    known = known or Remembered()
    loaded = {}
    for stream in connector.streams():
        loaded[stream.name] = pulled(connector, stream.name, known=known)
        known.keep(loaded[stream.name])
    return loaded


def rows(pages: list[Page], table: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for page in pages for row in page.rows.get(table, ())}
