"""serve: the scheduler until stopped; probes, metrics and pages over HTTP."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvicorn

from sync import connections
from sync.cli.options import OPTIONS
from sync.cli.session import Session, open_session
from sync.cycle import Report
from sync.cycle import run as run_cycle
from sync.errors import AddressInUseError, CycleError
from sync.leash import Leash
from sync.pages.scene import Scene
from sync.pages.served import Pages, with_pages
from sync.pages.site import Site
from sync.run.access import Access, guarded
from sync.run.beats import BEATS, Beat, Place
from sync.run.cron import trigger
from sync.run.health import problems, slots_of
from sync.run.metrics import Metrics
from sync.run.probes import Probes
from sync.run.probes import app as app_of
from sync.run.schedule import CYCLE, Job, Schedule
from sync.run.status import status_of
from sync.store import cycles
from sync.store.engine import exclusive
from sync.store.facts import Moment

_STOP_SECONDS = 7.0  # of the ten that a SIGTERM may take


def add_to(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="Others than loopback need a login in [serve].")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8710,
    *,
    now: Annotated[bool, typer.Option("--at-once/--at-next-slot", help="Whether a first cycle runs at once.")] = True,
    work: Annotated[
        bool, typer.Option("--work/--watch-only", help="Whether cycles run here, or `holdfast worker` does them all.")
    ] = True,
) -> None:
    """Run cycles on schedule until stopped, and serve the report; SIGTERM ends cleanly."""
    session, log = open_session(), structlog.get_logger()
    config = session.config
    connections.chosen(config, [])
    access = Access.of(config.serve, host)
    listening = _listen(host, port)
    metrics = Metrics(session.engine, config.connections, session.rulebook.rules, lambda: _newest_moment(session))
    limit_seconds = config.schedule.cycle_limit_minutes * 60
    jobs = list(_jobs(session, metrics)) if work else []
    schedule = Schedule(session.engine, jobs, limit_seconds=limit_seconds)
    metrics.alive = lambda: schedule.alive
    pages = Pages(lambda folder: _write_pages(session, folder), lambda: _last_cycles(session))
    app = guarded(with_pages(app_of(_probes(session, schedule, metrics)), pages), access)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal that ended it once more, which would end this process before the cycle's end.
        signal.signal(number, server.handle_exit)
    schedule.start(at_once=now)
    log.info("serving", url=f"http://{host}:{listening.getsockname()[1]}", cycle=config.schedule.cycle)
    server.run(sockets=[listening])
    finished = schedule.stop(_STOP_SECONDS)
    pages.close()
    log.info("stopped", finished=finished)
    session.finish()
    if not finished:
        # The cycle's thread cannot be stopped from outside; its page and outbox commits make this as safe as a crash.
        os._exit(0)


def _jobs(session: Session, metrics: Metrics) -> Iterator[Job]:
    """A cycle for every connection, and the other beats that the config has a time for."""
    config = session.config
    for name in config.connections:
        yield Job(
            beat=CYCLE, connection=name, slots=slots_of(config, name), run=partial(_cycle, session, metrics, name)
        )
    place = Place(config=config, rulebook=session.rulebook, engine=session.engine)
    for beat in BEATS:
        if expression := beat.cron(config):
            slots, run = trigger(expression, config.timezone), partial(_beat, beat, place)
            yield Job(beat=beat.name, slots=slots, run=run, alone=beat.alone)


def _cycle(session: Session, metrics: Metrics, name: str, leash: Leash) -> None:
    """One cycle, counted; what stopped it is raised."""
    began = time.monotonic()
    try:
        report = _report(session, name, leash)
    except Exception:
        metrics.note_crash(name)
        raise
    metrics.note(report, time.monotonic() - began)
    structlog.get_logger().info("cycle_ended", cycle=report.cycle, written=dict(report.written))
    if report.causes:
        raise CycleError("; ".join(report.causes))


def _report(session: Session, name: str, leash: Leash) -> Report:
    config = session.config
    rehearsal = connections.rehearsal_now(config, OPTIONS.now)
    connector = connections.connect(name, config.connections[name], session.rulebook.needs)
    try:
        work = session.work(connector, connections.now_for(config, connector, rehearsal))
        work.leash = leash
        with exclusive(session.engine):
            return run_cycle(work, live=config.writeback.mode == "live")
    finally:
        connector.close()


def _beat(beat: Beat, place: Place, _: Leash) -> None:
    with exclusive(place.engine) if beat.alone else nullcontext():
        beat.run(place, datetime.now(UTC))


def _probes(session: Session, schedule: Schedule, metrics: Metrics) -> Probes:
    engine, config, rules = session.engine, session.config, session.rulebook.rules
    return Probes(
        alive=lambda: schedule.alive,
        problems=lambda: problems(engine, config, datetime.now(UTC)),
        metrics=metrics.text,
        status=lambda: {name: status_of(engine, name, rules) for name in config.connections},
    )


def _newest_moment(session: Session) -> datetime:
    """Now, also in a rehearsal on a clock of its own."""
    return max(session.last_moment(name) for name in session.config.connections)


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
        raise AddressInUseError(
            f"serve: cannot listen on {host}:{port} ({error.strerror}); choose another --port"
        ) from error
