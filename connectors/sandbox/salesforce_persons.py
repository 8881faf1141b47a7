"""Person accounts: customers who are people, as an org has them for good once its admin switched them on.

Such an account has a hidden contact, which activities name in WhoId; the fields that tell them apart are in no org
without the feature (facts/salesforce.md 4.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.salesforce_schema import sobject
from connectors.sandbox.salesforce_store import Row, Store

FEATURE = "PersonAccounts"
MARK, CONTACT = "IsPersonAccount", "PersonContactId"
_ACCOUNT = f"""
    LastName string(80) ncu
    FirstName string(40) ncu
    {MARK} boolean d
    {CONTACT} reference(Contact)>PersonContact n
"""
_FIELDS = {"Account": _ACCOUNT, "Contact": f"{MARK} boolean d"}


def switch_on(store: Store) -> None:
    """The org has person accounts; the accounts that it has are companies."""
    for object_name, table in _FIELDS.items():
        for each in sobject(object_name, store.objects[object_name].prefix, table).fields.values():
            if each.name not in store.objects[object_name].fields:
                store.add_field(object_name, each)


def are_on(store: Store) -> bool:
    return MARK in store.objects["Account"].fields


def told_by_name(store: Store, object_name: str, row: Mapping[str, Any]) -> Row:
    """What follows for a new account from its last name, which a company has not: it is a person of that name."""
    if object_name != "Account" or not are_on(store) or not row.get("LastName"):
        return {}
    return {MARK: 1, "Name": " ".join(part for part in (row.get("FirstName"), row["LastName"]) if part)}


def contact_of(account: Mapping[str, Any]) -> Row:
    """The hidden contact that a new person account has."""
    names = {name: account[name] for name in ("FirstName", "LastName", "OwnerId")}
    return {**names, "AccountId": account["Id"], MARK: True}
