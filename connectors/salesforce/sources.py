"""The streams: which object each one reads, with which fields, and what becomes of its records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from connectors.errors import RejectedError
from connectors.protocol import Page
from connectors.salesforce import activities, mapping
from connectors.salesforce.client import Client, Record
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.values import listed

TASK_REQUIRED = ("OwnerId", "WhoId", "AccountId", "Status", "IsClosed", "ActivityDate", "CreatedDate", "TaskSubtype")
IDS_PER_QUERY = 2000
QUERIES_PER_CALL = 5  # in one composite request
# Fields that an org has only with a feature switched on: that they cannot be read is no news.
FEATURES = frozenset({"CurrencyIsoCode", "GroupEventType", "IsBounced", "IsRecurrence"})
TASK_OPTIONAL = ("CompletedDateTime", "CallType", "CallDisposition", "CallDurationInSeconds")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One stream. Id and SystemModstamp are read of every object, IsDeleted of all but User.

    `may_lack` says that an org can do without the object: then the stream is complete and empty. `vanishes` names the
    table of an object whose deleted records no query shows: only the log of deletions knows them. `children` are the
    streams, and the field in each, of what hangs on a record and moves with it when it is merged into another.
    """

    stream: str
    feeds: frozenset[str]
    object_name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    may_lack: bool = False
    vanishes: str = ""
    children: tuple[tuple[str, str], ...] = ()
    page: Callable[[Sequence[Record]], Page]

    def missed(self, hidden: Iterable[str]) -> list[str]:
        """Which of the hidden fields an admin should know of: not ours, which `capabilities` tells of."""
        return [name for name in hidden if name not in FEATURES and not name.endswith("__c")]


def sources(client: Client, settings: SalesforceSettings) -> tuple[Source, ...]:
    """All streams of an org, in the order in which they are pulled."""
    return (*_people_and_deals(settings), *_activities(client, settings))


def _people_and_deals(settings: SalesforceSettings) -> tuple[Source, ...]:
    mapped = tuple(name for _, name in settings.map if name)
    contacts = frozenset({"contacts"})
    return (
        Source(
            stream="users",
            feeds=frozenset({"users"}),
            object_name="User",
            required=("Name", "Email", "IsActive"),
            optional=("Title", "ManagerId", "UserType"),
            page=mapping.users,
        ),
        Source(
            stream="accounts",
            feeds=frozenset({"accounts"}),
            object_name="Account",
            # A mapped field that cannot be read would silently change who is a customer: it is required.
            required=("IsDeleted", "Name", "OwnerId", "CreatedDate", *mapped),
            optional=("Type", "ParentId", "Website", "MasterRecordId", *settings.fields.on_account().values()),
            children=(
                *((stream, "AccountId") for stream in ("contacts", "opportunities", "tasks", "events")),
                ("email_messages", "RelatedToId"),
            ),
            page=partial(mapping.accounts, settings=settings),
        ),
        Source(
            stream="contacts",
            feeds=contacts,
            object_name="Contact",
            required=("IsDeleted", "AccountId", "Name", "CreatedDate", "Email"),
            optional=("Title", "MasterRecordId"),
            children=(
                *(("account_contact_relations", "ContactId"), ("opportunity_contact_roles", "ContactId")),
                *(("tasks", "WhoId"), ("events", "WhoId"), ("event_relations", "RelationId")),
            ),
            page=mapping.contacts,
        ),
        Source(
            stream="account_contact_relations",
            feeds=contacts,
            object_name="AccountContactRelation",
            required=("IsDeleted", "ContactId", "CreatedDate"),
            optional=("Roles", "IsActive"),
            may_lack=True,
            page=mapping.contact_roles,
        ),
        Source(
            stream="opportunity_contact_roles",
            feeds=contacts,
            object_name="OpportunityContactRole",
            required=("IsDeleted", "ContactId", "CreatedDate", "Role"),
            vanishes="contact_roles",
            page=mapping.contact_roles,
        ),
        Source(
            stream="opportunities",
            feeds=frozenset({"deals"}),
            object_name="Opportunity",
            required=("IsDeleted", "AccountId", "Name", "IsWon", "IsClosed", "CloseDate", "CreatedDate"),
            optional=("Amount", "CurrencyIsoCode"),
            page=mapping.deals,
        ),
    )


def _activities(client: Client, settings: SalesforceSettings) -> tuple[Source, ...]:
    activity = frozenset({"activity"})
    return (
        Source(
            stream="tasks",
            feeds=frozenset({"activity", "tasks"}),
            object_name="Task",
            required=("IsDeleted", *TASK_REQUIRED),
            optional=(*TASK_OPTIONAL, settings.fields.key),
            page=partial(_tasks, client, settings.fields.key),
        ),
        Source(
            stream="events",
            feeds=activity,
            object_name="Event",
            required=(
                *("IsDeleted", "OwnerId", "WhoId", "AccountId", "Subject", "StartDateTime", "EndDateTime"),
                *("IsAllDayEvent", "ActivityDate", "IsChild", "CreatedDate"),
            ),
            optional=("IsRecurrence", "GroupEventType"),
            page=activities.events,
        ),
        Source(
            stream="event_relations",
            feeds=activity,
            object_name="EventRelation",
            required=("IsDeleted", "EventId", "RelationId", "Status"),
            page=activities.event_relations,
        ),
        Source(
            stream="email_messages",
            feeds=activity,
            object_name="EmailMessage",
            required=("IsDeleted", "MessageDate", "Incoming", "FromAddress", "ToAddress", "Status", "CreatedDate"),
            optional=("RelatedToId", "IsBounced"),
            may_lack=True,  # without Enhanced Email and Email-to-Case there is no such object
            page=activities.emails,
        ),
    )


def _tasks(client: Client, key_field: str, records: Sequence[Record]) -> Page:
    """A page of tasks, with one call for each 8,000 of them for what its records do not say: the text of ours (nobody
    else's is read), and which e-mail tasks an EmailMessage stands for.
    """
    ours = [record["Id"] for record in records if record.get(key_field)]
    emails = [
        record["Id"]
        for record in records
        if record.get("TaskSubtype") == "Email" and not record.get("IsDeleted") and not record.get(key_field)
    ]
    asked = [f"SELECT Id, Subject, Description FROM Task WHERE Id IN {some}" for some in _lists(ours)]  # noqa: S608 - quoted
    about_ours = len(asked)
    asked += [f"SELECT ActivityId FROM EmailMessage WHERE ActivityId IN {some}" for some in _lists(emails)]  # noqa: S608 - quoted
    answers: list[list[Record] | RejectedError] = []
    for start in range(0, len(asked), QUERIES_PER_CALL):
        answers += client.queries(asked[start : start + QUERIES_PER_CALL])
    # An org without EmailMessage refuses the query, and then no task has one.
    messages = [answer for answer in answers[about_ours:] if not isinstance(answer, RejectedError)]
    return activities.tasks(
        records,
        key_field=key_field,
        texts={row["Id"]: row for answer in answers[:about_ours] for row in _rows(answer)},
        messages=frozenset(row["ActivityId"] for answer in messages for row in answer),
    )


def _lists(ids: Sequence[str]) -> list[str]:
    """The ids as lists for IN, each short enough for one query with one page of an answer."""
    return [listed(ids[start : start + IDS_PER_QUERY]) for start in range(0, len(ids), IDS_PER_QUERY)]


def _rows(answer: list[Record] | RejectedError) -> list[Record]:
    if isinstance(answer, RejectedError):
        raise answer
    return answer
