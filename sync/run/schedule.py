"""The scheduler: every beat on its cron, cycles never two at once, what was missed once and late."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.combining import OrTrigger
from sqlalchemy import Engine

from connectors.errors import ConnectorError
from sync.errors import HoldfastError, named
from sync.leash import Leash
from sync.run.cron import is_due
from sync.store import beats

log = structlog.get_logger()

CYCLE = "cycle"
HUNG_AFTER_SECONDS = 600.0  # past the limit of a cycle: longer than any single request with its retries takes
_PULSE_SECONDS, _DEAD_AFTER_SECONDS = 10, 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A beat of a connection, or of the whole store where `connection` is empty.

    `run` does it, and is to ask the leash wherever it can stop. Its errors are logged and kept as the outcome. One that
    is `alone` waits for the cycles, and they for it.
    """

    beat: str
    slots: OrTrigger
    run: Callable[[Leash], None]
    connection: str = ""
    alone: bool = False

    @property
    def lane(self) -> str:
        """The thread that runs it."""
        return CYCLE if self.beat == CYCLE or self.alone else "beats"

    @property
    def id(self) -> str:
        return f"{self.beat} {self.connection}".strip()


class Schedule:
    """Runs the jobs, of which the store remembers when each ran last.

    Cycles run one after the other in one thread: SQLite has one writer, and two cycles of a connection can never meet.
    All other beats share a second one. A slot that passed while a job ran or the worker was away is made up for, once.
    """

    def __init__(self, engine: Engine, jobs: Sequence[Job], *, limit_seconds: float) -> None:
        self._engine = engine
        self._limit_seconds = limit_seconds
        self._born = datetime.now(UTC)
        self._stopping = threading.Event()
        self._idle = threading.Condition()
        self._running: dict[str, Leash] = {}
        self._pulse = Leash(limit_seconds=_DEAD_AFTER_SECONDS)
        # Two instances of a job: one that runs, and one that waits for its end.
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
            executors={lane: ThreadPoolExecutor(max_workers=1) for lane in (CYCLE, "beats", "pulse")},
        )
        self._jobs = jobs
        for job in jobs:
            self._scheduler.add_job(self._run, job.slots, args=[job], id=job.id, executor=job.lane)
        self._scheduler.add_job(self._beat_pulse, "interval", seconds=_PULSE_SECONDS, id="pulse", executor="pulse")

    def start(self, *, at_once: bool) -> None:
        """Begin with what was missed; with `at_once` the first cycle of every connection runs in any case."""
        self._scheduler.start()
        for job in self._jobs:
            forced = at_once and job.beat == CYCLE
            self._scheduler.add_job(self._run, args=[job], kwargs={"forced": forced}, executor=job.lane)

    @property
    def alive(self) -> bool:
        """Whether jobs are still started, and none hangs past its limit: if not, only a restart helps."""
        hung = any(leash.over_seconds > HUNG_AFTER_SECONDS for leash in list(self._running.values()))
        return not (hung or self._stopping.is_set() or self._pulse.over_seconds > 0) and bool(self._scheduler.running)

    def stop(self, timeout_seconds: float) -> bool:
        """Start nothing new and let what runs end at its next page; false if something still ran at the end."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        with self._idle:
            for leash in self._running.values():
                leash.pull_in("the worker was told to end")
            return self._idle.wait_for(lambda: not self._running, timeout_seconds)

    def _beat_pulse(self) -> None:
        self._pulse = Leash(limit_seconds=_DEAD_AFTER_SECONDS)

    def _run(self, job: Job, *, forced: bool = False) -> None:
        bound = {"beat": job.beat} | ({"connection": job.connection} if job.connection else {})
        with structlog.contextvars.bound_contextvars(**bound):
            try:
                if forced or self._due(job):
                    self._run_now(job)
            except HoldfastError as error:
                log.warning("beat_not_kept", reason=named(error))

    def _due(self, job: Job) -> bool:
        last = beats.last_runs(self._engine).get((job.beat, job.connection))
        # One that was killed is made up for as if it had never begun.
        since = self._born if last is None else last.started_at
        killed = last is not None and last.done_at is None and last.started_at < self._born
        return killed or is_due(job.slots, since, datetime.now(UTC), daily=job.beat != CYCLE)

    def _run_now(self, job: Job) -> None:
        leash = Leash(job.connection or job.beat, self._limit_seconds)
        with self._idle:
            if self._stopping.is_set():
                return
            self._running[job.id] = leash
        try:
            beats.started(self._engine, job.beat, job.connection, datetime.now(UTC))
            outcome = _outcome(job, leash)
            beats.ended(self._engine, job.beat, job.connection, datetime.now(UTC), outcome)
        finally:
            with self._idle:
                del self._running[job.id]
                self._idle.notify_all()


def _outcome(job: Job, leash: Leash) -> str:
    """Run the job; `done`, or in one line what stopped it."""
    try:
        job.run(leash)
    except (HoldfastError, ConnectorError) as error:
        log.warning("cycle_failed" if job.beat == CYCLE else "beat_failed", reason=named(error))
        return named(error)
    except Exception as error:  # whatever it was, the other beats go on, and the log tells where it happened
        log.exception("cycle_crashed" if job.beat == CYCLE else "beat_crashed")
        return f"{type(error).__name__}; see the log"
    return "done"
