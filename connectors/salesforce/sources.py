"""The streams: which object each one reads, with which fields, and what becomes of its records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from connectors.protocol import ON_DEMAND, Known, Page
from connectors.salesforce import activities, leads, mapping, relations
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.transport import Record

# Fields that an org has only with a feature switched on: that they cannot be read is no news.
FEATURES = frozenset(
    {"BillingCountryCode", "CurrencyIsoCode", "GroupEventType", "IsBounced", "IsPersonAccount", "IsRecurrence"}
)

Paged = Callable[[Sequence[Record], Known], Page]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One stream. Id and SystemModstamp are read of every object, IsDeleted of all but User.

    `may_lack` says that an org can do without the object: then the stream is complete and empty. `vanishes` names the
    table of an object whose deleted records no query shows: only the log of deletions knows them. `only` is the field
    and the condition on it of the records that are wanted, where that is not all of them. `children` are the streams,
    and the field in each, of what hangs on a record and moves with it when it is merged into another; those that nobody
    needs are not there.
    """

    stream: str
    feeds: frozenset[str]
    object_name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    may_lack: bool = False
    vanishes: str = ""
    only: tuple[str, str] | tuple[()] = ()
    children: tuple[tuple[str, str], ...] = ()
    page: Paged

    def missed(self, hidden: Iterable[str]) -> list[str]:
        """Which of the hidden fields an admin should know of: not ours, which `capabilities` tells of."""
        return [name for name in hidden if name not in FEATURES and not name.endswith("__c")]


def sources(settings: SalesforceSettings, needs: frozenset[str] = frozenset()) -> tuple[Source, ...]:
    """The streams of an org, in the order in which they are pulled; of what is read on demand only what is needed.

    E-mails come before the tasks that stand for them, and leads last: either way the store tells which belong together.
    """
    every = (
        *(*_users_and_accounts(settings), *_contacts(needs), _deals(settings), *_teams(), _cases(), *_campaigns()),
        *(*_activities(settings), *_relations(), _our_tasks(settings)),
    )
    return tuple(source for source in every if not source.feeds & ON_DEMAND - needs)


def _alone(make: Callable[[Sequence[Record]], Page]) -> Paged:
    """A page that its records tell by themselves."""
    return lambda records, _known: make(records)


def _users_and_accounts(settings: SalesforceSettings) -> tuple[Source, ...]:
    mapped = tuple(dict.fromkeys(settings.map.named().values()))
    return (
        Source(
            stream="users",
            feeds=frozenset({"users"}),
            object_name="User",
            required=("Name", "Email", "IsActive"),
            optional=("Title", "Department", "ManagerId", "UserType"),
            page=_alone(mapping.users),
        ),
        Source(
            stream="accounts",
            feeds=frozenset({"accounts"}),
            object_name="Account",
            # A mapped field that cannot be read would silently change who is a customer: it is required.
            required=("IsDeleted", "Name", "OwnerId", "CreatedDate", *mapped),
            optional=(
                *("Type", "ParentId", "Website", "MasterRecordId", "IsPersonAccount", "BillingCountry"),
                "BillingCountryCode",  # with picklists of states and countries
                *settings.fields.on_account().values(),
            ),
            children=(
                *(("account_team_members", "AccountId"), ("cases", "AccountId")),
                *((stream, "AccountId") for stream in ("contacts", "opportunities", "tasks", "our_tasks", "events")),
                *(("email_messages", "RelatedToId"), ("leads", "ConvertedAccountId"), ("accounts", "ParentId")),
            ),
            page=_alone(partial(mapping.accounts, settings=settings)),
        ),
    )


