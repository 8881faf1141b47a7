"""Our custom fields in the org, and the integration user's access to them.

A field that is made through the API is seen by nobody, its maker included: so a permission set gives the access. What
is there stays as it is; what this user may not make is told as the clicks that make it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.errors import RejectedError
from connectors.protocol import Step
from connectors.salesforce.client import Client
from connectors.salesforce.our_fields import PACKAGE, OurField, our_fields
from connectors.salesforce.schema import Schema
from connectors.salesforce.settings import FieldNames
from connectors.salesforce.values import listed, quoted

PERMISSION_SET = "Holdfast"
_ASSIGN_CLICKS = (
    f"Setup, Permission Sets, New: label and name {PERMISSION_SET}; then Manage Assignments, Add Assignment: the "
    f"integration user; {PACKAGE}"
)
_TAKEN = {"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"}


def provision(client: Client, names: FieldNames, *, dry_run: bool) -> Iterator[Step]:
    """One step per field, then one per access that the integration user lacked, and the permission set behind it."""
    schema = Schema(client)
    fields = our_fields(names)
    there = _there(client, fields)
    usable = []
    for each in fields:
        step = _field(client, schema, there, each, dry_run=dry_run)
        yield step
        if step.state in {"exists", "made", "would make"}:
            usable.append(each)
    schema = Schema(client)  # what was made is described anew
    lacking = [(name, each) for each in usable for name in each.objects if not _accessible(schema, name, each)]
    if not lacking:
        yield Step(name="access to our fields", state="exists")
    elif dry_run:
        yield from (Step(name=f"access to {name}.{each.name}", state="would make") for name, each in lacking)
    else:
        granted = []
        for step in _grant(client, lacking):
            granted.append(step.state)
            yield step
        if "manual" not in granted:  # what was hidden can be looked at only now
            yield from _odd(Schema(client), [each for _, each in lacking])


def _there(client: Client, fields: Sequence[OurField]) -> frozenset[tuple[str, str]] | None:
    """(entity, name) of those of our fields that the org has, seen or not; None where this user may not ask."""
    names = [each.name.removesuffix("__c") for each in fields]
    soql = f"SELECT Id, DeveloperName, TableEnumOrId FROM CustomField WHERE DeveloperName IN {listed(names)}"  # noqa: S608 - quoted
    try:
        rows = client.tooling(soql)
    except RejectedError:
        return None
    return frozenset((str(row.get("TableEnumOrId")), f"{row.get('DeveloperName')}__c") for row in rows)


def _field(
    client: Client, schema: Schema, there: frozenset[tuple[str, str]] | None, each: OurField, *, dry_run: bool
) -> Step:
    name = f"{each.entity}.{each.name}"
    described = (schema.fields(each.objects[0]) or {}).get(each.name)
    if described is not None:
        wrong = each.wrong(described)
        told = f"{wrong}: {each.where()}, {each.label}, Edit" if wrong else ""
        return Step(name=name, state="wrong" if wrong else "exists", told=told)
    if there is not None and (each.entity, each.name) in there:
        return Step(name=name, state="exists", told="hidden from the integration user")
    if "__" in each.name.removesuffix("__c") or not each.name.endswith("__c"):
        told = "belongs to a package, or to Salesforce: install what brings it, or correct [connections.NAME.fields]"
        return Step(name=name, state="manual", told=told)
    if there is None:
        return Step(name=name, state="manual", told=each.clicks())
    if dry_run:
        return Step(name=name, state="would make", told=each.kind)
    return _make(client, name, each)


def _make(client: Client, name: str, each: OurField) -> Step:
    try:
        client.create("tooling/sobjects/CustomField", {"FullName": name, "Metadata": each.metadata()})
    except RejectedError as refused:
        if refused.code in _TAKEN:  # somebody made it in the meantime
            return Step(name=name, state="exists")
        return Step(name=name, state="manual", told=f"{refused}; {each.clicks()}")
    return Step(name=name, state="made")


def _accessible(schema: Schema, object_name: str, each: OurField) -> bool:
    described = (schema.fields(object_name) or {}).get(each.name)
    return described is not None and bool(described.get("updateable") or not each.written)


def _grant(client: Client, lacking: Sequence[tuple[str, OurField]]) -> Iterator[Step]:
    """The permission set with the field permissions that lack, assigned to the integration user."""
    try:
        step, set_id = _permission_set(client)
    except RejectedError as refused:
        for object_name, each in lacking:
            yield Step(
                name=f"access to {object_name}.{each.name}", state="manual", told=_grant_clicks(object_name, each)
            )
        yield Step(name=f"permission set {PERMISSION_SET}", state="manual", told=f"{refused}; {_ASSIGN_CLICKS}")
        return
    yield step
    for object_name, each in lacking:
        yield _permission(client, set_id, object_name, each)
    yield _assignment(client, set_id)


def _grant_clicks(object_name: str, each: OurField) -> str:
    rights = "Read and Edit" if each.written else "Read"
    shown = f"{object_name}s" if object_name != "Account" else "Accounts"
    return (
        f"Setup, Permission Sets, {PERMISSION_SET}, Object Settings, {shown}, Edit: {rights} Access of {each.label}; "
        f"{PACKAGE}"
    )


def _permission_set(client: Client) -> tuple[Step, str]:
    name = f"permission set {PERMISSION_SET}"
    found = client.query_whole(f"SELECT Id FROM PermissionSet WHERE Name = {quoted(PERMISSION_SET)}")  # noqa: S608 - quoted
    if found:
        return Step(name=name, state="exists"), str(found[0]["Id"])
    body = {
        "Name": PERMISSION_SET,
        "Label": PERMISSION_SET,
        "Description": "Access of the integration user to Holdfast's fields",
    }
    return Step(name=name, state="made"), client.create("sobjects/PermissionSet", body)


def _permission(client: Client, set_id: str, object_name: str, each: OurField) -> Step:
    """The set gives the field. One that it gave too little of is raised to what is needed."""
    field_name = f"{object_name}.{each.name}"
    rights = {"PermissionsRead": True, "PermissionsEdit": each.written}
    soql = (
        "SELECT Id, PermissionsRead, PermissionsEdit FROM FieldPermissions "  # noqa: S608 - quoted
        f"WHERE ParentId = {quoted(set_id)} AND Field = {quoted(field_name)}"
    )
    step = Step(name=f"access to {field_name}", state="made")
    try:
        found = client.query_whole(soql)
        if not found:
            body = {"ParentId": set_id, "SobjectType": object_name, "Field": field_name, **rights}
            client.create("sobjects/FieldPermissions", body)
        elif any(wanted and not found[0].get(right) for right, wanted in rights.items()):
            client.change(f"sobjects/FieldPermissions/{found[0]['Id']}", rights)
        else:
            step = Step(name=step.name, state="exists", told="given by the permission set")
    except RejectedError as refused:
        if refused.code not in _TAKEN:
            return Step(name=step.name, state="manual", told=f"{refused}; {_grant_clicks(object_name, each)}")
    return step


def _assignment(client: Client, set_id: str) -> Step:
    name = f"assignment of {PERMISSION_SET} to the integration user"
    try:
        user_id = client.user_id()
        soql = (
            "SELECT Id FROM PermissionSetAssignment "  # noqa: S608 - quoted
            f"WHERE PermissionSetId = {quoted(set_id)} AND AssigneeId = {quoted(user_id)}"
        )
        if client.query_whole(soql):
            return Step(name=name, state="exists")
        client.create("sobjects/PermissionSetAssignment", {"AssigneeId": user_id, "PermissionSetId": set_id})
    except RejectedError as refused:
        if refused.code in _TAKEN:
            return Step(name=name, state="exists")
        return Step(name=name, state="manual", told=f"{refused}; {_ASSIGN_CLICKS}")
    return Step(name=name, state="made")


def _odd(schema: Schema, fields: Sequence[OurField]) -> Iterator[Step]:
    """What turns out to be wrong with fields that could not be seen before, each told once."""
    for each in dict.fromkeys((each.entity, each.name) for each in fields):
        ours = next(one for one in fields if (one.entity, one.name) == each)
        described = (schema.fields(ours.objects[0]) or {}).get(ours.name)
        name = f"{ours.entity}.{ours.name}"
        if described is None:
            told = f"still hidden: {_grant_clicks(ours.objects[0], ours)}"
            yield Step(name=name, state="wrong", told=told)
        elif wrong := ours.wrong(described):
            yield Step(name=name, state="wrong", told=f"{wrong}: {ours.where()}, {ours.label}, Edit")
