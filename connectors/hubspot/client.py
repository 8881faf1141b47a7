"""HTTP to one portal, through one shared ApiClient of hubspot-api-client with raw bodies.

The library's typed methods know only the numbered versions and cost 4 to 20 times the processor time of raw JSON; its
ApiClient is kept for login, pooling and TLS. Its errors, and urllib3's, end here.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
from hubspot import HubSpot
from hubspot.crm.objects.exceptions import ApiException
from pydantic import SecretStr
from urllib3 import Retry
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError

from connectors.budget import Meter
from connectors.errors import (
    AmbiguousWriteError,
    AuthError,
    ConnectorError,
    RateLimitedError,
    RejectedError,
    TransientError,
)
from connectors.hubspot.paths import Paths
from connectors.hubspot.refusals import refusal
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.values import Json
from connectors.retry import LONGEST_WAIT_SECONDS, wait_seconds

TIMEOUT_SECONDS = (3.05, 60.0)  # connect, read
CLOCK_AGE_SECONDS = 1.0  # an older Date header is no clock any more
TOKEN_MARGIN_SECONDS = 60.0
SEARCHES_PER_SECOND = 5  # of the portal, for all its apps together
JITTER_SECONDS = 0.1  # requests may travel faster than the one that they are counted from
_JSON_HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}


class Client:
    """Requests to one portal: paced, retried by `connectors.retry`, and counted in `calls`.

    Every method returns the JSON object of the answer or raises ConnectorError.
    """

    def __init__(
        self,
        name: str,
        settings: HubspotSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.paths = Paths(settings.api_version)
        self.calls = 0
        self.left: int | None = None
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._date: datetime | None = None
        self._date_at = float("-inf")
        self._closed: tuple[float, str] = (float("-inf"), "")  # until when, and why
        self._token_until = float("-inf") if settings.auth == "oauth" else float("inf")
        self._burst = Meter(calls=settings.burst_per_10s, per_seconds=10 + JITTER_SECONDS, clock=clock, sleep=sleep)
        # A quiet cycle asks once per object: one call above the mean in a single second spares it a second of waiting.
        pace = settings.search_per_second
        self._searches = (
            Meter(calls=min(pace + 1, SEARCHES_PER_SECOND), per_seconds=1 + JITTER_SECONDS, clock=clock, sleep=sleep),
            Meter(calls=pace * 5, per_seconds=5 + JITTER_SECONDS, clock=clock, sleep=sleep),
        )
        self._api = _api_client(settings)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        return self._call("GET", path, query=query)

    def post(self, path: str, body: Json, query: Mapping[str, str] | None = None) -> Json:
        """Send what may arrive twice: a read by POST, or an update that sets the same values again."""
        return self._call("POST", path, query=query, body=body)

    def search(self, path: str, body: Json) -> Json:
        """As `post`, on the search budget: searches do not count in the burst."""
        return self._call("POST", path, body=body, meters=self._searches)

    def create(self, path: str, body: Json) -> Json:
        """Send what must arrive once. Raises AmbiguousWriteError where it may have arrived and the answer is lost."""
        try:
            return self._call("POST", path, body=body, once=True)
        except TransientError as error:
            if error.sent:
                raise AmbiguousWriteError(str(error)) from error
            raise

    def server_now(self, *, at_most_seconds_old: float = CLOCK_AGE_SECONDS) -> datetime:
        """The portal's clock, aware and UTC: the Date header of the last answer, or of one got for it."""
        if self._clock() - self._date_at > at_most_seconds_old:
            self.get(self.paths.account)
        if self._date is None:
            raise TransientError(f"connection {self.name}: HubSpot's answers carry no Date header")
        return self._date

    def close(self) -> None:
        self._api.rest_client.pool_manager.clear()
        self._api.close()

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
        meters: Sequence[Meter] = (),
        once: bool = False,
    ) -> Json:
        renewed = False
        attempt = 1
        until, why = self._closed
        if self._clock() < until:
            raise RateLimitedError(why, until - self._clock())
        while True:
            try:
                self._log_in()
                for meter in meters or (self._burst,):
                    meter.take()
                return self._parsed(path, self._send(method, path, query=query, body=body))
            except AuthError:
                # An OAuth token can be revoked before its time: one new one is worth a try.
                if self._settings.auth != "oauth" or renewed:
                    raise
                renewed, self._token_until = True, float("-inf")
            except ConnectorError as error:
                # S311 does not matter here: the jitter only spreads retries.
                wait = wait_seconds(error, attempt, write=once, jitter=random.random())  # noqa: S311
                if wait is None:
                    self._note_closed(error)
                    raise
                self._sleep(wait)
                attempt += 1

    def _note_closed(self, error: ConnectorError) -> None:
        """A portal that asks to be left alone for longer than is worth waiting is not asked again before that."""
        if isinstance(error, RateLimitedError) and (error.retry_after_seconds or 0) > LONGEST_WAIT_SECONDS:
            self._closed = (self._clock() + (error.retry_after_seconds or 0), str(error))

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
        form: Mapping[str, str] | None = None,
    ) -> bytes:
        self.calls += 1
        headers = dict(_JSON_HEADERS)
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            answer = self._api.call_api(
                path,
                method,
                query_params=list((query or {}).items()),
                header_params=headers,
                body=body,
                post_params=list(form.items()) if form else None,
                auth_settings=[] if form else ["oauth2"],
                _return_http_data_only=True,
                _preload_content=False,
                _request_timeout=TIMEOUT_SECONDS,
            )
            data: bytes = answer.data  # read whole, or the connection does not go back to the pool
        except ApiException as error:
            self._note(error.headers or {})
            if not error.status:
                raise TransientError(f"connection {self.name}: TLS to HubSpot failed: {error.reason}") from None
            raise refusal(self.name, error.status, error.headers or {}, _bytes(error.body)) from None
        except UnicodeDecodeError:
            # The library decodes the bodies of errors before it hands them over.
            raise TransientError(f"connection {self.name}: HubSpot answered with an error that is no text") from None
        except HTTPError as error:
            raise self._network_error(error) from None
        self._note(answer.headers)
        return data

    def _parsed(self, path: str, data: bytes) -> Json:
        try:
            found = orjson.loads(data)
        except orjson.JSONDecodeError:
            kind = "an empty body" if not data.strip() else "a body that is no whole JSON"
            raise TransientError(f"connection {self.name}: HubSpot answered {path} with {kind}") from None
        if not isinstance(found, dict):
            raise TransientError(f"connection {self.name}: HubSpot answered {path} with JSON that is no object")
        return found

    def _network_error(self, error: HTTPError) -> TransientError:
        cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        sent = not isinstance(cause, NewConnectionError | ConnectTimeoutError)
        what = "HubSpot's answer was lost" if sent else "HubSpot could not be reached"
        remedy = "" if sent else "; check base_url, the network and the proxy"
        return TransientError(f"connection {self.name}: {what} ({type(cause).__name__}){remedy}", sent=sent)

    def _note(self, headers: Mapping[str, str]) -> None:
        """Take from an answer what it tells beside its body: the time, the quota, the pace."""
        if date := headers.get("Date"):
            try:
                self._date, self._date_at = parsedate_to_datetime(date).astimezone(UTC), self._clock()
            except ValueError:
                self._date = None
        if (left := headers.get("X-HubSpot-RateLimit-Daily-Remaining", "")).isdigit():
            self.left = int(left)
        granted = headers.get("X-HubSpot-RateLimit-Max", "")
        if granted.isdigit() and "burst_per_10s" not in self._settings.model_fields_set:
            self._burst.learn(int(granted))

    def _log_in(self) -> None:
        """Have a valid token in the library's configuration; OAuth's live for half an hour."""
        if self._clock() < self._token_until:
            return
        form = {
            "grant_type": "refresh_token",
            "client_id": self._settings.client_id,
            "client_secret": _secret(self._settings.client_secret),
            "refresh_token": _secret(self._settings.refresh_token),
        }
        try:
            reply = self._parsed(self.paths.token, self._send("POST", self.paths.token, form=form))
            token, seconds = str(reply["access_token"]), float(reply.get("expires_in") or 0)
        except (KeyError, ValueError):
            raise TransientError(f"connection {self.name}: HubSpot's token answer makes no sense", sent=False) from None
        except TransientError as error:
            # What the token was wanted for has not been sent.
            raise TransientError(str(error), sent=False) from error
        except RejectedError:
            raise AuthError(
                f"connection {self.name}: HubSpot refuses the OAuth refresh token; install the app again and store its"
                " new token"
            ) from None
        self._api.configuration.access_token = token
        self._token_until = self._clock() + max(0.0, seconds - TOKEN_MARGIN_SECONDS)


def _api_client(settings: HubspotSettings) -> Any:
    """The library's client; its own retries are off, since they know nothing of what must not be sent twice."""
    library = HubSpot(
        access_token=_secret(settings.access_token),
        host=settings.base_url,
        base_url=settings.base_url,
        retry=Retry(0, raise_on_status=False, raise_on_redirect=False),
    )
    api = library.crm.objects.basic_api.api_client
    api.set_default_header("Accept-Encoding", "gzip")
    return api


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value().strip() if value else ""


def _bytes(body: str | bytes | None) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""
