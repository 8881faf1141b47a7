"""What docs/operator/first-hour.md shows is what a new user sees who types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.whole.transcript import PROJECT, alike, answered, build_wheel, commands, play

DOCUMENT = PROJECT / "docs" / "operator" / "first-hour.md"
STEPS = ("pip install", "init --defaults", "doctor", "provision", "run", "rules preview", "run")


@pytest.mark.slow
def test_the_first_hour_is_what_its_document_says(tmp_path: Path) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    build_wheel(tmp_path)
    again = answered(document, play(document, tmp_path))
    assert alike(again) == alike(document), "`make first-hour` writes it"


def test_the_document_goes_the_whole_way() -> None:
    typed = iter(commands(DOCUMENT.read_text(encoding="utf-8")))
    for step in STEPS:
        assert any(step in command for command in typed), step


def test_an_answer_takes_the_place_of_the_old_one() -> None:
    document = "a\n\n```console\n$ one \\\n  more\nold\n$ two\n```\n\nb\n"
    assert commands(document) == ["one \\\n  more", "two"]
    assert answered(document, ["new\n", ""]) == document.replace("old", "new")


def test_only_times_durations_and_calls_may_differ() -> None:
    assert alike("ended 2026-11-02T07:00Z\n3.1 s\n29 API calls") == alike(
        "ended 2026-11-02T07:09Z\n4.0 s\n31 API calls"
    )
    assert alike("4 raised") != alike("5 raised")
