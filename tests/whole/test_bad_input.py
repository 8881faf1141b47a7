"""What operators, portals and people get wrong: told in one line each, and never a crash."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.whole.rehearsal import Rehearsal, rehearsal

CRMS = ["salesforce", "hubspot"]
NOWHERE = "http://127.0.0.1:1"  # a port where nothing ever listens
ABSURD = "9999-12-31T23:59:59Z"
NOBODY = {"salesforce": "005000000000000AAA", "hubspot": "999999"}
LONG = "Ünï😀" * 10_000


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both CRMs, nothing pulled."""
    with rehearsal(tmp_path_factory.mktemp("bad"), accounts=20, touches_per_account=15, rate_limits=False) as stage:
        yield stage


@pytest.fixture
def stage(running: Rehearsal) -> Iterator[Rehearsal]:
    """The same with its secrets and without a store, before and after a test that spoils something."""
    running.begin_again()
    running.sandbox.write_config(running.config)
    with pytest.MonkeyPatch.context() as running.patch:
        running.live()
        yield running


def another_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form).decode()


def assert_only_the_other_is_done(stage: Rehearsal, crm: str, *words: str) -> None:
    """One line that names the connection and says these words; the other connection's cycle is whole."""
    (line,) = stage.told("run", status=1)
    assert crm in line
    for word in words:
        assert word in line
    status = stage.json("status")["connections"]
    other = CRMS[1 - CRMS.index(crm)]
    assert status[other]["last_cycle"]["error"] == ""
    assert status[other]["tasks"]["open"] > 0
    assert status[crm]["tasks"] == {}


def test_a_wrong_private_key_is_one_line_with_the_remedy(stage: Rehearsal) -> None:
    (stage.config.parent / "sandbox-salesforce.pem").write_text(another_key())
    assert_only_the_other_is_done(stage, "salesforce", "private_key_file", "certificate")


def test_a_wrong_consumer_key_is_one_line_with_the_remedy(stage: Rehearsal) -> None:
    stage.set(HOLDFAST__CONNECTIONS__SALESFORCE__CONSUMER_KEY="3MVG9other")
    assert_only_the_other_is_done(stage, "salesforce", "consumer key", "External Client App")


def test_a_salesforce_session_that_no_login_keeps_alive_is_one_line(stage: Rehearsal) -> None:
    stage.faults({"crm": "salesforce", "path": "/services/data/", "kind": "token-expired"})
    assert_only_the_other_is_done(stage, "salesforce", "INVALID_SESSION_ID", "session policies")


def test_a_wrong_hubspot_token_is_one_line_with_the_remedy(stage: Rehearsal) -> None:
    (stage.config.parent / "sandbox-hubspot.token").write_text("pat-na1-revoked")
    assert_only_the_other_is_done(stage, "hubspot", "credentials", "Service Keys")


@pytest.mark.parametrize("crm", CRMS)
def test_credentials_that_are_revoked_in_mid_pull_end_it_and_clear_nothing(stage: Rehearsal, crm: str) -> None:
    stage.cycle(crm)
    before = stage.kept(crm)
    stage.faults({"crm": crm, "after": 5, "kind": "unauthorized"}, {"crm": crm, "after": 5, "kind": "token-expired"})
    report = stage.cycle(crm)
    stage.faults()
    assert len(report.causes) == 1
    assert stage.kept(crm) == before


@pytest.mark.parametrize("crm", CRMS)
def test_a_crm_that_cannot_be_reached_is_one_line_and_is_not_asked_for_every_stream(stage: Rehearsal, crm: str) -> None:
    stage.set(**{f"HOLDFAST__CONNECTIONS__{crm.upper()}__BASE_URL": NOWHERE})
    report = stage.cycle(crm)
    assert len(report.causes) == 1
    assert crm in report.causes[0]
    assert stage.slept < 20


