"""worker: one of any number of processes that share the cycles and beats of a PostgreSQL store."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from sync import config_file, connections
from sync.cli.options import OPTIONS
from sync.cli.session import Session, open_session
from sync.errors import ConfigError, CycleError
from sync.leash import Leash

if TYPE_CHECKING:
    from sync.run.beats import Beat
    from sync.run.worker import Duty
    from sync.store.leases import Guard


def add_to(app: typer.Typer) -> None:
    app.command()(worker)


def worker(
    concurrency: Annotated[int, typer.Option(min=1, help="How many connections are worked on at once.")] = 1,
    lease_seconds: Annotated[
        float, typer.Option(min=1, help="After so long without a sign of life others take this worker's work over.")
    ] = 30.0,
) -> None:
    """Take what is due from the queue of a PostgreSQL store until stopped; SIGTERM ends cleanly."""
    config, _ = config_file.load(config_file.find(OPTIONS.config))
    scheme = config.store_url.partition("://")[0]
    if not scheme.startswith("postgresql"):
        remedy = "name a postgresql:// one, or let `holdfast serve` do the work"
        raise ConfigError([f"store.url: worker needs a PostgreSQL store (is {scheme}://...); {remedy}"])
    connections.chosen(config, [])
    # The queue's library comes with the `postgresql` extra, and takes a while to import.
    from sync.run.worker import Worker, name_of_this_process  # noqa: PLC0415

    name, log = name_of_this_process(), structlog.get_logger()
    session = open_session(name=name)
    limit_seconds = config.schedule.cycle_limit_minutes * 60
    made = Worker(
        session.engine,
        name,
        list(_duties(session)),
        concurrency=concurrency,
        limit_seconds=limit_seconds,
        lease_seconds=lease_seconds,
    )
    log.info("working", name=name, concurrency=concurrency)
    made.run()
    log.info("stopped")
    session.finish()


def _duties(session: Session) -> Iterator[Duty]:
    """A cycle for every connection, and the other beats that the config has a time for."""
    from sync.run.beats import BEATS  # noqa: PLC0415 - as in `worker`
    from sync.run.cron import trigger  # noqa: PLC0415
    from sync.run.health import slots_of  # noqa: PLC0415
    from sync.run.schedule import CYCLE  # noqa: PLC0415
    from sync.run.worker import Duty  # noqa: PLC0415

    config = session.config
    for name in config.connections:
        yield Duty(beat=CYCLE, connection=name, slots=slots_of(config, name), run=partial(_cycle, session, name))
    for beat in BEATS:
        if expression := beat.cron(config):
            slots = trigger(expression, config.timezone)
            yield Duty(beat=beat.name, slots=slots, run=partial(_beat, session, beat), alone=beat.alone)


def _cycle(session: Session, name: str, guard: Guard, leash: Leash) -> None:
    """One cycle as of the database's time; what stopped it is raised."""
    from sync.cycle import run as run_cycle  # noqa: PLC0415 - as in `worker`

    config, began = session.config, time.monotonic()
    now = connections.rehearsal_now(config, OPTIONS.now) or (
        None if config.schedule.now == "crm" else guard.lease.taken_at
    )
    settings, needs = config.connections[name], session.rulebook.needs
    connector = connections.connect(name, settings, needs, before_request=guard.check)
    try:
        work = replace(session, engine=guard.engine).work(connector, connections.now_for(config, connector, now))
        work.leash = leash
        report = run_cycle(work, live=config.writeback.mode == "live")
    finally:
        connector.close()
    seconds = round(time.monotonic() - began, 2)
    structlog.get_logger().info("cycle_ended", cycle=report.cycle, seconds=seconds, written=dict(report.written))
    if report.causes:
        raise CycleError("; ".join(report.causes))


def _beat(session: Session, beat: Beat, guard: Guard, _: Leash) -> None:
    from sync.run.beats import Place  # noqa: PLC0415 - as in `worker`

    place = Place(config=session.config, rulebook=session.rulebook, engine=guard.engine)
    beat.run(place, guard.lease.taken_at)
