"""HubSpot's tickets, read where a rule needs them, and teams that stand in properties of companies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.diagnosis import State
from connectors.errors import RejectedError
from connectors.hubspot.connector import HubspotConnector
from connectors.hubspot.tickets import NO_SCOPE, ticket_row
from tests.connectors.hubspot_portal import HOUR, Portal, Store, pull, pull_stream

DAY = 24 * HOUR
TICKETS = frozenset({"tickets"})
TO_COMPANY, TO_PRIMARY, TO_CONTACT = 339, 26, 16
OPENED = "2026-10-05T08:00:00Z"


def loaded(portal: Portal, **settings: Any) -> tuple[HubspotConnector, Store]:
    connector, store = portal.connect(**{"needs": TICKETS, **settings}), Store()
    pull(connector, store)
    portal.advance(HOUR)
    return connector, store


def make(portal: Portal, *ends: tuple[str, int], **values: Any) -> str:
    body = {
        "properties": {"subject": "It broke", "hs_pipeline": "0", "hs_pipeline_stage": "1", **values},
        "associations": [
            {"to": {"id": one}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}]}
            for one, kind in ends
        ],
    }
    return str(portal.api("/crm/objects/2026-09/tickets", body)["id"])


def change(portal: Portal, kind: str, record_id: str, **values: Any) -> None:
    portal.control("PATCH", f"records/hubspot/{kind}/{record_id}", values)


def some(store: Store, table: str) -> list[str]:
    return sorted(store.rows[table], key=int)


def test_nobody_is_asked_for_tickets_that_no_rule_needs(portal: Portal) -> None:
    connector = portal.connect()
    pull(connector, Store())
    assert "tickets" not in {stream.name for stream in connector.streams()}
    assert not any("tickets" in path for _, path in portal.served())


def test_a_ticket_has_its_primary_company_and_its_contact(portal: Portal) -> None:
    connector, store = loaded(portal)
    (first, second), contact = some(store, "accounts")[:2], some(store, "contacts")[0]
    ends = ((first, TO_COMPANY), (second, TO_COMPANY), (second, TO_PRIMARY), (contact, TO_CONTACT))
    ticket = make(portal, *ends, hs_ticket_priority="HIGH")
    alone = make(portal)
    portal.advance(HOUR)
    assert pull(connector, store)["tickets"] == 2
    row = store.rows["tickets"][ticket]
    assert (row["account_id"], row["contact_id"], row["priority"], row["closed_at"]) == (second, contact, "high", None)
    assert store.rows["tickets"][alone]["account_id"] is None


def test_an_increment_of_tickets_costs_three_calls_and_without_news_one(portal: Portal) -> None:
    connector, store = loaded(portal)
    for _ in range(5):
        make(portal, (some(store, "accounts")[0], TO_COMPANY))
    portal.advance(HOUR)
    portal.served()
    list(pull_stream(connector, store, "tickets"))
    assert len([path for _, path in portal.served() if "tickets" in path]) == 3
    portal.advance(HOUR)
    list(pull_stream(connector, store, "tickets"))
    assert len([path for _, path in portal.served() if "tickets" in path]) == 1


def test_a_ticket_that_was_given_to_another_company_is_seen_within_a_day(portal: Portal) -> None:
    """No stamp moves with an association."""
    connector, store = loaded(portal)
    first, second = some(store, "accounts")[:2]
    ticket = make(portal, (first, TO_COMPANY))
    portal.advance(HOUR)
    pull(connector, store)
    path = "/crm/associations/2026-09/tickets/companies/batch"
    portal.api(f"{path}/archive", {"inputs": [{"from": {"id": ticket}, "to": [{"id": first}]}]})
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": TO_COMPANY}]
    portal.api(f"{path}/create", {"inputs": [{"from": {"id": ticket}, "to": {"id": second}, "types": types}]})
    portal.advance(DAY)
    pull(connector, store)
    assert store.rows["tickets"][ticket]["account_id"] == second


def test_a_deleted_ticket_is_gone_after_the_beat(portal: Portal) -> None:
    connector, store = loaded(portal)
    ticket = make(portal)
    portal.advance(HOUR)
    pull(connector, store)
    portal.control("DELETE", f"records/hubspot/tickets/{ticket}")
    portal.advance(DAY)
    pull(connector, store)
    assert ticket not in store.rows["tickets"]


def test_tickets_go_over_to_the_company_that_theirs_was_merged_into(portal: Portal) -> None:
    connector, store = loaded(portal)
    first, second = some(store, "accounts")[:2]
    ticket = make(portal, (second, TO_COMPANY), (second, TO_PRIMARY))
    portal.advance(HOUR)
    pull(connector, store)
    pair = {"primaryObjectId": first, "objectIdToMerge": second}
    new = str(portal.api("/crm/objects/2026-09/companies/merge", pair)["id"])
    portal.advance(HOUR)
    pull(connector, store)
    assert store.rows["tickets"][ticket]["account_id"] == new


def test_what_was_closed_and_opened_again_is_open() -> None:
    def row(**values: str) -> dict[str, Any]:
        found = ticket_row({"createdate": OPENED, **values})
        assert isinstance(found, dict)
        return found

    closed, later = "2026-10-09T08:00:00Z", "2026-10-12T08:00:00Z"
    done = row(closed_date=closed)
    assert (done["closed_at"] - done["created_at"], done["reopened_at"]) == (timedelta(days=4), None)
    again = row(closed_date=closed, hs_ticket_reopened_at=later)
    assert (again["closed_at"], again["reopened_at"] - again["created_at"]) == (None, timedelta(days=7))
    assert row(closed_date=later, hs_ticket_reopened_at=closed)["closed_at"] is not None
    assert row(closed_date="rubbish", hs_ticket_priority="LOW")["priority"] == "low"
    assert ticket_row({}) == "ticket without a day"


FORBIDDEN = {"path": "objects/.*/tickets", "kind": "forbidden"}


def test_a_key_without_the_scope_gives_no_ticket_and_says_so(portal: Portal) -> None:
    portal.faults(FORBIDDEN)
    connector, store = loaded(portal)
    assert store.rows["tickets"] == {}
    assert store.set_aside == {NO_SCOPE: 1}
    (page,) = pull_stream(connector, store, "tickets")
    assert page.set_aside == {}, "told once"
    told = [line for line in connector.diagnose() if line.what.startswith("tickets")]
    assert [line.state for line in told] == [State.WARN]
    portal.faults()
    make(portal)
    portal.advance(HOUR)
    pull(connector, store)
    assert store.rows["tickets"].keys() == {one["id"] for one in portal.records("tickets")}


def test_a_scope_that_is_taken_away_later_leaves_the_tickets_incomplete(portal: Portal) -> None:
    connector, store = loaded(portal)
    make(portal)
    portal.advance(HOUR)
    pull(connector, store)
    portal.faults(FORBIDDEN)
    with pytest.raises(RejectedError, match="scope"):
        list(pull_stream(connector, store, "tickets"))
    assert store.rows["tickets"]


# Teams


ROLES = {"Technical": "sales_rep_owner", "Executive Sponsor": "executive_sponsor_owner"}


def test_a_team_stands_in_the_properties_that_the_map_names(portal: Portal) -> None:
    connector, store = loaded(portal, map={"team": ROLES})
    (company, other), owner = some(store, "accounts")[:2], some(store, "users")[0]
    change(portal, "companies", company, sales_rep_owner=owner)
    portal.advance(HOUR)
    pull(connector, store)
    held = {"id": f"{company}:Technical", "account_id": company, "user_id": owner, "role": "Technical"}
    assert store.rows["team"][f"{company}:Technical"] == held
    assert f"{company}:Executive Sponsor" not in store.rows["team"]
    before = {one for one in store.rows["team"] if one.startswith(f"{other}:")}
    change(portal, "companies", company, sales_rep_owner="")
    portal.advance(HOUR)
    pull(connector, store)
    assert f"{company}:Technical" not in store.rows["team"]
    assert before <= store.rows["team"].keys()


def test_a_company_that_is_gone_has_no_team(portal: Portal) -> None:
    connector, store = loaded(portal, map={"team": ROLES})
    company, owner = some(store, "accounts")[0], some(store, "users")[0]
    change(portal, "companies", company, sales_rep_owner=owner)
    portal.advance(HOUR)
    pull(connector, store)
    portal.control("DELETE", f"records/hubspot/companies/{company}")
    portal.advance(DAY)
    pull(connector, store)
    assert not any(one.startswith(f"{company}:") for one in store.rows["team"])


def test_a_property_that_the_portal_lacks_is_named_with_its_key(portal: Portal) -> None:
    connector = portal.connect(map={"team": {"Technical": "no_such_owner"}})
    with pytest.raises(
        RejectedError, match=r"no property 'no_such_owner'; correct connections.acme.map.team.Technical"
    ):
        connector.capabilities()
