"""What HubSpot's answers mean: a status, its headers and its body become one of our errors. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from connectors.errors import AuthError, ConnectorError, QuotaError, RateLimitedError, RejectedError, TransientError
from connectors.hubspot.replies import in_words, refused_properties, row_errors
from connectors.hubspot.values import Json, one_line

GOES_ON = "the next run goes on from here"
_WORDLESS = "HTTP "  # a code of ours begins so, where the answer has none
LOCK_SECONDS = 2.0  # a 423 is a lock of two seconds
# Where the answer does not say how long, by the policy that was broken.
_POLICY_SECONDS = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}


def refusal(name: str, status: int, headers: Mapping[str, str], body: bytes) -> ConnectorError:
    """The error for an answer outside 200 to 299; `name` is the connection's. Its text is one line, without secrets."""
    told = _object(body)
    message = in_words(told.get("message") or "") or f"HTTP {status}"
    where = f"connection {name}: HubSpot"
    match status:
        case 401 | 530:
            return AuthError(
                f"{where} refuses the credentials ({_code(told) or status}); make a new service key in Settings >"
                f" Integrations > Service Keys, or renew the app's token, and put it where connections.{name} finds it"
            )
        case 403:
            return _forbidden(where, told, message)
        case 423 | 429 | 477:
            return _wait(where, status, told, headers)
        case 414 if not told:
            return RejectedError(
                f"{where}, or a proxy before it, finds the request's address too long (HTTP 414); let"
                f" connections.{name}.map and connections.{name}.fields name fewer or shorter properties",
                _WORDLESS + "414",
            )
        case _ if 400 <= status < 500 and status != 408:
            return RejectedError(f"{where}: {message}", _word(told, status), fields=refused_properties(told))
        case _:
            said = f": {message}" if told.get("message") else ""
            return TransientError(f"{where} failed with HTTP {status}{said}; {GOES_ON}")


def is_missing_scope(error: RejectedError) -> bool:
    return error.code == "MISSING_SCOPES"


def is_wordless(error: RejectedError) -> bool:
    """Whether a bare status is all that came, without a category or a message of the portal: so a proxy refuses."""
    return error.code.startswith(_WORDLESS)


def is_conflict(code: str, message: str) -> bool:
    """Whether a create was refused because a record with that unique value exists."""
    said = f"{code} {message}".upper()
    return any(word in said for word in ("CONFLICT", "ALREADY_EXISTS", "ALREADY EXISTS", "ALREADY HAS THAT VALUE"))


def _object(body: bytes) -> Json:
    # Proxies in front of the API answer in HTML: 414, 502.
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _code(told: Json) -> str:
    return str(told.get("category") or told.get("errorType") or "")


def _word(told: Json, status: int) -> str:
    return _code(told) or (str(status) if told.get("message") else f"{_WORDLESS}{status}")


def _forbidden(where: str, told: Json, message: str) -> ConnectorError:
    scopes = sorted(
        {
            str(scope)
            for context, _, _ in row_errors(told)
            for scope in context.get("requiredGranularScopes") or context.get("requiredScopes") or ()
        }
    )
    if scopes or _code(told) == "MISSING_SCOPES":
        wanted = " or ".join(scopes) or "that this call needs"
        return RejectedError(
            f"{where} misses the scope {wanted}; grant it to the service key or app in Settings > Integrations",
            "MISSING_SCOPES",
        )
    return RejectedError(f"{where} forbids this: {message}", _word(told, 403))


def _wait(where: str, status: int, told: Json, headers: Mapping[str, str]) -> ConnectorError:
    seconds = _retry_after(headers)
    if status == 423:
        return RateLimitedError(f"{where} has the record locked", seconds or LOCK_SECONDS)
    if status == 477:
        when = f"; it asks to be left alone for {seconds / 60:.0f} minutes" if seconds else ""
        return RateLimitedError(f"{where} is moving the portal to another data centre{when}", seconds)
    message = one_line(told.get("message") or "too many calls")
    policy = str(told.get("policyName") or "").upper()
    if policy == "DAILY" or "daily" in message.lower():
        return QuotaError(f"{where}: the portal's API calls of the day are used up; they come back at its midnight")
    if not policy and "your secondly limit" in message.lower():
        policy = "SECONDLY"
    policy = policy or "TEN_SECONDLY_ROLLING"
    return RateLimitedError(f"{where}: {message}", seconds or _POLICY_SECONDS.get(policy, 10.0), policy=policy)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    try:
        return max(0.0, float(headers.get("Retry-After", "")))
    except ValueError:
        return None
