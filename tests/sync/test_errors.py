"""Every error has a name, a cause and a remedy, and the page of errors has those and no others."""

from __future__ import annotations

import ast
import re
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import pytest

from connectors.errors import ConnectorError, RejectedError
from sync.cli.main import main
from sync.errors import ConfigError, HoldfastError, named
from sync.report.errors_page import PAGE, entry, kinds, page

ROOT = Path(__file__).parents[2]
KINDS = kinds()
_HEADING = re.compile(r"^## ([a-z-]+)$", re.MULTILINE)


def test_the_page_is_what_the_errors_say() -> None:
    assert (ROOT / PAGE).read_text(encoding="utf-8") == page(), "`make docs` writes it"


def test_every_error_has_its_place_on_the_page_and_every_place_its_error() -> None:
    names = _HEADING.findall((ROOT / PAGE).read_text(encoding="utf-8"))
    assert names == sorted(kind.name for kind in KINDS)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_has_a_name_of_its_own_a_cause_and_a_remedy(kind: type[HoldfastError | ConnectorError]) -> None:
    assert "name" in vars(kind), "it must not have the name of the error above it"
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.name)
    one = entry(kind)
    for text in (one.cause, one.remedy):
        assert text.endswith((".", ")")), text


def test_nothing_raises_an_error_without_a_name() -> None:
    roots = {HoldfastError.__name__, ConnectorError.__name__}
    for path in [*(ROOT / "sync").rglob("*.py"), *(ROOT / "connectors").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in roots
            assert not made, f"{path}:{node.lineno}"  # type: ignore[attr-defined]  # a call has a line


def test_what_is_told_is_one_line_for_each_cause_and_ends_with_the_name() -> None:
    assert named(RejectedError("acme: no", "NO")) == "acme: no [request-refused]"
    assert named(ConfigError(["a: is wrong", "b: too"])) == "a: is wrong [config-wrong]\nb: too [config-wrong]"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["status", "--config", "nowhere.toml"], (2, "config-wrong")),
        (["stutus"], (2, "usage-wrong")),
        (["forget", "--contact", "nobody"], (2, "usage-wrong")),
        (["rules", "show", "no-such-rule"], (1, "not-found")),
        (["status", "--config", "config.toml"], (1, "store-unusable")),
        (["init", "--defaults", "--out", "no/such/folder.toml"], (1, "file-unusable")),
    ],
)
def test_the_last_line_of_a_failed_command_ends_with_a_name_on_the_page(
    arguments: list[str],
    expected: tuple[int, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "holdfast.db").write_text("no database" * 100)
    (tmp_path / "config.toml").write_text(
        '[connections.p]\nkind = "hubspot"\naccess_token = "${T}"\n[store]\nurl = "sqlite:///holdfast.db"\n'
    )
    monkeypatch.setenv("T", "pat-eu1-x")
    with redirect_stderr(StringIO()) as told:
        status = main(arguments)
    (name,) = re.findall(r"\[([a-z-]+)\]$", told.getvalue().strip())
    assert (status, name) == expected
