"""What every statement of the store needs: tables by name, upserts in the store's dialect, values in portions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from sync.store.tables import AccountRow, ActivityRow, ContactRoleRow, ContactRow, CrmTaskRow, DealRow, UserRow

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
        table_of(model) for model in (UserRow, AccountRow, ContactRow, ContactRoleRow, DealRow, ActivityRow, CrmTaskRow)
    )
}


def insert(engine_or_connection: Engine | Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, in the dialect of the store."""
    if engine_or_connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def chunks(values: Iterable[str], size: int = CHUNK) -> Iterator[list[str]]:
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
