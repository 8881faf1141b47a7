"""Logging in to the sandbox's Salesforce, and being let in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.salesforce_served import Client, served


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with served() as one:
        yield one


def test_a_signed_assertion_gets_a_token(client: Client) -> None:
    reply = client.login()
    body = reply.json()
    assert reply.status_code == 200
    assert body["token_type"] == "Bearer"
    assert body["instance_url"] == client.url
    assert "expires_in" not in body
    assert "refresh_token" not in body


def test_the_expiry_may_be_a_number_or_a_string(client: Client) -> None:
    assert client.login(exp=int(time.time()) + 60).status_code == 200
    assert client.login(exp=str(int(time.time()) + 60)).status_code == 200


@pytest.mark.parametrize(
    ("claims", "error", "description"),
    [
        ({"iss": "somebody"}, "invalid_client_id", "client identifier invalid"),
        ({"sub": "nobody@example.com"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"aud": "https://example.com"}, "invalid_grant", "audience is invalid"),
        ({"exp": "1000"}, "invalid_grant", "expired authorization code"),
    ],
)
def test_a_wrong_claim_is_refused_in_oauths_form(
    client: Client, claims: dict[str, Any], error: str, description: str
) -> None:
    reply = client.login(**claims)
    assert (reply.status_code, reply.json()) == (400, {"error": error, "error_description": description})


def test_a_key_that_the_org_does_not_know_is_refused(client: Client) -> None:
    from connectors.sandbox.salesforce_login import Logins

    stranger = Logins("x", "00D").private_key_pem
    import jwt

    claims = {"iss": client.sandbox.credentials()["salesforce"]["consumer_key"], "aud": "https://login.salesforce.com"}
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": jwt.encode(claims, stranger, algorithm="RS256"),
    }
    reply = client.http.post(f"{client.url}/services/oauth2/token", data=form)
    assert reply.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}


def test_client_credentials_come_in_a_basic_header(client: Client) -> None:
    given = client.sandbox.credentials()["salesforce"]
    url, form = f"{client.url}/services/oauth2/token", {"grant_type": "client_credentials"}
    assert client.http.post(url, data=form, auth=(given["client_id"], given["client_secret"])).status_code == 200
    reply = client.http.post(url, data=form, auth=(given["client_id"], "wrong"))
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_client")


def test_other_grants_are_not_supported(client: Client) -> None:
    reply = client.http.post(f"{client.url}/services/oauth2/token", data={"grant_type": "password"})
    assert reply.json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic abc", ""])
def test_an_unknown_session_is_401(client: Client, header: str) -> None:
    reply = client.call("GET", "limits", headers={"Authorization": header})
    assert reply.status_code == 401
    assert reply.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_a_revoked_token_is_dead(client: Client) -> None:
    token = client.login().json()["access_token"]
    assert client.call("GET", "limits", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert client.http.post(f"{client.url}/services/oauth2/revoke", data={"token": token}).status_code == 200
    assert client.call("GET", "limits", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert client.http.post(f"{client.url}/services/oauth2/revoke", data={"token": token}).status_code == 400


def test_every_reply_tells_the_usage_and_the_orgs_clock(client: Client) -> None:
    client.control("POST", "clock", json={"now": "2026-12-24T18:00:00Z"})
    used = [client.call("GET", path).headers for path in ("limits", "sobjects/Nothing", "query?q=x")]
    counts = [int(each["Sforce-Limit-Info"].removeprefix("api-usage=").split("/")[0]) for each in used]
    assert counts == [counts[0], counts[0] + 1, counts[0] + 2]
    assert all(each["Date"].startswith("Thu, 24 Dec 2026 18:00:") for each in used)


def test_a_spent_quota_refuses_until_the_day_is_over() -> None:
    with served() as one:
        one.sandbox.salesforce.quota.most = 2
        assert [one.call("GET", "limits").status_code for _ in range(3)] == [200, 200, 403]
        reply = one.call("GET", "limits")
        assert reply.json() == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
        one.control("POST", "clock", json={"advance_seconds": 24 * 3600 + 1})
        assert one.call("GET", "limits").status_code == 200
