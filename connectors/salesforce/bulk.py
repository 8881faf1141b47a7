"""What is too large for pages of queries, through Bulk API 2.0: one query job, its result streamed as CSV.

The rows come in no order, so the watermark stays where it was when the job was made until the last page has arrived.
The cursor names the job and the locator of the page that comes next: a load that breaks off goes on there, for the
seven days that Salesforce keeps a result.
"""

from __future__ import annotations

import codecs
import csv
import random
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

import requests

from connectors.errors import ConnectorError, RejectedError, TransientError
from connectors.retry import wait_seconds
from connectors.salesforce.client import Client
from connectors.salesforce.place import Place, safe_until
from connectors.salesforce.refusals import network_failure
from connectors.salesforce.schema import Schema
from connectors.salesforce.soql import in_bulk
from connectors.salesforce.source import Source
from connectors.salesforce.transport import Record

ROWS_PER_DOWNLOAD = 50_000
ROWS_PER_PAGE = 2000  # records that go into the store in one transaction, as from a page of a query
LONGEST_CELL = 1_000_000  # characters; a long text may have 131,072
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, LONGEST_JOB_SECONDS = 0.5, 30.0, 7200.0
CHUNK_BYTES = 65_536
JOBS = 2  # for one load, before queries do it

_ENDED = {"Failed", "Aborted"}
_NUMBERS: Mapping[str, Callable[[str], Any]] = {"int": int, "double": float, "currency": float, "percent": float}


@dataclass(frozen=True, kw_only=True, slots=True)
class Portion:
    """Some rows of a stream, where it stands once they are stored, and what is to be told of how they came."""

    records: list[Record]
    place: Place
    last: bool = False
    notice: str = ""


