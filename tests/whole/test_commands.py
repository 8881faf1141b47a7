"""The command line as scripts rely on it: documents, files, exit statuses."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rules.rule import discover
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
    on = {one["rule"] for one in told["verdicts"]}
    assert {"sole-rep", "exec-reach-lapse", "their-person-left"} <= on
    assert len(told["verdicts"]) == len(on) * 2 * 40
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


def test_explain_tells_what_the_plan_does_and_never_what_was_said(stage: Rehearsal) -> None:
    change = next(one for one in stage.json("plan")["changes"] if one["op"] == "create_task")
    account, rule = change["account"]["id"], change["rules"][0]
    told = stage.json("explain", account, "--connection", change["connection"])[0]
    assert told["rules"][rule]["plan"] == {
        "does": "new task",
        "task": change["key"],
        "for": change["assignee"]["name"],
        "due_on": change["due_on"],
    }
    assert told["rules"][rule]["touches"]["count"] <= len(told["touches"])
    assert {"id", "name", "person_days", "last_on"} <= set(told["people"][0])
    for touch in told["touches"]:
        assert set(touch) == {"day", "kind", "direction", "outcome", "two_way", "ours", "theirs", "sources"}
    assert "plan" not in stage.json("explain", account, "--as-of", "2026-10-01")[0]["rules"][rule]


def candidate(stage: Rehearsal, name: str, rules: str, **replaced: str) -> str:
    """A config beside the one in use: without `[rules.sole-rep]` but with these tables, and with keys replaced."""
    text = re.sub(r"(?ms)^\[rules\.sole-rep[^\[]*", "", stage.config.read_text())
    for key, value in replaced.items():
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
    path = stage.config.parent / name
    path.write_text(f"{text}\n{rules}\n")
    return str(path)


def test_a_preview_against_the_same_config_changes_nothing(stage: Rehearsal) -> None:
    raised = stage.json("run")["findings"]["sole-rep"]["raised"]
    told = stage.json("rules", "preview", "--against", str(stage.config))
    assert sum(one["rules"]["sole-rep"]["same"] for one in told) == raised
    assert not any(changes["new"] or changes["cleared"] for one in told for changes in one["rules"].values())
    planned = Counter(one["assignee"]["name"] for one in stage.json("plan")["changes"] if one["op"] == "create_task")
    waiting: Counter[str] = Counter()
    for person in (person for one in told for person in one["people"]):
        waiting[person["name"]] += person["waiting"]["before"]
        assert person["waiting"]["before"] == person["waiting"]["after"]
    assert waiting == planned, "what waits is what the plan would make"


def test_a_preview_tells_what_another_config_would_do(stage: Rehearsal) -> None:
    raised = stage.json("run")["findings"]["sole-rep"]["raised"]
    off = "[rules.sole-rep]\nenabled = false\n"
    other = candidate(stage, "other.toml", off)
    told = stage.json("rules", "preview", "--against", other)
    assert sum(one["rules"]["sole-rep"]["cleared"] for one in told) == raised
    assert not any(one["rules"]["exec-reach-lapse"]["new"] for one in told)
    wider = stage.json("rules", "preview", "--against", candidate(stage, "wider.toml", off, top_share="0.9"))
    assert any(one["rules"]["exec-reach-lapse"]["new"] for one in wider), "other facts, so read for each"
    text = stage.holdfast("rules", "preview", "--against", other, "--connection", "hubspot")
    assert "sole-rep (switched off)" in text
    assert max(map(len, text.splitlines())) < 100


def test_a_preview_says_what_no_pull_has_read_for_the_rules_of_the_other_config(stage: Rehearsal) -> None:
    on = "[rules.uncoordinated]\nenabled = true\n[rules.company-communication]\nenabled = true\n"
    other = candidate(stage, "needing.toml", on)
    text = stage.holdfast("rules", "preview", "--against", other, "--connection", "hubspot")
    assert "does not read mailings, team" in text
    assert max(map(len, text.splitlines())) < 100
    assert all(
        one["notes"] == [] for one in stage.json("rules", "preview", "--against", candidate(stage, "as.toml", ""))
    )


def test_a_preview_writes_nothing_and_asks_no_crm(stage: Rehearsal) -> None:
    tables = [name for (name,) in stage.sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    before = {name: stage.sql(f"SELECT * FROM {name}") for name in tables}
    stage.forget_journal()
    stage.holdfast("rules", "preview", "--against", candidate(stage, "other.toml", ""))
    assert stage.get("journal")["requests"] == []
    assert {name: stage.sql(f"SELECT * FROM {name}") for name in tables} == before


def test_a_preview_names_every_error_of_the_other_config_at_once(stage: Rehearsal) -> None:
    path = candidate(stage, "wrong.toml", "[rules.sole-rep]\ntop_share = 80\n[rules.sole-repp]\n")
    told = stage.told("rules", "preview", "--against", path, status=2)
    assert len(told) == 2
    assert all(line.startswith(f"{path}:") for line in told)
    text = re.sub(r"(?ms)^\[connections\.hubspot.*?(?=^\[(?!connections\.hubspot)|\Z)", "", stage.config.read_text())
    (stage.config.parent / "one.toml").write_text(text)
    told = stage.told("rules", "preview", "--against", str(stage.config.parent / "one.toml"), status=2)
    assert told == [
        f"{stage.config.parent / 'one.toml'}: connections.hubspot: is missing; compare two whole configs [config-wrong]"
    ]


def test_walkaway_tells_what_hangs_on_a_person_and_how_to_hand_it_over(stage: Rehearsal) -> None:
    sole = next(
        one for one in stage.json("evaluate")["verdicts"] if one["verdict"] == "raised" and one["rule"] == "sole-rep"
    )
    address = sole["numbers"]["top_person"]
    told = next(one for one in stage.json("walkaway", address) if one["connection"] == sole["connection"])
    assert told["person"]["email"] == address
    case = next(one for one in told["cases"] if one["account"]["id"] == sole["account"]["id"])
    assert {"state", "contacts", "last_touches", "open_tasks", "successors", "revenue", "is_owner"} <= set(case)
    assert case["contacts"]
    assert stage.json("walkaway", told["person"]["name"]) == stage.json("walkaway", address)
    text = stage.holdfast("walkaway", address)
    assert f"Without {told['person']['name']} ({address})" in text
    assert sole["account"]["name"] in text
    stage.patch.setenv("HOLDFAST__PEOPLE__LEAVING", f'["{address}"]')
    assert stage.json("walkaway") == stage.json("walkaway", address)
    stage.patch.delenv("HOLDFAST__PEOPLE__LEAVING")


def test_people_are_compared_only_where_the_config_allows_it(stage: Rehearsal) -> None:
    assert stage.told("walkaway", "--all", status=2) == [
        "--all compares people: allowed only with [privacy] rank_people = true [usage-wrong]"
    ]
    stage.patch.setenv("HOLDFAST__PRIVACY__RANK_PEOPLE", "true")
    told = stage.json("walkaway", "--all")
    stage.patch.delenv("HOLDFAST__PRIVACY__RANK_PEOPLE")
    exposed = [one["exposed_revenue"] or 0 for one in told if one["connection"] == "salesforce"]
    assert exposed == sorted(exposed, reverse=True)
    assert len(exposed) > 1


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
        (["rules", "preview", "--against", "nowhere.toml"], 2),
        (["walkaway"], 2),
        (["walkaway", "nobody at all"], 1),
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
        "no other config",
        "nobody named",
        "nobody known",
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
    assert set(told) == set(discover())
    share = told["sole-rep"]["parameters"]["top_share"]
    assert share == {"default": 0.8, "range": "> 0, <= 1", "meaning": "of the person-days, by one person"}
    assert told["our-exec-lapse"]["on"] == "people.executives"
    assert told["our-exec-lapse"]["parameters"]["cadence_days"]["by_tier"] == {"B": 365, "C": 365}
    text = stage.holdfast("rules", "show", "sole-rep")
    assert "top_share = 0.8                          # of the person-days, by one person; > 0, <= 1" in text


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
