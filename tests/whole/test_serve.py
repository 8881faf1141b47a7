"""`holdfast serve`: it answers, it works, it ends when told to, and it never works twice at once."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
import requests

from tests.whole.rehearsal import Rehearsal, rehearsal

CRMS = {"salesforce", "hubspot"}
TIMEOUT_SECONDS = 30.0
END_SECONDS = 10.0


class Served:
    """A running `serve` and the lines that it has logged."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: SimpleQueue[str] = SimpleQueue()
        self.logged: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self._lines.put(line)

    def wait_for(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """The first so many log lines of that event."""
        give_up = time.monotonic() + TIMEOUT_SECONDS
        while len(found := [line for line in self.logged if line["event"] == event]) < count:
            line = self._lines.get(timeout=max(0.1, give_up - time.monotonic()))
            assert line.startswith("{"), f"a log line, no traceback: {line}"
            self.logged.append(json.loads(line))
        return found

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send the signal; the exit status and the seconds until then."""
        started = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(TIMEOUT_SECONDS)
        return status, time.monotonic() - started


@contextmanager
def serving(stage: Rehearsal, *options: str) -> Iterator[Served]:
    process = stage.spawn("serve", "--port", "0", "--log-format", "json", *options)
    with process:
        served = Served(process)
        try:
            yield served
        finally:
            process.kill()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path, accounts=15, touches_per_account=10, rate_limits=False) as running:
        running.live()
        yield running


def until(true: Callable[[], bool]) -> None:
    give_up = time.monotonic() + TIMEOUT_SECONDS
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.002)


def test_it_answers_works_and_ends_with_a_store_that_the_next_run_goes_on_from(stage: Rehearsal) -> None:
    with serving(stage) as served:
        (told,) = served.wait_for("serving")
        health = requests.get(f"{told['url']}/healthz", timeout=TIMEOUT_SECONDS)
        assert (health.status_code, health.json()) == (200, {"ok": True})
        assert {one["connection"] for one in served.wait_for("cycle_ended", 2)} == CRMS
        status = requests.get(told["url"], timeout=TIMEOUT_SECONDS).json()
        assert {name for name, one in status.items() if one["last_cycle"]["error"] == ""} == CRMS
        code, seconds = served.end()
    assert code == 0
    assert seconds < END_SECONDS
    assert all(stage.our_tasks(crm) for crm in CRMS)
    stage.forget_journal()
    stage.holdfast("run")
    assert stage.writes() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_a_signal_in_mid_cycle_waits_for_its_end(stage: Rehearsal, number: signal.Signals) -> None:
    stage.faults({"delay_ms": 10})
    with serving(stage) as served:
        served.wait_for("serving")
        until(lambda: len(stage.sandbox.journal.entries) > 5)
        code, seconds = served.end(number)
        (stopped,) = served.wait_for("stopped")
    assert code == 0
    assert seconds < END_SECONDS
    assert stopped["finished"]
    stage.faults()
    stage.holdfast("run")
    assert len(stage.open_tasks("salesforce")) == len(stage.our_tasks("salesforce"))


@pytest.mark.slow
def test_a_cycle_that_does_not_end_in_time_is_left_and_the_next_run_goes_on(stage: Rehearsal) -> None:
    stage.faults({"delay_ms": 20_000, "after": 10})
    with serving(stage) as served:
        until(lambda: bool(stage.sandbox.faults.told()[0]["fired"]))
        code, seconds = served.end()
    assert code == 0
    assert seconds < END_SECONDS
    stage.faults()
    stage.holdfast("run")


def test_two_on_one_store_never_run_two_cycles_at_once(stage: Rehearsal) -> None:
    stage.faults({"delay_ms": 5})
    with serving(stage) as one, serving(stage) as other:
        for served in (one, other):
            served.wait_for("serving")
        until(lambda: sum(len(ended(served)) for served in (one, other)) >= 4)
        said = [line for served in (one, other) for line in served.logged if line["event"] == "cycle_failed"]
        assert all("another Holdfast process" in line["reason"] for line in said)
        assert [served.end()[0] for served in (one, other)] == [0, 0]
    cycles = stage.sql("SELECT started_at, ended_at FROM cycles ORDER BY id")
    assert all(ended_at for _, ended_at in cycles)
    keys = [one["key"] for crm in CRMS for one in stage.our_tasks(crm)]
    assert len(keys) == len(set(keys))


def ended(served: Served) -> list[dict[str, Any]]:
    """Cycles that a serve ended or gave up, as far as it has said so."""
    while not served._lines.empty():
        served.logged.append(json.loads(served._lines.get()))
    return [line for line in served.logged if line["event"] in ("cycle_ended", "cycle_failed")]


def test_a_run_beside_a_cycle_is_told_so_in_one_line(stage: Rehearsal) -> None:
    stage.faults({"delay_ms": 30})
    with serving(stage) as served:
        until(
            lambda: len(stage.sandbox.journal.entries) > 5
        )  # the first are of before the cycle, when the clock is asked
        (line,) = stage.told("run", status=1)
        assert line == "store: another Holdfast process is running a cycle on it; wait, or stop that one [store-in-use]"
        stage.holdfast("status")
        stage.faults()
        served.wait_for("cycle_ended", 2)


def test_a_cycle_that_fails_is_logged_and_the_others_go_on(stage: Rehearsal) -> None:
    (stage.config.parent / "sandbox-hubspot.token").write_text("pat-na1-revoked")
    with serving(stage) as served:
        (failed,) = served.wait_for("cycle_failed")
        assert failed["connection"] == "hubspot"
        assert "credentials" in failed["reason"]
        served.wait_for("cycle_ended")
        assert served.end()[0] == 0


def test_a_port_that_is_taken_is_one_line_and_no_cycle_runs(stage: Rehearsal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        (line,) = stage.told("serve", "--port", port, status=1)
    assert port in line
    assert "--port" in line
    assert stage.get("journal")["requests"] == []


def test_it_does_not_listen_to_the_network(stage: Rehearsal) -> None:
    (line,) = stage.told("serve", "--host", "0.0.0.0", status=2)
    assert "not loopback" in line
    assert "serve.token_file" in line
