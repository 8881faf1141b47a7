"""What can go wrong with a CRM; the class says who must act.

`name` is how an error is found in docs/operator/errors.md, which is made of these docstrings: why it came about, then
what to do about it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar


class ConnectorError(Exception):
    """The root. `str(error)` is one line that says what happened and, where a person must act, the remedy."""

    name: ClassVar[str]


class AuthError(ConnectorError):
    """The CRM refuses the credentials: they are wrong, expired or withdrawn, or the user may not use the API.

    Remedy: an administrator does what the line says, which names what was refused; `holdfast doctor` tries it again.
    """

    name = "login-refused"


class QuotaError(ConnectorError):
    """The CRM's calls of the day are used up, by us or by others; nothing is retried until it counts anew.

    `until` is when that is, aware, where the CRM tells.

    Remedy: wait, the next cycle goes on where this one stopped. If it comes back, run less often (`[schedule]
    cycle`), lower `api_share_per_day`, or buy calls.
    """

    name = "calls-used-up"

    def __init__(self, message: str, *, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class RateLimitedError(ConnectorError):
    """The CRM asks for a pause that is longer than a request is worth waiting for.

    The same request goes through after `retry_after_seconds`. `policy` is the CRM's word for the limit that was
    reached, empty where it is about this one request alone.

    Remedy: none, the next cycle tries again. If it comes back, see which other programs use the same app or user.
    """

    name = "too-fast"

    def __init__(self, message: str, retry_after_seconds: float | None = None, *, policy: str = "") -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.policy = policy


class TransientError(ConnectorError):
    """The CRM or the network failed, several times in a row, or something between us changed the answer.

    Nothing was changed, or the request was a read. `sent` is false when it certainly never reached the CRM.

    Remedy: none for an hour's outage, the next cycle goes on where this one stopped. If it lasts, look at the CRM's
    status page, then at the proxy and the firewall of this machine.
    """

    name = "crm-unreachable"

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class AmbiguousWriteError(ConnectorError):
    """A write was sent and its answer was lost, so that nobody knows whether the CRM did it.

    Remedy: none. The next cycle looks it up in the CRM before anything is sent again; nothing is written twice.
    """

    name = "answer-lost"


class RejectedError(ConnectorError):
    """The CRM refuses this request as it is; sending it again changes nothing.

    `code` is its own word for it. `fields` are those whose values it refuses, where it names them.

    Remedy: look the CRM's word up in the tables below. A refused task or field is parked: `holdfast parked list`
    shows it, and it is tried again the next day.
    """

    name = "request-refused"

    def __init__(self, message: str, code: str = "", *, fields: Collection[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.fields = frozenset(fields)
