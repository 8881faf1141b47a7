"""The first load of an object: all of it by list, over several lanes where it is large.

All times in cursors are the portal's own, in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.errors import ConnectorError, RejectedError
from connectors.hubspot.client import Client
from connectors.hubspot.lanes import (
    LOST_SHARE,
    Lane,
    OutOfOrderError,
    evenly,
    number_of,
    read_lanes,
    refuses_tokens,
)
from connectors.hubspot.mapping import Shape
from connectors.hubspot.overlap import AT_ONCE
from connectors.hubspot.reading import LIST_PAGE_SIZE, listed
from connectors.hubspot.replies import next_page, results
from connectors.hubspot.values import Json, milliseconds
from connectors.protocol import Cursor

LANES_FROM_PAGES = 20  # a list of so many pages is read in several lanes
GROUP_SIZE = 1000

Part = tuple[Sequence[Json], Cursor, bool]


def is_load(cursor: Cursor | None) -> bool:
    """Whether the first load has not begun or is not done."""
    return cursor is None or "after" in cursor or "lanes" in cursor


def resumed(cursor: Cursor | None, shape: Shape) -> Cursor | None:
    """The cursor to go on from, None where more is asked of each record than when they were read."""
    if cursor is None or not set(shape.extra) <= set(cursor.get("extra", ())):
        return None
    return {name: value for name, value in cursor.items() if name != "extra"} | _extra(shape)


def _extra(shape: Shape) -> Cursor:
    return {"extra": list(shape.extra)} if shape.extra else {}


def everything(client: Client, shape: Shape, cursor: Cursor | None) -> Iterator[Part]:
    """(records, the cursor that holds with them, whether they are the last) of all of one object, by list, from where
    `cursor` stopped, if it did.
    """
    # Taken before the scan: what changes while it runs is found again by the first search. All that is there is read,
    # so that the next look at what vanished is due a beat later.
    watermark = int(cursor["watermark"]) if cursor else milliseconds(client.server_now())
    stamps = {"watermark": watermark, "beat": watermark, **_extra(shape)}
    if cursor and "after" in cursor:
        yield from _in_one(client, shape, stamps, str(cursor["after"]))
        return
    try:
        yield from _in_lanes(client, shape, stamps, cursor)
    except OutOfOrderError:
        yield from _in_one(client, shape, stamps, "")
    except RejectedError as error:
        if not refuses_tokens(error):
            raise
        yield from _in_one(client, shape, stamps, "")


def _in_one(client: Client, shape: Shape, stamps: Cursor, after: str) -> Iterator[Part]:
    for records, following in listed(client, client.paths.objects(shape.kind), _live(shape), after):
        yield records, stamps | ({"after": following} if following else {}), not following


def _in_lanes(client: Client, shape: Shape, stamps: Cursor, cursor: Cursor | None) -> Iterator[Part]:
    path, query = client.paths.objects(shape.kind), _live(shape)

    def fetch(after: str) -> Json:
        return client.get(path, query | ({"after": after} if after else {}))

    if cursor:
        lanes, place = [Lane.from_told(one) for one in cursor["lanes"]], dict(cursor["load"])
    else:
        first = fetch("")
        records, following = results(first), next_page(first)
        newest, promised = _newest(client, shape.kind) if following else (0, 0)
        if not following or promised < LIST_PAGE_SIZE * LANES_FROM_PAGES:
            yield records, stamps | ({"after": following} if following else {}), not following
            if following:
                yield from _in_one(client, shape, stamps, following)
            return
        place = {"newest": newest, "promised": promised, "seen": len(records)}
        lanes = evenly(number_of(records[-1]) + 1, newest, AT_ONCE)
        yield records, _place(stamps, lanes, place), False
    for page in read_lanes(fetch, lanes, newest=place["newest"], what=f"connection {client.name}: the list {path}"):
        place["seen"] += len(page)
        if not lanes and place["seen"] < place["promised"] * (1 - LOST_SHARE):
            raise OutOfOrderError(path)
        yield page, _place(stamps, lanes, place) if lanes else stamps, not lanes


def _place(stamps: Cursor, lanes: Sequence[Lane], place: Cursor) -> Cursor:
    return stamps | {"lanes": [one.told() for one in lanes], "load": dict(place)}


def _live(shape: Shape) -> dict[str, str]:
    return {"limit": str(LIST_PAGE_SIZE), "archived": "false", "properties": ",".join(shape.properties)}


def _newest(client: Client, kind: str) -> tuple[int, int]:
    """The highest id that the index knows, and how many records; zeros where it does not tell."""
    body: Json = {
        "filterGroups": [{"filters": [{"propertyName": "hs_object_id", "operator": "GT", "value": "0"}]}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "DESCENDING"}],
        "properties": ["hs_object_id"],
        "limit": 1,
    }
    reply = client.search(client.paths.objects(kind, "search"), body)
    ids = [str(one.get("id")) for one in results(reply)]
    return (int(ids[0]), int(reply.get("total") or 0)) if ids and ids[0].isdecimal() else (0, 0)


def grouped(
    parts: Iterator[Part],
) -> Iterator[Part]:
    """The same in parts of about a thousand records: one transaction and one question for associations each."""
    held: list[Json] = []
    reached: Cursor = {}
    try:
        for records, reached, last in parts:
            held += records
            if last or len(held) >= GROUP_SIZE:
                yield held, reached, last
                held = []
    except ConnectorError:
        if held:
            yield held, reached, False
        raise
