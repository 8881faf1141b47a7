"""Converting a lead, as people do in Salesforce (facts/salesforce.md 4.3)."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.sandbox.salesforce_store import Row, Store, stamp
from connectors.sandbox.salesforce_values import RowError
from connectors.sandbox.salesforce_writes import ACTIVITIES, Author, create, existing, update

_CONVERTED = "Closed - Converted"


def convert(
    store: Store, lead_id: str, account_id: str, contact_id: str | None, author: Author, *, leaving_links: bool
) -> str:
    """The contact that the lead became, made where none is given. Raises RowError.

    Its activities hang on the contact from then on, unless `leaving_links`, as those of old conversions may; open tasks
    and the events of whoever converts go to the contact's owner, even past ones.
    """
    lead = existing(store, "Lead", lead_id)
    if lead["IsConverted"]:
        raise RowError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    existing(store, "Account", account_id)
    contact_id = contact_id or create(store, "Contact", _contact(lead, account_id), author)
    changed: Row = {"IsConverted": 1, "Status": _CONVERTED, "ConvertedDate": author.now.date().isoformat()}
    changed |= {"ConvertedAccountId": account_id, "ConvertedContactId": contact_id}
    now = {"LastModifiedDate": stamp(author.now), "SystemModstamp": stamp(author.now)}
    store.update("Lead", lead_id, {**changed, **now, "LastModifiedById": author.user_id})
    if not leaving_links:
        _move(store, lead_id, existing(store, "Contact", contact_id), author)
    return contact_id


def _contact(lead: Mapping[str, object], account_id: str) -> Row:
    return {name: lead[name] for name in ("FirstName", "LastName", "Title", "Email")} | {"AccountId": account_id}


def _move(store: Store, lead_id: str, contact: Row, author: Author) -> None:
    for object_name in ACTIVITIES:
        for row in store.find(object_name, "WhoId", lead_id):
            if not row["IsDeleted"]:
                mine = row["OwnerId"] == author.user_id if object_name == "Event" else not row["IsClosed"]
                owner = {"OwnerId": contact["OwnerId"]} if mine else {}
                update(store, object_name, row["Id"], {"WhoId": contact["Id"], **owner}, author)
    for object_name in ("EventRelation", "TaskRelation"):
        for row in store.find(object_name, "RelationId", lead_id):
            if not row["IsDeleted"]:
                update(store, object_name, row["Id"], {"RelationId": contact["Id"]}, author)
