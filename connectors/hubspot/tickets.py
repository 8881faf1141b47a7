"""Tickets: read where a rule needs them, each with the company and the contact that its associations tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from connectors.errors import RejectedError
from connectors.hubspot.client import Client
from connectors.hubspot.links import associated, chunks
from connectors.hubspot.refusals import is_missing_scope
from connectors.hubspot.values import Properties, sane_moment, text
from connectors.protocol import Cursor, Known, Page, Row

TICKET_PROPERTIES = ("createdate", "closed_date", "hs_ticket_priority", "hs_ticket_reopened_at", "hs_lastmodifieddate")

NO_SCOPE = "tickets cannot be read and are left out; grant the scope tickets to the service key"
_ENDS = (("companies", "account_id"), ("contacts", "contact_id"))


def ticket_row(values: Properties) -> Row | str:
    """A ticket. HubSpot knows no escalation. One that was opened again after it was closed is open."""
    opened = sane_moment(values.get("createdate"))
    if opened is None:
        return "ticket without a day"
    closed, again = (sane_moment(values.get(name)) for name in ("closed_date", "hs_ticket_reopened_at"))
    return {
        "account_id": None,
        "contact_id": None,
        "priority": text(values, "hs_ticket_priority").lower(),
        "escalated": False,
        "closed_at": None if closed and again and again > closed else closed,
        "reopened_at": again,
        "changed_at": sane_moment(values.get("hs_lastmodifieddate")),
        "created_at": opened,
    }


def with_ends(client: Client, page: Page) -> Page:
    """The page, its tickets with their company, the primary one first, and their contact: two calls per thousand."""
    rows = page.rows.get("tickets", ())
    told: list[Row] = []
    aside = Counter(page.set_aside)
    for ids in chunks(row["id"] for row in rows):
        found = {column: associated(client, "tickets", kind, ids) for kind, column in _ENDS}
        told += [
            row | {column: next(iter(one.of(row["id"])), None) for column, one in found.items()}
            for row in rows[len(told) : len(told) + len(ids)]
        ]
        for one in found.values():
            aside += one.reasons
    return replace(page, rows={**page.rows, "tickets": told}, set_aside=dict(aside)) if rows else page


def begun(cursor: Cursor | None) -> Cursor | None:
    """The cursor to go on from, None where tickets were never read."""
    return None if cursor is None or "refused" in cursor else cursor


def unless_hidden(pages: Iterator[Page], cursor: Cursor | None, known: Known) -> Iterator[Page]:
    """The pages; one that is complete and empty where this key may not read tickets and never could, told once.

    What was read before and can be no more is missing: then the refusal stands.
    """
    try:
        yield from pages
    except RejectedError as error:
        if not is_missing_scope(error) or begun(cursor) or next(iter(known.live("tickets")), None):
            raise
        yield Page(set_aside={} if cursor else {NO_SCOPE: 1}, cursor={"refused": True}, last=True)
