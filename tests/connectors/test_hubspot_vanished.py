"""What is deleted, erased, archived and restored in a portal arrives in the store, though no search tells of it."""

from __future__ import annotations

import pytest

from connectors.errors import TransientError
from connectors.hubspot.connector import HubspotConnector
from connectors.protocol import Cursor
from connectors.sandbox.hubspot_schema import object_type
from tests.connectors.hubspot_portal import HOUR, Portal, Store, pull, pull_stream

DAY = 24 * HOUR
# Object, table, property and the column that it becomes.
EDITS = [
    ("companies", "accounts", "name", "name"),
    ("contacts", "contacts", "jobtitle", "title"),
    ("deals", "deals", "dealname", "name"),
    ("calls", "activities", "hs_timestamp", "at"),
    ("meetings", "activities", "hs_meeting_start_time", "at"),
]


def loaded(portal: Portal, **settings: object) -> tuple[HubspotConnector, Store]:
    connector, store = portal.connect(**settings), Store()
    pull(connector, store)
    portal.advance(HOUR)
    return connector, store


@pytest.mark.parametrize("api_version", ["2026-09", "v3"])
@pytest.mark.parametrize(("kind", "table"), [("companies", "accounts"), ("contacts", "contacts")])
def test_an_archived_record_is_gone_after_the_beat_and_a_restored_one_is_back(
    portal: Portal, api_version: str, kind: str, table: str
) -> None:
    """No stamp moves with either."""
    connector, store = loaded(portal, api_version=api_version)
    one = next(iter(store.rows[table]))
    portal.control("DELETE", f"records/hubspot/{kind}/{one}")
    pull(connector, store)
    assert one in store.rows[table]
    portal.advance(DAY)
    pull(connector, store)
    assert one not in store.rows[table]
    portal.act("restore", object=kind, id=one)
    portal.advance(DAY)
    pull(connector, store)
    assert one in store.rows[table]


def test_a_contact_erased_under_the_gdpr_is_gone_after_the_beat(portal: Portal) -> None:
    connector, store = loaded(portal)
    contact = next(iter(store.rows["contacts"]))
    portal.api("/crm/objects/2026-09/contacts/gdpr-delete", {"objectId": contact})
    assert contact not in {record["id"] for record in portal.records("contacts")}
    portal.advance(DAY)
    before = set(store.rows["contacts"])
    pull(connector, store)
    assert before - set(store.rows["contacts"]) == {contact}


def test_a_deleted_email_leaves_no_trace_and_is_gone_after_the_beat(portal: Portal) -> None:
    connector, store = loaded(portal)
    emails = [row_id for row_id in store.rows["activities"] if row_id.startswith("emails:")]
    for row_id in (emails[0], emails[-1]):
        portal.control("DELETE", f"records/hubspot/emails/{row_id.removeprefix('emails:')}")
    portal.advance(DAY)
    before = set(store.rows["activities"])
    pull(connector, store)
    assert before - set(store.rows["activities"]) == {emails[0], emails[-1]}


