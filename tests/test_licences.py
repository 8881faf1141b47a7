"""What a release brings along is free software, and the command that lists it lists all of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "deploy" / "requirements.lock"
BIN = Path(sys.executable).parent
#: By SPDX id, and by the names that packages without one use for the same. The LGPL binds whoever changes psycopg itself.
FREE = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "LGPL-3.0-only", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0",
        "Apache Software License", "BSD License", "ISC License (ISCL)", "MIT License",
        "Mozilla Public License 2.0 (MPL 2.0)",
    }
)  # fmt: skip


def pinned() -> set[str]:
    """The names of the lock of a release, as an index compares them."""
    found = re.findall(r"^([\w.-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return {canonical(name) for name in found}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licences() -> dict[str, str]:
    """Of everything of the lock that is installed here; what is for other systems only is not."""
    line = [BIN / "pip-licenses", "--from=mixed", "--with-system", "--format=json", "--packages", *sorted(pinned())]
    told = json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    return {canonical(one["Name"]): one["License"] for one in told}


def test_everything_that_runs_is_free_software() -> None:
    for name, licence in licences().items():
        words = re.split(r"\s+(?:AND|OR)\s+|;\s*", licence.replace("(Apache-2.0 OR MIT)", "Apache-2.0 OR MIT"))
        assert set(words) <= FREE, f"{name}: {licence}"


def test_the_list_of_licences_leaves_out_nothing_that_is_installed() -> None:
    installed = {canonical(one.name) for one in distributions()}
    assert set(licences()) == pinned() & installed


@pytest.mark.slow
def test_the_bill_of_materials_names_what_the_lock_pins(tmp_path: Path) -> None:
    bill = tmp_path / "sbom.cdx.json"
    line = [BIN / "cyclonedx-py", "requirements", "--pyproject", ROOT / "pyproject.toml", "--output-reproducible"]
    line += ["--output-format", "JSON", "--output-file", bill, LOCK]
    subprocess.run(line, check=True, capture_output=True)
    document = json.loads(bill.read_text(encoding="utf-8"))
    assert document["bomFormat"] == "CycloneDX"
    assert document["metadata"]["component"]["name"] == "holdfast"
    assert {canonical(one["name"]) for one in document["components"]} == pinned()
    assert all(one["version"] and one["purl"].startswith("pkg:pypi/") for one in document["components"])
