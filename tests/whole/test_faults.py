"""What a CRM does wrong, on reads and on writes: nothing is cleared, nothing is doubled, and one good run mends all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import pytest

from tests.whole.rehearsal import Rehearsal, rehearsal

CRMS = ["salesforce", "hubspot"]
Fault = dict[str, Any]
FAULTS: dict[str, Fault] = {
    "unavailable": {"kind": "unavailable"},
    "503 without a body": {"status": 503, "empty": True},
    "502 in HTML": {"status": 502, "html": True},
    "200 in HTML": {"status": 200, "html": True},
    "500": {"kind": "server-error"},
    "429": {"status": 429, "kind": "rate-limit"},
    "429 with Retry-After": {"status": 429, "kind": "rate-limit", "retry_after": 7},
    "body cut": {"truncate": "cut"},
    "half a body": {"truncate": "short"},
    "cut before": {"cut": "before"},
    "cut after": {"cut": "after"},
    "500 after the effect": {"status": 500, "kind": "server-error", "applied": True},
}
# What is not tried again within a cycle.
FINAL: dict[str, Fault] = {"quota": {"kind": "quota"}, "no permission": {"kind": "forbidden"}}
# Cousins of the others: told apart by little more than their words.
COUSINS = {"503 without a body", "200 in HTML", "500", "429", "body cut", "half a body", "cut before", "no permission"}
# What a cycle asks for after the meetings, and without which no verdict is whole.
LATE = {"salesforce": "FROM EventRelation", "hubspot": "/notes/search"}
MEETINGS = {"salesforce": "events", "hubspot": "meetings"}


def cases(faults: dict[str, Fault]) -> list[Any]:
    return [
        pytest.param(crm, fault, id=f"{crm}, {name}", marks=[pytest.mark.slow] if name in COUSINS else [])
        for crm in CRMS
        for name, fault in faults.items()
    ]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both CRMs, one live cycle behind them."""
    with rehearsal(tmp_path_factory.mktemp("reads"), accounts=25, touches_per_account=20, rate_limits=False) as stage:
        stage.live()
        stage.holdfast("run")
        yield stage


@pytest.fixture(scope="module")
def late(synced: Rehearsal) -> dict[str, int]:
    return {crm: requests_before(synced, crm, words) for crm, words in LATE.items()}


