"""The sandbox's portal with its answers changed on the way: what no portal sends every day, and any may send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.connectors.hubspot_portal import Portal

Change = Callable[[str, Any], Any]  # (path, what the portal answers) -> what is sent instead


class _Distorting:
    """An ASGI application that changes the JSON which another one answers."""

    def __init__(self, portal: ASGIApp, change: Change) -> None:
        self._portal, self._change = portal, change

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told: list[Message] = []

        async def keep(message: Message) -> None:
            told.append(message)

        await self._portal(scope, receive, keep)
        start, body = told[0], b"".join(message.get("body", b"") for message in told[1:])
        if body:
            body = orjson.dumps(self._change(scope["path"], orjson.loads(body)))
        headers = [each for each in start["headers"] if each[0] != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))
        await send(start | {"headers": headers})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def distorted(portal: Portal, change: Change) -> Iterator[None]:
    """While this lasts, every answer of the APIs is changed so."""
    gate = portal.sandbox._gate
    portal.sandbox._gate = _Distorting(gate, change)  # type: ignore[assignment]  # an ASGI application like it
    try:
        yield
    finally:
        portal.sandbox._gate = gate


def every_record(change: Callable[[str, dict[str, Any]], Any]) -> Change:
    """Changes each record in the `results` of lists, searches and batches of objects and owners."""

    def whole(path: str, answer: Any) -> Any:
        if isinstance(answer, dict) and isinstance(answer.get("results"), list) and "/associations/" not in path:
            answer["results"] = [change(path, one) for one in answer["results"]]
        return answer

    return whole
