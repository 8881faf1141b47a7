"""The scheduler: cycles on the configured cron, never two at once, late ones run once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from connectors.errors import ConnectorError
from sync.config import Config
from sync.errors import HoldfastError

log = structlog.get_logger()

_GRACE_SECONDS = 6 * 3600  # a cycle missed by a sleeping machine still runs, once


class Schedule:
    """Runs `cycle(connection)` for every connection on the cron of `[schedule]`, each connection after the other.

    One thread runs all cycles: SQLite has one writer, and two cycles of one connection can never meet.
    """

    def __init__(self, config: Config, cycle: Callable[[str], None]) -> None:
        self._cycle = cycle
        self._running = threading.Lock()
        self._stopping = threading.Event()
        self._scheduler = BackgroundScheduler(
            timezone=config.timezone,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _GRACE_SECONDS},
            executors={"default": {"type": "threadpool", "max_workers": 1}},
        )
        trigger = CronTrigger.from_crontab(config.schedule.cycle, timezone=config.timezone)
        for name in config.connections:
            self._scheduler.add_job(self._run, trigger, args=[name], id=name, name=f"cycle of {name}")
        self.last_error: dict[str, str] = {}
        self.last_ended_at: dict[str, datetime] = {}

    def start(self, *, at_once: bool) -> None:
        """Begin; with `at_once` the first cycle of every connection runs now rather than at the next slot."""
        self._scheduler.start()
        if at_once:
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))

    @property
    def alive(self) -> bool:
        return bool(self._scheduler.running) and not self._stopping.is_set()

    def stop(self, timeout_seconds: float) -> bool:
        """Start nothing new and wait for the running cycle; false if it was still running at the end."""
        self._stopping.set()
        self._scheduler.shutdown(wait=False)
        finished = self._running.acquire(timeout=timeout_seconds)
        if finished:
            self._running.release()
        return finished

    def _run(self, name: str) -> None:
        if self._stopping.is_set():
            return
        with self._running:
            try:
                self._cycle(name)
                self.last_error.pop(name, None)
            except (HoldfastError, ConnectorError) as error:
                self.last_error[name] = str(error)
                log.warning("cycle_failed", connection=name, reason=str(error))
            self.last_ended_at[name] = datetime.now(UTC)
