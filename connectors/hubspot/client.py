"""HTTP to one portal, through one shared ApiClient of hubspot-api-client with raw bodies.

The library's typed methods know only the numbered versions and cost 4 to 20 times the processor time of raw JSON; its
ApiClient is kept for login, pooling and TLS. Its errors, and urllib3's, end here.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
from hubspot import HubSpot
from hubspot.crm.objects.exceptions import ApiException
from urllib3 import Retry
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError

from connectors.errors import (
    AmbiguousWriteError,
    AuthError,
    ConnectorError,
    RateLimitedError,
    TransientError,
)
from connectors.hubspot.budgets import Budgets, Kind
from connectors.hubspot.login import Login
from connectors.hubspot.paths import Paths
from connectors.hubspot.refusals import GOES_ON, refusal
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.values import Json
from connectors.retry import wait_seconds

TIMEOUT_SECONDS = (3.05, 60.0)  # connect, read
CLOCK_AGE_SECONDS = 1.0  # an older Date header is no clock any more
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
        before_request: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self.paths = Paths(settings.api_version)
        self.calls = 0
        self.retried: Counter[str] = Counter()  # by reason, as `Retrying` has it
        self._clock = clock
        self._sleep = sleep
        self._before_request = before_request
        self._date: datetime | None = None
        self._date_at = float("-inf")
        self._lock = threading.Lock()
        self._account: Json | None = None
        self.budgets = Budgets(name, settings, clock=clock, sleep=sleep)
        self._login = Login(name, settings, clock=clock, renew=self._renew)
        self._api = _api_client(settings)

    @property
    def left(self) -> int | None:
        """Calls left of the portal's day, None where it does not tell."""
        return self.budgets.left

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        return self._call("GET", path, query=query)

    def post(self, path: str, body: Json, query: Mapping[str, str] | None = None) -> Json:
        """Send what may arrive twice: a read by POST, or an update that sets the same values again."""
        return self._call("POST", path, query=query, body=body)

    def search(self, path: str, body: Json) -> Json:
        """As `post`, on the search budget: searches do not count in the burst."""
        return self._call("POST", path, body=body, kind=Kind.SEARCH)

    def associations(self, path: str, body: Json) -> Json:
        """As `post`, on the budget of associations besides."""
        return self._call("POST", path, body=body, kind=Kind.ASSOCIATIONS)

    def account(self) -> Json:
        """The portal's own details, asked once; RejectedError where it does not tell."""
        if self._account is None:
            self._account = self._call("GET", self.paths.account)
            self.budgets.in_zone(str(self._account.get("timeZone") or ""))
        return self._account

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
            self._account = None
            self.account()
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
        kind: Kind = Kind.BURST,
        once: bool = False,
    ) -> Json:
        renewed = False
        attempt = 1
        while True:
            token = ""
            try:
                token = self._login.token()
                self.budgets.take(kind)
                return self._parsed(path, self._send(method, path, token=token, query=query, body=body))
            except AuthError:
                # An OAuth token can be revoked before its time: one new one is worth a try.
                if not token or not self._login.renewable or renewed:
                    raise
                renewed = True
                self._login.void(token)
            except ConnectorError as error:
                told = self.budgets.refused(error, kind, self._date)
                # S311 does not matter here: the jitter only spreads retries.
                wait = wait_seconds(error, attempt, write=once, jitter=random.random())  # noqa: S311
                if wait is None:
                    raise told from error
                self.retried["rate_limited" if isinstance(error, RateLimitedError) else "failed"] += 1
                # A limit of all threads is waited for before the next call of any.
                if not (isinstance(error, RateLimitedError) and error.policy):
                    self._sleep(wait)
                attempt += 1

    def _renew(self, form: Mapping[str, str]) -> Json:
        self.budgets.take(Kind.BURST)
        return self._parsed(self.paths.token, self._send("POST", self.paths.token, form=form))

    def _send(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
        form: Mapping[str, str] | None = None,
    ) -> bytes:
        self._before_request()
        with self._lock:
            self.calls += 1
        # Not by the library's configuration: which token was refused must be known, with threads that renew it.
        headers = _JSON_HEADERS | ({"Authorization": f"Bearer {token}"} if token else {})
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
                auth_settings=[],
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
            said = f"connection {self.name}: HubSpot answered with an error that is no text"
            raise TransientError(f"{said}; {GOES_ON}") from None
        except HTTPError as error:
            raise self._network_error(error) from None
        self._note(answer.headers)
        return data

    def _parsed(self, path: str, data: bytes) -> Json:
        try:
            found = orjson.loads(data)
        except orjson.JSONDecodeError:
            kind = "an empty body" if not data.strip() else "a body that is no whole JSON"
            raise TransientError(f"connection {self.name}: HubSpot answered {path} with {kind}; {GOES_ON}") from None
        if not isinstance(found, dict):
            said = f"connection {self.name}: HubSpot answered {path} with JSON that is no object"
            raise TransientError(f"{said}; {GOES_ON}")
        return found

    def _network_error(self, error: HTTPError) -> TransientError:
        cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        sent = not isinstance(cause, NewConnectionError | ConnectTimeoutError)
        what = "HubSpot's answer was lost" if sent else "HubSpot could not be reached"
        remedy = GOES_ON if sent else "check base_url, the network and the proxy"
        return TransientError(f"connection {self.name}: {what} ({type(cause).__name__}); {remedy}", sent=sent)

    def _note(self, headers: Mapping[str, str]) -> None:
        """Take from an answer what it tells beside its body: the time, the quota, the pace."""
        if date := headers.get("Date"):
            try:
                self._date, self._date_at = parsedate_to_datetime(date).astimezone(UTC), self._clock()
            except ValueError:
                self._date = None
        self.budgets.hear(headers)


def _api_client(settings: HubspotSettings) -> Any:
    """The library's client; its own retries are off, since they know nothing of what must not be sent twice."""
    library = HubSpot(
        host=settings.base_url,
        base_url=settings.base_url,
        retry=Retry(0, raise_on_status=False, raise_on_redirect=False),
    )
    api = library.crm.objects.basic_api.api_client
    api.set_default_header("Accept-Encoding", "gzip")
    return api


def _bytes(body: str | bytes | None) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""
