"""The facts about HubSpot's data and write-back (sections 4 and 5), each held against the sandbox over HTTP: what no
other test holds. `test_hubspot_facts_held.py` says where each point is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import RejectedError, TransientError
from connectors.hubspot import search
from connectors.protocol import Done, SetFields
from connectors.sandbox import hubspot_search
from tests.connectors.hubspot_portal import HOUR, Portal, Store, a_task, content, done, outcomes, pull, pull_stream

DAY = 24 * HOUR
ROOT = "2026-09"
CAP = 30  # of results in one search, instead of 10,000


@pytest.fixture(scope="module")
def running() -> Iterator[Portal]:
    one = Portal(accounts=6, touches_per_account=12)
    yield one
    one.close()


@pytest.fixture
def portal(running: Portal) -> Portal:
    """A small portal as it was at first."""
    running.sandbox.reset()
    running.control("POST", "setup/hubspot", {"id_order": "numeric", "index_lag_seconds": 0})
    return running


def make(portal: Portal, kind: str, *links: tuple[str, int], **values: str) -> str:
    """The id of a record made by somebody else, with (id, association type) of what it hangs on."""
    associations = [
        {"to": {"id": to}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]}
        for to, type_id in links
    ]
    made = portal.control("POST", f"records/hubspot/{kind}", {"properties": values, "associations": associations})
    return str(made["id"])


def change(portal: Portal, kind: str, record_id: str, **values: str) -> None:
    portal.control("PATCH", f"records/hubspot/{kind}/{record_id}", values)


def now(portal: Portal) -> datetime:
    return datetime.fromisoformat(portal.control("GET", "clock")["now"])


def first(portal: Portal, kind: str) -> str:
    return str(portal.records(kind)[0]["id"])


def test_a_contact_is_watched_by_the_one_stamp_that_a_search_of_contacts_knows(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    pull(connector, store)
    contact = first(portal, "contacts")
    portal.advance(HOUR)
    change(portal, "contacts", contact, jobtitle="Treasurer")
    wrong = {"propertyName": "hs_lastmodifieddate", "operator": "GT", "value": "0"}
    reply = portal.api(f"/crm/objects/{ROOT}/contacts/search", {"filterGroups": [{"filters": [wrong]}]})
    assert reply["total"] == 0
    pull(connector, store)
    assert store.rows["contacts"][contact]["title"] == "Treasurer"


def test_a_stamp_that_moved_without_news_is_no_news(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    pull(connector, store)
    company = first(portal, "companies")
    portal.advance(HOUR)
    change(portal, "companies", company, city="Elsewhere")
    portal.act("log_call", who=first(portal, "owners"), account=company)
    before = dict(store.changed_in)
    assert pull(connector, store)["companies"] == 1
    assert {one: cycle for one, cycle in store.changed_in.items() if one in store.rows["accounts"]} == {
        one: cycle for one, cycle in before.items() if one in store.rows["accounts"]
    }


@pytest.fixture
def low_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in (
        (search, "PAGE_SIZE", 6),
        (search, "RESULT_CAP", CAP),
        (hubspot_search, "MAX_RESULTS", CAP),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.mark.usefixtures("low_cap")
@pytest.mark.parametrize("id_order", ["numeric", "string"])
def test_a_bulk_job_under_one_stamp_is_read_whole_beyond_the_cap_however_ids_sort(
    portal: Portal, id_order: str
) -> None:
    portal.control("POST", "setup/hubspot", {"id_order": id_order})
    ids = portal.sandbox.hubspot.account.data._ids
    ids.update({kind: 99_400 for kind in ids if kind.plural == "contacts"})  # some will have a digit more
    for number in range(CAP):
        make(portal, "contacts", email=f"one{number}@bulk.example")
        portal.advance(1)
    connector, store = portal.connect(), Store()
    pull(connector, store)
    portal.advance(HOUR)
    portal.act("bulk_edit", object="contacts", values={"jobtitle": "Levelled"})
    everybody = {record["id"] for record in portal.records("contacts")}
    assert {len(one) for one in everybody} == {5, 6}
    assert len(everybody) > CAP
    pull(connector, store)
    assert {row["id"] for row in store.rows["contacts"].values() if row["title"] == "Levelled"} == everybody


@pytest.mark.usefixtures("low_cap")
def test_a_watermark_moves_only_over_what_was_read_whole(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    pull(connector, store)
    portal.advance(HOUR)
    portal.act("bulk_edit", object="emails", values={"hs_email_subject": "Levelled"})
    watermark = store.cursors["emails"]["watermark"]
    portal.faults({"operation": "search", "path": "emails", "after": 3, "kind": "unavailable"})
    with pytest.raises(TransientError):
        list(pull_stream(connector, store, "emails"))
    portal.faults()
    assert store.cursors["emails"]["watermark"] < now(portal).timestamp() * 1000 - HOUR * 500
    assert store.cursors["emails"]["watermark"] >= watermark
    # What the next pull finds are all of them, once more.
    seen = {row["id"] for page in pull_stream(connector, store, "emails") for row in page.rows.get("activities", ())}
    assert seen == {f"emails:{record['id']}" for record in portal.records("emails")}


def test_what_the_index_learns_late_is_found_by_the_next_search_all_the_same(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    pull(connector, store)
    call = first(portal, "calls")
    portal.advance(HOUR)
    portal.control("POST", "setup/hubspot", {"index_lag_seconds": 300})
    change(
        portal, "calls", call, hs_call_disposition="17b47fee-58de-441e-a44c-c6300d46f273", hs_call_status="COMPLETED"
    )
    portal.advance(60)
    pull(connector, store)
    assert store.rows["activities"][f"calls:{call}"]["outcome"] != "attempted"
    portal.advance(400)
    pull(connector, store)
    assert store.rows["activities"][f"calls:{call}"]["outcome"] == "attempted"


def test_what_changes_behind_a_first_load_is_found_by_the_first_search(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    company = first(portal, "companies")
    for page in pull_stream(connector, store, "companies"):
        assert page.rows
        change(portal, "companies", company, name="Renamed behind the list")
    assert store.rows["accounts"][company]["name"] != "Renamed behind the list"
    portal.advance(60)
    list(pull_stream(connector, store, "companies"))
    assert store.rows["accounts"][company]["name"] == "Renamed behind the list"


def test_an_activity_tells_each_of_its_ways_to_a_company_apart(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    company, contact, deal = (first(portal, kind) for kind in ("companies", "contacts", "deals"))
    at = {"hs_timestamp": "2026-10-30T10:00:00Z"}
    calls = [
        make(portal, "calls", (company, 182), **at),
        make(portal, "calls", (contact, 194), **at),
        make(portal, "calls", (deal, 206), **at),
        make(portal, "calls", (company, 182), (contact, 194), (deal, 206), **at),
    ]
    pull(connector, store)
    sources = ("assoc:companies", "assoc:contacts", "assoc:deals")
    ways = [[[target for _, _, target in store.links[f"calls:{one}", source]] for source in sources] for one in calls]
    assert ways == [
        [[company], [], []],
        [[], [contact], []],
        [[], [], [deal]],
        [[company], [contact], [deal]],
    ]
    # And from there to the company: the contact names one, the deal's own links do.
    assert store.rows["contacts"][contact]["account_id"] in store.rows["accounts"]
    assert store.links[f"deals:{deal}", "assoc:companies"][0][2] in store.rows["accounts"]


def test_ids_of_companies_are_text_though_the_property_is_a_number(portal: Portal) -> None:
    store = Store()
    pull(portal.connect(), store)
    owned = {row["account_id"] for row in store.rows["contacts"].values()} - {None}
    assert owned <= set(store.rows["accounts"])
    assert {type(one) for one in owned} == {str}


def test_people_of_ours_are_named_by_owner_ids_never_by_user_ids(portal: Portal) -> None:
    store = Store()
    pull(portal.connect(), store)
    owners = {one["id"] for one in portal.records("owners")}
    users = {str(one["userIdIncludingInactive"]) for one in portal.records("owners")}
    assert not owners & users
    named = {target for told in store.links.values() for side, _, target in told if side == "ours"}
    named |= {row["owner_id"] for row in store.rows["accounts"].values()} - {None}
    assert named
    assert named <= owners == set(store.rows["users"])


def test_a_call_logged_afterwards_counts_on_the_day_of_the_call(portal: Portal) -> None:
    store = Store()
    call = make(portal, "calls", hs_timestamp="2026-03-02T09:30:00Z", hs_call_status="COMPLETED")
    pull(portal.connect(), store)
    row = store.rows["activities"][f"calls:{call}"]
    assert row["at"] == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert abs(row["created_at"] - now(portal)) < timedelta(minutes=1)


def test_what_the_portal_reckons_itself_is_never_asked_for(portal: Portal) -> None:
    pull(portal.connect(), Store())
    asked = " ".join(entry["query"] for entry in portal.control("GET", "journal")["requests"])
    assert "hubspot_owner_id" in asked
    for name in ("num_", "notes_last", "hs_last_sales_activity", "hs_last_logged", "hs_num_"):
        assert name not in asked


def test_buying_roles_are_words_of_ours_also_those_that_a_portal_made_itself(portal: Portal) -> None:
    contact = first(portal, "contacts")
    for definitions in portal.sandbox.hubspot.account.data.definitions.values():
        if "hs_buying_role" in definitions:
            role = {"value": "ECONOMIC_BUYER", "label": "Economic buyer", "displayOrder": 9, "hidden": False}
            options = [*definitions["hs_buying_role"].options, role]
            object.__setattr__(definitions["hs_buying_role"], "options", options)
    change(portal, "contacts", contact, hs_buying_role="ECONOMIC_BUYER;CHAMPION", hs_seniority="vp")
    store = Store()
    pull(portal.connect(), store)
    row = store.rows["contacts"][contact]
    assert (row["roles"], row["seniority"]) == ("champion;economic-buyer", "vp")


def test_a_property_that_only_other_portals_have_reads_as_nothing_and_is_named_when_mapped(portal: Portal) -> None:
    connector, store = portal.connect(map={"tier": "salesforceaccountid"}), Store()
    list(pull_stream(connector, store, "companies"))
    assert {row["tier"] for row in store.rows["accounts"].values()} == {""}
    with pytest.raises(RejectedError, match=r"'salesforceaccountid'.*connections\.acme\.map\.tier"):
        connector.capabilities()


def test_a_deal_is_won_by_what_the_portal_says_and_not_by_the_name_of_its_stage(portal: Portal) -> None:
    store, connector = Store(), portal.connect()
    won, lost = (make(portal, "deals", dealname="D", dealstage=stage) for stage in ("closedwon", "closedlost"))
    pull(connector, store)
    assert (store.rows["deals"][won]["won"], store.rows["deals"][lost]["won"]) == (True, False)
    assert "dealstage" not in " ".join(entry["query"] for entry in portal.control("GET", "journal")["requests"])


def test_a_task_reminds_its_owner_since_the_portal_does_not_when_an_app_makes_it(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    pull(connector, store)
    done(outcomes(connector, a_task(store))[0])
    due = datetime(2026, 11, 20, 9, tzinfo=UTC)
    (stored,) = portal.records("tasks")
    assert stored["properties"]["hs_timestamp"] == "2026-11-20T09:00:00.000Z"
    assert stored["properties"]["hs_task_reminders"] == str(round(due.timestamp() * 1000))


def test_a_user_id_in_place_of_an_owner_id_is_refused_for_that_task_alone(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    pull(connector, store)
    user = str(portal.records("owners")[0]["userIdIncludingInactive"])
    found = outcomes(connector, a_task(store, 0), a_task(store, 1, content=content(assignee_id=user)))
    assert [isinstance(one, Done) for one in found] == [True, False]
    assert len(portal.records("tasks")) == 1


def test_our_tasks_and_values_are_no_activity_of_the_company(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    pull(connector, store)
    wanted = a_task(store)
    activities = dict(store.rows["activities"])
    for outcome in outcomes(connector, wanted, SetFields(account_id=wanted.account_id, fields={"risk": 40})):
        assert isinstance(outcome, Done)
    portal.advance(HOUR)
    pull(connector, store)
    assert store.rows["activities"] == activities
    assert store.rows["accounts"][wanted.account_id]["ours"] == {"risk": 40}


def test_without_the_scope_for_one_object_that_is_named_and_all_others_are_read(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    portal.faults({"path": "/emails", "kind": "forbidden"})
    told: dict[str, Any] = {}
    for stream in connector.streams():
        try:
            list(pull_stream(connector, store, stream.name))
        except RejectedError as error:
            told[stream.name] = str(error)
    assert list(told) == ["emails"]
    assert "grant it to the service key or app in Settings > Integrations" in told["emails"]
    kinds = {row_id.partition(":")[0] for row_id in store.rows["activities"]}
    assert "emails" not in kinds
    assert "calls" in kinds
