"""Handlers for single HubSpot records: list, read, create, update, archive, merge and search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from connectors.sandbox.hubspot_errors import invalid, no_such_record
from connectors.sandbox.hubspot_schema import CONTACT, ObjectType
from connectors.sandbox.hubspot_search import compile_search
from connectors.sandbox.hubspot_shapes import (
    Call,
    cursor,
    id_in,
    known_type,
    links_in,
    properties_in,
    shape,
    shape_parsed,
    shown_names,
    strings,
)
from connectors.sandbox.hubspot_store import Record

Reply = tuple[int, dict[str, Any] | None]
LIST_LIMIT, HISTORY_LIMIT = 100, 50


def list_records(call: Call) -> Reply:
    """One page in ascending id order; the cursor is the id of the next record."""
    kind, account = call.kind, call.account
    most = HISTORY_LIMIT if call.words("propertiesWithHistory") else LIST_LIMIT
    limit = call.limit(default=10, most=most)
    after = call.one("after", "0")
    if not after.isdecimal():
        raise invalid(f"Invalid paging token: {after}")
    rows = account.data.store.page(kind.number, int(after), limit + 1, archived=call.flag("archived"))
    names = shown_names(account, kind, call.words("properties"))
    results = [
        shape_parsed(account, kind, record_id, archived_at, orjson.loads(properties), names)
        for record_id, archived_at, properties in rows[:limit]
    ]
    _add_extras(call, kind, results)
    reply: dict[str, Any] = {"results": results}
    if len(rows) > limit:
        token = str(rows[limit][0])
        reply["paging"] = {"next": {"after": token, "link": f"{call.host}{call.url}?after={token}"}}
    call.exchange.records = len(results)
    return 200, reply


def read_record(call: Call) -> Reply:
    kind = call.kind
    record = _found(call, kind, archived=call.flag("archived"))
    shown = shape(call.account, kind, record, shown_names(call.account, kind, call.words("properties")))
    _add_extras(call, kind, [shown])
    call.exchange.records = 1
    return 200, shown


def create_record(call: Call) -> Reply:
    kind, data, body = call.kind, call.account.data, call.body
    links = links_in(body.get("associations"), data.links.types)
    record = data.create(kind, properties_in(body), links, ruled=call.ruled)
    call.exchange.records = 1
    return 201, shape(call.account, kind, record, sorted(record.properties))


def update_record(call: Call) -> Reply:
    kind = call.kind
    values = properties_in(call.body)
    if not values:
        raise invalid("No properties found to update, please provide at least one.", context={"properties": ["{}"]})
    record = call.account.data.update(kind, _found(call, kind), values, ruled=call.ruled)
    call.exchange.records = 1
    names = shown_names(call.account, kind, list(values))
    return 200, shape(call.account, kind, record, names)


def archive_record(call: Call) -> Reply:
    kind, data = call.kind, call.account.data
    record = data.find(kind, call.path["id"])
    # Archiving what is not there answers 204 too.
    if record is not None and record.archived_at is None:
        data.archive(kind, record)
        call.exchange.records = 1
    return 204, None


def erase_contact(call: Call) -> Reply:
    """A deletion under the GDPR: no list, archived or not, has the contact any more."""
    kind, data, body = call.kind, call.account.data, call.body
    if kind is not CONTACT:
        raise invalid(f"GDPR delete is not supported for {kind.plural}")
    record = data.find(kind, id_in({"id": body.get("objectId")}, "objectId"), body.get("idProperty") or "")
    if record is None:
        raise no_such_record(kind, str(body.get("objectId")))
    data.erase(kind, record)
    call.exchange.records = 1
    return 204, None


def merge_records(call: Call) -> Reply:
    """Both ids lead to the new record from now on."""
    kind, data, body = call.kind, call.account.data, call.body
    pair = []
    for name in ("primaryObjectId", "objectIdToMerge"):
        record = data.find(kind, id_in({"id": body.get(name)}, name))
        if record is None or record.archived_at is not None:
            raise no_such_record(kind, str(body.get(name)))
        pair.append(record)
    if pair[0].id == pair[1].id:
        raise invalid("Cannot merge a record into itself.")
    merged = data.merge(kind, *pair)
    call.exchange.records = 1
    return 200, shape(call.account, kind, merged, sorted(merged.properties))


def search_records(call: Call) -> Reply:
    """One page of a search, as the index stood `index_lag_seconds` ago."""
    kind, account, body = call.kind, call.account, call.body
    query = compile_search(kind, account.data.definitions[kind], body, text_ids=account.id_order == "string")
    lag = float(call.exchange.faults.get("index_lag_seconds", account.index_lag_seconds))
    as_of = account.data.now_ms - int(lag * 1000) if lag > 0 else None
    total, found = account.data.store.search(
        kind.number, query.where, query.values, query.order, query.limit, query.offset, as_of
    )
    names = shown_names(account, kind, strings(body.get("properties"), "properties"))
    reply: dict[str, Any] = {"total": total, "results": [shape(account, kind, record, names) for record in found]}
    if query.offset + len(found) < total:
        reply["paging"] = {"next": {"after": str(query.offset + len(found))}}
    call.exchange.records = len(found)
    return 200, reply


def _found(call: Call, kind: ObjectType, *, archived: bool = False) -> Record:
    record = call.account.data.find(kind, call.path["id"], call.one("idProperty"))
    if record is None or (record.archived_at is not None) is not archived:
        raise no_such_record(kind, call.path["id"])
    return record


def _add_extras(call: Call, kind: ObjectType, results: Sequence[dict[str, Any]]) -> None:
    for spelling in call.words("associations"):
        target = known_type(spelling)
        for shown in results:
            found = _inline(call, kind, int(shown["id"]), target)
            if found is not None:
                shown.setdefault("associations", {})[target.plural] = found
    names = [name for name in call.words("propertiesWithHistory") if name in call.account.data.definitions[kind]]
    for shown in results if names else ():
        shown["propertiesWithHistory"] = _history(call, kind, int(shown["id"]), names)


def _inline(call: Call, kind: ObjectType, source_id: int, target: ObjectType) -> dict[str, Any] | None:
    """Each id once per association type; None if there is nothing."""
    data, page = call.account.data, call.account.association_page
    rows = data.store.linked(kind.number, source_id, target.number).fetchmany(page + 1)
    results = [{"id": str(target_id), "type": data.links.types[number].name} for target_id, number in rows[:page]]
    if len(rows) <= page:
        return {"results": results} if results else None
    token = cursor(rows[page - 1][0])
    return {"results": results, "paging": {"next": {"after": token, "link": f"{call.host}{call.url}?after={token}"}}}


def _history(call: Call, kind: ObjectType, record_id: int, names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Values and when they were set, newest first, as far as this portal has seen them change."""
    versions = call.account.data.store.history(kind.number, record_id)
    found: dict[str, list[dict[str, Any]]] = {}
    for name in names:
        entries: list[dict[str, Any]] = []
        for version in versions:
            value = version.properties.get(name, "")
            if value != (entries[0]["value"] if entries else ""):
                at = version.properties[kind.modified]
                entries.insert(0, {"value": value, "timestamp": at, "sourceType": "INTEGRATION"})
        found[name] = entries
    return found
