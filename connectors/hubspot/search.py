"""All records that changed within a window of time, by search: complete in spite of the cap of 10,000 per query.

A window of more results is split by time. Inside a window the records come sorted by id, and every page asks anew for
the ids after the last one, so that a record which leaves the window while it is read (somebody changes it) shifts
nothing. That rests on ids sorted as numbers. Where they are not, or where fewer records came than were promised, the
window is read once more by offset, which any stable order serves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from connectors.errors import TransientError
from connectors.hubspot.client import Client
from connectors.hubspot.replies import next_page, results
from connectors.hubspot.values import Json

PAGE_SIZE = 200
RESULT_CAP = 10_000
OFFSET_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """Records of `kind` whose `watermark` property lies in a window, and that pass `filters` besides."""

    kind: str
    watermark: str
    properties: tuple[str, ...]
    filters: tuple[Json, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Milliseconds since 1970, both ends included."""

    low: int
    high: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Some records. All that changed up to `complete_to` (milliseconds) has been yielded with them."""

    records: Sequence[Json]
    complete_to: int


def changed(client: Client, query: Query, window: Window) -> Iterator[Found]:
    """Yield every record of the window at least once, in parts from old to new; a part that is done moves
    `complete_to`, and the last thing yielded has it at the window's end.
    """
    pending = [window]
    while pending:
        part = pending.pop()
        reply = _ask(client, query, part)
        # One millisecond of a bulk job cannot be split; there only the ids lead on.
        if _total(reply) > RESULT_CAP and part.low < part.high:
            middle = (part.low + part.high) // 2
            pending += [Window(low=middle + 1, high=part.high), Window(low=part.low, high=middle)]
            continue
        for records in _part(client, query, part, reply):
            yield Found(records=records, complete_to=part.low - 1)
        yield Found(records=(), complete_to=part.high)


def _part(client: Client, query: Query, part: Window, first: Json) -> Iterator[Sequence[Json]]:
    """One part, by ascending ids; by offset if the ids do not ascend or some are missing."""
    reply, last_id, seen = first, "", 0
    while records := results(reply):
        ids = [str(record.get("id")) for record in records]
        if ids[-1] == last_id:
            raise TransientError(f"connection {client.name}: the search of {query.kind} does not advance")
        if not _ascend([last_id or "-1", *ids]):
            break
        yield records
        last_id, seen = ids[-1], seen + len(ids)
        # Not the page's size: a page may be short and yet not be the last.
        if not next_page(reply):
            break
        reply = _ask(client, query, part, after_id=last_id)
    if seen < _total(first):
        yield from _by_offset(client, query, part)


def _by_offset(client: Client, query: Query, part: Window) -> Iterator[Sequence[Json]]:
    for _ in range(OFFSET_ATTEMPTS):
        reply = _ask(client, query, part)
        promised, offset = _total(reply), ""
        yield results(reply)
        while (following := next_page(reply)) != offset and following.isdigit() and int(following) < RESULT_CAP:
            reply = _ask(client, query, part, offset=following)
            yield results(reply)
            offset = following
        # A record that left the window meanwhile has pulled a later one over the edge of a page.
        if not next_page(reply) and _total(reply) >= promised:
            return
    raise TransientError(f"connection {client.name}: the search of {query.kind} does not come to rest; try again later")


def _ask(client: Client, query: Query, part: Window, *, after_id: str = "", offset: str = "") -> Json:
    filters = [
        {
            "propertyName": query.watermark,
            "operator": "BETWEEN",
            "value": str(part.low),
            "highValue": str(part.high),
        },
        *query.filters,
    ]
    if after_id:
        filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": after_id})
    body: Json = {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(query.properties),
        "limit": PAGE_SIZE,
    }
    if offset:
        body["after"] = offset
    return client.search(client.paths.objects(query.kind, "search"), body)


def _ascend(ids: Sequence[str]) -> bool:
    """Whether the ids rise as numbers, every one above the one before."""
    try:
        return all(int(one) < int(other) for one, other in pairwise(ids))
    except ValueError:
        return False


def _total(reply: Json) -> int:
    return int(reply.get("total") or 0)
