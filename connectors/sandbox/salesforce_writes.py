"""Creating, changing and deleting records as Salesforce does: checks, derived fields, stamps, what hangs on a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.sandbox import salesforce_persons as persons
from connectors.sandbox.salesforce_derived import derive, touch_account
from connectors.sandbox.salesforce_rules import OrgRules
from connectors.sandbox.salesforce_schema import Field, Sobject
from connectors.sandbox.salesforce_store import Row, Store, stamp
from connectors.sandbox.salesforce_values import RowError, stored_value

ACTIVITIES = ("Task", "Event")
# Object -> what goes with a deleted record of it: (object, its field that points here).
CASCADES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Account": (
        ("Contact", "AccountId"),
        ("Opportunity", "AccountId"),
        ("Task", "AccountId"),
        ("Event", "AccountId"),
        ("AccountContactRelation", "AccountId"),
        ("AccountTeamMember", "AccountId"),
    ),
    "Campaign": (("CampaignMember", "CampaignId"),),
    "Contact": (
        ("AccountContactRelation", "ContactId"),
        ("CampaignMember", "ContactId"),
        ("OpportunityContactRole", "ContactId"),
    ),
    "Event": (("EventRelation", "EventId"),),
    "Opportunity": (("OpportunityContactRole", "OpportunityId"), ("OpportunityTeamMember", "OpportunityId")),
    "EmailMessage": (("EmailMessageRelation", "EmailMessageId"),),
    "Task": (("TaskRelation", "TaskId"),),
}
_MEMBER = ("OpportunityId", "UserId")  # what a member of a deal's team is


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """Who writes, and when. `free` may set what the API refuses (stamps, derived fields, references to nothing), as
    somebody with rights over audit fields, or bad old data, would.
    """

    user_id: str
    now: datetime
    free: bool = False
    sees: Mapping[str, Sobject] | None = None  # the objects with the fields that are not hidden from them; None: all
    rules: OrgRules | None = None  # what of the org's own rules binds them

    def view(self, store: Store, object_name: str) -> Sobject:
        return (store.objects if self.sees is None else self.sees)[object_name]


def create(store: Store, object_name: str, values: Mapping[str, Any], author: Author) -> str:
    """The id of the record made, or of the one that it would double. Raises RowError."""
    sobject = store.objects[object_name]
    if double := _double(store, object_name, values):
        changed = {name: value for name, value in values.items() if name not in _MEMBER}
        update(store, object_name, double, changed, author)
        return double
    row = _checked(store, author.view(store, object_name), values, author, creating=True)
    row |= persons.told_by_name(store, object_name, row)
    missing = [field.name for field in sobject.fields.values() if field.required and row.get(field.name) is None]
    if missing and not author.free:
        listed = ", ".join(missing)
        raise RowError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{listed}]", tuple(missing))
    made = _defaults(sobject, author) | row
    made["Id"] = store.next_id(object_name)
    derive(store, object_name, made, None, author.now)
    made |= _given(row, author)
    if author.rules:
        author.rules.check(store, object_name, made, None)
    _check_unique(store, sobject, made)
    store.insert(object_name, made)
    _after(store, object_name, made, None, author)
    return str(made["Id"])


def update(store: Store, object_name: str, record_id: str, values: Mapping[str, Any], author: Author) -> None:
    """Raises RowError; ENTITY_IS_DELETED for what is in the bin, INVALID_CROSS_REFERENCE_KEY for what never was."""
    sobject = store.objects[object_name]
    before = existing(store, object_name, record_id)
    row = _checked(store, author.view(store, object_name), values, author, creating=False)
    stamps = {"LastModifiedDate": stamp(author.now), "SystemModstamp": stamp(author.now)}
    changed = before | _having(sobject, {**stamps, "LastModifiedById": author.user_id}) | row
    derive(store, object_name, changed, before, author.now)
    changed |= _given(row, author)
    if author.rules:
        author.rules.check(store, object_name, changed, before)
    _check_unique(store, sobject, changed)
    store.update(object_name, record_id, {name: value for name, value in changed.items() if before[name] != value})
    _after(store, object_name, changed, before, author)


def delete(store: Store, object_name: str, record_id: str, author: Author) -> None:
    """Into the bin, or gone for good, with all that hangs on it. Raises RowError as `update` does."""
    sobject = store.objects[object_name]
    if not sobject.deletable:
        raise RowError("INSUFFICIENT_ACCESS_OR_READONLY", f"entity type {object_name} does not support delete")
    before = existing(store, object_name, record_id)
    _remove(store, sobject, before, author)
    if object_name in ACTIVITIES:
        touch_account(store, before, author.now)


def existing(store: Store, object_name: str, record_id: str) -> Row:
    found = store.get(object_name, record_id)
    if found is None:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    if found.get("IsDeleted"):
        raise RowError("ENTITY_IS_DELETED", "entity is deleted")
    return found


def _remove(store: Store, sobject: Sobject, row: Row, author: Author) -> None:
    if sobject.vanishes:
        store.vanish(sobject.name, row["Id"], stamp(author.now))
    else:
        marks = {"LastModifiedDate": stamp(author.now), "SystemModstamp": stamp(author.now)}
        store.update(sobject.name, row["Id"], {"IsDeleted": 1, "LastModifiedById": author.user_id, **marks})
    for child, column in CASCADES.get(sobject.name, ()):
        for each in store.find(child, column, row["Id"]):
            if not each.get("IsDeleted"):
                _remove(store, store.objects[child], each, author)


def _given(row: Row, author: Author) -> Row:
    """What a free author says outright beats what would follow from it."""
    return row if author.free else {}


def _defaults(sobject: Sobject, author: Author) -> Row:
    row: Row = {field.name: field.default for field in sobject.fields.values() if field.default}
    row |= dict.fromkeys(sobject.booleans, 0)
    for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
        row[name] = stamp(author.now)
    row |= {"CreatedById": author.user_id, "LastModifiedById": author.user_id}
    if "OwnerId" in sobject.fields:
        row["OwnerId"] = author.user_id
    if sobject.name in {"AccountContactRelation", "User"}:
        row["IsActive"] = 1
    if sobject.name == "User":
        row["UserType"] = "Standard"
    return _having(sobject, row)


def _having(sobject: Sobject, row: Row) -> Row:
    """What of the row the object has a field for: those of the setup lack some of the usual ones."""
    return {name: value for name, value in row.items() if name in sobject.fields}


def _checked(store: Store, sobject: Sobject, values: Mapping[str, Any], author: Author, *, creating: bool) -> Row:
    fields = {name: _known(sobject, name) for name in values if name not in {"attributes", "Id", "id"}}
    refused = [
        field.name
        for field in fields.values()
        if not author.free and not (field.createable if creating else field.updateable)
    ]
    if refused:
        message = (
            f"Unable to create/update fields: {', '.join(refused)}. Please check the security settings of this field"
            " and verify that it is read/write for your profile or permission set."
        )
        raise RowError("INVALID_FIELD_FOR_INSERT_UPDATE", message, tuple(refused))
    row = {field.name: stored_value(field, values[name]) for name, field in fields.items()}
    emptied = [name for name, value in row.items() if value is None and not sobject.fields[name].nillable]
    if emptied and not creating:
        listed = ", ".join(emptied)
        raise RowError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{listed}]", tuple(emptied))
    # An explicit null at the making takes the default, as if the field had not been named.
    row = {name: value for name, value in row.items() if value is not None or sobject.fields[name].nillable}
    if not author.free:
        for name, value in row.items():
            if value is not None and sobject.fields[name].type == "reference":
                _check_reference(store, sobject, sobject.fields[name], value)
    return row


def _known(sobject: Sobject, name: str) -> Field:
    found = sobject.by_lower_name.get(name.lower())
    if found is None:
        raise RowError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
    return found


def _check_reference(store: Store, sobject: Sobject, field: Field, value: str) -> None:
    target = store.object_of(value)
    if target not in field.refers_to:
        message = f"{field.label}: id value of incorrect type: {value}"
        raise RowError("FIELD_INTEGRITY_EXCEPTION", message, (field.name,))
    found = store.get(target, value)
    if found is None:
        raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (field.name,))
    if found.get("IsDeleted"):
        raise RowError("ENTITY_IS_DELETED", "entity is deleted", (field.name,))
    if field.name == "OwnerId" and target == "User" and not found["IsActive"]:
        message = f"operation performed with inactive user [{value}] as owner of {sobject.name.lower()}"
        raise RowError("INACTIVE_OWNER_OR_USER", message, (field.name,))
    if field.name == "OwnerId" and target == "Group":
        taken = (each["SobjectType"] for each in store.find("QueueSobject", "QueueId", value))
        if sobject.name not in taken:
            raise RowError("INVALID_OPERATION", "Queue not associated with this SObject type")


def _double(store: Store, object_name: str, values: Mapping[str, Any]) -> str | None:
    """Who is on a deal's team already is not added again but changed (facts/salesforce.md 4.4)."""
    if object_name != "OpportunityTeamMember":
        return None
    deal, user = map(values.get, _MEMBER)
    return next((str(each["Id"]) for each in store.find(object_name, _MEMBER[0], deal) if each["UserId"] == user), None)


