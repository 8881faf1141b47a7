"""The streams of associations, which move no record's time of change.

They are read again for what changed, for a trailing stretch of days in which people and HubSpot itself attach records
afterwards, and once a day for everything. A pass that is interrupted goes on after the last record that it stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from connectors.hubspot.beat import is_due
from connectors.hubspot.client import Client
from connectors.hubspot.contacts import contact_links
from connectors.hubspot.links import chunks, links_of_activities, links_of_deals
from connectors.hubspot.mapping import Shape
from connectors.hubspot.overlap import overlapped
from connectors.hubspot.values import milliseconds
from connectors.protocol import Cursor, Known, Links, Page

TRAILING = timedelta(days=30)
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkStream:
    """Of which rows the links are read, and how. `fresh` yields the ids of rows changed since a cycle, and of those
    that are recent at a moment, in ascending order; `read` takes HubSpot's ids and returns what they are linked to, in
    any thread.
    """

    table: str
    prefix: str
    fresh: Callable[[Known, int, datetime], Iterator[str]]
    read: Callable[[Sequence[str]], Page]


def activity_links(client: Client, kind: str, cursor: Cursor | None, known: Known) -> Iterator[Page]:
    """Links of one type of activity to contacts, companies and deals, one page per thousand activities."""
    prefix = f"{kind}:"
    stream = LinkStream(
        table="activities",
        prefix=prefix,
        fresh=lambda of, cycle, now: of.activities(prefix, changed_since=cycle, or_after=now - TRAILING),
        read=lambda ids: _page(*links_of_activities(client, kind, ids)),
    )
    return _passes(client, stream, cursor or {}, known)


def deal_companies(client: Client, cursor: Cursor | None, known: Known) -> Iterator[Page]:
    """The company of each deal, one page per thousand deals."""
    stream = LinkStream(
        table="deals",
        prefix="",
        fresh=lambda of, cycle, now: of.deals(changed_since=cycle, or_after=now - TRAILING),
        read=lambda ids: _page(*links_of_deals(client, ids)),
    )
    return _passes(client, stream, cursor or {}, known)


def contact_companies(
    client: Client, shape: Shape, roles: Mapping[str, str], cursor: Cursor | None, known: Known
) -> Iterator[Page]:
    """Company and roles of each contact, one page per thousand contacts."""
    stream = LinkStream(
        table="contacts",
        prefix="",
        fresh=lambda of, cycle, now: of.contacts(changed_since=cycle, or_after=now - TRAILING),
        read=partial(contact_links, client, shape, roles, known),
    )
    return _passes(client, stream, cursor or {}, known)


def _page(links: Sequence[Links], aside: Counter[str]) -> Page:
    return Page(links=links, set_aside=dict(aside))


def _passes(client: Client, stream: LinkStream, cursor: Cursor, known: Known) -> Iterator[Page]:
    """The rest of a pass that was interrupted, then one over what is new since that one began.

    `cursor`: `cycle` and `beat` say up to which cycle links were read, and when last all were (milliseconds); `pass` is
    the one that runs.
    """
    now = client.server_now(at_most_seconds_old=DAY_SECONDS)
    if "pass" in cursor:
        yield from _pass(stream, cursor, known, now)
        cursor = _ended(cursor)
    began = milliseconds(now)
    cursor |= {
        "pass": {
            "since": int(cursor.get("cycle", -1)) + 1,
            "cycle": known.cycle,
            "all": is_due(cursor, began),
            "began": began,
            "last": "",
        }
    }
    yield from _pass(stream, cursor, known, now)
    yield Page(cursor=_ended(cursor), last=True)


def _pass(stream: LinkStream, cursor: Cursor, known: Known, now: datetime) -> Iterator[Page]:
    running = cursor["pass"]
    every = known.live(stream.table, stream.prefix) if running["all"] else stream.fresh(known, running["since"], now)
    parts = chunks(row_id for row_id in every if row_id > running["last"])

    def read(chunk: list[str]) -> tuple[list[str], Page]:
        return chunk, stream.read([row_id.removeprefix(stream.prefix) for row_id in chunk])

    for chunk, page in overlapped(read, parts):
        reached = cursor | {"pass": running | {"last": chunk[-1]}}
        yield replace(page, records=len(chunk), cursor=reached)


def _ended(cursor: Cursor) -> Cursor:
    running = cursor["pass"]
    beat = running["began"] if running["all"] else int(cursor.get("beat", 0))
    return {"cycle": running["cycle"], "beat": beat}
