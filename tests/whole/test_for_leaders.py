"""litmus, calendar, report --account and --zip, rules preview --out: what a leader takes along."""

from __future__ import annotations

import csv
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from icalendar import Calendar

from tests.whole.rehearsal import Rehearsal, rehearsal

pytestmark = pytest.mark.slow

ANSWERS = ("PASS", "FAIL", "UNKNOWN")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A sandbox of 40 accounts, pulled and judged, nothing written."""
    with rehearsal(tmp_path_factory.mktemp("leaders"), accounts=40, rate_limits=False) as running:
        running.holdfast("run", "--connection", "salesforce")
        yield running


def a_key_account(stage: Rehearsal) -> tuple[str, str]:
    (told,) = stage.json("report", "--connection", "salesforce")
    return told["accounts"][0]["id"], told["accounts"][0]["name"]


def test_litmus_answers_twelve_questions_with_evidence_and_says_whom_to_ask(stage: Rehearsal) -> None:
    account_id, name = a_key_account(stage)
    (told,) = stage.json("litmus", account_id, "--connection", "salesforce")
    assert [one["number"] for one in told["questions"]] == list(range(1, 13))
    assert {one["answer"] for one in told["questions"]} <= set(ANSWERS)
    assert all(one["evidence"] for one in told["questions"])
    assert sum(told["counted"].values()) == 12
    (explained,) = stage.json("explain", account_id, "--connection", "salesforce")
    assert {one["id"] for one in told["ask"]} <= {one["id"] for one in explained["people"]}
    text = stage.holdfast("litmus", name, "--connection", "salesforce")
    assert len(re.findall(r"^ +\d+  (?:PASS|FAIL|UNKNOWN) ", text, re.MULTILINE)) == 12


def test_litmus_and_explain_say_the_same_of_a_rule(stage: Rehearsal) -> None:
    """The number that a rule tested is the number that is read."""
    (report,) = stage.json("report", "--connection", "salesforce")
    for account in report["accounts"]:
        (told,) = stage.json("litmus", account["id"], "--connection", "salesforce")
        executive = next(one for one in told["questions"] if one["rules"] == ["exec-reach-lapse"])
        verdict = account["verdicts"]["exec-reach-lapse"]
        assert executive["answer"] == {"raised": "FAIL", "clear": "PASS", "unknown": "UNKNOWN"}[verdict["verdict"]]


def test_the_calendar_is_the_same_as_table_spreadsheet_and_events(stage: Rehearsal, tmp_path: Path) -> None:
    arguments = ("calendar", "--connection", "salesforce")
    told = stage.json(*arguments)
    stage.holdfast(*arguments, "--out", str(tmp_path / "a.csv"))
    stage.holdfast(*arguments, "--out", str(tmp_path / "a.ics"))
    with (tmp_path / "a.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    events = Calendar.from_ical((tmp_path / "a.ics").read_bytes()).walk("vevent")
    assert len(told) == len(rows) == len(events) > 0
    assert sorted(one["uid"] for one in told) == sorted(str(one["uid"]) for one in events)
    assert [one["day"] for one in told] == [row["day"] for row in rows]
    stage.holdfast("report", *arguments[1:], "--out", str(tmp_path / "pages"))
    beside = Calendar.from_ical((tmp_path / "pages" / "salesforce" / "checkins.ics").read_bytes()).walk("vevent")
    assert sorted(str(one["uid"]) for one in beside) == sorted(str(one["uid"]) for one in events)


def test_the_archive_holds_the_report_and_nothing_else_of_its_folder(stage: Rehearsal, tmp_path: Path) -> None:
    out = tmp_path / "pages"
    out.mkdir()
    (out / "key.pem").write_text("secret")
    stage.holdfast("report", "--connection", "salesforce", "--out", str(out), "--zip")
    names = set(zipfile.ZipFile(tmp_path / "pages.zip").namelist())
    written = {str(one.relative_to(tmp_path)) for one in out.rglob("*") if one.is_file()}
    assert names == written - {"pages/key.pem"}


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
def test_an_account_is_printed_on_one_sheet(stage: Rehearsal, tmp_path: Path) -> None:
    account_id, _ = a_key_account(stage)
    out = tmp_path / "account.pdf"
    stage.holdfast(
        "report", "--connection", "salesforce", "--account", account_id, "--format", "pdf", "--out", str(out)
    )
    assert out.read_bytes().startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b(?!s)", out.read_bytes())) == 1


def test_without_a_browser_the_page_stands_as_html_and_the_status_says_so(
    stage: Rehearsal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id, name = a_key_account(stage)
    monkeypatch.setenv("PATH", str(tmp_path))
    out = tmp_path / "account.pdf"
    arguments = ("report", "--connection", "salesforce", "--account", account_id, "--format", "pdf", "--out", str(out))
    stage.holdfast(*arguments, status=1)
    assert not out.exists()
    assert name in (tmp_path / "account.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "--format", "pdf"),
        ("report", "--zip"),
        ("report", "--account", "x", "--format", "pdf", "--out", "x.html"),
        ("calendar", "--out", "x.txt"),
    ],
    ids=" ".join,
)
def test_options_that_do_not_fit_are_refused_before_anything_is_read(
    stage: Rehearsal, arguments: tuple[str, ...]
) -> None:
    stage.holdfast(*arguments, status=2)


def test_the_difference_of_two_configs_is_a_page(stage: Rehearsal, tmp_path: Path) -> None:
    other = stage.config.with_name("other.toml")
    other.write_text(stage.config.read_text() + "\n[rules.rep-concentration]\nenabled = true\n")
    arguments = ("rules", "preview", "--against", str(other), "--connection", "salesforce")
    (told,) = stage.json(*arguments)
    stage.holdfast(*arguments, "--out", str(tmp_path))
    page = (tmp_path / "preview.html").read_text(encoding="utf-8")
    assert "rep-concentration" in page
    for one in told["people"]:
        assert f"{one['name']}: {one['waiting']['after']} after, {one['first_week']['after']} in the first week" in page
