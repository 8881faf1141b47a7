"""The store, on SQLite and on PostgreSQL: echo told from news, cursors with their pages, facts as of a moment."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, create_engine, text

from connectors.protocol import Links, Page
from rules.customers import CustomerSettings
from rules.facts import AccountFacts
from rules.model import Outcome
from sync.errors import StoreError
from sync.store import cycles
from sync.store.engine import exclusive, open_engine
from sync.store.facts import FactsReader, Moment
from sync.store.records import KnownRecords, counts, forget_cursor, read_cursor, save_page

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def save(
    engine: Engine, page: Page, *, stream: str = "things", cycle: int = 1, connection: str = "acme"
) -> tuple[int, int]:
    return save_page(engine, connection, stream, page, cycle=cycle, now=NOW)


def activity(activity_id: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {"id": activity_id, "kind": "meeting", "outcome": "held", "at": at, **more}


def link(activity_id: str, side: str, kind: str, target: str) -> dict[str, str]:
    return {"activity_id": activity_id, "side": side, "kind": kind, "target": target}


def company(engine: Engine, activities: Sequence[dict[str, Any]] = (), links: Sequence[dict[str, str]] = ()) -> None:
    """One customer, Acme, with one contact and two of our people."""
    rows: dict[str, list[dict[str, Any]]] = {
        "users": [
            {"id": "u1", "name": "Jana Roth", "email": "jana@seller.example"},
            {"id": "u2", "name": "Peter Hall", "email": "peter@seller.example"},
        ],
        "accounts": [{"id": "a1", "name": "Acme", "owner_id": "u1", "customer_type": True}],
        "contacts": [{"id": "c1", "account_id": "a1", "name": "Maria Lopez", "email": "maria@acme.example"}],
        "activities": list(activities),
    }
    page = Page(rows=rows, links=[Links(source="own", rows=links, replaced=[one["id"] for one in activities])])
    save(engine, page)


def facts(engine: Engine, moment: Moment | None = None) -> AccountFacts:
    reader = FactsReader(
        engine, "acme", moment or Moment.at(NOW, BERLIN), customers=CustomerSettings.model_validate({"key": "all"})
    )
    (only,) = reader.read()
    return only


def test_a_row_that_comes_back_unchanged_is_no_change(engine: Engine) -> None:
    page = Page(rows={"accounts": [{"id": "a1", "name": "Acme"}, {"id": "a2", "name": "Beta"}]})
    assert save(engine, page) == (2, 0)
    assert save(engine, page) == (0, 0)
    assert save(engine, Page(rows={"accounts": [{"id": "a1", "name": "Acme Corp"}, {"id": "a2", "name": "Beta"}]})) == (
        1,
        0,
    )


def test_a_text_with_nul_is_kept_on_every_database(engine: Engine) -> None:
    assert save(engine, Page(rows={"accounts": [{"id": "a1", "name": "Ac\0me"}]})) == (1, 0)
    assert counts(engine, "acme")["accounts"] == 1


def test_a_deleted_row_is_marked_once_and_comes_back_when_undeleted(engine: Engine) -> None:
    page = Page(rows={"accounts": [{"id": "a1", "name": "Acme"}]})
    save(engine, page)
    assert save(engine, Page(gone={"accounts": ["a1", "unknown"]})) == (0, 1)
    assert counts(engine, "acme")["accounts"] == 0
    assert save(engine, Page(gone={"accounts": ["a1"]})) == (0, 0)
    assert save(engine, page) == (1, 0)
    assert counts(engine, "acme")["accounts"] == 1


def test_the_same_id_on_two_connections_is_two_records(engine: Engine) -> None:
    page = Page(rows={"accounts": [{"id": "a1", "name": "Acme"}]})
    save(engine, page)
    assert save(engine, page, connection="other") == (1, 0)


def test_the_cursor_is_committed_with_its_page_and_not_without(engine: Engine) -> None:
    save(engine, Page(cursor={"after": "1"}))
    broken = Page(rows={"activities": [{"id": "x"}]}, cursor={"after": "2"})  # `at` is missing
    with pytest.raises(Exception, match="at"):
        save(engine, broken)
    assert read_cursor(engine, "acme", "things") == {"after": "1"}


def test_only_the_last_page_makes_a_stream_complete(engine: Engine) -> None:
    save(engine, Page(cursor={"after": "1"}), cycle=7)
    assert cycles.cursors(engine, "acme")[0]["complete_in"] is None
    save(engine, Page(cursor={}, last=True), cycle=7)
    assert cycles.cursors(engine, "acme")[0]["complete_in"] == 7


def test_records_set_aside_are_counted_by_reason(engine: Engine) -> None:
    save(engine, Page(set_aside={"no date": 2}))
    save(engine, Page(set_aside={"no date": 1, "no id": 1}))
    assert cycles.cursors(engine, "acme")[0]["set_aside"] == {"no date": 3, "no id": 1}


def test_a_stream_can_be_forgotten(engine: Engine) -> None:
    save(engine, Page(cursor={"after": "1"}))
    assert forget_cursor(engine, "acme", "things")
    assert not forget_cursor(engine, "acme", "things")
    assert read_cursor(engine, "acme", "things") is None


def test_known_records_answer_what_changed_or_lies_in_the_window(engine: Engine) -> None:
    old, new = NOW - timedelta(days=400), NOW - timedelta(days=3)
    rows = {"activities": [activity("calls:1", old), activity("calls:2", new), activity("emails:3", new)]}
    save(engine, Page(rows=rows), cycle=1)
    save(engine, Page(rows={"activities": [activity("calls:4", old)]}), cycle=2)
    known = KnownRecords(engine, "acme", 2)
    found = known.activities("calls:", changed_since=2, or_after=NOW - timedelta(days=30))
    assert set(found) == {"calls:2", "calls:4"}


def test_known_records_name_what_lives_by_its_prefix(engine: Engine) -> None:
    rows = {"activities": [activity(name, NOW) for name in ("calls:1", "calls:2", "emails:3")]}
    save(engine, Page(rows=rows), cycle=1)
    save(engine, Page(gone={"activities": ["calls:1"]}), cycle=2)
    known = KnownRecords(engine, "acme", 2)
    assert list(known.live("activities", "calls:")) == ["calls:2"]
    assert list(known.live("activities")) == ["calls:2", "emails:3"]


def test_a_touch_is_found_through_account_contact_and_address_and_counted_once(engine: Engine) -> None:
    meeting = activity("m1", NOW - timedelta(days=1))
    mail = activity("e1", NOW - timedelta(days=2), kind="email", outcome="sent", direction="inbound")
    links = [
        link("m1", "ours", "user", "u1"),
        link("m1", "theirs", "contact", "c1"),
        link("m1", "about", "account", "a1"),
        link("e1", "theirs", "address", "maria@acme.example"),
        link("e1", "ours", "address", "peter@seller.example"),
    ]
    company(engine, [meeting, mail], links)
    touches = facts(engine).touches
    assert [(touch.id, touch.ours, touch.theirs) for touch in touches] == [
        ("e1", ("u2",), ("c1",)),
        ("m1", ("u1",), ("c1",)),
    ]


def test_a_meeting_that_every_contact_declined_was_only_attempted(engine: Engine) -> None:
    links = [
        link("m1", "ours", "user", "u1"),
        link("m1", "theirs", "contact", "c1"),
        link("m1", "declined", "contact", "c1"),
    ]
    company(engine, [activity("m1", NOW - timedelta(days=1))], links)
    (touch,) = facts(engine).touches
    assert touch.outcome is Outcome.ATTEMPTED
    assert touch.theirs == ("c1",), "who was tried"


@pytest.mark.parametrize(
    ("more", "known"),
    [
        ({"ends_at": NOW + timedelta(minutes=1)}, False),
        ({"ends_at": NOW}, True),
        ({"at": NOW + timedelta(hours=1)}, False),
        ({"outcome": "void"}, False),
        ({"kind": "note"}, False),
        ({"kind": "todo"}, False),
        ({"on_day": date(2026, 11, 2), "at": NOW + timedelta(hours=1)}, True),
        ({"on_day": date(2026, 11, 3)}, False),
    ],
    ids=["not over", "just over", "future", "void", "note", "to-do", "a day, today", "a day, tomorrow"],
)
def test_only_what_is_known_and_over_is_a_touch(engine: Engine, more: dict[str, Any], *, known: bool) -> None:
    one = activity("m1", NOW - timedelta(hours=1)) | more
    company(engine, [one], [link("m1", "ours", "user", "u1"), link("m1", "about", "account", "a1")])
    assert bool(facts(engine).touches) is known


def test_as_of_a_past_day_what_was_entered_later_is_not_known(engine: Engine) -> None:
    at, entered = NOW - timedelta(days=10), NOW - timedelta(days=3)
    links = [link("m1", "ours", "user", "u1"), link("m1", "about", "account", "a1")]
    company(engine, [activity("m1", at, created_at=entered)], links)
    assert facts(engine).touches
    assert facts(engine, Moment.end_of(entered.date(), BERLIN)).touches
    assert not facts(engine, Moment.end_of(entered.date() - timedelta(days=1), BERLIN)).touches


def test_a_touch_belongs_to_the_local_day(engine: Engine) -> None:
    late = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    company(engine, [activity("m1", late)], [link("m1", "ours", "user", "u1"), link("m1", "about", "account", "a1")])
    assert facts(engine).touches[0].day == date(2026, 11, 1)
    assert not facts(engine, Moment.end_of(date(2026, 10, 31), BERLIN)).touches


def test_evidence_is_anything_that_a_person_logged_anywhere(engine: Engine) -> None:
    note = activity("n1", NOW - timedelta(days=5), kind="note")
    company(engine, [note], [link("n1", "ours", "user", "u2")])
    assert facts(engine).last_logged == {"u2": date(2026, 10, 28)}


def test_revenue_is_what_was_won_in_twelve_months(engine: Engine) -> None:
    company(engine)
    won = {"name": "Deal", "amount": 100.0, "won": True}
    deals = [
        {"id": "d1", "account_id": "a1", "closed_on": date(2025, 11, 3), **won},
        {"id": "d2", "account_id": "a1", "closed_on": date(2025, 11, 2), **won},
        {"id": "d3", "account_id": "a1", "closed_on": date(2026, 11, 3), **won},
        {"id": "d4", "account_id": "a1", "closed_on": date(2026, 1, 1), "name": "Lost", "amount": 5.0, "won": False},
    ]
    save(engine, Page(rows={"deals": deals}))
    found = facts(engine)
    assert found.standing.revenue == 100.0, "364 days ago counts, 365 and tomorrow do not"
    assert [deal.id for deal in found.deals] == ["d2", "d1"]


def test_a_deal_reaches_its_account_through_links(engine: Engine) -> None:
    company(engine)
    deal = {"id": "d1", "name": "Deal", "amount": 100.0, "won": True, "closed_on": date(2026, 1, 1)}
    page = Page(
        rows={"deals": [deal]}, links=[Links(source="assoc", rows=[link("deals:d1", "about", "account", "a1")])]
    )
    save(engine, page)
    assert facts(engine).standing.revenue == 100.0


def test_links_of_a_source_are_replaced_as_a_whole(engine: Engine) -> None:
    both = [link("m1", "ours", "user", "u1"), link("m1", "about", "account", "a1")]
    company(engine, [activity("m1", NOW - timedelta(days=1))], both)
    save(engine, Page(links=[Links(source="own", rows=[link("m1", "about", "account", "a1")], replaced=["m1"])]))
    assert facts(engine).touches[0].ours == ()
    save(engine, Page(links=[Links(source="own", removed=[link("m1", "about", "account", "a1")])]))
    assert not facts(engine).touches


def test_opening_twice_migrates_once_and_keeps_what_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 's.db'}"
    first = open_engine(url)
    save(first, Page(rows={"accounts": [{"id": "a1", "name": "Acme"}]}))
    first.dispose()
    second = open_engine(url)
    assert counts(second, "acme")["accounts"] == 1
    second.dispose()


def test_the_store_is_private(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    open_engine(f"sqlite:///{path}").dispose()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 's.db'}"
    open_engine(url).dispose()
    raw = create_engine(url)
    with raw.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    raw.dispose()
    with pytest.raises(StoreError, match="newer Holdfast"):
        open_engine(url)


def test_a_store_that_cannot_be_opened_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"check store\.url"):
        open_engine(f"sqlite:///{tmp_path / 'nowhere' / 's.db'}")


def test_only_one_process_runs_cycles_on_a_store(engine: Engine) -> None:
    with exclusive(engine), pytest.raises(StoreError, match="another Holdfast"), exclusive(engine):
        pass


def test_the_models_and_the_migrations_agree(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlmodel import SQLModel

    with engine.connect() as db:
        assert compare_metadata(MigrationContext.configure(db), SQLModel.metadata) == []


def test_customer_data_does_not_reach_an_error_text(engine: Engine) -> None:
    broken = Page(rows={"activities": [{"id": "secret-customer", "at": None}]})
    with pytest.raises(Exception) as caught:  # noqa: PT011
        save(engine, broken)
    assert "secret-customer" not in str(caught.value)
