"""Pulling one stream: where it stands, what is asked next, and how a page moves the cursor.

The first request asks for everything stamped since the watermark, oldest first; its pages are followed by locator.
Each page's cursor names its last row, so that a pull that breaks off goes on behind that row by keyset. When the
whole answer has arrived the watermark becomes the CRM's clock at the start of the pull, less a look-back, and no later
than the start of the oldest transaction that was still running then: Salesforce stamps a row before it commits it, so
rows turn up behind a watermark that was drawn too tightly.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.errors import RejectedError, TransientError
from connectors.protocol import Cursor, Page
from connectors.salesforce.bulk import BulkLoads
from connectors.salesforce.client import Client, Record
from connectors.salesforce.place import Place
from connectors.salesforce.schema import Schema
from connectors.salesforce.sources import Source
from connectors.salesforce.values import quoted, stamp

DESCRIBE_EVERY = timedelta(hours=24)
# None: the whole answer in one query. A query that Salesforce finds too long is asked in pieces.
PIECES = {None: 2000, 2000: 200}


def pull(
    client: Client,
    schema: Schema,
    source: Source,
    cursor: Cursor | None,
    *,
    covered: Callable[[], datetime | None],
    moved: Callable[[Sequence[Record]], Iterator[Page]],
    bulk: BulkLoads,
) -> Iterator[Page]:
    """Yield the pages that follow `cursor`, the last one marked so.

    `covered` tells up to when all is committed; `moved` yields what merges among the records have moved; `bulk` loads
    what is too large for queries.
    """
    place = _start(client, schema, source, cursor)
    committed = covered() if place.fields else None
    told = _hidden_in(cursor)
    if (yield from _loaded(bulk, source, place, committed, told)):
        return
    place = place.without_job()
    piece: int | None = None
    more: str | None = None
    described_again = False
    while place.fields:
        try:
            answer = client.next_page(more) if more else client.query(soql(source, place, piece))
        except RejectedError as refused:
            if more and refused.code == "INVALID_QUERY_LOCATOR":
                more = None
            elif refused.code in {"QUERY_TIMEOUT", "QUERY_TOO_COMPLICATED"} and piece in PIECES:
                piece, more = PIECES[piece], None
            elif refused.code in {"INVALID_FIELD", "INVALID_TYPE"} and not described_again:
                place, more, described_again = _described(client, schema, source, place, fresh=True), None, True
            else:
                raise
            continue
        if answer.more and answer.more == more:
            raise TransientError(f"{client.name}: Salesforce names the same page of {source.object_name} twice")
        more = answer.more
        last = more is None and (piece is None or len(answer.records) < piece)
        if place.since:  # a first load reads everything after the merge anyway
            yield from (replace(page, cursor=place.cursor()) for page in moved(answer.records))
        place = place.behind(answer, committed)
        page = _with_notice(source.page(answer.records), source, [name for name in place.hidden if name not in told])
        told = place.hidden
        if last:
            page = _with_vanished(client, source, place, answer.asked_at, page)
            yield replace(page, cursor=place.finished().cursor(), last=True)
            return
        yield replace(page, cursor=place.cursor())
    # The org has no such object: nothing is missing.
    yield Page(cursor=place.cursor(), last=True)


def _loaded(
    bulk: BulkLoads, source: Source, place: Place, committed: datetime | None, told: Sequence[str]
) -> Generator[Page, None, bool]:
    """Yield a first load's pages where it is one for Bulk; whether it is whole."""
    if not bulk.suits(source, place):
        return False
    notice = _with_notice(Page(), source, [name for name in place.hidden if name not in told])
    return (yield from bulk.load(source, place, committed, notice))


def soql(source: Source, place: Place, piece: int | None) -> str:
    """What is asked: all rows from the watermark on, or behind the last one that arrived.

    Inclusive at the watermark, since rows of one transaction share their stamp.
    """
    at, row = place.last_stamp, place.last_id
    if at and row:
        where = f" WHERE (SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > {quoted(row)}))"
    else:
        where = f" WHERE SystemModstamp >= {place.since}" if place.since else ""
    columns = ", ".join(("Id", "SystemModstamp", *place.fields))
    limit = f" LIMIT {piece}" if piece else ""
    return f"SELECT {columns} FROM {source.object_name}{where} ORDER BY SystemModstamp, Id{limit}"  # noqa: S608 - names


def _hidden_in(cursor: Cursor | None) -> tuple[str, ...]:
    """The fields that were known to be hidden when the cursor was made: told already."""
    place = Place.of(cursor)
    return place.hidden if place else ()


def _with_notice(page: Page, source: Source, hidden: Sequence[str]) -> Page:
    """The page, telling once of each optional field that is read no more, or was never."""
    notices = {
        f"{source.object_name}.{name} cannot be read and is left out; grant read access to it (field-level security)": 1
        for name in source.missed(hidden)
    }
    return replace(page, set_aside={**page.set_aside, **notices}) if notices else page


def _with_vanished(client: Client, source: Source, place: Place, now: datetime, page: Page) -> Page:
    """The page, and on top what the log of deletions knows; it keeps 15 days, and nothing is gone at a first load."""
    if not source.vanishes or place.since is None:
        return page
    try:
        ids = client.deleted(source.object_name, datetime.fromisoformat(place.since), now)
    except RejectedError as refused:
        if refused.code != "INVALID_REPLICATION_DATE":
            raise
        return replace(page, set_aside={**page.set_aside, "deletions from before Salesforce's log of 15 days": 1})
    return replace(page, gone={source.vanishes: [*page.gone.get(source.vanishes, ()), *ids]})


def _start(client: Client, schema: Schema, source: Source, cursor: Cursor | None) -> Place:
    """The place to go on from: the cursor's, or the beginning where there is more to read than it knew of."""
    place = Place.of(cursor)
    if place is None:
        return _described(client, schema, source, None, fresh=False)
    wanted = {*source.required, *source.optional}
    known = {*place.fields, *place.hidden}
    age = client.server_now() - datetime.fromisoformat(place.described_at)
    # A custom field that was lacking may be there the next moment, with `holdfast provision`.
    settled = known == wanted and not any(name.endswith("__c") for name in place.hidden)
    if settled and age < DESCRIBE_EVERY and not schema.has_read(source.object_name):
        return place
    return _described(client, schema, source, place, fresh=age >= DESCRIBE_EVERY)


def _described(client: Client, schema: Schema, source: Source, place: Place | None, *, fresh: bool) -> Place:
    """The place with the fields that can be read today; the beginning where one of them was not read so far."""
    readable = schema.readable(source.object_name, source.required, source.optional, fresh=fresh)
    if readable is None and not source.may_lack:
        raise RejectedError(
            f"{client.name}: {source.object_name} cannot be read; grant the integration user read access to the object",
            "HIDDEN_OBJECT",
        )
    seen = readable or ()
    hidden = tuple(name for name in (*source.required, *source.optional) if name not in seen)
    described_at = stamp(client.server_now())
    if place is None or not set(seen) <= set(place.fields):
        return Place(fields=seen, hidden=hidden, described_at=described_at)
    return replace(place, fields=seen, hidden=hidden, described_at=described_at)
