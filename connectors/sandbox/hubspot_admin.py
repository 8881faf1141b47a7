"""Handlers for the HubSpot account itself: owners, details, API usage, and the OAuth token."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from connectors.sandbox.crm import iso
from connectors.sandbox.hubspot_account import CURRENCY, TOKEN_SECONDS, ZONE
from connectors.sandbox.hubspot_errors import RefusedError, invalid, not_found
from connectors.sandbox.hubspot_objects import Reply
from connectors.sandbox.hubspot_shapes import Call, cursor, cursor_value

_SCOPES = (
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.deals.read",
    "crm.objects.owners.read",
    "crm.schemas.companies.write",
    "oauth",
    "sales-email-read",
)


def list_owners(call: Call) -> Reply:
    """Active owners, or with `archived` the deactivated ones."""
    found, last = call.account.owners.page(
        after=cursor_value(call.one("after")),
        limit=call.limit(default=100, most=500),
        archived=call.flag("archived"),
        email=call.one("email"),
    )
    reply: dict[str, Any] = {"results": [owner.body() for owner in found]}
    if last is not None:
        token = cursor(last)
        reply["paging"] = {"next": {"after": token, "link": f"{call.host}{call.url}?after={token}"}}
    call.exchange.records = len(found)
    return 200, reply


def read_owner(call: Call) -> Reply:
    wanted, id_property = call.path["id"], call.one("idProperty", "id")
    if id_property not in ("id", "userId"):
        raise invalid(f"Unable to parse value for query parameter idProperty: {id_property}")
    owners = call.account.owners
    owner = owners.of_user(wanted) if id_property == "userId" else owners.get(wanted)
    if owner is None or owner.active is call.flag("archived"):
        raise not_found()
    call.exchange.records = 1
    return 200, owner.body()


def account_details(call: Call) -> Reply:
    offset = call.account.clock.now().astimezone(ZoneInfo(ZONE)).utcoffset()
    seconds = int(offset.total_seconds()) if offset is not None else 0
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return 200, {
        "portalId": call.account.portal_id,
        "accountType": "STANDARD",
        "timeZone": ZONE,
        "companyCurrency": CURRENCY,
        "additionalCurrencies": ["USD"],
        "utcOffset": f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}",
        "utcOffsetMilliseconds": seconds * 1000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }


def api_usage(call: Call) -> Reply:
    limits = call.account.limits
    return 200, {
        "results": [
            {
                "name": "private-apps-api-calls-daily",
                "usageLimit": limits.daily_calls,
                "currentUsage": limits.used_today,
                "collectedAt": iso(datetime.now(UTC)),
                "fetchStatus": "SUCCESS",
                "resetsAt": iso(limits.resets_at()),
            }
        ]
    }


def issue_token(call: Call) -> Reply:
    """A new access token for the portal's client and refresh token, sent as a form."""
    form = {name: values[0] for name, values in parse_qs(call.raw_body.decode("utf-8", "replace")).items()}
    if not call.content_type.startswith("application/x-www-form-urlencoded"):
        raise RefusedError(415, "Unsupported Media Type: send application/x-www-form-urlencoded", "VALIDATION_ERROR")
    account = call.account
    if form.get("grant_type") != "refresh_token":
        raise _oauth_refusal("BAD_GRANT_TYPE", "unsupported_grant_type", "missing or unknown grant type")
    if (form.get("client_id"), form.get("client_secret")) != (account.client_id, account.client_secret):
        raise _oauth_refusal("BAD_CLIENT_ID", "invalid_client", "missing or unknown client id or secret")
    if form.get("refresh_token") != account.refresh_token:
        raise _oauth_refusal("BAD_REFRESH_TOKEN", "invalid_grant", "refresh token is invalid, expired or revoked")
    return 200, {
        "token_type": "bearer",
        "access_token": account.issue_token(),
        "refresh_token": account.refresh_token,
        "expires_in": TOKEN_SECONDS,
        "hub_id": account.portal_id,
        "scopes": list(_SCOPES),
        "token_use": "access_token",
    }


def _oauth_refusal(status: str, error: str, description: str) -> RefusedError:
    refused = RefusedError(400, description, error=error, error_description=description)
    refused.more["status"] = status
    return refused
