"""The store's tables. What is pulled stands in the words of `rules.model`; the rest is ours alone.

Every pulled row is named by (connection, id). `content` is a hash of the row as mapped: a record that comes back
unchanged is not a change. `changed_in` is the cycle that last changed the row.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Dialect, Index, LargeBinary, Text, TypeDecorator, text
from sqlmodel import Field, SQLModel


class Utc(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Pulled(SQLModel):
    """What every pulled row carries."""

    connection: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)
    changed_in: int = Field(sa_type=BigInteger)
    deleted: bool = False


class UserRow(Pulled, table=True):
    __tablename__ = "users"

    name: str = ""
    email: str = Field(default="", index=True)  # lower case
    title: str = ""
    active: bool = True
    manager_id: str | None = None
    department: str = ""


class AccountRow(Pulled, table=True):
    __tablename__ = "accounts"

    name: str = ""
    domain: str = ""
    owner_id: str | None = None
    sponsor: str | None = None  # ours, from a mapped field: a user id, or an address in lower case; null: unmapped
    contact_every_days: int | None = None  # what was agreed, from a mapped field
    customer_type: bool = False
    customer_since: date | None = None
    parent_id: str | None = None
    flagged: bool = False
    customer_flag: bool = False
    tier: str = ""
    revenue: float | None = None  # a year's, from a mapped field
    type: str = ""
    country: str = ""  # as the CRM writes it
    native_id: str = ""  # the record's id in the other CRM, as the CRMs' own integration left it
    person: bool = False  # not a company but a consumer (Salesforce's person accounts)
    ours: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # our fields as the CRM has them, by logical name
    outcomes: dict[str, Any] | None = Field(default=None, sa_type=JSON, nullable=True)  # mapped days, ISO
    days: dict[str, Any] | None = Field(default=None, sa_type=JSON, nullable=True)  # the same for rules; null: empty
    created_at: datetime | None = Field(default=None, sa_type=Utc)


class ContactRow(Pulled, table=True):
    __tablename__ = "contacts"
    __table_args__ = (
        Index("contacts_by_account", "connection", "account_id"),
        Index("contacts_by_email", "connection", "email"),
    )

    account_id: str | None = None
    name: str = ""
    email: str = ""  # lower case
    other_emails: str = ""  # lower case, joined by `;`
    native_id: str = ""  # as in AccountRow
    title: str = ""
    seniority: str = ""
    roles: str = ""  # `decision-maker;executive-sponsor`, sorted
    left_on: date | None = None  # the earliest day known on which the person left; see `records`
    left_why: str = ""
    back_on: date | None = None  # when who is away said to be back
    opted_out: bool = False  # wants no mailings; false where nobody asked the CRM
    created_at: datetime | None = Field(default=None, sa_type=Utc)


class ContactRoleRow(Pulled, table=True):
    """A role that a contact holds by a record of its own (OpportunityContactRole, AccountContactRelation)."""

    __tablename__ = "contact_roles"
    __table_args__ = (Index("contact_roles_by_contact", "connection", "contact_id"),)

    contact_id: str = ""
    roles: str = ""  # as in ContactRow
    left_on: date | None = None  # the day on which the record says that the person left the account it belongs to
    left_why: str = ""
    created_at: datetime | None = Field(default=None, sa_type=Utc)


class TeamRow(Pulled, table=True):
    """One of ours on the team of an account, or of a deal and so of its account."""

    __tablename__ = "team"
    __table_args__ = (
        Index("team_by_account", "connection", "account_id"),
        Index("team_by_deal", "connection", "deal_id"),
    )

    account_id: str | None = None
    deal_id: str | None = None
    user_id: str = ""
    role: str = ""  # as the CRM has it
    created_at: datetime | None = Field(default=None, sa_type=Utc)


class TicketRow(Pulled, table=True):
    """A case or ticket. `created_at` is when it was opened, `changed_at` when the CRM last changed it."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index("tickets_by_account", "connection", "account_id"),
        Index("tickets_by_contact", "connection", "contact_id"),
    )

    account_id: str | None = None  # None where only the contact leads to it
    contact_id: str | None = None
    priority: str = ""  # the CRM's word, lower case
    escalated: bool = False
    closed_at: datetime | None = Field(default=None, sa_type=Utc)
    reopened_at: datetime | None = Field(default=None, sa_type=Utc)  # last; see `records` where no CRM tells it
    changed_at: datetime | None = Field(default=None, sa_type=Utc)
    created_at: datetime | None = Field(default=None, sa_type=Utc)


