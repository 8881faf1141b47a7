"""The store as a whole: copied while it is used, moved to another engine, and without somebody who was forgotten."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlmodel import SQLModel

from connectors.protocol import Links, Page
from rules.rule import Finding, Raised, Severity
from sync.errors import StoreError
from sync.findings import FindingState
from sync.store import cycles, ledger
from sync.store.copies import back_up
from sync.store.engine import open_engine
from sync.store.erasure import Erased, erase_contact
from sync.store.move import move
from sync.store.records import KnownRecords, counts, save_page

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
FINDING = Finding(
    headline="Only Maria Lopez answers",
    why="Only Maria Lopez (maria@acme.example) answers; Marianne Lopezzi does not.",
    clears_when="Clears when another answers.",
    first_step="Ask MARIA LOPEZ for an introduction.",
    figures="1x1",
    contact_id="c1",
)


def fill(engine: Engine, connection: str = "acme") -> None:
    """Acme with a contact, a meeting with her, an e-mail from her, and a finding about her."""
    rows: dict[str, list[dict[str, Any]]] = {
        "users": [{"id": "u1", "name": "Jana Roth", "email": "jana@seller.example"}],
        "accounts": [{"id": "a1", "name": "Acmé\0 \U0001f600", "owner_id": "u1", "ours": {"risk": 3}, "revenue": 0.1}],
        "contacts": [
            {"id": "c1", "account_id": "a1", "name": "Maria Lopez", "email": "maria@acme.example"},
            {"id": "c2", "account_id": "a1", "name": "Marianne Lopezzi", "email": "marianne@acme.example"},
        ],
        "contact_roles": [{"id": "r1", "contact_id": "c1", "roles": "decision-maker"}],
        "activities": [{"id": "m1", "kind": "meeting", "outcome": "held", "at": NOW, "ends_at": NOW}],
    }
    links = [
        {"activity_id": "m1", "side": side, "kind": kind, "target": target}
        for side, kind, target in (
            ("ours", "user", "u1"),
            ("theirs", "contact", "c1"),
            ("theirs", "contact", "c2"),
            ("theirs", "address", "maria@acme.example"),
        )
    ]
    cycle = cycles.begin(engine, connection, NOW)
    page = Page(rows=rows, links=[Links(source="own", rows=links, replaced=["m1"])], cursor={"after": "é"}, last=True)
    save_page(engine, connection, "things", page, cycle=cycle, now=NOW)
    raised = Raised(severity=Severity.HIGH, finding=FINDING, numbers={"by": ["Maria Lopez"]})
    state = FindingState(rule="single-contact", open=True, severity=Severity.HIGH, text=FINDING, raised_at=NOW)
    with engine.begin() as db:
        ledger.save_verdicts(db, connection, {"a1": {"single-contact": raised}}, NOW)
        ledger.save_states(db, connection, {"a1": [state]})
    cycles.end(engine, cycle, {"complete": ["accounts"]}, "", NOW)


def content(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as db:
        return {
            name: sorted(tuple(map(str, row)) for row in db.execute(select(table)))
            for name, table in SQLModel.metadata.tables.items()
        }


@pytest.fixture
def store(tmp_path: Path) -> Any:
    engine = open_engine(f"sqlite:///{tmp_path / 'holdfast.db'}")
    fill(engine)
    yield engine
    engine.dispose()


def test_a_backup_is_one_private_file_that_opens_as_the_store_did(store: Engine, tmp_path: Path) -> None:
    copy = back_up(store, tmp_path / "copy.db")
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db"]
    assert copy.path.stat().st_mode & 0o777 == 0o600
    assert copy.records > 5
    restored = open_engine(f"sqlite:///{copy.path}")
    assert content(restored) == content(store)
    restored.dispose()


def test_a_backup_is_made_while_another_writes(store: Engine, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "holdfast.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM contacts")
        back_up(store, tmp_path / "copy.db")
        other.rollback()
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM contacts").fetchone() == (2,)


def test_a_backup_overwrites_nothing_and_leaves_no_half(store: Engine, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(StoreError, match="is there already"):
        back_up(store, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_a_damaged_store_makes_no_backup(tmp_path: Path) -> None:
    path = tmp_path / "damaged.db"
    engine = open_engine(f"sqlite:///{path}")
    with engine.begin() as db:
        rows = [{"n": f"{number:0200}"} for number in range(2000)]
        db.execute(text("CREATE TABLE things (n TEXT PRIMARY KEY)"))
        db.execute(text("INSERT INTO things VALUES (:n)"), rows)
    engine.dispose()
    raw = bytearray(path.read_bytes())
    middle = len(raw) * 3 // 4 // 4096 * 4096
    raw[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(raw)
    damaged = create_engine(f"sqlite:///{path}")
    with pytest.raises(StoreError):
        back_up(damaged, tmp_path / "copy.db")
    damaged.dispose()
    assert not list(tmp_path.glob("copy*"))


def test_a_moved_store_is_the_same_store(store: Engine, engine: Engine) -> None:
    moved = move(store, engine)
    assert moved["contacts"] == 2
    before, after = content(store), content(engine)
    if engine.dialect.name == "postgresql":  # which keeps no NUL
        before["accounts"] = [tuple(one.replace("\0", "") for one in row) for row in before["accounts"]]
    assert after == before


def test_a_moved_store_counts_on(store: Engine, engine: Engine) -> None:
    move(store, engine)
    assert cycles.begin(engine, "acme", NOW) == cycles.newest(store, "acme") + 1


def test_a_store_moves_back_from_any_database(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    back = open_engine(f"sqlite:///{tmp_path / 'back.db'}")
    move(engine, back)
    assert content(back) == content(engine)
    back.dispose()


def test_a_store_is_moved_into_an_empty_one_only(store: Engine, engine: Engine) -> None:
    fill(engine, "other")
    before = content(engine)
    with pytest.raises(StoreError, match="rows already"):
        move(store, engine)
    assert content(engine) == before


def test_a_store_with_a_table_of_somebody_elses_is_not_moved(store: Engine, engine: Engine) -> None:
    with store.begin() as db:
        db.execute(text("CREATE TABLE notes (n TEXT)"))
    with pytest.raises(StoreError, match="notes"):
        move(store, engine)
    assert counts(engine, "acme")["contacts"] == 0


def test_nothing_of_a_forgotten_contact_remains(engine: Engine) -> None:
    fill(engine)
    assert erase_contact(engine, "acme", "Maria@Acme.example ") == Erased(contacts=1, links=2, texts=2)
    everything = str(content(engine)).lower()
    assert "maria lopez" not in everything
    assert "maria@" not in everything
    assert "'c1'" not in everything
    assert "marianne lopezzi" in everything, "another contact, whose name begins alike"
    assert list(KnownRecords(engine, "acme", 1).live("activities")) == ["m1"], "the meeting itself took place"


def test_a_finding_keeps_its_sense_without_the_name(engine: Engine) -> None:
    fill(engine)
    erase_contact(engine, "acme", "maria@acme.example")
    finding = ledger.read_states(engine, "acme")["a1"]["single-contact"].text
    assert finding.why == "Only [erased] ([erased]) answers; Marianne Lopezzi does not."
    assert finding.contact_id is None, "a task must not be made for a contact who is not there"


def test_another_connection_and_an_unknown_address_are_left_alone(engine: Engine) -> None:
    fill(engine)
    before = content(engine)
    assert erase_contact(engine, "other", "maria@acme.example") == Erased()
    assert erase_contact(engine, "acme", "nobody@acme.example") == Erased()
    assert content(engine) == before


def test_a_forgotten_name_is_in_no_byte_of_the_files(store: Engine, tmp_path: Path) -> None:
    assert any(b"Maria Lopez" in path.read_bytes() for path in tmp_path.glob("holdfast.db*"))
    erase_contact(store, "acme", "maria@acme.example")
    store.dispose()
    for path in tmp_path.glob("holdfast.db*"):
        assert b"maria lopez" not in path.read_bytes().lower(), path.name
        assert b"maria@acme" not in path.read_bytes().lower(), path.name
