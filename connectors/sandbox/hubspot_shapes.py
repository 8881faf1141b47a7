"""JSON in and out of the HubSpot sandbox: requests checked for their shape, records as the API shows them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.sandbox.crm import Exchange
from connectors.sandbox.hubspot_account import Account
from connectors.sandbox.hubspot_errors import RefusedError, bad_json, invalid, unknown_type
from connectors.sandbox.hubspot_links import Link
from connectors.sandbox.hubspot_schema import AssociationType, ObjectType, object_type
from connectors.sandbox.hubspot_store import Record


@dataclass(kw_only=True, slots=True)
class Call:
    """One request as a handler sees it; `query` has every value of a repeated parameter."""

    account: Account
    exchange: Exchange
    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    raw_body: bytes
    url: str
    host: str
    content_type: str

    @property
    def kind(self) -> ObjectType:
        return known_type(self.path["type"])

    @property
    def ruled(self) -> bool:
        """Whether this version of the API enforces the admin's validation rules; older ones are taken to be exempt."""
        return "/2026-09/" in self.url

    @property
    def json(self) -> Any:
        """What was sent; RefusedError 400 or 415 if it is no JSON."""
        if not self.content_type.startswith("application/json"):
            raise RefusedError(415, "Unsupported Media Type: send application/json", "VALIDATION_ERROR")
        try:
            return orjson.loads(self.raw_body)
        except orjson.JSONDecodeError as error:
            raise bad_json(str(error)) from error

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object sent; RefusedError 400 or 415 if it is none."""
        found = self.json
        if not isinstance(found, dict):
            raise bad_json("Cannot deserialize value from Array value")
        return found

    def words(self, name: str) -> list[str]:
        """A list parameter, repeated or with commas."""
        return [word for text in self.query.get(name, ()) for word in text.split(",") if word]

    def one(self, name: str, default: str = "") -> str:
        return next(iter(self.query.get(name, ())), default)

    def flag(self, name: str) -> bool:
        text = self.one(name, "false").lower()
        if text not in ("true", "false"):
            raise invalid(f"Unable to parse value for query parameter {name}: {text}")
        return text == "true"

    def limit(self, *, default: int, most: int) -> int:
        text = self.one("limit", str(default))
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise invalid(f"Invalid limit {text}: it must be between 1 and {most}")
        return int(text)


def known_type(spelling: str) -> ObjectType:
    kind = object_type(spelling)
    if kind is None:
        raise unknown_type(spelling)
    return kind


def strings(value: Any, name: str) -> list[str]:
    """A list of strings from a body, empty if absent."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise bad_json(f"{name} must be a list of strings")
    return value


def inputs_of(body: Mapping[str, Any], most: int) -> list[dict[str, Any]]:
    """The inputs of a batch; RefusedError 400 if there are none, too many, or something else than objects."""
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
        raise invalid("Some required fields were not set: [inputs]")
    if not inputs:
        raise invalid("The list of inputs must not be empty")
    if len(inputs) > most:
        raise invalid(f"The maximum number of inputs supported in a batch request is {most}, received {len(inputs)}")
    return inputs


def properties_in(given: Mapping[str, Any]) -> dict[str, Any]:
    found = given.get("properties")
    if not isinstance(found, dict):
        raise invalid("Some required fields were not set: [properties]")
    return found


def id_in(given: Any, what: str = "id") -> str:
    """An id from a body: a string, or a number as some clients send it."""
    found = given.get("id") if isinstance(given, dict) else None
    if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
        raise invalid(f"Some required fields were not set: [{what}]")
    return str(found)


def types_in(given: Any) -> tuple[int, ...]:
    """The association type ids of a `types` list."""
    if not isinstance(given, list) or not given:
        raise invalid("Some required fields were not set: [types]")
    found = []
    for one in given:
        number = one.get("associationTypeId") if isinstance(one, dict) else None
        if not isinstance(number, int) or one.get("associationCategory") not in ("HUBSPOT_DEFINED", "USER_DEFINED"):
            raise invalid("Some required fields were not set: [associationCategory, associationTypeId]")
        found.append(number)
    return tuple(found)


def links_in(given: Any, known: Mapping[int, AssociationType]) -> list[Link]:
    """The `associations` of a create; the type ids say which kind of record is meant."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise bad_json("associations must be a list")
    links = []
    for one in given:
        types = types_in(one.get("types") if isinstance(one, dict) else None)
        if types[0] not in known:
            raise invalid(f"associationTypeId {types[0]} does not exist")
        target_id = id_in(one.get("to"), "to.id")
        if not target_id.isdecimal():
            raise invalid(f"Invalid object id: {target_id}")
        links.append(Link(target=known[types[0]].target, target_id=int(target_id), types=types))
    return links


def shown_names(account: Account, kind: ObjectType, asked: Sequence[str]) -> list[str]:
    """The properties that a read returns: stamps and id always, unknown names never."""
    always = {"hs_object_id", kind.created, kind.modified}
    definitions = account.data.definitions[kind]
    wanted = {name for name in asked if name in definitions and not definitions[name].archived} if asked else kind.shown
    return sorted(always.union(wanted))


def shape(account: Account, kind: ObjectType, record: Record, names: Sequence[str]) -> dict[str, Any]:
    """A record as every object endpoint shows it, with those properties, null where nothing is set."""
    return shape_parsed(account, kind, record.id, record.archived_at, record.properties, names)


def shape_parsed(  # noqa: PLR0917 called a hundred times per page, keywords would cost
    account: Account,
    kind: ObjectType,
    record_id: int,
    archived_at: str | None,
    properties: Mapping[str, str],
    names: Sequence[str],
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": str(record_id),
        "properties": {name: properties.get(name) for name in names},
        "createdAt": properties[kind.created],
        "updatedAt": properties[kind.modified],
        "archived": archived_at is not None,
        "url": account.url_of(kind, record_id),
    }
    if archived_at is not None:
        shown["archivedAt"] = archived_at
    return shown


def cursor(value: int) -> str:
    """An opaque paging token."""
    return base64.b64encode(str(value).encode()).decode()


def cursor_value(token: str) -> int:
    """What `cursor` hid, 0 for none; RefusedError 400 for anything else."""
    if token == "":
        return 0
    try:
        return int(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError) as error:
        raise invalid(f"Invalid paging token: {token}") from error
