"""The connector against the sandbox's Salesforce: loads, increments, broken pulls and writes, over real sockets."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connectors.errors import AuthError, ConnectorError, QuotaError
from connectors.protocol import (
    Ambiguous,
    CloseTask,
    Connector,
    CreateTask,
    Cursor,
    Done,
    Rejected,
    SetFields,
    TaskContent,
    TaskState,
    UpdateTask,
)
from connectors.salesforce.connector import SalesforceConnector
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_org import UNREAD, Org, Remembered, load, pulled, rows

HOUR = 3600
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def served() -> Iterator[Org]:
    org = Org(Sandbox(accounts=25, touches_per_account=20))
    yield org
    org.close()


@pytest.fixture
def org(served: Org) -> Org:
    """One org for all tests, each an hour after the one before: what those did lies behind the look-back."""
    served.faults()
    served.advance(HOUR)
    served.control("DELETE", "journal")
    return served


def content(assignee: str, subject: str = "Introduce a colleague") -> TaskContent:
    return TaskContent(
        assignee_id=assignee,
        subject=subject,
        body="41 of 43 days\nare Jana's",
        due_on=date(2026, 12, 1),
        severity="high",
    )


def new_task(org: Org, assignee: str = "", account: dict[str, Any] | None = None) -> CreateTask:
    """A task that no other test has."""
    account = account or org.records("Account")[0]
    return CreateTask(
        key=f"hf1:{account['Id']}:owner:{next(NUMBERS)}",
        account_id=account["Id"],
        contact_id=None,
        content=content(assignee or account["OwnerId"]),
    )


def created(org: Org, connector: Connector) -> tuple[CreateTask, TaskState]:
    change = new_task(org)
    ((_, outcome),) = connector.apply([change])
    assert isinstance(outcome, Done)
    assert outcome.task is not None
    return change, outcome.task


def test_a_first_load_brings_everything_once(org: Org) -> None:
    loaded = load(org.connect())
    for stream, table, object_name in [
        ("users", "users", "User"),
        ("accounts", "accounts", "Account"),
        ("contacts", "contacts", "Contact"),
        ("account_contact_relations", "contact_roles", "AccountContactRelation"),
        ("opportunities", "deals", "Opportunity"),
        ("email_messages", "activities", "EmailMessage"),
    ]:
        living = {record["Id"] for record in org.records(object_name) if not record.get("IsDeleted")}
        assert rows(loaded[stream], table).keys() == living
    meetings = {record["Id"] for record in org.records("Event") if not record["IsChild"]}
    assert rows(loaded["events"], "activities").keys() == meetings
    tasks = [record for record in org.records("Task") if not record["Holdfast_Key__c"]]
    others = {record["Id"] for record in tasks if record["TaskSubtype"] != "Email"}
    assert rows(loaded["tasks"], "activities").keys() == others
    assert sum(len(page.set_aside) for pages in loaded.values() for page in pages) == 0


def test_an_unchanged_second_pull_costs_three_calls_an_object_at_most(org: Org) -> None:
    loaded = load(org.connect())
    again = org.connect()
    again.capabilities()
    for stream, pages in loaded.items():
        before = again.api_calls
        (page,) = pulled(again, stream, pages[-1].cursor)
        assert page.records == 0
        assert again.api_calls - before <= 2  # the describes of Task and Account came before


def test_an_increment_with_500_changes_costs_three_calls_an_object_at_most(org: Org) -> None:
    loaded = load(org.connect())
    org.advance(HOUR)
    changed = {"Task": "Subject", "EmailMessage": "Subject", "Event": "Location"}
    for object_name, field in changed.items():
        for record in org.records(object_name)[:170]:
            if not record["IsDeleted"]:
                org.control("PATCH", f"records/salesforce/{object_name}/{record['Id']}", {field: "changed"})
    org.control("DELETE", "journal")
    again, known = org.connect(), Remembered()
    again.capabilities()
    for stream, pages in loaded.items():
        known.keep(pulled(again, stream, pages[-1].cursor, known))
    journal = org.control("GET", "journal")["requests"]
    for object_name in changed:
        about = [one for one in journal if f"/{object_name}/" in one["path"] or f"+FROM+{object_name}+" in one["query"]]
        assert 0 < len(about) <= 3, object_name


def test_changes_and_deletions_arrive_with_the_next_pull(org: Org) -> None:
    loaded = load(org.connect())
    org.advance(HOUR)
    moved, dropped = org.records("Contact")[:2]
    org.control("PATCH", f"records/salesforce/Contact/{moved['Id']}", {"Title": "Chief Executive Officer"})
    org.control("DELETE", f"records/salesforce/Contact/{dropped['Id']}")
    (page,) = pulled(org.connect(), "contacts", loaded["contacts"][-1].cursor)
    assert rows([page], "contacts")[moved["Id"]]["title"] == "Chief Executive Officer"
    assert page.gone["contacts"] == [dropped["Id"]]


def test_a_role_that_was_taken_away_is_gone_although_no_query_shows_it(org: Org) -> None:
    deal, person = org.records("Opportunity")[0], org.records("Contact")[0]
    values = {"OpportunityId": deal["Id"], "ContactId": person["Id"], "Role": "Executive Sponsor"}
    role = org.control("POST", "records/salesforce/OpportunityContactRole", values)
    pages = pulled(org.connect(), "opportunity_contact_roles")
    assert rows(pages, "contact_roles")[role["Id"]]["roles"] == "executive-sponsor"
    org.advance(HOUR)
    org.control("DELETE", f"records/salesforce/OpportunityContactRole/{role['Id']}")
    org.advance(120)  # the log of deletions goes by whole minutes
    (page,) = pulled(org.connect(), "opportunity_contact_roles", pages[-1].cursor)
    assert page.gone["contact_roles"] == [role["Id"]]


def test_what_people_do_arrives_as_activity(org: Org) -> None:
    loaded = load(org.connect())
    org.advance(HOUR)
    rep = next(
        user for user in org.records("User") if user["IsActive"] and user["Username"] != "holdfast@sandbox.example"
    )
    person = next(record for record in org.records("Contact") if record["AccountId"])
    for do in ("log_call", "log_email", "hold_meeting"):
        org.control("POST", "act", {"crm": "salesforce", "who": rep["Email"], "do": do, "contact": person["Email"]})
    connector = org.connect()
    (emails,) = pulled(connector, "email_messages", loaded["email_messages"][-1].cursor)
    (tasks,), (events,), (relations,) = (
        pulled(connector, stream, loaded[stream][-1].cursor, Remembered([emails]))
        for stream in ("tasks", "events", "event_relations")
    )
    (call,), (meeting,), (email,) = (page.rows["activities"] for page in (tasks, events, emails))
    assert (call["kind"], call["outcome"]) == ("call", "held")
    assert (meeting["kind"], email["kind"]) == ("meeting", "email")
    told = {(row["side"], row["target"]) for page in (tasks, events, relations, emails) for row in page.links[0].rows}
    assert told >= {("ours", rep["Id"]), ("theirs", person["Id"]), ("about", person["AccountId"])}
    assert told >= {("ours", rep["Email"].lower()), ("theirs", person["Email"].lower())}


def in_small_pages(org: Org) -> SalesforceConnector:
    connector = SalesforceConnector("acme", org.settings(), pause=lambda _: None)
    connector._client.transport.headers["Sforce-Query-Options"] = "batchSize=200"
    return connector


def test_a_pull_that_dies_after_every_page_loses_nothing(org: Org) -> None:
    whole = [row["id"] for page in pulled(org.connect(), "email_messages") for row in page.rows["activities"]]
    seen: list[str] = []
    cursor: Cursor | None = None
    last, deaths = False, 0
    while not last:
        page = next(iter(in_small_pages(org).pull("email_messages", cursor, UNREAD)))
        seen += [row["id"] for row in page.rows["activities"]]
        cursor, last, deaths = page.cursor, page.last, deaths + 1
    assert deaths > 2
    assert seen == whole


@pytest.mark.parametrize(
    "fault",
    [
        {"operation": "query-more", "kind": "token-expired", "first": 1},
        {"operation": "query-more", "kind": "unavailable", "first": 2},
        {"operation": "query-more", "status": 420, "html": True, "first": 1},
        {"operation": "query-more", "truncate": "cut", "first": 1},
        {"operation": "query-more", "truncate": "short", "first": 1},
        {"operation": "query-more", "cut": "before", "first": 1},
        {"operation": "token", "kind": "unavailable", "first": 1},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
def test_a_fault_in_the_middle_of_a_load_is_survived(org: Org, fault: dict[str, Any]) -> None:
    whole = rows(pulled(org.connect(), "email_messages"), "activities").keys()
    org.faults(fault)
    assert rows(pulled(in_small_pages(org), "email_messages"), "activities").keys() == whole


def test_an_expired_token_costs_one_login(org: Org) -> None:
    connector = org.connect()
    connector.server_now()
    org.control("DELETE", "journal")
    org.faults({"operation": "query", "kind": "token-expired", "first": 1})
    pulled(connector, "accounts")
    assert org.served("token") == 1


def test_a_quota_that_runs_out_leaves_a_cursor_to_go_on_from(org: Org) -> None:
    whole = rows(pulled(org.connect(), "email_messages"), "activities").keys()
    org.faults({"operation": "query-more", "after": 1, "kind": "quota"})
    pages = in_small_pages(org).pull("email_messages", None, UNREAD)
    arrived = [next(pages), next(pages)]
    with pytest.raises(QuotaError, match="24 hours"):
        next(pages)
    org.faults()
    rest = pulled(org.connect(), "email_messages", arrived[-1].cursor)
    assert rows(arrived + rest, "activities").keys() == whole


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"consumer_key": "3MVGother"}, "consumer key"),
        ({"username": "nobody@acme.example"}, "Permitted Users"),
        ({"auth": "client-credentials", "client_id": "3MVGother", "client_secret": "x"}, "consumer key"),
    ],
    ids=["app", "user", "client"],
)
def test_wrong_credentials_end_in_one_line_with_the_remedy(org: Org, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(AuthError, match=told) as caught:
        org.connect(**changes).server_now()
    assert "\n" not in str(caught.value)


def test_client_credentials_log_in_too(org: Org) -> None:
    logins = org.sandbox.salesforce.logins
    connector = org.connect(
        auth="client-credentials", client_id=logins.consumer_key, client_secret=logins.client_secret
    )
    assert abs((connector.server_now() - org.sandbox.clock.now()).total_seconds()) < 5
    assert connector.api_left is None or connector.api_left > 0


def test_a_bare_org_has_no_capabilities_and_can_be_read() -> None:
    bare = Org(Sandbox(accounts=3, bare=True))
    connector = bare.connect()
    assert connector.capabilities().account_fields == frozenset()
    assert not connector.capabilities().task_key_unique
    assert rows(load(connector)["accounts"], "accounts").keys() == {record["Id"] for record in bare.records("Account")}
    with pytest.raises(ConnectorError, match="holdfast provision"):
        connector.find_tasks(["hf1:x"])
    bare.close()


def test_a_task_is_created_once_however_often_it_is_sent(org: Org) -> None:
    connector = org.connect()
    change, task = created(org, connector)
    assert (task.key, task.status, task.body) == (change.key, "open", change.content.body)
    org.advance(60)
    ((_, again),) = connector.apply([change])
    assert isinstance(again, Done)
    assert again.task is not None
    assert again.task.id == task.id
    assert [record["Priority"] for record in org.records("Task") if record["Holdfast_Key__c"] == task.key] == ["High"]


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_lost_answer_is_ambiguous_and_looking_up_tells(org: Org, cut: str) -> None:
    connector = org.connect()
    change = new_task(org)
    org.faults({"operation": "collections-upsert", "cut": cut, "first": 1})
    ((_, outcome),) = connector.apply([change])
    assert isinstance(outcome, Ambiguous)
    assert set(connector.find_tasks([change.key])) == ({change.key} if cut == "after" else set())


def test_a_locked_row_goes_through_later_and_its_neighbours_at_once(org: Org) -> None:
    connector = org.connect()
    first, second = org.records("Account")[:2]
    org.faults(
        {
            "operation": "collections-update",
            "first": 2,
            "rows": {"match": {"Id": first["Id"]}, "code": "UNABLE_TO_LOCK_ROW"},
        }
    )
    changes = [SetFields(account_id=record["Id"], fields={"risk": 40}) for record in (first, second)]
    outcomes = list(connector.apply(changes))
    assert [change.account_id for change, _ in outcomes] == [second["Id"], first["Id"]]
    assert all(isinstance(outcome, Done) for _, outcome in outcomes)
    assert {record["Holdfast_Risk__c"] for record in org.records("Account")[:2]} == {40}


def test_a_refused_row_brings_the_orgs_own_words(org: Org) -> None:
    connector = org.connect()
    ((_, outcome),) = connector.apply([new_task(org, assignee="005000000000000AAA")])
    assert isinstance(outcome, Rejected)
    assert outcome.code
    assert outcome.message


def test_an_update_sends_what_is_named_and_a_close_ends_the_task(org: Org) -> None:
    connector = org.connect()
    (one, first), (two, second) = created(org, connector), created(org, connector)
    update = UpdateTask(
        key=one.key,
        task_id=first.id,
        account_id=one.account_id,
        changed={"subject": "Anew", "due_on": date(2027, 1, 4)},
    )
    close = CloseTask(key=two.key, task_id=second.id, account_id=two.account_id, reason="cleared", body="Cleared.")
    (_, updated), (_, closed) = connector.apply([update, close])
    assert isinstance(updated, Done)
    assert isinstance(closed, Done)
    assert updated.task is not None
    assert closed.task is not None
    assert (updated.task.subject, updated.task.due_on, updated.task.body) == ("Anew", date(2027, 1, 4), first.body)
    assert (closed.task.status, closed.task.body) == ("completed", "Cleared.")


@pytest.mark.parametrize(
    ("do", "status"), [("complete_task", "completed"), ("delete_task", "deleted"), ("defer_task", "deferred")]
)
def test_what_a_rep_does_with_our_task_comes_back(org: Org, do: str, status: str) -> None:
    connector = org.connect()
    change, task = created(org, connector)
    cursor = pulled(connector, "our_tasks")[-1].cursor
    others = pulled(connector, "tasks")[-1].cursor
    rep = next(user for user in org.records("User") if user["Id"] == change.content.assignee_id)
    org.advance(HOUR)
    org.control("POST", "act", {"crm": "salesforce", "who": rep["Email"], "do": do, "task": change.key})
    (page,) = pulled(org.connect(), "our_tasks", cursor)
    row = rows([page], "crm_tasks")[task.id]
    assert (row["status"], row["subject"]) == (status, task.subject)
    assert (row["ended_at"] is not None) == (status != "deferred")
    assert [page.rows["activities"] for page in pulled(org.connect(), "tasks", others)] == [[]]
    assert connector.find_tasks([change.key])[change.key].status == status


def test_our_fields_come_back_as_they_were_written_and_can_be_emptied(org: Org) -> None:
    connector = org.connect()
    account = org.records("Account")[0]["Id"]
    written = {"risk": 72, "risk_level": "at risk", "next_exec_due": date(2026, 12, 1), "coverage": "1x3"}

    def seen() -> Callable[[str], Any]:
        return rows(pulled(org.connect(), "accounts"), "accounts")[account]["ours"].get

    assert [type(outcome) for _, outcome in connector.apply([SetFields(account_id=account, fields=written)])] == [Done]
    ours = seen()
    assert (ours("risk"), ours("risk_level"), ours("next_exec_due")) == (72, "at risk", "2026-12-01")
    list(connector.apply([SetFields(account_id=account, fields={"risk": None})]))
    assert (seen()("risk"), seen()("coverage")) == (None, "1x3")


def test_five_hundred_changes_go_in_as_few_requests_as_the_api_allows(org: Org) -> None:
    connector = org.connect()
    accounts = org.records("Account")
    changes = [
        CreateTask(
            key=f"hf1:many:{next(NUMBERS)}",
            account_id=accounts[number % len(accounts)]["Id"],
            contact_id=None,
            content=content(accounts[0]["OwnerId"]),
        )
        for number in range(500)
    ]
    outcomes = list(connector.apply(changes))
    assert all(isinstance(outcome, Done) and outcome.task for _, outcome in outcomes)
    assert org.served("collections-upsert") == 3
    assert connector.api_calls == 1 + 1 + 3 + 1  # login, the org's words, three writes and what they became


@pytest.mark.slow
def test_ten_thousand_tasks_are_looked_for_and_written_in_fifty_five_calls() -> None:
    org = Org(Sandbox(accounts=25, touches_per_account=0))
    connector = org.connect()
    connector.capabilities()  # as every cycle asks before it plans
    org.control("DELETE", "journal")
    changes = [new_task(org, account=org.records("Account")[number % 25]) for number in range(25)]
    many = [replace(changes[number % 25], key=f"{changes[number % 25].key}:{number}") for number in range(10_000)]
    assert connector.find_tasks([change.key for change in many]) == {}
    outcomes = [outcome for _, outcome in connector.apply(many)]
    assert {type(outcome) for outcome in outcomes} == {Done}
    assert len({outcome.task.id for outcome in outcomes if isinstance(outcome, Done) and outcome.task}) == 10_000
    assert len(org.control("GET", "journal")["requests"]) <= 55
    assert org.served("collections-upsert") == 50
    org.close()
