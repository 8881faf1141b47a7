"""What an operator does beside the cycles: ask the doctor, copy the store, move it, forget somebody."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer

from sync.cli.commands import COMMANDS, load
from sync.cli.main import app
from tests.whole.rehearsal import PROJECT, Rehearsal, rehearsal


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A sandbox of 30 accounts, pulled and judged."""
    with rehearsal(tmp_path_factory.mktemp("hour"), accounts=30, rate_limits=False) as running:
        running.holdfast("run")
        yield running


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Rehearsal]:
    """CRMs without our fields, and a worker that has not run yet."""
    with rehearsal(tmp_path, accounts=5, rate_limits=False, bare=True) as running:
        yield running


def told(stage: Rehearsal, about: str = "", *, status: int = 0) -> dict[str, list[str]]:
    """The doctor's lines on something, by state."""
    text = stage.holdfast("doctor", "--json", status=status)
    found: dict[str, list[str]] = {"ok": [], "warn": [], "fail": []}
    for line in json.loads(text)["lines"]:
        if about in ("", line["about"]):
            found[line["state"]].append(f"{line['what']} -> {line['remedy']}")
    return found


def test_the_doctor_finds_a_sandbox_in_order_and_writes_nothing_there(stage: Rehearsal) -> None:
    stage.forget_journal()
    found = told(stage)
    assert found["fail"] == []
    assert any("login: accepted" in line for line in found["ok"])
    assert any("Account: sees all records (30)" in line for line in found["ok"])
    assert stage.writes() == []
    assert "0 fail" in stage.holdfast("doctor")


def test_every_line_that_is_not_ok_has_a_remedy(stage: Rehearsal) -> None:
    for line in stage.json("doctor")["lines"]:
        assert set(line) == {"about", "state", "what", "remedy"}
        assert line["state"] == "ok" or line["remedy"], line


def test_missing_fields_are_told_with_their_remedy_and_provision_is_it(bare: Rehearsal) -> None:
    for crm in ("salesforce", "hubspot"):
        assert any(f"holdfast provision --connection {crm}" in line for line in told(bare, crm)["warn"])
    bare.set(HOLDFAST__WRITEBACK__MODE="live")
    assert any("Holdfast_Key__c" in line for line in told(bare, "salesforce", status=1)["fail"])
    bare.holdfast("provision", "--yes")
    for crm in ("salesforce", "hubspot"):
        assert told(bare, crm)["fail"] == []


def test_a_refused_login_fails_and_the_other_connection_is_still_examined(bare: Rehearsal) -> None:
    (bare.config.parent / "sandbox-hubspot.token").write_text("pat-na1-wrong")
    found = told(bare, "hubspot", status=1)
    assert "make a new service key" in found["fail"][0]
    assert told(bare, "salesforce", status=1)["fail"] == []


def test_hidden_fields_are_told_by_object(bare: Rehearsal) -> None:
    bare.post("setup/salesforce", {"hide": ["Account.Type", "Event.AccountId"], "read_only": ["Task.Subject"]})
    found = told(bare, "salesforce", status=1)
    assert any(line.startswith("Account: Type cannot be read") for line in found["warn"])
    assert any(line.startswith("Event: AccountId cannot be read") for line in found["fail"])
    assert any(line.startswith("Task: Subject may not be written") for line in found["fail"])


def test_a_config_that_is_wrong_is_told_as_lines_too(bare: Rehearsal) -> None:
    bare.set(HOLDFAST__SCHEDULE__TIMEZONE="Mars")
    text = bare.holdfast("doctor", "--json", status=2)
    assert '"state": "fail"' in text
    assert "no such timezone" in text


def test_a_store_that_does_not_open_fails_and_the_crms_are_still_examined(bare: Rehearsal) -> None:
    (bare.config.parent / "holdfast.db").write_text("no database" * 100)
    found = told(bare, status=1)
    assert len(found["fail"]) == 1
    assert "store" in found["fail"][0]
    assert any("login: accepted" in line for line in found["ok"])


def test_a_backup_brought_back_is_the_store_of_that_moment(stage: Rehearsal) -> None:
    copy = Path(stage.json("backup")["path"])
    assert copy.parent.name == "backups"
    before = stage.kept("salesforce")
    stage.sql("DELETE FROM verdicts")
    assert stage.kept("salesforce") != before
    stage.forget_store()
    copy.rename(stage.config.parent / "holdfast.db")
    assert stage.kept("salesforce") == before
    assert stage.json("verify")["salesforce"]["accounts"]["missing"] == 0


def test_a_backup_goes_to_the_file_or_folder_that_is_named(stage: Rehearsal, tmp_path: Path) -> None:
    assert stage.json("backup", "--to", str(tmp_path / "one.db"))["path"] == str(tmp_path / "one.db")
    assert Path(stage.json("backup", "--to", str(tmp_path))["path"]).parent == tmp_path
    assert "is there already" in stage.told("backup", "--to", str(tmp_path / "one.db"), status=1)[0]


def test_a_store_moves_to_another_file_and_goes_on_there(stage: Rehearsal, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'moved.db'}"
    assert stage.json("store", "move", "--to", url)["tables"]["accounts"] == 60
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOLDFAST__STORE__URL", url)
        written = stage.json("run")["connections"]["salesforce"]["pulled"]
        assert sum(stream["changed"] for stream in written.values()) == 0
    assert "rows already" in stage.told("store", "move", "--to", url, status=1)[0]


@pytest.mark.parametrize("url", ["mysql://host/db", "nonsense", "postgresql://me:${NO_SUCH}@host/db"])
def test_a_store_moves_to_no_url_that_is_none(stage: Rehearsal, url: str) -> None:
    assert stage.told("store", "move", "--to", url, status=2)[0].startswith("--to: ")


def test_a_forgotten_contact_is_gone_and_the_next_cycle_goes_on(stage: Rehearsal) -> None:
    ((email, name),) = stage.sql(
        "SELECT email, name FROM contacts WHERE connection = 'salesforce' AND email != '' LIMIT 1"
    )
    told = stage.json("forget", "--contact", email.upper())
    assert told["salesforce"]["contacts"] == 1
    assert stage.sql(f"SELECT * FROM contacts WHERE email = '{email}'") == []
    stage.holdfast("run")
    assert stage.sql(f"SELECT * FROM findings WHERE text LIKE '%{name}%'") == []
    assert "nothing is known" in stage.holdfast("forget", "--contact", email)
    assert stage.told("forget", "--contact", "nobody", status=2)


def test_every_command_has_its_line_in_the_help_and_is_there() -> None:
    assert set(typer.main.get_command(app).commands) == set(COMMANDS)  # type: ignore[attr-defined]
    for name, (_, line) in COMMANDS.items():
        command: Any = load(name)
        assert command.name == name
        assert len(line) <= 66, f"{name}: the help would cut it"


def test_the_help_is_there_at_once() -> None:
    code = "from sync.cli.entry import run; run()"
    seconds = []
    for _ in range(3):
        started = time.monotonic()
        subprocess.run([sys.executable, "-c", code, "--help"], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.monotonic() - started)
    assert min(seconds) < 0.3


def test_the_store_is_not_written_to_by_a_doctor(stage: Rehearsal) -> None:
    with closing(sqlite3.connect(stage.config.parent / "holdfast.db")) as db:
        before = list(db.iterdump())
        stage.holdfast("doctor")
        assert list(db.iterdump()) == before
