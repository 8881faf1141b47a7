"""Handlers for HubSpot's property definitions and groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.sandbox.crm import iso
from connectors.sandbox.hubspot_account import group
from connectors.sandbox.hubspot_batches import MAX_INPUTS, batch_reply
from connectors.sandbox.hubspot_errors import RefusedError, invalid, missing_scopes, not_found
from connectors.sandbox.hubspot_objects import Reply
from connectors.sandbox.hubspot_properties import FIELD_TYPES, Property
from connectors.sandbox.hubspot_schema import DEAL, TASK, TICKET, ObjectType
from connectors.sandbox.hubspot_shapes import Call, inputs_of

MAX_UNIQUE = 10
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


def list_properties(call: Call) -> Reply:
    archived = call.flag("archived")
    found = [one.body() for one in call.account.data.definitions[call.kind].values() if one.archived is archived]
    call.exchange.records = len(found)
    return 200, {"results": found}


def read_property(call: Call) -> Reply:
    return 200, _present(call, call.path["name"], archived=call.flag("archived")).body()


def create_property(call: Call) -> Reply:
    """The definition stands; an archived one of that name comes back with what was posted."""
    _check_scope(call)
    made = _create(call, call.kind, call.body)
    call.exchange.records = 1
    return 201, made.body()


def create_properties(call: Call) -> Reply:
    """Each input is made or refused for itself."""
    _check_scope(call)
    results, errors = [], []
    for one in inputs_of(call.body, MAX_INPUTS):
        try:
            results.append(_create(call, call.kind, one).body())
        except RefusedError as refused:
            errors.append(refused.entry({"name": [str(one.get("name"))]}))
    call.exchange.records = len(results)
    return batch_reply(call, results, errors, status=201)


def read_properties(call: Call) -> Reply:
    known = call.account.data.definitions[call.kind]
    names = [str(one.get("name")) for one in inputs_of(call.body, MAX_INPUTS)]
    missing = [name for name in names if name not in known or known[name].archived]
    errors = [_unknown(name).entry({"name": [name]}) for name in missing]
    return batch_reply(call, [known[name].body() for name in names if name not in missing], errors)


def update_property(call: Call) -> Reply:
    """`options` are replaced as a whole; `hasUniqueValue` cannot change and is passed over without a word."""
    found, body = _present(call, call.path["name"]), call.body
    if found.hubspot_defined and set(body) - {"label", "options"}:
        raise invalid(f"Property {found.name} is HubSpot defined: its definition is read-only")
    changed = replace(found, **_settings(body), updated_at=iso(call.account.clock.now()))
    _check(changed)
    call.account.data.definitions[call.kind][found.name] = changed
    return 200, changed.body()


def archive_property(call: Call) -> Reply:
    _archive(call, _present(call, call.path["name"]))
    return 204, None


def archive_properties(call: Call) -> Reply:
    """Names that do not exist are passed over."""
    known = call.account.data.definitions[call.kind]
    for one in inputs_of(call.body, MAX_INPUTS):
        found = known.get(str(one.get("name")))
        if found is not None and not found.archived:
            _archive(call, found)
    return 204, None


def _archive(call: Call, found: Property) -> None:
    if found.hubspot_defined:
        raise invalid(f"Property {found.name} is HubSpot defined and cannot be archived")
    call.account.data.definitions[call.kind][found.name] = replace(found, archived=True)


def list_groups(call: Call) -> Reply:
    return 200, {"results": list(call.account.groups[call.kind].values())}


def read_group(call: Call) -> Reply:
    return 200, _group(call)


def update_group(call: Call) -> Reply:
    found = _group(call)
    found |= {name: call.body[name] for name in ("label", "displayOrder") if name in call.body}
    return 200, found


def archive_group(call: Call) -> Reply:
    """An empty group is gone; one with properties is refused."""
    found = _group(call)
    known = call.account.data.definitions[call.kind]
    if any(one.group == found["name"] and not one.archived for one in known.values()):
        raise invalid(f"Property group {found['name']} still has properties")
    del call.account.groups[call.kind][found["name"]]
    return 204, None


def _group(call: Call) -> dict[str, Any]:
    found = call.account.groups[call.kind].get(call.path["name"])
    if found is None:
        raise not_found(f"Property group {call.path['name']} does not exist")
    return found


def create_group(call: Call) -> Reply:
    _check_scope(call)
    groups, body = call.account.groups[call.kind], call.body
    name, label = body.get("name"), body.get("label")
    if not isinstance(name, str) or not isinstance(label, str) or not _NAME.fullmatch(name):
        raise invalid("Some required fields were not set: [name, label]")
    if name in groups:
        raise _exists(f"A property group named '{name}' already exists.", "Properties.GROUP_WITH_NAME_EXISTS")
    groups[name] = group(name, label, int(body.get("displayOrder", -1)))
    return 201, groups[name]


def _check_scope(call: Call) -> None:
    """RefusedError unless definitions may be written; the scope of tasks is not documented, its name here a guess."""
    wanted = f"crm.schemas.{call.kind.plural}.write"
    if wanted in call.account.missing_scopes:
        raise missing_scopes([wanted])


def list_pipelines(call: Call) -> Reply:
    return 200, {"results": [_pipeline(call)]}


def read_pipeline(call: Call) -> Reply:
    found = _pipeline(call)
    if found["id"] != call.path["id"]:
        raise not_found(f"There is no pipeline {call.path['id']} for {call.kind.plural}")
    return 200, found


def list_stages(call: Call) -> Reply:
    _, found = read_pipeline(call)
    return 200, {"results": (found or {})["stages"]}


def _pipeline(call: Call) -> dict[str, Any]:
    """The one pipeline that deals and tickets are born with; its stages say which of them are closed."""
    names = _PIPELINES.get(call.kind)
    if names is None:
        raise not_found(f"There are no pipelines for {call.kind.plural}")
    pipeline, stage, closed = names
    known, stamps = call.account.data.definitions[call.kind], {"createdAt": _EPOCH, "updatedAt": _EPOCH}
    stages = [
        stamps
        | {"id": one["value"], "label": one["label"], "displayOrder": one["displayOrder"], "archived": False}
        | {"metadata": {"isClosed": str(one["value"] in closed).lower()} | _PROBABILITY.get(one["value"], {})}
        for one in known[stage].options
    ]
    only = known[pipeline].options[0]
    found = {"id": only["value"], "label": "Pipeline", "displayOrder": 0, "archived": False, "stages": stages}
    return found | stamps


_EPOCH = "1970-01-01T00:00:00.000Z"
_PROBABILITY = {"closedwon": {"probability": "1.0"}, "closedlost": {"probability": "0.0"}}
_PIPELINES = {
    DEAL: ("pipeline", "dealstage", ("closedwon", "closedlost")),
    TICKET: ("hs_pipeline", "hs_pipeline_stage", ("4",)),
}


def _present(call: Call, name: str, *, archived: bool = False) -> Property:
    found = call.account.data.definitions[call.kind].get(name)
    if found is None or found.archived is not archived:
        raise _unknown(name)
    return found


def _unknown(name: str) -> RefusedError:
    return RefusedError(404, f"Property {name} does not exist", "OBJECT_NOT_FOUND", subCategory="Properties.NOT_FOUND")


def _exists(message: str, sub_category: str) -> RefusedError:
    return RefusedError(409, message, "OBJECT_ALREADY_EXISTS", subCategory=sub_category)


def _create(call: Call, kind: ObjectType, body: Mapping[str, Any]) -> Property:
    known = call.account.data.definitions[kind]
    missing = [name for name in ("name", "label", "type", "fieldType", "groupName") if not body.get(name)]
    if missing:
        raise invalid(f"Some required fields were not set: [{', '.join(missing)}]")
    name = str(body["name"])
    if name in known and not known[name].archived:
        raise _exists(f"A property named '{name}' already exists.", "Properties.PROPERTY_WITH_NAME_EXISTS")
    if not _NAME.fullmatch(name) or name.startswith("hs_"):
        raise invalid(f"Property name {name!r} is not possible: lower-case letters, digits and underscores")
    if str(body["groupName"]) not in call.account.groups[kind]:
        raise invalid(f"Property group {body['groupName']} does not exist")
    at = iso(call.account.clock.now())
    made = Property(
        name=name, type="", field_type="", label="", group="", hubspot_defined=False, created_at=at, updated_at=at
    )
    made = replace(made, **_settings(body), unique=bool(body.get("hasUniqueValue")))
    _check(made)
    if made.unique and kind is TASK and not call.account.unique_task_key:
        raise invalid("Unique properties are not supported for object type 0-27")
    if made.unique and sum(one.unique for one in known.values()) >= MAX_UNIQUE:
        raise invalid(f"At most {MAX_UNIQUE} properties with unique values are possible for {kind.plural}")
    known[name] = made
    return made


_FIELDS = {
    "label": "label",
    "type": "type",
    "fieldType": "field_type",
    "groupName": "group",
    "description": "description",
    "displayOrder": "display_order",
    "hidden": "hidden",
    "formField": "form_field",
}


def _settings(body: Mapping[str, Any]) -> dict[str, Any]:
    found = {ours: body[theirs] for theirs, ours in _FIELDS.items() if theirs in body}
    if "options" in body:
        found["options"] = tuple(_option(one, order) for order, one in enumerate(body["options"] or ()))
    return found


def _option(given: Any, order: int) -> dict[str, Any]:
    if not isinstance(given, dict) or not isinstance(given.get("value"), str) or not given.get("label"):
        raise invalid("Some required fields were not set: [options.label, options.value]")
    return {"hidden": False, "displayOrder": order, **given}


def _check(definition: Property) -> None:
    """RefusedError unless type, field type and options go together."""
    if definition.field_type not in FIELD_TYPES.get(definition.type, set()):
        raise invalid(f"fieldType {definition.field_type} is not possible for type {definition.type}")
    if definition.type == "bool" and definition.values != {"true", "false"}:
        raise invalid(
            "Boolean properties need the options true and false",
            errors=[
                {"message": "Boolean properties need the options true and false", "code": "INVALID_BOOLEAN_OPTION"}
            ],
        )
    if definition.unique and definition.type not in ("string", "number"):
        raise invalid("Only strings and numbers can have unique values")
