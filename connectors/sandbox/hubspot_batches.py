"""Handlers for HubSpot's batch calls: at most 100 records, all or nothing unless every input has its own trace id."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.sandbox.crm import iso
from connectors.sandbox.hubspot_errors import RefusedError, invalid, no_such_record
from connectors.sandbox.hubspot_objects import Reply
from connectors.sandbox.hubspot_schema import ObjectType
from connectors.sandbox.hubspot_shapes import (
    Call,
    id_in,
    inputs_of,
    links_in,
    properties_in,
    shape,
    shown_names,
    strings,
)

MAX_INPUTS = 100
OneInput = Callable[[Mapping[str, Any]], dict[str, Any]]


def batch_reply(
    call: Call, results: Sequence[Any], errors: Sequence[Mapping[str, Any]] = (), *, status: int = 200
) -> tuple[int, dict[str, Any]]:
    """A batch's answer: `status`, or 207 with the errors if there are any."""
    at = iso(call.account.clock.now())
    reply: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": at, "completedAt": at}
    if errors:
        return 207, reply | {"numErrors": len(errors), "errors": list(errors)}
    return status, reply


def batch_read(call: Call) -> Reply:
    kind, account, body = call.kind, call.account, call.body
    inputs = inputs_of(body, MAX_INPUTS)
    names = shown_names(account, kind, strings(body.get("properties"), "properties"))
    id_property, archived = body.get("idProperty") or "", call.flag("archived")
    results: dict[int, dict[str, Any]] = {}
    missing = []
    for one in inputs:
        record = account.data.find(kind, id_in(one), id_property)
        if record is None or (record.archived_at is not None) is not archived:
            missing.append(id_in(one))
        else:
            results[record.id] = shape(account, kind, record, names)
    call.exchange.records = len(results)
    return batch_reply(call, list(results.values()), [_not_found(kind, missing)] if missing else [])


def _not_found(kind: ObjectType, missing: Sequence[str]) -> dict[str, Any]:
    message = (
        f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid."
    )
    return RefusedError(404, message, "OBJECT_NOT_FOUND").entry({"ids": list(missing)})


def batch_create(call: Call) -> Reply:
    kind, data = call.kind, call.account.data

    def create(one: Mapping[str, Any]) -> dict[str, Any]:
        links = links_in(one.get("associations"), data.links.types)
        record = data.create(kind, properties_in(one), links, ruled=call.ruled)
        return shape(call.account, kind, record, sorted(record.properties))

    return _write(call, create, status=201)


def batch_update(call: Call) -> Reply:
    """Ids of merged-away records are not resolved here, other than in a single update."""
    kind, data = call.kind, call.account.data

    def update(one: Mapping[str, Any]) -> dict[str, Any]:
        key, id_property = id_in(one), one.get("idProperty") or ""
        values = properties_in(one)
        record = data.find(kind, key, id_property)
        if record is None or record.archived_at is not None or (not id_property and str(record.id) != key):
            raise no_such_record(kind, key)
        updated = data.update(kind, record, values, ruled=call.ruled)
        return shape(call.account, kind, updated, shown_names(call.account, kind, list(values)))

    return _write(call, update, status=200)


def batch_upsert(call: Call) -> Reply:
    """Records are found by a unique property, or created with it; `new` says which."""
    kind, data = call.kind, call.account.data

    def upsert(one: Mapping[str, Any]) -> dict[str, Any]:
        key, id_property, values = id_in(one), one.get("idProperty"), properties_in(one)
        if not isinstance(id_property, str) or not id_property:
            raise invalid("Some required fields were not set: [idProperty]")
        record = data.find(kind, key, id_property)
        fresh = record is None or record.archived_at is not None
        if record is None or fresh:
            record = data.create(kind, {id_property: key, **values}, ruled=call.ruled)
        else:
            record = data.update(kind, record, values, ruled=call.ruled)
        return shape(call.account, kind, record, sorted(record.properties)) | {"new": fresh}

    return _write(call, upsert, status=200)


def batch_archive(call: Call) -> Reply:
    kind, data = call.kind, call.account.data
    inputs = inputs_of(call.body, MAX_INPUTS)
    with data.store.transaction():
        for one in inputs:
            record = data.find(kind, id_in(one))
            if record is not None and record.archived_at is None:
                data.archive(kind, record)
                call.exchange.records += 1
    return 204, None


def _write(call: Call, write: OneInput, *, status: int) -> Reply:
    inputs = inputs_of(call.body, MAX_INPUTS)
    traces = [one.get("objectWriteTraceId") for one in inputs]
    traced = all(isinstance(trace, str) and trace for trace in traces) and len(set(traces)) == len(traces)
    _refuse_twins(inputs)
    results, errors = [], []
    with call.account.data.store.transaction():
        for one in inputs:
            try:
                _obey_row_fault(call, one)
                shown = write(one)
            except RefusedError as refused:
                if not traced or call.account.whole_batches:
                    raise
                errors.append(refused.entry({"objectWriteTraceId": [str(one["objectWriteTraceId"])]}))
            else:
                trace = {"objectWriteTraceId": one["objectWriteTraceId"]} if one.get("objectWriteTraceId") else {}
                results.append(shown | trace)
    call.exchange.records = len(results)
    # Not in the order of the inputs, on purpose: HubSpot promises none.
    return batch_reply(call, results[::-1], errors, status=status)


def _refuse_twins(inputs: Sequence[Mapping[str, Any]]) -> None:
    keys = [(one.get("idProperty"), one["id"]) for one in inputs if "id" in one]
    twins = sorted({str(key[1]) for key in keys if keys.count(key) > 1})
    if twins:
        raise invalid(f"Duplicate IDs found in batch input: [{', '.join(twins)}]. IDs must be unique.")


def _obey_row_fault(call: Call, one: Mapping[str, Any]) -> None:
    """RefusedError for a record that a fault rule chose: `rows: {"match": {name: pattern}, "category", "message"}`.

    Names are those of properties, `id` and `objectWriteTraceId`; the patterns are regular expressions.
    """
    rule = call.exchange.faults.get("rows")
    if not rule:
        return
    values = {**(one.get("properties") or {}), **{name: one.get(name) for name in ("id", "objectWriteTraceId")}}
    if all(re.search(str(pattern), str(values.get(name) or "")) for name, pattern in rule.get("match", {}).items()):
        message = rule.get("message") or "refused by a fault of the sandbox"
        raise RefusedError(int(rule.get("status", 400)), message, rule.get("category", "VALIDATION_ERROR"))
