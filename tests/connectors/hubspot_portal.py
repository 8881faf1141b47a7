"""The sandbox's portal with a connector to it, and a store in memory."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import urllib3
from pydantic import SecretStr

from connectors.hubspot.connector import HubspotConnector
from connectors.hubspot.settings import HubspotSettings
from connectors.protocol import (
    Change,
    CreateTask,
    Cursor,
    Done,
    Outcome,
    Page,
    Row,
    TaskContent,
    TaskState,
)
from connectors.sandbox.server import Sandbox

ACTIVITIES = ("calls", "emails", "meetings", "notes", "communications")
HOUR = 3600


class Store:
    """What the worker's store would know, in memory; it is the connector's `known`."""

    def __init__(self) -> None:
        self.cycle = 1
        self.rows: dict[str, dict[str, Row]] = defaultdict(dict)
        self.changed_in: dict[str, int] = {}
        self.links: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
        self.cursors: dict[str, Cursor] = {}
        self.set_aside: dict[str, int] = {}
        self.merged: dict[str, dict[str, str]] = defaultdict(dict)

    def activities(self, id_prefix: str, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        rows = [self.rows["activities"][row_id] for row_id in self.live("activities", id_prefix)]
        return (row["id"] for row in rows if self.changed_in[row["id"]] >= changed_since or row["at"] > or_after)

    def deals(self, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        return self._fresh("deals", changed_since, or_after)

    def contacts(self, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        return self._fresh("contacts", changed_since, or_after)

    def _fresh(self, table: str, changed_since: int, or_after: datetime) -> Iterator[str]:
        rows = [self.rows[table][row_id] for row_id in self.live(table)]
        return (
            row["id"]
            for row in rows
            if self.changed_in[row["id"]] >= changed_since or (row["created_at"] and row["created_at"] > or_after)
        )

    def companies_of(self, contact_ids: Sequence[str]) -> dict[str, str | None]:
        held = self.rows["contacts"]
        return {one: held[one]["account_id"] for one in contact_ids if one in held}

    def linked(self, kind: str, targets: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        for (activity_id, _), links in list(self.links.items()):
            yield from ((activity_id, side, target) for side, of, target in links if of == kind and target in targets)

    def live(self, table: str, id_prefix: str = "") -> Iterator[str]:
        return (row_id for row_id in sorted(self.rows[table]) if row_id.startswith(id_prefix))

    def open_tasks(self) -> list[str]:
        return [row["id"] for row in self.rows["crm_tasks"].values() if row["status"] == "open"]

    def take(self, stream: str, page: Page) -> None:
        for table, rows in page.rows.items():
            for row in rows:
                if self.rows[table].get(row["id"]) != row:
                    self.changed_in[row["id"]] = self.cycle
                self.rows[table][row["id"]] = row
        for table, lost in page.gone.items():
            for row_id in lost:
                self.rows[table].pop(row_id, None)
        for table, moved in page.merged.items():
            self.merged[table] |= moved
        for links in page.links:
            for activity_id in links.replaced:
                self.links[activity_id, links.source] = []
            for row in links.rows:
                found = (row["side"], row["kind"], row["target"])
                self.links[row["activity_id"], links.source].append(found)
        self.set_aside |= page.set_aside
        self.cursors[stream] = page.cursor


class Portal:
    """The sandbox as a test sees it: by its controls, and as any other client of the API."""

    def __init__(self, **options: Any) -> None:
        self.sandbox = Sandbox(**{"accounts": 12, "touches_per_account": 20, "rate_limits": False, **options})
        self.url = self.sandbox.start_in_thread()
        self.http = urllib3.PoolManager()
        self.connectors: list[HubspotConnector] = []

    def control(self, method: str, path: str, body: Any = None) -> Any:
        reply = self.http.request(method, f"{self.url}/_sandbox/{path}", json=body)
        assert reply.status == 200, reply.data
        return reply.json()

    def api(self, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.sandbox.hubspot.access_token}"}
        reply = self.http.request("POST", self.url + path, json=body, headers=headers)
        assert reply.status < 300, reply.data
        return reply.json() if reply.data else None

    def act(self, do: str, **details: Any) -> Any:
        return self.control("POST", "act", {"crm": "hubspot", "who": "", "do": do, **details})

    def records(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", f"records/hubspot/{kind}?limit=100000")["records"]
        return found

    def faults(self, *rules: dict[str, Any]) -> None:
        self.control("POST", "faults", {"rules": [{"crm": "hubspot", **rule} for rule in rules]})

    def advance(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance_seconds": seconds})

    def served(self) -> list[tuple[str, str]]:
        found = [(entry["operation"], entry["path"]) for entry in self.control("GET", "journal")["requests"]]
        self.http.request("DELETE", f"{self.url}/_sandbox/journal")
        return found

    def connect(
        self, *, patient: bool = False, needs: frozenset[str] = frozenset(), **changes: Any
    ) -> HubspotConnector:
        """`patient` paces by the real clock; else time flies, and every look at the portal's clock is a call."""
        given = {
            "kind": "hubspot",
            "base_url": self.url,
            "access_token": SecretStr(self.sandbox.hubspot.access_token),
            "map": {"customer_since": "customer_since"},
            **changes,
        }
        flying = {"clock": lambda: next(self._ticks), "sleep": lambda _: None}
        settings = HubspotSettings.model_validate(given)
        one = HubspotConnector("acme", settings, needs, **({} if patient else flying))
        self.connectors.append(one)
        return one

    _ticks = itertools.count(0.0, 5.0)

    def close(self) -> None:
        for one in self.connectors:
            one.close()
        self.http.clear()
        self.sandbox.stop()


def pull(connector: HubspotConnector, store: Store) -> dict[str, int]:
    """One whole cycle; the number of records of every stream."""
    records = {}
    for stream in connector.streams():
        pages = list(pull_stream(connector, store, stream.name))
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True], stream.name
        records[stream.name] = sum(page.records for page in pages)
    store.cycle += 1
    return records


def pull_stream(connector: HubspotConnector, store: Store, stream: str) -> Iterator[Page]:
    for page in connector.pull(stream, store.cursors.get(stream), store):
        store.take(stream, page)
        yield page


def content(**changes: Any) -> TaskContent:
    given = {"assignee_id": "", "subject": "Acme hangs on one link", "body": "Why\n\nwhat <next>", "severity": "high"}
    return TaskContent(**{**given, "due_on": date(2026, 11, 20), **changes})


def a_task(store: Store, number: int = 1, **changes: Any) -> CreateTask:
    account = list(store.rows["accounts"].values())[number]
    contact = next(row for row in store.rows["contacts"].values() if row["account_id"] == account["id"])
    owner = next(row["id"] for row in store.rows["users"].values() if row["active"])
    given = {
        "key": f"hf1:{account['id']}:owner:1",
        "account_id": account["id"],
        "contact_id": contact["id"],
        "content": content(assignee_id=owner),
    }
    return CreateTask(**{**given, **changes})


def outcomes(connector: HubspotConnector, *changes: Change) -> list[Outcome]:
    found = dict.fromkeys(range(len(changes)))
    for change, outcome in connector.apply(changes):
        found[next(n for n, one in enumerate(changes) if one is change)] = outcome
    assert None not in found.values()
    return [outcome for outcome in found.values() if outcome is not None]


def done(outcome: Outcome) -> TaskState:
    assert isinstance(outcome, Done), outcome
    assert outcome.task is not None
    return outcome.task
