"""What is known of writing to Salesforce (section 5 of the facts, and the echo of 4.1): see test_salesforce_facts.py."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date

import pytest

from connectors.protocol import Change, CloseTask, CreateTask, Done, Outcome, SetFields, TaskContent, TaskState
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_mirror import Mirror, SpoiltSandbox, mirrored
from tests.connectors.salesforce_org import pulled

HOUR = 3600
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with mirrored(tmp_path_factory.mktemp("writing"), accounts=4, touches_per_account=6) as one:
        yield one


@pytest.fixture
def mirror(kept: Mirror) -> Mirror:
    kept.org.advance(HOUR)
    kept.whole()
    kept.org.advance(HOUR)
    kept.org.control("DELETE", "journal")
    return kept


def task(mirror: Mirror, severity: str = "high") -> CreateTask:
    account = mirror.org.records("Account")[0]
    content = TaskContent(
        assignee_id=account["OwnerId"], subject="Introduce", body="why", due_on=date(2026, 12, 1), severity=severity
    )
    key = f"hf1:facts:owner:{next(NUMBERS)}"
    return CreateTask(key=key, account_id=account["Id"], contact_id=None, content=content)


def applied(mirror: Mirror, *changes: Change) -> list[Outcome]:
    return [outcome for _, outcome in mirror.connector().apply(changes)]


def written(outcome: Outcome) -> TaskState:
    assert isinstance(outcome, Done)
    assert outcome.task is not None
    return outcome.task


def test_4_1_our_own_writes_bring_their_accounts_back_and_change_nothing(mirror: Mirror) -> None:
    mark = task(mirror)
    # A closed task moves LastActivityDate, and with it the stamp of its account.
    made = written(applied(mirror, mark)[0])
    applied(mirror, CloseTask(key=mark.key, task_id=made.id, account_id=mark.account_id, reason="cleared", body=None))
    account = mirror.org.records("Account")[0]
    assert account["SystemModstamp"] > account["LastModifiedDate"]
    before = mirror.rows("accounts")
    pulled = mirror.whole()
    assert (pulled["accounts"].records, pulled["accounts"].changed) == (1, 0)
    assert mirror.rows("accounts") == before


def test_5_status_and_priority_are_the_orgs_own_words(mirror: Mirror) -> None:
    database = mirror.org.sandbox.salesforce.store.database
    renamed = [
        ("TaskStatus", "Erledigt", "Completed"),
        ("TaskPriority", "Hoch", "High"),
        ("TaskPriority", "Mittel", "Normal"),
    ]
    for name, theirs, ours in renamed:
        database.execute(
            f'UPDATE "{name}" SET "ApiName" = ?, "MasterLabel" = ? WHERE "ApiName" = ?', (theirs, theirs, ours)
        )
    try:
        urgent, usual = task(mirror), task(mirror, "low")
        first, second = (written(outcome) for outcome in applied(mirror, urgent, usual))
        close = CloseTask(key=urgent.key, task_id=first.id, account_id=urgent.account_id, reason="cleared", body=None)
        assert written(applied(mirror, close)[0]).status == "completed"
        told = {row["Id"]: row for row in mirror.org.records("Task")}
        assert (told[first.id]["Priority"], told[second.id]["Priority"]) == ("Hoch", "Mittel")
        assert told[first.id]["Status"] == "Erledigt"
    finally:
        for name, theirs, ours in renamed:
            database.execute(
                f'UPDATE "{name}" SET "ApiName" = ?, "MasterLabel" = ? WHERE "ApiName" = ?', (ours, ours, theirs)
            )


def test_5_every_request_says_who_sends_it_and_none_overrides_duplicate_rules(mirror: Mirror) -> None:
    sandbox: Sandbox = mirror.org.sandbox
    assert isinstance(sandbox, SpoiltSandbox)
    sandbox.heard.clear()
    mirror.whole()
    assert pulled(mirror.connector(bulk_above_rows=0), "contacts")[-1].last
    applied(mirror, task(mirror))
    assert mirror.org.served("bulk-results") == 1
    of_the_api = [each for each in sandbox.heard if each.get("authorization", "").startswith("Bearer ")]
    assert len(of_the_api) > 15
    assert {each.get("sforce-call-options") for each in of_the_api} == {"client=Holdfast"}
    # Neither duplicate rules nor assignment rules nor e-mails to users are meddled with.
    meddling = {"sforce-duplicate-rule-header", "sforce-auto-assign", "emailheader"}
    assert not [each for each in of_the_api if meddling & each.keys()]


def test_5_only_the_named_fields_of_an_account_are_written(mirror: Mirror) -> None:
    account = mirror.org.records("Account")[0]
    applied(mirror, SetFields(account_id=account["Id"], fields={"risk": 31, "coverage": "1x2"}))
    mine = mirror.org.sandbox.salesforce.integration_user
    after = mirror.org.records("Account")[0]
    moved = {name for name in after if after[name] != account[name]}
    assert moved - {"LastModifiedDate", "SystemModstamp", "LastModifiedById"} == {
        "Holdfast_Risk__c",
        "Holdfast_Coverage__c",
    }
    assert after["LastModifiedById"] == mine
