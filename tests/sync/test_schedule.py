"""The schedule: what is missed is made up for once, what hangs is noticed, and what ran is remembered by the store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from connectors.errors import QuotaError
from sync.leash import Leash, StoppedError
from sync.run.cron import trigger
from sync.run.schedule import CYCLE, HUNG_AFTER_SECONDS, Job, Schedule
from sync.store import beats
from sync.store.engine import open_engine

TIMEOUT_SECONDS = 20.0
NEVER = trigger("0 0 29 2 *")
ALWAYS = trigger("* * * * *")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.dispose()


@contextmanager
def running(engine: Engine, *jobs: Job, at_once: bool = True, limit_seconds: float = 3600) -> Iterator[Schedule]:
    schedule = Schedule(engine, jobs, limit_seconds=limit_seconds)
    schedule.start(at_once=at_once)
    try:
        yield schedule
    finally:
        schedule.stop(TIMEOUT_SECONDS)


def until(true: Callable[[], bool]) -> None:
    waiting, tries = threading.Event(), 0
    while not true():
        assert tries < TIMEOUT_SECONDS / 0.002
        waiting.wait(0.002)
        tries += 1


class Counted:
    """A job that counts its runs, and lets each wait for `go`."""

    def __init__(self) -> None:
        self.runs, self.together, self.most = 0, 0, 0
        self.begun, self.go = threading.Semaphore(0), threading.Event()
        self.go.set()

    def __call__(self, leash: Leash) -> None:
        self.together += 1
        self.most = max(self.most, self.together)
        self.begun.release()
        assert self.go.wait(TIMEOUT_SECONDS)
        self.together -= 1
        self.runs += 1

    def wait(self) -> bool:
        return self.begun.acquire(timeout=TIMEOUT_SECONDS)


def outcome(engine: Engine, beat: str = CYCLE, connection: str = "acme") -> str:
    return beats.last_runs(engine)[beat, connection].outcome


def test_cycles_run_one_after_the_other_and_none_after_the_stop(engine: Engine) -> None:
    work = Counted()
    jobs = [Job(beat=CYCLE, connection=name, slots=NEVER, run=work) for name in ("acme", "portal", "third")]
    with running(engine, *jobs) as schedule:
        assert all(work.wait() for _ in jobs)
        until(lambda: work.runs == 3)
        assert schedule.alive
    assert work.most == 1
    assert not schedule.alive
    schedule._run(jobs[0], forced=True)
    assert work.runs == 3


def test_a_slot_that_passed_while_a_cycle_ran_is_made_up_for_once(engine: Engine) -> None:
    work = Counted()
    work.go.clear()
    job = Job(beat=CYCLE, connection="acme", slots=ALWAYS, run=work)
    with running(engine, job) as schedule:
        assert work.wait()
        # As if it had begun two minutes ago, and been asked for at both slots since.
        beats.started(engine, CYCLE, "acme", datetime.now(UTC) - timedelta(minutes=2))
        for _ in range(3):
            schedule._scheduler.add_job(schedule._run, args=[job], executor=CYCLE)
        work.go.set()
        assert work.wait()
        until(lambda: work.runs == 2)
        schedule._scheduler.add_job(work.begun.release, executor=CYCLE)
        assert work.wait()
    assert work.runs == 2


def test_a_restart_makes_up_for_a_daily_beat_that_was_missed_and_repeats_none(engine: Engine) -> None:
    now = datetime.now(UTC)
    daily = trigger(f"{(now - timedelta(hours=2)).minute} {(now - timedelta(hours=2)).hour} * * *")
    missed, kept, new, killed = (Counted() for _ in range(4))
    jobs = [
        Job(beat=name, slots=daily, run=work)
        for name, work in (("missed", missed), ("kept", kept), ("new", new), ("killed", killed))
    ]
    beats.started(engine, "missed", "", now - timedelta(days=1, hours=2))
    beats.ended(engine, "missed", "", now - timedelta(days=1), "done")
    beats.started(engine, "kept", "", now - timedelta(minutes=59))
    beats.ended(engine, "kept", "", now - timedelta(minutes=58), "done")
    beats.started(engine, "killed", "", now - timedelta(minutes=30))
    for _ in range(2):
        with running(engine, *jobs) as schedule:
            done = threading.Event()
            schedule._scheduler.add_job(done.set, executor="beats")
            assert done.wait(TIMEOUT_SECONDS)
    assert [one.runs for one in (missed, kept, new, killed)] == [1, 0, 0, 1]


def test_with_at_next_slot_nothing_runs_before_its_time(engine: Engine) -> None:
    work = Counted()
    with running(engine, Job(beat=CYCLE, connection="acme", slots=NEVER, run=work), at_once=False) as schedule:
        done = threading.Event()
        schedule._scheduler.add_job(done.set, executor=CYCLE)
        assert done.wait(TIMEOUT_SECONDS)
    assert work.runs == 0
    assert beats.last_runs(engine) == {}


def test_what_stops_a_beat_is_kept_and_the_others_go_on(engine: Engine) -> None:
    def used_up(_: Leash) -> None:
        raise QuotaError("portal: no calls left")

    def broken(_: Leash) -> None:
        raise ZeroDivisionError("of a customer's name")

    work = Counted()
    jobs = [
        Job(beat=CYCLE, connection=name, slots=NEVER, run=run)
        for name, run in (("portal", used_up), ("third", broken), ("acme", work))
    ]
    with running(engine, *jobs) as schedule:
        until(lambda: work.runs == 1)
        assert schedule.alive
    assert [outcome(engine, CYCLE, name) for name in ("portal", "third", "acme")] == [
        "portal: no calls left [calls-used-up]",
        "ZeroDivisionError; see the log",
        "done",
    ]


def test_a_cycle_past_its_limit_is_told_to_stop_and_one_that_hangs_makes_the_worker_dead(engine: Engine) -> None:
    leashes: list[Leash] = []
    hanging = threading.Event()

    def hang(leash: Leash) -> None:
        leashes.append(leash)
        assert hanging.wait(TIMEOUT_SECONDS)
        leash.check()

    job = Job(beat=CYCLE, connection="acme", slots=NEVER, run=hang)
    with running(engine, job, limit_seconds=0.0) as schedule:
        until(lambda: bool(leashes))
        assert schedule.alive, "it may be waiting for its page"
        leashes[0]._ends -= HUNG_AFTER_SECONDS + 1
        assert not schedule.alive
        hanging.set()
        until(lambda: outcome(engine) != "")
        assert schedule.alive
    assert outcome(engine).startswith("acme: the cycle took longer than schedule.cycle_limit_minutes")


def test_a_worker_that_is_told_to_end_lets_its_cycle_end_at_the_next_page(engine: Engine) -> None:
    begun, pages = threading.Event(), 0

    def pull(leash: Leash) -> None:
        nonlocal pages
        while True:
            begun.set()
            pages += 1
            leash.check()

    with running(engine, Job(beat=CYCLE, connection="acme", slots=NEVER, run=pull)) as schedule:
        assert begun.wait(TIMEOUT_SECONDS)
        assert schedule.stop(TIMEOUT_SECONDS)
        assert not schedule.alive
    assert "the worker was told to end" in outcome(engine)


def test_a_leash_tells_its_limit() -> None:
    now = [0.0]
    leash = Leash("acme", 120.0, clock=lambda: now[0])
    leash.check()
    now[0] = 121.0
    assert leash.over_seconds == 1.0
    with pytest.raises(StoppedError, match=r"acme: .* schedule\.cycle_limit_minutes = 2; nothing is lost"):
        leash.check()
