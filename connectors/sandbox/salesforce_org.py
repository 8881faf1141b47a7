"""The sandbox's Salesforce: an org with its records, its API and its people, as the server needs a CRM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from starlette.routing import BaseRoute

from connectors.sandbox.company import Company
from connectors.sandbox.crm import Clock
from connectors.sandbox.salesforce_access import Access
from connectors.sandbox.salesforce_acts import Actors
from connectors.sandbox.salesforce_api import JSON, Quota, SalesforceApi
from connectors.sandbox.salesforce_calls import Context
from connectors.sandbox.salesforce_ids import make_id
from connectors.sandbox.salesforce_load import Loader
from connectors.sandbox.salesforce_login import Logins
from connectors.sandbox.salesforce_objects import objects
from connectors.sandbox.salesforce_queries import Queries
from connectors.sandbox.salesforce_schema import Sobject
from connectors.sandbox.salesforce_setup import set_up
from connectors.sandbox.salesforce_store import Row, Store, stamp
from connectors.sandbox.salesforce_tooling import register
from connectors.sandbox.salesforce_values import RowError
from connectors.sandbox.salesforce_writes import Author, create, delete, update

USERNAME = "holdfast@sandbox.example"
ORGANIZATION_ID = make_id("00D", 1)
STATUSES = (("Not Started", 0), ("In Progress", 0), ("Completed", 1), ("Waiting on someone else", 0), ("Deferred", 0))
PRIORITIES = (("High", 1), ("Normal", 0), ("Low", 0))
# kind -> HTTP status, error code, message.
ERRORS = {
    "quota": (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "rate-limit": (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
    "search-rate-limit": (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
    "unauthorized": (401, "INVALID_SESSION_ID", "Session expired or invalid"),
    "token-expired": (401, "INVALID_SESSION_ID", "Session expired or invalid"),
    "forbidden": (403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."),
    "unavailable": (503, "SERVER_UNAVAILABLE", "Server unavailable"),
    "locked": (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records"),
    "migration": (503, "SERVER_UNAVAILABLE", "We are down for maintenance. Sorry for the inconvenience."),
    "bad-request": (400, "INVALID_INPUT", "The request is not valid."),
    "not-found": (404, "NOT_FOUND", "The requested resource does not exist"),
    "not-allowed": (405, "METHOD_NOT_ALLOWED", "HTTP Method not allowed. Allowed are HEAD, GET, POST, PATCH, DELETE"),
    "server-error": (500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId."),
}
# What stands for a status alone; others come with an empty body, as from an edge before the API.
KIND_OF_STATUS = {
    400: "bad-request",
    401: "token-expired",
    403: "forbidden",
    404: "not-found",
    405: "not-allowed",
    500: "server-error",
    503: "unavailable",
}


class SalesforceOrg:
    """Fits the Crm protocol. A `bare` org has none of Holdfast's fields."""

    name = "salesforce"

    def __init__(self, clock: Clock, *, bare: bool = False) -> None:
        self._clock = clock
        self._bare = bare
        self._currencies = False
        self.logins = Logins(USERNAME, ORGANIZATION_ID)
        self.quota = Quota()
        self.store, context = self._furnished()
        self.api = SalesforceApi(context=context, logins=self.logins, quota=self.quota)

    def reset(self) -> None:
        """An empty org with its fixed tables and its integration user; sessions stay."""
        self.quota.used, self.quota.since = 0, None
        self.store, self.api.context = self._furnished()

    def _furnished(self) -> tuple[Store, Context]:
        store = Store(objects(bare=self._bare, currencies=self._currencies))
        user_id = _furnish(store, stamp(self._clock.now()))
        access = Access(user_id=user_id)
        context = Context(
            store=store,
            access=access,
            queries=Queries(store, lambda: access.visible(store)),
            clock=self._clock,
            organization_id=ORGANIZATION_ID,
            user_id=user_id,
        )
        _furnish_fields(context)
        return store, context

    @property
    def integration_user(self) -> str:
        """The id of the user that the API serves."""
        return self.api.context.user_id

    def routes(self) -> Sequence[BaseRoute]:
        return self.api.routes()

    def classify(self, method: str, path: str) -> tuple[str, bool]:
        return self.api.classify(method, path)

    def error(self, kind: str, status: int, retry_after: float | None) -> tuple[int, dict[str, str], bytes]:
        """As the Crm protocol says. `token-expired` ends every session: whoever does not log in again stays out."""
        known = ERRORS.get(kind or KIND_OF_STATUS.get(status, ""))
        headers = {"content-type": JSON, **self.quota.header}
        if retry_after is not None:  # Salesforce sends none; a proxy before it may
            headers["retry-after"] = f"{retry_after:g}"
        if known is None:
            return status or 500, headers, b""
        if known[1] == "INVALID_SESSION_ID":
            self.logins.revoke_all()
        body = orjson.dumps([{"message": known[2], "errorCode": known[1]}])
        return status or known[0], headers, body

    def load(self, company: Company) -> None:
        """An org whose deals are in several currencies has them switched on, for good."""
        if len({deal.currency for deal in company.deals if deal.currency}) > 1 and not self._currencies:
            self._currencies = True
            self.store, self.api.context = self._furnished()
        Loader(self.store, company, self._clock.now(), self.integration_user).load()

    def ids(self, dataset_id: str) -> list[str]:
        found = self.store.database.execute(
            "SELECT id FROM dataset_ids WHERE dataset_id = ? ORDER BY rowid", (dataset_id,)
        )
        return [record_id for (record_id,) in found]

    def records(self, object_name: str, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
        sobject = self._sobject(object_name)
        rows = self.store.select(sobject.name, '"Id" > ?', (after,), f'ORDER BY "Id" LIMIT {int(limit)}')
        return [_told(sobject, row) for row in rows], rows[-1]["Id"] if rows and len(rows) == limit else None

    def record(self, object_name: str, record_id: str) -> dict[str, Any] | None:
        sobject = self._sobject(object_name)
        row = self.store.get(sobject.name, record_id)
        return _told(sobject, row) if row else None

    def create(self, object_name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        sobject = self._sobject(object_name)
        with _as_value_error(), self.store.transaction():
            record_id = create(self.store, sobject.name, values, self._somebody)
        return _told(sobject, self.store.get(sobject.name, record_id) or {})

    def update(self, object_name: str, record_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
        sobject = self._sobject(object_name)
        with _as_value_error(), self.store.transaction():
            update(self.store, sobject.name, record_id, values, self._somebody)
        return _told(sobject, self.store.get(sobject.name, record_id) or {})

    def delete(self, object_name: str, record_id: str) -> None:
        sobject = self._sobject(object_name)
        with _as_value_error(), self.store.transaction():
            delete(self.store, sobject.name, record_id, self._somebody)

    def act(self, who: str, do: str, details: Mapping[str, Any]) -> dict[str, Any]:
        with _as_value_error(), self.store.transaction():
            return Actors(store=self.store, now=self._clock.now()).act(who, do, details)

    def set_up(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """As salesforce_setup.py tells. Raises ValueError."""
        with _as_value_error():
            return set_up(self.api.context, wanted, self._somebody)

    def counts(self) -> dict[str, int]:
        return {name: self.store.count(name) for name in self.store.objects}

    @property
    def _somebody(self) -> Author:
        """Some other user than the one that the API serves, where the org has one."""
        others = self.store.select("User", '"Id" != ? AND "IsActive" = 1', (self.integration_user,), "LIMIT 1")
        user_id = others[0]["Id"] if others else self.integration_user
        return Author(user_id=user_id, now=self._clock.now(), free=True)

    def _sobject(self, name: str) -> Sobject:
        found = self.store.objects.get(name)
        if found is None:
            raise ValueError(f"no object {name!r} in Salesforce: use one of {', '.join(self.store.objects)}")
        return found


@contextmanager
def _as_value_error() -> Iterator[None]:
    try:
        yield
    except RowError as error:
        raise ValueError(f"{error.code}: {error}") from error


def _told(sobject: Sobject, row: Row) -> dict[str, Any]:
    return {name: value == 1 if name in sobject.booleans else value for name, value in row.items()}


def _furnish_fields(context: Context) -> None:
    """The custom fields that the org has from the first day are known to the Tooling API; every profile gives them."""
    for sobject in context.store.objects.values():
        for field in sobject.fields.values():
            if field.custom and sobject.name != "Event":  # the same field as that of tasks
                entity = "Activity" if sobject.name == "Task" else sobject.name
                register(context, entity, field.name.removesuffix("__c"), {"label": field.label})


def _furnish(store: Store, at: str) -> str:
    """Make what every org has from the first day; the integration user's id."""
    system = {"CreatedDate": at, "LastModifiedDate": at, "SystemModstamp": at}
    user_id = store.next_id("User")
    system |= {"CreatedById": user_id, "LastModifiedById": user_id}
    user: Row = {"Username": USERNAME, "FirstName": "Holdfast", "LastName": "Integration"}
    user["Name"] = "Holdfast Integration"
    user |= {"Email": USERNAME, "IsActive": 1, "UserType": "Standard", "TimeZoneSidKey": "Europe/Berlin"}
    store.insert("User", {"Id": user_id, **user, **system})
    organization: Row = {"Name": "Sandbox", "OrganizationType": "Enterprise Edition", "InstanceName": "DEU1"}
    organization["IsSandbox"] = 1
    store.insert("Organization", {"Id": store.next_id("Organization"), **organization, **system})
    for object_name, rows, mark in (
        ("TaskStatus", STATUSES, "IsClosed"),
        ("TaskPriority", PRIORITIES, "IsHighPriority"),
    ):
        default = {"TaskStatus": "Not Started", "TaskPriority": "Normal"}[object_name]
        for order, (label, marked) in enumerate(rows, start=1):
            row = {"MasterLabel": label, "ApiName": label, "SortOrder": order, "IsDefault": int(label == default)}
            store.insert(object_name, {"Id": store.next_id(object_name), **row, mark: marked, **system})
    return user_id
