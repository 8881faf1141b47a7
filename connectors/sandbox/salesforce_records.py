"""Handlers of single records: create, read, change, delete, upsert by external id, and what was updated or deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sandbox.salesforce_calls import (
    ApiError,
    Call,
    Context,
    Reply,
    as_record,
    check_row_fault,
    not_found,
    refused,
)
from connectors.sandbox.salesforce_describe import describe, describe_global, summary
from connectors.sandbox.salesforce_ids import full_id
from connectors.sandbox.salesforce_schema import Field, Sobject
from connectors.sandbox.salesforce_store import Row, stamp
from connectors.sandbox.salesforce_tooling import check_permission
from connectors.sandbox.salesforce_values import RowError, stored_value
from connectors.sandbox.salesforce_writes import create, delete, update

UPDATED_DAYS, DELETED_DAYS = 30, 15


def show_objects(context: Context, call: Call) -> Reply:
    return Reply(body=describe_global(context.visible, call.base))


def show_object(context: Context, call: Call, name: str) -> Reply:
    return Reply(body={"objectDescribe": summary(context.sobject(name), call.base), "recentItems": []})


def show_fields(context: Context, call: Call, name: str) -> Reply:
    return Reply(body=describe(context.sobject(name), context.visible, call.base))


def create_one(context: Context, call: Call, name: str) -> Reply:
    sobject = writeable(context, name)
    values = _values(call)
    try:
        check_row_fault(call, values)
        check_permission(context, sobject.name, values)
        with context.store.transaction():
            record_id = create(context.store, sobject.name, values, context.author)
    except RowError as error:
        raise refused(error) from None
    return Reply(status=201, body={"id": record_id, "success": True, "errors": []}, records=1)


def read_one(context: Context, call: Call, name: str, record_id: str) -> Reply:
    sobject = context.sobject(name)
    row = _row(context, sobject, record_id)
    return Reply(body=as_record(sobject, row, call.base, _chosen(sobject, call.query.get("fields"))), records=1)


def update_one(context: Context, call: Call, name: str, record_id: str) -> Reply:
    sobject = writeable(context, name)
    row = _row(context, sobject, record_id)
    values = _values(call)
    try:
        check_row_fault(call, {"Id": row["Id"], **values})
        check_permission(context, sobject.name, {"Id": row["Id"], **values})
        with context.store.transaction():
            update(context.store, sobject.name, row["Id"], values, context.author)
    except RowError as error:
        raise refused(error) from None
    return Reply(status=204, records=1)


def delete_one(context: Context, call: Call, name: str, record_id: str) -> Reply:
    sobject = writeable(context, name)
    row = _row(context, sobject, record_id)
    try:
        check_row_fault(call, {"Id": row["Id"]})
        with context.store.transaction():
            delete(context.store, sobject.name, row["Id"], context.author)
    except RowError as error:
        raise refused(error) from None
    return Reply(status=204, records=1)


def read_by_key(context: Context, call: Call, name: str, field: str, value: str) -> Reply:
    sobject = context.sobject(name)
    found = matches(context, sobject, key_field(sobject, field), value)
    if not found:
        raise not_found()
    if len(found) > 1:
        return Reply(status=300, body=[f"{call.base}/sobjects/{sobject.name}/{row['Id']}" for row in found])
    return Reply(body=as_record(sobject, found[0], call.base, _chosen(sobject, call.query.get("fields"))), records=1)


def upsert_one(context: Context, call: Call, name: str, field: str, value: str) -> Reply:
    sobject = writeable(context, name)
    key = key_field(sobject, field)
    values = _values(call)
    if any(each.lower() == key.name.lower() for each in values):
        message = f"The {key.name} field should not be specified in the sobject data."
        raise ApiError(400, "INVALID_FIELD", message, (key.name,))
    try:
        found = matches(context, sobject, key, value)
        if len(found) > 1:
            return Reply(status=300, body=[f"{call.base}/sobjects/{sobject.name}/{row['Id']}" for row in found])
        check_row_fault(call, {**values, key.name: value, "Id": found[0]["Id"] if found else None})
        with context.store.transaction():
            record_id = write_by_key(context, sobject, key, {**values, key.name: value}, found)
    except RowError as error:
        raise refused(error) from None
    body = {"id": record_id, "success": True, "errors": [], "created": not found}
    return Reply(status=200 if found else 201, body=body, records=1)


def write_by_key(context: Context, sobject: Sobject, key: Field, values: Mapping[str, Any], found: list[Row]) -> str:
    """Update the one record found, or create one that carries the key. Raises RowError."""
    if not found:
        return create(context.store, sobject.name, values, context.author)
    others = {name: value for name, value in values.items() if name.lower() != key.name.lower()}
    update(context.store, sobject.name, found[0]["Id"], others, context.author)
    return str(found[0]["Id"])


def key_field(sobject: Sobject, name: str) -> Field:
    """The field by which records can be upserted. A field that is missing, hidden or no key is the same 404."""
    found = sobject.by_lower_name.get(name.lower())
    if found is None or not found.id_lookup:
        message = f"Provided external ID field does not exist or is not accessible: {name}"
        raise ApiError(404, "NOT_FOUND", message)
    return found


def matches(context: Context, sobject: Sobject, key: Field, value: Any) -> list[Row]:
    """Living records with this key: what is in the bin is not seen. Raises RowError where the value is none."""
    stored = stored_value(key, value)
    if stored is None:
        raise RowError("MISSING_ARGUMENT", f"{key.name} not specified", (key.name,))
    return [row for row in context.store.find(sobject.name, key.name, stored) if not row.get("IsDeleted")]


def writeable(context: Context, name: str) -> Sobject:
    sobject = context.sobject(name)
    if not sobject.writeable:
        raise ApiError(405, "METHOD_NOT_ALLOWED", f"entity type {sobject.name} does not support this operation")
    return sobject


def _values(call: Call) -> dict[str, Any]:
    if not isinstance(call.body, dict):
        message = "The HTTP entity body is required, but this request has no entity body."
        raise ApiError(400, "JSON_PARSER_ERROR", message)
    for name in call.body:
        if name.lower() == "id":
            raise ApiError(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.", ("Id",))
    return dict(call.body)


def _row(context: Context, sobject: Sobject, record_id: str) -> Row:
    found = full_id(record_id)
    if found is None:
        message = f"Provided external ID field does not exist or is not accessible: {record_id}"
        raise ApiError(404, "NOT_FOUND", message)
    row = context.store.get(sobject.name, found)
    if row is None:
        raise not_found()
    if row.get("IsDeleted"):
        raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted", ())
    return row


def _chosen(sobject: Sobject, listed: str | None) -> list[str] | None:
    if not listed:
        return None
    names = []
    for name in listed.split(","):
        found = sobject.by_lower_name.get(name.strip().lower())
        if found is None:
            raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        names.append(found.name)
    return names


def updated(context: Context, call: Call, name: str) -> Reply:
    sobject = context.sobject(name)
    start, end = _window(context, call, UPDATED_DAYS)
    rows = context.store.database.execute(
        f'SELECT "Id" FROM "{sobject.name}" WHERE "SystemModstamp" >= ? AND "SystemModstamp" < ?'  # noqa: S608 # the schema's own name
        + (' AND "IsDeleted" = 0' if "IsDeleted" in sobject.fields else ""),
        (stamp(start), stamp(end)),
    )
    ids = [record_id for (record_id,) in rows]
    return Reply(body={"ids": ids, "latestDateCovered": _covered(context, end)}, records=len(ids))


def deleted(context: Context, call: Call, name: str) -> Reply:
    sobject = context.sobject(name)
    start, end = _window(context, call, DELETED_DAYS)
    within = (stamp(start), stamp(end))
    gone = context.store.database.execute(
        "SELECT id, deleted_at FROM vanished WHERE object = ? AND deleted_at >= ? AND deleted_at < ?",
        (sobject.name, *within),
    ).fetchall()
    if "IsDeleted" in sobject.fields and not sobject.vanishes:
        gone += context.store.database.execute(
            f'SELECT "Id", "SystemModstamp" FROM "{sobject.name}" WHERE "IsDeleted" = 1 AND "SystemModstamp" >= ?'  # noqa: S608 # the schema's own name
            ' AND "SystemModstamp" < ?',
            within,
        ).fetchall()
    body = {
        "deletedRecords": [{"id": record_id, "deletedDate": at} for record_id, at in gone],
        "earliestDateAvailable": stamp(_minute(context.clock.now() - timedelta(days=DELETED_DAYS))),
        "latestDateCovered": _covered(context, end),
    }
    return Reply(body=body, records=len(gone))


def _window(context: Context, call: Call, days: int) -> tuple[datetime, datetime]:
    """Start and end by the minute: Salesforce ignores seconds. Raises ApiError for what it does not keep."""
    start, end = (_minute(_moment(call, name)) for name in ("start", "end"))
    if start >= end:
        raise ApiError(400, "INVALID_REPLICATION_DATE", "startDate must be before endDate")
    if start < _minute(context.clock.now() - timedelta(days=days)):
        raise ApiError(400, "INVALID_REPLICATION_DATE", f"startDate cannot be more than {days} days ago")
    return start, end


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _moment(call: Call, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(call.query[name])
    except (KeyError, ValueError):
        raise ApiError(400, "INVALID_FIELD", f"{name}: a date and time with its zone is required") from None
    if moment.tzinfo is None:
        raise ApiError(400, "INVALID_FIELD", f"{name}: a date and time with its zone is required")
    return moment


def _covered(context: Context, end: datetime) -> str:
    """Up to when everything is committed: the start of the oldest transaction that still runs."""
    started = context.transactions.started_at
    return stamp(min(end, _minute(context.clock.now()), *([_minute(started)] if started else [])))
