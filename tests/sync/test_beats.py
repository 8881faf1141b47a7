"""What runs by the clock beside cycles: copies of the store that do not pile up, and old records that go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from connectors.protocol import Page
from rules.rulebook import read_rulebook
from sync.config import Config
from sync.errors import StoreError
from sync.run.beats import BEATS, Place
from sync.run.cron import trigger
from sync.run.schedule import CYCLE, Job
from sync.store import cycles
from sync.store.copies import new_copy_in
from sync.store.engine import alembic_config, newest_revision, open_engine
from sync.store.records import counts, save_page

NOW = datetime(2026, 11, 2, 4, 30, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    config = Config.model_validate({"folder": tmp_path, "schedule": {"backup_keep": 2, "keep_cycles_days": 30}})
    opened = open_engine(f"sqlite:///{tmp_path / 'holdfast.db'}")
    yield Place(config=config, rulebook=read_rulebook({})[0], engine=opened)
    opened.dispose()


def keep(name: str, place: Place, now: datetime) -> None:
    (beat,) = (one for one in BEATS if one.name == name)
    beat.run(place, now)


def test_beats_have_names_of_their_own_and_a_cron_that_is_checked() -> None:
    names = [beat.name for beat in BEATS]
    assert len(names) == len(set(names))
    for beat in BEATS:
        assert isinstance(beat.cron(Config()), str)


def test_the_newest_copies_stay_and_other_files_are_left_alone(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for other in ("holdfast-before-upgrade.db", "holdfast-2026.db", "notes.txt"):
        (folder / other).write_text("mine")
    for day in range(4):
        keep("backup", place, NOW + timedelta(days=day))
    ours = sorted(path.name for path in folder.glob("holdfast-2026*Z.db"))
    assert ours == ["holdfast-20261104T043000Z.db", "holdfast-20261105T043000Z.db"]
    assert len(list(folder.iterdir())) == 2 + 3
    open_engine(f"sqlite:///{folder / ours[0]}").dispose()


def test_a_copy_that_is_there_is_not_written_over(place: Place) -> None:
    keep("backup", place, NOW)
    with pytest.raises(StoreError, match="is there already"):
        keep("backup", place, NOW)


def test_old_cycles_go_and_the_newest_and_the_newest_live_one_stay(place: Place) -> None:
    for days_ago, live in ((90, True), (80, True), (70, False), (60, False), (10, False)):
        for connection in ("acme", "portal"):
            at = NOW - timedelta(days=days_ago + (40 if connection == "portal" else 0))
            cycles.end(place.engine, cycles.begin(place.engine, connection, at), {"live": live}, "", at)
    before = cycles.newest(place.engine, "portal")
    keep("retention", place, NOW)
    with place.engine.connect() as db:
        left = db.exec_driver_sql("SELECT connection, count(*) FROM cycles GROUP BY connection ORDER BY 1").all()
    assert left == [("acme", 2), ("portal", 2)]
    assert cycles.newest(place.engine, "portal") == before
    assert cycles.was_live(place.engine, "acme")
    assert cycles.was_live(place.engine, "portal")


def test_what_privacy_does_not_let_be_kept_goes_at_night_of_connections_of_old_too(place: Place) -> None:
    cycle = cycles.begin(place.engine, "left-the-config", NOW)
    for days_ago in (1200, 900):
        row = {"id": f"m{days_ago}", "kind": "call", "outcome": "held", "at": NOW - timedelta(days=days_ago)}
        save_page(place.engine, "left-the-config", "x", Page(rows={"activities": [row]}), cycle=cycle, now=NOW)
    privacy = place.config.privacy.model_copy(update={"keep_touches_days": 1001})
    keep("retention", replace(place, config=place.config.model_copy(update={"privacy": privacy})), NOW)
    assert counts(place.engine, "left-the-config")["activities"] == 1


def test_retention_and_cycles_wait_for_each_other() -> None:
    (beat,) = (one for one in BEATS if one.name == "retention")
    job = Job(beat=beat.name, slots=trigger("0 4 * * *"), run=lambda _: None, alone=beat.alone)
    assert job.lane == CYCLE
    assert replace(job, alone=False).lane != CYCLE


@pytest.mark.postgresql
@pytest.mark.slow
def test_retention_on_both_databases(engine: Engine) -> None:
    at = NOW - timedelta(days=90)
    for live in (True, False, False):
        cycles.end(engine, cycles.begin(engine, "acme", at), {"live": live}, "", at)
    assert cycles.forget_before(engine, NOW) == 1


def test_on_postgresql_the_tool_is_named() -> None:
    from sqlalchemy import create_engine

    away = create_engine("postgresql+psycopg://holdfast:hunter2@db.example/holdfast")
    with pytest.raises(StoreError, match=r"pg_dump .*postgresql://holdfast@db\.example") as raised:
        new_copy_in(Path(), away, NOW)
    assert "hunter2" not in str(raised.value)


def test_the_newest_migration_is_known_by_its_file() -> None:
    assert newest_revision() == ScriptDirectory.from_config(alembic_config()).get_current_head()
