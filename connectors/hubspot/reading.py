"""Streams of whole objects: owners by list, everything else by list once and by search of what changed from then on.

All times in cursors are the portal's own, in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from connectors.errors import TransientError
from connectors.hubspot.client import Client
from connectors.hubspot.mapping import Shape, mapped, user_row
from connectors.hubspot.replies import next_page, results
from connectors.hubspot.search import Query, Window, changed
from connectors.hubspot.values import Json, milliseconds
from connectors.protocol import Cursor, Page

LIST_PAGE_SIZE = 100
# The index may know of a change only later, and clocks of a distributed portal differ.
OVERLAP_MILLISECONDS = 15 * 60 * 1000


def owners(client: Client) -> Iterator[Page]:
    """Every owner, the deactivated ones after the active ones. There is no increment of owners."""
    active: set[str] = set()
    for archived in (False, True):
        query = {"limit": str(LIST_PAGE_SIZE), "archived": str(archived).lower()}
        for records, after in listed(client, client.paths.owners, query):
            rows = [user_row(record | {"archived": archived}) for record in records if record.get("id")]
            if archived:
                rows = [row for row in rows if row["id"] not in active]
            else:
                active.update(row["id"] for row in rows)
            yield Page(rows={"users": rows}, records=len(records), last=archived and not after)


def objects(client: Client, shape: Shape, cursor: Cursor | None, *, index_lag_seconds: float) -> Iterator[Page]:
    """Pages of one object: all of it without a cursor, what changed since with one."""
    if cursor and "after" not in cursor:
        yield from _changes(client, shape, cursor, index_lag_seconds)
    else:
        yield from _everything(client, shape, cursor)


def window(client: Client, watermark: int, index_lag_seconds: float) -> tuple[Window, int]:
    """What must be asked after `watermark`, up to this very second, and up to where its answer can be trusted.

    The index may lag: what is found is used at once, but the watermark stops where the index is surely complete.
    """
    now = client.server_now()
    settled = max(watermark, milliseconds(now - timedelta(seconds=index_lag_seconds)))
    # The clock tells whole seconds: the one that has begun belongs to the window.
    return Window(low=max(0, watermark - OVERLAP_MILLISECONDS), high=milliseconds(now + timedelta(seconds=1))), settled


def listed(client: Client, path: str, query: dict[str, str], after: str = "") -> Iterator[tuple[Sequence[Json], str]]:
    """(records, where the next page begins or "") of every page of a list."""
    while True:
        reply = client.get(path, query | ({"after": after} if after else {}))
        following = next_page(reply)
        if following and following == after:
            raise TransientError(f"connection {client.name}: the list {path} does not advance")
        yield results(reply), following
        if not following:
            return
        after = following


def _everything(client: Client, shape: Shape, cursor: Cursor | None) -> Iterator[Page]:
    # Taken before the scan: what changes while it runs is found again by the first search.
    watermark = int(cursor["watermark"]) if cursor else milliseconds(client.server_now())
    query = {"limit": str(LIST_PAGE_SIZE), "archived": "false", "properties": ",".join(shape.properties)}
    after = str(cursor["after"]) if cursor else ""
    for records, following in listed(client, client.paths.objects(shape.kind), query, after):
        rest = {"after": following} if following else {}
        yield mapped(shape, records, {"watermark": watermark, **rest}, last=not following)


def _changes(client: Client, shape: Shape, cursor: Cursor, index_lag_seconds: float) -> Iterator[Page]:
    watermark = int(cursor["watermark"])
    query = Query(kind=shape.kind, watermark=shape.watermark, properties=shape.properties)
    span, settled = window(client, watermark, index_lag_seconds)
    for found in changed(client, query, span):
        watermark = max(watermark, min(found.complete_to, settled))
        if found.records:
            yield mapped(shape, found.records, {"watermark": watermark})
    yield Page(cursor={"watermark": watermark}, last=True)
