"""Handlers of many records in one call: each row has its own outcome, in the order of the request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.sandbox.salesforce_calls import ApiError, Call, Context, Reply, as_record, check_row_fault
from connectors.sandbox.salesforce_ids import full_id
from connectors.sandbox.salesforce_records import key_field, matches, write_by_key, writeable
from connectors.sandbox.salesforce_schema import Field, Sobject
from connectors.sandbox.salesforce_tooling import check_permission
from connectors.sandbox.salesforce_values import RowError
from connectors.sandbox.salesforce_writes import create, delete, existing, update

LARGEST_CALL = 200
MOST_CHUNKS = 10
Outcome = dict[str, Any]


def create_many(context: Context, call: Call) -> Reply:
    def one(record: Mapping[str, Any]) -> Outcome:
        check_row_fault(call, record)
        kind = _type_of(context, record)
        check_permission(context, kind, record)
        return {"id": create(context.store, kind, record, context.author)}

    return _each(context, _records(call), one, all_or_none=_all_or_none(call))


def update_many(context: Context, call: Call) -> Reply:
    def one(record: Mapping[str, Any]) -> Outcome:
        check_row_fault(call, record)
        record_id = _id_of(record)
        update(context.store, _type_of(context, record), record_id, record, context.author)
        return {"id": record_id}

    return _each(context, _records(call), one, all_or_none=_all_or_none(call))


def delete_many(context: Context, call: Call) -> Reply:
    def one(record: Mapping[str, Any]) -> Outcome:
        check_row_fault(call, record)
        record_id = _id_of(record)
        object_name = context.store.object_of(record_id)
        if object_name is None:
            raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        delete(context.store, object_name, record_id, context.author)
        return {"id": record_id}

    ids = [each for each in call.query.get("ids", "").split(",") if each]
    _check_size(ids)
    rows = [{"Id": each} for each in ids]
    return _each(context, rows, one, all_or_none=call.query.get("allOrNone", "false").lower() == "true")


def upsert_many(context: Context, call: Call, name: str, field: str) -> Reply:
    sobject = writeable(context, name)
    key = key_field(sobject, field)
    records = _records(call)
    counts = Counter(str(_value(record, key)) for record in records if _value(record, key) is not None)
    twice = {value for value, count in counts.items() if count > 1}

    def one(record: Mapping[str, Any]) -> Outcome:
        check_row_fault(call, record)
        if _type_of(context, record) != sobject.name:
            raise RowError("INVALID_TYPE", f"the record is no {sobject.name}")
        value = _value(record, key)
        if str(value) in twice:
            raise RowError("DUPLICATE_EXTERNAL_ID", f"Duplicate external id specified: {value}", (key.name,))
        return _upsert(context, sobject, key, record, value)

    return _each(context, records, one, all_or_none=_all_or_none(call))


def _upsert(context: Context, sobject: Sobject, key: Field, record: Mapping[str, Any], value: Any) -> Outcome:
    if key.name == "Id" and value is None:
        return {"id": create(context.store, sobject.name, record, context.author), "created": True}
    found = matches(context, sobject, key, value)
    if key.name == "Id" and not found:
        existing(context.store, sobject.name, str(full_id(str(value))))
    if len(found) > 1:
        listed = ", ".join(row["Id"] for row in found)
        message = f"More than one record found for external id field: [{listed}]"
        raise RowError("DUPLICATE_EXTERNAL_ID", message, (key.name,))
    return {"id": write_by_key(context, sobject, key, record, found), "created": not found}


def read_many(context: Context, call: Call, name: str) -> Reply:
    """Rows by their ids, None in the place of one that is not there."""
    sobject = context.sobject(name)
    asked = call.body if call.method == "POST" and isinstance(call.body, dict) else None
    ids = asked.get("ids", []) if asked else call.query.get("ids", "").split(",")
    listed = asked.get("fields", []) if asked else call.query.get("fields", "").split(",")
    names = []
    for each in listed:
        found = sobject.by_lower_name.get(str(each).lower())
        if found is None:
            raise ApiError(400, "INVALID_FIELD", f"No such column '{each}' on sobject of type {sobject.name}")
        names.append(found.name)
    rows = [context.store.get(sobject.name, full_id(str(each)) or "") for each in ids]
    body = [None if not row or row.get("IsDeleted") else as_record(sobject, row, call.base, names) for row in rows]
    return Reply(body=body, records=len(body))


def _each(
    context: Context,
    records: Sequence[Mapping[str, Any]],
    one: Callable[[Mapping[str, Any]], Outcome],
    *,
    all_or_none: bool,
) -> Reply:
    outcomes: list[Outcome] = []
    with context.store.transaction("every_row"):
        for record in records:
            try:
                with context.store.transaction("one_row"):
                    done = one(record)
                outcomes.append({"id": done["id"], "success": True, "errors": [], **_created(done)})
            except RowError as error:
                outcomes.append(_failed(error))
        if all_or_none and not all(each["success"] for each in outcomes):
            context.store.database.execute("ROLLBACK TO every_row")
            outcomes = [_rolled_back() if each["success"] else each for each in outcomes]
    return Reply(body=outcomes, records=len(outcomes))


def _created(done: Outcome) -> Outcome:
    return {"created": done["created"]} if "created" in done else {}


def _failed(error: RowError) -> Outcome:
    told = {"statusCode": error.code, "message": str(error), "fields": list(error.fields)}
    return {"success": False, "errors": [told]}


def _rolled_back() -> Outcome:
    message = "Record rolled back because not all records were valid and the request was using AllOrNone header"
    return _failed(RowError("ALL_OR_NONE_OPERATION_ROLLED_BACK", message))


def _records(call: Call) -> list[Mapping[str, Any]]:
    records = call.body.get("records") if isinstance(call.body, dict) else None
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise ApiError(400, "JSON_PARSER_ERROR", "The request body must hold a list of records.")
    _check_size(records)
    kinds = [_kind(each) for each in records]
    chunks = sum(1 for before, kind in zip([None, *kinds], kinds, strict=False) if before != kind)
    if chunks > MOST_CHUNKS:
        message = f"Cannot have more than {MOST_CHUNKS} chunks in a single operation. Please rearrange the data."
        raise ApiError(400, "INVALID_INPUT", message)
    return records


def _check_size(rows: list[Any]) -> None:
    if len(rows) > LARGEST_CALL:
        message = f"record limit reached. cannot submit more than {LARGEST_CALL} records into this call"
        raise ApiError(400, "EXCEEDED_ID_LIMIT", message)


def _all_or_none(call: Call) -> bool:
    return bool(call.body.get("allOrNone", False))


def _kind(record: Mapping[str, Any]) -> str | None:
    attributes = record.get("attributes")
    return attributes.get("type") if isinstance(attributes, dict) else None


def _type_of(context: Context, record: Mapping[str, Any]) -> str:
    kind = _kind(record)
    if kind is None:
        raise RowError("INVALID_INPUT", "The type attribute is required for each record.")
    found = context.visible.get(kind)
    if found is None or not found.writeable:
        raise RowError("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
    return found.name


def _id_of(record: Mapping[str, Any]) -> str:
    given = record.get("Id") or record.get("id")
    if not given:
        raise RowError("MISSING_ARGUMENT", "Id not specified in an update call", ("Id",))
    found = full_id(str(given))
    if found is None:
        raise RowError("MALFORMED_ID", f"malformed id {given}", ("Id",))
    return found


def _value(record: Mapping[str, Any], key: Field) -> Any:
    return next((value for name, value in record.items() if name.lower() == key.name.lower()), None)
