"""Where the HubSpot sandbox keeps its records: one SQLite file that vanishes with the process.

A record that changes leaves its former version behind, so that a search index which lags can be asked as of a moment.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from connectors.sandbox.hubspot_search import has_token

_TABLES = """
CREATE TABLE records (kind INTEGER NOT NULL, archived INTEGER NOT NULL, id INTEGER NOT NULL, created INTEGER NOT NULL,
    modified INTEGER NOT NULL, written INTEGER NOT NULL, archived_at TEXT, properties TEXT NOT NULL);
CREATE TABLE versions (kind INTEGER NOT NULL, archived INTEGER NOT NULL, id INTEGER NOT NULL, created INTEGER NOT NULL,
    modified INTEGER NOT NULL, written INTEGER NOT NULL, archived_at TEXT, properties TEXT NOT NULL,
    replaced INTEGER NOT NULL);
CREATE TABLE associations (source INTEGER NOT NULL, source_id INTEGER NOT NULL, target INTEGER NOT NULL,
    target_id INTEGER NOT NULL, type INTEGER NOT NULL);
CREATE TABLE uniques (kind INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id INTEGER NOT NULL,
    PRIMARY KEY (kind, name, value)) WITHOUT ROWID;
CREATE TABLE merged (kind INTEGER NOT NULL, old_id INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (kind, old_id))
    WITHOUT ROWID;