def _check_unique(store: Store, sobject: Sobject, row: Row) -> None:
    for field in sobject.fields.values():
        value = row.get(field.name)
        if not field.unique or value is None:
            continue
        # A custom field of Activity is one field: tasks and events share its values.
        for object_name in ACTIVITIES if sobject.name in ACTIVITIES else (sobject.name,):
            for other in store.find(object_name, field.name, value):
                if other["Id"] != row["Id"] and not other["IsDeleted"]:
                    message = f"duplicate value found: {field.name} duplicates value on record with id: {other['Id']}"
                    raise RowError("DUPLICATE_VALUE", message, (field.name,))


def _after(store: Store, object_name: str, row: Row, before: Row | None, author: Author) -> None:
    """What a written record sets off elsewhere."""
    if object_name in ACTIVITIES:
        touch_account(store, row, author.now)
        if before and before["AccountId"] != row["AccountId"]:
            touch_account(store, before, author.now)
    if object_name == "Account" and before is None and row.get(persons.MARK):
        contact_id = create(store, "Contact", persons.contact_of(row), replace(author, free=True))
        store.update("Account", row["Id"], {persons.CONTACT: contact_id})
    if (
        object_name == "Contact"
        and row.get("AccountId")
        and (before is None or before["AccountId"] != row["AccountId"])
    ):
        _relate(store, row, author)


def _relate(store: Store, contact: Row, author: Author) -> None:
    """A contact has one direct relation, to its account; it follows when the contact moves."""
    for each in store.find("AccountContactRelation", "ContactId", contact["Id"]):
        if each["IsDirect"] and not each["IsDeleted"]:
            _remove(store, store.objects["AccountContactRelation"], each, author)
    values = {"AccountId": contact["AccountId"], "ContactId": contact["Id"], "IsDirect": 1}
    row = _defaults(store.objects["AccountContactRelation"], author) | values
    store.insert("AccountContactRelation", {**row, "Id": store.next_id("AccountContactRelation")})