class BulkLoads:
    """Loads what has more than `above_rows` rows."""

    def __init__(self, client: Client, schema: Schema, *, above_rows: int) -> None:
        self._client = client
        self._schema = schema
        self._above_rows = above_rows
        self._counts: Mapping[str, int] | None = None

    def suits(self, source: Source, place: Place) -> bool:
        """Whether the stream is at a first load that is large, or under way by a job."""
        if place.job is not None:
            return True
        at_the_beginning = place.since is None and place.last_id is None
        # How many of the rows a stream with a condition wants, its first query tells.
        return at_the_beginning and not source.only and self.is_for(self.rows(source.object_name))

    def is_for(self, rows: int) -> bool:
        """Whether so many rows are too many for queries."""
        return rows > self._above_rows

    def load(self, source: Source, place: Place, covered: datetime | None) -> Generator[Portion, None, Place | None]:
        """Yield the rows from `place` on; return None where all of them arrived.

        Returns the place to go on from by queries where the org does not load this object so, or not to its end. A
        result that stays broken is made by a second job; where that is no better, queries have to do.
        """
        for _ in range(JOBS):
            try:
                place = place if place.job else self._started(source, place, covered)
                yield Portion(records=[], place=place)  # the job is known from here on
                self._await(str(place.job))
                yield from self._portions(source, place)
            except _NoBulkError:
                return place
            except BrokenResultError as broken:
                self._forget(str(place.job))
                place, reason = place.without_job(), str(broken)
            else:
                self._forget(str(place.job))
                return None
        told = f"{source.object_name}: bulk queries bring no whole result and are done without ({reason})"
        yield Portion(records=[], place=place, notice=told)
        return place

    def rows(self, object_name: str) -> int:
        """How many the object has, roughly, by one call for all objects; none where the org does not tell."""
        if self._counts is None:
            try:
                told = self._client.ask("limits/recordCount").get("sObjects")
            except (RejectedError, TransientError):
                told = None
            each_told = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
            numbers = {str(each.get("name")): each.get("count") for each in each_told}
            self._counts = {name: number for name, number in numbers.items() if isinstance(number, int)}
        return self._counts.get(object_name, 0)

    def _started(self, source: Source, place: Place, covered: datetime | None) -> Place:
        query = in_bulk(source, place)
        body = {"operation": "queryAll", "query": query, "columnDelimiter": "COMMA", "lineEnding": "LF"}
        try:
            job, asked_at = self._client.start("jobs/query", body)
        except RejectedError as refused:
            raise _NoBulkError from refused
        until = place.until or safe_until(asked_at, covered)
        return replace(place, until=until, job=str(job["id"]), locator=None)

    def _await(self, job: str) -> None:
        """The job is complete. Raises TransientError where that takes too long: the next cycle goes on with it."""
        wait, waited = FIRST_WAIT_SECONDS, 0.0
        while True:
            try:
                state = self._client.ask(f"jobs/query/{job}").get("state")
            except RejectedError as refused:  # nobody has it any more
                raise _NoBulkError from refused
            if state == "JobComplete":
                return
            if state in _ENDED:
                self._forget(job)
                raise _NoBulkError
            if waited > LONGEST_JOB_SECONDS:
                raise TransientError(f"{self._client.name}: a bulk query is not done after {waited / 60:.0f} minutes")
            self._client.wait(wait)
            waited, wait = waited + wait, min(LONGEST_WAIT_SECONDS, wait * 1.5)

    def _portions(self, source: Source, place: Place) -> Iterator[Portion]:
        described = self._schema.fields(source.object_name) or {}
        types = {name: str(field.get("type")) for name, field in described.items()}
        while True:
            place = yield from self._downloaded(place, types)
            if place.locator is None:
                return

    def _downloaded(self, place: Place, types: Mapping[str, str]) -> Generator[Portion, None, Place]:
        """Yield the records of one download; return the place behind it, without a locator where it was the last.

        One that breaks off is begun again, and its first portions come twice.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                return (yield from self._download(place, types))
            except RejectedError as refused:  # the result is gone, or of another version of the API
                raise _NoBulkError from refused
            except ConnectorError as error:
                jitter = random.random()  # noqa: S311 - spreads retries, protects nothing
                wait = wait_seconds(error, attempt, write=False, jitter=jitter)
                if wait is None:
                    raise
                self._client.wait(wait)

    def _download(self, place: Place, types: Mapping[str, str]) -> Generator[Portion, None, Place]:
        asked = {"maxRecords": str(ROWS_PER_DOWNLOAD)} | ({"locator": place.locator} if place.locator else {})
        with self._client.download(f"jobs/query/{place.job}/results", asked) as reply:
            locator = reply.headers.get("Sforce-Locator", "")
            promised = reply.headers.get("Sforce-NumberOfRecords", "")
            if reply.status_code != 200 or not locator or not promised.isdecimal():
                raise BrokenResultError(f"{self._client.name}: Salesforce's answer is no page of a bulk query's result")
            rows = records(self._client.name, _chunks(self._client.name, reply), types)
            arrived = 0
            while some := list(islice(rows, ROWS_PER_PAGE)):
                arrived += len(some)
                if arrived >= int(promised):
                    break
                yield Portion(records=some, place=place)
            arrived += sum(1 for _ in rows)
            if arrived != int(promised):
                raise BrokenResultError(f"{self._client.name}: {arrived} of {promised} records of a bulk query arrived")
            # Only now has the whole of this download arrived.
            behind = replace(place, locator=None if locator == "null" else locator)
            yield Portion(records=some, place=behind, last=behind.locator is None)
        return behind

    def _forget(self, job: str) -> None:
        """The job is deleted; where that fails Salesforce does it after seven days."""
        try:
            self._client.remove(f"jobs/query/{job}")
        except (RejectedError, TransientError):
            return


class BrokenResultError(TransientError):
    """A bulk result is not what its headers promise. Most are whole at the next try; one may stay so for ever.

    Remedy: none, ordinary queries load the rest. If it comes back, raise `bulk_above_rows` and tell Salesforce.
    """

    name = "bulk-result-broken"


class _NoBulkError(Exception):
    """The org does not load the object in bulk, or has lost the job."""


def records(name: str, chunks: Iterable[bytes], types: Mapping[str, str]) -> Iterator[Record]:
    """The rows of a result as the REST API would tell them; an empty cell is null. Raises BrokenResultError where one
    has more or fewer cells than the header.
    """
    csv.field_size_limit(LONGEST_CELL)
    rows = csv.reader(_lines(chunks), strict=True)
    try:
        header = next(rows, [])
        convert = [_converter(types.get(column, "")) for column in header]
        for row in rows:
            yield {name: each(cell) if cell else None for name, each, cell in zip(header, convert, row, strict=True)}
    except (csv.Error, ValueError) as error:
        raise BrokenResultError(f"{name}: a bulk query's result is no CSV; it may have been cut off") from error


def _converter(kind: str) -> Callable[[str], Any]:
    if kind == "boolean":
        return lambda cell: cell == "true"
    return _NUMBERS.get(kind, str)


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    for chunk in chunks:
        # NUL stands in no text that a person wrote, and csv refuses it.
        *lines, rest = (rest + decoder.decode(chunk).replace("\0", "")).split("\n")
        yield from (f"{line}\n" for line in lines)
    if rest:
        yield rest


def _chunks(name: str, reply: requests.Response) -> Iterator[bytes]:
    try:
        yield from reply.iter_content(CHUNK_BYTES)
    except requests.RequestException as error:
        raise network_failure(name, error, write=False) from None
