"""The Tooling API as far as it makes custom fields, and what is special about permission sets.

A custom field of activities is made on Activity and stands on Task and Event. Its maker has no access to it either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from connectors.sandbox.salesforce_access import HIDDEN
from connectors.sandbox.salesforce_calls import ApiError, Call, Context, Reply, as_record, not_found
from connectors.sandbox.salesforce_ids import full_id
from connectors.sandbox.salesforce_schema import Field
from connectors.sandbox.salesforce_store import Row, stamp
from connectors.sandbox.salesforce_values import RowError
from connectors.sandbox.soql import SoqlError

ON_ACTIVITY = ("Task", "Event")
PERMISSION_OBJECTS = frozenset({"PermissionSet", "FieldPermissions", "PermissionSetAssignment"})
LONGEST_TEXT = 255
_FULL_NAME = re.compile(r"(\w+?)\.([A-Za-z]\w*?)__c")


def query_tooling(context: Context, call: Call) -> Reply:
    _check_right(context)
    objects = {name: each for name, each in context.store.objects.items() if each.tooling}
    try:
        body, count = context.queries.query(
            call.query.get("q", ""), context.clock.now(), f"{call.base}/tooling", 2000, everything=False, among=objects
        )
    except SoqlError as error:
        raise ApiError(400, error.code, str(error)) from None
    return Reply(body=body, records=count)


def read_field(context: Context, call: Call, record_id: str) -> Reply:
    _check_right(context)
    row = context.store.get("CustomField", full_id(record_id) or "")
    if row is None:
        raise not_found()
    record = as_record(context.store.objects["CustomField"], row, f"{call.base}/tooling")
    return Reply(body=record | {"Metadata": orjson.loads(row["Metadata"] or b"null")}, records=1)


def create_field(context: Context, call: Call) -> Reply:
    """Makes the column; nobody has access to it. Raises ApiError as the real API words it."""
    _check_right(context)
    body = call.body if isinstance(call.body, dict) else {}
    metadata = body.get("Metadata")
    found = _FULL_NAME.fullmatch(str(body.get("FullName", "")))
    if found is None or not isinstance(metadata, dict):
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [FullName, Metadata]")
    entity, name = found.groups()
    targets = ON_ACTIVITY if entity == "Activity" else (entity,)
    if entity in ON_ACTIVITY or any(target not in context.store.objects for target in targets):
        message = f"Entity Enumeration Or ID: bad value for restricted picklist field: {entity}"
        raise ApiError(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, ("TableEnumOrId",))
    field = custom_field(f"{name}__c", metadata)
    for target in targets:
        if field.name in context.store.objects[target].fields:
            message = f"There is already a field named {name} on {entity}."
            raise ApiError(400, "DUPLICATE_DEVELOPER_NAME", message, ("DeveloperName",))
    with context.store.transaction():
        for target in targets:
            context.store.add_field(target, field)
            context.access.profile[target, field.name] = HIDDEN
        record_id = register(context, entity, name, metadata)
    body = {"id": record_id, "success": True, "errors": [], "warnings": [], "infos": []}
    return Reply(status=201, body=body, records=1)


def register(context: Context, entity: str, name: str, metadata: Mapping[str, Any]) -> str:
    """Write what the Tooling API tells of a custom field; its id."""
    at = stamp(context.clock.now())
    row: Row = {"Id": context.store.next_id("CustomField"), "DeveloperName": name, "TableEnumOrId": entity}
    row |= {"FullName": f"{entity}.{name}__c", "Metadata": orjson.dumps(metadata).decode()}
    row |= {"CreatedDate": at, "LastModifiedDate": at, "SystemModstamp": at}
    row |= {"CreatedById": context.user_id, "LastModifiedById": context.user_id}
    context.store.insert("CustomField", row)
    return str(row["Id"])


def custom_field(name: str, metadata: Mapping[str, Any]) -> Field:
    """The field that a CustomField's Metadata describes. Raises ApiError for what is missing from it."""
    needed = {"Text": ("length",), "Number": ("precision", "scale"), "Picklist": ("valueSet",), "Date": ()}
    kind = str(metadata.get("type"))
    missing = [each for each in ("label", "type", *needed.get(kind, ())) if metadata.get(each) is None]
    if missing or kind not in needed:
        raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", f"{name}: {', '.join(missing) or 'type'} is required", ())
    if kind == "Text" and not 0 < int(metadata["length"]) <= LONGEST_TEXT:
        message = f"Length of a Text field must be between 1 and {LONGEST_TEXT}"
        raise ApiError(400, "FIELD_INTEGRITY_EXCEPTION", message, ("Length",))
    values = metadata.get("valueSet") or {}
    choices = tuple(each["fullName"] for each in values.get("valueSetDefinition", {}).get("value", ()))
    return Field(
        name=name,
        type={"Text": "string", "Number": "double", "Picklist": "picklist", "Date": "date"}[kind],
        length=int(metadata.get("length") or (LONGEST_TEXT if kind == "Picklist" else 0)),
        precision=int(metadata.get("precision") or 0),
        scale=int(metadata.get("scale") or 0),
        nillable=True,
        createable=True,
        updateable=True,
        restricted=bool(values.get("restricted")),
        external_id=bool(metadata.get("externalId")),
        unique=bool(metadata.get("unique")),
        sensitive=bool(metadata.get("caseSensitive")),
        id_lookup=bool(metadata.get("externalId")),
        choices=choices,
    )


