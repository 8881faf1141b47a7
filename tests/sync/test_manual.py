"""The manual agrees with the rules: pages, the example config and the README are what `make docs` would write."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from rules.rule import Route, Rule, discover
from rules.rulebook import read_rulebook
from sync.report.examples import example_task
from sync.report.manual import BY_HAND, config_part, documents, main, page, readme_part, told

ROOT = Path(__file__).parents[2]
RULES = list(discover().values())


def test_every_document_is_what_the_rules_say() -> None:
    stale = [
        path.relative_to(ROOT).as_posix()
        for path, text in documents(ROOT).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert not stale, "`make docs` writes them"


def test_there_is_a_page_for_every_rule_and_no_other() -> None:
    assert {path.stem for path in (ROOT / "docs" / "rules").iterdir()} == {rule.id for rule in RULES} | BY_HAND | {
        "custom",
        "index",
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_parameter_says_what_it_means_and_stands_on_the_page(rule: Rule) -> None:
    text = page(rule)
    for name, parameter in told(rule)["parameters"].items():
        assert parameter["meaning"], name
        assert f"| `{name}` |" in text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_shows_an_example(rule: Rule) -> None:
    text = example_task(rule)
    assert text
    assert "Acme Corp" in text
    assert "Clears when" in text
    told_in_report = rule.params.model_fields["route"].default is Route.REPORT
    assert text.startswith("[Relationship]") is not told_in_report


def test_the_example_config_has_the_default_of_every_parameter_of_every_rule() -> None:
    text = re.sub(r"(?m)^# (?=\[rules|\w+ = )", "", config_part(RULES))
    tables = tomllib.loads(text)["rules"]
    _, problems = read_rulebook(tables, named={rule.switched_on_by for rule in RULES})
    assert problems == []
    for rule in RULES:
        defaults = {name: parameter["default"] for name, parameter in told(rule)["parameters"].items()}
        assert {name: value for name, value in tables[rule.id].items() if name != "tier"} == defaults
        assert tables[rule.id].get("tier", {}) == {tier: dict(own) for tier, own in rule.params.by_tier.items()}


def test_what_is_on_by_default_stands_uncommented_in_the_example_config() -> None:
    tables = tomllib.loads(config_part(RULES))["rules"]
    assert set(tables) == {rule.id for rule in RULES if told(rule)["on"] is True}


def test_the_readme_tells_which_rules_are_on() -> None:
    rows = re.findall(r"(?m)^\| \[`([a-z-]+)`\].* \| ([^|]+) \|$", readme_part(RULES))
    assert {rule for rule, on in rows if on == "yes"} == {rule.id for rule in RULES if told(rule)["on"] is True}


def test_a_page_of_a_rule_that_is_gone_is_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs" / "rules").mkdir(parents=True)
    gone = tmp_path / "docs" / "rules" / "no-such-rule.md"
    gone.write_text("")
    (tmp_path / "config.example.toml").write_text("# --- rules\n# --- end of the rules\n")
    (tmp_path / "README.md").write_text("## The rules\n\n\n## More\n")
    main(tmp_path)
    assert not gone.exists()
    assert (tmp_path / "docs" / "rules" / "sole-rep.md").exists()
    assert f"{gone} removed" in capsys.readouterr().out
    main(tmp_path)
    assert capsys.readouterr().out == "", "a second time changes nothing"
