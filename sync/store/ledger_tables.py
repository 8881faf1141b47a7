"""The tables that are ours alone: what was found, what was written, what was remembered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Text, text
from sqlmodel import Field, SQLModel

from sync.store.tables import Utc


class CycleRow(SQLModel, table=True):
    """One cycle over one connection. `told` is what it did, as `run --json` prints it."""

    __tablename__ = "cycles"

    id: int | None = Field(default=None, primary_key=True)
    connection: str = Field(index=True)
    started_at: datetime = Field(sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)
    error: str = ""
    told: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class CursorRow(SQLModel, table=True):
    """Where a stream goes on, committed with the page it covers."""

    __tablename__ = "cursors"

    connection: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    cursor: dict[str, Any] = Field(sa_type=JSON)
    cycle: int = Field(sa_type=BigInteger)  # the cycle that wrote it
    complete_in: int | None = Field(
        default=None, sa_type=BigInteger
    )  # the last cycle in which the stream arrived whole
    complete_at: datetime | None = Field(default=None, sa_type=Utc)
    set_aside: dict[str, int] = Field(default_factory=dict, sa_type=JSON)  # records that made no sense, by reason


class VerdictRow(SQLModel, table=True):
    """The newest verdict of a rule on an account."""

    __tablename__ = "verdicts"

    connection: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    verdict: str  # raised | clear | unknown | not_applicable
    severity: str = ""
    reason: str = ""
    message: str = ""
    numbers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    judged_at: datetime = Field(sa_type=Utc)


class FindingRow(SQLModel, table=True):
    """The memory of a rule on an account: `sync.findings.Finding` as a row. It outlives tasks and verdicts."""

    __tablename__ = "findings"

    connection: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    rule: str = Field(primary_key=True)
    open: bool
    severity: str
    text: dict[str, Any] = Field(sa_type=JSON)
    raised_at: datetime = Field(sa_type=Utc)
    not_raised_since: datetime | None = Field(default=None, sa_type=Utc)
    unknown_since: datetime | None = Field(default=None, sa_type=Utc)
    ended_why: str = ""
    quiet_until: date | None = None
    quiet_why: str = ""
    quiet_severity: str = ""


class TaskRow(SQLModel, table=True):
    """A task of ours, one row per episode. `state`: planned | open | ended.

    `written` is how the CRM returned it after our last write: what differs from it was changed by a human.
    """

    __tablename__ = "tasks"
    __table_args__ = (Index("tasks_by_account", "connection", "account_id"),)

    connection: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    account_id: str
    route: str
    state: str
    crm_id: str = ""
    assignee_id: str = ""
    rules: dict[str, str] = Field(default_factory=dict, sa_type=JSON)  # rule id -> severity, as the text tells them
    written: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)
    ended_how: str = ""  # completed | deleted | closed | account gone
    adopted_on: date | None = None  # set where only the CRM remembered the task


class OutboxRow(SQLModel, table=True):
    """A change on its way. `state`: pending | sending | done | rejected | unknown | lapsed | retried | dropped.

    `before` is what the CRM held, as far as we knew, of exactly what the change replaces; None in rows of old.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_by_subject", "connection", "subject"),
        Index(
            "outbox_one_pending",
            "connection",
            "subject",
            unique=True,
            sqlite_where=text("state IN ('pending', 'sending', 'unknown')"),
            postgresql_where=text("state IN ('pending', 'sending', 'unknown')"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    connection: str
    subject: str  # the task's key, or `fields:<account id>`
    cycle: int = Field(sa_type=BigInteger)
    op: str  # create_task | update_task | close_task | set_fields
    change: dict[str, Any] = Field(sa_type=JSON)
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    state: str
    message: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=Utc)
    settled_at: datetime | None = Field(default=None, sa_type=Utc)


class SnapshotRow(SQLModel, table=True):
    """One key account on one day, kept for trends."""

    __tablename__ = "snapshots"
    __table_args__ = (Index("snapshots_by_owner", "connection", "account_id", "owner_id", "day"),)

    connection: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    owner_id: str | None = None
    coverage: str | None = None
    top_share: float | None = None
    last_exec_exchange: date | None = None
    risk: int | None = None


class FindingSpanRow(SQLModel, table=True):
    """A finding from the day it was raised to the day it ended: `findings` forgets that once it is raised anew.

    `ended_at` is since when it was not raised, `ended_as` the verdict it ended with: clear | not_applicable | unknown.
    """

    __tablename__ = "finding_spans"
    __table_args__ = (Index("finding_spans_by_account", "connection", "account_id"),)

    id: int | None = Field(default=None, primary_key=True)
    connection: str
    account_id: str
    rule: str
    severity: str
    raised_at: datetime = Field(sa_type=Utc)
    ended_at: datetime = Field(sa_type=Utc)
    ended_as: str


class HeldBackRow(SQLModel, table=True):
    """What the last plan held back: `sync.plan.HeldBack` as a row."""

    __tablename__ = "held_back"
    __table_args__ = (Index("held_back_by_account", "connection", "account_id"),)

    id: int | None = Field(default=None, primary_key=True)
    connection: str
    account_id: str
    account_name: str
    rules: list[str] = Field(sa_type=JSON)
    assignee_id: str
    reason: str = Field(sa_type=Text)
    place: int  # 0 where it waits for something else than room
    queue_length: int


class NoticeRow(SQLModel, table=True):
    """A notice that was given, or was about to be when the worker died: it is not given again."""

    __tablename__ = "notices"

    key: str = Field(primary_key=True)
    given_at: datetime = Field(sa_type=Utc)


class BeatRow(SQLModel, table=True):
    """The last run of a beat of the schedule: `sync.store.beats.LastRun` as a row."""

    __tablename__ = "beats"

    beat: str = Field(primary_key=True)
    connection: str = Field(primary_key=True)
    started_at: datetime = Field(sa_type=Utc)
    done_at: datetime | None = Field(default=None, sa_type=Utc)
    outcome: str = ""


class LeaseRow(SQLModel, table=True):
    """What is due when, and which worker has it: `sync.store.leases`. All times are the database's."""

    __tablename__ = "leases"

    beat: str = Field(primary_key=True)
    connection: str = Field(primary_key=True)
    slots: str  # the cron that `due_at` was reckoned from
    due_at: datetime | None = Field(default=None, sa_type=Utc)  # None is never
    queued_at: datetime | None = Field(default=None, sa_type=Utc)
    epoch: int = 0
    holder: str = ""
    held_until: datetime | None = Field(default=None, sa_type=Utc)
