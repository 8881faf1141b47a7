"""The tables of matching: which records of a group's connections are one, under which keys each can be found, and what
a human has to decide.

All of it is worked out from the pulled tables and the config; it can be worked out anew, but for `matches.news`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Index, LargeBinary, SmallInteger
from sqlmodel import Field, SQLModel


class MatchRow(SQLModel, table=True):
    """A member of a set of two or more records that are one; what stands in no such set has no row."""

    __tablename__ = "matches"

    connection: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)  # account | contact | user | deal
    id: str = Field(primary_key=True)
    party: str = Field(index=True)  # the set: its smallest `connection:id`
    home: bool = False  # of accounts: whether findings, tasks and fields of the set live here
    why: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)  # what joins the set, strongest first
    news: int = Field(default=0, sa_type=BigInteger)  # raised when a record changes that an account's verdicts rest on


class MatchKeyRow(SQLModel, table=True):
    """A key under which a record can be found from another connection, as of its last matching."""

    __tablename__ = "match_keys"
    # Without a table beside its index there is half as much to write.
    __table_args__ = (
        Index("match_keys_by_record", "connection", "kind", "id"),
        {"sqlite_with_rowid": False},
    )

    kind: str = Field(primary_key=True)
    level: int = Field(primary_key=True, sa_type=SmallInteger)  # `sync.match.decide.By`
    value: str = Field(primary_key=True)
    connection: str = Field(primary_key=True)
    id: str = Field(primary_key=True)


class MatchQuestionRow(SQLModel, table=True):
    """A record that somebody has to decide about; the rows of one question have its digest in common."""

    __tablename__ = "match_questions"
    __table_args__ = (Index("match_questions_by_digest", "question"),)

    connection: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    question: str = Field(primary_key=True)
    asks: str  # proposal | conflict | circle
    why: str = ""


class MatchedRow(SQLModel, table=True):
    """Up to which cycle a connection's records have been matched in its group, and by which config.

    `news` is where a new set begins to count, so that it never counts to what an earlier one had counted to.
    """

    __tablename__ = "matched"

    connection: str = Field(primary_key=True)
    name: str = ""  # of the group
    digest: bytes = Field(sa_type=LargeBinary)
    cycle: int = Field(sa_type=BigInteger)
    news: int = Field(default=0, sa_type=BigInteger)
