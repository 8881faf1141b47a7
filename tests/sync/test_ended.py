"""Findings that ended are kept with their verdict, and what waits with its place, as a cycle leaves them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, text

from sync.store import spans
from sync.store.engine import alembic_config, open_engine
from sync.store.spans import Span
from tests.bench.made_store import CONNECTION, make
from tests.sync.test_pages_site import NOW, Made


def ended(made: Made) -> list[Span]:
    engine = open_engine(f"sqlite:///{made.store}")
    found = spans.read(engine, CONNECTION, since=datetime(2020, 1, 1, tzinfo=UTC))
    engine.dispose()
    return found


def test_a_finding_that_ends_is_kept_once_with_the_verdict_that_ended_it(tmp_path: Path) -> None:
    made = Made(store=tmp_path / "made.db", out=tmp_path / "out")
    make(made.store, 30, 1800, NOW)
    made.settings = {"customers": {"key": "all"}}
    made.evaluated()
    assert ended(made) == []
    with_findings = set(raised(made))
    assert with_findings
    made.settings = {"customers": {"key": "all", "exclude_types": ["Partner"]}}
    made.sql("UPDATE accounts SET type = 'Partner'")
    made.now = NOW + timedelta(days=1)
    made.evaluated()
    assert ended(made) == [], "not raised once is not ended"
    made.now = NOW + timedelta(days=2)
    made.evaluated()
    found = ended(made)
    assert {(one.account_id, one.rule) for one in found} == with_findings
    assert len(found) == len(with_findings)
    assert {one.ended_as for one in found} == {"not_applicable"}
    assert {one.ended_at for one in found} == {NOW + timedelta(days=1)}
    made.now = NOW + timedelta(days=3)
    made.evaluated()
    assert ended(made) == found


def raised(made: Made) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(made.store)) as db:
        return db.execute("SELECT account_id, rule FROM findings WHERE open").fetchall()


def test_an_older_store_keeps_the_endings_that_it_still_knows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    config = alembic_config(url)
    engine = create_engine(url)
    row = "'crm', 'acme', :rule, :open, 'high', '{}', '2026-01-05 00:00:00', :since, '', '', ''"
    columns = (
        "connection, account_id, rule, open, severity, text, raised_at, not_raised_since, ended_why, quiet_why, "
        "quiet_severity"
    )
    with engine.begin() as db:
        config.attributes["connection"] = db
        command.upgrade(config, "0003")
        for rule, is_open, since, verdict in (
            ("gone", False, "2026-02-01 00:00:00", "clear"),
            ("open", True, None, "raised"),
            ("put-off-unseen", False, None, "clear"),
        ):
            values = {"rule": rule, "open": is_open, "since": since, "verdict": verdict}
            db.execute(text(f"INSERT INTO findings ({columns}) VALUES ({row})"), values)
            db.execute(
                text(
                    "INSERT INTO verdicts (connection, account_id, rule, verdict, severity, reason, message, numbers, "
                    "judged_at) VALUES ('crm', 'acme', :rule, :verdict, '', '', '', '{}', '2026-02-02 00:00:00')"
                ),
                values,
            )
    engine.dispose()
    opened = open_engine(url)
    (found,) = spans.read(opened, "crm", since=datetime(2020, 1, 1, tzinfo=UTC))
    opened.dispose()
    assert (found.rule, found.ended_as, found.ended_at) == ("gone", "clear", datetime(2026, 2, 1, tzinfo=UTC))
