"""What is ours of an account that was merged goes on under the account that it went into."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Engine, select

from sync.store.aliases import follow
from sync.store.ledger_tables import FindingRow, SnapshotRow, TaskRow, VerdictRow
from sync.store.sql import insert, table_of

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
ROWS: dict[type[Any], dict[str, Any]] = {
    FindingRow: {"open": True, "severity": "high", "text": {}, "raised_at": NOW, "ended_why": "", "quiet_why": "",
                 "quiet_severity": ""},
    SnapshotRow: {},
    VerdictRow: {"verdict": "raised", "severity": "high", "reason": "", "message": "", "numbers": {}, "judged_at": NOW},
    TaskRow: {"route": "owner", "state": "open", "crm_id": "1", "assignee_id": "", "rules": {}, "written": {},
              "created_at": NOW, "ended_how": ""},
}  # fmt: skip


def add(engine: Engine, model: type[Any], account_id: str, *, connection: str = "acme", **names: Any) -> None:
    table = table_of(model)
    row = {"connection": connection, "account_id": account_id, **ROWS[model], **names}
    with engine.begin() as db:
        db.execute(insert(db, table).values(**row))


def held(engine: Engine, model: type[Any], name: str) -> set[tuple[str, Any]]:
    table = table_of(model)
    with engine.connect() as db:
        found = db.execute(select(table.c.account_id, table.c[name]).where(table.c.connection == "acme")).all()
    return {tuple(row) for row in found}


def merge(engine: Engine, **moved: str) -> int:
    with engine.begin() as db:
        return follow(db, "acme", {"accounts": {old.removeprefix("id"): new for old, new in moved.items()}})


def test_memory_snapshots_and_tasks_of_both_accounts_are_those_of_the_third(engine: Engine) -> None:
    for account, rule, day in (("1", "sole-rep", 1), ("2", "going-quiet", 2)):
        add(engine, FindingRow, account, rule=rule)
        add(engine, SnapshotRow, account, day=date(2026, 10, day))
        add(engine, TaskRow, account, key=f"hf1:{account}:owner:1")
        add(engine, VerdictRow, account, rule=rule)
    assert merge(engine, id1="3", id2="3") == 2
    assert held(engine, FindingRow, "rule") == {("3", "sole-rep"), ("3", "going-quiet")}
    assert held(engine, SnapshotRow, "day") == {("3", date(2026, 10, 1)), ("3", date(2026, 10, 2))}
    assert held(engine, TaskRow, "key") == {("3", "hf1:1:owner:1"), ("3", "hf1:2:owner:1")}
    assert held(engine, VerdictRow, "rule") == set()


def test_what_the_account_itself_has_stays_and_the_other_s_goes(engine: Engine) -> None:
    add(engine, SnapshotRow, "1", day=date(2026, 10, 1), risk=80)
    add(engine, SnapshotRow, "3", day=date(2026, 10, 1), risk=20)
    merge(engine, id1="3")
    assert held(engine, SnapshotRow, "risk") == {("3", 20)}


def test_a_merge_told_again_changes_nothing_and_no_other_connection_is_touched(engine: Engine) -> None:
    add(engine, FindingRow, "1", rule="sole-rep")
    add(engine, FindingRow, "1", rule="sole-rep", connection="other")
    for _ in range(2):
        merge(engine, id1="3", id3="3")
    assert held(engine, FindingRow, "rule") == {("3", "sole-rep")}
    with engine.connect() as db:
        table = table_of(FindingRow)
        assert db.execute(select(table.c.account_id).where(table.c.connection == "other")).scalar() == "1"
