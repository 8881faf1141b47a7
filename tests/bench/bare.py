"""The floors: what the same work costs with nothing around it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import orjson


def load_contacts(get: Callable[..., Any], shape: Any, path: str, store: str) -> int:
    """Fetch by one page after the other, map each record, upsert each page in one transaction; return how many."""
    db = sqlite3.connect(store, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    query = {"limit": "100", "archived": "false", "properties": ",".join(shape.properties)}
    written, after = 0, ""
    while written == 0 or after:
        page = get(path, query | ({"after": after} if after else {}))
        rows = [{"id": one["id"], **shape.row(one["properties"])} for one in page["results"]]
        columns = list(rows[0])
        db.execute(f"CREATE TABLE IF NOT EXISTS contacts ({','.join(columns)}, PRIMARY KEY (id)) WITHOUT ROWID")
        values = [[None if value is None else str(value) for value in row.values()] for row in rows]
        changed = ",".join(f"{name} = excluded.{name}" for name in columns[1:])
        db.execute("BEGIN")
        upsert = (
            f"INSERT INTO contacts VALUES ({','.join('?' * len(columns))}) ON CONFLICT (id) DO UPDATE SET {changed}"
        )
        db.executemany(upsert, values)
        db.execute("COMMIT")
        written += len(rows)
        after = page.get("paging", {}).get("next", {}).get("after", "")
    return written


def stream_touches(store: str) -> int:
    """Read every activity with who and what it belongs to; return how many activities that are."""
    db = sqlite3.connect(store)
    rows = db.execute(
        "SELECT a.id, a.kind, a.direction, a.outcome, a.at, a.on_day, a.ends_at, l.side, l.kind, l.target"
        " FROM activities a JOIN links l ON l.connection = a.connection AND l.activity_id = a.id"
        " WHERE NOT a.deleted AND a.outcome != 'void' AND a.kind IN ('email', 'call', 'meeting', 'message')"
    )
    found, last = 0, None
    for row in rows:
        if row[0] != last:
            found, last = found + 1, row[0]
    return found


def touches_in_order(store: str, ordered: str) -> None:
    """Copy who of ours was in which touch when, in the order of accounts, into a store of its own."""
    db = sqlite3.connect(ordered)
    db.execute("ATTACH ? AS store", (store,))
    db.execute(
        "CREATE TABLE touches AS SELECT about.target AS account, a.at, ours.target AS person"
        " FROM store.links about"
        " CROSS JOIN store.activities a ON a.connection = about.connection AND a.id = about.activity_id"
        " CROSS JOIN store.links ours ON ours.connection = a.connection AND ours.activity_id = a.id"
        " WHERE about.side = 'about' AND ours.side = 'ours' ORDER BY about.target, a.at"
    )
    db.commit()
    db.close()


def count_person_days(ordered: str) -> tuple[int, int]:
    """Stream the touches in the order of accounts and count the person-days; return how many of both."""
    db = sqlite3.connect(ordered)
    found = days = 0
    last, seen = "", set[tuple[str, str]]()
    for account, at, person in db.execute("SELECT account, at, person FROM touches ORDER BY rowid"):
        found += 1
        if account != last:
            days, last, seen = days + len(seen), account, set()
        seen.add((person, at[:10]))
    return found, days + len(seen)


def match(store: str) -> int:
    """Join the accounts and contacts of two sides by equal ids, addresses and domains; return how many pairs were
    written into a table with a key.
    """
    db = sqlite3.connect(store)
    db.execute("CREATE TEMP TABLE pairs (kind TEXT, one TEXT, other TEXT, PRIMARY KEY (kind, one)) WITHOUT ROWID")
    for table, column in (("accounts", "domain"), ("contacts", "email")):
        told = f"SELECT id, native_id, {column} FROM {table} WHERE connection = ? AND NOT deleted"
        by: dict[str, str] = {}
        for record_id, _, value in db.execute(told, ("sf",)):
            by[record_id] = record_id
            by[value.removeprefix("https://www.")] = record_id
        for record_id, native, value in db.execute(told, ("hs",)):
            if (native or value) and (other := by.get(native or value)):
                db.execute("INSERT OR IGNORE INTO pairs VALUES (?, ?, ?)", (table, record_id, other))
    return int(db.execute("SELECT count(*) FROM pairs WHERE other <> ''").fetchone()[0])


class Client:
    """One connection, and as little around it as there can be."""

    def __init__(self, url: str, token: str, *, gzip: bool) -> None:
        parts = urlsplit(url)
        self._connection = HTTPConnection(str(parts.hostname), parts.port)
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip" if gzip else "identity"}

    def size(self, path: str) -> int:
        """The length of the body, as it came over the wire."""
        return len(self._get(path, self._headers))

    def follow(self, first: str, most: int) -> tuple[list[str], int]:
        """The paths of up to `most` pages from the first one on, and how many records they hold."""
        paths: list[str] = []
        records, following = 0, first
        while following and len(paths) < most:
            page = orjson.loads(self._get(following, self._headers | {"Accept-Encoding": "identity"}))
            paths.append(following)
            records += len(page["records"] if "records" in page else page["results"])
            after = page.get("paging", {}).get("next", {}).get("after")
            following = f"{first}&after={after}" if after else page.get("nextRecordsUrl")
        return paths, records

    def _get(self, path: str, headers: dict[str, str]) -> bytes:
        self._connection.request("GET", path, headers=headers)
        reply = self._connection.getresponse()
        body = reply.read()
        if reply.status != 200:
            raise SystemExit(f"{path}: {reply.status} {body[:300]!r}")
        return body
