"""status: where every connection stands. Nothing is imported that reading the store does not need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from sync.cli.options import OPTIONS
from sync.cli.session import open_session, print_json
from sync.connections import chosen
from sync.run.status import queue_of, status_of
from sync.store import matches


def add_to(app: typer.Typer) -> None:
    app.command()(status)


def status(
    connection: Annotated[list[str] | None, typer.Option(help="Only this connection; repeatable.")] = None,
) -> None:
    """Where every connection stands: last cycle, streams, budget, writes, findings."""
    session = open_session()
    told = {
        name: status_of(session.engine, name, session.rulebook.rules) | {"queue": queue_of(session.engine, name)}
        for name in chosen(session.config, connection or [])
    }
    with session.engine.connect() as db:
        asked = {
            name: {"to_decide": len(matches.read_questions(db, group.connections))}
            for name, group in session.config.groups.items()
        }
    if OPTIONS.json:
        print_json({"connections": told, "groups": asked})
    else:
        for name, one in told.items():
            typer.echo("\n".join(_status_lines(name, one)))
        for name, group in asked.items():
            if group["to_decide"]:
                typer.echo(f"group {name}: {group['to_decide']} to decide; `holdfast match list` tells what")
    session.finish()


def _status_lines(name: str, told: dict[str, Any]) -> Iterator[str]:
    last = told["last_cycle"]
    if not last:
        yield f"{name}: no cycle yet; `holdfast run` makes the first"
        return
    yield f"{name}: cycle {last['id']} ended {last['ended_at'][:16]}Z" + (f", {last['error']}" if last["error"] else "")
    left = f", {told['api_left']:,} left today" if told["api_left"] is not None else ""
    yield f"  API calls {told['api_calls']}{left}"
    yield "  records: " + ", ".join(f"{number:,} {what}" for what, number in told["records"].items())
    late = [stream for stream, one in told["streams"].items() if not one["complete_at"]]
    if late:
        yield f"  never complete: {', '.join(late)}"
    for stream, one in told["streams"].items():
        for reason, number in one["set_aside"].items():
            yield f"  set aside in {stream}: {number} ({reason})"
    yield "  tasks: " + (", ".join(f"{number} {state}" for state, number in told["tasks"].items()) or "none")
    yield "  writes: " + (", ".join(f"{number} {state}" for state, number in told["outbox"].items()) or "none")
    for rule, counted in told["findings"].items():
        yield f"  {rule}: " + ", ".join(f"{number} {verdict.replace('_', ' ')}" for verdict, number in counted.items())
    for rule, counted in told["feedback"].items():
        yield f"  answers to {rule}: " + ", ".join(f"{number} {answer}" for answer, number in sorted(counted.items()))
    for rule, advice in told["advice"].items():
        yield f"  advice on {rule}: {advice}"
    for one in told["queue"]:
        place = f"place {one['place']} of {one['queue_length']} for {one['assignee']['name']}"
        yield f"  waits for room: {one['account']['name']}, {place}"
