"""The store's tables. What is pulled stands in the words of `rules.model`; the rest is ours alone.

Every pulled row is named by (connection, id). `content` is a hash of the row as mapped: a record that comes back
unchanged is not a change. `changed_in` is the cycle that last changed the row.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Dialect, Index, LargeBinary, Text, TypeDecorator
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


class AccountRow(Pulled, table=True):
    __tablename__ = "accounts"

    name: str = ""
    domain: str = ""
    owner_id: str | None = None
    customer_type: bool = False
    customer_since: date | None = None
    parent_id: str | None = None
    flagged: bool = False
    customer_flag: bool = False
    tier: str = ""
    revenue: float | None = None  # a year's, from a mapped field
    type: str = ""
    ours: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # our fields as the CRM has them, by logical name
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
    title: str = ""
    seniority: str = ""
    roles: str = ""  # `decision-maker;executive-sponsor`, sorted
    left_on: date | None = None  # the earliest day known on which the person left; see `records`
    left_why: str = ""
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


class DealRow(Pulled, table=True):
    __tablename__ = "deals"
    __table_args__ = (Index("deals_by_account", "connection", "account_id"),)

    account_id: str | None = None  # None where links tell it (HubSpot)
    name: str = ""
    amount: float | None = None
    currency: str = ""
    closed_on: date | None = None
    won: bool = False
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
    )

    kind: str = ""
    direction: str = "none"
    outcome: str = "void"
    at: datetime = Field(sa_type=Utc)
    on_day: date | None = None
    ends_at: datetime | None = Field(default=None, sa_type=Utc)
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
