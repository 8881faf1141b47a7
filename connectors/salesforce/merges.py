"""What follows from a merge: the children of the record that won, read anew.

Salesforce hangs the children of a merged record on the winner without telling anybody: no trigger runs, and whether
their stamps move is nowhere promised. The loser is all that an increment is sure to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.errors import RejectedError
from connectors.protocol import Known, Page
from connectors.salesforce.client import Client
from connectors.salesforce.schema import Schema
from connectors.salesforce.source import Source
from connectors.salesforce.transport import Record
from connectors.salesforce.values import id18, listed

TABLES = {"activity": "activities", "tasks": "crm_tasks"}  # the store's, of the kinds that are not called by them
IDS_PER_QUERY = 200  # keeps the URL under the 16 KB that Salesforce takes


def winners(records: Sequence[Record]) -> list[str]:
    """Ids of the records into which some of these were merged."""
    found = {id18(record.get("MasterRecordId")) for record in records if record.get("IsDeleted")}
    return sorted(each for each in found if each)


@dataclass(frozen=True, kw_only=True, slots=True)
class Merges:
    """Follows the merges of one org; `sources` are all its streams by name."""

    client: Client
    schema: Schema
    sources: Mapping[str, Source]

    def children(self, source: Source, records: Sequence[Record], known: Known, first: bool) -> Iterator[Page]:
        """Pages of all that hangs on the winners of the merges told by `records`, each as its own stream has it.

        At the `first` load of a source the children are read after the merge anyway, unless some were before.
        """
        parents = winners(records)
        if first and parents and not self._has_children(source, known):
            return
        for child, column in self._children(source) if parents else ():
            try:
                fields = self.schema.readable(child.object_name, child.required, child.optional, fresh=False)
            except RejectedError:  # told by the stream itself, which stops for it
                continue
            if fields is None or not {column, *child.only[:1]} <= set(fields):
                continue
            select = f"SELECT {', '.join(('Id', 'SystemModstamp', *fields))} FROM {child.object_name}"  # noqa: S608 - names
            for start in range(0, len(parents), IDS_PER_QUERY):
                theirs = f"{column} IN {listed(parents[start : start + IDS_PER_QUERY])}"
                conditions = " AND ".join(filter(None, (" ".join(child.only), theirs)))
                yield from _pages(self.client, child, f"{select} WHERE {conditions}", known)

    def _children(self, source: Source) -> list[tuple[Source, str]]:
        return [(self.sources[stream], column) for stream, column in source.children if stream in self.sources]

    def _has_children(self, source: Source, known: Known) -> bool:
        kinds = {kind for child, _ in self._children(source) for kind in child.feeds} - source.feeds
        return any(next(iter(known.live(TABLES.get(kind, kind))), None) for kind in kinds)


def _pages(client: Client, child: Source, soql: str, known: Known) -> Iterator[Page]:
    answer = client.query(soql)
    yield child.page(answer.records, known)
    while answer.more:
        answer = client.next_page(answer.more)
        yield child.page(answer.records, known)
