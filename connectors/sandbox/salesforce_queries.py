"""Queries and their pages: results fixed when the query runs, handed out in pages under an opaque locator."""

from __future__ import annotations

import json
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from connectors.sandbox.salesforce_derived import archive
from connectors.sandbox.salesforce_ids import make_id
from connectors.sandbox.salesforce_schema import Sobject
from connectors.sandbox.salesforce_store import Store
from connectors.sandbox.soql import SoqlError, parse
from connectors.sandbox.soql_compile import Compiled, compile_query

Objects = Mapping[str, Sobject]

SMALLEST_PAGE, LARGEST_PAGE = 200, 2000
CURSORS_KEPT = 2000  # the oldest go first, as if their two days were over


@dataclass(kw_only=True, slots=True)
class _Cursor:
    compiled: Compiled
    row_ids: array[int]
    batch: int
    path: str  # `query` or `queryAll`


class Queries:
    """Runs SOQL on the store, on the objects that `seen` tells when it is asked. Replies are JSON bytes."""

    def __init__(self, store: Store, seen: Callable[[], Objects]) -> None:
        self._store = store
        self._seen = seen
        self._cursors: OrderedDict[str, _Cursor] = OrderedDict()
        self._made = 0
        self._archived_on = ""

    def query(
        self, text: str, now: datetime, base: str, batch: int, *, everything: bool, among: Objects | None = None
    ) -> tuple[bytes, int]:
        """The first page and how many records it has; `everything` is queryAll, `among` are other objects than those
        seen. Raises SoqlError.
        """
        compiled, row_ids = self.fix(text, now, everything=everything, among=among)
        if compiled.counts:
            return _counted(compiled, row_ids[0] if row_ids else 0)
        size = max(SMALLEST_PAGE, min(LARGEST_PAGE, batch))
        path = "queryAll" if everything else "query"
        cursor = _Cursor(compiled=compiled, row_ids=row_ids, batch=size, path=path)
        locator = ""
        if len(row_ids) > size:
            self._made += 1
            locator = make_id("01g", self._made)
            self._cursors[locator] = cursor
            while len(self._cursors) > CURSORS_KEPT:
                self._cursors.popitem(last=False)
        return self._page(cursor, locator, 0, base)

    def fix(
        self, text: str, now: datetime, *, everything: bool, among: Objects | None = None
    ) -> tuple[Compiled, array[int]]:
        """The query's shape and the rows that it finds now. Raises SoqlError."""
        self._archive(now)
        compiled = compile_query(parse(text), among or self._seen(), now, hide=not everything)
        rows = self._store.database.execute(compiled.ids_sql, compiled.params)
        return compiled, array("q", (row[0] for row in rows))

    def rows(self, compiled: Compiled, row_ids: array[int]) -> list[tuple[Any, ...]]:
        """Those rows as they are now, in that order: the id, the leaves, the ids of the parents."""
        return self._store.database.execute(compiled.page_sql, (json.dumps(row_ids.tolist()),)).fetchall()

    def more(self, locator: str, base: str) -> tuple[bytes, int]:
        """The page that a `nextRecordsUrl` ends in. Raises SoqlError(INVALID_QUERY_LOCATOR)."""
        name, _, offset = locator.rpartition("-")
        cursor = self._cursors.get(name)
        if cursor is None or not offset.isdigit() or int(offset) >= len(cursor.row_ids):
            raise SoqlError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(cursor, name, int(offset), base)

    def forget(self) -> None:
        """Every locator is invalid from now on."""
        self._cursors.clear()

    def _archive(self, now: datetime) -> None:
        today = now.date().isoformat()
        if today != self._archived_on:
            archive(self._store, now)
            self._archived_on = today

    def _page(self, cursor: _Cursor, locator: str, start: int, base: str) -> tuple[bytes, int]:
        wanted = cursor.row_ids[start : start + cursor.batch]
        rows = self.rows(cursor.compiled, wanted)
        reply: dict[str, Any] = {"totalSize": len(cursor.row_ids), "done": True}
        end = start + len(wanted)
        if end < len(cursor.row_ids):
            reply |= {"done": False, "nextRecordsUrl": f"{base}/{cursor.path}/{locator}-{end}"}
        reply["records"] = _records(cursor.compiled, rows, base, self._store.object_of)
        return orjson.dumps(reply), len(rows)


def _counted(compiled: Compiled, count: int) -> tuple[bytes, int]:
    if compiled.counts == "size":
        return orjson.dumps({"totalSize": count, "done": True, "records": []}), 0
    row = {"attributes": {"type": "AggregateResult"}, "expr0": count}
    return orjson.dumps({"totalSize": 1, "done": True, "records": [row]}), 1


def _records(
    compiled: Compiled, rows: list[tuple[Any, ...]], base: str, kind_of: Callable[[str], str | None]
) -> list[dict[str, Any]]:
    url = f"{base}/sobjects/{compiled.sobject}/"
    if compiled.parents:
        return [_nested(compiled, row, base, url, kind_of) for row in rows]
    names = ("attributes", *(leaf.path[0] for leaf in compiled.leaves))
    booleans = [leaf.path[0] for leaf in compiled.leaves if leaf.boolean]
    kind = compiled.sobject
    records = []
    for row in rows:
        record = dict(zip(names, row, strict=True))
        record["attributes"] = {"type": kind, "url": url + row[0]}
        for name in booleans:
            record[name] = record[name] == 1
        records.append(record)
    return records


def _nested(
    compiled: Compiled, row: tuple[Any, ...], base: str, url: str, kind_of: Callable[[str], str | None]
) -> dict[str, Any]:
    record: dict[str, Any] = {"attributes": {"type": compiled.sobject, "url": url + row[0]}}
    ids = dict(zip(compiled.parents, row[1 + len(compiled.leaves) :], strict=True))
    parents = {path: _attributes(compiled.parents[path], parent_id, base, kind_of) for path, parent_id in ids.items()}
    for leaf, value in zip(compiled.leaves, row[1:], strict=False):
        inside = _inside(record, leaf.path[:-1], parents)
        if inside is not None:
            inside[leaf.path[-1]] = value == 1 if leaf.boolean and value is not None else value
    return record


def _attributes(
    kind: str | None, parent_id: str | None, base: str, kind_of: Callable[[str], str | None]
) -> dict[str, Any] | None:
    if parent_id is None:
        return None
    # A parent that may be of several kinds is told as a Name, with the address of what it really is.
    return {"type": kind or "Name", "url": f"{base}/sobjects/{kind or kind_of(parent_id)}/{parent_id}"}


def _inside(
    record: dict[str, Any], path: tuple[str, ...], parents: Mapping[tuple[str, ...], dict[str, Any] | None]
) -> dict[str, Any] | None:
    """The dictionary of the parent at `path`, made where it is missing; None where there is no parent."""
    inside = record
    for depth in range(1, len(path) + 1):
        attributes = parents[path[:depth]]
        if attributes is None:
            inside[path[depth - 1]] = None
            return None
        inside = inside.setdefault(path[depth - 1], {"attributes": attributes})
    return inside
