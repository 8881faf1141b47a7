"""The tables that can be lost without harm: what is worked out from the others and kept because that takes long.

A row stands here only while it is true. Whatever changes what it was worked out from takes it away or marks it in the
same transaction (`affected`), so that a crash leaves nothing stale; what is missing is worked out anew.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field, SQLModel

from sync.store.tables import Utc


class TouchPackRow(SQLModel, table=True):
    """Everything that can become a touch of an account, in one value (`packs`), and the deals that links lead to it."""

    __tablename__ = "touch_packs"

    connection: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    packed: bytes = Field(sa_type=LargeBinary)
    deals: list[str] = Field(sa_type=JSON)


class EvaluationRow(SQLModel, table=True):
    """An account whose verdicts are those of a full evaluation at this moment, as long as these two are the same.

    `basis` is a digest of what the verdicts of all accounts rest on (the day, the config, our people ...), `standing`
    how the account stands among the customers. `fields` are the desired values of our fields, as
    `sync.evaluate.fields_as_json` writes them.
    """

    __tablename__ = "evaluations"

    connection: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True)
    basis: bytes = Field(sa_type=LargeBinary)
    standing: bytes = Field(sa_type=LargeBinary)
    fields: dict[str, Any] = Field(sa_type=JSON)


class EvaluatedRow(SQLModel, table=True):
    """Up to which moment the evaluations of a connection, and `last_logged`, know what was over."""

    __tablename__ = "evaluated"

    connection: str = Field(primary_key=True)
    cutoff: datetime = Field(sa_type=Utc)


class LoggedRow(SQLModel, table=True):
    """When somebody, named as links name them, last logged anything by `evaluated.cutoff`; counted anew if stale."""

    __tablename__ = "last_logged"

    connection: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)  # user | address
    target: str = Field(primary_key=True)
    at: datetime | None = Field(default=None, sa_type=Utc)
    stale: bool = False
