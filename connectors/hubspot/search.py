"""All records that changed within a window of time, by search: complete in spite of the cap of 10,000 per query.

A window of more results is split by time. Inside a window the records come sorted by id, and every page asks anew for
the ids after the last one, so that a record which leaves the window while it is read (somebody changes it) shifts
nothing. That rests on ids sorted as numbers. Where they are not, or where fewer records came than were promised, the
window is read once more by offset, which any stable order serves; a millisecond that holds more than offsets reach is
split by when its records were made.
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
_WITH_CREATEDATE = ("companies", "contacts", "deals")  # all others have hs_createdate


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
            pending += _halves(part)
            continue
        for records in _part(client, query, part, reply):
            yield Found(records=records, complete_to=part.low - 1)
        yield Found(records=(), complete_to=part.high)


def _part(client: Client, query: Query, part: Window, first: Json) -> Iterator[Sequence[Json]]:
    """One part, by ascending ids; by offset if the ids do not ascend or some are missing."""
    reply, last_id, seen = first, "", 0
    while records := results(reply):
        ids = [str(record.get("id")) for record in records]
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
    """The part once more; where it is longer than offsets reach, by when its records were made."""
    pending: list[Window | None] = [None]
    counted = 0
    while pending:
        made = pending.pop()
        reply = _ask(client, query, part, made=made)
        if _total(reply) > RESULT_CAP and (made is None or made.low < made.high):
            pending += _halves(made or Window(low=0, high=part.high))
            continue
        counted += _total(reply)
        yield from _pages(client, query, part, made, reply)
    if made and counted < _total(_ask(client, query, part)):
        raise _restless(client, query)


def _pages(client: Client, query: Query, part: Window, made: Window | None, first: Json) -> Iterator[Sequence[Json]]:
    reply = first
    for _ in range(OFFSET_ATTEMPTS):
        promised, offset = _total(reply), ""
        yield results(reply)
        while (following := next_page(reply)) != offset and following.isdigit() and int(following) < RESULT_CAP:
            reply = _ask(client, query, part, made=made, offset=following)
            yield results(reply)
            offset = following
        # A record that left the window meanwhile has pulled a later one over the edge of a page.
        if not next_page(reply) and _total(reply) >= promised:
            return
        reply = _ask(client, query, part, made=made)
    raise _restless(client, query)


def _restless(client: Client, query: Query) -> TransientError:
    what = f"the search of {query.kind}"
    return TransientError(f"connection {client.name}: {what} does not come to rest; try again later")


def _halves(window: Window) -> list[Window]:
    """The later half first, as for a stack."""
    middle = (window.low + window.high) // 2
    return [Window(low=middle + 1, high=window.high), Window(low=window.low, high=middle)]


def _ask(
    client: Client, query: Query, part: Window, *, made: Window | None = None, after_id: str = "", offset: str = ""
) -> Json:
    filters = [_between(query.watermark, part), *query.filters]
    if made:
        filters.append(_between("createdate" if query.kind in _WITH_CREATEDATE else "hs_createdate", made))
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


def _between(name: str, window: Window) -> Json:
    return {"propertyName": name, "operator": "BETWEEN", "value": str(window.low), "highValue": str(window.high)}


def _ascend(ids: Sequence[str]) -> bool:
    """Whether the ids rise as numbers, every one above the one before."""
    try:
        return all(int(one) < int(other) for one, other in pairwise(ids))
    except ValueError:
        return False


def _total(reply: Json) -> int:
    return int(reply.get("total") or 0)
