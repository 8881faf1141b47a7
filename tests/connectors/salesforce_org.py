"""The sandbox's Salesforce as a connector's test sees it, and short ways to pull from it."""

from __future__ import annotations

from typing import Any

import requests

from connectors.protocol import Connector, Cursor, Page
from connectors.salesforce.connector import connect
from connectors.salesforce.settings import SalesforceSettings
from connectors.sandbox.server import Sandbox

UNREAD: Any = None  # what the store knows: no stream of Salesforce is read by id


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
        }
        return SalesforceSettings(**{**given, **changes})

    def set_up(self, **wanted: Any) -> Any:
        return self.control("POST", "setup/salesforce", wanted)

    def connect(self, **changes: Any) -> Connector:
        return connect("acme", self.settings(**changes), pause=lambda _: None)

    def close(self) -> None:
        self.http.close()
        self.sandbox.stop()


def pulled(connector: Connector, stream: str, cursor: Cursor | None = None) -> list[Page]:
    pages = list(connector.pull(stream, cursor, UNREAD))
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    return pages


def load(connector: Connector) -> dict[str, list[Page]]:
    return {stream.name: pulled(connector, stream.name) for stream in connector.streams()}


def rows(pages: list[Page], table: str) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for page in pages for row in page.rows.get(table, ())}
