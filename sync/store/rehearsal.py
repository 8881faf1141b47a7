"""An upgrade of a SQLite store is tried on a copy first, and a second copy of the store as it was stays beside it.

The upgrade itself is one transaction, so that a crash or a full disk leaves the old store. The rehearsal finds what no
transaction can undo: an upgrade that ends well and leaves less than there was. It takes twice the room of the store.
"""

from __future__ import annotations

import fcntl
import glob
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import structlog
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DatabaseError

from sync.errors import StoreError, StoreTooNewError
from sync.store.copies import back_up, check, rows_of
from sync.store.engine import exclusive, newest_revision, upgrade

log = structlog.get_logger()

_MAY_LOSE = {"cursors"}  # a stream that is to be read once more


@contextmanager
def rehearsed(engine: Engine, current: str) -> Iterator[None]:
    """Do what follows only if an upgrade of a copy went well; processes that start together take turns.

    The store as it was stands in `<store>-before-<revision>.db`, in place of such a copy of an earlier upgrade. Raises
    StoreError, with the store left as it was, where a cycle is running or the rehearsal fails.
    """
    if current > newest_revision():
        raise StoreTooNewError(
            f"store: was written by a newer Holdfast (revision {current}, known here is {newest_revision()}); "
            "upgrade, or restore a backup"
        )
    store = Path(engine.url.database or "")
    with Path(f"{store}.upgrade.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _revision(engine) != newest_revision():  # nobody did it meanwhile
            with exclusive(engine):
                _rehearse(engine, store)
                yield
                log.info("store_upgraded", before=current, now=newest_revision(), kept=_kept(store).name)
        else:
            yield


def _kept(store: Path) -> Path:
    return store.with_name(f"{store.stem}-before-{newest_revision()}.db")


def _rehearse(engine: Engine, store: Path) -> None:
    kept, trial = _kept(store), store.with_name(f"{store.stem}-rehearsal.db")
    kept.unlink(missing_ok=True)
    try:
        back_up(engine, kept)
        shutil.copyfile(kept, trial)
        trial.chmod(0o600)
        _try(trial)
    except (DatabaseError, OSError, StoreError) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise StoreError(
            f"store: the upgrade was tried on a copy and failed ({reason}); the store is left as it was. "
            f"Look for room on the disk of {store.parent}, else go back to the version before"
        ) from error
    finally:
        trial.unlink(missing_ok=True)
    for old in set(store.parent.glob(f"{glob.escape(store.stem)}-before-{'[0-9]' * 4}.db")) - {kept}:
        old.unlink()


def _try(trial: Path) -> None:
    """Upgrade a copy. Raises StoreError where it is damaged after that, or where a table has lost rows."""
    with closing(sqlite3.connect(trial)) as db:
        before = rows_of(db)
    copy = create_engine(f"sqlite:///{trial}", hide_parameters=True)
    try:
        upgrade(copy)
    finally:
        copy.dispose()
    with closing(sqlite3.connect(trial)) as db:
        check(db, trial)
        after = rows_of(db)
    if lost := [name for name, rows in before.items() if after.get(name, 0) < rows and name not in _MAY_LOSE]:
        raise StoreError(f"rows of {', '.join(lost)} would be lost")


def _revision(engine: Engine) -> str:
    with engine.connect() as db:
        return str(db.execute(text("SELECT version_num FROM alembic_version")).scalar())
