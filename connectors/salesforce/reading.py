"""Pulling one stream: where it stands, what is asked next, and how a page moves the cursor.

The first request asks for everything stamped since the watermark, oldest first; its pages are followed by locator.
Each page's cursor names its last row, so that a pull that breaks off goes on behind that row by keyset. What is too
much for pages of queries comes through Bulk. When the whole answer has arrived the watermark becomes the CRM's clock at
the start of the pull, less a look-back, and no later than the start of the oldest transaction that was still running
then: Salesforce stamps a row before it commits it, so rows turn up behind a watermark that was drawn too tightly. Once
a day the first pull goes back further than that.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.errors import RejectedError, TransientError
from connectors.protocol import Cursor, Known, Page
from connectors.salesforce.bulk import BulkLoads, Portion
from connectors.salesforce.client import Client
from connectors.salesforce.place import Place
from connectors.salesforce.schema import Schema
from connectors.salesforce.soql import in_order
from connectors.salesforce.source import Source
from connectors.salesforce.transport import Record
from connectors.salesforce.values import stamp

DESCRIBE_EVERY = timedelta(hours=24)
LOG_KEPT = timedelta(days=15) - timedelta(minutes=5)  # of deletions, less what a call may take
# None: the whole answer in one query. A query that Salesforce finds too long is asked in pieces.
PIECES = {None: 2000, 2000: 200}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """What reading any stream of an org needs.

    `covered` tells up to when all is committed; `moved` yields what merges among the records of a stream have moved;
    `bulk` loads what is too large for queries; `sweep_days` is how far back the first pull of a day goes.
    """

    client: Client
    schema: Schema
    bulk: BulkLoads
    covered: Callable[[], datetime | None]
    moved: Callable[[Source, Sequence[Record], Known, bool], Iterator[Page]]
    sweep_days: int

    def pull(self, source: Source, cursor: Cursor | None, known: Known) -> Iterator[Page]:
        """Yield the pages that follow `cursor`, the last one marked so: all from before the start of this pull is told.

        What an earlier pull left half done has the org as it was back then, a Bulk result even days later: once that is
        whole, the news since are pulled at once.
        """
        place = self._start(source, cursor)
        if not place.under_way:
            yield from self._pages(source, cursor, place, known)
            return
        for page in self._pages(source, cursor, place, known):
            cursor = page.cursor
            yield replace(page, last=False)
        yield from self.pull(source, cursor, known)

    def _pages(self, source: Source, cursor: Cursor | None, place: Place, known: Known) -> Iterator[Page]:
        if not place.fields:  # the org has no such object: nothing is missing
            yield Page(cursor=place.finished().cursor(), last=True)
            return
        watermark, told = place.since, _hidden_in(cursor)
        place = place.swept(self.client.server_now(), self.sweep_days)
        for portion in self._portions(source, place, self.covered()):
            behind = place.cursor()
            moved = self.moved(source, portion.records, known, place.since is None)
            yield from (replace(page, cursor=behind) for page in moved)
            place = portion.place
            yield self._page(source, portion, watermark, known, told)
            told = place.hidden

    def _page(self, source: Source, portion: Portion, watermark: str | None, known: Known, told: Sequence[str]) -> Page:
        """What becomes of the portion, whose records are let go of: the next are fetched while it is still known."""
        page = source.page(portion.records, known)
        portion.records.clear()
        place = portion.place
        page = _with_notice(page, source, [name for name in place.hidden if name not in told])
        if portion.notice:
            page = replace(page, set_aside={**page.set_aside, portion.notice: 1})
        if not portion.last:
            return replace(page, cursor=place.cursor())
        return replace(self._with_vanished(source, watermark, known, page), cursor=place.finished().cursor(), last=True)

    def _portions(self, source: Source, place: Place, committed: datetime | None) -> Iterator[Portion]:
        rest: Place | None = place
        large = self.bulk.suits(source, place)
        if large:
            rest = yield from self.bulk.load(source, place, committed)
        if rest:
            rest = yield from self._queried(source, rest.without_job(), committed, to_the_end=large)
        if rest:
            rest = yield from self.bulk.load(source, rest, committed)
        if rest:
            yield from self._queried(source, rest.without_job(), committed, to_the_end=True)

    def _queried(
        self, source: Source, place: Place, committed: datetime | None, *, to_the_end: bool
    ) -> Generator[Portion, None, Place | None]:
        """The rows by pages of queries; returns the place from which Bulk is to go on, None where all arrived."""
        piece: int | None = None
        more: str | None = None
        described_again = False
        while place.fields:
            try:
                answer = self.client.next_page(more) if more else self.client.query(in_order(source, place, piece))
            except RejectedError as refused:
                if more and refused.code == "INVALID_QUERY_LOCATOR":
                    more = None
                elif refused.code in {"QUERY_TIMEOUT", "QUERY_TOO_COMPLICATED"} and piece in PIECES:
                    piece, more = PIECES[piece], None
                elif refused.code in {"INVALID_FIELD", "INVALID_TYPE"} and not described_again:
                    place, more, described_again = self._described(source, place, fresh=True), None, True
                else:
                    raise
                continue
            if answer.more and answer.more == more:
                raise TransientError(
                    f"{self.client.name}: Salesforce names the same page of {source.object_name} twice"
                )
            more = answer.more
            place = place.behind(answer, committed)
            last = more is None and (piece is None or len(answer.records) < piece)
            yield Portion(records=answer.records, place=place, last=last)
            if last:
                return None
            if not to_the_end and self.bulk.is_for(answer.total):
                return place
        yield Portion(records=[], place=place, last=True)  # the object was taken away meanwhile
        return None

    def _with_vanished(self, source: Source, watermark: str | None, known: Known, page: Page) -> Page:
        """The page, and on top what the log of deletions knows since the watermark.

        Without one that is the whole log, unless there is nothing that could be gone: what is read from the beginning
        may have been read before.
        """
        if not source.vanishes or not (watermark or next(iter(known.live(source.vanishes)), None)):
            return page
        now = self.client.server_now()
        since = datetime.fromisoformat(watermark) if watermark else now - LOG_KEPT
        try:
            ids = self.client.deleted(source.object_name, since, now)
        except RejectedError as refused:
            if refused.code != "INVALID_REPLICATION_DATE":
                raise
            lost = "deletions from before Salesforce's log of 15 days; `holdfast verify --repair` finds them"
            return replace(page, set_aside={**page.set_aside, lost: 1})
        return replace(page, gone={source.vanishes: [*page.gone.get(source.vanishes, ()), *ids]})

    def _start(self, source: Source, cursor: Cursor | None) -> Place:
        """The place to go on from: the cursor's, or the beginning where there is more to read than it knew of."""
        place = Place.of(cursor)
        if place is None:
            return self._described(source, None, fresh=False)
        wanted = {*source.required, *source.optional}
        known = {*place.fields, *place.hidden}
        age = self.client.server_now() - datetime.fromisoformat(place.described_at)
        # A custom field that was lacking may be there the next moment, with `holdfast provision`.
        settled = known == wanted and not any(name.endswith("__c") for name in place.hidden)
        if settled and age < DESCRIBE_EVERY and not self.schema.has_read(source.object_name):
            return place
        return self._described(source, place, fresh=age >= DESCRIBE_EVERY)

    def _described(self, source: Source, place: Place | None, *, fresh: bool) -> Place:
        """The place with the fields that can be read today; the beginning where one of them was not read so far."""
        readable = self.schema.readable(source.object_name, source.required, source.optional, fresh=fresh)
        if readable is None and not source.may_lack:
            raise RejectedError(
                f"{self.client.name}: {source.object_name} cannot be read; grant the integration user read access to "
                "the object",
                "HIDDEN_OBJECT",
            )
        # Without the field that tells which rows are wanted there are none.
        seen = () if source.only and source.only[0] not in (readable or ()) else readable or ()
        hidden = tuple(name for name in (*source.required, *source.optional) if name not in seen)
        described_at = stamp(self.client.server_now())
        if place is None or not set(seen) <= set(place.fields):
            return Place(fields=seen, hidden=hidden, described_at=described_at)
        return replace(place, fields=seen, hidden=hidden, described_at=described_at)


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
