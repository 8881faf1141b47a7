"""What can go wrong with a CRM; the class says who must act."""

from __future__ import annotations

from datetime import datetime


class ConnectorError(Exception):
    """The root. `str(error)` is one line that says what happened and, where a person must act, the remedy."""


class AuthError(ConnectorError):
    """The credentials are refused: an admin must act."""


class QuotaError(ConnectorError):
    """The daily budget of calls is used up: wait for the CRM's reset, do not retry.

    `until` is when that is, aware, where the CRM tells.
    """

    def __init__(self, message: str, *, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class RateLimitedError(ConnectorError):
    """Too fast: the same request goes through after `retry_after_seconds`.

    `policy` is the CRM's word for the limit that was reached, empty where it is about this one request alone.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None, *, policy: str = "") -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.policy = policy


class TransientError(ConnectorError):
    """The CRM or the network failed; nothing was changed or the request was a read. Try again later.

    `sent` is false when the request certainly never reached the CRM.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class AmbiguousWriteError(ConnectorError):
    """A write was sent and its answer lost: look it up before sending it again."""


class RejectedError(ConnectorError):
    """The CRM refuses this request as it is; `code` is its own word for it. Sending it again changes nothing."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code
