"""What the worker says of itself: as a document for `status`, and over HTTP for probes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync import outbox
from sync.store import cycles, ledger, records, written


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
        "outbox": outbox.count(engine, connection),
        "tasks": ledger.count_tasks(engine, connection),
        "findings": ledger.count_verdicts(engine, connection, rules),
        "feedback": {rule: dict(counted) for rule, counted in sorted(written.answers(engine, connection).items())},
    }


def app(alive: Callable[[], bool], status: Callable[[], dict[str, Any]]) -> Starlette:
    """`/healthz` (200 while the scheduler lives, 503 otherwise) and `/` (the status as JSON), read-only."""

    def healthz(_: Request) -> Response:
        living = alive()
        return JSONResponse({"ok": living}, status_code=200 if living else 503)

    def index(_: Request) -> Response:
        return JSONResponse(status())

    return Starlette(routes=[Route("/healthz", healthz), Route("/", index)])
