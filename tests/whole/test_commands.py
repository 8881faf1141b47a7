"""The command line as scripts rely on it: documents, files, exit statuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.cli.main import main
from sync.cli.options import common_first
from tests.whole.rehearsal import Rehearsal, rehearsal

VERDICTS = {"raised", "clear", "unknown", "not_applicable"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A sandbox of 40 accounts, pulled and judged, nothing written."""
    with rehearsal(tmp_path_factory.mktemp("commands"), accounts=40, rate_limits=False) as running:
        running.holdfast("run")
        yield running


def test_run_tells_what_it_did(stage: Rehearsal) -> None:
    told = stage.json("run")
    assert set(told) == {"cycle", "connections", "findings", "seconds"}
    assert set(told["connections"]) == {"salesforce", "hubspot"}
    for one in told["connections"].values():
        assert one["api_calls"] > 0
        assert set(one["written"]) == {"created", "updated", "closed", "fields", "rejected", "held_back"}
        for stream in one["pulled"].values():
            assert {"records", "changed", "deleted", "pages", "complete"} <= set(stream)
            assert stream["complete"]
    assert all(set(counted) == VERDICTS for counted in told["findings"].values())


def test_evaluate_has_one_entry_for_every_account_and_rule(stage: Rehearsal) -> None:
    told = stage.json("evaluate")
    assert told["as_of"] == "2026-11-02"
    assert len(told["verdicts"]) == 2 * 2 * 40
    for one in told["verdicts"]:
        assert one["verdict"] in VERDICTS
        assert {"connection", "account", "rule", "severity", "reason", "message", "numbers"} <= set(one)
        if one["rule"] == "sole-rep" and one["verdict"] != "not_applicable":
            numbers = {"person_days", "top_person", "top_share", "second_share", "tenure_days"}
            assert numbers <= set(one["numbers"])


def test_a_plan_is_printed_by_person_and_written_as_a_file(stage: Rehearsal, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    text = stage.holdfast("plan", "--out", str(file))
    told = json.loads(file.read_text())
    assert f"checksum {told['checksum']}" in text
    assert {"create_task", "set_fields"} == {one["op"] for one in told["changes"]}
    for one in told["changes"]:
        assert {"connection", "op", "account", "assignee", "rules"} <= set(one)
        if one["op"] == "create_task":
            assert {"key", "due_on", "subject", "body"} <= set(one)
            assert len(one["subject"]) <= 80
    assert stage.json("plan")["checksum"] == told["checksum"], "a plan does not change by being looked at"


def test_explain_tells_numbers_touches_and_what_would_clear(stage: Rehearsal) -> None:
    raised = next(one for one in stage.json("evaluate")["verdicts"] if one["verdict"] == "raised")
    told = stage.json("explain", raised["account"]["id"])[0]
    assert told["rules"][raised["rule"]]["clears_when"].startswith("Clears when")
    assert told["touches"]
    text = stage.holdfast("explain", raised["account"]["name"])
    assert "RAISED" in text
    assert "Clears when" in text


def test_report_stands_in_its_folder(stage: Rehearsal, tmp_path: Path) -> None:
    stage.holdfast("report", "--out", str(tmp_path / "out"))
    assert "key accounts need attention" in (tmp_path / "out" / "report.txt").read_text()
    assert json.loads((tmp_path / "out" / "report.json").read_text())[0]["accounts"]


def test_status_tells_streams_and_findings(stage: Rehearsal) -> None:
    told = stage.json("status")["connections"]["salesforce"]
    assert told["records"]["accounts"] == 40
    assert told["streams"]["accounts"]["complete_at"]
    assert "API calls" in stage.holdfast("status")


def test_a_past_day_is_judged_without_keeping_anything(stage: Rehearsal) -> None:
    before = stage.json("explain", "Ltd")[0]["rules"]
    assert stage.json("evaluate", "--as-of", "2026-06-30")["as_of"] == "2026-06-30"
    assert stage.json("explain", "Ltd")[0]["rules"] == before


def test_a_stream_that_was_reset_is_pulled_from_the_beginning(stage: Rehearsal) -> None:
    stage.holdfast("reset", "accounts", "--connection", "salesforce")
    told = stage.json("run")["connections"]["salesforce"]["pulled"]["accounts"]
    assert (told["records"], told["changed"]) == (40, 0)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["run", "--no-such-option"], 2),
        (["no-such-command"], 2),
        (["evaluate", "--as-of", "yesterday"], 2),
        (["run", "--connection", "nobody"], 2),
        (["run", "--now", "tomorrow"], 2),
        (["explain", "no such account"], 1),
        (["reset", "no-such-stream"], 1),
        (["rules", "show", "no-such-rule"], 1),
        (["provision"], 1),
    ],
    ids=[
        "unknown option",
        "unknown command",
        "no date",
        "no connection",
        "no time",
        "no account",
        "no stream",
        "no rule",
        "unasked",
    ],
)
def test_wrong_usage_is_told_in_one_line(
    stage: Rehearsal, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int
) -> None:
    assert main([*arguments, "--config", str(stage.config), "--quiet"]) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    assert 1 <= len(told.err.strip().splitlines()) <= 2


def test_the_rules_explain_themselves(stage: Rehearsal) -> None:
    told = {one["rule"]: one for one in stage.json("rules", "list")}
    assert set(told) == {"sole-rep", "exec-reach-lapse"}
    assert told["sole-rep"]["parameters"]["top_share"] == {"default": 0.8, "range": "> 0, <= 1"}
    text = stage.holdfast("rules", "show", "sole-rep")
    assert "top_share = 0.8   # > 0, <= 1" in text


def test_common_options_stand_before_or_after_the_command() -> None:
    assert common_first(["run", "--json", "--config", "x.toml"]) == ["--json", "--config", "x.toml", "run"]
    assert common_first(["--config=x.toml", "run", "--quiet"]) == ["--config=x.toml", "--quiet", "run"]
    assert common_first(["explain", "--", "--json"]) == ["explain", "--", "--json"]


def test_the_demo_tells_the_whole_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--crm", "both", "--out", str(tmp_path / "demo"), "--quiet"]) == 0
    told = capsys.readouterr().out
    for part in ("[Relationship]", "is closed:", "is left alone until", "an executive was met"):
        assert part in told
    assert len(told.splitlines()) < 60, "under a page"
    for name in ("config.toml", "holdfast.db", "report.txt", "report.json"):
        assert (tmp_path / "demo" / name).exists()
