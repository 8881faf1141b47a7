"""Field-level security: what an admin hides looks as if it did not exist, and what the connector makes of that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from connectors.errors import RejectedError
from connectors.protocol import CreateTask, Rejected, SetFields, TaskContent
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_org import UNREAD, Org, pulled, rows

HOUR = 3600


@pytest.fixture
def org() -> Iterator[Org]:
    org = Org(Sandbox(accounts=4, touches_per_account=8))
    yield org
    org.close()


OPTIONAL = [
    ("users", "User.ManagerId"),
    ("accounts", "Account.Website"),
    ("contacts", "Contact.Title"),
    ("account_contact_relations", "AccountContactRelation.Roles"),
    ("opportunities", "Opportunity.Amount"),
    ("tasks", "Task.CallDisposition"),
    ("email_messages", "EmailMessage.RelatedToId"),
]
REQUIRED = [
    ("users", "User.Email"),
    ("accounts", "Account.OwnerId"),
    ("contacts", "Contact.AccountId"),
    ("opportunities", "Opportunity.CloseDate"),
    ("tasks", "Task.WhoId"),
    ("events", "Event.StartDateTime"),
    ("event_relations", "EventRelation.RelationId"),
    ("email_messages", "EmailMessage.FromAddress"),
]


@pytest.mark.parametrize(("stream", "field"), OPTIONAL, ids=[field for _, field in OPTIONAL])
def test_a_hidden_optional_field_is_told_once_and_done_without(org: Org, stream: str, field: str) -> None:
    whole = pulled(org.connect(), stream)
    org.set_up(hide=[field])
    pages = pulled(org.connect(), stream)
    assert sum(page.records for page in pages) == sum(page.records for page in whole)
    (notice,) = (reason for page in pages for reason in page.set_aside)
    assert notice.startswith(f"{field} cannot be read")
    assert "grant read access" in notice
    (again,) = pulled(org.connect(), stream, pages[-1].cursor)
    assert again.set_aside == {}


def test_a_field_that_is_hidden_between_two_cycles_is_told_and_the_stream_goes_on(org: Org) -> None:
    before = pulled(org.connect(), "contacts")[-1].cursor
    org.set_up(hide=["Contact.Title"])
    org.advance(HOUR)
    person = org.records("Contact")[0]
    org.control("PATCH", f"records/salesforce/Contact/{person['Id']}", {"LastName": "Married"})
    (page,) = pulled(org.connect(), "contacts", before)
    assert rows([page], "contacts").keys() == {person["Id"]}
    assert [reason[:13] for reason in page.set_aside] == ["Contact.Title"]


def test_a_field_that_is_shown_again_is_read_of_every_record(org: Org) -> None:
    org.set_up(hide=["Contact.Title"])
    blind = pulled(org.connect(), "contacts")
    assert {row["title"] for row in rows(blind, "contacts").values()} == {""}
    org.set_up(show=["Contact.Title"])
    org.advance(25 * HOUR)
    seeing = pulled(org.connect(), "contacts", blind[-1].cursor)
    assert rows(seeing, "contacts").keys() == rows(blind, "contacts").keys()
    assert any(row["title"] for row in rows(seeing, "contacts").values())


@pytest.mark.parametrize(("stream", "field"), REQUIRED, ids=[field for _, field in REQUIRED])
def test_a_hidden_required_field_stops_its_stream_alone_with_the_remedy(org: Org, stream: str, field: str) -> None:
    org.set_up(hide=[field])
    connector = org.connect()
    with pytest.raises(RejectedError, match=f"{field} cannot be read; grant read access") as caught:
        pulled(connector, stream)
    assert (caught.value.code, "\n" in str(caught.value)) == ("HIDDEN_FIELD", False)
    other = "accounts" if stream != "accounts" else "contacts"
    assert pulled(connector, other)[-1].last


def test_a_required_field_that_is_hidden_between_two_cycles_stops_the_stream_too(org: Org) -> None:
    before = pulled(org.connect(), "contacts")[-1].cursor
    org.set_up(hide=["Contact.AccountId"])
    with pytest.raises(RejectedError, match=r"Contact.AccountId cannot be read"):
        next(org.connect().pull("contacts", before, UNREAD))


def test_a_mapped_field_that_is_hidden_stops_the_accounts(org: Org) -> None:
    org.set_up(hide=["Account.Customer_Since__c"])
    connector = org.connect(map={"customer_since": "Customer_Since__c"})
    with pytest.raises(RejectedError, match=r"Account.Customer_Since__c cannot be read"):
        pulled(connector, "accounts")


def test_a_field_of_ours_that_is_read_only_is_no_capability(org: Org) -> None:
    org.set_up(read_only=["Account.Holdfast_Risk__c"])
    assert "risk" not in org.connect().capabilities().account_fields
    change = SetFields(account_id=org.records("Account")[0]["Id"], fields={"risk": 40})
    ((_, outcome),) = org.connect().apply([change])
    assert isinstance(outcome, Rejected)
    assert outcome.code == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert "Holdfast_Risk__c" in outcome.message


def test_without_access_to_the_key_no_task_is_made(org: Org) -> None:
    org.set_up(hide=["Task.Holdfast_Key__c"])
    account = org.records("Account")[0]
    connector = org.connect()
    assert not connector.capabilities().task_key_unique
    content = TaskContent(
        assignee_id=account["OwnerId"], subject="x", body="x", due_on=date(2026, 12, 1), severity="low"
    )
    task = CreateTask(key="hf1:x:owner:1", account_id=account["Id"], contact_id=None, content=content)
    tasks = len(org.records("Task"))
    ((_, outcome),) = connector.apply([task])
    assert isinstance(outcome, Rejected)
    assert "holdfast provision" in outcome.message
    assert len(org.records("Task")) == tasks
