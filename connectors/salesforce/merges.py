"""What follows from a merge: the children of the record that won, read anew.

Salesforce hangs the children of a merged record on the winner without telling anybody: no trigger runs, and whether
their stamps move is nowhere promised. The loser is all that an increment is sure to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.errors import RejectedError
from connectors.protocol import Page
from connectors.salesforce.client import Client, Record
from connectors.salesforce.schema import Schema
from connectors.salesforce.sources import Source
from connectors.salesforce.values import id18, listed

IDS_PER_QUERY = 200  # keeps the URL under the 16 KB that Salesforce takes


def winners(records: Sequence[Record]) -> list[str]:
    """Ids of the records into which some of these were merged."""
    found = {id18(record.get("MasterRecordId")) for record in records if record.get("IsDeleted")}
    return sorted(each for each in found if each)


def children(
    client: Client, schema: Schema, sources: Mapping[str, Source], source: Source, records: Sequence[Record]
) -> Iterator[Page]:
    """Pages of everything that hangs on the winners of the merges told by `records`, each as its own stream has it."""
    parents = winners(records)
    for stream, column in source.children if parents else ():
        child = sources[stream]
        try:
            fields = schema.readable(child.object_name, child.required, child.optional, fresh=False)
        except RejectedError:  # told by the stream itself, which stops for it
            continue
        if fields is None or column not in fields:
            continue
        select = f"SELECT {', '.join(('Id', 'SystemModstamp', *fields))} FROM {child.object_name}"  # noqa: S608 - names
        for start in range(0, len(parents), IDS_PER_QUERY):
            soql = f"{select} WHERE {column} IN {listed(parents[start : start + IDS_PER_QUERY])}"
            yield from _pages(client, child, soql)


def _pages(client: Client, child: Source, soql: str) -> Iterator[Page]:
    answer = client.query(soql)
    yield child.page(answer.records)
    while answer.more:
        answer = client.next_page(answer.more)
        yield child.page(answer.records)
