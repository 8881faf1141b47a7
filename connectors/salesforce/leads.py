"""Leads that became contacts: what was done with the lead was done with the contact and its account.

Salesforce hangs most activities on the contact when it converts a lead, not all. Activities keep their link to the
lead, and what a lead became is kept as a link too (`WAS`, from the contact and from the account to the lead): so the
two find each other whichever arrives first. What is linked because of that has `leads` for its source or that of the
activity.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.protocol import Known, Links, Page, Row
from connectors.salesforce.mapping import Record
from connectors.salesforce.values import id18

WAS = "was"
PEOPLE_OF_THEIRS = {"003": "contact", "00Q": "lead"}
_KINDS = {"001": "account", "003": "contact"}

Became = Mapping[str, Sequence[str]]  # ids of the contact and the account, by the lead's


def link(activity_id: str, side: str, kind: str, target: str) -> Row:
    return {"activity_id": activity_id, "side": side, "kind": kind, "target": target}


def converted(records: Sequence[Record], known: Known) -> Page:
    """Links alone. What a lead became stays true when the lead is deleted."""
    became: dict[str, list[str]] = {}
    for record in records:
        lead = id18(record.get("Id"))
        ids = (id18(record.get(name)) for name in ("ConvertedContactId", "ConvertedAccountId"))
        if lead and (found := [each for each in ids if each]):
            became[lead] = found
    rows = [link(each, WAS, "lead", lead) for lead, ids in became.items() for each in ids]
    for activity_id, side, lead in known.linked("lead", list(became)):
        if side != WAS:
            rows += _through(link(activity_id, side, "lead", lead), became)
    return Page(links=[Links(source="leads", rows=rows)], records=len(records))


def with_contacts(page: Page, known: Known) -> Page:
    """The page, its links to leads followed by those to what the leads have become."""
    told = [(*each.rows, *each.removed) for each in page.links]
    leads = sorted({row["target"] for rows in told for row in rows if row["kind"] == "lead"})
    became: dict[str, list[str]] = defaultdict(list)
    for one, side, lead in known.linked("lead", leads) if leads else ():
        if side == WAS:
            became[lead].append(one)
    return replace(page, links=[more for each in page.links for more in _followed(each, became)]) if became else page


def _followed(told: Links, became: Became) -> list[Links]:
    rows = [*told.rows, *(more for row in told.rows for more in _through(row, became))]
    # Of several who were with an account, one who is gone does not take the account along.
    ended = [more for row in told.removed for more in _through(row, became) if more["side"] != "about"]
    whole = replace(told, rows=rows, removed=[*told.removed, *ended])
    return [whole, Links(source="leads", removed=ended)] if ended else [whole]


def _through(row: Row, became: Became) -> list[Row]:
    """What a link to a lead says of the contact and the account that it became."""
    if row["kind"] != "lead":
        return []
    linked = [(_KINDS.get(each[:3], ""), each) for each in became.get(row["target"], ())]
    return [
        link(row["activity_id"], row["side"] if kind == "contact" else "about", kind, each)
        for kind, each in linked
        if kind
    ]