def _contacts(needs: frozenset[str]) -> tuple[Source, ...]:
    """Contacts, and what makes somebody one of an account that is not their own."""
    contacts = frozenset({"contacts"})
    return (
        Source(
            stream="contacts",
            feeds=contacts,
            object_name="Contact",
            required=("IsDeleted", "AccountId", "Name", "CreatedDate", "Email"),
            optional=(
                *("Title", "MasterRecordId", "EmailBouncedDate"),
                *(("HasOptedOutOfEmail",) if "mailings" in needs else ()),
            ),
            children=(
                *(("account_contact_relations", "ContactId"), ("opportunity_contact_roles", "ContactId")),
                *(("cases", "ContactId"), ("campaign_members", "ContactId")),
                *(("tasks", "WhoId"), ("events", "WhoId"), ("leads", "ConvertedContactId")),
                *(("event_relations", "RelationId"), ("task_relations", "RelationId")),
            ),
            page=_alone(mapping.contacts),
        ),
        Source(
            stream="account_contact_relations",
            feeds=contacts,
            object_name="AccountContactRelation",
            required=("IsDeleted", "ContactId", "CreatedDate"),
            optional=("Roles", "IsActive", "IsDirect", "EndDate"),
            may_lack=True,
            page=_alone(mapping.contact_roles),
        ),
        Source(
            stream="opportunity_contact_roles",
            feeds=contacts,
            object_name="OpportunityContactRole",
            required=("IsDeleted", "ContactId", "CreatedDate", "Role"),
            vanishes="contact_roles",
            page=_alone(mapping.contact_roles),
        ),
    )


def _deals(settings: SalesforceSettings) -> Source:
    mapped = tuple(filter(None, [settings.map.deals.competitor]))
    return Source(
        stream="opportunities",
        feeds=frozenset({"deals"}),
        object_name="Opportunity",
        required=("IsDeleted", "AccountId", "Name", "IsWon", "IsClosed", "CloseDate", "CreatedDate", *mapped),
        optional=("Amount", "CurrencyIsoCode"),
        page=_alone(partial(mapping.deals, settings=settings)),
    )


def _teams() -> tuple[Source, ...]:
    """Who of ours is on the team of an account or a deal. A member who was taken off shows in no query."""
    team = frozenset({"team"})
    return (
        Source(
            stream="account_team_members",
            feeds=team,
            object_name="AccountTeamMember",
            required=("IsDeleted", "AccountId", "UserId", "CreatedDate"),
            optional=("TeamMemberRole",),
            may_lack=True,  # without Account Teams
            vanishes="team",
            page=_alone(mapping.team),
        ),
        Source(
            stream="opportunity_team_members",
            feeds=team,
            object_name="OpportunityTeamMember",
            required=("IsDeleted", "OpportunityId", "UserId", "CreatedDate"),
            optional=("TeamMemberRole",),
            may_lack=True,  # without Team Selling
            vanishes="team",
            page=_alone(mapping.team),
        ),
    )


def _cases() -> Source:
    """What customers asked to have put right. A case that is merged into another is deleted."""
    return Source(
        stream="cases",
        feeds=frozenset({"tickets"}),
        object_name="Case",
        required=("IsDeleted", "AccountId", "ContactId", "CreatedDate", "ClosedDate", "IsClosed"),
        optional=("Priority", "IsEscalated"),
        may_lack=True,  # without Service, or without a right to it
        page=_alone(mapping.cases),
    )


def _campaigns() -> tuple[Source, ...]:
    """What the company itself sends its customers' people or invites them to. Members that are leads are nobody's."""
    mailings = frozenset({"mailings"})
    return (
        Source(
            stream="campaigns",
            feeds=mailings,
            object_name="Campaign",
            required=("IsDeleted", "Name", "CreatedDate"),
            optional=("StartDate", "Status"),
            may_lack=True,  # without the marketing feature, or without a right to it
            page=_alone(mapping.campaigns),
        ),
        Source(
            stream="campaign_members",
            feeds=mailings,
            object_name="CampaignMember",
            required=("IsDeleted", "CampaignId", "ContactId", "CreatedDate"),
            optional=("FirstRespondedDate",),
            may_lack=True,
            vanishes="mailings",  # there is no bin for them
            only=("ContactId", "!= null"),
            page=_alone(mapping.campaign_members),
        ),
    )


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
            page=_alone(activities.emails),
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
        page=_alone(partial(mapping.crm_tasks, key_field=names.key, feedback_field=names.feedback)),
    )
