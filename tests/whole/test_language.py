"""Tasks in another language, on both CRMs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.whole.rehearsal import DAY, Rehearsal, rehearsal

CRMS = ("hubspot", "salesforce")


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A sandbox whose tasks were made in German."""
    with rehearsal(tmp_path_factory.mktemp("german"), accounts=40, rate_limits=False) as running:
        running.live()
        running.set(HOLDFAST__WRITEBACK__LANGUAGE="de")
        running.holdfast("run")
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("crm", CRMS)
def test_tasks_and_fields_are_in_the_language_of_the_config(german: Rehearsal, crm: str) -> None:
    tasks = german.our_tasks(crm)
    assert tasks
    for task in tasks:
        assert task["subject"].startswith("[Beziehung] ")
        assert len(task["subject"]) <= 80
        assert "Erster Schritt: " in task["body"]
        assert "Clears when" not in task["body"]
    told = [
        str(text) for fields in german.our_fields(crm).values() for name, text in fields.items() if "inding" in name
    ]
    assert any("Kontakttage" in text for text in told)
    assert not any("contact day" in text for text in told)


@pytest.mark.slow
def test_verdicts_are_told_in_english_whatever_the_tasks_speak(german: Rehearsal) -> None:
    raised = [one for one in german.verdicts().values() if one["verdict"] == "raised"]
    assert raised
    assert not any("Kontakttage" in one["message"] for one in raised)


@pytest.mark.slow
def test_another_language_alone_rewrites_nothing(german: Rehearsal) -> None:
    german.holdfast("run")
    german.forget_journal()
    german.set(HOLDFAST__WRITEBACK__LANGUAGE="en")
    german.holdfast("run")
    assert german.writes() == []


@pytest.mark.slow
def test_a_german_task_that_is_taken_back_is_known_as_ours(german: Rehearsal) -> None:
    german.set(HOLDFAST__WRITEBACK__LANGUAGE="de")
    german.holdfast("undo", "--since", "2020-01-01", "--yes", "--put-off-days", "1")
    closed = [task for crm in CRMS for task in german.our_tasks(crm) if task["closed"]]
    assert closed
    assert all("Von Holdfast geschlossen: am " in task["body"] for task in closed)
    german.advance(2 * DAY)
    german.holdfast("run")
    again = [task for crm in CRMS for task in german.our_tasks(crm) if not task["closed"]]
    assert any("zurückgenommen. Sie kommt wieder, weil der Grund" in task["body"] for task in again)
    assert not any("abgeschlossen. Sie kommt wieder" in task["body"] for task in again), "nobody completed them"
