"""The layers, held over the import statements (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STAGES = {"pull", "evaluate", "plan", "apply"}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Full dotted names that a module imports, names taken from modules included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def within(names: set[str], *packages: str) -> set[str]:
    return {name for name in names for package in packages if name == package or name.startswith(f"{package}.")}


@pytest.mark.parametrize("path", modules("rules"), ids=str)
def test_rules_import_nothing_of_ours_and_no_io(path: Path) -> None:
    assert not within(imported(path), "connectors", "sync", "sqlalchemy", "sqlmodel", "requests", "structlog", "time")


@pytest.mark.parametrize("path", modules("connectors"), ids=str)
def test_connectors_import_of_ours_only_the_words(path: Path) -> None:
    names = imported(path)
    assert not within(names, "sync")
    if "sandbox" in path.parts:
        assert not within(names, "rules")
    else:
        assert not {name for name in within(names, "rules") if not name.startswith("rules.model")} - {"rules"}


@pytest.mark.parametrize("folder", ["salesforce", "hubspot", "sandbox"])
def test_a_crm_folder_imports_no_other(folder: str) -> None:
    others = [f"connectors.{other}" for other in ("salesforce", "hubspot", "sandbox") if other != folder]
    for path in modules(f"connectors/{folder}"):
        assert not within(imported(path), *others), path


def test_the_sandbox_imports_no_connector() -> None:
    for path in modules("connectors/sandbox"):
        foreign = {name for name in within(imported(path), "connectors") if not name.startswith("connectors.sandbox")}
        assert not foreign - {"connectors"}, path


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_stages_do_not_import_each_other(stage: str) -> None:
    names = imported(ROOT / "sync" / f"{stage}.py")
    others = within(names, *(f"sync.{other}" for other in STAGES - {stage}))
    if stage == "apply":
        others -= {"sync.plan", "sync.plan.Plan", "sync.plan.Planned"}  # the data that it sends
    assert not others


def test_only_the_store_and_the_outbox_speak_sql() -> None:
    allowed = {ROOT / "sync" / "outbox.py"}
    for path in modules("sync"):
        if "store" in path.parts or path in allowed:
            continue
        names = within(imported(path), "sqlalchemy", "sqlmodel", "sqlite3") - {"sqlalchemy", "sqlalchemy.Engine"}
        assert not names, path


def test_only_pull_and_apply_reach_a_crm() -> None:
    for path in modules("sync"):
        text = path.read_text(encoding="utf-8")
        if path.name not in ("pull.py", "apply.py", "verify.py"):  # verify reads once more, to compare
            assert "connector.pull(" not in text, path
            assert "connector.apply(" not in text, path
            assert "find_tasks(" not in text, path
