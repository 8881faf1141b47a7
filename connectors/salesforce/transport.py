"""Requests to one org and their replies: simple-salesforce over our session. The library's exceptions end here."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import requests
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceError
from simple_salesforce.util import call_salesforce

from connectors.budget import DailyBudget
from connectors.errors import AmbiguousWriteError, ConnectorError, RateLimitedError, TransientError
from connectors.retry import ATTEMPTS, wait_seconds
from connectors.salesforce.login import Login
from connectors.salesforce.refusals import network_failure, refusal
from connectors.salesforce.session import SalesforceSession
from connectors.salesforce.settings import SalesforceSettings

Record = dict[str, Any]

NO_CONTENT = 204


class Transport:
    """Sends requests to paths below `/services/data/vXX.0/`, or from the root of the host where they begin with `/`.

    Methods raise ConnectorError and nothing else.
    """

    def __init__(
        self,
        name: str,
        settings: SalesforceSettings,
        *,
        pause: Callable[[float], None] = time.sleep,
        before_request: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self.pause = pause
        self.retried: Counter[str] = Counter()  # by reason, as `Retrying` has it
        self.budget = DailyBudget(name, settings.shares)
        self._login = Login(name, settings)
        self.session = SalesforceSession(
            settings.base_url,
            self._login.token,
            self.budget,
            loopback=settings.loopback,
            before_request=before_request,
        )
        # A session id of our own making ("direct") switches the library's login and refresh off: both have no lock.
        self._sf = Salesforce(
            instance_url=settings.base_url,
            session_id="set-per-request",
            version=settings.api_version,
            session=self.session,
        )
        self.headers: dict[str, str] = self._sf.headers
        self.headers.pop("X-PrettyPrint")  # a third of every page would be blanks
        self.headers["Sforce-Call-Options"] = "client=Holdfast"  # what the org's event log shows

    @property
    def calls(self) -> int:
        """Requests sent so far, logins and resends included."""
        return self.budget.calls + self._login.calls

    @property
    def root(self) -> str:
        """The path that others are below."""
        return f"/services/data/v{self._sf.sf_version}/"

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Record | None = None,
        write: bool = False,
        attempts: int = ATTEMPTS,
    ) -> tuple[requests.Response, Any]:
        """The reply and its JSON, after as many attempts as the policy grants (connectors/retry.py), `attempts` at
        most.
        """
        attempt = 1 + ATTEMPTS - attempts
        while True:
            try:
                return self._once(method, path, params, body, write=write)
            except ConnectorError as error:
                jitter = random.random()  # noqa: S311 - spreads retries, protects nothing
                wait = wait_seconds(error, attempt, write=write, jitter=jitter)
                if wait is None:
                    raise
                self.retried["rate_limited" if isinstance(error, RateLimitedError) else "failed"] += 1
            self.pause(wait)
            attempt += 1

    def download(self, path: str, params: Mapping[str, str]) -> requests.Response:
        """The reply whose body is still to be read; whoever reads it closes it. Not tried again."""
        headers = {**self.headers, "Accept": "text/csv"}
        try:
            reply: requests.Response = call_salesforce(
                self._url(path), "GET", self.session, headers, params=dict(params), stream=True
            )
        except SalesforceError as error:
            raise refusal(self.name, error.status, error.content, write=False) from None
        except requests.RequestException as error:
            raise network_failure(self.name, error, write=False) from None
        return reply

    def close(self) -> None:
        self.session.close()
        self._login.close()

    def _once(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Record | None, *, write: bool
    ) -> tuple[requests.Response, Any]:
        try:
            reply = call_salesforce(
                self._url(path),
                method,
                self.session,
                dict(self.headers),
                params=params,
                data=None if body is None else orjson.dumps(body),
            )
            return reply, orjson.loads(reply.content) if reply.status_code != NO_CONTENT else None
        # `from None`: the library's texts quote the URL, which holds the query.
        except SalesforceError as error:
            raise refusal(self.name, error.status, error.content, write=write) from None
        except requests.RequestException as error:
            raise network_failure(self.name, error, write=write) from None
        except orjson.JSONDecodeError:
            said = f"{self.name}: Salesforce's answer is no JSON"
            raise (AmbiguousWriteError(said) if write else TransientError(said)) from None

    def _url(self, path: str) -> str:
        return f"https://{self._sf.sf_instance}{path if path.startswith('/') else self.root + path}"
