"""What of a page may come into the store: not what was to be forgotten, and no touch older than touches are kept.

Every page passes here, of whatever stream and for whatever reason it was read, so that nothing that was taken out of
the store comes back by another way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from connectors.protocol import Links, Page, Row
from sync.store import forgotten
from sync.store.forgotten import Forgotten

_PEOPLE = ("contact", "address")


def admitted(db: Connection, connection: str, page: Page, touches_since: datetime | None = None) -> Page:
    """The page as it may be stored; activities before `touches_since` are gone on it, as if deleted in the CRM."""
    page = _without_old(page, touches_since) if touches_since else page
    told = forgotten.read(db, connection)
    return _without_forgotten(db, connection, page, told) if told else page


def admissible(engine: Engine, connection: str, page: Page, touches_since: datetime | None = None) -> Page:
    """The page as `admitted` would leave it; nothing is changed."""
    with engine.connect() as db:
        page = admitted(db, connection, page, touches_since)
        db.rollback()
    return page


def _without_old(page: Page, since: datetime) -> Page:
    rows = page.rows.get("activities", ())
    old = {row["id"] for row in rows if row["at"] < since}
    if not old:
        return page
    return replace(
        page,
        rows={**page.rows, "activities": [row for row in rows if row["id"] not in old]},
        links=[_about_others(links, old) for links in page.links],
        gone={**page.gone, "activities": [*page.gone.get("activities", ()), *sorted(old)]},
    )


def _about_others(links: Links, old: set[str]) -> Links:
    """The activities stay `replaced`: what was stored of their links goes too."""
    return replace(links, rows=[row for row in links.rows if row["activity_id"] not in old])


def _without_forgotten(db: Connection, connection: str, page: Page, told: Forgotten) -> Page:
    new = [row["email"] for row in page.rows.get("contacts", ()) if _is_new(row, told)]
    if new:
        lifted = {told.digest(address) for address in new}
        forgotten.lift(db, connection, lifted)
        told = replace(told, at={digest: at for digest, at in told.at.items() if digest not in lifted})
    rows = {name: _kept(name, some, told) for name, some in page.rows.items()}
    return replace(page, rows=rows, links=[_of_others(links, told) for links in page.links])


def _is_new(row: Row, told: Forgotten) -> bool:
    """Whether somebody made this record after its address was forgotten: that is a decision of theirs."""
    at, made = told.since(row.get("email") or ""), row.get("created_at")
    return at is not None and made is not None and made > at and row["id"] not in told


def _kept(table: str, rows: Sequence[Row], told: Forgotten) -> Sequence[Row]:
    match table:
        case "contacts":
            kept = (row for row in rows if not (row["id"] in told or row.get("email") in told))
            return [_without_addresses(row, told) if row.get("other_emails") else row for row in kept]
        case "contact_roles" | "mailings":
            return [row for row in rows if row.get("contact_id") not in told]
        case "accounts":  # of a consumer, the account is the person
            kept = (row for row in rows if not (row.get("person") and row["id"] in told))
            return [
                {**row, "ours": {**ours, **told.stand_ins(ours, ours)}} if (ours := row.get("ours")) else row
                for row in kept
            ]
        case "tickets":
            return [{**row, "contact_id": None} if row.get("contact_id") in told else row for row in rows]
        case "crm_tasks":
            return [{**row, **told.stand_ins(row, ("subject", "body"))} for row in rows]
    return rows


def _without_addresses(row: Row, told: Forgotten) -> Row:
    """The contact without those of its further addresses that are somebody's who was forgotten."""
    return {**row, "other_emails": ";".join(one for one in row["other_emails"].split(";") if one not in told)}


def _of_others(links: Links, told: Forgotten) -> Links:
    kept = [
        row for row in links.rows if row["side"] == "ours" or row["kind"] not in _PEOPLE or row["target"] not in told
    ]
    return replace(links, rows=kept)
