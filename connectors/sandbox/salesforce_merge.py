"""Merging records and taking deleted ones out of the bin, as people do in Salesforce.

No trigger runs when a merge hangs children on the winner, and no promise is made that their stamps move
(facts/salesforce.md 4.2): here they do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.salesforce_derived import account_of
from connectors.sandbox.salesforce_store import Store, stamp
from connectors.sandbox.salesforce_values import RowError
from connectors.sandbox.salesforce_writes import ACTIVITIES, CASCADES, Author, existing

# Object -> what hangs on a record of it: (object, its field that points here).
_CHILDREN: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Account": (
        ("Account", "ParentId"),
        ("AccountContactRelation", "AccountId"),
        ("AccountTeamMember", "AccountId"),
        ("Case", "AccountId"),
        ("Contact", "AccountId"),
        ("EmailMessage", "RelatedToId"),
        ("Event", "WhatId"),
        ("Lead", "ConvertedAccountId"),
        ("Opportunity", "AccountId"),
        ("Task", "WhatId"),
    ),
    "Contact": (
        ("AccountContactRelation", "ContactId"),
        ("CampaignMember", "ContactId"),
        ("Case", "ContactId"),
        ("Contact", "ReportsToId"),
        ("EmailMessageRelation", "RelationId"),
        ("Event", "WhoId"),
        ("EventRelation", "RelationId"),
        ("Lead", "ConvertedContactId"),
        ("OpportunityContactRole", "ContactId"),
        ("Task", "WhoId"),
        ("TaskRelation", "RelationId"),
    ),
}


def merge(store: Store, object_name: str, winner_id: str, loser_id: str, author: Author) -> None:
    """The loser is deleted and names the winner, who has its children. Raises RowError."""
    if object_name not in _CHILDREN:
        raise RowError("INVALID_TYPE", f"records of {object_name} cannot be merged")
    for record_id in (winner_id, loser_id):
        existing(store, object_name, record_id)
    for child, column in _CHILDREN[object_name]:
        for row in store.find(child, column, loser_id):
            store.update(child, row["Id"], {column: winner_id})
    # An activity's account follows from what it hangs on.
    for child in ACTIVITIES:
        column = "AccountId" if object_name == "Account" else "WhoId"
        for row in store.find(child, column, loser_id if object_name == "Account" else winner_id):
            store.update(child, row["Id"], {"AccountId": account_of(store, row["WhatId"], row["WhoId"])})
    now: dict[str, Any] = {"LastModifiedDate": stamp(author.now), "SystemModstamp": stamp(author.now)}
    now["LastModifiedById"] = author.user_id
    store.update(object_name, winner_id, now)
    store.update(object_name, loser_id, {**now, "IsDeleted": 1, "MasterRecordId": winner_id})


def undelete(store: Store, object_name: str, record_id: str, author: Author) -> None:
    """The record is back, with what went into the bin together with it. Raises RowError."""
    found = store.get(object_name, record_id)
    if found is None or not found.get("IsDeleted"):
        raise RowError("UNDELETE_FAILED", "Entity is not in the recycle bin")
    marks = {"IsDeleted": 0, "LastModifiedDate": stamp(author.now), "SystemModstamp": stamp(author.now)}
    store.update(object_name, record_id, marks)
    for child, column in CASCADES.get(object_name, ()):
        for row in store.find(child, column, record_id):
            if row.get("IsDeleted") and row["SystemModstamp"] == found["SystemModstamp"]:
                undelete(store, child, row["Id"], author)
