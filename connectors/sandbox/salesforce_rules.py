"""What an org of its own refuses: validation rules, records that others keep locked, records of inactive owners."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.salesforce_store import Row, Store
from connectors.sandbox.salesforce_values import RowError

# What a write of a record locks besides it: the parents that it points to.
_PARENTS = ("AccountId", "WhatId", "WhoId")


@dataclass(kw_only=True, slots=True)
class OrgRules:
    """`validations` have `object`, `field`, `pattern` (a record whose field shows it is refused) and `message`;
    `locks` tells of a record how many more writes of it, or of its children, fail.
    """

    validations: list[Mapping[str, Any]] = field(default_factory=list)
    locks: dict[str, int] = field(default_factory=dict)
    updates_inactive_owners: bool = True

    def lock(self, locked: Iterable[Mapping[str, Any]]) -> None:
        """Each has `id` and `times`."""
        self.locks |= {str(each["id"]): int(each.get("times", 1)) for each in locked}

    def check(self, store: Store, object_name: str, row: Row, before: Row | None) -> None:
        """Raises RowError for a record that the API may not leave like this."""
        self._check_lock(row)
        self._check_owner(store, object_name, row, before)
        for rule in self.validations:
            value = row.get(rule["field"])
            if rule["object"] == object_name and re.search(rule["pattern"], "" if value is None else str(value)):
                raise RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["message"], (rule["field"],))

    def _check_lock(self, row: Row) -> None:
        for record_id in filter(None, (row["Id"], *(row.get(name) for name in _PARENTS))):
            if self.locks.get(record_id, 0) > 0:
                self.locks[record_id] -= 1
                message = f"unable to obtain exclusive access to this record or 1 records: {record_id}"
                raise RowError("UNABLE_TO_LOCK_ROW", message)

    def _check_owner(self, store: Store, object_name: str, row: Row, before: Row | None) -> None:
        """Who lacks the right to update records with inactive owners cannot touch them without giving them away."""
        if self.updates_inactive_owners or before is None or not str(row.get("OwnerId")).startswith("005"):
            return
        owner = store.get("User", row["OwnerId"])
        if owner and not owner["IsActive"]:
            message = f"operation performed with inactive user [{row['OwnerId']}] as owner of {object_name.lower()}"
            raise RowError("INACTIVE_OWNER_OR_USER", message, ())
