"""The requests.Session under simple-salesforce: it owns host, timeouts, the bearer token, and what replies tell."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from connectors.budget import DailyBudget

TIMEOUT_SECONDS = (5.0, 120.0)  # Salesforce itself ends a query after 120 s


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What the headers of the last reply said. `at` is the CRM's clock, `received` this process's monotonic one."""

    at: datetime
    received: float


class Bearer(AuthBase):
    """The access token of every request. Renewed once for all who saw the same generation expire."""

    def __init__(self, login: Callable[[], str]) -> None:
        self._login = login
        self._lock = threading.Lock()
        self._token: str | None = None
        self.generation = 0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        with self._lock:
            if self._token is None:
                self._token = self._login()
                self.generation += 1
            token = self._token
        # Over the header that the library put there, which holds its dummy.
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    def renew(self, seen: int) -> None:
        """The token is another one than that of generation `seen`."""
        with self._lock:
            if self.generation == seen:
                self._token = self._login()
                self.generation += 1


class SalesforceSession(requests.Session):
    """Sends every request to `base_url`, signed, with a timeout; on an expired token renews it and sends once more.

    Every request is taken from the `budget`, which hears from every reply what is left; `heard` is the last Date
    header.
    """

    def __init__(
        self,
        base_url: str,
        login: Callable[[], str],
        budget: DailyBudget,
        *,
        loopback: bool,
        before_request: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self._before_request = before_request
        self._budget = budget
        self._bearer = Bearer(login)
        self.auth = self._bearer
        # The library writes https:// in front of every host; a server on loopback speaks http.
        self._here = urlsplit(base_url) if loopback else None
        self.trust_env = not loopback
        self.mount("https://", HTTPAdapter(max_retries=0))
        self.mount("http://", HTTPAdapter(max_retries=0))
        self.heard: Heard | None = None

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        if self._here is not None:
            url = urlunsplit((self._here.scheme, self._here.netloc, *urlsplit(str(url))[2:]))
        kwargs.setdefault("timeout", TIMEOUT_SECONDS)
        # A redirect means that base_url is not the org's address any more: to be told, not to be followed.
        kwargs.setdefault("allow_redirects", False)
        generation = self._bearer.generation
        reply = super().request(method, url, *args, **kwargs)
        if _expired(reply):
            self._bearer.renew(max(generation, 1))
            reply = super().request(method, url, *args, **kwargs)
        return reply

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        self._budget.take()
        self._before_request()
        reply = super().send(request, **kwargs)
        self._listen(reply)
        return reply

    def _listen(self, reply: requests.Response) -> None:
        # `api-usage=18/5000; per-app-api-usage=17/250(appName=x)`: the org's, not the app's.
        if usage := re.search(r"(?<![\w-])api-usage=(\d+)/(\d+)", reply.headers.get("Sforce-Limit-Info", "")):
            self._budget.hear(int(usage[1]), int(usage[2]))
        if (at := _date(reply.headers.get("Date"))) is not None:
            self.heard = Heard(at=at, received=time.monotonic())


def sent_at(reply: requests.Response) -> datetime | None:
    """When the request of `reply` was sent, on the CRM's clock, to the second and rather earlier."""
    at = _date(reply.headers.get("Date"))
    return None if at is None else at - timedelta(seconds=int(reply.elapsed.total_seconds()) + 1)


def _expired(reply: requests.Response) -> bool:
    return reply.status_code == 401 and b"INVALID_SESSION_ID" in reply.content


def _date(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except ValueError:
        return None
