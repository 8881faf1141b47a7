"""A HubSpot portal served on an ephemeral port of 127.0.0.1, a bare client for it, and a small company to fill it with."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import orjson
import urllib3
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.sandbox.company import Company, SeedAccount, SeedContact, SeedDeal, SeedTicket, SeedTouch, SeedUser
from connectors.sandbox.crm import Clock, Exchange
from connectors.sandbox.hubspot_portal import HubspotPortal

START = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)


class Journal:
    """Gives every request its Exchange, with the faults that are set, and keeps them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.exchanges: list[Exchange] = []
        self.faults: dict[str, Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            exchange = Exchange(
                crm="hubspot",
                method=scope["method"],
                path=scope["path"],
                query=scope["query_string"].decode(),
                faults=dict(self.faults),
            )
            scope.setdefault("state", {})["exchange"] = exchange
            self.exchanges.append(exchange)
        await self.app(scope, receive, send)


@dataclass(kw_only=True)
class Spoken:
    """One request and its answer, as they went over the wire."""

    method: str
    url: str
    sent_headers: dict[str, str]
    sent: bytes = b""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Recorder:
    """Keeps every request and answer that goes through it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.spoken: list[Spoken] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope["query_string"].decode()
        one = Spoken(
            method=scope["method"],
            url=scope["path"] + (f"?{query}" if query else ""),
            sent_headers=_text(scope["headers"]),
        )
        self.spoken.append(one)

        async def hear() -> Message:
            message = await receive()
            one.sent += message.get("body", b"")
            return message

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                one.status, one.headers = message["status"], _text(message["headers"])
            one.body += message.get("body", b"")
            await send(message)

        await self.app(scope, hear, tell)


def _text(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode().lower(): value.decode() for name, value in headers}


class Served:
    """The portal, its journal, and calls to it."""

    def __init__(self, portal: HubspotPortal, journal: Journal, recorder: Recorder, url: str) -> None:
        self.portal = portal
        self.journal = journal
        self.recorder = recorder
        self.url = url
        self.token = portal.access_token
        self.pool = urllib3.PoolManager()

    def raw(self, method: str, path: str, body: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} | headers
        data = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
        return self.pool.request(method, self.url + path, body=data, headers=sent, retries=False)

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        response = self.raw(method, path, body)
        return response.status, orjson.loads(response.data) if response.data else None

    def get(self, path: str) -> Any:
        return self.call("GET", path)[1]

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        return self.call("POST", path, body)


class Switch:
    """Passes requests on to whichever application is set: one listening server does for all tests of a run."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@cache
def _listening() -> tuple[Switch, str]:
    switch = Switch()
    config = uvicorn.Config(
        switch, host="127.0.0.1", port=0, log_config=None, log_level="warning", lifespan="off", access_log=False
    )
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.002)
    port = server.servers[0].sockets[0].getsockname()[1]
    return switch, f"http://127.0.0.1:{port}"


@contextmanager
def served(portal: HubspotPortal) -> Iterator[Served]:
    """The portal, reachable over HTTP."""
    journal = Journal(Starlette(routes=list(portal.routes())))
    recorder = Recorder(journal)
    switch, url = _listening()
    switch.app = recorder
    client = Served(portal, journal, recorder, url)
    yield client
    client.pool.clear()


def portal(**knobs: Any) -> HubspotPortal:
    """Without rate limits, unless asked for."""
    return HubspotPortal(Clock(START), **({"rate_limits": False} | knobs))


def small_company() -> Company:
    """Two accounts, three users of which one has gone, and touches of every kind."""
    at = datetime(2026, 9, 1, 10, 0, tzinfo=UTC)

    def touch(number: int, kind: str, **more: Any) -> SeedTouch:
        given: dict[str, Any] = {"users": ("jana",), "contacts": ("maria",), "account": "acme", "subject": f"{kind}!"}
        return SeedTouch(id=f"t{number}", at=at + timedelta(days=number), kind=kind, **(given | more))

    return Company(
        users=[
            SeedUser(id="jana", name="Jana Roth", email="jana@seller.example"),
            SeedUser(id="tom", name="Tom Beck", email="tom@seller.example"),
            SeedUser(id="gone", name="Gil Gone", email="gil@seller.example", active=False),
        ],
        accounts=[
            SeedAccount(
                id="acme",
                name="Acme",
                domain="acme.example",
                owner="jana",
                type="Customer - Direct",
                customer_since=date(2020, 3, 1),
                parent="group",
            ),
            SeedAccount(id="group", name="Acme Group", owner="tom", type="Prospect"),
        ],
        contacts=[
            SeedContact(
                id="maria",
                account="acme",
                name="Maria de la Lopez",
                email="Maria@acme.example",
                title="CEO",
                role="decision-maker;executive-sponsor",
            ),
            SeedContact(id="left", account="acme", name="Lee Left", email="lee@acme.example", active=False),
        ],
        touches=[
            touch(1, "email", direction="outbound"),
            touch(2, "email", direction="inbound"),
            touch(3, "call", direction="outbound", outcome="no-answer"),
            touch(4, "call", direction="inbound", outcome="connected", minutes=7),
            touch(5, "meeting", users=("jana", "tom"), outcome="completed", minutes=45),
            touch(6, "meeting", outcome="no-show"),
            touch(7, "note"),
        ],
        deals=[
            SeedDeal(
                id="d1", account="acme", name="Won", amount=1200.5, currency="EUR", closed_on=date(2024, 5, 1), won=True
            ),
            SeedDeal(id="d2", account="acme", name="Lost", closed_on=date(2024, 6, 1)),
            SeedDeal(id="d3", account="acme", name="Open", amount=10),
        ],
        tickets=[SeedTicket(id="k1", account="acme", contact="maria", opened_at=at, priority="high")],
    )
