"""Single cases on the wire, served by a bare HTTP server: what is sent again, what is not, and what is said of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from connectors.errors import (
    AmbiguousWriteError,
    AuthError,
    ConnectorError,
    QuotaError,
    RateLimitedError,
    RejectedError,
    TransientError,
)
from connectors.hubspot.client import Client
from connectors.hubspot.paths import Paths
from connectors.hubspot.refusals import refusal
from connectors.hubspot.settings import HubspotSettings

NOW = "Mon, 02 Nov 2026 06:00:00 GMT"
SECRET = "pat-eu1-very-secret"


@dataclass
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang_up: bool = False


@dataclass
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Server:
    """Answers every request with the next of `answers`, the last one for ever."""

    def __init__(self) -> None:
        self.answers = [Answer()]
        self.asked: list[Asked] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.asked.append(Asked(self.command, self.path, dict(self.headers), body))
                answer = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
                if answer.hang_up:
                    self.close_connection = True
                    return
                head = [f"HTTP/1.1 {answer.status} X", f"Date: {NOW}", f"Content-Length: {len(answer.body)}"]
                head += [f"{name}: {value}" for name, value in answer.headers.items()]
                self.wfile.write("\r\n".join(head).encode() + b"\r\n\r\n" + answer.body)

            do_GET = do_POST = handle_any  # noqa: N815  # as http.server looks them up

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # as http.server declares it
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()


class Naps(list[float]):
    """A sleep that only remembers."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def client(
    server: Server, naps: Naps | None = None, *, clock: Callable[[], float] = time.monotonic, **more: Any
) -> Client:
    given = {"kind": "hubspot", "base_url": server.url, "access_token": SecretStr(SECRET), **more}
    settings = HubspotSettings.model_validate(given)
    return Client("acme", settings, clock=clock, sleep=naps if naps is not None else Naps())


def told(status: int, **body: Any) -> Answer:
    return Answer(status=status, body=orjson.dumps(body))


def test_a_request_carries_token_gzip_and_query(server: Server) -> None:
    server.answers = [Answer(body=b'{"results": []}')]
    one = client(server)
    assert one.get("/crm/objects/2026-09/companies", {"properties": "name,domain"}) == {"results": []}
    (asked,) = server.asked
    assert asked.path == "/crm/objects/2026-09/companies?properties=name%2Cdomain"
    assert asked.headers["Authorization"] == f"Bearer {SECRET}"
    assert asked.headers["Accept-Encoding"] == "gzip"
    one.close()


def test_time_quota_and_pace_are_taken_from_the_headers(server: Server) -> None:
    server.answers = [
        Answer(headers={"X-HubSpot-RateLimit-Daily-Remaining": "249999", "X-HubSpot-RateLimit-Max": "190"})
    ]
    one = client(server)
    assert one.server_now() == datetime(2026, 11, 2, 6, tzinfo=UTC)
    assert (one.calls, one.left, one.budgets.burst.calls) == (1, 249_999, 190)
    assert one.server_now() == datetime(2026, 11, 2, 6, tzinfo=UTC)
    assert one.calls == 1
    one.close()


def test_a_pace_that_was_set_is_not_raised(server: Server) -> None:
    server.answers = [Answer(headers={"X-HubSpot-RateLimit-Max": "190"})]
    one = client(server, burst_per_10s=20)
    one.get("/x")
    assert one.budgets.burst.calls == 20
    one.close()


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param(Answer(hang_up=True), id="connection cut"),
        pytest.param(Answer(status=502, body=b"<html>Bad gateway</html>"), id="502"),
        pytest.param(Answer(status=504, body=b"\xff\xfe"), id="504 that is no text"),
        pytest.param(Answer(body=b""), id="empty 200"),
        pytest.param(Answer(body=b'{"results": [{"id"'), id="truncated"),
        pytest.param(Answer(body=b"<html>Maintenance</html>"), id="html"),
    ],
)
def test_a_lost_answer_is_asked_for_again_but_never_created_again(server: Server, lost: Answer) -> None:
    one = client(server)
    server.answers = [lost, lost, Answer(body=b'{"id": "1"}')]
    assert one.post("/batch/read", {"inputs": []}) == {"id": "1"}
    assert len(server.asked) == 3
    server.answers = [lost, Answer(body=b'{"id": "1"}')]
    with pytest.raises(AmbiguousWriteError) as caught:
        one.create("/batch/create", {"inputs": []})
    assert len(server.asked) == 4
    assert "\n" not in str(caught.value)
    one.close()


@pytest.mark.parametrize(
    ("answer", "waits"),
    [
        (told(429, policyName="TEN_SECONDLY_ROLLING", message="You have reached your ten_secondly_rolling limit."), 10),
        (told(429, message="You have reached your secondly limit."), 1),
        (told(423, message="locked"), 2),
        (Answer(status=429, body=b"", headers={"Retry-After": "7"}), 7),
    ],
    ids=["rolling", "secondly", "locked", "told"],
)
def test_a_create_waits_as_it_is_told_and_is_sent_again(server: Server, answer: Answer, waits: float) -> None:
    naps = Naps()
    one = client(server, naps)
    server.answers = [answer, Answer(status=201)]
    assert one.create("/x", {"inputs": []}) == {}
    assert naps == [pytest.approx(waits, abs=0.1)]
    one.close()


def test_the_daily_limit_stops_at_once(server: Server) -> None:
    server.answers = [told(429, policyName="DAILY", message="You have reached your daily limit.")]
    one = client(server)
    with pytest.raises(QuotaError):
        one.get("/x")
    assert len(server.asked) == 1
    one.close()