BAD_RECORDS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "salesforce": [
        ("Contact", {"LastName": "Without an account", "AccountId": None}),
        ("Contact", {}),
        ("Contact", {"LastName": "<script>alert(1)</script> 😀", "AccountId": "001000000000000AAA"}),
        ("Event", {"StartDateTime": "1970-01-01T00:00:00Z", "EndDateTime": "1970-01-01T01:00:00Z"}),
        ("Event", {"StartDateTime": "9999-12-31T23:59:59Z", "EndDateTime": "9999-12-31T23:59:59Z"}),
        ("Task", {}),
        ("Task", {"Subject": "Without a date", "Status": "Completed"}),
        ("Task", {"TaskSubtype": "Call", "CallDurationInSeconds": -5, "Status": "Completed"}),
        ("Task", {"OwnerId": NOBODY["salesforce"], "ActivityDate": "9999-12-31", "Status": "Completed"}),
        ("EmailMessage", {"MessageDate": "2026-10-01T00:00:00Z", "FromAddress": None, "ToAddress": None}),
        ("Opportunity", {"Name": "Neither amount nor date", "StageName": "Closed Won"}),
        ("Account", {}),
        ("Account", {"Name": "<b>Ünï</b> 😀 \u202e\x00", "Customer_Since__c": "9999-12-31"}),
        ("AccountContactRelation", {}),
        ("OpportunityContactRole", {}),
        ("EventRelation", {}),
        ("User", {}),
    ],
    "hubspot": [
        ("contacts", {"email": "<>;,@@", "firstname": "<script>", "lastname": LONG[:60_000]}),
        ("contacts", {"email": "lost@nowhere.example", "associatedcompanyid": "999999999"}),
        ("companies", {"domain": "[", "holdfast_risk": "99999999999999999999"}),
        ("companies", {"name": LONG[:60_000], "customer_since": "9999-12-31"}),
        ("companies", {"name": "<b>\x00 \u202e</b>"}),
        ("deals", {"dealname": "Absurd", "dealstage": "closedwon", "amount": "-1e308", "closedate": ABSURD}),
        ("deals", {"dealname": "Neither amount nor date", "dealstage": "closedwon"}),
        ("calls", {"hs_timestamp": "1970-01-01T00:00:00Z", "hs_call_duration": "-5"}),
        ("calls", {"hs_timestamp": "9999-12-31T23:59:59Z"}),
        ("meetings", {"hs_timestamp": "2026-10-01T00:00:00Z", "hs_meeting_end_time": "1999-10-01T00:00:00Z"}),
        ("meetings", {"hs_timestamp": "2026-10-01T00:00:00Z", "hs_attendee_owner_ids": ";;x;1"}),
        ("communications", {"hs_timestamp": "0"}),
        ("notes", {"hs_timestamp": "2026-10-01T00:00:00Z", "hs_note_body": LONG}),
        ("tasks", {"hs_timestamp": "9999-12-31T23:59:59Z", "holdfast_key": "nonsense"}),
    ],
}
SET_ASIDE = {
    "salesforce": {"invitation without event or invitee": 1, "event without a start": 1},
    "hubspot": {"activity with an absurd time": 3},
}


@pytest.mark.parametrize("crm", CRMS)
def test_absurd_records_are_stored_or_counted_and_move_no_other_verdict(stage: Rehearsal, crm: str) -> None:
    for name, values in BAD_RECORDS[crm]:
        stage.post(f"records/{crm}/{name}", values)
    stage.holdfast("run", "--connection", crm)
    judged, truth = stage.judged(crm), stage.truth(crm)
    assert {key: judged[key] for key in truth} == truth
    assert {verdict for key, verdict in judged.items() if key not in truth} <= {"not_applicable"}
    streams = stage.json("status", "--connection", crm)["connections"][crm]["streams"]
    aside = sum((Counter(one["set_aside"]) for one in streams.values()), Counter[str]())
    assert aside == SET_ASIDE[crm]
    stage.forget_journal()
    for command in ("run", "plan", "report", "status"):
        stage.holdfast(command, "--connection", crm)
    assert stage.writes() == []


def test_an_outsized_plan_is_refused_and_nothing_is_sent(stage: Rehearsal) -> None:
    stage.set(HOLDFAST__LIMITS__MAX_NEW_TASKS_PER_RUN="1")
    lines = stage.told("run", status=3)
    assert [crm for crm, line in zip(CRMS, lines, strict=True) if line.startswith(crm) and "--accept" in line] == CRMS
    assert stage.writes() == []
    assert "limits.max_new_tasks_per_run" in stage.json("status")["connections"]["hubspot"]["last_cycle"]["error"]
    stage.holdfast("run", "--accept", "50")


