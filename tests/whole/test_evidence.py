"""The evidence page says what comes out: a part of its table is made again, and the other CRM gives the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.whole.rehearsal import rehearsal

FOLDER = SHARED / "data" / "w3c-touches"
PAGE = Path(__file__).parent.parent.parent / "docs" / "rules" / "evidence.md"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.exists(), reason="the reference data (../shared/data/w3c-touches) is not here"),
]


def test_the_table_of_the_page_comes_out_again(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8").splitlines()
    some = ("going-quiet", "single-contact", "sole-rep", "suspected-left")
    asked = ("rules", "backtest", *some, "--outcome", "silent-180", "--months", "96")
    with rehearsal(tmp_path, dataset=FOLDER, rate_limits=False) as running:
        running.set(HOLDFAST__CUSTOMERS__KEY="all")
        running.holdfast("run")
        made = {crm: running.holdfast(*asked, "--connection", crm).splitlines() for crm in ("salesforce", "hubspot")}
    assert made["salesforce"][1:] == made["hubspot"][1:]
    head, rest = made["salesforce"][:5], made["salesforce"][5:]
    assert head == page[(begin := page.index(head[0])) : begin + 5]
    rows = [line for line in rest if re.match(rf"({'|'.join(some)}) ", line)]
    assert len(rows) == len(some)
    biases = rest[rest.index("what bends these figures") :]
    assert [line for line in (*rows, *biases) if line not in page] == []
