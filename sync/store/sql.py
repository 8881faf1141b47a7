"""What every statement of the store needs: tables by name, upserts in the store's dialect, values in portions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import SQLModel

from sync.store.tables import (
    AccountRow,
    ActivityRow,
    CampaignRow,
    ContactRoleRow,
    ContactRow,
    CrmTaskRow,
    DealRow,
    HolidayRow,
    MailingRow,
    TeamRow,
    TicketRow,
    UserRow,
)

#: What begins the id of a deal among those of what links are about.
DEAL = "deals:"
#: Values in one IN (...): far below every database's limit.
CHUNK = 500


def table_of(model: type[SQLModel]) -> Table:
    """The Core table behind a SQLModel class."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


PULLED = {
    table.name: table
    for table in (
        table_of(model)
        for model in (
            *(UserRow, AccountRow, ContactRow, ContactRoleRow, TeamRow),
            *(TicketRow, CampaignRow, MailingRow, DealRow, ActivityRow, CrmTaskRow, HolidayRow),
        )
    )
}


def insert(engine_or_connection: Engine | Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, in the dialect of the store."""
    if engine_or_connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def among(db: Connection, column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """Whether the column has one of the values.

    SQLite is told them as one JSON array: a statement with a place for each is written anew every time, which takes as
    long as the search.
    """
    if db.dialect.name != "sqlite":
        return column.in_(values)
    each = func.json_each(orjson.dumps(values).decode()).table_valued("value")
    return column.in_(select(each.c.value))


def chunks(values: Iterable[str], size: int = CHUNK) -> Iterator[list[str]]:
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
