"""What Salesforce's refusals mean: from a reply, or the lack of one, to the error that says who must act. Pure.

One table per place where Salesforce says no: the REST API, the token endpoint, the network.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from connectors.errors import (
    AmbiguousWriteError,
    AuthError,
    ConnectorError,
    QuotaError,
    RateLimitedError,
    RejectedError,
    TransientError,
)
from connectors.salesforce.remedies import LOGIN_REMEDIES

LONG_CALLS_WAIT_SECONDS = 30.0  # too many calls of 20 s and more are running in the org
LONGEST_MESSAGE = 300

_TOO_FAST = {406, 420, 429}  # the edge's words for it: bodies are empty or HTML
_UNTOUCHED = {"SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW"}  # refused before anything was done
_LOGIN_CODES = {
    "INVALID_SESSION_ID",
    "API_DISABLED_FOR_ORG",
    "API_CURRENTLY_DISABLED",
    "INVALID_AUTH_HEADER",
}
_REMEDIES = {
    "INVALID_FIELD": "grant the integration user access to the field; `holdfast provision` makes ours",
    "API_DISABLED_FOR_ORG": "give the integration user the permission 'API Enabled', in an edition that has the API",
    "API_CURRENTLY_DISABLED": "give the integration user the permission 'API Enabled'",
    "UNSUPPORTED_API_VERSION": "set api_version to one that the org still serves",
    "STORAGE_LIMIT_EXCEEDED": "free data storage in the org",
    "INVALID_SESSION_ID": "check the session policies and IP ranges of the External Client App and the user's profile",
}


def one_line(text: object) -> str:
    """The text as one line without SOQL, query strings or bearer tokens, cut at LONGEST_MESSAGE characters."""
    line = str(text)
    # INVALID_FIELD and MALFORMED_QUERY quote the query first and say afterwards what is wrong.
    line = re.sub(r"^.*ERROR at Row:\S+\s*", "", line, flags=re.DOTALL)
    line = re.sub(r"(?i)\bselect\b.{1,200}?\bfrom\b.*", "(query)", line, flags=re.DOTALL)
    line = re.sub(r"(?i)(https?://[^\s?#]+|/services/[^\s?#]+)\?\S+", r"\1", line)
    line = re.sub(r"(?i)\bbearer\s+\S+|\b00D\w{12,15}!\S+", "(token)", line)
    line = " ".join(line.split())
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1] + "…"


def first_error(content: Any) -> tuple[str, str]:
    """(code, message) of an error body in any of Salesforce's forms; empty where the body is HTML or nothing."""
    if isinstance(content, Sequence) and not isinstance(content, str | bytes) and content:
        content = content[0]
    if not isinstance(content, dict):
        return "", ""
    code = content.get("errorCode") or content.get("statusCode") or content.get("error") or ""
    return str(code), one_line(content.get("message") or content.get("error_description") or "")


def refusal(name: str, status: int, content: Any, *, write: bool) -> ConnectorError:
    """The error that a reply of the REST API with `status` >= 300 stands for, worded for connection `name`."""
    code, message = first_error(content)
    said = f"{name}: Salesforce answered {status}{f' {code}' if code else ''}{f': {message}' if message else ''}"
    # What a hidden key field looks like to an upsert.
    if remedy := _REMEDIES.get("INVALID_FIELD" if "external ID field" in message else code):
        said = f"{said}; {remedy}"
    if code == "REQUEST_LIMIT_EXCEEDED":
        return _over_the_limit(said, message)
    if status == 401 or code in _LOGIN_CODES or "not valid for use with the rest api" in message.lower():
        return AuthError(said)
    if status in _TOO_FAST:
        return RateLimitedError(said)
    if status >= 500 or code in _UNTOUCHED:
        return _failure(said, status, code, write=write)
    if status < 400:
        return RejectedError(f"{said}; base_url must be the org's present My Domain", "REDIRECT")
    return RejectedError(said, code or str(status))


def _over_the_limit(said: str, message: str) -> ConnectorError:
    if "concurrent" in message.lower():
        return RateLimitedError(said, LONG_CALLS_WAIT_SECONDS)
    return QuotaError(f"{said}; the org's calls of 24 hours are used up, it goes on when they are free again")


def _failure(said: str, status: int, code: str, *, write: bool) -> ConnectorError:
    if status == 503 or code in _UNTOUCHED:
        return TransientError(said, sent=False)
    return AmbiguousWriteError(f"{said}; it may have been done") if write else TransientError(said)


def login_refusal(name: str, credential: str, status: int, content: Any) -> ConnectorError:
    """The error that a reply of the token endpoint stands for; `credential` says what was tried with what."""
    code, description = first_error(content)
    said = f"{code}: {description}" if description else code or f"status {status}"
    if "login rate exceeded" in description.lower() or status in _TOO_FAST:
        return RateLimitedError(f"{name}: too many logins: {said}")
    if status >= 500:
        return TransientError(f"{name}: the login endpoint answered {said}", sent=False)
    lowered = said.lower()
    remedy = next((mend for words, mend in LOGIN_REMEDIES if words in lowered), "check [connections] in the config")
    return AuthError(f"{name}: Salesforce refuses {credential}: {said}; {remedy}")


def network_failure(name: str, error: requests.RequestException, *, write: bool) -> ConnectorError:
    """The error that a missing or broken reply stands for. The library's own text quotes the URL and is not told."""
    if _never_arrived(error):
        said = f"{name}: cannot connect to Salesforce ({_words(error)}); check base_url, the network and the proxy"
        return TransientError(said, sent=False)
    said = f"{name}: Salesforce's answer was lost ({_words(error)})"
    return AmbiguousWriteError(f"{said}; it may have been done") if write else TransientError(said)


def _never_arrived(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError | NameResolutionError)


def _words(error: requests.RequestException) -> str:
    match error:
        case requests.Timeout():
            return "timed out"
        case requests.exceptions.SSLError():
            return "TLS failed: check base_url, the proxy and the machine's certificates"
        case requests.exceptions.ProxyError():
            return "the proxy did not answer"
        case requests.exceptions.ChunkedEncodingError() | requests.exceptions.ContentDecodingError():
            return "the body broke off"
        case _ if _never_arrived(error):
            return "refused, or no such host"
        case _:
            return "connection lost"
