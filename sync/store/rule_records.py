"""The rule report, read from the store: our tasks with what they told when, and how accounts stood day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Engine, select

from sync.cases import ToldTask, cases
from sync.rule_report import Record, Stand, report
from sync.store import spans
from sync.store.ledger_tables import OutboxRow, SnapshotRow, TaskRow
from sync.store.sql import PULLED, chunks, table_of

_TASKS, _OUTBOX, _SNAPSHOTS = table_of(TaskRow), table_of(OutboxRow), table_of(SnapshotRow)
_SEEN = PULLED["crm_tasks"]


def rule_records(
    engine: Engine, connection: str, now: datetime, timezone: tzinfo, *, months: int, outcomes: bool = True
) -> dict[str, dict[date, Record]]:
    """What became of the findings told in so many months, that of `now` included, by rule and first day of the month.

    Without `outcomes` it is not read what became of their accounts, which takes longest.
    """
    today = now.astimezone(timezone).date()
    year, month = divmod(today.year * 12 + today.month - months, 12)
    since = datetime(year, month + 1, 1, tzinfo=timezone)
    ended = spans.read(engine, connection, since=since)
    found = list(cases(told_tasks(engine, connection, since=since), ended, timezone))
    named = {one.account_id for one in found} if outcomes else set()
    return report(found, stands(engine, connection, named, since=since.date()), today)


def told_tasks(engine: Engine, connection: str, *, since: datetime) -> list[ToldTask]:
    """Every task that was made since then and has reached the CRM, the oldest first."""
    t = _TASKS.c
    made = select(_TASKS).where(t.connection == connection, t.state != "planned", t.created_at >= since)
    with engine.connect() as db:
        told, seen = _told(db, connection, since), _seen(db, connection)
        return [
            _task(row, told.get(row["key"], {}), seen.get(row["key"]))
            for row in db.execute(made.order_by(t.created_at, t.key)).mappings()
        ]


def _task(row: Mapping[Any, Any], told: Mapping[str, datetime], seen: Any) -> ToldTask:
    rules, written_on = frozenset(row["rules"]), row["written"].get("due_on")
    later = bool(seen and seen.due_on and written_on and seen.due_on.isoformat() > written_on)
    return ToldTask(
        account_id=row["account_id"],
        # Of a task that only the CRM remembered nobody knows when it told what.
        told_at=told or dict.fromkeys(rules, row["created_at"]),
        rules=rules,
        ended_how=row["ended_how"] if row["state"] == "ended" else "",
        put_off=later or bool(seen and seen.status == "deferred"),
        answer=seen.feedback if seen else "",
    )


def _told(db: Connection, connection: str, since: datetime) -> dict[str, dict[str, datetime]]:
    """When each task first told each rule, by key."""
    o = _OUTBOX.c
    sent = (o.connection == connection, o.op.in_(("create_task", "update_task")), o.state == "done")
    rows = db.execute(select(o.subject, o.change["rules"], o.created_at).where(*sent, o.created_at >= since))
    told: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
    for key, rules, at in sorted(rows.all(), key=lambda row: row[2]):
        told[key] = dict.fromkeys(rules or (), at) | told[key]
    return told


def _seen(db: Connection, connection: str) -> dict[str, Any]:
    c = _SEEN.c
    rows = db.execute(select(c.key, c.status, c.due_on, c.feedback).where(c.connection == connection))
    return {row.key: row for row in rows}


def stands(engine: Engine, connection: str, account_ids: Iterable[str], *, since: date) -> dict[str, list[Stand]]:
    """How these accounts stood on each day with a snapshot since then, by account, the earliest first."""
    s = _SNAPSHOTS.c
    known = (s.connection == connection, s.day >= since, s.coverage.is_not(None))
    found: defaultdict[str, list[Stand]] = defaultdict(list)
    with engine.connect() as db:
        for some in chunks(sorted(set(account_ids))):
            chosen = select(s.account_id, s.day, s.coverage, s.last_exec_exchange).where(*known)
            rows = db.execute(chosen.where(s.account_id.in_(some)).order_by(s.account_id, s.day))
            for account_id, day, label, met_on in rows:
                ours, _, theirs = label.partition("x")
                stand = Stand(day=day, ours=int(ours), theirs=int(theirs), executive_met_on=met_on)
                found[account_id].append(stand)
    return found
