"""Many rows or values at once: the quick ways to the store leave what the plain ones would."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.dialects import sqlite

from connectors.protocol import Links, Page
from sync.store.prepared import Prepared
from sync.store.records import KnownRecords, counts, save_page
from sync.store.sql import PULLED, among

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def save(engine: Engine, **page: Any) -> None:
    save_page(engine, "acme", "things", Page(**page), cycle=1, now=NOW)


def about(target: str, *activity_ids: str) -> list[Links]:
    rows = [{"activity_id": one, "side": "about", "kind": "account", "target": target} for one in activity_ids]
    return [Links(source="own", rows=rows, replaced=list(activity_ids))]


@pytest.mark.parametrize(
    "moment",
    [
        NOW,
        datetime(2026, 3, 1, 0, 30, 15, 7, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        None,
    ],
)
def test_a_moment_is_written_as_sqlalchemy_writes_it(moment: datetime | None) -> None:
    dialect, table = sqlite.dialect(), PULLED["activities"]
    plain = table.c.at.type.dialect_impl(dialect).bind_processor(dialect)
    assert plain is not None
    assert Prepared.of(sqlite.insert(table)).converted["at"](moment) == plain(moment)


def test_every_id_is_found_among_many_whatever_it_is_made_of(engine: Engine) -> None:
    odd = ["it's", 'say "x"', "back\\slash", "100%", "Ünï-ço∂é", "[1,2]", " lead", ":name", "?"]
    ids = [*odd, *(f"a{number}" for number in range(3_000))]
    save(engine, rows={"accounts": [{"id": one, "name": "x"} for one in ids]})
    accounts = PULLED["accounts"].c
    with engine.connect() as db:
        found = db.execute(select(accounts.id).where(among(db, accounts.id, [*odd, "a7", "a2999", "none"]))).scalars()
        assert set(found) == {*odd, "a7", "a2999"}
        assert db.execute(select(accounts.id).where(among(db, accounts.id, []))).all() == []


def test_links_told_anew_take_the_place_of_those_before_wherever_their_activities_lie(engine: Engine) -> None:
    save(engine, links=about("old", "t1", "t9"))
    save(engine, links=about("between", "t5"))
    save(engine, links=about("before-all", "t0"))
    save(engine, links=about("new", "t9", "t8"))
    known = KnownRecords(engine, "acme", 1)
    everywhere = known.linked("account", ["old", "between", "before-all", "new"])
    assert sorted((activity, target) for activity, _, target in everywhere) == [
        ("t0", "before-all"),
        ("t1", "old"),
        ("t5", "between"),
        ("t8", "new"),
        ("t9", "new"),
    ]


def test_what_is_gone_is_not_counted(engine: Engine) -> None:
    calls = [{"id": one, "kind": "call", "at": NOW} for one in ("t1", "t2", "t3")]
    save(engine, rows={"activities": calls})
    save(engine, gone={"activities": ["t2"]})
    assert counts(engine, "acme")["activities"] == 2
    assert counts(engine, "another")["activities"] == 0


def test_status_waits_for_no_library_that_it_does_not_use() -> None:
    unused = ("alembic", "simple_salesforce", "hubspot", "jinja2", "uvicorn", "zeep", "holidays")
    code = f"import sys, sync.cli.main, sync.cli.status; print([one for one in {unused} if one in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
