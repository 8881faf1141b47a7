"""HubSpot's marketing e-mails, as the contacts tell of them where a rule needs it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.diagnosis import State
from connectors.hubspot.connector import HubspotConnector
from connectors.hubspot.mailings import MAILING_PROPERTIES, with_mailings
from connectors.protocol import Page
from tests.connectors.hubspot_portal import HOUR, Portal, Store, pull, pull_stream

DAY = 24 * HOUR
MAILINGS = frozenset({"mailings"})
SENT = "hs_email_last_send_date"
NEWEST = "2026-09-14T06:30:00Z"


def loaded(portal: Portal, **settings: Any) -> tuple[HubspotConnector, Store]:
    connector, store = portal.connect(**{"needs": MAILINGS, **settings}), Store()
    pull(connector, store)
    portal.advance(HOUR)
    return connector, store


def mail(portal: Portal, contact: str, **details: Any) -> datetime:
    """The portal sends the contact a bulletin, now."""
    portal.act("send_mailing", contact=contact, **details)
    return datetime.fromisoformat(portal.control("GET", "clock")["now"]).astimezone(UTC)


def unmailed(store: Store) -> str:
    return min(set(store.rows["contacts"]) - set(store.rows["mailings"]), key=int)


def test_nobody_asks_for_mailings_that_no_rule_needs(portal: Portal) -> None:
    connector, store = portal.connect(), Store()
    pull(connector, store)
    assert store.rows["mailings"] == {}
    assert not any(row.get("opted_out") for row in store.rows["contacts"].values())


def test_the_first_and_the_newest_mailing_and_the_newest_click_are_told_within_a_day(portal: Portal) -> None:
    """The portal's statistics move no time of change."""
    connector, store = loaded(portal)
    contact = unmailed(store)
    first = mail(portal, contact, name="Bulletin 2/2026", clicked=True)
    portal.advance(40 * DAY)
    newest = mail(portal, contact, name="Bulletin 3/2026")
    portal.advance(HOUR)
    pull(connector, store)
    portal.advance(DAY)
    pull(connector, store)
    row = dict(store.rows["mailings"][contact])
    assert abs(row.pop("got_at") - newest) < timedelta(minutes=1)
    assert abs(row.pop("created_at") - first) < timedelta(minutes=1)
    assert row == {
        "id": contact,
        "contact_id": contact,
        "campaign_id": None,
        "name": "Bulletin 3/2026",
        "answered_on": first.date(),
    }


def test_whoever_unsubscribes_is_told_of(portal: Portal) -> None:
    connector, store = loaded(portal)
    contact = unmailed(store)
    portal.control("PATCH", f"records/hubspot/contacts/{contact}", {"hs_email_optout": "true"})
    portal.advance(HOUR)
    pull(connector, store)
    assert store.rows["contacts"][contact]["opted_out"] is True


def test_of_several_answers_the_newest_counts_and_opening_is_none() -> None:
    values = {
        SENT: NEWEST,
        "hs_email_last_click_date": "2026-09-15T10:00:00Z",
        "hs_email_last_reply_date": "2026-09-16T10:00:00Z",
        "hs_email_last_open_date": "2026-10-01T10:00:00Z",
    }
    page = with_mailings(Page(rows={"contacts": [{"id": "7"}]}), [{"id": "7", "properties": values}])
    (row,) = page.rows["mailings"]
    assert row["answered_on"] == date(2026, 9, 16)
    assert row["created_at"] == row["got_at"] == datetime(2026, 9, 14, 6, 30, tzinfo=UTC)


def test_a_rule_that_is_switched_on_later_reads_every_contact_once_more(portal: Portal) -> None:
    before, store = portal.connect(), Store()
    pull(before, store)
    contact = next(iter(store.rows["contacts"]))
    mail(portal, contact)
    portal.advance(HOUR)
    pull(before, store)
    assert store.rows["mailings"] == {}
    after = portal.connect(needs=MAILINGS)
    assert pull(after, store)["contacts"] == len(store.rows["contacts"])
    assert contact in store.rows["mailings"]
    portal.advance(HOUR)
    assert pull(after, store)["contacts"] < len(store.rows["contacts"]), "once"
    back = portal.connect()
    portal.advance(HOUR)
    assert pull(back, store)["contacts"] < len(store.rows["contacts"]), "not for what is asked no more"
    portal.advance(HOUR)
    assert pull(portal.connect(needs=MAILINGS), store)["contacts"] == len(store.rows["contacts"])


def test_a_first_load_that_broke_off_before_begins_anew(portal: Portal) -> None:
    before, store = portal.connect(), Store()
    pages = pull_stream(before, store, "contacts")
    next(pages)
    store.cursors["contacts"] = {"watermark": 1, "beat": 1, "after": "5"}
    pull(portal.connect(needs=MAILINGS), store)
    mailed = {one["id"] for one in portal.records("contacts") if one["properties"].get(SENT)}
    assert mailed
    assert store.rows["mailings"].keys() == mailed


def test_with_the_contact_what_it_got_is_gone(portal: Portal) -> None:
    connector, store = loaded(portal)
    contact = next(iter(store.rows["mailings"]))
    portal.control("DELETE", f"records/hubspot/contacts/{contact}")
    portal.advance(DAY)
    pull(connector, store)
    assert contact not in store.rows["contacts"]
    assert contact not in store.rows["mailings"]


@pytest.mark.parametrize("values", [{}, {SENT: None}, {SENT: ""}, {SENT: "rubbish"}], ids=str)
def test_who_never_got_one_has_none(values: dict[str, Any]) -> None:
    page = Page(rows={"contacts": [{"id": "7"}]})
    assert with_mailings(page, [{"id": "7", "properties": values}]) == page


def test_the_doctor_looks_for_every_property_that_is_asked_for(portal: Portal) -> None:
    def told(needs: frozenset[str]) -> str:
        lines = portal.connect(needs=needs).diagnose()
        (line,) = (line for line in lines if line.what.startswith("contacts"))
        assert line.state is State.OK
        return line.what

    more, less = (int(told(needs).split()[1]) for needs in (MAILINGS, frozenset[str]()))
    assert more - less == len(MAILING_PROPERTIES)