CREATE TABLE dataset (dataset_id TEXT NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL);
"""

_INDEXES = {
    "records_by_id": "UNIQUE INDEX records_by_id ON records (kind, archived, id)",
    "records_by_stamp": "INDEX records_by_stamp ON records (kind, archived, modified, id)",
    "versions_by_id": "INDEX versions_by_id ON versions (kind, id, replaced)",
    "versions_by_end": "INDEX versions_by_end ON versions (kind, replaced)",
    "associations_by_pair": "UNIQUE INDEX associations_by_pair ON associations "
    "(source, source_id, target, target_id, type)",
    "uniques_by_record": "INDEX uniques_by_record ON uniques (kind, id)",
    "dataset_by_id": "INDEX dataset_by_id ON dataset (dataset_id)",
    "dataset_by_record": "INDEX dataset_by_record ON dataset (kind, id)",
}

_COLUMNS = "kind, archived, id, created, modified, written, archived_at, properties"


@dataclass(kw_only=True, slots=True)
class Record:
    """One record as stored; stamps are epoch milliseconds, `properties` holds only what is set."""

    kind: int
    id: int
    created: int
    modified: int
    written: int = 0  # when this version was written, by the CRM's clock; 0 for what was there from the start
    archived_at: str | None = None
    properties: dict[str, str] = field(default_factory=dict)

    def row(self) -> tuple[Any, ...]:
        return (
            self.kind,
            int(self.archived_at is not None),
            self.id,
            self.created,
            self.modified,
            self.written,
            self.archived_at,
            orjson.dumps(self.properties).decode(),
        )


def _record(row: Sequence[Any]) -> Record:
    kind, _, record_id, created, modified, written, archived_at, properties = row
    return Record(
        kind=kind,
        id=record_id,
        created=created,
        modified=modified,
        written=written,
        archived_at=archived_at,
        properties=orjson.loads(properties),
    )


class Store:
    """Rows in, rows out; `lock` is held by whoever uses it, and knows nothing of HubSpot's rules."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        # An empty name is SQLite's own temporary file: spilled when large, gone when closed.
        self.db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        weakref.finalize(self, self.db.close)
        self.db.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY; PRAGMA cache_size=-131072;")
        self.db.create_function("fold", 1, lambda text: None if text is None else str(text).lower(), deterministic=True)
        self.db.create_function("has_token", 2, has_token, deterministic=True)
        self.db.executescript(_TABLES)
        self._index()

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested, the outermost one decides."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """For filling: indexes are dropped and built once at the end, which is several times faster."""
        for name in _INDEXES:
            self.db.execute(f"DROP INDEX {name}")
        try:
            with self.transaction():
                yield
        finally:
            self._index()

    def _index(self) -> None:
        for statement in _INDEXES.values():
            self.db.execute(f"CREATE {statement}")

    def add(self, records: Iterable[Record]) -> None:
        self.db.executemany("INSERT INTO records VALUES (?,?,?,?,?,?,?,?)", (record.row() for record in records))

    def get(self, kind: int, record_id: int) -> Record | None:
        row = self.db.execute(
            f"SELECT {_COLUMNS} FROM records WHERE kind=? AND archived IN (0,1) AND id=?",  # noqa: S608 own columns
            (kind, record_id),
        ).fetchone()
        return None if row is None else _record(row)

    def put(self, record: Record, now: int) -> None:
        """Replace a record; its former version stays for searches that lag. `now` in epoch milliseconds."""
        self._outdate(record.kind, record.id, now)
        record.written = now
        self.add([record])

    def drop(self, kind: int, record_id: int, now: int) -> None:
        """The record is gone for good; only a lagging search still sees it."""
        self._outdate(kind, record_id, now)

    def _outdate(self, kind: int, record_id: int, now: int) -> None:
        key = (kind, record_id)
        where = "kind=? AND archived IN (0,1) AND id=?"
        self.db.execute(
            f"INSERT INTO versions SELECT {_COLUMNS}, {int(now)} FROM records WHERE {where}",  # noqa: S608 a number
            key,
        )
        self.db.execute(f"DELETE FROM records WHERE {where}", key)  # noqa: S608 own words

    def page(self, kind: int, after: int, limit: int, *, archived: bool) -> list[tuple[int, str | None, str]]:
        """(id, archived_at, properties as JSON) in ascending id order from `after` on, inclusive."""
        return self.db.execute(
            "SELECT id, archived_at, properties FROM records WHERE kind=? AND archived=? AND id>=? ORDER BY id LIMIT ?",
            (kind, int(archived), after, limit),
        ).fetchall()

    def everything(self, kind: int, after: int, limit: int) -> list[Record]:
        """Records with an id above `after`, archived ones too, in ascending id order."""
        rows = self.db.execute(
            f"SELECT {_COLUMNS} FROM records WHERE kind=? AND archived IN (0,1) AND id>? "  # noqa: S608 own columns
            "ORDER BY id LIMIT ?",
            (kind, after, limit),
        )
        return [_record(row) for row in rows]

    def counts(self) -> dict[int, int]:
        return dict(self.db.execute("SELECT kind, count(*) FROM records WHERE archived=0 GROUP BY kind"))

    def last_id(self, kind: int) -> int:
        (found,) = self.db.execute("SELECT max(id) FROM records WHERE kind=?", (kind,)).fetchone()
        return int(found or 0)

    def history(self, kind: int, record_id: int) -> list[Record]:
        """The record's versions, oldest first, the present one last."""
        rows = self.db.execute(
            f"SELECT {_COLUMNS} FROM versions WHERE kind=? AND id=? ORDER BY replaced",  # noqa: S608 own columns
            (kind, record_id),
        )
        present = self.get(kind, record_id)
        return [*map(_record, rows), *([] if present is None else [present])]

    # Associations

    def associate(self, rows: Iterable[tuple[int, int, int, int, int]]) -> None:
        """Add (source kind, source id, target kind, target id, type id) rows; both directions are the caller's task."""
        self.db.executemany("INSERT OR IGNORE INTO associations VALUES (?,?,?,?,?)", rows)

    def dissociate(self, rows: Iterable[tuple[int, int, int, int, int]]) -> None:
        self.db.executemany(
            "DELETE FROM associations WHERE source=? AND source_id=? AND target=? AND target_id=? AND type=?", rows
        )

    def linked(self, source: int, source_id: int, target: int, after: int = 0) -> sqlite3.Cursor:
        """Rows of (target id, type id) in ascending order, target ids above `after`."""
        return self.db.execute(
            "SELECT target_id, type FROM associations WHERE source=? AND source_id=? AND target=? AND target_id>? "
            "ORDER BY target_id, type",
            (source, source_id, target, after),
        )

    def all_links(self, source: int, first_id: int, last_id: int) -> sqlite3.Cursor:
        """Rows of (source id, target kind, target id, type id) of all sources between two ids."""
        return self.db.execute(
            "SELECT source_id, target, target_id, type FROM associations WHERE source=? AND source_id BETWEEN ? AND ? "
            "ORDER BY source_id, target, target_id, type",
            (source, first_id, last_id),
        )

    # Unique values, merges, dataset ids

    def holder(self, kind: int, name: str, value: str) -> int | None:
        row = self.db.execute("SELECT id FROM uniques WHERE kind=? AND name=? AND value=?", (kind, name, value))
        found = row.fetchone()
        return None if found is None else int(found[0])

    def hold(self, kind: int, name: str, value: str, record_id: int) -> None:
        self.db.execute("INSERT OR REPLACE INTO uniques VALUES (?,?,?,?)", (kind, name, value, record_id))

    def release(self, kind: int, record_id: int, name: str | None = None) -> None:
        only = "" if name is None else " AND name=?"
        values = (kind, record_id) if name is None else (kind, record_id, name)
        self.db.execute(f"DELETE FROM uniques WHERE kind=? AND id=?{only}", values)  # noqa: S608 own words

    def merge(self, kind: int, old_id: int, new_id: int) -> None:
        self.db.execute("UPDATE merged SET id=? WHERE kind=? AND id=?", (new_id, kind, old_id))
        self.db.execute("INSERT INTO merged VALUES (?,?,?)", (kind, old_id, new_id))

    def merged_into(self, kind: int, old_id: int) -> int | None:
        row = self.db.execute("SELECT id FROM merged WHERE kind=? AND old_id=?", (kind, old_id)).fetchone()
        return None if row is None else int(row[0])

    def remember(self, rows: Iterable[tuple[str, int, int]]) -> None:
        """Add (dataset id, kind, CRM id) rows."""
        self.db.executemany("INSERT INTO dataset VALUES (?,?,?)", rows)

    def made_from(self, dataset_id: str) -> list[tuple[int, int]]:
        return self.db.execute(
            "SELECT kind, id FROM dataset WHERE dataset_id=? ORDER BY rowid", (dataset_id,)
        ).fetchall()

    # Search

    def search(  # noqa: PLR0917 the parts of one SELECT
        self, kind: int, where: str, values: Sequence[Any], order: str, limit: int, offset: int, as_of: int | None
    ) -> tuple[int, list[Record]]:
        """(how many fit, one page of them); with `as_of` as the records stood at that moment. Archived ones never."""
        source, first = ("records", ()) if as_of is None else (_AS_OF, (kind, as_of, kind, as_of, as_of))
        # The conditions come from the search compiler: names of known properties and placeholders.
        condition = f"FROM {source} WHERE kind=? AND archived=0 AND ({where})"
        given = (*first, kind, *values)
        (total,) = self.db.execute(f"SELECT count(*) {condition}", given).fetchone()
        rows = self.db.execute(
            f"SELECT {_COLUMNS} {condition} ORDER BY {order} LIMIT ? OFFSET ?",
            (*given, limit, offset),
        )
        return int(total), [_record(row) for row in rows]


_AS_OF = (
    f"(SELECT {_COLUMNS} FROM records WHERE kind=? AND written<=? UNION ALL "  # noqa: S608 own columns
    f"SELECT {_COLUMNS} FROM versions WHERE kind=? AND written<=? AND replaced>?)"
)