def test_a_refusal_does_not_hide_what_failed_on_the_other_connection(stage: Rehearsal) -> None:
    stage.set(HOLDFAST__LIMITS__MAX_NEW_TASKS_PER_RUN="1")
    (stage.config.parent / "sandbox-hubspot.token").write_text("pat-na1-revoked")
    lines = stage.told("run", status=3)
    assert len(lines) == 2
    assert any("credentials" in line for line in lines)


def test_a_plan_that_no_longer_fits_is_refused_and_one_that_fits_is_applied(stage: Rehearsal) -> None:
    file = stage.config.parent / "plan.json"
    stage.holdfast("pull")
    stage.holdfast("plan", "--out", str(file))
    for task in json.loads(file.read_text())["changes"]:
        if task["op"] == "create_task" and task["connection"] == "salesforce":
            stage.patch_record("salesforce", "Account", task["account"]["id"], {"Name": "Renamed since"})
            break
    stage.holdfast("pull")
    stage.forget_journal()
    (line,) = stage.told("apply", str(file), status=3)
    assert "no longer fits" in line
    assert "plan --out" in line
    assert stage.writes() == []
    stage.holdfast("plan", "--out", str(file))
    stage.holdfast("apply", str(file))
    assert stage.our_tasks("salesforce")


@pytest.mark.parametrize("content", ["", "[]", "{}", "no JSON"])
def test_a_file_that_is_no_plan_is_one_line(stage: Rehearsal, content: str) -> None:
    file = stage.config.parent / "plan.json"
    file.write_text(content)
    (line,) = stage.told("apply", str(file), status=2)
    assert "plan --out" in line


def test_every_error_of_a_config_comes_at_once_and_nothing_is_attempted(stage: Rehearsal) -> None:
    text = stage.config.read_text().replace('access_token_file = "sandbox-hubspot.token"', 'acess_token = "x"')
    stage.config.write_text(f"{text}\n[rules.sole-rep]\ntop_share = 80\n\n[limts]\nbaseline = true\n")
    stage.forget_journal()
    lines = stage.told("run", status=2)
    for words in ("top_share: must be at most 1", "limts: unknown key", "acess_token: unknown key"):
        assert sum(words in line for line in lines) == 1, lines
    assert stage.get("journal")["requests"] == []


@pytest.mark.parametrize("command", ["run", "status", "plan"])
def test_a_config_that_is_not_there_is_one_line(tmp_path: Path, command: str) -> None:
    away = Rehearsal(url="", config=tmp_path / "away.toml", sandbox=None, patch=None)  # type: ignore[arg-type] # unused
    (line,) = away.told(command, status=2)
    assert "away.toml" in line
    assert "--config" in line


def test_an_account_that_nobody_knows_is_one_line(stage: Rehearsal) -> None:
    stage.holdfast("pull")
    (line,) = stage.told("explain", "Nobody & Sons", status=1)
    assert "Nobody & Sons" in line
    assert "holdfast report" in line


def test_a_connection_that_is_not_configured_is_one_line(stage: Rehearsal) -> None:
    (line,) = stage.told("run", "--connection", "pipedrive", status=2)
    assert "salesforce, hubspot" in line


@pytest.mark.parametrize("command", [("plan", "--out"), ("report", "--out")])
def test_an_output_that_cannot_be_written_is_one_line(stage: Rehearsal, command: tuple[str, str]) -> None:
    stage.holdfast("pull")
    occupied = stage.config / "below-a-file"
    (line,) = stage.told(*command, str(occupied), status=1)
    assert str(occupied) in line


def test_a_store_that_is_no_database_is_one_line(stage: Rehearsal) -> None:
    (stage.config.parent / "holdfast.db").write_text("no database at all, but long enough to look like one" * 100)
    (line,) = stage.told("run", status=1)
    assert "store" in line
    assert "store.url" in line


def test_a_store_whose_tables_somebody_dropped_is_one_line(stage: Rehearsal) -> None:
    stage.holdfast("pull")
    stage.sql("DROP TABLE cursors")
    (line,) = stage.told("run", status=1)
    assert line.startswith("store: the database refuses: no such table: cursors")
