"""Which company a contact belongs to and what it is there, as its associations tell.

The contact's own `associatedcompanyid` may be stale or name another company than the one with the label Primary.
Labels such as "Decision maker" are where many portals keep roles; they become rows of `contact_roles`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from connectors.hubspot.client import Client
from connectors.hubspot.links import Associated, associated, chunks
from connectors.hubspot.mailings import with_mailings
from connectors.hubspot.mapping import Shape, mapped
from connectors.hubspot.reading import by_id
from connectors.hubspot.team import with_team
from connectors.hubspot.tickets import with_ends
from connectors.hubspot.values import Json
from connectors.protocol import Cursor, Known, Page, Row


def read_page(client: Client, shape: Shape, records: Sequence[Json], cursor: Cursor, *, last: bool = False) -> Page:
    """The records as a page of the store; contacts and tickets with what their associations tell."""
    page = mapped(shape, records, cursor, last=last)
    match shape.kind:
        case "tickets":
            return with_ends(client, page)
        case "companies":
            return with_team(page, shape, records)
        case "contacts":
            page = with_mailings(page, records)
    rows = page.rows[shape.table]
    if shape.kind != "contacts" or not rows:
        return page
    told: list[Row] = []
    aside = Counter(page.set_aside)
    for ids in chunks(row["id"] for row in rows):
        found = associated(client, "contacts", "companies", ids)
        told += [row | {"account_id": company_of(found, row)} for row in rows[len(told) : len(told) + len(ids)]]
        aside += found.reasons
    return replace(page, rows={**page.rows, shape.table: told}, set_aside=dict(aside))


def without_roles(page: Page) -> Page:
    """The page, on which the roles and mailings of contacts that are gone are gone too: nothing tells of them then."""
    gone = page.gone.get("contacts", ())
    if not gone:
        return page
    roles = [f"{where}:{one}" for one in gone for where in ("company", "deal")]
    more = {"contact_roles": [*page.gone.get("contact_roles", ()), *roles], "mailings": gone}
    return replace(page, gone={**page.gone, **more})


def company_of(found: Associated, row: Row) -> str | None:
    """The primary company; without one that which the contact itself names, if they are associated, else the first.

    What the portal does not tell stays as the contact has it.
    """
    contact_id = row["id"]
    if contact_id in found.refused:
        return str(row["account_id"]) if row["account_id"] else None
    companies = found.of(contact_id)
    primary = companies and found.targets[contact_id][companies[0]]
    if not primary and row["account_id"] in companies:
        return str(row["account_id"])
    return companies[0] if companies else None


def contact_links(client: Client, shape: Shape, roles: Mapping[str, str], known: Known, ids: Sequence[str]) -> Page:
    """Roles of at most 1,000 contacts by the labels of their associations with their company and with deals, and the
    contacts themselves where the store has them at another company than the portal.

    `roles` translates labels (lower case) into our words.
    """
    companies = associated(client, "contacts", "companies", ids)
    deals = associated(client, "contacts", "deals", ids)
    stored = known.companies_of(ids)
    at = {one: company_of(companies, {"id": one, "account_id": held}) for one, held in stored.items()}
    moved = [one for one, held in stored.items() if at[one] != held]
    rows = [row | {"account_id": at[row["id"]]} for row in _read(client, shape, moved)]
    by_company = {one: _words(companies.labels_of(one, (at.get(one),)), roles) for one in ids}
    by_deal = {one: _words(deals.labels_of(one), roles) for one in ids}
    told = [("company", by_company, companies.refused), ("deal", by_deal, deals.refused)]
    return Page(
        rows={
            "contacts": rows,
            "contact_roles": [_role(where, one, held[one]) for where, held, _ in told for one in ids if held[one]],
        },
        gone={
            "contact_roles": [
                f"{where}:{one}" for where, held, refused in told for one in ids if not held[one] and one not in refused
            ]
        },
        set_aside=dict(companies.reasons + deals.reasons),
    )


def _read(client: Client, shape: Shape, ids: Sequence[str]) -> Sequence[Row]:
    records = by_id(client, shape.kind, shape.properties, ids)
    return [row for row in mapped(shape, records, {}).rows[shape.table] if row["id"] in ids]


def _role(where: str, contact_id: str, words: str) -> Row:
    role = {"left_on": None, "left_why": "", "created_at": None}
    return {"id": f"{where}:{contact_id}", "contact_id": contact_id, "roles": words, **role}


def _words(labels: Iterable[str], roles: Mapping[str, str]) -> str:
    """`Decision maker` becomes `decision-maker`, unless `roles` knows better."""
    named = (label.strip().lower() for label in labels)
    words = {roles.get(label) or "-".join(label.replace("_", " ").split()) for label in named}
    return ";".join(sorted(words - {""}))
