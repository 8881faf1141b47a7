"""Rules of the config as the config file reads them: lines, waivers, weights and tiers that name them; and the manual."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from rules.custom.fact_list import FACTS
from rules.rulebook import read_rulebook
from sync.backtest.tuning import with_rules
from sync.config_file import load
from sync.errors import ConfigError
from sync.report.custom_manual import EXAMPLES, custom_page

ROOT = Path(__file__).parents[2]
RARE = """
[[rules.custom]]
id = "rarely-met"
when = "days_since_meeting > 60"
why = "Nobody met {account}."
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    return path


def lines(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(written(folder, text), {})
    return [line.removeprefix(f"{folder}/") for line in caught.value.lines]


def test_every_error_has_its_line_and_an_expression_its_column(tmp_path: Path) -> None:
    text = f"""{RARE}
[rules.custom.tier.B]
severity = "dire"

[[rules.custom]]
id = "other"
when = '''
tier == 'A'
  && tier > 3
'''
why = "{{acount}}"
"""
    assert lines(tmp_path, text) == [
        "config.toml:12: rules.custom.1.when: line 2, column 13: cannot compare tier (a text) with 3 (a whole number)",
        "config.toml:16: rules.custom.1.why: {acount}: unknown fact, the nearest known one is account",
        (
            "config.toml:8: rules.custom.0.tier.B.severity: must be one of 'critical', 'high', 'medium' or 'low' "
            '(is "dire")'
        ),
    ]


def test_waivers_weights_and_tiers_can_name_it(tmp_path: Path) -> None:
    text = f"""{RARE}
[rules.custom.tier.A]
severity = "high"
[score.weights]
rarely-met = 10
[[waivers]]
account = "Acme"
rule = "rarely-met"
reason = "they visit us"
"""
    config, rulebook = load(written(tmp_path, text), {})
    assert config.score.weights == {"rarely-met": 10}
    assert [one.rule for one in config.waivers] == ["rarely-met"]
    assert "rarely-met" in rulebook.rules


def test_a_tier_that_no_account_has_and_a_waiver_of_no_rule_are_told(tmp_path: Path) -> None:
    text = f"{RARE}\n[rules.custom.tier.D]\nseverity = 'low'\n[score.weights]\nrarely-mett = 3\n"
    tier, weight = sorted(lines(tmp_path, text), reverse=True)
    assert tier.startswith("config.toml:7: rules.custom.0.tier.D: no account has this tier")
    assert weight == "config.toml:10: score.weights.rarely-mett: unknown rule, the nearest known one is rarely-met"


def test_one_that_is_off_can_be_tried_over_the_past(tmp_path: Path) -> None:
    config, rulebook = load(written(tmp_path, f"{RARE}enabled = false\n"), {})
    assert "rarely-met" not in rulebook.rules
    assert "rarely-met" in with_rules(config, ["rarely-met"]).rules


def test_the_example_config_shows_every_key_of_the_table() -> None:
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    part = text[text.index("# [[rules.custom]]") :].partition("\n\n")[0]
    tables = tomllib.loads(re.sub(r"(?m)^# ", "", part))["rules"]
    assert set(tables["custom"][0]) >= {
        "id", "when", "unknown_when", "why", "headline", "clears_when", "first_step", "severity", "route", "weight"
    }  # fmt: skip
    assert read_rulebook(tables)[1] == []


def test_the_page_lists_every_fact_with_its_type_and_unit() -> None:
    page = custom_page()
    for fact in FACTS.values():
        assert f"| `{fact.name}` | {fact.type} | {fact.unit} | {fact.meaning} |" in page


def test_the_tables_on_the_page_are_a_config(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "rules" / "custom.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?m)^    \[\[rules\.custom\]\]\n(?:    .*\n|\n(?=    ))*", page)
    assert len(blocks) == len(EXAMPLES) + 1 == 11
    text = "\n".join(re.sub(r"(?m)^    ", "", block) for block in blocks)
    _, rulebook = load(written(tmp_path, text), {})
    ids = {table["id"] for table in tomllib.loads(text)["rules"]["custom"]}
    assert len(ids) == 11
    assert ids <= rulebook.rules.keys()