def test_between_the_beats_no_list_is_read_and_with_a_beat_each_once(portal: Portal) -> None:
    connector, store = loaded(portal)
    portal.served()
    pull(connector, store)
    assert "list" not in {operation for operation, _ in portal.served()}
    portal.advance(DAY)
    pull(connector, store)
    lists = [path for operation, path in portal.served() if operation == "list"]
    pages = sum(max(1, -(-len(portal.records(path)) // 100)) for path in {path.rsplit("/", 1)[-1] for path in lists})
    assert len(lists) == pages + len({*lists})  # and one empty archived list each
    portal.advance(HOUR)
    pull(connector, store)
    assert "list" not in {operation for operation, _ in portal.served()}


def test_an_interrupted_beat_goes_on_where_it_was(portal: Portal) -> None:
    connector, store = loaded(portal)
    emails = [row_id for row_id in store.rows["activities"] if row_id.startswith("emails:")]
    portal.control("DELETE", f"records/hubspot/emails/{emails[-1].removeprefix('emails:')}")
    portal.advance(DAY)
    portal.faults({"operation": "list", "path": "emails", "after": 2, "kind": "unavailable"})
    with pytest.raises(TransientError):
        list(pull_stream(connector, store, "emails"))
    place: Cursor = store.cursors["emails"]["sweep"]
    assert (place["list"], place["after"] > "") == ("live", True)
    portal.faults()
    portal.served()
    list(pull_stream(connector, store, "emails"))
    assert sum(operation == "list" for operation, _ in portal.served()) == -(-len(emails) // 100) - 1
    assert "sweep" not in store.cursors["emails"]
    assert emails[-1] not in store.rows["activities"]


def test_what_the_archived_list_tells_stands_though_the_beat_is_cut_short(portal: Portal) -> None:
    connector, store = loaded(portal)
    company = next(iter(store.rows["accounts"]))
    portal.control("DELETE", f"records/hubspot/companies/{company}")
    portal.advance(DAY)
    portal.faults({"operation": "list", "path": "companies", "after": 1, "kind": "unavailable"})
    with pytest.raises(TransientError):
        list(pull_stream(connector, store, "companies"))
    assert company not in store.rows["accounts"]


def test_a_list_that_forgets_records_buries_nobody(portal: Portal) -> None:
    """A list may be short for a moment; what can be read by its id is there."""
    connector, store = loaded(portal)
    before = {table: set(rows) for table, rows in store.rows.items()}
    hidden = next(iter(store.rows["accounts"]))
    data = portal.sandbox.hubspot.account.data
    page, kind = data.store.page, object_type("companies")
    assert kind is not None
    data.store.page = lambda number, *rest, **more: [  # type: ignore[method-assign] a list with a hole
        row for row in page(number, *rest, **more) if (number, str(row[0])) != (kind.number, hidden)
    ]
    portal.advance(DAY)
    pull(connector, store)
    assert {table: set(rows) for table, rows in store.rows.items()} == before


def test_what_was_made_while_the_index_slept_is_found_by_the_beat(portal: Portal) -> None:
    connector, store = loaded(portal)
    made = portal.control("POST", "records/hubspot/companies", {"name": "Unseen"})["id"]
    portal.faults({"operation": "search", "index_lag_seconds": 30 * DAY})
    portal.advance(DAY)
    pull(connector, store)
    assert store.rows["accounts"][made]["name"] == "Unseen"


@pytest.mark.parametrize(("kind", "table", "name", "column"), EDITS)
def test_an_edit_that_the_index_learnt_of_too_late_is_found_by_the_beat(
    portal: Portal, kind: str, table: str, name: str, column: str
) -> None:
    """Two hours late: by then every search looks back to less than the time of the edit."""
    connector, store = loaded(portal)
    record = portal.records(kind)[0]
    row_id = record["id"] if table != "activities" else f"{kind}:{record['id']}"
    before = store.rows[table][row_id][column]
    portal.control("POST", "setup/hubspot", {"index_lag_seconds": 2 * HOUR})
    value = "Renamed" if name in ("name", "jobtitle", "dealname") else "2026-05-05T05:05:05Z"
    portal.control("PATCH", f"records/hubspot/{kind}/{record['id']}", {name: value})
    for _ in range(4):
        portal.advance(HOUR)
        pull(connector, store)
    assert store.rows[table][row_id][column] == before  # what searches alone bring
    portal.advance(DAY)
    pull(connector, store)
    assert store.rows[table][row_id][column] != before


def test_the_beat_takes_what_was_edited_and_leaves_the_rest_alone(portal: Portal) -> None:
    connector, store = loaded(portal)
    portal.advance(DAY)
    pull(connector, store)
    edited = portal.records("emails")[0]["id"]
    portal.control("PATCH", f"records/hubspot/emails/{edited}", {"hs_email_subject": "Edited"})
    portal.advance(DAY)
    portal.faults({"operation": "search", "index_lag_seconds": 30 * DAY})
    pages = list(pull_stream(connector, store, "emails"))
    taken = [row["id"] for page in pages for row in page.rows.get("activities", ())]
    assert taken == [f"emails:{edited}"]
