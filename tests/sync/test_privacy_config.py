"""`[privacy]`: what may be asked for together, and how long touches must be kept for the rules that are on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rules.horizon import looks_back
from rules.rulebook import read_rulebook
from sync.config_checks import REACH_DAYS
from sync.config_file import load
from sync.errors import ConfigError
from sync.store.logged import REACH

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
Write = Callable[[str], Path]


def lines(path: Path) -> list[str]:
    """What is wrong with a config, without its path; one of a key has its line before it."""
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    return [line.removeprefix(str(path)).lstrip(": ") for line in caught.value.lines]


def test_touches_that_a_rule_needs_must_be_kept(config_file: Write) -> None:
    (line,) = lines(config_file("[privacy]\nkeep_touches_days = 1000"))
    assert line.startswith("2: privacy.keep_touches_days: must be more than 1000, or 0 for ever: ")
    assert line.endswith("rules.sole-rep.tenure_days + max_gap_days looks back so far (is 1000)")


@pytest.mark.parametrize(
    ("rules", "days", "named"),
    [
        ("[rules.sole-rep]\ntenure_days = 30", 1001, ""),
        ("[rules.sole-rep.tier.A]\ntenure_days = 900", 1001, "rules.sole-rep.tier.A.tenure_days + max_gap_days"),
        ("[rules.sole-rep]\nenabled = false", 546, ""),
        ("[rules.sole-rep]\nenabled = false", 545, "rules.their-person-left.window_days + raised_days"),
        ("[rules.single-contact]\nwindow_days = 2000", 1500, "rules.single-contact.window_days"),
    ],
)
def test_what_must_be_kept_follows_the_rules(config_file: Write, rules: str, days: int, named: str) -> None:
    path = config_file(f"{rules}\n[privacy]\nkeep_touches_days = {days}")
    if named:
        (line,) = lines(path)
        assert named in line
    else:
        load(path, {})


def test_what_is_no_rule_looks_back_too(config_file: Write) -> None:
    off = "\n".join(f"[rules.{rule}]\nenabled = false" for rule in read_rulebook({})[0].rules)
    (line,) = lines(config_file(f"{off}\n[privacy]\nkeep_touches_days = 400"))
    assert "must be more than 400" in line
    load(config_file(f"{off}\n[privacy]\nkeep_touches_days = 401"), {})
    assert REACH.days == REACH_DAYS


def test_every_day_of_every_rule_is_counted() -> None:
    rulebook, _ = read_rulebook({})
    named = {name for _, name in looks_back(rulebook)}
    for rule_id in rulebook.rules:
        for key, value in rulebook.params(rule_id, ""):
            if key.endswith("_days") and isinstance(value, int):
                assert f"rules.{rule_id}.{key}" in named


def test_nothing_is_dropped_unless_asked(config_file: Write) -> None:
    config, _ = load(config_file(""), {})
    assert config.privacy.touches_since(NOW) is None
    config, _ = load(config_file("[privacy]\nkeep_touches_days = 1096"), {})
    assert config.privacy.touches_since(NOW) == NOW.replace(year=2023)


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("keep_touches_days = -1", "2: privacy.keep_touches_days: must be at least 0 (is -1)"),
        ("keep_audit_days = 30", "2: privacy.keep_audit_days: must be at least 90 (is 30)"),
        ("keep_deleted_days = 0", "2: privacy.keep_deleted_days: must be at least 1 (is 0)"),
        ('keep_touches_days = "2y"', '2: privacy.keep_touches_days: must be a whole number (is "2y")'),
        ("store_subject = true", "2: privacy.store_subject: unknown key"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_line(config_file: Write, told: str, line: str) -> None:
    assert lines(config_file(f"[privacy]\n{told}"))[0].startswith(line)


def test_people_are_not_compared_nor_told_of_to_managers_without_person_views(config_file: Write) -> None:
    off = "[privacy]\nperson_views = false\n"
    load(config_file(off), {})
    assert lines(config_file(f"{off}rank_people = true")) == [
        "privacy.rank_people: needs person_views = true; turn it off too"
    ]
    path = config_file(f'{off}[notices]\ndigest_to = "${{DIGEST}}"')
    with pytest.raises(ConfigError, match="digest_to: tells of single people"):
        load(path, {"DIGEST": "mailtos://smtp.example?to={manager_email}"})
