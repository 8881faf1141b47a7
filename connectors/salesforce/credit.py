"""Who did it, whoever owns it now.

When somebody leaves, an admin hands all that they own to a colleague, often what is closed and past as well; and
converting a lead hands its past events on. Salesforce keeps one owner and no history of it: the store does, since what
it holds of an activity that is over was told by a pull before the change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from connectors.protocol import Known, Page, Row
from connectors.salesforce.leads import link
from connectors.salesforce.mapping import Record
from connectors.salesforce.values import id18, moment


def with_first_owners(page: Page, records: Sequence[Record], known: Known) -> Page:
    """The page of Tasks or Events, each that is over credited to whom it was credited when it was first seen so.

    Whoever takes an open task over, or a meeting before it has ended, does it: their first owner is not kept.
    """
    (told,) = page.links
    stamps = {id18(record.get("Id")): moment(record.get("SystemModstamp")) for record in records}
    over = [row["id"] for row in page.rows["activities"] if _is_over(row, stamps[row["id"]])]
    first = known.credited(told.source, over) if over else {}
    if not first:
        return page
    others = [row for row in told.rows if row["side"] != "ours" or row["activity_id"] not in first]
    kept = [link(activity_id, "ours", "user", user_id) for activity_id, user_id in first.items()]
    return replace(page, links=[replace(told, rows=[*others, *kept])])


def _is_over(row: Row, changed_at: datetime | None) -> bool:
    """Whether it was done, or had ended, before its record was last changed.

    A meeting whose record stands still since before its end was handed over before it, if ever.
    """
    if row["outcome"] == "void":
        return False
    return row["ends_at"] is None or (changed_at is not None and changed_at >= row["ends_at"])
