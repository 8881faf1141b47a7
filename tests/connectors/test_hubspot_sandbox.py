"""The connector against the sandbox's portal: loads, increments, broken pulls and writes, over real sockets."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.errors import AuthError, ConnectorError, QuotaError, RejectedError, TransientError
from connectors.hubspot import loading
from connectors.protocol import (
    Ambiguous,
    Change,
    CloseTask,
    Done,
    Outcome,
    Rejected,
    SetFields,
    UpdateTask,
)
from tests.connectors.hubspot_portal import (
    ACTIVITIES,
    HOUR,
    Portal,
    Store,
    a_task,
    content,
    done,
    outcomes,
    pull,
    pull_stream,
)


@pytest.mark.parametrize("api_version", ["2026-09", "2026-03", "v3"])
def test_a_first_load_brings_every_record_and_its_links(portal: Portal, api_version: str) -> None:
    store = Store()
    pull(portal.connect(api_version=api_version), store)
    tables = {"owners": "users", "companies": "accounts", "contacts": "contacts", "deals": "deals"}
    for kind, table in tables.items():
        assert set(store.rows[table]) == {record["id"] for record in portal.records(kind)}, kind
    activities = {f"{kind}:{record['id']}": record for kind in ACTIVITIES for record in portal.records(kind)}
    assert set(store.rows["activities"]) == set(activities)
    for activity_id, record in activities.items():
        for kind, source in (
            ("contacts", "assoc:contacts"),
            ("companies", "assoc:companies"),
            ("deals", "assoc:deals"),
        ):
            told = {target for _, _, target in store.links[activity_id, source]}
            assert told == associated(record, kind), (activity_id, kind)
    assert all(store.links[f"deals:{deal}", "assoc:companies"] for deal in store.rows["deals"])
    assert store.set_aside == {}


def associated(record: dict[str, Any], kind: str) -> set[str]:
    return {one["id"] for one in record.get("associations", {}).get(kind, ())}


def test_a_pull_without_news_is_one_search_per_object_and_links_of_recent_days_only(portal: Portal) -> None:
    store = Store()
    connector = portal.connect(patient=True)
    pull(connector, store)
    portal.advance(60 * 24 * HOUR)
    pull(connector, store)  # meetings that lay ahead
    portal.advance(60 * 24 * HOUR)
    pull(connector, store)  # and the day's look at what vanished
    portal.advance(HOUR)
    portal.served()
    before = {table: dict(rows) for table, rows in store.rows.items()}
    pull(connector, store)
    calls = portal.served()
    searched = [path.split("/")[-2] for operation, path in calls if operation == "search"]
    assert sorted(searched) == sorted([*ACTIVITIES, "companies", "contacts", "deals", "tasks"])
    others = [operation for operation, _ in calls if operation != "search"]
    assert len(others) == 2, calls  # the owners, active and not
    assert {table: dict(rows) for table, rows in store.rows.items()} == before


def test_what_changes_arrives_once_the_index_can_know(portal: Portal) -> None:
    store = Store()
    connector = portal.connect()
    pull(connector, store)
    portal.advance(HOUR)
    account, contact = (next(iter(store.rows[table])) for table in ("accounts", "contacts"))
    portal.control("PATCH", f"records/hubspot/companies/{account}", {"holdfast_snooze_until": "2026-12-24"})
    portal.control("PATCH", f"records/hubspot/contacts/{contact}", {"jobtitle": "Chief Surprise Officer"})
    call = portal.control(
        "POST",
        "records/hubspot/calls",
        {
            "properties": {"hs_timestamp": "2026-11-01T10:00:00Z", "hs_call_status": "COMPLETED"},
            "associations": [link_to(contact, 194)],
        },
    )
    portal.advance(30)
    pull(connector, store)
    assert store.rows["accounts"][account]["ours"] == {"snooze_until": "2026-12-24"}
    assert store.rows["contacts"][contact]["title"] == "Chief Surprise Officer"
    call_id = f"calls:{_id_of(call)}"
    assert store.rows["activities"][call_id]["outcome"] == "held"
    assert store.links[call_id, "assoc:contacts"] == [("theirs", "contact", contact)]


def link_to(target: str, type_id: int) -> dict[str, Any]:
    return {
        "to": {"id": target},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
    }


def _id_of(reply: dict[str, Any]) -> str:
    return str(reply["id"] if "id" in reply else reply["record"]["id"])


def test_a_contact_attached_afterwards_is_found_within_the_trailing_days(portal: Portal) -> None:
    store = Store()
    connector = portal.connect()
    call = portal.control("POST", "records/hubspot/calls", {"properties": {"hs_timestamp": "2026-11-01T10:00:00Z"}})
    call_id, contact = _id_of(call), portal.records("contacts")[0]["id"]
    portal.advance(HOUR)
    pull(connector, store)
    assert store.links[f"calls:{call_id}", "assoc:contacts"] == []
    portal.advance(HOUR)
    pull(connector, store)
    portal.advance(HOUR)  # neither is the activity's change among what is new, nor is the daily beat due
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]
    link = {"from": {"id": call_id}, "to": {"id": contact}, "types": types}
    portal.api("/crm/associations/2026-09/calls/contacts/batch/create", {"inputs": [link]})
    assert pull(connector, store)["calls"] == 0
    assert store.links[f"calls:{call_id}", "assoc:contacts"] == [("theirs", "contact", contact)]


def test_a_load_that_was_cut_short_goes_on_where_it_was(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "GROUP_SIZE", 100)
    store = Store()
    pages = pull_stream(portal.connect(), store, "emails")
    next(pages)
    pages.close()
    assert "after" in store.cursors["emails"]
    assert list(pull_stream(portal.connect(), store, "emails"))[-1].last
    assert len(store.rows["activities"]) == len(portal.records("emails"))


def test_a_pull_survives_what_a_network_does(portal: Portal) -> None:
    store = Store()
    portal.faults(
        {"every": 4, "kind": "unavailable"},
        {"every": 7, "cut": "before"},
        {"every": 11, "truncate": "cut"},
        {"every": 13, "status": 502, "html": True},
        {"every": 9, "kind": "rate-limit"},
    )
    pull(portal.connect(), store)
    portal.faults()
    fresh = Store()
    pull(portal.connect(), fresh)
    assert store.rows == fresh.rows
    assert store.links == fresh.links


def test_a_created_task_is_there_once_and_as_the_portal_has_it(portal: Portal) -> None:
    store = Store()
    connector = portal.connect()
    pull(connector, store)
    wanted = a_task(store)
    (first,) = outcomes(connector, wanted)
    task = done(first)
    assert (task.key, task.status, task.account_id) == (wanted.key, "open", wanted.account_id)
    assert (task.subject, task.body) == ("Acme hangs on one link", "<p>Why</p><p>what &lt;next&gt;</p>")
    assert task.due_on == date(2026, 11, 20)
    (stored,) = portal.records("tasks")
    assert stored["properties"]["hs_task_priority"] == "HIGH"
    assert associated(stored, "companies") == {wanted.account_id}
    assert associated(stored, "contacts") == {wanted.contact_id}
    (second,) = outcomes(connector, wanted)
    assert done(second).id == task.id
    assert len(portal.records("tasks")) == 1
    assert connector.find_tasks([wanted.key, "hf1:nobody:owner:1"]) == {wanted.key: task}


def test_what_happens_to_our_task_is_seen(portal: Portal) -> None:
    store = Store()
    connector = portal.connect()
    pull(connector, store)
    made = [done(one) for one in outcomes(connector, *(a_task(store, number) for number in range(4)))]
    portal.advance(HOUR)
    pull(connector, store)
    assert {row["status"] for row in store.rows["crm_tasks"].values()} == {"open"}
    assert {row["account_id"] for row in store.rows["crm_tasks"].values()} == {task.account_id for task in made}
    completed, deleted, deferred, edited = (task.id for task in made)
    portal.control("PATCH", f"records/hubspot/tasks/{completed}", {"hs_task_status": "COMPLETED"})
    portal.control("DELETE", f"records/hubspot/tasks/{deleted}")
    portal.control("PATCH", f"records/hubspot/tasks/{deferred}", {"hs_task_status": "DEFERRED"})
    portal.control("PATCH", f"records/hubspot/tasks/{edited}", {"hs_task_subject": "Mine now"})
    pull(connector, store)
    rows = store.rows["crm_tasks"]
    assert [rows[made_task.id]["status"] for made_task in made] == ["completed", "deleted", "deferred", "open"]
    assert rows[deleted]["ended_at"] is not None
    assert rows[edited]["subject"] == "Mine now"
    assert connector.find_tasks([made[1].key])[made[1].key].status == "deleted"


def test_a_lost_store_finds_its_tasks_again(portal: Portal) -> None:
    store = Store()
    connector = portal.connect()
    pull(connector, store)
    task = done(outcomes(connector, a_task(store))[0])
    portal.advance(HOUR)
    empty = Store()
    pull(portal.connect(), empty)
    assert empty.rows["crm_tasks"][task.id]["key"] == task.key
    assert empty.rows["crm_tasks"][task.id]["account_id"] == task.account_id


def test_updates_and_closes_touch_only_what_they_name(portal: Portal) -> None:
    store = Store()
    connector = portal.connect()
    pull(connector, store)
    one, other = (done(made) for made in outcomes(connector, a_task(store, 0), a_task(store, 1)))
    assert one.account_id is not None
    assert other.account_id is not None
    changes = (
        UpdateTask(key=one.key, task_id=one.id, account_id=one.account_id, changed={"subject": "New words"}),
        CloseTask(key=other.key, task_id=other.id, account_id=other.account_id, reason="cleared", body="Cleared."),
    )
    updated, closed = (done(made) for made in outcomes(connector, *changes))
    assert (updated.subject, updated.body, updated.due_on) == ("New words", one.body, one.due_on)
    assert (closed.status, closed.body, closed.subject) == ("completed", "<p>Cleared.</p>", other.subject)
    assert closed.ended_at is not None


def test_fields_are_set_and_emptied(portal: Portal) -> None:
    store = Store()
    connector = portal.connect()
    pull(connector, store)
    account = next(iter(store.rows["accounts"]))
    values = {"risk": 62, "risk_level": "at risk", "next_exec_due": date(2026, 12, 1)}
    assert outcomes(connector, SetFields(account_id=account, fields=values)) == [Done()]
    portal.advance(HOUR)
    pull(connector, store)
    assert store.rows["accounts"][account]["ours"] == values | {"next_exec_due": "2026-12-01"}
    assert outcomes(connector, SetFields(account_id=account, fields={"risk": None})) == [Done()]
    portal.advance(HOUR)
    pull(connector, store)
    assert "risk" not in store.rows["accounts"][account]["ours"]


def test_a_bad_row_is_refused_alone(portal: Portal) -> None:
    store = Store()
    connector = portal.connect()
    pull(connector, store)
    changes: list[Change] = [a_task(store, number) for number in range(5)]
    changes[2] = a_task(store, 2, content=content(assignee_id="no-owner"))
    changes += [
        SetFields(account_id="1", fields={"risk": 5}),
        SetFields(account_id=changes[0].account_id, fields={"risk": 5}),
    ]
    kinds = [type(outcome) for outcome in outcomes(connector, *changes)]
    assert kinds == [Done, Done, Rejected, Done, Done, Rejected, Done]
    assert len(portal.records("tasks")) == 4


def test_a_create_whose_answer_was_lost_is_ambiguous_and_found_afterwards(portal: Portal) -> None:
    store = Store()
    connector = portal.connect()
    pull(connector, store)
    portal.faults({"operation": "batch-create", "cut": "after", "first": 1})
    wanted = a_task(store)
    (outcome,) = outcomes(connector, wanted)
    assert isinstance(outcome, Ambiguous)
    assert connector.find_tasks([wanted.key])[wanted.key].status == "open"
    assert len(portal.records("tasks")) == 1


def test_answers_lost_again_and_again_end_the_sending(portal: Portal) -> None:
    store = Store()
    connector = portal.connect()
    pull(connector, store)
    template = a_task(store)
    changes = [a_task(store, key=f"{template.key}-{number}") for number in range(250)]
    portal.faults({"operation": "batch-create", "status": 502, "html": True})
    seen: list[Outcome] = []
    with pytest.raises(TransientError):
        seen.extend(outcome for _, outcome in connector.apply(changes))
    assert [type(outcome) for outcome in seen] == [Ambiguous] * 200


def test_what_was_done_before_the_quota_ended_is_told(portal: Portal) -> None:
    store = Store()
    connector = portal.connect()
    pull(connector, store)
    template = a_task(store)
    changes = [a_task(store, key=f"{template.key}-{number}") for number in range(150)]
    portal.faults({"operation": "batch-create", "after": 1, "kind": "quota"})
    seen: list[Outcome] = []
    with pytest.raises(QuotaError):
        seen.extend(outcome for _, outcome in connector.apply(changes))
    assert [type(outcome) for outcome in seen] == [Done] * 100


def test_a_portal_without_a_unique_key_finds_tasks_by_search_and_by_list() -> None:
    portal = Portal()
    portal.sandbox.hubspot.account.unique_task_key = False
    portal.sandbox.reset()
    try:
        store = Store()
        connector = portal.connect()
        pull(connector, store)
        assert connector.capabilities().task_key_unique is False
        old, new, deleted = (done(one) for one in outcomes(connector, *(a_task(store, number) for number in range(3))))
        portal.control("DELETE", f"records/hubspot/tasks/{deleted.id}")
        portal.faults({"operation": "search", "index_lag_seconds": 3600})
        keys = [old.key, new.key, deleted.key, "hf1:nobody:owner:1"]
        found = connector.find_tasks(keys)
        assert {key: (task.id, task.status) for key, task in found.items()} == {
            old.key: (old.id, "open"),
            new.key: (new.id, "open"),
            deleted.key: (deleted.id, "deleted"),
        }
    finally:
        portal.close()


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ({"kind": "quota"}, QuotaError, "used up"),
        ({"kind": "token-expired"}, AuthError, "refuses the credentials"),
        ({"kind": "forbidden"}, RejectedError, "acme"),
        ({"kind": "unavailable"}, TransientError, "503"),
    ],
)
def test_what_ends_a_pull_is_said_in_one_line(
    portal: Portal, fault: dict[str, Any], kind: type[ConnectorError], said: str
) -> None:
    portal.faults(fault)
    with pytest.raises(kind, match=said) as caught:
        list(portal.connect().pull("companies", None, Store()))
    assert "\n" not in str(caught.value)


def test_a_wrong_token_names_connection_and_remedy(portal: Portal) -> None:
    connector = portal.connect(access_token=SecretStr("pat-wrong"))
    with pytest.raises(AuthError, match=r"connections\.acme"):
        connector.server_now()


def test_an_oauth_app_logs_in_by_itself(portal: Portal) -> None:
    hubspot = portal.sandbox.hubspot
    connector = portal.connect(
        auth="oauth",
        access_token=None,
        client_id=hubspot.client_id,
        client_secret=SecretStr(hubspot.client_secret),
        refresh_token=SecretStr(hubspot.refresh_token),
    )
    assert connector.server_now().tzinfo is UTC


def test_with_the_portal_s_limits_a_first_load_is_never_refused() -> None:
    portal = Portal(rate_limits=True)
    try:
        store = Store()
        connector = portal.connect(patient=True)
        pull(connector, store)
        pull(connector, store)
        statuses = {entry["status"] for entry in portal.control("GET", "journal")["requests"]}
        assert 429 not in statuses
        assert connector.api_left is not None
    finally:
        portal.close()
