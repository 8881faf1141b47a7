"""The ways from an activity of HubSpot to a company: itself, by its contact, by its deal; counted once, the way kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select

from rules.customers import CustomerSettings
from rules.facts import AccountFacts
from rules.measures import coverage
from sync.pull import pull
from sync.store.engine import open_engine
from sync.store.facts import FactsReader, Moment
from sync.store.sql import table_of
from sync.store.tables import LinkRow
from tests.connectors.hubspot_portal import Portal

CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
TO_COMPANY, TO_CONTACT, TO_DEAL = 182, 194, 206
DEAL_TO_COMPANY, DEAL_TO_PRIMARY = 341, 5


@pytest.fixture
def portal() -> Iterator[Portal]:
    one = Portal(accounts=4, touches_per_account=6)
    yield one
    one.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.dispose()


def make(portal: Portal, kind: str, *links: tuple[str, int], **values: str) -> str:
    associations = [
        {"to": {"id": to}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]}
        for to, type_id in links
    ]
    made = portal.control("POST", f"records/hubspot/{kind}", {"properties": values, "associations": associations})
    return str(made["id"])


def read(portal: Portal, engine: Engine, company: str) -> AccountFacts:
    """What is known of the company after one more pull."""
    now = datetime.fromisoformat(portal.control("GET", "clock")["now"])
    pulled = pull(engine, portal.connect(), cycle=1, now=now)
    assert {name: one.error for name, one in pulled.items() if not one.complete} == {}
    moment = Moment.at(now, ZoneInfo("UTC"))
    reader = FactsReader(engine, "acme", moment, customers=CustomerSettings.model_validate({"key": "all"}))
    (found,) = reader.read([company])
    return found


def person_days(facts: AccountFacts, user_id: str) -> int:
    return coverage(facts, 365).person_days.get(user_id, 0)


def test_an_activity_reaches_a_company_by_all_three_paths_is_counted_once_and_its_path_is_kept(
    portal: Portal, engine: Engine
) -> None:
    contact = next(one for one in portal.records("contacts") if one["properties"].get("associatedcompanyid"))
    company = str(contact["properties"]["associatedcompanyid"])
    before = read(portal, engine, company)
    known = {user for one in before.touches for user in one.ours}
    newcomer = next(user for user, one in before.users.items() if one.active and user not in known)
    deal = make(
        portal,
        "deals",
        (company, DEAL_TO_COMPANY),
        (company, DEAL_TO_PRIMARY),
        dealname="Paths",
        dealstage="closedwon",
        closedate="2026-01-15T00:00:00Z",
        amount="1000",
    )
    paths = {
        "2026-10-05": [(company, TO_COMPANY)],
        "2026-10-06": [(contact["id"], TO_CONTACT)],
        "2026-10-07": [(deal, TO_DEAL)],
        "2026-10-08": [(company, TO_COMPANY), (contact["id"], TO_CONTACT), (deal, TO_DEAL)],
    }
    calls = [
        make(
            portal,
            "calls",
            *links,
            hs_timestamp=f"{on}T10:00:00Z",
            hubspot_owner_id=newcomer,
            hs_call_disposition=CONNECTED,
            hs_call_status="COMPLETED",
        )
        for on, links in paths.items()
    ]
    portal.advance(60)
    after = read(portal, engine, company)

    by_company, by_contact, by_deal = (
        ("assoc:companies", "account", company),
        ("assoc:contacts", "contact", contact["id"]),
        ("assoc:deals", "deal", deal),
    )
    assert [stored(engine, f"calls:{call}") for call in calls] == [
        {by_company},
        {by_contact},
        {by_deal},
        {by_company, by_contact, by_deal},
    ]
    reached = [one.id for one in after.touches if newcomer in one.ours]
    assert sorted(reached) == sorted(f"calls:{call}" for call in calls)
    assert person_days(after, newcomer) == 4


def stored(engine: Engine, activity_id: str) -> set[tuple[str, str, str]]:
    """(source, kind, target) of what the activity is about and who of theirs was in it."""
    links = table_of(LinkRow).c
    chosen = select(links.source, links.kind, links.target).where(
        links.activity_id == activity_id, links.side != "ours"
    )
    with engine.connect() as db:
        return {tuple(row) for row in db.execute(chosen)}
