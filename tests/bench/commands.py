"""The benchmark of what people wait for at the prompt, and of what an idle `serve` holds in memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.made_store import CONNECTION
from tests.bench.processes import measured
from tests.bench.table import Figure, Table

_HOLDFAST = Path(sys.executable).with_name("holdfast")
_FLOOR = "import pydantic, sqlalchemy, sqlmodel, structlog, typer"
_RUNS = 3
_CONFIG = """
[store]
url = "sqlite:///{store}"
[schedule]
cycle = "0 0 1 1 *"
[connections.{connection}]
kind = "hubspot"
access_token = "${{BENCH_TOKEN}}"
"""


def answered(accounts: int, touches: int) -> Iterator[Table]:
    """`--help`, `status` and an idle `serve` on a made-up store of that size; the floor imports the libraries alone."""
    with tempfile.TemporaryDirectory() as folder:
        store, ordered = Path(folder) / "made.db", Path(folder) / "ordered.db"
        measured("make_store", store=store, ordered=ordered, accounts=accounts, touches=touches)
        measured("judge", store=store, hours=0)
        config = Path(folder) / "config.toml"
        config.write_text(_CONFIG.format(store=store, connection=CONNECTION), encoding="utf-8")
        libraries = _quickest(sys.executable, "-c", _FLOOR)
        told = _quickest(_HOLDFAST, "--help"), _quickest(_HOLDFAST, "status", "--config", config)
        idle = _idle_megabytes(config)
    (help_seconds, help_cpu), (status_seconds, status_cpu) = told
    yield Table(
        name="commands",
        title=f"a store of {accounts:,} accounts and {touches:,} touches, the quickest of {_RUNS} runs",
        figures=(
            Figure(what="holdfast --help", value=help_seconds, unit="s", target="< 0.3"),
            Figure(what="its processor time", value=help_cpu, unit="s"),
            Figure(what="holdfast status", value=status_seconds, unit="s", floor=libraries[0], target="< 0.5"),
            Figure(what="its processor time", value=status_cpu, unit="s", floor=libraries[1]),
            Figure(what="holdfast serve, idle", value=idle, unit="MB", target="< 160"),
        ),
    )


def _quickest(*command: str | Path) -> tuple[float, float]:
    """Seconds and processor seconds of the quickest run, the interpreter's start included."""
    runs = []
    for _ in range(_RUNS):
        began, before = time.perf_counter(), os.times()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_environ())
        after = os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        runs.append((time.perf_counter() - began, spent))
    return min(runs)


def _idle_megabytes(config: Path) -> float:
    """What a `serve` that has nothing to do holds, once it has answered every probe."""
    command = [_HOLDFAST, "serve", "--port", "0", "--at-next-slot", "--log-format", "json", "--config", config]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=_environ()) as serve:
        try:
            assert serve.stderr is not None
            url = json.loads(serve.stderr.readline())["url"]
            for path in ("/", "/metrics", "/readyz"):
                subprocess.run(
                    [sys.executable, "-c", _ASK, url + path], check=True, stdout=subprocess.DEVNULL, env=_environ()
                )
            told = Path(f"/proc/{serve.pid}/status").read_text(encoding="utf-8")
        finally:
            serve.terminate()
    found = re.search(r"VmRSS:\s+(\d+) kB", told)
    assert found is not None
    return int(found[1]) / 1024


# /readyz is 503 here: no cycle has ended yet.
_ASK = """
import sys, urllib.error, urllib.request
try:
    urllib.request.urlopen(sys.argv[1]).read()
except urllib.error.HTTPError as error:
    error.read()
"""


def _environ() -> dict[str, str]:
    return os.environ | {"BENCH_TOKEN": "pat-na1-bench"}
