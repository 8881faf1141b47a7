"""Handlers for HubSpot's associations (v4): read, create, archive, labels, and the associations of one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.sandbox.hubspot_batches import batch_reply
from connectors.sandbox.hubspot_errors import RefusedError, invalid, no_such_record
from connectors.sandbox.hubspot_links import Link
from connectors.sandbox.hubspot_objects import Reply
from connectors.sandbox.hubspot_schema import AssociationType, ObjectType
from connectors.sandbox.hubspot_shapes import Call, cursor, cursor_value, id_in, inputs_of, known_type, types_in

MAX_READ, MAX_WRITE, MAX_PAGE = 1_000, 2_000, 500
_FIRST_CUSTOM_LABEL = 30


def read_associations(call: Call) -> Reply:
    """Per `from` id one page; an id without any is no result but an error of the 207, as for the real API."""
    source, target = _ends(call)
    results, errors = [], []
    for one in inputs_of(call.body, MAX_READ):
        from_id = id_in(one)
        found, after = _page(call, source, from_id, target, str(one.get("after") or ""), call.account.association_page)
        if not found:
            errors.append(_none_found(source, from_id, target))
            continue
        result: dict[str, Any] = {"from": {"id": from_id}, "to": found}
        if after:
            result["paging"] = {"next": {"after": after, "link": f"{call.host}{call.url}?after={after}"}}
        results.append(result)
        call.exchange.records += len(found)
    return batch_reply(call, results, errors)


def list_associations(call: Call) -> Reply:
    """The records of one type that one record is associated with."""
    kind, target = call.kind, known_type(call.path["to"])
    record = call.account.data.find(kind, call.path["id"])
    if record is None:
        raise no_such_record(kind, call.path["id"])
    limit = call.limit(default=MAX_PAGE, most=MAX_PAGE)
    found, after = _page(call, kind, str(record.id), target, call.one("after"), limit)
    reply: dict[str, Any] = {"results": found}
    if after:
        reply["paging"] = {"next": {"after": after, "link": f"{call.host}{call.url}?after={after}"}}
    call.exchange.records = len(found)
    return 200, reply


def create_associations(call: Call) -> Reply:
    """Each input is made or refused for itself."""
    source, target = _ends(call)
    results, errors = [], []
    with call.account.data.store.transaction():
        for one in inputs_of(call.body, MAX_WRITE):
            try:
                results.append(_create(call, source, target, one))
            except RefusedError as refused:
                errors.append(refused.entry({"fromObjectId": [id_in(one.get("from"))]}))
    call.exchange.records = len(results)
    return batch_reply(call, results, errors, status=201)


def create_default_associations(call: Call) -> Reply:
    source, target = _ends(call)
    results: list[dict[str, Any]] = []
    with call.account.data.store.transaction():
        for one in inputs_of(call.body, MAX_WRITE):
            results += _create_default(call, source, id_in(one.get("from")), target, id_in(one.get("to")))
    call.exchange.records = len(results) // 2
    return batch_reply(call, results)


def archive_associations(call: Call) -> Reply:
    """Everything between the pairs is gone."""
    source, target = _ends(call)
    with call.account.data.store.transaction():
        for one in inputs_of(call.body, MAX_WRITE):
            receivers = one.get("to")
            for receiver in receivers if isinstance(receivers, list) else [receivers]:
                ends = _number(id_in(one.get("from"))), _number(id_in(receiver))
                call.account.data.links.unmake(source, ends[0], target, ends[1], set())
                call.exchange.records += 1
    return 204, None


def archive_labels(call: Call) -> Reply:
    """Only the named types between the pairs are gone."""
    source, target = _ends(call)
    with call.account.data.store.transaction():
        for one in inputs_of(call.body, MAX_WRITE):
            ends = _number(id_in(one.get("from"))), _number(id_in(one.get("to")))
            call.account.data.links.unmake(source, ends[0], target, ends[1], set(types_in(one.get("types"))))
            call.exchange.records += 1
    return 204, None


def put_default_association(call: Call) -> Reply:
    kind, target = call.kind, known_type(call.path["to"])
    results = _create_default(call, kind, call.path["id"], target, call.path["to_id"])
    call.exchange.records = 1
    return batch_reply(call, results)


def put_association(call: Call) -> Reply:
    """The body is the list of types."""
    kind, target = call.kind, known_type(call.path["to"])
    made = _create(call, kind, target, {"from": call.path, "to": {"id": call.path["to_id"]}, "types": call.json})
    call.exchange.records = 1
    return 201, made | {name: str(made[name]) for name in ("fromObjectId", "toObjectId")}


def delete_association(call: Call) -> Reply:
    target = known_type(call.path["to"])
    call.account.data.links.unmake(call.kind, _number(call.path["id"]), target, _number(call.path["to_id"]), set())
    call.exchange.records = 1
    return 204, None


def read_labels(call: Call) -> Reply:
    source, target = _ends(call)
    found = [_label(one) for one in call.account.data.links.types.values() if _fits(one, source, target)]
    if not found:
        raise invalid(f"No association type exists from {source.type_id} to {target.type_id}")
    return 200, {"results": found}


def create_label(call: Call) -> Reply:
    """A label of the portal's own, and its inverse."""
    source, target = _ends(call)
    body, known = call.body, call.account.data.links.types
    label = body.get("label")
    if not isinstance(label, str) or not label or not body.get("name"):
        raise invalid("Some required fields were not set: [label, name]")
    plain = call.account.data.links.unlabelled(source, target)
    number = next(free for free in range(_FIRST_CUSTOM_LABEL, 10_000, 2) if free not in known and free + 1 not in known)
    made = replace(plain, id=number, inverse=number + 1, label=label, user_defined=True)
    turned = body.get("inverseLabel") or label
    known[number] = made
    known[number + 1] = replace(made, id=number + 1, inverse=number, source=target, target=source, label=str(turned))
    return 200, {"results": [_label(made), _label(known[number + 1])]}


