"""Who may look at what `serve` shows: here everybody, from elsewhere who has the token or comes by a proxy.

The probes `/healthz` and `/readyz` are open to all: orchestrators ask them without a login.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass

from pydantic import SecretStr
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.config import ServeSection, is_loopback
from sync.errors import UsageError

OPEN = frozenset({"/healthz", "/readyz"})
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """What a request must bring. With neither, it must ask for a loopback name.

    That is what keeps a web site away whose name leads to this machine (DNS rebinding): a browser would send it here
    with the site's own name, but never with our token.
    """

    token: SecretStr | None = None
    trusted_proxy_header: str = ""

    @classmethod
    def of(cls, serve: ServeSection, host: str) -> Access:
        """What `[serve]` asks for. Raises ConfigError where others reach the address and it asks for nothing."""
        loopback = is_loopback(f"http://[{host}]" if ":" in host else f"http://{host}")
        if not (loopback or serve.token or serve.trusted_proxy_header):
            remedy = "set serve.token_file, or serve.trusted_proxy_header behind a proxy that logs people in"
            raise UsageError([f"--host: {host} is not loopback, and without a login anybody could look; {remedy}"])
        # On loopback every program can set a header: a proxy there is to ask for 127.0.0.1, as most do.
        return cls(token=serve.token, trusted_proxy_header="" if loopback else serve.trusted_proxy_header)

    def refusal(self, headers: Headers) -> PlainTextResponse | None:
        """The answer to a request that brings less, None where it may pass."""
        if self.trusted_proxy_header and headers.get(self.trusted_proxy_header):
            return None
        if self.token:
            if hmac.compare_digest(_token_in(headers).encode(), self.token.get_secret_value().encode()):
                return None
            asked = {"WWW-Authenticate": 'Basic realm="holdfast", charset="UTF-8"'}
            return PlainTextResponse("log in: the token of serve.token is the password", 401, asked)
        if self.trusted_proxy_header:
            return PlainTextResponse(f"only through the proxy that sets {self.trusted_proxy_header}", 403)
        if not is_loopback(f"http://{headers.get('host', '')}"):
            return PlainTextResponse("ask for 127.0.0.1 or localhost", 421)
        return None


def guarded(app: ASGIApp, access: Access) -> ASGIApp:
    """Return the app, to be reached only with what `access` asks for, and with headers that keep browsers strict."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return

        async def strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = None if scope["path"] in OPEN else access.refusal(Headers(scope=scope))
        await (refused or app)(scope, receive, strict)

    return guard


def _token_in(headers: Headers) -> str:
    """What a request brings: a Bearer token, or the password of a basic login, whatever its user; else nothing."""
    kind, _, told = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return told.strip()
    if kind.lower() == "basic":
        try:
            return base64.b64decode(told).decode().partition(":")[2]
        except ValueError:
            return ""
    return ""
