"""One of any number of processes that share the work on a PostgreSQL store: takes what is due, does it, says it lives.

The way of a job: its row is due -> a worker puts it into the queue -> one takes it out and takes the row's lease -> the
work, guarded by that lease -> the lease is released and the row due at its next slot. Whoever dies or sleeps on the way
lets its lease run out, and the row is due again. Every worker looks for what is due, so that none is special.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog
from apscheduler.triggers.combining import OrTrigger
from sqlalchemy import Engine

from connectors.errors import ConnectorError
from sync.errors import CopyError, HoldfastError, LeaseLostError, StoreError, named
from sync.leash import Leash
from sync.run.cron import next_slot
from sync.run.schedule import CYCLE, HUNG_AFTER_SECONDS
from sync.run.worker_queue import QUEUE_ERRORS, Queue
from sync.store import beats, cycles, leases
from sync.store.leases import Guard, Key, Lease

log = structlog.get_logger()

LEASE_SECONDS = 30.0
# A CRM counts calls in windows of up to ten seconds and a worker those of its own cycle: two cycles of a connection
# never share a window, whichever workers they run on. What is left of the day the CRM and the store tell.
APART_SECONDS = 11.0
STOP_SECONDS = 7.0  # of the ten that a SIGTERM may take
_SIGNS_PER_LEASE = 6
_PURGE_SECONDS = 3600.0


def name_of_this_process() -> str:
    """By which leases and database sessions are known, no other process has it; 63 bytes are PostgreSQL's limit."""
    return f"holdfast {socket.gethostname()[:24]} {os.getpid()} {uuid4().hex[:12]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """A beat of a connection, or of the whole store where `connection` is empty.

    `run` does it under the guard, whose engine is the store's, and asks the leash wherever it can stop. Its errors are
    logged and kept as the outcome. One that is `alone` waits until no worker does anything else.
    """

    beat: str
    slots: OrTrigger
    run: Callable[[Guard, Leash], None]
    connection: str = ""
    alone: bool = False

    @property
    def key(self) -> Key:
        return self.beat, self.connection

    @property
    def told(self) -> str:
        """The slots in words: another text is another schedule."""
        return "; ".join(f"{one} {one.timezone}" for one in self.slots.triggers)

    def next_after(self, moment: datetime) -> datetime | None:
        """The next slot, in UTC; the hour that comes twice when summer time ends counts once for what is daily."""
        slot = next_slot(self.slots, moment)
        while slot and slot.fold and self.beat != CYCLE:
            slot = next_slot(self.slots, slot)
        return slot and slot.astimezone(UTC)


class Worker:
    """`engine` is one of this process alone, opened with `name` as the name of its sessions."""

    def __init__(
        self,
        engine: Engine,
        name: str,
        duties: Sequence[Duty],
        *,
        concurrency: int,
        limit_seconds: float,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._engine, self._name = engine, name
        self._duties = {duty.key: duty for duty in duties}
        self._concurrency = concurrency
        self._limit_seconds, self._lease_seconds = limit_seconds, lease_seconds
        self._sign_seconds = lease_seconds / _SIGNS_PER_LEASE
        self._queue = Queue(engine, self._do)
        self._running: dict[Guard, Leash] = {}
        self._stopping = threading.Event()
        self._purged_at = float("-inf")

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what runs then ends at its next page, and others go on with it."""
        self._queue.make()
        now = leases.clock(self._engine)
        for duty in self._duties.values():
            first = now if duty.beat == CYCLE else duty.next_after(now)
            leases.enter(self._engine, duty.key, duty.told, first)
        asyncio.run(self._run())

    async def _run(self) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        # As many threads as jobs and one for the looks: none waits for another to end.
        loop.set_default_executor(ThreadPoolExecutor(self._concurrency + 1))
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        looking, working = asyncio.create_task(self._keep_looking()), asyncio.create_task(self._keep_working())
        await stop.wait()
        self._stopping.set()
        for leash in list(self._running.values()):
            leash.pull_in("the worker was told to end")
        # A thread cannot be stopped from outside; its page and outbox commits make this as safe as a crash.
        loop.call_later(STOP_SECONDS, os._exit, 0)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)

    async def _keep_working(self) -> None:
        while True:
            try:
                async with self._queue.opened():
                    await self._queue.work(self._concurrency)
            except QUEUE_ERRORS as error:
                log.warning("queue_lost", reason=str(error).partition("\n")[0])
            await asyncio.sleep(self._sign_seconds)

    async def _keep_looking(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._queue.is_open.wait(), self._sign_seconds)
            try:
                await self._queue.put(await asyncio.to_thread(self._look, queue=self._queue.is_open.is_set()))
                if time.monotonic() - self._purged_at > _PURGE_SECONDS:
                    await self._queue.purge()
                    self._purged_at = time.monotonic()
            except (StoreError, *QUEUE_ERRORS) as error:
                log.warning("look_failed", reason=str(error).partition("\n")[0])
            await asyncio.sleep(self._sign_seconds)

    def _look(self, *, queue: bool) -> list[Key]:
        """Say that what runs here lives, and return what is due and must be put into the queue, if there is one."""
        running = dict(self._running)
        hung = any(leash.over_seconds > HUNG_AFTER_SECONDS for leash in running.values())
        if hung and not self._stopping.is_set():
            log.error("work_hung", remedy="this process ends, and others go on")  # a thread cannot be ended alone
            os._exit(1)
        leases.renew(self._engine, [guard.lease for guard in running], seconds=self._lease_seconds)
        for guard in running:
            beat, connection = guard.lease.key
            with suppress(LeaseLostError):  # its thread will find out by itself
                if beat == CYCLE:
                    cycles.note_calls(guard.engine, connection, guard.requests)
        if ended := leases.end_sessions_of_the_dead(self._engine):
            log.warning("sessions_of_dead_workers_ended", sessions=ended)
        keys = list(self._duties) if queue else []
        return leases.queue_due(self._engine, keys, again_after_seconds=self._lease_seconds)

    def _do(self, beat: str, connection: str) -> None:
        """Follow a hint from the queue. What the store stops is left to whoever takes the lease when it has run out."""
        duty, bound = self._duties.get((beat, connection)), {"beat": beat, "connection": connection}
        if duty is None or self._stopping.is_set():
            return
        with structlog.contextvars.bound_contextvars(**{name: value for name, value in bound.items() if value}):
            try:
                if lease := leases.take(self._engine, duty.key, self._name, seconds=self._lease_seconds):
                    self._do_under(lease, duty)
            except StoreError as error:
                log.warning("work_left_to_others", reason=named(error))

    def _do_under(self, lease: Lease, duty: Duty) -> None:
        leash = Leash(duty.connection or duty.beat, self._limit_seconds)
        with leases.guarded(self._engine, lease, alone=duty.alone) as guard:
            self._running[guard] = leash
            try:
                beats.started(guard.engine, *duty.key, lease.taken_at)
                outcome = _outcome(duty, guard, leash)
                now = leases.clock(self._engine)
                beats.ended(guard.engine, *duty.key, now, outcome)
            finally:
                del self._running[guard]
        soonest = now + timedelta(seconds=APART_SECONDS)
        slot = soonest if self._stopping.is_set() else duty.next_after(now)
        leases.release(self._engine, lease, slot and max(slot, soonest))


def _outcome(duty: Duty, guard: Guard, leash: Leash) -> str:
    """Do it; `done`, or in one line what stopped it. Raises StoreError where the store did, or the lease is lost."""
    failed, crashed = ("cycle_failed", "cycle_crashed") if duty.beat == CYCLE else ("beat_failed", "beat_crashed")
    try:
        duty.run(guard, leash)
    except (HoldfastError, ConnectorError) as error:
        if isinstance(error, StoreError) and not isinstance(error, CopyError):
            raise
        log.warning(failed, reason=named(error))
        return named(error)
    except Exception as error:  # whatever it was, the other work goes on, and the log tells where it happened
        log.exception(crashed)
        return f"{type(error).__name__}; see the log"
    return "done"