def _ends(call: Call) -> tuple[ObjectType, ObjectType]:
    return known_type(call.path["from"]), known_type(call.path["to"])


def _number(record_id: str) -> int:
    if not record_id.isdecimal():
        raise invalid(f"Invalid object id: {record_id}")
    return int(record_id)


def _page(  # noqa: PLR0917 who, to what, from where, how many
    call: Call, source: ObjectType, from_id: str, target: ObjectType, after: str, limit: int
) -> tuple[list[dict[str, Any]], str]:
    """Up to `limit` associated records in id order, and the token to go on with, empty at the end."""
    known = call.account.data.links.types
    found: list[dict[str, Any]] = []
    last = 0
    rows = call.account.data.store.linked(source.number, _number(from_id), target.number, cursor_value(after))
    for target_id, number in rows:
        if target_id != last:
            if len(found) == limit:
                rows.close()
                return found, cursor(last)
            last = target_id
            found.append({"toObjectId": target_id, "associationTypes": []})
        found[-1]["associationTypes"].append(_label(known[number]))
    return found, ""


def _label(found: AssociationType) -> dict[str, Any]:
    return {"category": found.category, "typeId": found.id, "label": found.label}


def _fits(found: AssociationType, source: ObjectType, target: ObjectType) -> bool:
    return (found.source, found.target) == (source, target)


def _none_found(source: ObjectType, from_id: str, target: ObjectType) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {target.singular} is associated with {source.singular} {from_id}.",
        "context": {
            "fromObjectId": [from_id],
            "fromObjectType": [source.singular],
            "toObjectType": [target.singular],
        },
    }


def _create(call: Call, source: ObjectType, target: ObjectType, one: Mapping[str, Any]) -> dict[str, Any]:
    from_id, to_id = _number(id_in(one.get("from"))), _number(id_in(one.get("to")))
    link = Link(target=target, target_id=to_id, types=types_in(one.get("types")))
    _associate(call, source, from_id, link)
    known = call.account.data.links.types
    return {
        "fromObjectTypeId": source.type_id,
        "fromObjectId": from_id,
        "toObjectTypeId": target.type_id,
        "toObjectId": to_id,
        "labels": [label for number in link.types if (label := known[number].label) is not None],
    }


def _associate(call: Call, source: ObjectType, from_id: int, link: Link) -> None:
    data = call.account.data
    record = data.store.get(source.number, from_id)
    if record is None or record.archived_at is not None:
        raise no_such_record(source, str(from_id))
    data.links.check(source, link)
    with data.store.transaction():
        data.links.make(source, from_id, link)


def _create_default(
    call: Call, source: ObjectType, from_id: str, target: ObjectType, to_id: str
) -> list[dict[str, Any]]:
    plain = call.account.data.links.unlabelled(source, target)
    _associate(call, source, _number(from_id), Link(target=target, target_id=_number(to_id), types=(plain.id,)))
    return [
        {
            "from": {"id": ends[0]},
            "to": {"id": ends[1]},
            "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number},
        }
        for ends, number in (((from_id, to_id), plain.id), ((to_id, from_id), plain.inverse))
    ]
