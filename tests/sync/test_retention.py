"""What is old goes, whichever database holds it, and what the worker still goes by stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from connectors.protocol import CreateTask, Done, Links, Page, Rejected, SetFields, TaskContent, TaskState
from rules.customers import CustomerSettings
from rules.titles import BUILT_IN
from sync import outbox
from sync.plan import Plan, Planned
from sync.store import cycles, ledger, packs, written
from sync.store.engine import open_engine
from sync.store.facts import FactsReader, Moment
from sync.store.records import save_page
from sync.store.retention import Dropped, Horizon, drop_old

NOW = datetime(2026, 11, 2, 4, tzinfo=UTC)
YEAR = timedelta(days=365)
NEVER = NOW - 100 * YEAR
ALL = Horizon(touches=None, audit=NEVER, deleted=NEVER, cycles=NEVER)


def save(
    engine: Engine, *links: dict[str, str], cycle: int = 1, gone: Any = None, **rows: list[dict[str, Any]]
) -> None:
    told = [Links(source="own", rows=links, replaced=[one["activity_id"] for one in links])] if links else []
    save_page(engine, "acme", "things", Page(rows=rows, links=told, gone=gone or {}), cycle=cycle, now=NOW)


def meeting(days_ago: int, name: str = "") -> dict[str, Any]:
    at = NOW - timedelta(days=days_ago)
    return {
        "id": name or f"m{days_ago}",
        "kind": "meeting",
        "outcome": "held",
        "at": at,
        "ends_at": at,
        "created_at": at,
    }


def met(activity: dict[str, Any]) -> list[dict[str, str]]:
    sides = (("ours", "user", "u1"), ("theirs", "contact", "c1"), ("about", "account", "a1"))
    return [{"activity_id": activity["id"], "side": side, "kind": kind, "target": to} for side, kind, to in sides]


def company(engine: Engine, *days_ago: int) -> None:
    meetings = [meeting(days) for days in days_ago]
    save(
        engine,
        *(link for one in meetings for link in met(one)),
        users=[{"id": "u1", "name": "Jana Roth", "email": "jana@seller.example"}],
        accounts=[{"id": "a1", "name": "Acme", "owner_id": "u1", "customer_type": True}],
        contacts=[{"id": "c1", "account_id": "a1", "name": "Maria Lopez", "email": "maria@acme.example"}],
        activities=meetings,
    )


def touches(engine: Engine) -> list[str]:
    reader = FactsReader(
        engine,
        "acme",
        Moment.at(NOW, ZoneInfo("UTC")),
        customers=CustomerSettings(key="all"),
        titles=BUILT_IN,
        needs=frozenset(),
    )
    (facts,) = reader.read()
    return [touch.id for touch in facts.touches]


def count(engine: Engine, table: str) -> int:
    with engine.connect() as db:
        return int(db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_old_touches_go_with_their_links_and_what_was_made_of_them(engine: Engine) -> None:
    company(engine, 800, 700, 10)
    assert touches(engine) == ["m800", "m700", "m10"]
    horizon = replace(ALL, touches=NOW - 2 * YEAR)
    assert drop_old(engine, ["acme"], horizon) == Dropped(touches=1)
    assert touches(engine) == ["m700", "m10"]
    assert count(engine, "activities") == 2
    assert count(engine, "links") == 6
    assert drop_old(engine, ["acme"], horizon) == Dropped(), "there is nothing left to do"


def test_old_touches_do_not_come_in_again(engine: Engine) -> None:
    since = NOW - 2 * YEAR
    old, new = meeting(800), meeting(10)
    links = Links(source="own", rows=[*met(old), *met(new)], replaced=["m800", "m10"])
    page = Page(rows={"activities": [old, new]}, links=[links], last=True)
    save_page(engine, "acme", "things", page, cycle=1, now=NOW, touches_since=since)
    assert (count(engine, "activities"), count(engine, "links")) == (1, 3)


def test_a_touch_that_was_moved_far_into_the_past_is_gone(engine: Engine) -> None:
    company(engine, 10)
    page = Page(rows={"activities": [meeting(800, "m10")]}, last=True)
    assert save_page(engine, "acme", "t", page, cycle=2, now=NOW, touches_since=NOW - 2 * YEAR) == (0, 1)
    assert touches(engine) == []


def test_more_than_one_portion_goes_in_several(engine: Engine) -> None:
    company(engine, *range(800, 805), 10)
    assert drop_old(engine, ["acme"], replace(ALL, touches=NOW - 2 * YEAR), rows_at_once=2).touches == 5
    assert touches(engine) == ["m10"]


def test_another_connection_is_left_alone(engine: Engine) -> None:
    company(engine, 800)
    assert drop_old(engine, ["other"], replace(ALL, touches=NOW)) == Dropped()
    assert count(engine, "activities") == 1


def test_what_the_crm_deleted_long_ago_leaves_the_store(engine: Engine) -> None:
    for number, days_ago in enumerate((200, 100, 20), start=1):
        assert cycles.begin(engine, "acme", NOW - timedelta(days=days_ago)) == number
    company(engine, 30)
    save(engine, contacts=[{"id": f"c{number}", "name": "Gone"} for number in (2, 3)])
    save(engine, cycle=2, gone={"contacts": ["c2"]})
    save(engine, cycle=3, gone={"contacts": ["c3"]})
    assert drop_old(engine, ["acme"], replace(ALL, deleted=NOW - timedelta(days=90))) == Dropped(deleted=1)
    with engine.connect() as db:
        assert db.execute(text("SELECT id FROM contacts ORDER BY id")).scalars().all() == ["c1", "c3"]


def task(number: int) -> CreateTask:
    content = TaskContent(assignee_id="u1", subject="S", body="B", due_on=date(2026, 11, 5), severity="high")
    return CreateTask(key=f"k{number}", account_id="a1", contact_id=None, content=content)


def sent(engine: Engine, change: Any, outcome: Any, at: datetime) -> None:
    planned = Planned(change=change, account_id="a1", account_name="Acme", rules={"sole-rep": "high"})
    rows = outbox.send(engine, Plan(connection="acme", changes=(planned,)), cycle=1, now=at)
    outbox.settle(engine, "acme", [(row, one, outcome) for row, one in rows.items()], cycle=1, now=at)


def made(number: int) -> Done:
    return Done(task=TaskState(key=f"k{number}", id=f"t{number}", status="open", subject="S", body="B"))


def test_the_audit_forgets_old_changes_but_nothing_of_a_task_that_is_open(engine: Engine) -> None:
    old, new = NOW - 3 * YEAR, NOW - YEAR
    sent(engine, task(1), made(1), old)  # open ever since
    sent(engine, task(2), made(2), old)  # ended then
    sent(engine, task(3), made(3), new)
    with engine.begin() as db:
        ledger.end_task(db, "acme", "k2", "completed", old)
    sent(engine, SetFields(account_id="a1", fields={"risk": 3}), Done(), old)
    assert drop_old(engine, ["acme"], replace(ALL, audit=NOW - 2 * YEAR)) == Dropped(changes=2)
    assert [row["subject"] for row in written.changes_made(engine, "acme")] == ["k1", "k3"]
    assert ledger.read_used_keys(engine, "acme") == {"k1", "k2", "k3"}, "no key is ever used twice"
    with engine.connect() as db:
        texts: dict[str, str] = dict(db.execute(text("SELECT key, CAST(written AS TEXT) FROM tasks")).all())
    assert texts["k2"] == "{}"
    assert "subject" in texts["k1"]


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_what_is_not_settled_stays_however_old(engine: Engine, state: str) -> None:
    sent(engine, SetFields(account_id="a1", fields={"risk": 3}), Done(), NOW - 3 * YEAR)
    with engine.begin() as db:
        db.execute(text("UPDATE outbox SET state = :state"), {"state": state})
    assert drop_old(engine, ["acme"], replace(ALL, audit=NOW)) == Dropped()


def test_what_an_operator_dropped_is_never_sent_again_unless_a_later_change_was(engine: Engine) -> None:
    old = NOW - 3 * YEAR
    fields = SetFields(account_id="a1", fields={"risk": 3})
    sent(engine, fields, Rejected(code="NO", message="never"), old)
    written.mark(engine, "acme", ["fields:a1"], "dropped")
    horizon = replace(ALL, audit=NOW - 2 * YEAR)
    assert drop_old(engine, ["acme"], horizon) == Dropped()
    assert outbox.parked(engine, "acme", since=NOW).keys() == {"fields:a1"}
    sent(engine, fields, Done(), old)
    assert drop_old(engine, ["acme"], horizon) == Dropped(changes=2)
    assert outbox.parked(engine, "acme", since=NOW) == {}


def test_a_file_that_is_mostly_empty_is_written_anew(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'holdfast.db'}")
    save(engine, activities=[meeting(800, f"{number:0400}") for number in range(2000)])
    with engine.connect() as db:
        db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (tmp_path / "holdfast.db").stat().st_size
    assert drop_old(engine, ["acme"], replace(ALL, touches=NOW - 2 * YEAR), empty_bytes=0).touches == 2000
    assert (tmp_path / "holdfast.db").stat().st_size < before / 4
    assert count(engine, "activities") == 0
    engine.dispose()


def test_what_was_made_of_a_touch_goes_with_it(engine: Engine) -> None:
    company(engine, 800, 10)
    with engine.begin() as db:
        packs.save(db, "acme", {name: packs.Pack(packed=b"m800", deals=[]) for name in ("a1", "a2")})
    drop_old(engine, ["acme"], replace(ALL, touches=NOW - 2 * YEAR))
    with engine.connect() as db:
        assert packs.have(db, "acme") == {"a2"}
