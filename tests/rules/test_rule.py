"""Finding the rules: one per file, nothing registered by import."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import rules.catalog
from rules.rule import Severity, discover

RULE_FILE = """
from rules.rule import Clear, Params, Route, Severity, rule


class One(Params):
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER


@rule(params=One, needs=frozenset(), weight=1)
def check(facts, params):
    return Clear(message="fine")
"""


def test_exactly_the_files_of_the_catalog_are_found() -> None:
    folder = Path(rules.catalog.__path__[0])
    files = {path.stem.replace("_", "-") for path in folder.glob("*.py")} - {"--init--"}
    assert set(discover()) == files
    assert files >= {"sole-rep", "exec-reach-lapse"}


def test_six_rules_are_on_by_default() -> None:
    on = {rule.id for rule in discover().values() if rule.params().enabled and not rule.switched_on_by}  # type: ignore[call-arg]  # all have defaults
    assert on == {
        *("sole-rep", "exec-reach-lapse", "our-person-left", "their-person-left", "single-contact", "going-quiet"),
    }


def test_each_rule_has_a_manual_and_known_needs() -> None:
    for rule in discover().values():
        assert len(rule.manual.splitlines()) > 5
        assert rule.weight >= 0
        assert rule.needs <= {
            "users",
            "accounts",
            "contacts",
            "deals",
            "activity",
            "tasks",
            "team",
            "tickets",
            "mailings",
        }
        assert rule.params()  # type: ignore[call-arg]  # every rule gives severity and route a default


def test_the_mapping_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        discover()["new"] = discover()["sole-rep"]  # type: ignore[index]  # that is the point


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), (RULE_FILE + RULE_FILE.replace("def check", "def check_again"), 2)],
    ids=["no rule", "two rules"],
)
def test_a_file_with_none_or_two_rules_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, count: int
) -> None:
    package = f"catalog_with_{count}"
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").touch()
    (tmp_path / package / "odd_one.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(LookupError, match=f"one rule per file, found {count}"):
        discover(package)
    for name in [name for name in sys.modules if name.startswith(package)]:
        del sys.modules[name]


def test_a_rule_is_named_after_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "catalog_fine").mkdir()
    (tmp_path / "catalog_fine" / "__init__.py").touch()
    (tmp_path / "catalog_fine" / "going_quiet.py").write_text(RULE_FILE)
    monkeypatch.syspath_prepend(tmp_path)
    assert list(discover("catalog_fine")) == ["going-quiet"]


def test_severities_have_neighbours() -> None:
    assert [one.milder for one in Severity] == [Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.LOW]
    assert [one.worse for one in Severity] == [Severity.CRITICAL, Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM]
