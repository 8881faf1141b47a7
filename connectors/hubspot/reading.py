"""Owners, whole pages of lists, records by id, and what changed since a cursor.

All times in cursors are the portal's own, in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from connectors.errors import TransientError
from connectors.hubspot.client import Client
from connectors.hubspot.mapping import Shape
from connectors.hubspot.records import user_row
from connectors.hubspot.replies import next_page, results, row_errors
from connectors.hubspot.search import Query, Window, changed
from connectors.hubspot.values import Json, milliseconds
from connectors.protocol import Cursor, Page

LIST_PAGE_SIZE = 100
BATCH_SIZE = 100
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


def by_id(
    client: Client,
    kind: str,
    names: Sequence[str],
    ids: Sequence[str],
    *,
    id_property: str = "",
    archived: bool = False,
) -> list[Json]:
    """Records with these properties by id, or by the value of a unique property; those not there are left out.

    The id of a merged record may bring the one that it went into, under that one's id.
    """
    found: list[Json] = []
    for start in range(0, len(ids), BATCH_SIZE):
        body: Json = {"inputs": [{"id": one} for one in ids[start : start + BATCH_SIZE]], "properties": list(names)}
        if id_property:
            body["idProperty"] = id_property
        reply = client.post(client.paths.objects(kind, "batch/read"), body, {"archived": str(archived).lower()})
        # Not there and not readable must not be mixed up: the first means that somebody deleted it.
        for _, code, message in row_errors(reply):
            if not code.endswith("OBJECT_NOT_FOUND"):
                raise TransientError(f"connection {client.name}: HubSpot did not read all {kind}: {message}")
        found += results(reply)
    return found


def changes(
    client: Client, shape: Shape, cursor: Cursor, *, index_lag_seconds: float
) -> Iterator[tuple[Sequence[Json], Cursor]]:
    """(records, the cursor that holds with them) of what changed of one object since `cursor`, by search."""
    watermark = int(cursor["watermark"])
    query = Query(kind=shape.kind, watermark=shape.watermark, properties=shape.properties)
    span, settled = window(client, watermark, index_lag_seconds)
    for found in changed(client, query, span):
        watermark = max(watermark, min(found.complete_to, settled))
        yield found.records, cursor | {"watermark": watermark}
