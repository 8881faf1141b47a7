"""The floor of a first load through the same client and the same mapping: each page upserted as it comes, nothing else.

No hash that tells news from echo, no cursor, nothing of aliases, of what is to be forgotten or of what is affected; one
key a table and no other index.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import orjson

from connectors.protocol import Connector, Links, Page, Row

LINK = ("activity_id", "source", "side", "kind", "target")
_UPSERT_LINK = f"INSERT INTO links VALUES ({','.join('?' * len(LINK))}) ON CONFLICT DO NOTHING"
_END_LINK = f"DELETE FROM links WHERE ({', '.join(LINK)}) = ({','.join('?' * len(LINK))})"


def load(connector: Connector, store: str) -> int:
    """Pull every stream from its beginning, each page in one transaction; return how many records came."""
    _adapt()
    plain = Plain(store)
    return sum(plain.keep(page) for stream in connector.streams() for page in connector.pull(stream.name, None, plain))


class Plain:
    """A store that keeps what comes, and remembers of it what a connector may ask (`connectors.protocol.Known`)."""

    cycle = 1

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(f"CREATE TABLE links ({','.join(LINK)}, PRIMARY KEY ({','.join(LINK)})) WITHOUT ROWID")
        self._columns = defaultdict[str, set[str]](set)

    def keep(self, page: Page) -> int:
        self._db.execute("BEGIN")
        for table, rows in page.rows.items():
            if rows:
                self._db.executemany(self._upsert(table, rows[0]), rows)
        for table, ids in page.gone.items():
            if self._columns[table]:
                self._db.executemany(f'DELETE FROM "{table}" WHERE id = ?', zip(ids, strict=True))
        for told in page.links:
            self._db.executemany(_END_LINK, _links(told, told.removed))
            self._db.executemany(_UPSERT_LINK, _links(told, told.rows))
        self._db.execute("COMMIT")
        return page.records

    def _upsert(self, table: str, row: Row) -> str:
        if not self._columns[table]:
            self._db.execute(f'CREATE TABLE "{table}" (id PRIMARY KEY)')
            self._columns[table].add("id")
        for new in row.keys() - self._columns[table]:
            self._db.execute(f'ALTER TABLE "{table}" ADD COLUMN "{new}"')
            self._columns[table].add(new)
        names = list(row)
        changed = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name != "id")
        columns, values = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
        return f'INSERT INTO "{table}" ({columns}) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET {changed}'

    # --- what a connector asks of a store -----------------------------------------------------------------------------

    def activities(self, id_prefix: str, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        return self.live("activities", id_prefix)

    def deals(self, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        return self.live("deals")

    def contacts(self, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        return self.live("contacts")

    def companies_of(self, contact_ids: Sequence[str]) -> Mapping[str, str | None]:
        return {}

    def live(self, table: str, id_prefix: str = "") -> Iterator[str]:
        if not self._columns[table]:
            return
        chosen = f'SELECT id FROM "{table}" WHERE id >= ? AND id < ? ORDER BY id'
        for (one,) in self._db.execute(chosen, (id_prefix, f"{id_prefix}\U0010ffff")).fetchall():
            yield one

    def open_tasks(self) -> Sequence[str]:
        return ()

    def linked(self, kind: str, targets: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        wanted = "SELECT value FROM json_each(?)"
        chosen = f"SELECT activity_id, side, target FROM links WHERE kind = ? AND target IN ({wanted})"
        yield from self._db.execute(chosen, (kind, orjson.dumps(targets).decode())).fetchall()

    def credited(self, source: str, activity_ids: Sequence[str]) -> Mapping[str, str]:
        return {}


def _links(told: Links, rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    return ((row["activity_id"], told.source, row["side"], row["kind"], row["target"]) for row in rows)


def _adapt() -> None:
    """How SQLite keeps what has no type of its own there."""
    sqlite3.register_adapter(datetime, lambda at: at.astimezone(UTC).isoformat(" "))
    sqlite3.register_adapter(date, date.isoformat)
    sqlite3.register_adapter(dict, lambda value: orjson.dumps(value).decode())