class CampaignRow(Pulled, table=True):
    """What the company sends its customers or invites them to, where that is a record of its own (Salesforce)."""

    __tablename__ = "campaigns"

    name: str = ""
    starts_on: date | None = None
    aborted: bool = False
    created_at: datetime | None = Field(default=None, sa_type=Utc)


class MailingRow(Pulled, table=True):
    """A contact that belongs to a campaign, or the newest mailing to a contact where the CRM keeps no other (HubSpot).

    `created_at` is when it was entered, in HubSpot when the first of all came; `got_at` when it, or the newest, came.
    """

    __tablename__ = "mailings"
    __table_args__ = (
        Index("mailings_by_contact", "connection", "contact_id"),
        Index("mailings_by_campaign", "connection", "campaign_id"),
    )

    contact_id: str = ""
    campaign_id: str | None = None  # None: there is only its name
    name: str = ""
    got_at: datetime | None = Field(default=None, sa_type=Utc)
    answered_on: date | None = None
    created_at: datetime | None = Field(default=None, sa_type=Utc)


class HolidayRow(Pulled, table=True):
    """A holiday that the CRM keeps: `on_day`, or with `yearly` that day and month of each year from `from_day` to
    `to_day` (its own year then says nothing). Without a day it is one that cannot be understood.
    """

    __tablename__ = "holidays"

    name: str = ""
    on_day: date | None = None
    yearly: bool = False
    from_day: date | None = None
    to_day: date | None = None


class DealRow(Pulled, table=True):
    __tablename__ = "deals"
    __table_args__ = (Index("deals_by_account", "connection", "account_id"),)

    account_id: str | None = None  # None where links tell it (HubSpot)
    name: str = ""
    amount: float | None = None
    currency: str = ""
    closed_on: date | None = None  # None while it is open; one that was closed and not won is lost
    won: bool = False
    competitor: str | None = None  # who else bids, from a mapped field; null: unmapped
    native_id: str = ""  # as in AccountRow
    created_at: datetime | None = Field(default=None, sa_type=Utc)


class ActivityRow(Pulled, table=True):
    """One call, e-mail, meeting, message, note or to-do. `kind`, `direction`, `outcome` as in `rules.model`.

    `at` is when it happened or begins; `on_day` is set instead of an hour where the CRM keeps only the day (then `at`
    is that day's noon UTC, for sorting). `ends_at` is set for what can lie in the future: it counts once it is past.
    """

    __tablename__ = "activities"
    __table_args__ = (
        Index("activities_by_time", "connection", "kind", "at"),
        Index("activities_by_end", "connection", "ends_at"),
        # Few, and counting the rest row by row is what `status` would wait for.
        Index("activities_gone", "connection", sqlite_where=text("deleted = 1"), postgresql_where=text("deleted")),
    )

    kind: str = ""
    direction: str = "none"
    outcome: str = "void"
    at: datetime = Field(sa_type=Utc)
    on_day: date | None = None
    ends_at: datetime | None = Field(default=None, sa_type=Utc)
    uid: str = ""  # of an e-mail the message's id, of a meeting the calendar's; lower case, without angle brackets
    created_at: datetime | None = Field(default=None, sa_type=Utc)


class LinkRow(SQLModel, table=True):
    """An activity (or, for HubSpot, a deal) belongs to somebody or something, as `source` tells it."""

    __tablename__ = "links"
    __table_args__ = (Index("links_by_target", "connection", "kind", "target"),)

    connection: str = Field(primary_key=True)
    activity_id: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    side: str = Field(primary_key=True)  # ours | theirs | about
    kind: str = Field(primary_key=True)  # user | contact | account | deal | address
    target: str = Field(primary_key=True)


class CrmTaskRow(Pulled, table=True):
    """A task that carries our key, as the CRM has it. `status`: open | deferred | completed | deleted."""

    __tablename__ = "crm_tasks"
    __table_args__ = (Index("crm_tasks_by_key", "connection", "key"),)

    key: str = ""
    status: str = "open"
    account_id: str | None = None
    assignee_id: str | None = None
    subject: str = ""
    body: str = Field(default="", sa_column=Column(Text, nullable=False))
    due_on: date | None = None
    created_at: datetime | None = Field(default=None, sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)
    feedback: str = ""  # the reader's answer: helpful | wrong | already handled
