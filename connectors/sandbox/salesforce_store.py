# ruff: noqa: S608 # table and column names are the schema's own; values are bound
"""The org's records in SQLite: one table per object, one typed column per field.

Stamps are kept as Salesforce writes them (`2022-03-17T16:21:26.000+0000`), so that a page needs no conversion and text
order is time order.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.salesforce_ids import make_id
from connectors.sandbox.salesforce_schema import Field, Sobject

Row = dict[str, Any]

INDEXES = {
    "AccountContactRelation": ("AccountId", "ContactId"),
    "Contact": ("AccountId", "Email"),
    "EmailMessage": ("ActivityId", "RelatedToId"),
    "EmailMessageRelation": ("EmailMessageId", "RelationId"),
    "Event": ("AccountId", "WhoId"),
    "EventRelation": ("EventId", "RelationId"),
    "Opportunity": ("AccountId",),
    "OpportunityContactRole": ("OpportunityId",),
    "Task": ("AccountId", "WhoId", "Holdfast_Key__c"),
}
_CACHE_KIB = 128 * 1024


def stamp(moment: datetime) -> str:
    """A moment as REST writes it: UTC, whole seconds, zeros for milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + ".000+0000"


class Store:
    """Rows by object name. Every row has an `Id`; booleans are 0 and 1."""

    def __init__(self, objects: Mapping[str, Sobject]) -> None:
        self.objects = objects
        self._numbers = dict.fromkeys(objects, 0)
        self._by_prefix = {each.prefix: each.name for each in objects.values()}
        # An unnamed database lives in a temporary file that goes with it: a million activities need not fit in memory.
        self.database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self.database.execute("PRAGMA synchronous = OFF")
        self.database.execute("PRAGMA journal_mode = MEMORY")
        self._create_tables()
        self.index()

    def _create_tables(self) -> None:
        for each in self.objects.values():
            columns = ", ".join(
                field.column + (" PRIMARY KEY" if field.name == "Id" else "") for field in each.fields.values()
            )
            self.database.execute(f'CREATE TABLE "{each.name}" ({columns})')
        self.database.execute("CREATE TABLE vanished (object TEXT, id TEXT, deleted_at TEXT)")
        self.database.execute("CREATE TABLE dataset_ids (dataset_id TEXT, id TEXT)")

    def index(self) -> None:
        """Every object can be read along its stamps, and by the fields that are looked up."""
        for each in self.objects.values():
            self._index(each.name, "SystemModstamp", "Id")
            for column in INDEXES.get(each.name, ()):
                if column in each.fields:
                    self._index(each.name, column)
        self.database.execute("CREATE INDEX IF NOT EXISTS by_dataset_id ON dataset_ids (dataset_id)")

    def add_field(self, object_name: str, field: Field) -> None:
        """The object has one more field, empty in every row."""
        sobject = self.objects[object_name]
        self.database.execute(f'ALTER TABLE "{object_name}" ADD COLUMN {field.column}')
        self.objects = {**self.objects, object_name: replace(sobject, fields={**sobject.fields, field.name: field})}
        if field.unique or field.external_id:
            self._index(object_name, field.name)

    def _index(self, table: str, *columns: str) -> None:
        listed = ", ".join(f'"{column}"' for column in columns)
        self.database.execute(f'CREATE INDEX IF NOT EXISTS "{table}_{columns[0]}" ON "{table}" ({listed})')

    def drop_indexes(self) -> None:
        """For a bulk load, which `index` ends."""
        found = self.database.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        for (name,) in found.fetchall():
            self.database.execute(f'DROP INDEX "{name}"')

    @contextmanager
    def transaction(self, name: str = "outer") -> Iterator[None]:
        """All or nothing; nested ones need names of their own."""
        self.database.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            self.database.execute(f"ROLLBACK TO {name}")
            raise
        finally:
            self.database.execute(f"RELEASE {name}")

    def next_id(self, object_name: str) -> str:
        self._numbers[object_name] += 1
        return make_id(self.objects[object_name].prefix, self._numbers[object_name])

    def insert(self, object_name: str, row: Mapping[str, Any]) -> None:
        columns = ", ".join(f'"{name}"' for name in row)
        places = ", ".join("?" * len(row))
        self.database.execute(f'INSERT INTO "{object_name}" ({columns}) VALUES ({places})', tuple(row.values()))

    def insert_many(self, object_name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        listed = ", ".join(f'"{name}"' for name in columns)
        places = ", ".join("?" * len(columns))
        self.database.executemany(f'INSERT INTO "{object_name}" ({listed}) VALUES ({places})', rows)

    def update(self, object_name: str, record_id: str, values: Mapping[str, Any]) -> None:
        if not values:
            return
        listed = ", ".join(f'"{name}" = ?' for name in values)
        self.database.execute(f'UPDATE "{object_name}" SET {listed} WHERE "Id" = ?', (*values.values(), record_id))

    def get(self, object_name: str, record_id: str) -> Row | None:
        """The row as stored, deleted ones too."""
        rows = self.find(object_name, "Id", record_id)
        return rows[0] if rows else None

    def find(self, object_name: str, column: str, value: Any) -> list[Row]:
        """Rows whose column has this value, in the order of their making."""
        return self.select(object_name, f'"{column}" = ?', (value,))

    def select(self, object_name: str, where: str, params: Sequence[Any] = (), tail: str = "") -> list[Row]:
        names = tuple(self.objects[object_name].fields)
        listed = ", ".join(f'"{name}"' for name in names)
        found = self.database.execute(f'SELECT {listed} FROM "{object_name}" WHERE {where} {tail}', params)
        return [dict(zip(names, values, strict=True)) for values in found]

    def vanish(self, object_name: str, record_id: str, deleted_at: str) -> None:
        """Take the row away, leaving only what `/deleted/` tells."""
        self.database.execute(f'DELETE FROM "{object_name}" WHERE "Id" = ?', (record_id,))
        self.database.execute("INSERT INTO vanished VALUES (?, ?, ?)", (object_name, record_id, deleted_at))

    def count(self, object_name: str) -> int:
        """Rows that are not deleted."""
        marked = "IsDeleted" in self.objects[object_name].fields
        where = 'WHERE "IsDeleted" = 0' if marked else ""
        (found,) = self.database.execute(f'SELECT count(*) FROM "{object_name}" {where}').fetchone()
        return int(found)

    def object_of(self, record_id: str) -> str | None:
        """The object that an id's first three characters name."""
        return self._by_prefix.get(record_id[:3])
