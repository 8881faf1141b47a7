"""Rules of the config from end to end: the worked examples on the demo company, their tasks, and what the commands say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from sync.report.custom_manual import EXAMPLES
from tests.whole.rehearsal import Rehearsal, rehearsal

IDS = [text.partition('id = "')[2].partition('"')[0] for _, text in EXAMPLES]
#: Fails where nobody was met; and told in another language than the rest.
FRAGILE = """
[[rules.custom]]
id = "many-mails-per-meeting"
when = "messages_out_90d / meetings_90d >= 2"
why = "{account} bekam {messages_out_90d} Nachrichten auf {meetings_90d} Treffen."
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """The demo company with the ten examples and no other rule, live, after its first cycle."""
    with rehearsal(tmp_path_factory.mktemp("custom"), accounts=60, rate_limits=False) as running:
        running.only()
        running.live()
        tables = "\n".join(text for _, text in EXAMPLES)
        running.config.write_text(f"{running.config.read_text()}\n{tables}\n{FRAGILE}")
        running.holdfast("run")
        yield running


@pytest.fixture(scope="module")
def verdicts(stage: Rehearsal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.json("evaluate")["verdicts"]
    return found


@pytest.mark.parametrize("rule", IDS)
def test_every_example_of_the_page_is_raised_somewhere_and_not_everywhere(
    verdicts: list[dict[str, Any]], rule: str
) -> None:
    for crm in ("salesforce", "hubspot"):
        seen = Counter(one["verdict"] for one in verdicts if (one["rule"], one["connection"]) == (rule, crm))
        assert seen["raised"]
        assert seen["clear"] + seen["unknown"]


def test_both_crms_say_the_same(verdicts: list[dict[str, Any]]) -> None:
    by_crm: dict[str, Counter[tuple[str, str, str]]] = {"salesforce": Counter(), "hubspot": Counter()}
    for one in verdicts:
        if one["rule"] in IDS:
            by_crm[one["connection"]][one["account"]["name"], one["rule"], one["verdict"]] += 1
    assert by_crm["salesforce"] == by_crm["hubspot"]


def test_what_fails_on_an_account_is_unknown_there_and_counted_with_its_reason(
    stage: Rehearsal, verdicts: list[dict[str, Any]]
) -> None:
    mine = [one for one in verdicts if one["rule"] == "many-mails-per-meeting"]
    failed = [one for one in mine if one["verdict"] == "unknown"]
    assert failed
    assert {one["numbers"]["meetings_90d"] for one in failed} == {0}
    assert {one["reason"] for one in failed} == {"the expression fails: division by zero in CEL expression"}
    assert [one for one in mine if one["verdict"] == "raised"]
    told = stage.holdfast("report", "--connection", "salesforce")
    count = sum(one["connection"] == "salesforce" for one in failed)
    assert f"  {count} x the expression fails: division by zero" in told
    assert told.count("division by zero") == 1


def test_its_tasks_say_what_the_config_says_and_a_second_cycle_sends_nothing(stage: Rehearsal) -> None:
    bodies = [task["body"] for task in stage.our_tasks("salesforce")]
    assert any("Clears when a meeting was held, or one is in the calendar." in body for body in bodies)
    assert any("bekam" in body for body in bodies)
    assert not any("contact days in 90 days, where" in body for body in bodies), "what is for the report makes no task"
    stage.forget_journal()
    stage.holdfast("run")
    assert stage.writes() == []


def test_the_commands_know_it(stage: Rehearsal) -> None:
    assert set(IDS) <= {one["rule"] for one in stage.json("rules", "list")}
    shown = stage.holdfast("rules", "show", "fading")
    assert "    person_days_90d < usual_person_days_90d * 0.67" in shown
    raised = next(
        one for one in stage.json("evaluate")["verdicts"] if (one["rule"], one["verdict"]) == ("fading", "raised")
    )
    assert "usual_person_days_90d" in stage.holdfast("explain", raised["account"]["id"])


def test_a_preview_tells_what_another_condition_would_change(stage: Rehearsal) -> None:
    other = stage.config.with_name("other.toml")
    other.write_text(stage.config.read_text().replace("person_days_365d >= 8", "person_days_365d >= 9999"))
    told = stage.holdfast("rules", "preview", "--against", str(other))
    assert "thin-and-large" in told


def test_a_condition_that_changed_is_judged_anew(stage: Rehearsal) -> None:
    text = stage.config.read_text()
    stage.config.write_text(text.replace("person_days_365d >= 8", "person_days_365d >= 9999"))
    try:
        verdicts = stage.json("evaluate")["verdicts"]
        assert not [one for one in verdicts if (one["rule"], one["verdict"]) == ("thin-and-large", "raised")]
    finally:
        stage.config.write_text(text)


def test_a_config_that_is_wrong_keeps_nobody_from_the_manual(stage: Rehearsal) -> None:
    text = stage.config.read_text()
    stage.config.write_text(text.replace("messages_out_90d / meetings_90d >= 2", "messages_out_90d >= tier"))
    try:
        assert stage.holdfast("rules", "show", "sole-rep").startswith("sole-rep (on by default)")
        (line,) = stage.told("evaluate", status=2)
        assert "when: column 21: cannot compare messages_out_90d (a whole number) with tier (a text)" in line
        assert line.startswith(f"{stage.config}:")
    finally:
        stage.config.write_text(text)
