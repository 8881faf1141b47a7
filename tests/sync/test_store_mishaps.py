"""A full disk, a read-only store and a killed process leave a store that opens, with whole pages and nothing else."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sync.store.engine import newest_revision, open_engine
from sync.store.records import counts, read_cursor
from tests.schemas.freeze import FOLDER

ROOT = Path(__file__).parent.parent.parent
_OPEN = """
import sys
from sync.errors import StoreError
from sync.store.engine import open_engine
print("ready", flush=True)
try:
    engine = open_engine(sys.argv[1])
except StoreError as error:
    sys.exit(str(error))
"""
# Pages of a hundred records without end; the cursor says how many there are.
_FILL = """
import itertools, resource, signal, sys
from datetime import UTC, datetime
from connectors.protocol import Page
from sync.errors import StoreError
from sync.store.engine import open_engine
from sync.store.records import read_cursor, save_page
engine = open_engine(sys.argv[1])
if len(sys.argv) > 2:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
print("ready", flush=True)
try:
    held = (read_cursor(engine, "acme", "accounts") or {"records": 0})["records"]
    for page in itertools.count(held // 100 + 1):
        rows = [{"id": f"{page:06}-{number:03}", "name": "Acme " * 20} for number in range(100)]
        told = Page(rows={"accounts": rows}, cursor={"records": page * 100})
        save_page(engine, "acme", "accounts", told, cycle=page, now=datetime.now(UTC))
except StoreError as error:
    sys.exit(str(error))
"""


def started(script: str, *words: str) -> subprocess.Popen[str]:
    """The script runs and has said that it is ready."""
    command = [sys.executable, "-c", script, *words]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def killed_after(process: subprocess.Popen[str], milliseconds: int) -> None:
    time.sleep(milliseconds / 1000)
    process.kill()
    assert process.wait(10) == -signal.SIGKILL
    process.communicate()


def records_in(url: str) -> int:
    """How many records a store holds that opens, is sound, and whose cursor says the same."""
    engine = open_engine(url)
    with engine.connect() as db:
        assert db.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
    held = counts(engine, "acme")["accounts"]
    assert (read_cursor(engine, "acme", "accounts") or {"records": 0}) == {"records": held}
    engine.dispose()
    return held


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'holdfast.db'}"


def test_a_full_disk_is_told_and_leaves_whole_pages(url: str) -> None:
    process = started(_FILL, url, str(3 * 2**20))
    _, told = process.communicate(timeout=30)
    assert process.returncode == 1
    assert told.startswith("store: the database refuses: ")
    assert len(told.splitlines()) == 1
    before = records_in(url)
    assert before > 0
    killed_after(started(_FILL, url), 300)
    assert records_in(url) > before, "with room again it goes on"


@pytest.mark.slow
@pytest.mark.parametrize("milliseconds", [20, 100, 300])
def test_a_killed_process_leaves_whole_pages(url: str, milliseconds: int) -> None:
    killed_after(started(_FILL, url), milliseconds)
    first = records_in(url)
    killed_after(started(_FILL, url), 300)
    assert records_in(url) >= first


@pytest.mark.slow
@pytest.mark.parametrize("milliseconds", [0, 60, 120, 180, 240])
def test_an_upgrade_that_is_killed_is_finished_by_the_next_start(url: str, tmp_path: Path, milliseconds: int) -> None:
    with closing(sqlite3.connect(tmp_path / "holdfast.db")) as db:
        db.executescript((FOLDER / "0003.sql").read_text(encoding="utf-8"))
    process = started(_OPEN, url)
    time.sleep(milliseconds / 1000)
    process.kill()
    process.communicate(timeout=10)
    engine = open_engine(url)
    with engine.connect() as db:
        assert db.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        assert db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == newest_revision()
        assert db.exec_driver_sql("SELECT count(*) FROM accounts").scalar() == 3
    engine.dispose()
    assert not list(tmp_path.glob("*rehearsal*"))


def test_an_upgrade_without_room_leaves_the_store_as_it_was(url: str, tmp_path: Path) -> None:
    path = tmp_path / "holdfast.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript((FOLDER / "0003.sql").read_text(encoding="utf-8"))
        db.execute("PRAGMA journal_mode=WAL")
    limit = path.stat().st_size - 4096
    full = (
        f"signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
    )
    script = _OPEN.replace('print("ready"', f'import resource, signal; {full}; print("ready"')
    process = started(script, url)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "the store is left as it was" in told
    assert len(told.splitlines()) == 1
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT version_num FROM alembic_version").fetchone() == ("0003",)
    open_engine(url).dispose()


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that any user may enter, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="holdfast-shared-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_read_only_store_is_told_in_a_line_and_is_not_changed(shared_folder: Path) -> None:
    path = shared_folder / "holdfast.db"
    open_engine(f"sqlite:///{path}").dispose()
    path.chmod(0o444)
    before = path.read_bytes()
    # Root, whom rights do not bind, becomes nobody once everything is imported.
    unprivileged = _OPEN.replace('print("ready"', 'import os; os.geteuid() or os.seteuid(65534); print("ready"')
    process = started(unprivileged, f"sqlite:///{path}")
    _, told = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "cannot be opened (Permission denied); check store.url and the folder's rights" in told
    assert path.read_bytes() == before
