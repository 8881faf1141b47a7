"""The way of an API request through the sandbox: journal, faults, the CRM's own handlers, the CRM's clock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import format_datetime

from starlette.routing import Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.sandbox.crm import Clock, Crm, Exchange
from connectors.sandbox.faults import Fault, Faults
from connectors.sandbox.journal import Journal
from connectors.sandbox.wire import hang_up

log = logging.getLogger(__name__)
_SALESFORCE = ("/services", "/id/")  # all other paths are HubSpot's
_HTML = (
    b"<html><head><title>Service Unavailable</title></head><body><h1>We are down for maintenance.</h1></body></html>"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes


class Gate:
    """An ASGI application in front of the CRMs."""

    def __init__(self, crms: Mapping[str, Crm], clock: Clock, journal: Journal, faults: Faults) -> None:
        self._crms = crms
        self._apps: Mapping[str, ASGIApp] = {name: Router(crm.routes()) for name, crm in crms.items()}
        self._clock = clock
        self._journal = journal
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = "salesforce" if scope["path"].startswith(_SALESFORCE) else "hubspot"
        exchange = Exchange(
            crm=name,
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
        )
        crm = self._crms[name]
        exchange.operation, exchange.write = crm.classify(exchange.method, exchange.path)
        fault = self._faults.pick(exchange)
        exchange.faults = dict(fault.for_handlers)
        request = await _read(receive)
        answer = await self._answer(fault, exchange, scope, request)
        if answer is None or fault.cut:
            self._journal.write(exchange, 0, len(request), 0)
            await hang_up(scope)
            return
        self._journal.write(exchange, answer.status, len(request), len(answer.body))
        await self._send(answer, fault, scope, send)

    async def _answer(self, fault: Fault, exchange: Exchange, scope: Scope, request: bytes) -> Answer | None:
        """What the client will be told; None where it is cut off before anything happened."""
        if fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        if fault.cut == "before":
            return None
        crm = self._crms[exchange.crm]
        if not fault.replaces:
            return _truncated(await self._handle(exchange, scope, request), fault)
        if fault.applied:
            await self._handle(exchange, scope, request)
        refusal = _refusal(crm, fault.kind, fault.status, fault.retry_after)
        if not (fault.html or fault.empty):
            return refusal
        headers = [each for each in refusal.headers if each[0] != b"content-type"]
        headers.append((b"content-type", b"text/html; charset=utf-8"))
        return replace(refusal, headers=headers, body=b"" if fault.empty else _HTML)

    async def _handle(self, exchange: Exchange, scope: Scope, request: bytes) -> Answer:
        received: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": request, "more_body": False}

        async def keep(message: Message) -> None:
            received.append(message)

        inner = {**scope, "state": {**scope.get("state", {}), "exchange": exchange}}
        try:
            await self._apps[exchange.crm](inner, receive, keep)
        except Exception:  # a mistake of ours is an answer 500, as it would be theirs
            log.exception("request failed: %s %s", exchange.method, exchange.path)
            return _refusal(self._crms[exchange.crm], "server-error", 500)
        status, headers = received[0]["status"], received[0]["headers"]
        if status in {404, 405} and (b"content-type", b"text/plain; charset=utf-8") in headers:
            # The router's own words for a path or a method that no handler has: neither CRM speaks like that.
            return _refusal(self._crms[exchange.crm], "", status)
        body = b"".join(message.get("body", b"") for message in received[1:])
        return Answer(status=status, headers=headers, body=body)

    async def _send(self, answer: Answer, fault: Fault, scope: Scope, send: Send) -> None:
        headers = [each for each in answer.headers if each[0] not in {b"content-length", b"date"}]
        headers.append((b"date", format_datetime(self._clock.now(), usegmt=True).encode()))
        if answer.status != 204:
            length = len(answer.body) * (2 if fault.truncate == "cut" else 1)
            headers.append((b"content-length", str(length).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        unfinished = fault.truncate == "cut"
        await send({"type": "http.response.body", "body": answer.body, "more_body": unfinished})
        if unfinished:
            await hang_up(scope)


def _refusal(crm: Crm, kind: str, status: int, retry_after: float | None = None) -> Answer:
    status, headers, body = crm.error(kind, status, retry_after)
    lowered = [(key.lower().encode(), value.encode()) for key, value in headers.items()]
    return Answer(status=status, headers=lowered, body=body)


async def _read(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _truncated(answer: Answer, fault: Fault) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2]) if fault.truncate else answer
