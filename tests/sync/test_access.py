"""Who may look at what `serve` shows, and what browsers are told about it."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sync.config import ServeSection
from sync.errors import ConfigError
from sync.run.access import Access, guarded

TOKEN = "a-long-token-of-32-characters-or-so"
LOCAL = {"host": "127.0.0.1:8710"}


def ask(
    access: Access, headers: dict[str, str], path: str = "/metrics", method: str = "GET"
) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer of an app behind that access."""
    routes = [Route(where, lambda _: PlainTextResponse("told")) for where in ("/", "/metrics", "/healthz", "/readyz")]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(guarded(Starlette(routes=routes), access)(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.9.10"])
def test_on_this_machine_everybody_may_look_who_asks_by_its_name(host: str) -> None:
    access = Access.of(ServeSection(), host)
    assert ask(access, LOCAL)[0] == 200
    assert ask(access, {"host": "localhost:8710"})[0] == 200
    assert ask(access, {"host": "[::1]:8710"})[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8710", "", "10.0.0.7"]
)
def test_a_web_site_whose_name_leads_here_sees_nothing(host: str) -> None:
    access = Access.of(ServeSection(), "127.0.0.1")
    assert ask(access, {"host": host})[0] == 421
    assert ask(access, {"host": host}, "/")[0] == 421


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "holdfast.example"])
def test_another_address_needs_a_login(host: str) -> None:
    with pytest.raises(ConfigError, match=r"--host: .* is not loopback.*serve\.token_file") as raised:
        Access.of(ServeSection(), host)
    assert "\n" not in str(raised.value)
    Access.of(ServeSection(token=SecretStr(TOKEN)), host)


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        (basic("anybody", TOKEN), 200),
        (basic("", TOKEN), 200),
        (basic(TOKEN, ""), 401),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        ("Bearer", 401),
        ("Basic ****", 401),
        ("Basic \u00fc", 401),
        (TOKEN, 401),
        ("", 401),
    ],
)
@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_with_a_token_only_who_has_it_may_look(authorization: str, status: int, host: str) -> None:
    access = Access.of(ServeSection(token=SecretStr(TOKEN)), host)
    got, headers = ask(access, {"host": "holdfast.example", "authorization": authorization})
    assert got == status
    assert ("www-authenticate" in headers) == (status == 401)


def test_behind_a_proxy_only_whom_it_names_may_look() -> None:
    access = Access.of(ServeSection(trusted_proxy_header="X-Forwarded-User"), "0.0.0.0")
    assert ask(access, {"host": "holdfast.example"})[0] == 403
    assert ask(access, {"host": "holdfast.example", "x-forwarded-user": ""})[0] == 403
    assert ask(access, {"host": "holdfast.example", "x-forwarded-user": "jana"})[0] == 200


def test_on_loopback_a_header_alone_opens_nothing_to_a_web_site() -> None:
    access = Access.of(ServeSection(trusted_proxy_header="X-Forwarded-User"), "127.0.0.1")
    assert ask(access, {"host": "evil.example", "x-forwarded-user": "jana"})[0] == 421
    assert ask(access, LOCAL)[0] == 200


def test_probes_are_open_to_orchestrators() -> None:
    access = Access.of(ServeSection(token=SecretStr(TOKEN)), "0.0.0.0")
    assert [ask(access, {"host": "10.1.2.3"}, path)[0] for path in ("/healthz", "/readyz", "/", "/metrics")] == [
        200,
        200,
        401,
        401,
    ]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(method: str) -> None:
    assert ask(Access.of(ServeSection(), "127.0.0.1"), LOCAL, method=method)[0] == 405


def test_browsers_are_told_to_be_strict_refused_or_not() -> None:
    for headers in (LOCAL, {"host": "evil.example"}):
        told = ask(Access.of(ServeSection(), "127.0.0.1"), headers)[1]
        assert told["x-content-type-options"] == "nosniff"
        assert told["x-frame-options"] == "DENY"
        assert told["cache-control"] == "no-store"
        assert "default-src 'none'" in told["content-security-policy"]


def test_the_token_is_never_printed() -> None:
    assert TOKEN not in repr(Access.of(ServeSection(token=SecretStr(TOKEN)), "0.0.0.0"))