def check_permission(context: Context, object_name: str, values: Mapping[str, Any]) -> None:
    """Raises RowError for a record of a permission that the org, or this user's rights, do not take."""
    if object_name not in PERMISSION_OBJECTS:
        return
    if not context.access.permits:
        message = "insufficient access rights on object id"
        raise RowError("INSUFFICIENT_ACCESS_OR_READONLY", message)
    store = context.store
    match object_name:
        case "PermissionSet" if store.find("PermissionSet", "Name", values.get("Name")):
            message = f"The Name '{values.get('Name')}' has already been used."
            raise RowError("DUPLICATE_DEVELOPER_NAME", message, ("Name",))
        case "FieldPermissions" if values.get("Field") is not None:
            _check_grant(context, values)
        case "PermissionSetAssignment":
            there = store.find("PermissionSetAssignment", "AssigneeId", values.get("AssigneeId"))
            if any(row["PermissionSetId"] == values.get("PermissionSetId") for row in there):
                message = "duplicate value found: <unknown> duplicates value on record with id: <unknown>"
                raise RowError("DUPLICATE_VALUE", message)


def _check_grant(context: Context, values: Mapping[str, Any]) -> None:
    object_name, _, name = str(values["Field"]).partition(".")
    field = getattr(context.store.objects.get(object_name), "fields", {}).get(name)
    permissionable = field is not None and field.nillable and (field.createable or field.custom)
    if not permissionable or object_name != values.get("SobjectType"):
        message = f"Field Name: bad value for restricted picklist field: {values['Field']}"
        raise RowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, ("Field",))
    if values.get("PermissionsEdit") and not values.get("PermissionsRead"):
        message = f"{values['Field']}: Read is required for Edit"
        raise RowError("FIELD_INTEGRITY_EXCEPTION", message, ("PermissionsEdit",))
    for row in context.store.find("FieldPermissions", "Field", values["Field"]):
        if row["ParentId"] == values.get("ParentId"):
            message = f"duplicate value found: <unknown> duplicates value on record with id: {row['Id']}"
            raise RowError("DUPLICATE_VALUE", message)


def _check_right(context: Context) -> None:
    if not context.access.customizes:
        message = "You do not have the level of access necessary to perform the operation you requested."
        raise ApiError(403, "INSUFFICIENT_ACCESS", message)
