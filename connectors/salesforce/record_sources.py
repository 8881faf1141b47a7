"""The streams of records: users, accounts, contacts, deals, teams, cases and campaigns."""

from __future__ import annotations

from functools import partial

from connectors.salesforce import mapping
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.source import Source, alone


def of_records(settings: SalesforceSettings, needs: frozenset[str]) -> tuple[Source, ...]:
    """All of them, in the order in which they are pulled; with the fields that only what is needed rests on."""
    return (*_users_and_accounts(settings), *_contacts(needs), _deals(settings), *_teams(), _cases(), *_campaigns())


def _users_and_accounts(settings: SalesforceSettings) -> tuple[Source, ...]:
    mapped = tuple(dict.fromkeys(settings.map.named().values()))
    return (
        Source(
            stream="users",
            feeds=frozenset({"users"}),
            object_name="User",
            required=("Name", "Email", "IsActive"),
            optional=("Title", "Department", "ManagerId", "UserType"),
            page=alone(mapping.users),
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
            page=alone(partial(mapping.accounts, settings=settings)),
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
            page=alone(mapping.contacts),
        ),
        Source(
            stream="account_contact_relations",
            feeds=contacts,
            object_name="AccountContactRelation",
            required=("IsDeleted", "ContactId", "CreatedDate"),
            optional=("Roles", "IsActive", "IsDirect", "EndDate"),
            may_lack=True,
            page=alone(mapping.contact_roles),
        ),
        Source(
            stream="opportunity_contact_roles",
            feeds=contacts,
            object_name="OpportunityContactRole",
            required=("IsDeleted", "ContactId", "CreatedDate", "Role"),
            vanishes="contact_roles",
            page=alone(mapping.contact_roles),
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
        page=alone(partial(mapping.deals, settings=settings)),
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
            page=alone(mapping.team),
        ),
        Source(
            stream="opportunity_team_members",
            feeds=team,
            object_name="OpportunityTeamMember",
            required=("IsDeleted", "OpportunityId", "UserId", "CreatedDate"),
            optional=("TeamMemberRole",),
            may_lack=True,  # without Team Selling
            vanishes="team",
            page=alone(mapping.team),
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
        page=alone(mapping.cases),
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
            page=alone(mapping.campaigns),
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
            page=alone(mapping.campaign_members),
        ),
    )
