"""What an org refuses row by row: locks, validation rules, inactive owners, no room. Each costs its row alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from connectors.errors import RejectedError
from connectors.protocol import Change, CreateTask, Done, Outcome, Rejected, SetFields, TaskContent, UpdateTask
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_org import Org

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def served() -> Iterator[Org]:
    org = Org(Sandbox(accounts=6, touches_per_account=5))
    yield org
    org.close()


@pytest.fixture
def org(served: Org) -> Org:
    served.faults()
    served.set_up(validations=[], updates_inactive_owners=True)
    served.control("DELETE", "journal")
    return served


def active(org: Org) -> str:
    return next(str(user["Id"]) for user in org.records("User") if user["IsActive"])


def task(org: Org, account: dict[str, Any], subject: str = "Introduce a colleague", owner: str = "") -> CreateTask:
    content = TaskContent(
        assignee_id=owner or active(org), subject=subject, body="why", due_on=date(2026, 12, 1), severity="high"
    )
    key = f"hf1:refused:owner:{next(NUMBERS)}"
    return CreateTask(key=key, account_id=account["Id"], contact_id=None, content=content)


def applied(org: Org, *changes: Change) -> dict[str, Outcome]:
    told = {}
    for change, outcome in org.connect().apply(changes):
        name = change.account_id if isinstance(change, SetFields) else change.key
        assert name not in told
        told[name] = outcome
    return told


def keys(org: Org) -> list[str]:
    return [row["Holdfast_Key__c"] for row in org.records("Task") if row["Holdfast_Key__c"]]


def test_a_locked_account_holds_up_its_own_tasks_alone_and_each_is_made_once(org: Org) -> None:
    locked, free = org.records("Account")[:2]
    changes = [task(org, locked), task(org, locked), task(org, free)]
    org.set_up(lock=[{"id": locked["Id"], "times": 3}])
    told = applied(org, *changes)
    assert next(iter(told)) == changes[2].key
    assert {type(outcome) for outcome in told.values()} == {Done}
    assert sorted(key for key in keys(org) if key in told) == sorted(told)


def test_a_record_that_stays_locked_is_given_up_after_five_attempts(org: Org) -> None:
    locked, free = org.records("Account")[:2]
    org.set_up(lock=[{"id": locked["Id"], "times": 1000}])
    changes = [SetFields(account_id=each["Id"], fields={"risk": 11}) for each in (locked, free)]
    told = applied(org, *changes)
    assert isinstance(told[free["Id"]], Done)
    refused = told[locked["Id"]]
    assert isinstance(refused, Rejected)
    assert refused.code == "UNABLE_TO_LOCK_ROW"
    assert org.served("collections-update") == 5
    org.set_up(lock=[{"id": locked["Id"], "times": 0}])


def test_a_validation_rule_refuses_its_row_in_the_orgs_own_words(org: Org) -> None:
    account = org.records("Account")[0]
    message = "Tasks must not be shouted."
    org.set_up(validations=[{"object": "Task", "field": "Subject", "pattern": "^[A-Z ]+$", "message": message}])
    loud, calm = task(org, account, "CALL THEM"), task(org, account)
    told = applied(org, loud, calm)
    assert told[loud.key] == Rejected(code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message=message)
    assert isinstance(told[calm.key], Done)
    assert loud.key not in keys(org)
    assert org.served("collections-upsert") == 1  # no second try of what the customer's rule forbids


def test_a_validation_rule_sees_what_an_update_leaves_as_it_is(org: Org) -> None:
    made = task(org, org.records("Account")[0], "Old words")
    done = applied(org, made)[made.key]
    assert isinstance(done, Done)
    assert done.task is not None
    org.set_up(validations=[{"object": "Task", "field": "Subject", "pattern": "^Old", "message": "No old words."}])
    update = UpdateTask(
        key=made.key, task_id=done.task.id, account_id=made.account_id, changed={"due_on": date(2027, 1, 4)}
    )
    assert applied(org, update)[made.key] == Rejected(code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="No old words.")


def test_a_task_for_somebody_who_left_is_refused_by_name_so_that_somebody_else_may_get_it(org: Org) -> None:
    account = org.records("Account")[0]
    left = next(user["Id"] for user in org.records("User") if user["IsActive"] and user["Username"][:8] != "holdfast")
    org.control("PATCH", f"records/salesforce/User/{left}", {"IsActive": False})
    gone, fine = task(org, account, owner=left), task(org, account)
    told = applied(org, gone, fine)
    assert told[gone.key] == Rejected(
        code="INACTIVE_OWNER_OR_USER",
        message=f"operation performed with inactive user [{left}] as owner of task",
        unassignable=True,
    )
    assert isinstance(told[fine.key], Done)


def test_the_fields_of_an_account_whose_owner_left_may_be_out_of_reach(org: Org) -> None:
    orphaned, kept = org.records("Account")[:2]
    owner = next(
        user["Id"]
        for user in org.records("User")
        if user["IsActive"] and user["Username"][:8] != "holdfast" and user["Id"] != kept["OwnerId"]
    )
    org.control("PATCH", f"records/salesforce/Account/{orphaned['Id']}", {"OwnerId": owner})
    org.control("PATCH", f"records/salesforce/User/{owner}", {"IsActive": False})
    changes = [SetFields(account_id=each["Id"], fields={"risk": 12}) for each in (orphaned, kept)]
    assert {type(outcome) for outcome in applied(org, *changes).values()} == {Done}
    org.set_up(updates_inactive_owners=False)
    changes = [SetFields(account_id=each["Id"], fields={"risk": 13}) for each in (orphaned, kept)]
    told = applied(org, *changes)
    assert isinstance(told[kept["Id"]], Done)
    refused = told[orphaned["Id"]]
    assert isinstance(refused, Rejected)
    assert refused.code == "INACTIVE_OWNER_OR_USER"
    assert not refused.unassignable  # nobody was assigned anything


def test_an_org_without_room_ends_the_writing_with_the_remedy(org: Org) -> None:
    account = org.records("Account")[0]
    full = task(org, account, "Full")
    org.faults(
        {"operation": "collections-upsert", "rows": {"match": {"Subject": "Full"}, "code": "STORAGE_LIMIT_EXCEEDED"}}
    )
    outcomes = org.connect().apply([full, *(task(org, account) for _ in range(250))])
    told = [outcome for _, outcome in itertools.islice(outcomes, 200)]
    assert [type(outcome) for outcome in told].count(Rejected) == 1
    with pytest.raises(RejectedError, match="free data storage"):
        next(outcomes)
    assert org.served("collections-upsert") == 1
