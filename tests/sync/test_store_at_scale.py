"""The store with much in it: what is unchanged is not written again, and no read of an account goes through all links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, event

from connectors.protocol import Links, Page
from rules.customers import CustomerSettings
from sync.store.engine import open_engine
from sync.store.facts import FactsReader, Moment
from sync.store.records import KnownRecords, save_page

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def company(meetings: int) -> Page:
    """One customer with a contact and a won deal, and meetings linked to each of them."""
    ids = [f"m{number:06}" for number in range(meetings)]
    people = (
        ("ours", "user", "u1"),
        ("theirs", "contact", "c1"),
        ("about", "account", "a1"),
        ("about", "deal", "d1"),
        ("theirs", "address", "maria@acme.example"),
    )
    links = [
        {"activity_id": one, "side": side, "kind": kind, "target": target}
        for one in ids
        for side, kind, target in people
    ]
    at = NOW - timedelta(days=1)
    return Page(
        rows={
            "users": [{"id": "u1", "name": "Jana Roth"}],
            "accounts": [{"id": "a1", "name": "Acme", "customer_type": True}],
            "contacts": [{"id": "c1", "account_id": "a1", "email": "maria@acme.example"}],
            "deals": [{"id": "d1", "account_id": "a1", "won": True, "closed_on": at.date(), "amount": 1.0}],
            "activities": [{"id": one, "kind": "meeting", "outcome": "held", "at": at} for one in ids],
        },
        links=[Links(source="own", rows=links, replaced=ids)],
    )


def save(engine: Engine, page: Page, *, cycle: int = 1) -> tuple[int, int]:
    return save_page(engine, "crm", "things", page, cycle=cycle, now=NOW)


def test_links_told_again_are_not_written_again(engine: Engine) -> None:
    save(engine, company(3))
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    assert save(engine, company(3), cycle=2) == (0, 0)
    assert not [one for one in statements if one.startswith(("DELETE FROM links", "INSERT INTO links"))]


def test_no_read_of_an_account_goes_through_all_links(tmp_path: Any) -> None:
    """Without statistics SQLite chose the primary key, since that holds every column, and read all links per contact."""
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    save(engine, company(600))
    reader = FactsReader(
        engine, "crm", Moment.at(NOW, BERLIN), customers=CustomerSettings.model_validate({"key": "all"})
    )
    asked: list[tuple[str, Any]] = []

    def note(_: Connection, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    (facts,) = reader.read()
    event.remove(engine, "before_cursor_execute", note)
    assert len(facts.touches) == 600
    with engine.connect() as db:
        steps = [
            step.detail
            for statement, parameters in asked
            if "links" in statement
            for step in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert steps
    assert not [step for step in steps if step.endswith("(connection=?)") or step.startswith("SCAN links")]
    engine.dispose()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5], ids="{} records".format)
def test_ids_read_in_parts_are_all_there_once(engine: Engine, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.store.records._IDS_AT_ONCE", 2)
    save(engine, company(count))
    found = KnownRecords(engine, "crm", 1).activities("m", changed_since=1, or_after=NOW)
    assert list(found) == [f"m{number:06}" for number in range(count)]
