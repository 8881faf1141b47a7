"""A HubSpot portal on this machine, as the sandbox's server drives it: API routes, raw records, a company, acts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from starlette.routing import BaseRoute

from connectors.sandbox.company import Company
from connectors.sandbox.crm import Clock
from connectors.sandbox.hubspot_account import Account
from connectors.sandbox.hubspot_acts import act
from connectors.sandbox.hubspot_api import classify, routes
from connectors.sandbox.hubspot_errors import RefusedError, outage
from connectors.sandbox.hubspot_load import load
from connectors.sandbox.hubspot_schema import OBJECT_TYPES, ObjectType, object_type
from connectors.sandbox.hubspot_setup import set_up
from connectors.sandbox.hubspot_shapes import links_in
from connectors.sandbox.hubspot_store import Record


class HubspotPortal:
    """One portal; any thread may ask.

    `unique_task_key` says whether tasks can have unique properties (not certain of real portals), and whether
    `holdfast_key` is one. It, the number of associations on a page, the seconds by which the search index lags and
    the scopes that the token lacks can be set, also later, on `account`.
    """

    name = "hubspot"

    def __init__(
        self,
        clock: Clock,
        *,
        bare: bool = False,
        rate_limits: bool = True,
        unique_task_key: bool = True,
        association_page: int = 500,
        index_lag_seconds: float = 0.0,
    ) -> None:
        self.account = Account(
            clock,
            bare=bare,
            rate_limits=rate_limits,
            unique_task_key=unique_task_key,
            association_page=association_page,
            index_lag_seconds=index_lag_seconds,
        )
        self.access_token = self.account.access_token
        self.client_id = self.account.client_id
        self.client_secret = self.account.client_secret
        self.refresh_token = self.account.refresh_token

    def routes(self) -> Sequence[BaseRoute]:
        return routes(self.account)

    def classify(self, method: str, path: str) -> tuple[str, bool]:
        return classify(method, path)

    def error(self, kind: str, status: int, retry_after: float | None) -> tuple[int, dict[str, str], bytes]:
        found = outage(kind, status, self.account.portal_id)
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
        if isinstance(found, RefusedError):
            headers["Content-Type"] = "application/json;charset=utf-8"
            return found.status, headers, orjson.dumps(found.body)
        return status, headers | {"Content-Type": "text/html"}, found

    def load(self, company: Company) -> None:
        with self.account.data.store.lock:
            load(self.account, company)

    def ids(self, dataset_id: str) -> list[str]:
        with self.account.data.store.lock:
            return [str(crm_id) for _, crm_id in self.account.data.store.made_from(dataset_id)]

    def records(self, object_name: str, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
        """Raw records with all that is set and their associations, deleted ones too; the second is None at the end."""
        start = int(after or 0)
        if object_name == "owners":
            found = [owner.body() for owner in self.account.owners if owner.id > start][:limit]
            return found, found[-1]["id"] if len(found) == limit else None
        kind = _kind(object_name)
        with self.account.data.store.lock:
            rows = self.account.data.store.everything(kind.number, start, limit)
            shown = self._raw(kind, rows)
        return shown, shown[-1]["id"] if len(rows) == limit else None

    def record(self, object_name: str, record_id: str) -> dict[str, Any] | None:
        if object_name == "owners":
            owner = self.account.owners.get(record_id)
            return None if owner is None else owner.body()
        kind = _kind(object_name)
        with self.account.data.store.lock:
            found = self.account.data.find(kind, record_id)
            return None if found is None else self._raw(kind, [found])[0]

    def create(self, object_name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """`values` are properties by name, or `properties` and `associations` as the API takes them."""
        kind, data = _kind(object_name), self.account.data
        with data.store.lock, _told_as_value_error():
            links = links_in(values.get("associations"), data.links.types)
            return self._raw(kind, [data.create(kind, _properties(values), links, source="CRM_UI")])[0]

    def update(self, object_name: str, record_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """As `create`; of an owner only `archived` can be set."""
        if object_name == "owners":
            return self._set_owner(record_id, archived=bool(values.get("archived")))
        kind, data = _kind(object_name), self.account.data
        with data.store.lock, _told_as_value_error():
            return self._raw(kind, [data.update(kind, self._present(kind, record_id), _properties(values))])[0]

    def delete(self, object_name: str, record_id: str) -> None:
        if object_name == "owners":
            self._set_owner(record_id, archived=True)
            return
        kind, data = _kind(object_name), self.account.data
        with data.store.lock:
            data.archive(kind, self._present(kind, record_id))

    def act(self, who: str, do: str, details: Mapping[str, Any]) -> dict[str, Any]:
        with self.account.data.store.lock, _told_as_value_error():
            return act(self.account, who, do, details)

    def set_up(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """As hubspot_setup.py tells. Raises ValueError."""
        with self.account.data.store.lock:
            return set_up(self.account, wanted)

    def counts(self) -> dict[str, int]:
        with self.account.data.store.lock:
            counted = self.account.data.store.counts()
        found = {kind.plural: counted.get(kind.number, 0) for kind in OBJECT_TYPES}
        return found | {"owners": len(self.account.owners)}

    def reset(self) -> None:
        former = self.account.data.store
        with former.lock:
            self.account.empty()
            former.close()

    def _present(self, kind: ObjectType, record_id: str) -> Record:
        record = self.account.data.find(kind, record_id)
        if record is None or record.archived_at is not None:
            raise ValueError(f"no {kind.singular} {record_id}")
        return record

    def _set_owner(self, owner_id: str, *, archived: bool) -> dict[str, Any]:
        owner = self.account.owners.get(owner_id)
        if owner is None:
            raise ValueError(f"no owner {owner_id}")
        self.account.set_active(owner, active=not archived)
        return owner.body()

    def _raw(self, kind: ObjectType, records: Sequence[Record]) -> list[dict[str, Any]]:
        if not records:
            return []
        plural = {known.number: known.plural for known in OBJECT_TYPES}
        links: dict[int, dict[str, list[dict[str, Any]]]] = {record.id: {} for record in records}
        rows = self.account.data.store.all_links(kind.number, records[0].id, records[-1].id)
        for source_id, target, target_id, number in rows:
            found = links[source_id].setdefault(plural[target], [])
            found.append({"id": str(target_id), "typeId": number})
        return [_shown(kind, record) | {"associations": links[record.id]} for record in records]


@contextmanager
def _told_as_value_error() -> Iterator[None]:
    """What the API would refuse, the server is told as a ValueError."""
    try:
        yield
    except RefusedError as refused:
        raise ValueError(refused.message) from refused


def _kind(object_name: str) -> ObjectType:
    kind = object_type(object_name)
    if kind is None:
        known = ", ".join([*(known.plural for known in OBJECT_TYPES), "owners"])
        raise ValueError(f"no object `{object_name}` in HubSpot: one of {known}")
    return kind


def _properties(values: Mapping[str, Any]) -> Mapping[str, Any]:
    nested = values.get("properties")
    return nested if isinstance(nested, dict) else values


def _shown(kind: ObjectType, record: Record) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": str(record.id),
        "properties": record.properties,
        "createdAt": record.properties[kind.created],
        "updatedAt": record.properties[kind.modified],
        "archived": record.archived_at is not None,
    }
    return shown if record.archived_at is None else shown | {"archivedAt": record.archived_at}