def test_a_long_migration_is_not_waited_for_and_the_portal_left_alone_until_it_is_over(server: Server) -> None:
    server.answers = [Answer(status=477, headers={"Retry-After": "86400"}), Answer(body=b'{"id": "1"}')]
    naps = Naps()
    now = [0.0]
    one = client(server, naps, clock=lambda: now[0])
    for _ in range(3):
        with pytest.raises(RateLimitedError, match="left alone for 1440 minutes"):
            one.get("/x")
        now[0] += 3600
    assert (len(server.asked), naps) == (1, [])
    now[0] = 86401
    assert one.get("/x") == {"id": "1"}
    one.close()


def test_a_short_migration_is_waited_for(server: Server) -> None:
    naps = Naps()
    one = client(server, naps)
    server.answers = [Answer(status=477, headers={"Retry-After": "45"}), Answer(status=201)]
    assert one.create("/x", {"inputs": []}) == {}
    assert naps == [45]
    one.close()


def test_a_request_that_never_arrived_is_said_to_be_unsent(server: Server) -> None:
    server.close()
    naps = Naps()
    one = client(server, naps)
    with pytest.raises(TransientError) as caught:
        one.create("/x", {"inputs": []})
    assert caught.value.sent is False
    assert len(naps) == 4
    one.close()


def test_a_redirect_is_not_followed_with_the_token(server: Server) -> None:
    server.answers = [Answer(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"})]
    one = client(server)
    with pytest.raises(ConnectorError):
        one.get("/x")
    assert {asked.path for asked in server.asked} == {"/x"}
    one.close()


def oauth(server: Server) -> Client:
    return client(
        server,
        auth="oauth",
        access_token=None,
        client_id="id-1",
        client_secret=SecretStr("s1"),
        refresh_token=SecretStr("r1"),
    )


def test_an_oauth_token_is_got_once_and_renewed_when_it_is_refused(server: Server) -> None:
    one = oauth(server)
    server.answers = [
        Answer(body=b'{"access_token": "t1", "expires_in": 1800}'),
        Answer(body=b'{"n": 1}'),
        told(401, category="EXPIRED_AUTHENTICATION"),
        Answer(body=b'{"access_token": "t2", "expires_in": 1800}'),
        Answer(body=b'{"n": 2}'),
    ]
    assert [one.get("/x")["n"], one.get("/x")["n"]] == [1, 2]
    assert [asked.path for asked in server.asked] == ["/oauth/2026-09/token", "/x", "/x", "/oauth/2026-09/token", "/x"]
    form = server.asked[0]
    assert form.body == b"grant_type=refresh_token&client_id=id-1&client_secret=s1&refresh_token=r1"
    assert "Authorization" not in form.headers
    assert server.asked[-1].headers["Authorization"] == "Bearer t2"
    one.close()


def test_a_refused_refresh_token_names_the_remedy(server: Server) -> None:
    one = oauth(server)
    server.answers = [told(400, error="invalid_grant", message="refresh token is invalid")]
    with pytest.raises(AuthError, match="install the app again"):
        one.get("/x")
    one.close()


def test_a_create_whose_login_was_lost_was_not_sent(server: Server) -> None:
    one = oauth(server)
    server.answers = [Answer(status=502)]
    with pytest.raises(TransientError) as caught:
        one.create("/x", {"inputs": []})
    assert caught.value.sent is False
    one.close()


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (401, b'{"category": "INVALID_AUTHENTICATION"}', AuthError, "INVALID_AUTHENTICATION"),
        (530, b"", AuthError, "service key"),
        (403, b'{"category": "MISSING_SCOPES"}', RejectedError, "misses the scope"),
        (
            403,
            b'{"errors": [{"context": {"requiredGranularScopes": ["crm.objects.deals.read"]}}]}',
            RejectedError,
            "misses the scope crm.objects.deals.read; grant it",
        ),
        (400, b'{"category": "VALIDATION_ERROR", "message": "a\\n b"}', RejectedError, "a b"),
        (414, b"<html>414 Request-URI Too Large</html>", RejectedError, "HTTP 414"),
        (409, b'{"category": "CONFLICT", "message": "exists"}', RejectedError, "exists"),
        (404, b"null", RejectedError, "HTTP 404"),
        (408, b"", TransientError, "408"),
        (503, b"[]", TransientError, "503"),
        (524, b'{"message": 5}', TransientError, "524"),
    ],
)
def test_every_refusal_says_who_must_act(status: int, body: bytes, kind: type[ConnectorError], said: str) -> None:
    error = refusal("acme", status, {}, body)
    assert type(error) is kind
    assert said in str(error)
    assert "acme" in str(error)
    assert "\n" not in str(error)


def test_no_message_carries_the_token(server: Server) -> None:
    one = client(server)
    for answer in (told(401), told(403), told(400, message="x" * 5000), Answer(status=500), Answer(hang_up=True)):
        server.answers = [answer]
        with pytest.raises(ConnectorError) as caught:
            one.create("/x", {"inputs": []})
        assert SECRET not in str(caught.value)
        assert len(str(caught.value)) < 400
    one.close()


def test_one_constant_moves_every_path() -> None:
    dated, numbered = Paths("2026-03"), Paths("v3")
    assert dated.objects("calls", "batch/read") == "/crm/objects/2026-03/calls/batch/read"
    assert numbered.objects("calls", "batch/read") == "/crm/v3/objects/calls/batch/read"
    assert dated.associations("calls", "deals") == "/crm/associations/2026-03/calls/deals/batch/read"
    assert numbered.associations("calls", "deals") == "/crm/v4/associations/calls/deals/batch/read"
    assert (dated.owners, numbered.owners) == ("/crm/owners/2026-03", "/crm/v3/owners")
