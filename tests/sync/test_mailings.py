"""What of the company's own reached whom: as the store keeps it, as of a day, and forgotten again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from connectors.protocol import Page
from rules.customers import CustomerSettings
from rules.facts import AccountFacts
from rules.model import Mailing
from sync.store import cycles, evaluations
from sync.store.erasure import erase_contact
from sync.store.facts import FactsReader, Moment
from sync.store.records import save_page
from sync.store.retention import Horizon, drop_old

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
MAILINGS = frozenset({"mailings"})
LATE = datetime(2026, 9, 30, 22, 30, tzinfo=UTC)  # 1 October in Berlin


def save(engine: Engine, *, gone: dict[str, list[str]] | None = None, **rows: Any) -> None:
    save_page(engine, "acme", "stream", Page(rows=rows, gone=gone or {}), cycle=1, now=NOW)


def facts(engine: Engine, on: date | None = None, needs: frozenset[str] = MAILINGS) -> AccountFacts:
    everybody = CustomerSettings.model_validate({"key": "all"})
    moment = Moment.end_of(on, BERLIN) if on else Moment.at(NOW, BERLIN)
    (found,) = FactsReader(engine, "acme", moment, customers=everybody, needs=needs).read(["a"])
    return found


def member(row_id: str, contact: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {"id": row_id, "contact_id": contact, "campaign_id": "b", "got_at": at, "created_at": at, **more}


@pytest.fixture
def store(engine: Engine) -> Engine:
    """Ann and Bob of Acme got the bulletin, Bob in time and Ann late in the evening."""
    save(
        engine,
        accounts=[{"id": "a", "name": "Acme", "customer_type": True}],
        contacts=[
            {"id": "ann", "account_id": "a", "name": "Ann Lee", "email": "ann@acme.example", "opted_out": True},
            {"id": "bob", "account_id": "a", "name": "Bob Lee", "email": "bob@acme.example"},
        ],
        campaigns=[{"id": "b", "name": "Bulletin", "starts_on": date(2026, 9, 15)}],
        mailings=[
            member("m1", "ann", LATE),
            member("m2", "bob", LATE - timedelta(days=40), answered_on=date(2026, 9, 20)),
        ],
    )
    return engine


def test_days_are_local_and_no_earlier_than_the_campaign(store: Engine) -> None:
    assert facts(store).mailings == (
        Mailing(contact_id="ann", name="Bulletin", got_on=date(2026, 10, 1)),
        Mailing(contact_id="bob", name="Bulletin", got_on=date(2026, 9, 15), answered_on=date(2026, 9, 20)),
    )
    assert [one.opted_out for one in facts(store).contacts] == [True, False]


def test_as_of_a_day_what_came_later_is_not_known(store: Engine) -> None:
    bob = Mailing(contact_id="bob", name="Bulletin", got_on=date(2026, 9, 15), answered_on=date(2026, 9, 20))
    assert facts(store, date(2026, 9, 30)).mailings == (bob,)
    assert facts(store, date(2026, 9, 19)).mailings == (replace(bob, answered_on=None),)
    assert facts(store, date(2026, 9, 14)).mailings == ()


def test_of_a_newest_mailing_that_came_later_only_the_fact_of_others_is_known(store: Engine) -> None:
    newest = {"name": "Bulletin 9", "campaign_id": None}
    save(store, mailings=[member("m3", "ann", LATE, **newest, created_at=LATE - timedelta(days=100))])
    before = [one for one in facts(store, date(2026, 9, 1)).mailings if one.name == "Bulletin 9"]
    assert [(one.contact_id, one.got_on) for one in before] == [("ann", None)]
    assert not [one for one in facts(store, date(2026, 6, 1)).mailings if one.name == "Bulletin 9"]


@pytest.mark.parametrize(
    "change",
    [{"campaigns": [{"id": "b", "name": "Bulletin", "aborted": True}]}, {"gone": {"campaigns": ["b"]}}],
    ids=str,
)
def test_what_was_called_off_reached_nobody(store: Engine, change: dict[str, Any]) -> None:
    save(store, **change)
    assert facts(store).mailings == ()
    assert facts(store).untold["mailings"] == "the CRM shows no mailing to any contact; `holdfast doctor` says why"


def test_without_a_rule_that_needs_them_mailings_are_neither_read_nor_missed(store: Engine) -> None:
    assert facts(store, needs=frozenset()).mailings == ()
    save(store, gone={"mailings": ["m1", "m2"]})
    assert "mailings" in facts(store).untold
    assert "mailings" not in facts(store, needs=frozenset()).untold


@pytest.mark.parametrize(
    "change",
    [
        {"mailings": [member("m3", "bob", NOW)]},
        {"gone": {"mailings": ["m1"]}},
        {"campaigns": [{"id": "b", "name": "Letter"}]},
    ],
    ids=["a new one", "one less", "its campaign"],
)
def test_an_account_is_judged_anew_when_what_its_people_got_changes(store: Engine, change: dict[str, Any]) -> None:
    with store.begin() as db:
        evaluations.set_cutoff(db, "acme", NOW)
        row = evaluations.Evaluation(basis=b"", standing=b"", fields={})
        evaluations.save(db, "acme", {"a": row})
    save(store, campaigns=[{"id": "other", "name": "To nobody"}])
    assert count(store, "evaluations") == 1
    save(store, **change)
    assert count(store, "evaluations") == 0


def test_with_a_contact_who_is_forgotten_goes_what_they_got_and_it_stays_out(store: Engine) -> None:
    erase_contact(store, "acme", "ann@acme.example", NOW)
    assert count(store, "mailings") == 1
    save(store, mailings=[member("m1", "ann", LATE), member("m4", "ann", NOW), member("m5", "bob", NOW)])
    with store.connect() as db:
        assert set(db.execute(text("SELECT contact_id FROM mailings")).scalars()) == {"bob"}


def test_what_the_crm_deleted_long_ago_goes(store: Engine) -> None:
    begun = NOW - timedelta(days=400)
    cycle = cycles.begin(store, "acme", begun)
    save_page(store, "acme", "stream", Page(gone={"mailings": ["m1"]}), cycle=cycle, now=begun)
    horizon = Horizon(touches=None, audit=begun, deleted=NOW - timedelta(days=90), cycles=begun)
    assert drop_old(store, ["acme"], horizon).deleted == 1
    assert count(store, "mailings") == 1


def count(engine: Engine, table: str) -> int:
    with engine.connect() as db:
        return int(db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
