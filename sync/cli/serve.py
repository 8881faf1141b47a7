"""serve: the scheduler until stopped, with a probe over HTTP."""

from __future__ import annotations

import os
import signal
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
import uvicorn

from sync import connections
from sync.cli.options import OPTIONS
from sync.cli.session import Session, open_session
from sync.config import is_loopback
from sync.cycle import run as run_cycle
from sync.errors import HoldfastError
from sync.pages.scene import Scene
from sync.pages.served import Pages, with_pages
from sync.pages.site import Site
from sync.run import status
from sync.run.schedule import Schedule
from sync.store import cycles
from sync.store.engine import exclusive
from sync.store.facts import Moment

_STOP_SECONDS = 7.0  # of the ten that a SIGTERM may take


def add_to(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="Only a loopback address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8710,
    *,
    now: Annotated[bool, typer.Option("--at-once/--at-next-slot", help="Whether a first cycle runs at once.")] = True,
) -> None:
    """Run cycles on schedule until stopped, and serve the report; SIGTERM ends cleanly."""
    if not is_loopback(f"http://{host}"):
        raise typer.BadParameter("the status page has no login: only a loopback address", param_hint="--host")
    session, log = open_session(), structlog.get_logger()
    rehearsal = connections.rehearsal_now(session.config, OPTIONS.now)
    connections.chosen(session.config, [])

    def cycle(name: str) -> None:
        connector = connections.connect(name, session.config.connections[name])
        try:
            work = session.work(connector, connections.now_for(session.config, connector, rehearsal))
            with exclusive(session.engine):
                report = run_cycle(work, live=session.config.writeback.mode == "live")
        finally:
            connector.close()
        log.info("cycle_ended", connection=name, written=dict(report.written))
        if report.causes:
            raise HoldfastError("; ".join(report.causes))

    def told() -> dict[str, Any]:
        rules = session.rulebook.rules
        return {name: status.status_of(session.engine, name, rules) for name in session.config.connections}

    schedule = Schedule(session.config, cycle)
    listening = _listen(host, port)
    pages = Pages(lambda folder: _write_pages(session, folder), lambda: _last_cycles(session))
    app = with_pages(status.app(lambda: schedule.alive, told), pages)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal that ended it once more, which would end this process before the cycle's end.
        signal.signal(number, server.handle_exit)
    schedule.start(at_once=now)
    log.info("serving", url=f"http://{host}:{listening.getsockname()[1]}", cycle=session.config.schedule.cycle)
    server.run(sockets=[listening])
    finished = schedule.stop(_STOP_SECONDS)
    pages.close()
    log.info("stopped", finished=finished)
    session.finish()
    if not finished:
        # The cycle's thread cannot be stopped from outside; its page and outbox commits make this as safe as a crash.
        os._exit(0)


def _last_cycles(session: Session) -> list[int]:
    """The number of the last cycle that ended, of each connection."""
    ended = (cycles.last(session.engine, name) for name in session.config.connections)
    return [last["id"] if last else 0 for last in ended]


def _write_pages(session: Session, folder: Path) -> None:
    """The report as of the last cycles stands in the folder; no CRM is asked anything."""
    site = Site(folder, list(session.config.connections))
    for name, settings in session.config.connections.items():
        last = cycles.last(session.engine, name)
        now = last["started_at"] if last else datetime.now(UTC)
        connector = connections.connect(name, settings)
        try:
            scene = Scene.of(session.work(connector, now), Moment.at(now, session.config.timezone))
            for _ in site.record(scene):
                pass
        finally:
            connector.close()
    site.finish()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise HoldfastError(
            f"serve: cannot listen on {host}:{port} ({error.strerror}); choose another --port"
        ) from error
