"""What a run says of itself at its end."""

from __future__ import annotations

from collections import Counter

import pytest

from sync.cycle import Report
from sync.report.text import run_text

STOPPED = ["acme: the CRM could not be reached"]


def last_line(report: Report, *, live: bool) -> str:
    return run_text([report], 1.0, live=live).plain.splitlines()[-2].strip()


@pytest.mark.parametrize(
    ("errors", "written", "held_back", "told"),
    [
        ([], {}, 0, "written: nothing, all is as it should be"),
        ([], {}, 2, "written: nothing; 2 held back"),
        ([], {"created": 3, "fields": 8}, 2, "written: 3 created, 8 fields; 2 held back"),
        ([], {"fields": 8, "rejected": 1, "unknown": 4}, 0, "written: 8 fields; 1 rejected"),
        (STOPPED, {}, 0, "written: nothing in this cycle"),
        (STOPPED, {}, 2, "written: nothing in this cycle; 2 held back"),
        (STOPPED, {"created": 3}, 0, "written: 3 created"),
        (STOPPED, {"rejected": 3}, 0, "written: nothing in this cycle; 3 rejected"),
    ],
)
def test_a_live_run_tells_what_it_wrote_and_calls_nothing_well_that_was_stopped(
    errors: list[str], written: dict[str, int], held_back: int, told: str
) -> None:
    report = Report(connection="acme", errors=errors, written=Counter(written), held_back=held_back)
    assert last_line(report, live=True) == told


@pytest.mark.parametrize(
    ("errors", "planned", "told"),
    [
        ([], {}, "would write: nothing (preview; "),
        ([], {"create_task": 2}, "would write: 2 created (preview; "),
        (STOPPED, {}, "would write: not known, since the cycle did not come that far (preview; "),
        (STOPPED, {"create_task": 2}, "would write: 2 created (preview; "),
    ],
)
def test_a_preview_that_was_stopped_does_not_claim_that_there_is_nothing_to_write(
    errors: list[str], planned: dict[str, int], told: str
) -> None:
    report = Report(connection="acme", errors=errors, planned=Counter(planned))
    assert last_line(report, live=False).startswith(told)
