"""What HubSpot says when it refuses: statuses and bodies, in the forms that its documents and users show."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.sandbox.hubspot_schema import ObjectType

NO_CREDENTIALS = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details "
    "at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)


class RefusedError(Exception):
    """A request that the real API would refuse; `body` is what it answers."""

    def __init__(self, status: int, message: str, category: str | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.headers: dict[str, str] = more.pop("headers", {})
        self.more = more

    @property
    def body(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": str(uuid.uuid4())}
        if self.category is not None:
            shown["category"] = self.category
        return shown | self.more

    def entry(self, context: dict[str, list[str]]) -> dict[str, Any]:
        """The same as one of the `errors` of a 207."""
        return {
            "status": "error",
            "category": self.category or "VALIDATION_ERROR",
            "message": self.message,
            "context": context,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One property value that cannot be written."""

    name: str
    code: str
    message: str


def invalid_values(problems: Sequence[Problem]) -> RefusedError:
    listed = [
        {
            "isValid": False,
            "message": problem.message,
            "error": problem.code,
            "name": problem.name,
            "localizedErrorMessage": problem.message,
        }
        for problem in problems
    ]
    return RefusedError(
        400,
        f"Property values were not valid: {orjson.dumps(listed).decode()}",
        "VALIDATION_ERROR",
        errors=[
            {"message": problem.message, "code": problem.code, "context": {"propertyName": [problem.name]}}
            for problem in problems
        ],
    )


def invalid(message: str, **more: Any) -> RefusedError:
    return RefusedError(400, message, "VALIDATION_ERROR", **more)


def bad_json(detail: str) -> RefusedError:
    return invalid(f"Invalid input JSON on line 1, column 1: {detail}")


def unknown_type(spelling: str) -> RefusedError:
    # Without a category: so the answer stands in HubSpot's own issue threads.
    return RefusedError(400, f"Unable to infer object type from: {spelling}")


def not_found(what: str = "resource not found") -> RefusedError:
    return RefusedError(404, what, "OBJECT_NOT_FOUND")


def no_such_record(kind: ObjectType, record_id: str) -> RefusedError:
    return not_found(f"Object not found.  objectId are usually numeric. {kind.singular} {record_id} does not exist.")


def missing_properties(kind: ObjectType, names: Sequence[str]) -> RefusedError:
    return invalid(
        f"Error creating {kind.singular.upper()}. Some required properties were not set.",
        context={"properties": list(names)},
    )


def unauthorized(*, expired: bool = False) -> RefusedError:
    if expired:
        return RefusedError(401, "The OAuth token used to make this call expired.", "EXPIRED_AUTHENTICATION")
    return RefusedError(401, NO_CREDENTIALS, "INVALID_AUTHENTICATION")


def rate_limited(policy: str, portal_id: int) -> RefusedError:
    """429 of one of the policies TEN_SECONDLY_ROLLING, SECONDLY (search) and DAILY."""
    word, group = {
        "TEN_SECONDLY_ROLLING": ("ten_secondly_rolling", "private_app-api-calls-ten-secondly"),
        "SECONDLY": ("secondly", "crm-search-api-calls-secondly"),
        "DAILY": ("daily", "private-apps-api-calls-daily"),
    }[policy]
    return RefusedError(
        429,
        f"You have reached your {word} limit.",
        errorType="RATE_LIMIT",
        policyName=policy,
        groupName=f"publicapi:{group}:{portal_id}",
        **({"requestId": str(uuid.uuid4())} if policy == "DAILY" else {}),
    )


HTML_502 = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\
\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
)
HTML_414 = b"<html>\r\n<head><title>414 Request-URI Too Large</title></head>\r\n<body>\r\n<center><h1>414 Request-URI \
Too Large</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"


_OUTAGES: dict[str, Callable[[int], RefusedError]] = {
    "token-expired": lambda _: unauthorized(expired=True),
    "unauthorized": lambda _: unauthorized(),
    "forbidden": lambda _: missing_scopes(["crm.objects.companies.read"]),
    "quota": lambda portal_id: rate_limited("DAILY", portal_id),
    "rate-limit": lambda portal_id: rate_limited("TEN_SECONDLY_ROLLING", portal_id),
    "search-rate-limit": lambda portal_id: rate_limited("SECONDLY", portal_id),
    "locked": lambda _: RefusedError(423, "The resource is locked by another request.", "LOCKED"),
    "migration": lambda _: RefusedError(477, "Migration in progress.", "MIGRATION_IN_PROGRESS"),
    "unavailable": lambda _: RefusedError(503, "Service temporarily unavailable.", "SERVICE_UNAVAILABLE"),
}
_OUTAGE_OF_STATUS = {
    401: "unauthorized",
    403: "forbidden",
    423: "locked",
    429: "rate-limit",
    477: "migration",
    503: "unavailable",
}


def outage(kind: str, status: int, portal_id: int) -> RefusedError | bytes:
    """What the API sends for a fault rule's `kind`, else for `status`; bytes are HTML."""
    found = _OUTAGES.get(kind) or _OUTAGES.get(_OUTAGE_OF_STATUS.get(status, ""))
    if found is not None:
        return found(portal_id)
    if status == 414:
        return HTML_414
    if kind != "server-error" and status in (502, 504, 521, 523, 524):
        return HTML_502
    if status == 404:
        return not_found()
    if 400 <= status < 500:
        return RefusedError(status, "Invalid request.", "VALIDATION_ERROR")
    return RefusedError(status or 500, "internal error", "INTERNAL_ERROR")


def missing_scopes(scopes: Sequence[str]) -> RefusedError:
    """403: the token lacks all of these, of which one would do."""
    return RefusedError(
        403,
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: "
        "https://developers.hubspot.com/scopes.",
        "MISSING_SCOPES",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(scopes)},
            }
        ],
        links={"scopes": "https://developers.hubspot.com/scopes"},
    )
