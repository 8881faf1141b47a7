"""Replies that a portal sends on a bad day: every row of section 2.11 of the facts, and records that lack or twist what
they should have. No traceback, no lost record, and one line where a person must act.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.errors import (
    AuthError,
    ConnectorError,
    QuotaError,
    RateLimitedError,
    RejectedError,
    TransientError,
)
from connectors.hubspot.connector import HubspotConnector
from connectors.protocol import CreateTask, Done, Outcome, Rejected
from tests.connectors.hubspot_distorted import distorted, every_record
from tests.connectors.hubspot_portal import HOUR, Portal, Store, a_task, content, outcomes, pull, pull_stream

DAY = 24 * HOUR
UNREADABLE = "record without properties"
LOST = TransientError
# What a portal answers -> (the error that ends a pull, what its line says; "" where waiting a little helps).
REPLIES: dict[str, tuple[dict[str, Any], type[ConnectorError], str]] = {
    "400": ({"status": 400}, RejectedError, "Invalid request"),
    "401": ({"kind": "unauthorized"}, AuthError, "INVALID_AUTHENTICATION.*service key.*connections.acme"),
    "401, expired": ({"kind": "token-expired"}, AuthError, "EXPIRED_AUTHENTICATION.*service key.*connections.acme"),
    "403, missing scopes": ({"kind": "forbidden"}, RejectedError, "misses the scope crm.objects.companies.read; grant"),
    "404": ({"status": 404}, RejectedError, "resource not found"),
    "409": ({"status": 409}, RejectedError, "acme"),
    "414, html": ({"status": 414}, RejectedError, "414.*connections.acme.map"),
    "423": ({"kind": "locked"}, RateLimitedError, "locked"),
    "429, ten seconds": ({"kind": "rate-limit"}, RateLimitedError, "ten_secondly_rolling"),
    "429, a second": ({"kind": "search-rate-limit"}, RateLimitedError, "secondly"),
    "429, with Retry-After": ({"kind": "rate-limit", "retry_after": 3}, RateLimitedError, "ten_secondly_rolling"),
    "429, the day": ({"kind": "quota"}, QuotaError, "midnight"),
    "477": ({"kind": "migration", "retry_after": 86_400}, RateLimitedError, "left alone for 1440 minutes"),
    "500": ({"kind": "server-error"}, LOST, "500"),
    "502, html": ({"status": 502}, LOST, "502"),
    "503": ({"kind": "unavailable"}, LOST, "503"),
    "504, html": ({"status": 504}, LOST, "504"),
    **{f"{status}, html": ({"status": status, "html": True}, LOST, str(status)) for status in (521, 522, 523, 524)},
    **{f"{status}, html": ({"status": status, "html": True}, LOST, str(status)) for status in (525, 526)},
    "530": ({"status": 530, "empty": True}, AuthError, "service key"),
    "200, empty": ({"empty": True, "status": 200}, LOST, "empty body"),
    "200, html": ({"html": True, "status": 200}, LOST, "no whole JSON"),
    "200, half of it": ({"truncate": "short"}, LOST, "no whole JSON"),
    "no answer": ({"cut": "before"}, LOST, "answer was lost"),
}
PASSING = [name for name, (_, error, _) in REPLIES.items() if error in (LOST, RateLimitedError) and name != "477"]


@pytest.fixture(scope="module")
def running() -> Iterator[Portal]:
    one = Portal(accounts=6, touches_per_account=12)
    yield one
    one.close()


@pytest.fixture
def portal(running: Portal) -> Portal:
    """A small portal as it was at first."""
    running.sandbox.reset()
    return running


@pytest.fixture(scope="module")
def whole(running: Portal) -> Store:
    """What a store holds of it where nothing goes wrong."""
    running.sandbox.reset()
    return loaded(running)


@pytest.mark.parametrize("reply", list(REPLIES))
def test_a_reply_that_lasts_ends_a_pull_in_one_line(portal: Portal, reply: str) -> None:
    fault, kind, said = REPLIES[reply]
    portal.faults({**fault, "path": "companies"})
    with pytest.raises(kind) as caught:
        list(portal.connect().pull("companies", None, Store()))
    line = str(caught.value)
    assert type(caught.value) is kind
    assert re.search(said, line)
    assert "acme" in line
    assert "\n" not in line
    assert len(line) < 400
    assert "<" not in line
    assert kind is not LOST or line.endswith("; the next run goes on from here")


@pytest.mark.parametrize("reply", PASSING)
def test_a_reply_that_passes_is_waited_out_and_nothing_is_lost(portal: Portal, whole: Store, reply: str) -> None:
    portal.faults({**REPLIES[reply][0], "every": 9}, {"operation": "search", **REPLIES[reply][0], "first": 2})
    store = Store()
    pull(portal.connect(), store)
    assert set(store.rows["contacts"]) == {record["id"] for record in portal.records("contacts")}
    alike(store, whole)


def tried(connector: HubspotConnector, wanted: CreateTask) -> Outcome | ConnectorError:
    try:
        return outcomes(connector, wanted)[0]
    except ConnectorError as error:
        return error


@pytest.mark.parametrize("reply", list(REPLIES))
def test_no_reply_to_a_create_makes_a_second_task(portal: Portal, reply: str) -> None:
    connector, store = portal.connect(), Store()
    for stream in ("owners", "companies", "contacts"):
        list(pull_stream(connector, store, stream))
    fault, kind, _ = REPLIES[reply]
    # The create took effect, and this is what comes back.
    effect = {"cut": "after"} if "cut" in fault else fault | ({} if "truncate" in fault else {"applied": True})
    portal.faults({**effect, "operation": "batch-create", "first": 1})
    wanted = a_task(store)
    first = tried(connector, wanted)
    if isinstance(first, ConnectorError):
        assert isinstance(first, kind | AuthError)  # without its scope, writing ends as without a login
    if not isinstance(first, Done):
        connector = portal.connect()
        assert connector.find_tasks([wanted.key])[wanted.key].status == "open"
        assert isinstance(tried(connector, wanted), Done | Rejected)
    assert len(portal.records("tasks")) == 1


def loaded(portal: Portal, **settings: Any) -> Store:
    store = Store()
    pull(portal.connect(**settings), store)
    return store


def alike(one: Store, other: Store) -> None:
    assert one.rows == other.rows
    assert one.links == other.links
    assert one.set_aside == other.set_aside == {}


@pytest.mark.parametrize("properties", ["missing", "null", "a list"])
def test_records_without_properties_are_counted_and_arrive_with_the_beat(portal: Portal, properties: str) -> None:
    chosen = {kind: portal.records(kind)[2]["id"] for kind in ("companies", "contacts", "deals", "calls", "emails")}

    def without(path: str, record: dict[str, Any]) -> dict[str, Any]:
        if record.get("id") != chosen.get(next((kind for kind in chosen if f"/{kind}" in path), "")):
            return record
        bare = {name: value for name, value in record.items() if name != "properties"}
        return bare | {"missing": {}, "null": {"properties": None}, "a list": {"properties": []}}[properties]

    connector, store = portal.connect(), Store()
    with distorted(portal, every_record(without)):
        pull(connector, store)
    assert store.set_aside == {UNREADABLE: 1}
    held = {"companies": "accounts", "contacts": "contacts", "deals": "deals"}
    assert not [kind for kind, table in held.items() if chosen[kind] in store.rows[table]]
    portal.advance(DAY)
    pull(connector, store)
    fresh = loaded(portal)
    assert store.rows == fresh.rows


def test_a_record_whose_news_lack_properties_keeps_what_it_had(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    pull(connector, store)
    company, call = portal.records("companies")[0]["id"], portal.records("calls")[0]["id"]
    held = {"accounts": company, "activities": f"calls:{call}"}
    before = {table: store.rows[table][row_id] for table, row_id in held.items()}
    portal.control("PATCH", f"records/hubspot/companies/{company}", {"city": "Elsewhere"})
    portal.control("PATCH", f"records/hubspot/calls/{call}", {"hs_call_title": "Something"})
    portal.advance(30)
    with distorted(portal, every_record(lambda _, record: record | {"properties": None})):
        pull(connector, store)
    assert {table: store.rows[table][row_id] for table, row_id in held.items()} == before
    assert set(store.set_aside) == {UNREADABLE}


def test_numbers_and_truth_values_in_place_of_strings_change_nothing(portal: Portal, whole: Store) -> None:

    def bare(value: Any) -> Any:
        match value:
            case dict():
                return {name: bare(one) for name, one in value.items()}
            case list():
                return [bare(one) for one in value]
            case "true" | "false":
                return value == "true"
            case str() if re.fullmatch(r"[1-9]\d*", value):
                return int(value)
            case _:
                return value

    with distorted(portal, lambda _, answer: bare(answer)):
        connector, store = portal.connect(), Store()
        pull(connector, store)
        alike(store, whole)
        portal.advance(DAY)
        pull(connector, store)
    alike(store, whole)


def test_associated_ids_may_be_numbers_or_strings(portal: Portal, whole: Store) -> None:

    def strings(path: str, answer: Any) -> Any:
        for result in answer["results"] if "/associations/" in path else ():
            for to in result["to"]:
                to["toObjectId"] = str(to["toObjectId"])
        return answer

    with distorted(portal, strings):
        alike(loaded(portal), whole)


@pytest.mark.parametrize("form", ["without a fraction", "with microseconds", "with an offset"])
def test_timestamps_in_any_form_are_the_same_moments(portal: Portal, whole: Store, form: str) -> None:
    endings = {"without a fraction": "Z", "with microseconds": ".000000Z", "with an offset": ".000+00:00"}

    def formed(value: Any) -> Any:
        match value:
            case dict():
                return {name: formed(one) for name, one in value.items()}
            case list():
                return [formed(one) for one in value]
            case str() if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", value):
                return value.removesuffix(".000Z") + endings[form]
            case _:
                return value

    with distorted(portal, lambda _, answer: formed(answer)):
        connector, store = portal.connect(), Store()
        pull(connector, store)
        alike(store, whole)
        company = portal.records("companies")[0]["id"]
        portal.control("PATCH", f"records/hubspot/companies/{company}", {"name": "Renamed"})
        portal.control("DELETE", f"records/hubspot/companies/{portal.records('companies')[1]['id']}")
        portal.advance(DAY)
        pull(connector, store)
    assert store.rows["accounts"][company]["name"] == "Renamed"
    assert set(store.rows["accounts"]) == {one["id"] for one in portal.records("companies") if not one["archived"]}


def test_associations_to_records_never_seen_are_kept_and_harm_nothing(portal: Portal, whole: Store) -> None:
    nobody = 999_999_999_999

    def more(path: str, answer: Any) -> Any:
        for result in answer["results"] if "/associations/" in path else ():
            plain = {"category": "HUBSPOT_DEFINED", "typeId": 0, "label": None}
            result["to"].append({"toObjectId": nobody, "associationTypes": [plain]})
        return answer

    connector, store = portal.connect(), Store()
    with distorted(portal, more):
        pull(connector, store)
    assert store.rows == whole.rows
    for place, told in whole.links.items():
        assert set(told) <= set(store.links[place])
    assert str(nobody) in {target for told in store.links.values() for _, _, target in told}
    portal.advance(DAY)
    pull(connector, store)
    assert store.links == whole.links


def test_an_archived_owner_is_kept_as_somebody_who_left_and_gets_no_task(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    pull(connector, store)
    credited = {target for told in store.links.values() for _, kind, target in told if kind == "user"}
    owner = next(one for one in sorted(credited) if store.rows["users"][one]["active"])
    portal.control("PATCH", f"records/hubspot/owners/{owner}", {"archived": True})
    links = dict(store.links)
    pull(connector, store)
    assert store.rows["users"][owner]["active"] is False
    assert set(store.rows["users"]) == {one["id"] for one in portal.records("owners")}
    assert store.links == links
    (outcome,) = outcomes(connector, a_task(store, content=content(assignee_id=owner)))
    assert isinstance(outcome, Rejected)
    assert owner in outcome.message
    assert "\n" not in outcome.message
    assert portal.records("tasks") == []
