"""One call of the REST API on its way: what was asked, what is answered, what goes wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.crm import Clock, Exchange
from connectors.sandbox.salesforce_access import Access
from connectors.sandbox.salesforce_queries import Queries
from connectors.sandbox.salesforce_rules import OrgRules
from connectors.sandbox.salesforce_schema import Sobject
from connectors.sandbox.salesforce_store import Row, Store
from connectors.sandbox.salesforce_transactions import Transactions
from connectors.sandbox.salesforce_values import RowError
from connectors.sandbox.salesforce_writes import Author

STATUS_OF_CODE = {
    "ENTITY_IS_DELETED": 404,
    "NOT_FOUND": 404,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": 403,
}
ROW_FAULTS = {
    "UNABLE_TO_LOCK_ROW": "unable to obtain exclusive access to this record or 1 records: {id}",
    "INACTIVE_OWNER_OR_USER": "operation performed with inactive user",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "This record may not be changed at this time.",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "A trigger caused an unexpected exception, contact your administrator.",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "insufficient access rights on cross-reference id: {id}",
    "STORAGE_LIMIT_EXCEEDED": "storage limit exceeded",
}


class ApiError(Exception):
    """The whole call is refused, with this HTTP status and error list."""

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.fields = fields

    @property
    def body(self) -> list[dict[str, Any]]:
        told: dict[str, Any] = {"message": str(self), "errorCode": self.code}
        return [told if self.fields is None else {**told, "fields": list(self.fields)}]


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """`base` is the path of the version, `path` what follows it; `query` and `body` are decoded."""

    method: str
    base: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    exchange: Exchange


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """`body` is JSON to be, or JSON bytes; None where there is none (204)."""

    status: int = 200
    body: Any = None
    records: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What the handlers work on."""

    store: Store
    queries: Queries
    clock: Clock
    organization_id: str
    user_id: str  # of the integration user that the app logs in as
    access: Access
    rules: OrgRules = field(default_factory=OrgRules)
    transactions: Transactions = field(default_factory=Transactions)
    jobs: dict[str, Any] = field(default_factory=dict)  # bulk queries by id; None where one was deleted

    @property
    def author(self) -> Author:
        return Author(user_id=self.user_id, now=self.clock.now(), sees=self.visible, rules=self.rules)

    @property
    def visible(self) -> Mapping[str, Sobject]:
        """The objects as the integration user has them."""
        return self.access.visible(self.store)

    def sobject(self, name: str) -> Sobject:
        """Raises ApiError(404) for an object that the org lacks; the case of the name does not matter."""
        for each in self.visible.values():
            if each.name.lower() == name.lower():
                return each
        raise not_found()


def not_found() -> ApiError:
    return ApiError(404, "NOT_FOUND", "The requested resource does not exist")


def refused(error: RowError) -> ApiError:
    """The whole call's refusal where it was about this one record."""
    return ApiError(STATUS_OF_CODE.get(error.code, 400), error.code, str(error), error.fields)


def as_record(sobject: Sobject, row: Row, base: str, names: list[str] | None = None) -> dict[str, Any]:
    """The row as REST tells it, with all fields or the named ones."""
    record: dict[str, Any] = {
        "attributes": {"type": sobject.name, "url": f"{base}/sobjects/{sobject.name}/{row['Id']}"},
    }
    for name in names if names is not None else sobject.fields:
        record[name] = row[name] == 1 if name in sobject.booleans else row[name]
    return record


def check_row_fault(call: Call, values: Mapping[str, Any]) -> None:
    """Raises RowError for a record that a fault rule chose: `rows: {"match": {field: pattern}, "code": ...}`."""
    rule = call.exchange.faults.get("rows")
    if not rule:
        return
    patterns = rule.get("match", {})
    if all(re.search(str(pattern), str(values.get(name, ""))) for name, pattern in patterns.items()):
        code = rule.get("code", "UNABLE_TO_LOCK_ROW")
        message = rule.get("message") or ROW_FAULTS.get(code, "refused by a fault of the sandbox")
        raise RowError(code, message.format(id=values.get("Id") or values.get("WhatId") or ""))
