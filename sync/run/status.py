"""What the worker says of itself, as a document for `status` and for whoever asks over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from sync import outbox
from sync.rule_report import together
from sync.store import cycles, held_back, ledger, records, written
from sync.store.rule_records import rule_records


def status_of(engine: Engine, connection: str, rules: Iterable[str]) -> dict[str, Any]:
    """Where a connection stands: last cycle, streams, records, budget, writes under way, findings, answers."""
    last = cycles.last(engine, connection)
    told = last["told"] if last else {}
    streams = {
        row["stream"]: {
            "complete_at": row["complete_at"].isoformat() if row["complete_at"] else None,
            "set_aside": row["set_aside"],
            "cursor": row["cursor"],
        }
        for row in cycles.cursors(engine, connection)
    }
    return {
        "last_cycle": {
            "id": last["id"],
            "started_at": last["started_at"].isoformat(),
            "ended_at": last["ended_at"].isoformat(),
            "error": last["error"],
        }
        if last
        else None,
        "streams": streams,
        "records": records.counts(engine, connection),
        "api_calls": told.get("api_calls"),
        "api_left": told.get("api_left"),
        "held_back": told.get("written", {}).get("held_back", 0),
        "outbox": outbox.count(engine, connection),
        "tasks": ledger.count_tasks(engine, connection),
        "findings": ledger.count_verdicts(engine, connection, rules),
        "feedback": {rule: dict(counted) for rule, counted in sorted(written.answers(engine, connection).items())},
        "advice": _advice(engine, connection, last["started_at"]) if last else {},
    }


def _advice(engine: Engine, connection: str, now: datetime) -> dict[str, str]:
    """What to do about rules that people mostly dismissed in twelve months; the others are absent."""
    records = rule_records(engine, connection, now, UTC, months=12, outcomes=False)
    told = {rule: together(by_month.values()).advice for rule, by_month in records.items()}
    return {rule: advice for rule, advice in told.items() if advice}


def queue_of(engine: Engine, connection: str) -> list[dict[str, Any]]:
    """What waits for room as the last plan had it, with its place in the queue of whose task it will be."""
    people = written.user_names(engine, connection)
    return [
        {
            "account": {"id": one.account_id, "name": one.account_name},
            "assignee": {"id": one.assignee_id, "name": people.get(one.assignee_id, one.assignee_id)},
            "rules": list(one.rules),
            "place": one.place,
            "queue_length": one.queue_length,
        }
        for one in held_back.read(engine, connection)
        if one.place
    ]
