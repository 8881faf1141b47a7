"""What a run says of itself at its end."""

from __future__ import annotations

import pytest

from sync.cycle import Report
from sync.report.text import run_text


@pytest.mark.parametrize(
    ("errors", "told"),
    [([], "nothing, all is as it should be"), (["acme: the CRM could not be reached"], "nothing in this cycle")],
)
def test_a_run_that_was_stopped_does_not_say_that_all_is_well(errors: list[str], told: str) -> None:
    text = run_text([Report(connection="acme", errors=errors)], 1.0, live=True).plain
    assert f"written: {told}" in text
