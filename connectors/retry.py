"""Whether and when a failed request is sent again: pure, so that the policy is a table in a test."""

from __future__ import annotations

from connectors.errors import ConnectorError, RateLimitedError, TransientError

ATTEMPTS = 5
LONGEST_WAIT_SECONDS = 60.0


def wait_seconds(error: ConnectorError, attempt: int, *, write: bool, jitter: float) -> float | None:
    """Seconds to wait before attempt number `attempt + 1`, or None to give up. `jitter` is 0 to 1.

    A rate limit is no failure of the request: it is obeyed for reads and writes alike. A transient failure is retried
    for reads, and for writes only where the request certainly never arrived.
    """
    if attempt >= ATTEMPTS:
        return None
    match error:
        case RateLimitedError(retry_after_seconds=float() | int() as told) if told <= LONGEST_WAIT_SECONDS:
            return float(told)
        case RateLimitedError(retry_after_seconds=None) | TransientError() if (
            isinstance(error, RateLimitedError) or not write or (isinstance(error, TransientError) and not error.sent)
        ):
            return float(min(LONGEST_WAIT_SECONDS, 0.5 * 2 ** (attempt - 1)) * (0.5 + jitter / 2))
        case _:
            return None
