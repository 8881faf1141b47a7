"""Activity that reaches its contact by a detour: by a lead, by a relation of its own, by the e-mail it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from connectors.protocol import Links, Page
from connectors.salesforce.leads import link
from connectors.sandbox.server import Sandbox
from sync.store.engine import open_engine
from sync.store.records import KnownRecords, save_page
from tests.connectors.salesforce_org import Org, Remembered, load, pulled, rows

HOUR = 3600


@pytest.fixture
def org() -> Iterator[Org]:
    one = Org(Sandbox(accounts=6, touches_per_account=10))
    yield one
    one.close()


def people(org: Org) -> tuple[dict[str, Any], dict[str, Any]]:
    """A rep, and a contact of an account."""
    rep = next(row for row in org.records("User") if row["IsActive"] and row["Username"][:8] != "holdfast")
    return rep, next(row for row in org.records("Contact") if row["AccountId"])


def make(org: Org, object_name: str, **values: Any) -> str:
    return str(org.control("POST", f"records/salesforce/{object_name}", values)["Id"])


def call(org: Org, who: str, owner: str) -> str:
    return make(org, "Task", WhoId=who, OwnerId=owner, Status="Completed", TaskSubtype="Call", Subject="Call")


def queries(org: Org) -> list[str]:
    journal = org.control("GET", "journal")["requests"]
    return [unquote_plus(entry["query"]) for entry in journal if entry["operation"] == "query"]


def linked_to(known: Remembered, activity: str) -> set[tuple[str, str]]:
    return {(side, target) for one, side, _, target in known.links if one == activity}


def increment(org: Org, cursors: dict[str, Any], known: Remembered) -> dict[str, Any]:
    """One more pull of every stream, in order; known afterwards."""
    connector = org.connect()
    told = {}
    for stream in connector.streams():
        told[stream.name] = pulled(connector, stream.name, cursors[stream.name], known)
        known.keep(told[stream.name])
        cursors[stream.name] = told[stream.name][-1].cursor
    return told


def loaded(org: Org) -> tuple[dict[str, Any], Remembered]:
    known = Remembered()
    return {stream: pages[-1].cursor for stream, pages in load(org.connect(), known).items()}, known


@pytest.mark.parametrize("leaving_links", [False, True], ids=["moved", "left on the lead"])
def test_a_call_with_a_lead_is_the_contacts_from_its_conversion_on(org: Org, leaving_links: bool) -> None:
    rep, person = people(org)
    lead = make(org, "Lead", LastName="Later", Company="New GmbH")
    told = call(org, lead, rep["Id"])
    cursors, known = loaded(org)
    assert ("theirs", person["Id"]) not in linked_to(known, told)
    org.advance(HOUR)
    org.control(
        "POST",
        "act",
        {
            "crm": "salesforce",
            "who": rep["Email"],
            "do": "convert_lead",
            "lead": lead,
            "account": person["AccountId"],
            "contact": person["Id"],
            "leaving_links": leaving_links,
        },
    )
    increment(org, cursors, known)
    assert linked_to(known, told) >= {("theirs", person["Id"]), ("about", person["AccountId"])}
    # And what somebody logs on the old lead later.
    org.advance(HOUR)
    late = call(org, lead, rep["Id"])
    increment(org, cursors, known)
    assert linked_to(known, late) >= {("theirs", person["Id"]), ("about", person["AccountId"])}


def test_a_lead_follows_its_contact_into_a_merge(org: Org) -> None:
    rep, person = people(org)
    winner = next(row for row in org.records("Contact") if row["Id"] != person["Id"])
    lead = make(org, "Lead", LastName="Later", Company="New GmbH")
    told = call(org, lead, rep["Id"])
    act = {"crm": "salesforce", "who": rep["Email"]}
    became = {"lead": lead, "account": person["AccountId"], "contact": person["Id"], "leaving_links": True}
    org.control("POST", "act", {**act, "do": "convert_lead", **became})
    org.advance(HOUR)  # the lead itself is out of the look-back's reach
    cursors, known = loaded(org)
    org.advance(HOUR)
    merged = {"object": "Contact", "winner": winner["Id"], "loser": person["Id"]}
    org.control("POST", "act", {**act, "do": "merge", **merged})
    increment(org, cursors, known)
    assert ("theirs", winner["Id"]) in linked_to(known, told)


def test_an_org_without_leads_or_shared_activities_lacks_nothing(org: Org) -> None:
    org.set_up(lack=["Lead", "TaskRelation"])
    found = load(org.connect())
    assert {stream: [page.records for page in found[stream]] for stream in ("leads", "task_relations")} == {
        "leads": [0],
        "task_relations": [0],
    }


def test_with_shared_activities_a_call_has_all_its_contacts_until_one_is_taken_away(org: Org) -> None:
    org.set_up(have=["TaskRelation"])
    rep, person = people(org)
    other = next(row for row in org.records("Contact") if row["Id"] != person["Id"])
    told = call(org, person["Id"], rep["Id"])
    relation = make(org, "TaskRelation", TaskId=told, RelationId=other["Id"])
    cursors, known = loaded(org)
    assert linked_to(known, told) >= {("theirs", person["Id"]), ("theirs", other["Id"])}
    org.advance(HOUR)
    org.control("DELETE", f"records/salesforce/TaskRelation/{relation}")
    increment(org, cursors, known)
    assert ("theirs", other["Id"]) not in linked_to(known, told)
    assert ("theirs", person["Id"]) in linked_to(known, told)


def test_an_e_mail_counts_once_and_no_call_is_spent_on_finding_out(org: Org) -> None:
    found = load(org.connect(bulk_above_rows=0))
    messages = rows(found["email_messages"], "activities")
    assert messages
    assert not [one for one in rows(found["tasks"], "activities").values() if one["kind"] == "email"]
    assert org.served("composite") == 0


def test_an_e_mail_whose_task_was_read_first_counts_once_from_the_next_pull_on(org: Org) -> None:
    rep, person = people(org)
    cursors, known = loaded(org)
    org.advance(HOUR)
    # Made between the pull of the messages and that of the tasks.
    connector = org.connect()
    cursors["email_messages"] = pulled(connector, "email_messages", cursors["email_messages"], known)[-1].cursor
    logged = {"crm": "salesforce", "who": rep["Email"], "do": "log_email", "contact": person["Email"]}
    (task,) = org.control("POST", "act", logged)["salesforce"]["Task"]
    tasks = pulled(connector, "tasks", cursors["tasks"], known)
    assert rows(tasks, "activities").keys() == {task}
    org.advance(HOUR)
    told = increment(org, cursors, known)
    assert [task] == [one for page in told["email_messages"] for one in page.gone["activities"]]
    org.advance(HOUR)
    org.control("PATCH", f"records/salesforce/Task/{task}", {"Subject": "Edited"})
    assert rows(increment(org, cursors, known)["tasks"], "activities") == {}


def test_subjects_and_texts_are_read_of_our_tasks_alone(org: Org) -> None:
    make(org, "Task", Subject="Private", Description="nobody's business")
    ours = make(org, "Task", Subject="Talk to Jane", Description="why", Holdfast_Key__c="hf1:a:owner:1")
    org.control("DELETE", "journal")
    found = load(org.connect())
    (row,) = rows(found["our_tasks"], "crm_tasks").values()
    assert (row["id"], row["subject"], row["body"]) == (ours, "Talk to Jane", "why")
    assert ours not in rows(found["tasks"], "activities")
    about_tasks = [query for query in queries(org) if " FROM Task " in query]
    (reads_text,) = [query for query in about_tasks if "Description" in query]
    assert "WHERE Holdfast_Key__c != null" in reads_text
    assert len(about_tasks) == 2


def test_without_access_to_the_key_there_are_no_tasks_of_ours_and_no_harm(org: Org) -> None:
    org.set_up(hide=["Task.Holdfast_Key__c"])
    cursor = pulled(org.connect(), "our_tasks")[-1].cursor
    org.set_up(show=["Task.Holdfast_Key__c"])
    task = make(org, "Task", Subject="Talk to Jane", Holdfast_Key__c="hf1:a:owner:1")
    assert rows(pulled(org.connect(), "our_tasks", cursor), "crm_tasks").keys() == {task}


def test_the_store_tells_where_links_come_from(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    rows = [
        link("00Ta", "theirs", "lead", "00Q1"),
        link("003a", "was", "lead", "00Q1"),
        link("00Ta", "about", "task", "x"),
    ]
    save_page(engine, "acme", "leads", Page(links=[Links(source="leads", rows=rows)]), cycle=1, now=datetime.now(UTC))
    many = [f"00Q{number}" for number in range(2000)]
    known = KnownRecords(engine, "acme", 1)
    assert sorted(known.linked("lead", many)) == [("003a", "was", "00Q1"), ("00Ta", "theirs", "00Q1")]
    assert list(known.linked("lead", ["00Q2"])) == []
    assert list(KnownRecords(engine, "other", 1).linked("lead", many)) == []
    engine.dispose()
