"""Pulling one stream: where it stands, what is asked next, and how a page moves the cursor.

The first request asks for everything stamped since the watermark, oldest first; its pages are followed by locator.
Each page's cursor names its last row, so that a pull that breaks off goes on behind that row by keyset. When the
whole answer has arrived the watermark becomes the CRM's clock at the start of the pull, less a look-back: Salesforce
stamps a row before it commits it, so rows turn up behind a watermark that was drawn too tightly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta

from connectors.errors import RejectedError, TransientError
from connectors.protocol import Cursor, Page
from connectors.salesforce.client import Answer, Client
from connectors.salesforce.schema import Schema
from connectors.salesforce.sources import Source
from connectors.salesforce.values import id18, moment, quoted, stamp

LOOK_BACK = timedelta(minutes=15)
DESCRIBE_EVERY = timedelta(hours=24)
# None: the whole answer in one query. A query that Salesforce finds too long is asked in pieces.
PIECES = {None: 2000, 2000: 200}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a stream stands, as its cursor keeps it. Times are stamps of the CRM's clock.

    `fields` are read, `hidden` were wanted and could not be; no fields at all: the org lacks the object. `since` is
    the watermark, None before the first load is whole. While a pull is under way `until` is the next watermark, and
    `last_stamp` and `last_id` name the last row that arrived.
    """

    fields: tuple[str, ...]
    hidden: tuple[str, ...]
    described_at: str
    since: str | None = None
    until: str | None = None
    last_stamp: str | None = None
    last_id: str | None = None

    @classmethod
    def of(cls, cursor: Cursor | None) -> Place | None:
        """The cursor's place; None for no cursor and for one that another version of us made."""
        if cursor is None or set(cursor) != {field.name for field in fields(cls)}:
            return None
        return cls(**{**cursor, "fields": tuple(cursor["fields"]), "hidden": tuple(cursor["hidden"])})

    def cursor(self) -> Cursor:
        return {**asdict(self), "fields": list(self.fields), "hidden": list(self.hidden)}

    def behind(self, answer: Answer) -> Place:
        """The place after a page, more of which may follow."""
        place = replace(self, until=self.until or stamp(answer.asked_at - LOOK_BACK))
        row = answer.records[-1] if answer.records else {}
        at, row_id = moment(row.get("SystemModstamp")), id18(row.get("Id"))
        return replace(place, last_stamp=stamp(at), last_id=row_id) if at and row_id else place

    def finished(self) -> Place:
        """The place after the last page: at the watermark."""
        return replace(self, since=self.until, until=None, last_stamp=None, last_id=None)


def pull(client: Client, schema: Schema, source: Source, cursor: Cursor | None) -> Iterator[Page]:
    """Yield the pages that follow `cursor`, the last one marked so."""
    place = _start(client, schema, source, cursor)
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
        place = place.behind(answer)
        page = source.page(answer.records)
        if last:
            page = _with_vanished(client, source, place, answer.asked_at, page)
            yield replace(page, cursor=place.finished().cursor(), last=True)
            return
        yield replace(page, cursor=place.cursor())
    # The org has no such object: nothing is missing.
    yield Page(cursor=place.cursor(), last=True)


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
    if known == wanted and age < DESCRIBE_EVERY and not schema.has_read(source.object_name):
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
