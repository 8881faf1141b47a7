"""The sandbox's HTTP connections, which can be hung up on in the middle of a request."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

Ends = tuple[tuple[str, int] | None, tuple[str, int | None] | None]


class CuttableProtocol(H11Protocol):
    """Uvicorn's own, which also remembers its open connections by their two ends."""

    open_connections: ClassVar[dict[Ends, asyncio.Transport]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn declares it
        super().connection_made(transport)
        self.open_connections[self.client, self.server] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.open_connections.pop((self.client, self.server), None)
        super().connection_lost(exc)


async def hang_up(scope: Scope) -> None:
    """Close the request's connection: the client has what was sent so far, and no more."""
    client, server = scope.get("client"), scope.get("server")
    ends = (tuple(client) if client else None, tuple(server) if server else None)
    transport = CuttableProtocol.open_connections.get(ends)
    if transport is not None:  # else the client has gone already
        transport.close()
    # Two turns of the loop, after which uvicorn knows that nobody listens any more.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
