"""How a company is found in the sandbox's Salesforce, and what people do there afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.salesforce_served import Client, served


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with served() as one:
        yield one


@pytest.fixture
def fresh() -> Iterator[Client]:
    with served() as one:
        yield one


def test_accounts_count_as_made_when_they_became_customers(client: Client) -> None:
    rows = client.rows(
        "SELECT Name, CreatedDate, Type, Website, Customer_Since__c, LastActivityDate, Parent.Name FROM Account ORDER BY Name"
    )
    assert rows[0] == {
        "Name": "Acme GmbH",
        "CreatedDate": "2020-05-01T00:00:00.000+0000",
        "Type": "Customer - Direct",
        "Website": "https://www.acme.example",
        "Customer_Since__c": "2020-05-01",
        "LastActivityDate": "2026-10-26",
        "Parent": None,
    }
    assert rows[1]["CreatedDate"] == "2025-06-20T10:00:00.000+0000"
    assert rows[1]["Parent"]["Name"] == "Acme GmbH"


def test_an_email_is_a_message_with_its_people_and_a_task(client: Client) -> None:
    rows = client.rows(
        "SELECT Id, ActivityId, Incoming, FromAddress, ToAddress, CcAddress, MessageDate, RelatedToId, Status FROM EmailMessage ORDER BY MessageDate"
    )
    sent, received = rows
    assert (sent["Incoming"], sent["FromAddress"], sent["ToAddress"], sent["CcAddress"]) == (
        False,
        "jana.roth@seller.example",
        "carla@acme.example",
        "paul.hall@seller.example",
    )
    assert (received["Incoming"], received["FromAddress"], received["ToAddress"]) == (
        True,
        "carla@acme.example",
        "jana.roth@seller.example",
    )
    assert client.sandbox.salesforce.ids("t1") == [sent["ActivityId"], sent["Id"]]
    (task,) = client.rows(
        f"SELECT Subject, TaskSubtype, Status, WhoId, WhatId, OwnerId, ActivityDate FROM Task WHERE Id = '{sent['ActivityId']}'"
    )
    assert task == {
        "Subject": "Email: Offer",
        "TaskSubtype": "Email",
        "Status": "Completed",
        "WhoId": client.id_of("c1"),
        "WhatId": client.id_of("a1"),
        "OwnerId": client.id_of("u1"),
        "ActivityDate": "2026-10-23",
    }
    relations = client.rows(
        f"SELECT RelationType, RelationId, RelationObjectType FROM EmailMessageRelation WHERE EmailMessageId = '{sent['Id']}' ORDER BY Id"
    )
    assert [(row["RelationType"], row["RelationId"], row["RelationObjectType"]) for row in relations] == [
        ("FromAddress", client.id_of("u1"), "User"),
        ("ToAddress", client.id_of("c1"), "Contact"),
        ("CcAddress", client.id_of("u2"), "User"),
    ]


def test_a_call_is_a_closed_task_with_a_day_only(client: Client) -> None:
    (row,) = client.rows(
        "SELECT ActivityDate, CallDurationInSeconds, CallDisposition, CallType, IsClosed FROM Task WHERE TaskSubtype = 'Call'"
    )
    assert row == {
        "ActivityDate": "2026-10-25",
        "CallDurationInSeconds": 720,
        "CallDisposition": "connected",
        "CallType": "Outbound",
        "IsClosed": True,
    }


def test_a_meeting_has_a_child_for_every_further_user_and_relations_for_all_invited(client: Client) -> None:
    rows = client.rows(
        "SELECT Id, IsChild, IsGroupEvent, OwnerId, WhoId, StartDateTime, EndDateTime FROM Event WHERE Subject = 'Review' ORDER BY Id"
    )
    assert [(row["IsChild"], row["OwnerId"]) for row in rows] == [
        (False, client.id_of("u1")),
        (True, client.id_of("u2")),
    ]
    assert (rows[0]["StartDateTime"], rows[0]["EndDateTime"]) == (
        "2026-10-26T10:00:00.000+0000",
        "2026-10-26T10:45:00.000+0000",
    )
    assert rows[0]["WhoId"] == client.id_of("c1")
    relations = client.rows(
        f"SELECT RelationId, Status, IsInvitee FROM EventRelation WHERE EventId = '{rows[0]['Id']}' ORDER BY Id"
    )
    assert [row["RelationId"] for row in relations] == [client.id_of(each) for each in ("u2", "c1", "c2")]
    assert {row["Status"] for row in relations} == {"Accepted"}


def test_who_did_not_show_up_declined(client: Client) -> None:
    (event,) = client.rows("SELECT Id, IsArchived FROM Event WHERE IsArchived = true")
    (relation,) = client.rows(f"SELECT Status FROM EventRelation WHERE EventId = '{event['Id']}'")
    assert relation["Status"] == "Declined"


def test_a_note_is_a_completed_task(client: Client) -> None:
    (row,) = client.rows("SELECT Status, TaskSubtype, IsArchived, OwnerId FROM Task WHERE Subject = 'Met at the fair'")
    assert row == {"Status": "Completed", "TaskSubtype": "Task", "IsArchived": True, "OwnerId": client.id_of("u2")}


def test_roles_stand_on_the_relation_and_on_the_deal(client: Client) -> None:
    (row,) = client.rows("SELECT Roles, IsDirect, IsActive FROM AccountContactRelation WHERE Roles != null")
    assert row == {"Roles": "Decision Maker;Influencer", "IsDirect": True, "IsActive": True}
    (role,) = client.rows("SELECT Role, Opportunity.Name FROM OpportunityContactRole")
    assert (role["Role"], role["Opportunity"]["Name"]) == ("Decision Maker", "First")
    (left,) = client.rows("SELECT ContactId FROM AccountContactRelation WHERE IsActive = false")
    assert left["ContactId"] == client.id_of("c2")


def test_deals_are_won_lost_or_open(client: Client) -> None:
    rows = client.rows("SELECT Name, StageName, IsWon, IsClosed, Amount, CloseDate FROM Opportunity ORDER BY Name")
    assert [(row["Name"], row["StageName"], row["IsWon"], row["IsClosed"]) for row in rows] == [
        ("First", "Closed Won", True, True),
        ("Lost", "Closed Lost", False, True),
        ("Open", "Prospecting", False, False),
    ]
    assert (rows[0]["Amount"], rows[0]["CloseDate"]) == (1200.5, "2026-02-01")


def test_people_teams_and_tickets_are_there(client: Client) -> None:
    users = client.rows("SELECT Name, IsActive, Manager.Name, UserType FROM User ORDER BY CreatedDate, Name")
    assert {row["Name"]: row["IsActive"] for row in users} == {
        "Jana Roth": True,
        "Paul Hall": True,
        "Mia Keller": True,
        "Old Timer": False,
        "Holdfast Integration": True,
    }
    (member,) = client.rows("SELECT UserId, TeamMemberRole, CreatedDate FROM AccountTeamMember")
    assert member == {
        "UserId": client.id_of("u2"),
        "TeamMemberRole": "Sales Manager",
        "CreatedDate": "2025-01-01T00:00:00.000+0000",
    }
    (case,) = client.rows("SELECT Status, Priority, IsEscalated, IsClosed FROM Case")
    assert case == {"Status": "Escalated", "Priority": "High", "IsEscalated": True, "IsClosed": False}


def act(client: Client, **what: Any) -> Any:
    return client.control("POST", "act", json=what)


def our_task(client: Client, key: str = "hf1:x") -> str:
    return str(
        client.upsert(
            {"Holdfast_Key__c": key, "Subject": "Ours", "OwnerId": client.id_of("u1"), "WhatId": client.id_of("a1")}
        )[0]["id"]
    )


def test_a_rep_does_everything_one_can_do_with_a_task(fresh: Client) -> None:
    task, jana = our_task(fresh), fresh.id_of("u1")

    def told() -> dict[str, Any]:
        (row,) = fresh.rows(
            f"SELECT Status, OwnerId, Subject, Description, ActivityDate, LastModifiedById, IsDeleted FROM Task WHERE Id = '{task}'"
        )
        return row

    assert act(fresh, who="u1", do="edit_task", task="hf1:x", subject="Mine", body="new", due_on="2026-12-01") == {
        "salesforce": {"Task": [task]}
    }
    assert (
        told() | {"LastModifiedById": jana, "Subject": "Mine", "Description": "new", "ActivityDate": "2026-12-01"}
        == told()
    )
    act(fresh, who="jana.roth@seller.example", do="reassign_task", task=task, to="u2")
    assert told()["OwnerId"] == fresh.id_of("u2")
    act(fresh, who="u2", do="defer_task", task=task, until="2026-12-24")
    assert (told()["Status"], told()["ActivityDate"]) == ("Deferred", "2026-12-24")
    act(fresh, who=fresh.id_of("u2"), do="complete_task", task=task)
    assert told()["Status"] == "Completed"
    act(fresh, who="u2", do="delete_task", task=task)
    assert told()["IsDeleted"]


def test_what_people_do_with_customers_shows_in_both_crms(fresh: Client) -> None:
    done = act(fresh, who="u2", do="log_call", account="a1", contact="c1", minutes=5)
    assert set(done) == {"salesforce", "hubspot"}
    (call,) = fresh.rows(
        f"SELECT OwnerId, CallDurationInSeconds, ActivityDate, AccountId, CallDisposition FROM Task WHERE Id = '{done['salesforce']['Task'][0]}'"
    )
    assert call == {
        "OwnerId": fresh.id_of("u2"),
        "CallDurationInSeconds": 300,
        "ActivityDate": "2026-11-02",
        "AccountId": fresh.id_of("a1"),
        "CallDisposition": "connected",
    }
    done = act(fresh, who="u1", do="log_email", contact="carla@acme.example", direction="inbound", crm="salesforce")
    assert set(done["salesforce"]) == {"Task", "EmailMessage", "EmailMessageRelation"}
    done = act(
        fresh,
        who="u1",
        do="hold_meeting",
        account="Acme GmbH",
        contacts="c1;c2",
        users=["u2"],
        at="2026-11-01T09:00:00Z",
        minutes=60,
    )
    parent, child = done["salesforce"]["Event"]
    rows = fresh.rows(
        f"SELECT IsChild, EndDateTime, SystemModstamp FROM Event WHERE Id IN ('{parent}', '{child}') ORDER BY IsChild"
    )
    assert [row["IsChild"] for row in rows] == [False, True]
    assert rows[0]["EndDateTime"] == "2026-11-01T10:00:00.000+0000"
    assert rows[0]["SystemModstamp"].startswith("2026-11-02T06:0")  # logged today


def test_people_leave_and_accounts_change_hands(fresh: Client) -> None:
    act(fresh, who="u2", do="leave_company", crm="salesforce")
    act(fresh, who="u1", do="leave_company", contact="c1", crm="salesforce")
    act(fresh, who="u3", do="change_owner", account="a1", to="u3", crm="salesforce")
    assert fresh.rows(f"SELECT IsActive FROM User WHERE Id = '{fresh.id_of('u2')}'") == [{"IsActive": False}]
    (relation,) = fresh.rows(
        f"SELECT IsActive, EndDate FROM AccountContactRelation WHERE ContactId = '{fresh.id_of('c1')}'"
    )
    assert relation == {"IsActive": False, "EndDate": "2026-11-02"}
    assert fresh.rows(f"SELECT OwnerId FROM Account WHERE Id = '{fresh.id_of('a1')}'") == [
        {"OwnerId": fresh.id_of("u3")}
    ]


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ({"who": "u1", "do": "juggle"}, "complete_task"),
        ({"who": "nobody", "do": "log_call", "contact": "c1"}, "no user 'nobody'"),
        ({"who": "u1", "do": "complete_task", "task": "x"}, "no task 'x'"),
        ({"who": "u1", "do": "edit_task", "task": "hf1:x"}, "edit_task changes nothing"),
        ({"who": "u1", "do": "log_call", "contact": "c1", "at": "2026-11-01T09:00:00"}, "lacks its zone"),
    ],
)
def test_an_act_that_cannot_be_is_told_with_its_remedy(client: Client, what: dict[str, Any], told: str) -> None:
    if not client.rows("SELECT Id FROM Task WHERE Holdfast_Key__c = 'hf1:x'"):
        our_task(client)
    assert told in act(client, crm="salesforce", **what)["error"]
