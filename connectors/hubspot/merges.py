"""What hangs on records that were merged: it now hangs on the new record, and no time of change has moved.

HubSpot makes a new record with a new id of two; calls, e-mails, deals, contacts and subsidiaries go over to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.hubspot.activity import READINGS
from connectors.hubspot.client import Client
from connectors.hubspot.contacts import read_page
from connectors.hubspot.links import associated, chunks, links_of_activities, links_of_deals
from connectors.hubspot.mapping import Shape, merged_ids
from connectors.hubspot.reading import by_id
from connectors.hubspot.values import Json
from connectors.protocol import Cursor, Known, Page

# Whose rows name the merged record in a column of their own: contacts their company, subsidiaries their parent.
_NAMED_IN = {"companies": ("contacts", "companies", "tickets"), "contacts": ("tickets",)}


def moved(
    client: Client, shapes: Mapping[str, Shape], shape: Shape, records: Sequence[Json], *, cursor: Cursor, known: Known
) -> Iterator[Page]:
    """Yield what hangs on those of `records` into which others went since the store last heard of them.

    To be stored before the records themselves: with them the old ids are gone, and nothing tells of the merge again.
    """
    fresh = [str(one["id"]) for one in records if _is_news(shape, one, known)]
    for some in chunks(fresh):
        for kind in READINGS:
            for ids in chunks(_hanging(client, shape.kind, kind, some)):
                links, aside = links_of_activities(client, kind, ids)
                yield Page(links=links, set_aside=dict(aside), cursor=cursor)
        if shape.kind == "companies":
            for ids in chunks(_hanging(client, shape.kind, "deals", some)):
                links, aside = links_of_deals(client, ids)
                yield Page(links=links, set_aside=dict(aside), cursor=cursor)
        for kind in shapes.keys() & _NAMED_IN.get(shape.kind, ()):
            for ids in chunks(_hanging(client, shape.kind, kind, some)):
                yield read_page(client, shapes[kind], by_id(client, kind, shapes[kind].properties, ids), cursor)


def _is_news(shape: Shape, record: Json, known: Known) -> bool:
    """Whether the store still has one of the records that went into this one."""
    return any(
        f"{shape.prefix}{old}" in known.live(shape.table, f"{shape.prefix}{old}") for old in merged_ids(shape, record)
    )


def _hanging(client: Client, from_kind: str, to_kind: str, ids: Sequence[str]) -> list[str]:
    found = associated(client, from_kind, to_kind, ids)
    return sorted({target for one in ids for target in found.of(one)}, key=lambda one: (len(one), one))
