"""What vanished from a portal, what came back and what the index kept to itself: no search tells of them, so once a
day the lists are asked.

The archived list says what was deleted and can be restored for 90 days; it can be neither filtered nor sorted. Deleted
e-mails, contacts deleted for good and merged records are on no list at all: the ids of all live records are compared
with the store's, both in ascending order, page by page, so that an interrupted comparison goes on where it was.

The list does not lag as the index does, so what was edited since the last beat is taken from it once more: an edit that
the index learnt of later than searches look back is stale for a day at most. Of objects with properties that HubSpot
calculates, which moves no time of change either, every record is taken.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from connectors.hubspot.beat import is_due
from connectors.hubspot.client import Client
from connectors.hubspot.contacts import read_page
from connectors.hubspot.mapping import Shape
from connectors.hubspot.reading import LIST_PAGE_SIZE, OVERLAP_MILLISECONDS, by_id, listed
from connectors.hubspot.team import team_ids
from connectors.hubspot.values import Json, milliseconds, sane_moment
from connectors.protocol import Cursor, Known, Page

NO_ORDER = "the list of ids is in no order: what vanished could not be told"


def vanished(client: Client, shape: Shape, cursor: Cursor, known: Known) -> Iterator[Page]:
    """The rest of a pull of `shape`: nothing between the beats, else what vanished or came back since the last one.

    `cursor` keeps when the last beat began (`beat`, the portal's milliseconds) and how far a running one is (`sweep`).
    """
    sweep = cursor.get("sweep")
    if sweep is None:
        now = milliseconds(client.server_now(at_most_seconds_old=60))
        if not is_due(cursor, now):
            yield Page(cursor=cursor, last=True)
            return
        sweep = {"began": now, "list": "archived", "after": ""}
    if sweep["list"] == "archived":
        yield from _archived(client, shape, cursor, sweep)
        sweep = {"began": sweep["began"], "list": "live", "after": ""}
    yield from _compared(client, shape, cursor, sweep, known)
    done = {name: value for name, value in cursor.items() if name != "sweep"}
    yield Page(cursor=done | {"beat": sweep["began"]}, last=True)


def _archived(client: Client, shape: Shape, cursor: Cursor, sweep: Cursor) -> Iterator[Page]:
    """Every record archived since the last beat is gone."""
    since = int(cursor.get("beat", 0)) - OVERLAP_MILLISECONDS
    query = {"limit": str(LIST_PAGE_SIZE), "archived": "true", "properties": "hs_object_id"}
    for records, following in listed(client, client.paths.objects(shape.kind), query, sweep["after"]):
        gone = [f"{shape.prefix}{one['id']}" for one in records if one.get("id") and _archived_since(one, since)]
        place = {"list": "archived", "after": following} if following else {"list": "live", "after": ""}
        yield Page(gone=_with_team(shape, gone), cursor=cursor | {"sweep": sweep | place})


def _archived_since(record: Json, since: int) -> bool:
    at = sane_moment(record.get("archivedAt"))
    return at is None or milliseconds(at) >= since


def _compared(client: Client, shape: Shape, cursor: Cursor, sweep: Cursor, known: Known) -> Iterator[Page]:
    """What the store lacks or may have otherwise is stored; what the list lacks is gone."""
    # Eight bytes each: the ids of a million records must fit beside everything else.
    names = (row_id.removeprefix(shape.prefix) for row_id in known.live(shape.table, shape.prefix))
    held = array("q", sorted(int(name) for name in names if name.isdecimal()))
    query = {"limit": str(LIST_PAGE_SIZE), "archived": "false", "properties": ",".join(shape.properties)}
    since = int(cursor.get("beat", 0)) - OVERLAP_MILLISECONDS
    begin = str(sweep["after"])
    for records, following in listed(client, client.paths.objects(shape.kind), query, begin):
        low, high = int(begin or 0), int(following) if following else 2**63 - 1
        ids = [int(record["id"]) for record in records if str(record.get("id", "")).isdecimal()]
        if not _ascend([low - 1, *ids, high]):
            yield Page(set_aside={NO_ORDER: 1}, cursor=cursor)
            return
        there = held[bisect_left(held, low) : bisect_left(held, high)]
        begin = following
        place = cursor | {"sweep": sweep | {"list": "live", "after": following}}
        listed_ids, held_ids = set(ids), set(map(str, there))
        lost = [str(one) for one in there if one not in listed_ids]
        news = [one for one in records if shape.drifts or str(one.get("id")) not in held_ids or _edited(one, since)]
        yield _settled(client, shape, news, lost=lost, cursor=place)


def _edited(record: Json, since: int) -> bool:
    at = sane_moment(record.get("updatedAt"))
    return at is None or milliseconds(at) >= since


def _settled(client: Client, shape: Shape, records: Sequence[Json], *, lost: Sequence[str], cursor: Cursor) -> Page:
    """The records as rows; a list alone buries nobody: what is lost is read by its id too."""
    read = by_id(client, shape.kind, shape.properties, lost)
    found = {str(record.get("id")) for record in read}
    page = read_page(client, shape, [*records, *read], cursor)
    gone = [f"{shape.prefix}{one}" for one in lost if one not in found]
    gone = list(dict.fromkeys([*gone, *page.gone.get(shape.table, ())]))
    left = {table: ids for table, ids in page.gone.items() if table != shape.table}
    return replace(page, gone={**left, **_with_team(shape, gone, left.get("team", ()))})


def _with_team(shape: Shape, gone: Sequence[str], left: Sequence[str] = ()) -> dict[str, Sequence[str]]:
    """What is gone, by table: these records, and with companies who was on their teams, beside whom else left one."""
    members = [*left, *team_ids(shape, gone)]
    return {table: ids for table, ids in ((shape.table, gone), ("team", members)) if ids}


def _ascend(ids: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(ids))
