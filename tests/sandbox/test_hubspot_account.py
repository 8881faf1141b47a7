"""The HubSpot account itself: tokens, budgets, owners, details, property definitions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from tests.sandbox.hubspot_served import Served, portal, served, small_company

PROPERTIES = "/crm/properties/2026-09/companies"
TEXT = {"label": "A", "type": "string", "fieldType": "text", "groupName": "companyinformation"}


@pytest.fixture
def hubspot() -> Iterator[Served]:
    filled = portal()
    filled.load(small_company())
    with served(filled) as client:
        yield client


def token(hubspot: Served, path: str, **form: str) -> tuple[int, Any]:
    account = hubspot.portal
    body = {
        "grant_type": "refresh_token",
        "client_id": account.client_id,
        "client_secret": account.client_secret,
        "refresh_token": account.refresh_token,
    } | form
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": ""}
    answer = hubspot.raw("POST", path, urlencode(body).encode(), **headers)
    return answer.status, orjson.loads(answer.data)


def test_a_wrong_token_is_refused_in_the_true_form(hubspot: Served) -> None:
    for header in ("", "Bearer wrong", "Basic abc"):
        answer = hubspot.raw("GET", "/crm/v3/objects/contacts", Authorization=header)
        body = orjson.loads(answer.data)
        assert (answer.status, body["category"]) == (401, "INVALID_AUTHENTICATION")
        assert body["message"].startswith("Authentication credentials not found.")


@pytest.mark.parametrize("path", ["/oauth/v1/token", "/oauth/2026-03/token"])
def test_a_refresh_token_buys_an_access_token_that_expires(hubspot: Served, path: str) -> None:
    status, answer = token(hubspot, path)
    assert (status, answer["expires_in"], answer["token_type"]) == (200, 1800, "bearer")
    hubspot.token = answer["access_token"]
    assert hubspot.call("GET", "/crm/v3/owners")[0] == 200
    hubspot.portal.account.issued[hubspot.token] = time.monotonic() - 1
    status, answer = hubspot.call("GET", "/crm/v3/owners")
    assert (status, answer["category"]) == (401, "EXPIRED_AUTHENTICATION")


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
        ({"client_secret": "x"}, "BAD_CLIENT_ID"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
    ],
)
def test_a_bad_refresh_is_refused(hubspot: Served, form: dict[str, str], status: str) -> None:
    code, answer = token(hubspot, "/oauth/v1/token", **form)
    assert (code, answer["status"]) == (400, status)


def test_the_burst_budget_is_told_in_headers_and_ends_in_a_429() -> None:
    with served(portal(rate_limits=True)) as hubspot:
        first = hubspot.raw("GET", "/crm/v3/owners")
        assert first.headers["X-HubSpot-RateLimit-Max"] == "190"
        assert first.headers["X-HubSpot-RateLimit-Remaining"] == "189"
        assert first.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
        answers = [hubspot.raw("GET", "/crm/v3/owners") for _ in range(190)]
        assert [one.status for one in answers] == [200] * 189 + [429]
        body = orjson.loads(answers[-1].data)
        assert (body["policyName"], body["errorType"]) == ("TEN_SECONDLY_ROLLING", "RATE_LIMIT")
        assert body["message"] == "You have reached your ten_secondly_rolling limit."
        assert "category" not in body
        assert answers[-1].headers["X-HubSpot-RateLimit-Remaining"] == "0"


def test_search_has_a_budget_of_its_own_without_headers() -> None:
    with served(portal(rate_limits=True)) as hubspot:
        answers = [hubspot.raw("POST", "/crm/v3/objects/contacts/search", {}) for _ in range(6)]
        assert [one.status for one in answers] == [200] * 5 + [429]
        assert orjson.loads(answers[-1].data)["policyName"] == "SECONDLY"
        assert not [name for one in answers for name in one.headers if name.lower().startswith("x-hubspot")]
        assert hubspot.raw("GET", "/crm/v3/owners").headers["X-HubSpot-RateLimit-Remaining"] == "189"


def test_the_daily_budget_is_counted_and_ends() -> None:
    made = portal(rate_limits=True)
    made.account.limits.daily_calls = 2
    with served(made) as hubspot:
        hubspot.get("/crm/v3/owners")
        usage = hubspot.get("/account-info/2026-03/api-usage/daily/private-apps")["results"][0]
        assert (usage["usageLimit"], usage["currentUsage"]) == (2, 2)
        status, answer = hubspot.call("GET", "/crm/v3/owners")
        assert (status, answer["policyName"]) == (429, "DAILY")


def test_without_limits_there_are_neither_headers_nor_ends(hubspot: Served) -> None:
    answers = [hubspot.raw("GET", "/crm/v3/owners") for _ in range(200)]
    assert {one.status for one in answers} == {200}
    assert "X-HubSpot-RateLimit-Max" not in answers[0].headers


def test_a_query_that_no_proxy_would_take_is_refused_as_html(hubspot: Served) -> None:
    answer = hubspot.raw("GET", "/crm/v3/objects/contacts?properties=" + "x" * 15_001)
    assert (answer.status, answer.headers["content-type"].split(";")[0]) == (414, "text/html")


def test_owners_page_and_are_found_by_address_id_or_user_id(hubspot: Served) -> None:
    page = hubspot.get("/crm/v3/owners/?limit=1")
    rest = hubspot.get(f"/crm/owners/2026-09?limit=1&after={page['paging']['next']['after']}")
    assert [one["email"] for one in page["results"] + rest["results"]] == ["jana@seller.example", "tom@seller.example"]
    assert "paging" not in rest
    jana = page["results"][0]
    assert hubspot.get("/crm/v3/owners?email=JANA@seller.example")["results"] == [jana]
    assert hubspot.get(f"/crm/v3/owners/{jana['userId']}?idProperty=userId") == jana
    assert hubspot.call("GET", f"/crm/v3/owners/{jana['userId']}")[0] == 404
    assert hubspot.call("GET", f"/crm/v3/owners/{jana['id']}?archived=True")[0] == 404


def test_deactivated_users_are_only_in_the_archived_list(hubspot: Served) -> None:
    gone = hubspot.get("/crm/v3/owners/?archived=True")["results"]
    assert [(one["email"], one["userId"]) for one in gone] == [("gil@seller.example", None)]
    assert gone[0]["userIdIncludingInactive"] > 0


def test_details_follow_the_crms_own_clock(hubspot: Served) -> None:
    details = hubspot.get("/account-info/v3/details")
    assert (details["utcOffset"], details["utcOffsetMilliseconds"]) == ("+01:00", 3_600_000)
    assert details["portalId"] == hubspot.portal.account.portal_id


def test_a_property_is_made_once_archived_and_comes_back(hubspot: Served) -> None:
    body = TEXT | {"name": "mine"}
    assert hubspot.post(PROPERTIES, body)[0] == 201
    status, answer = hubspot.post(PROPERTIES, body)
    assert (status, answer["subCategory"]) == (409, "Properties.PROPERTY_WITH_NAME_EXISTS")
    assert hubspot.call("DELETE", f"{PROPERTIES}/mine") == (204, None)
    assert hubspot.call("GET", f"{PROPERTIES}/mine")[0] == 404
    assert [one["name"] for one in hubspot.get(f"{PROPERTIES}?archived=true")["results"]] == ["mine"]
    assert hubspot.post("/crm/v3/objects/companies", {"properties": {"name": "x", "mine": "1"}})[0] == 400
    assert hubspot.post(PROPERTIES, body | {"label": "Back"})[1]["label"] == "Back"
    assert hubspot.post("/crm/v3/objects/companies", {"properties": {"name": "x", "mine": "1"}})[0] == 201


def test_uniqueness_cannot_be_changed_afterwards(hubspot: Served) -> None:
    hubspot.post(PROPERTIES, TEXT | {"name": "mine"})
    status, answer = hubspot.call("PATCH", f"{PROPERTIES}/mine", {"hasUniqueValue": True})
    assert (status, answer["hasUniqueValue"]) == (200, False)


@pytest.mark.parametrize(
    "change",
    [
        {"fieldType": "number"},
        {"type": "bool", "fieldType": "booleancheckbox"},
        {"groupName": "nowhere"},
        {"name": "Mine"},
        {"label": ""},
        {"type": "date", "fieldType": "date", "hasUniqueValue": True},
    ],
)
def test_a_definition_that_does_not_fit_together_is_refused(hubspot: Served, change: dict[str, Any]) -> None:
    assert hubspot.post(PROPERTIES, TEXT | {"name": "mine"} | change)[0] == 400


def test_at_most_ten_properties_of_an_object_are_unique(hubspot: Served) -> None:
    inputs = [TEXT | {"name": f"mine_{number}", "hasUniqueValue": True} for number in range(11)]
    status, answer = hubspot.post(f"{PROPERTIES}/batch/create", {"inputs": inputs})
    assert (status, len(answer["results"]), answer["numErrors"]) == (207, 10, 1)


def test_hubspots_own_definitions_cannot_be_archived(hubspot: Served) -> None:
    assert hubspot.call("DELETE", f"{PROPERTIES}/name")[0] == 400
    assert hubspot.call("PATCH", f"{PROPERTIES}/name", {"type": "number"})[0] == 400


def test_definitions_say_what_can_be_written(hubspot: Served) -> None:
    known = {one["name"]: one for one in hubspot.get(PROPERTIES)["results"]}
    assert known["hs_lastmodifieddate"]["modificationMetadata"]["readOnlyValue"] is True
    assert known["hubspot_owner_id"]["referencedObjectType"] == "OWNER"
    assert known["hubspot_owner_id"]["options"] == []
    assert (known["holdfast_risk"]["type"], known["holdfast_risk"]["groupName"]) == ("number", "holdfast")
    key = hubspot.get("/crm/v3/properties/0-27/holdfast_key")
    assert key["hasUniqueValue"] is True


def test_groups_are_made_once(hubspot: Served) -> None:
    body = {"name": "mine", "label": "Mine", "displayOrder": -1}
    assert hubspot.post(f"{PROPERTIES}/groups", body)[0] == 201
    assert hubspot.post(f"{PROPERTIES}/groups", body)[0] == 409
    assert {"companyinformation", "holdfast", "mine"} <= {
        one["name"] for one in hubspot.get(f"{PROPERTIES}/groups")["results"]
    }


def test_pipelines_tell_which_stages_are_closed(hubspot: Served) -> None:
    stages = hubspot.get("/crm/pipelines/2026-03/deals")["results"][0]["stages"]
    assert [one["id"] for one in stages if one["metadata"]["isClosed"] == "true"] == ["closedwon", "closedlost"]
    assert hubspot.call("GET", "/crm/v3/pipelines/companies")[0] == 404
