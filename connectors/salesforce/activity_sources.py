"""The streams of activity: e-mails, tasks, events, whom they are about, and the tasks that are ours."""

from __future__ import annotations

from functools import partial

from connectors.salesforce import activities, leads, mapping, relations
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.source import Source, alone


def of_activity(settings: SalesforceSettings) -> tuple[Source, ...]:
    """All of them, in the order in which they are pulled."""
    return (*_activities(settings), *_relations(), _our_tasks(settings))


def _activities(settings: SalesforceSettings) -> tuple[Source, ...]:
    activity = frozenset({"activity"})
    return (
        Source(
            stream="email_messages",
            feeds=activity,
            object_name="EmailMessage",
            # Without ActivityId every e-mail would count twice.
            required=(
                *("IsDeleted", "MessageDate", "Incoming", "FromAddress", "ToAddress", "Status", "CreatedDate"),
                "ActivityId",
            ),
            optional=("RelatedToId", "IsBounced", "MessageIdentifier"),
            may_lack=True,  # without Enhanced Email and Email-to-Case there is no such object
            page=alone(activities.emails),
        ),
        Source(
            stream="tasks",
            feeds=activity,
            object_name="Task",
            required=(
                *("IsDeleted", "OwnerId", "WhoId", "AccountId", "Status", "IsClosed", "ActivityDate", "CreatedDate"),
                "TaskSubtype",
            ),
            optional=(
                *("CompletedDateTime", "CallType", "CallDisposition", "CallDurationInSeconds", "CreatedById"),
                settings.fields.key,
            ),
            page=partial(activities.tasks, key_field=settings.fields.key),
        ),
        Source(
            stream="events",
            feeds=activity,
            object_name="Event",
            required=(
                *("IsDeleted", "OwnerId", "WhoId", "AccountId", "Subject", "StartDateTime", "EndDateTime"),
                *("IsAllDayEvent", "ActivityDate", "IsChild", "CreatedDate"),
            ),
            optional=("CreatedById", "IsRecurrence", "GroupEventType"),
            page=activities.events,
        ),
    )


def _relations() -> tuple[Source, ...]:
    activity = frozenset({"activity"})
    return (
        Source(
            stream="event_relations",
            feeds=activity,
            object_name="EventRelation",
            required=("IsDeleted", "EventId", "RelationId", "Status"),
            page=relations.of_events,
        ),
        Source(
            stream="task_relations",
            feeds=activity,
            object_name="TaskRelation",
            required=("IsDeleted", "TaskId", "RelationId"),
            may_lack=True,  # only Shared Activities give a task more than one contact
            page=relations.of_tasks,
        ),
        Source(
            stream="leads",
            feeds=activity,
            object_name="Lead",
            required=("IsDeleted", "IsConverted"),
            optional=("ConvertedContactId", "ConvertedAccountId"),
            may_lack=True,
            only=("IsConverted", "= true"),
            page=leads.converted,
        ),
    )


def _our_tasks(settings: SalesforceSettings) -> Source:
    """The tasks that carry our key, with their text: nobody else's is read."""
    names = settings.fields
    return Source(
        stream="our_tasks",
        feeds=frozenset({"tasks"}),
        object_name="Task",
        required=("IsDeleted", "OwnerId", "AccountId", "Status", "IsClosed", "ActivityDate", "CreatedDate", "Subject"),
        optional=("Description", "CompletedDateTime", names.key, names.feedback),
        only=(names.key, "!= null"),
        page=alone(partial(mapping.crm_tasks, key_field=names.key, feedback_field=names.feedback)),
    )
