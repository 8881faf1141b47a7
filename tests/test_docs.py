"""The documents tell the truth: links lead somewhere, every rule and command is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from rules.rule import discover
from sync.cli.main import app

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_the_readme_lists_every_rule_and_no_other() -> None:
    listed = re.findall(r"^\| \[`([a-z-]+)`\]", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(listed) == set(discover())


def test_the_changelog_names_every_command() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name in commands:
        assert re.search(rf"`(holdfast )?{name}[` ]", text), name


def test_the_tree_in_the_architecture_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = text[text.index("## 2. The tree") : text.index("Layers, checked")]
    for name in re.findall(r"^      ([a-z_]+\.py)", tree, re.MULTILINE):
        assert list(ROOT.glob(f"*/{name}")) or list(ROOT.glob(f"*/*/{name}")), name
