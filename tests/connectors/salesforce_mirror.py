"""A real store beside the sandbox's Salesforce, and a sandbox whose replies and timing a test can spoil."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from starlette.types import Message, Receive, Scope, Send

from connectors.protocol import Connector
from connectors.salesforce.connector import SalesforceConnector
from connectors.sandbox.server import Sandbox
from sync.pull import Progress, Pulled, pull
from sync.store import cycles
from sync.store.engine import open_engine
from sync.verify import Compared, verify
from tests.connectors.salesforce_org import Org

NAME = "acme"
SMALLEST_PAGE = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Wire:
    """One reply on its way out, as a test may change it."""

    path: str
    query: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def saying(self, body: bytes, status: int = 0, **headers: str) -> Wire:
        """The same reply with another body."""
        told = {**self.headers, "content-length": str(len(body)), **headers}
        return Wire(path=self.path, query=self.query, status=status or self.status, headers=told, body=body)


Change = Callable[[Wire], Wire]


class SpoiltSandbox(Sandbox):
    """Calls `before` with every request to the API, keeps the requests' headers, and sends what `change` makes of a
    reply. Neither is a fault that the sandbox itself knows.
    """

    def __init__(self, **options: Any) -> None:
        self.before: Callable[[], None] = lambda: None
        self.change: Change | None = None
        self.heard: list[dict[str, str]] = []
        super().__init__(**options)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/services/"):
            await super().app(scope, receive, send)
            return
        self.before()
        self.heard.append({name.decode(): value.decode() for name, value in scope["headers"]})
        if self.change is None:
            await super().app(scope, receive, send)
            return
        received: list[Message] = []
        # Bodies as they are, so that they can be changed.
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]

        async def keep(message: Message) -> None:
            received.append(message)

        await super().app({**scope, "headers": plain}, receive, keep)
        wire = self.change(_wire(scope, received))
        headers = [(name.encode(), value.encode()) for name, value in wire.headers.items()]
        await send({"type": "http.response.start", "status": wire.status, "headers": headers})
        await send({"type": "http.response.body", "body": wire.body})


def _wire(scope: Scope, received: list[Message]) -> Wire:
    return Wire(
        path=scope["path"],
        query=scope["query_string"].decode(),
        status=received[0]["status"],
        headers={name.decode(): value.decode() for name, value in received[0]["headers"]},
        body=b"".join(message.get("body", b"") for message in received[1:]),
    )


@dataclass(kw_only=True)
class Mirror:
    """An org and the store that the worker's own pull keeps of it, for rules that need the kinds of `needs`."""

    org: Org
    folder: Path
    needs: frozenset[str] = frozenset()
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = open_engine(f"sqlite:///{self.folder / 'mirror.db'}")

    @property
    def now(self) -> datetime:
        return self.org.sandbox.clock.now()

    def connector(self, *, small_pages: bool = False, **settings: Any) -> Connector:
        made = SalesforceConnector(NAME, self.org.settings(**settings), self.needs, pause=lambda _: None)
        if small_pages:
            made._client.transport.headers["Sforce-Query-Options"] = f"batchSize={SMALLEST_PAGE}"
        return made

    def pull(
        self, *, progress: Progress | None = None, small_pages: bool = False, **settings: Any
    ) -> dict[str, Pulled]:
        """One cycle's pull of every stream by a new connector."""
        connector = self.connector(small_pages=small_pages, **settings)
        try:
            cycle = cycles.begin(self.engine, NAME, self.now)
            return pull(self.engine, connector, cycle=cycle, now=self.now, progress=progress)
        finally:
            connector.close()

    def whole(self, **options: Any) -> dict[str, Pulled]:
        """The same, which has to arrive whole."""
        pulled = self.pull(**options)
        assert {name: one.error for name, one in pulled.items() if one.error or not one.complete} == {}
        return pulled

    def verify(self, *, repair: bool = False) -> dict[str, Compared]:
        connector = self.connector()
        try:
            return verify(self.engine, connector, repair=repair, now=self.now)
        finally:
            connector.close()

    def rows(self, table: str) -> dict[str, dict[str, Any]]:
        """The living rows of a table, by id."""
        with self.engine.connect() as db:
            found = db.execute(text(f"SELECT * FROM {table} WHERE NOT deleted")).mappings()
            return {row["id"]: dict(row) for row in found}

    def links(self) -> set[tuple[str, str, str, str]]:
        """(activity, side, kind, target) of every link of a living activity to somebody or something."""
        with self.engine.connect() as db:
            found = db.execute(
                text(
                    "SELECT activity_id, side, links.kind, target FROM links JOIN activities ON activities.id = activity_id"
                    " WHERE NOT activities.deleted AND links.kind IN ('user', 'contact', 'account', 'address')"
                )
            )
            return {tuple(row) for row in found}

    def set_aside(self) -> list[str]:
        """What was told of records or fields that could not be taken, of every stream."""
        with self.engine.connect() as db:
            told = db.execute(text("SELECT set_aside FROM cursors")).scalars().all()
        return [str(each) for each in told if each not in ("{}", None)]

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def mirrored(folder: Path, *, needs: frozenset[str] = frozenset(), **options: Any) -> Iterator[Mirror]:
    """A running org, nothing pulled yet."""
    org = Org(SpoiltSandbox(**{"accounts": 8, "touches_per_account": 10, "rate_limits": False, **options}))
    org.http.headers["Connection"] = "close"  # what is kept open is half closed after a pause
    mirror = Mirror(org=org, folder=folder, needs=needs)
    try:
        yield mirror
    finally:
        mirror.close()
        org.close()