def cancel_meetings(stage: Rehearsal, crm: str) -> None:
    """News that moves the numbers of verdicts: some more meetings did not take place."""
    if crm == "salesforce":
        held = [one for one in stage.records(crm, "Event") if not one["Subject"].startswith("Cancelled:")]
        for record in held[:: max(1, len(held) // 4)]:
            stage.patch_record(crm, "Event", record["Id"], {"Subject": f"Cancelled: {record['Subject']}"})
    else:
        held = [one for one in stage.records(crm, "meetings") if one["properties"]["hs_meeting_outcome"] != "CANCELED"]
        for record in held[:: max(1, len(held) // 4)]:
            stage.patch_record(crm, "meetings", record["id"], {"hs_meeting_outcome": "CANCELED"})


def requests_before(stage: Rehearsal, crm: str, words: str) -> int:
    """How many requests a quiet cycle sends before the first one that has these words in its path or query."""
    stage.faults()
    stage.forget_journal()
    stage.cycle(crm)
    asked = [unquote_plus(f"{one['path']}?{one['query']}") for one in stage.get("journal")["requests"]]
    return next(number for number, what in enumerate(asked) if words in what)


@pytest.mark.parametrize(("crm", "fault"), cases(FAULTS | FINAL))
def test_a_stream_that_does_not_arrive_whole_clears_nothing(
    synced: Rehearsal, late: dict[str, int], crm: str, fault: Fault
) -> None:
    before = synced.kept(crm), synced.our_tasks(crm), synced.our_fields(crm)
    cancel_meetings(synced, crm)
    synced.forget_journal()
    # Five failures end one stream; everything after it goes through, up to the writing.
    synced.faults({"crm": crm, "after": late[crm], "first": 5, **fault})
    report = synced.cycle(crm)
    assert report.pulled[MEETINGS[crm]].complete
    assert not all(pulled.complete for pulled in report.pulled.values())
    assert_one_line_each(report.causes, crm)
    assert synced.writes() == []
    assert (synced.kept(crm), synced.our_tasks(crm), synced.our_fields(crm)) == before


@pytest.mark.parametrize("crm", CRMS)
def test_after_the_faults_one_good_run_comes_to_what_a_store_without_faults_comes_to(
    synced: Rehearsal, crm: str
) -> None:
    synced.faults()
    before = synced.kept(crm)["verdicts"]
    assert synced.cycle(crm).causes == []
    after = synced.kept(crm)["verdicts"]
    synced.set(HOLDFAST__STORE__URL="sqlite:///undisturbed.db")
    synced.holdfast("run", "--dry-run", "--connection", crm)
    synced.set(HOLDFAST__STORE__URL="sqlite:///holdfast.db")
    assert after == synced.kept(crm, store="undisturbed.db")["verdicts"]
    assert after != before


@pytest.mark.parametrize(("crm", "fault"), cases(FAULTS))
def test_what_passes_within_a_cycle_is_not_noticed(synced: Rehearsal, crm: str, fault: Fault) -> None:
    synced.faults({"crm": crm, "write": False, "after": 4, "every": 3, "first": 3, **fault})
    synced.set(HOLDFAST__STORE__URL="sqlite:///patient.db")
    report = synced.cycle(crm)
    synced.set(HOLDFAST__STORE__URL="sqlite:///holdfast.db")
    assert report.errors == []
    assert all(pulled.complete for pulled in report.pulled.values())
    # A pause ends at a moment: what is left of it when it is taken is less by the time of the taking.
    assert synced.slept > 3 * fault.get("retry_after", 0) - 0.1


def test_a_salesforce_token_that_expires_in_mid_paging_is_renewed(synced: Rehearsal) -> None:
    synced.faults({"crm": "salesforce", "operation": "query-more", "first": 1, "kind": "token-expired"})
    synced.set(HOLDFAST__STORE__URL="sqlite:///renewed.db")
    report = synced.cycle("salesforce")
    synced.set(HOLDFAST__STORE__URL="sqlite:///holdfast.db")
    assert report.errors == []


@pytest.mark.parametrize("crm", CRMS)
def test_slow_answers_are_waited_for(synced: Rehearsal, crm: str) -> None:
    synced.faults({"crm": crm, "delay_ms": 20})
    assert synced.cycle(crm).errors == []


@pytest.mark.parametrize("crm", CRMS)
def test_one_crm_without_quota_is_one_line_and_the_other_goes_on(
    synced: Rehearsal, late: dict[str, int], crm: str
) -> None:
    other = CRMS[1 - CRMS.index(crm)]
    synced.faults({"crm": crm, "after": late[crm], "kind": "quota"})
    lines = synced.told("run", status=1)
    assert_one_line_each(lines, crm)
    assert len(lines) == 1
    status = synced.json("status")["connections"]
    assert status[crm]["last_cycle"]["error"] == lines[0]
    assert status[other]["last_cycle"]["error"] == ""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rehearsal, dict[str, Any]]]:
    """A small company before its first cycle, and what an undisturbed first cycle makes of it."""
    with rehearsal(tmp_path_factory.mktemp("writes"), accounts=25, touches_per_account=20, rate_limits=False) as stage:
        stage.live()
        stage.holdfast("run")
        yield stage, {crm: (stage.open_tasks(crm), stage.our_fields(crm)) for crm in CRMS}


@pytest.mark.parametrize("lasting", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["once", "lasting"])
@pytest.mark.parametrize(("crm", "fault"), cases(FAULTS | FINAL))
def test_a_write_that_goes_wrong_is_made_good_by_the_next_run_and_never_doubled(
    fresh: tuple[Rehearsal, dict[str, Any]], crm: str, fault: Fault, *, lasting: bool
) -> None:
    stage, undisturbed = fresh
    stage.begin_again()
    stage.faults({"crm": crm, "write": True, **({} if lasting else {"first": 1}), **fault})
    report = stage.cycle(crm)
    if report.causes:
        assert_one_line_each(report.causes, crm)
    stage.faults()
    again = stage.cycle(crm)
    assert again.errors == []
    assert again.held_back == 0
    keys = [one["key"] for one in stage.our_tasks(crm)]
    assert len(keys) == len(set(keys))
    assert (stage.open_tasks(crm), stage.our_fields(crm)) == undisturbed[crm]
    stage.forget_journal()
    assert stage.cycle(crm).errors == []
    assert stage.writes() == []


@pytest.mark.parametrize("crm", CRMS)
def test_a_lost_answer_to_the_second_of_two_writes_doubles_nothing(
    fresh: tuple[Rehearsal, dict[str, Any]], crm: str
) -> None:
    stage, undisturbed = fresh
    stage.begin_again()
    stage.faults({"crm": crm, "write": True, "after": 1, "cut": "after"})
    stage.cycle(crm)
    stage.faults()
    stage.cycle(crm)
    assert (stage.open_tasks(crm), stage.our_fields(crm)) == undisturbed[crm]


@pytest.mark.parametrize(("crm", "words"), [("salesforce", "FROM Opportunity "), ("hubspot", "/deals?")])
def test_without_the_deals_nobody_is_taken_for_no_customer_and_no_task_is_closed(
    fresh: tuple[Rehearsal, dict[str, Any]], crm: str, words: str
) -> None:
    stage, undisturbed = fresh
    stage.begin_again()
    stage.cycle(crm)
    # A lost store: what is key now rests on the deals, and the tasks are known from the CRM alone.
    stage.forget_store()
    deals = requests_before(stage, crm, words)
    stage.forget_store()
    stage.faults({"crm": crm, "after": deals, "first": 5, "kind": "server-error"})
    stage.forget_journal()
    report = stage.cycle(crm)
    assert [name for name, one in report.pulled.items() if not one.complete] in (["opportunities"], ["deals"])
    assert stage.writes() == []
    stage.faults()
    assert stage.cycle(crm).written["closed"] == 0
    assert (stage.open_tasks(crm), stage.our_fields(crm)) == undisturbed[crm]


def assert_one_line_each(lines: list[str], crm: str) -> None:
    assert lines
    for line in lines:
        assert "\n" not in line
        assert crm in line
        assert "Traceback" not in line
    assert len(lines) == len(set(lines))
