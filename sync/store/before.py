"""What the CRM holds, as far as we know, of exactly what a change is about to replace: the audit's `from`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from connectors.protocol import Change, CloseTask, SetFields, UpdateTask
from sync.store.ledger_tables import TaskRow
from sync.store.sql import PULLED, chunks, table_of

_TASKS = table_of(TaskRow)


def values_before(db: Connection, connection: str, changes: Sequence[Change]) -> dict[str, dict[str, Any]]:
    """By subject of the outbox: an account's fields by logical name, a task's parts as we wrote them last.

    A new task replaces nothing and is absent. None stands for what was empty.
    """
    fields = {one.account_id: one.fields for one in changes if isinstance(one, SetFields)}
    tasks = {one.key: _replaced(one) for one in changes if isinstance(one, UpdateTask | CloseTask)}
    accounts = PULLED["accounts"]
    ours = _by(db, connection, accounts, (accounts.c.id, accounts.c.ours), fields)
    written = _by(db, connection, _TASKS, (_TASKS.c.key, _TASKS.c.written), tasks)
    found = {f"fields:{one}": _some(ours.get(one), names) for one, names in fields.items()}
    return found | {key: {**_some(written.get(key), parts), **_status(parts)} for key, parts in tasks.items()}


def _replaced(change: UpdateTask | CloseTask) -> tuple[str, ...]:
    if isinstance(change, UpdateTask):
        return tuple(change.changed)
    return ("status",) if change.body is None else ("status", "body")


def _some(held: Mapping[str, Any] | None, names: Mapping[str, Any] | Sequence[str]) -> dict[str, Any]:
    return {name: (held or {}).get(name) for name in names if name != "status"}


def _status(parts: Sequence[str]) -> dict[str, str]:
    return {"status": "open"} if "status" in parts else {}


def _by(
    db: Connection, connection: str, table: Table, columns: tuple[Any, Any], wanted: Mapping[str, Any]
) -> dict[str, Any]:
    key, value = columns
    found: dict[str, Any] = {}
    for some in chunks(wanted):
        rows = db.execute(select(key, value).where(table.c.connection == connection, key.in_(some)))
        found |= dict(rows.all())
    return found
