"""Records that went into others: what is ours of an old id goes on under the new one, in the page's own transaction.

The CRM is where aliases are kept: it tells them whenever it tells the record, so that doing this again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, select, update

from sync.store.ledger_tables import FindingRow, SnapshotRow, TaskRow, VerdictRow
from sync.store.sql import table_of

_TASKS = table_of(TaskRow)
# What an account has one of by a further name: our findings by rule, our snapshots by day.
_NAMED = ((table_of(FindingRow), "rule"), (table_of(SnapshotRow), "day"))
_VERDICTS = table_of(VerdictRow)


def follow(db: Connection, connection: str, merged: Mapping[str, Mapping[str, str]]) -> int:
    """Findings' memory, snapshots and tasks of merged accounts are those of the account that they went into.

    `merged` maps a table's name to {old id: new id}, as `Page.merged`; of both accounts' snapshots of one day, and of
    both memories of one rule, those of the new id stay. Returns how many tasks moved.
    """
    moved = 0
    for old, new in merged.get("accounts", {}).items():
        if old == new:
            continue
        for table, name in _NAMED:
            taken = _names_of(table, connection, new, name)
            mine = (table.c.connection == connection, table.c.account_id == old)
            db.execute(update(table).where(*mine, table.c[name].not_in(taken)).values(account_id=new))
            db.execute(delete(table).where(*mine))
        db.execute(delete(_VERDICTS).where(_VERDICTS.c.connection == connection, _VERDICTS.c.account_id == old))
        mine = (_TASKS.c.connection == connection, _TASKS.c.account_id == old)
        moved += db.execute(update(_TASKS).where(*mine).values(account_id=new)).rowcount
    return moved


def _names_of(table: Table, connection: str, account_id: str, name: str) -> Select[Any]:
    there = table.alias()
    return select(there.c[name]).where(there.c.connection == connection, there.c.account_id == account_id)
