"""HubSpot's records become rows of the store's tables. Pure: no clock, no I/O, and no record makes it raise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from connectors.hubspot import activity
from connectors.hubspot.mailings import MAILING_PROPERTIES
from connectors.hubspot.records import (
    CONTACT_PROPERTIES,
    account_row,
    company_properties,
    contact_row,
    deal_properties,
    deal_row,
)
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.tickets import TICKET_PROPERTIES, ticket_row
from connectors.hubspot.values import Json, Properties, properties, text
from connectors.protocol import ON_DEMAND, Cursor, Links, Page, Row

NO_PROPERTIES = "record without properties"
OWNER_SOURCE = "owner"  # who of ours, as the activity's own properties tell it
MEETING_SOURCE = "ical"  # which meeting an activity is one of several records of

MERGED = ("hs_merged_object_ids",)
# Either alone can lack ids.
CONTACT_MERGED = (*MERGED, "hs_calculated_merged_vids")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """How records of one HubSpot object become rows of one table.

    `row` returns the row without its id, or the reason why the record is set aside. `owners` names our people in an
    activity, `same` what other records may be about too. Ids in the store begin with `prefix`.
    """

    kind: str  # HubSpot's plural name
    table: str
    properties: tuple[str, ...]
    row: Callable[[Properties], Row | str]
    watermark: str = "hs_lastmodifieddate"
    prefix: str = ""
    owners: Callable[[Properties], Iterable[str]] | None = None
    same: Callable[[Properties], str] | None = None
    merged: tuple[str, ...] = ()  # properties that name the ids which went into a record
    team: Mapping[str, str] = field(
        default_factory=dict
    )  # properties that name one of ours on the record's team, by role
    drifts: bool = False  # some of the properties are calculated: they move without the watermark
    extra: tuple[str, ...] = ()  # those of the properties that only some rules need


def in_home_currency(shape: Shape, settings: HubspotSettings, currency: str) -> Shape:
    """The shape of deals in a portal of that home currency."""
    return replace(shape, row=partial(deal_row, home_currency=currency, competitor=settings.map.deals.competitor))


def shapes(settings: HubspotSettings, needs: frozenset[str] = frozenset()) -> dict[str, Shape]:
    """The shapes of all objects that are read by list and search, by HubSpot's plural name, in the order of reading; of
    what is read on demand only what is needed.
    """
    mailings = MAILING_PROPERTIES if "mailings" in needs else ()
    found = [
        Shape(
            kind="companies",
            table="accounts",
            properties=(*company_properties(settings), *MERGED),
            row=partial(account_row, settings),
            merged=MERGED,
            team=settings.map.team,
            drifts=True,
        ),
        Shape(
            kind="contacts",
            table="contacts",
            properties=(*CONTACT_PROPERTIES, *CONTACT_MERGED, *mailings),
            extra=mailings,
            row=contact_row,
            # Contacts alone: a search for their hs_lastmodifieddate finds nothing, without an error.
            watermark="lastmodifieddate",
            merged=CONTACT_MERGED,
            drifts=bool(mailings),  # the portal's own statistics of a contact
        ),
        Shape(
            kind="deals",
            table="deals",
            properties=(*deal_properties(settings), *MERGED),
            row=partial(deal_row, competitor=settings.map.deals.competitor),
            merged=MERGED,
            drifts=True,
        ),
    ]
    found.append(
        Shape(
            kind="tickets",
            table="tickets",
            properties=(*TICKET_PROPERTIES, *MERGED),
            row=ticket_row,
            merged=MERGED,
            drifts=True,  # whose it is: no association moves the watermark
        )
    )
    found += [
        Shape(
            kind=kind,
            table="activities",
            properties=reading.properties,
            row=reading.row,
            prefix=f"{kind}:",
            owners=reading.owners,
            same=reading.same,
        )
        for kind, reading in activity.READINGS.items()
    ]
    return {shape.kind: shape for shape in found if shape.table not in ON_DEMAND - needs}


def merged_ids(shape: Shape, record: Json) -> list[str]:
    """The ids that went into the record by merges; they lead to it and are nobody's any more."""
    values = properties(record)
    if not any(map(values.get, shape.merged)):
        return []  # nearly every record
    # "id;id" or, from older times, "id:timestamp;id:timestamp".
    found = (part.partition(":")[0].strip() for name in shape.merged for part in text(values, name).split(";"))
    return [one for one in dict.fromkeys(found) if one.isdecimal() and one != str(record.get("id"))]


def mapped(shape: Shape, records: Sequence[Json], cursor: Cursor, *, last: bool = False) -> Page:
    """One page of rows, with the links that the records themselves tell; archived and merged ones are gone."""
    rows: list[Row] = []
    links: list[Row] = []
    meetings: list[Row] = []
    gone: list[str] = []
    merged: dict[str, str] = {}
    aside: Counter[str] = Counter()
    for record in records:
        record_id = record.get("id")
        if not record_id:
            aside["no id"] += 1
            continue
        row_id = f"{shape.prefix}{record_id}"
        if record.get("archived") is True:
            gone.append(row_id)
            continue
        if not isinstance(values := record.get("properties"), dict):
            # No record without values, which has nulls: stored, it would wipe out what is known of it.
            aside[NO_PROPERTIES] += 1
            continue
        merged |= {f"{shape.prefix}{one}": row_id for one in merged_ids(shape, record)}
        row = shape.row(values)
        if isinstance(row, str):
            aside[row] += 1
            continue
        rows.append({"id": row_id, **row})
        if shape.owners:
            links += [_ours(row_id, owner) for owner in shape.owners(values)]
        if shape.same and (meeting := shape.same(values)):
            meetings.append({"activity_id": row_id, "side": "about", "kind": "meeting", "target": meeting})
    return Page(
        rows={shape.table: rows},
        links=_told(shape, rows, links, meetings),
        gone={shape.table: [*gone, *merged]} if gone or merged else {},
        merged={shape.table: merged} if merged else {},
        records=len(records),
        set_aside=dict(aside),
        cursor=cursor,
        last=last,
    )


def _told(shape: Shape, rows: Sequence[Row], owners: Sequence[Row], meetings: Sequence[Row]) -> list[Links]:
    """What the records themselves tell of whom and what they are linked to."""
    told = [(OWNER_SOURCE, owners)] if shape.owners else []
    told += [(MEETING_SOURCE, meetings)] if shape.same else []
    return [Links(source=source, rows=some, replaced=[row["id"] for row in rows]) for source, some in told]


def _ours(activity_id: str, owner_id: str) -> Row:
    return {"activity_id": activity_id, "side": "ours", "kind": "user", "target": owner_id}
