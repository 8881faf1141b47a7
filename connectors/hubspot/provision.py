"""Our property group and properties in a portal: made where they are missing, checked where they are there.

Whether tasks can have unique properties, and which scope lets their definitions be written, is nowhere documented:
both are found out by trying.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.errors import RejectedError
from connectors.hubspot.client import Client
from connectors.hubspot.portal_fields import definitions, read_only
from connectors.hubspot.refusals import is_conflict, is_missing_scope
from connectors.hubspot.replies import results
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.values import Json
from connectors.protocol import Step

GROUP = "holdfast"
NOT_UNIQUE = "tasks cannot have unique values here, so every task is looked up by its key before another is made"
FEEDBACK = ("helpful", "wrong", "already handled")


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """One of our properties as it must be: `kind` is the object's plural name, `name` HubSpot's internal one."""

    kind: str
    logical: str
    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    options: tuple[str, ...] = ()
    unique: bool = False

    def body(self) -> Json:
        """What is posted to make it."""
        body: Json = {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "groupName": GROUP,
        }
        if self.options:
            body["options"] = [_option(value, order) for order, value in enumerate(self.options)]
        return body | ({"hasUniqueValue": True} if self.unique else {})


def _option(value: str, order: int) -> Json:
    return {"label": value.capitalize(), "value": value, "displayOrder": order, "hidden": False}


def our_properties(settings: HubspotSettings) -> list[Property]:
    """All that a portal must have, by the names that the settings give them."""
    name = settings.fields
    company = (
        Property(kind="companies", logical="risk", name=name.risk, label="Risk", type="number", field_type="number"),
        Property(kind="companies", logical="risk_level", name=name.risk_level, label="Risk level"),
        Property(kind="companies", logical="coverage", name=name.coverage, label="Coverage"),
        Property(kind="companies", logical="findings", name=name.findings, label="Findings"),
        *(
            Property(kind="companies", logical=logical, name=where, label=label, type="date", field_type="date")
            for logical, where, label in (
                ("last_exec_exchange", name.last_exec_exchange, "Last executive exchange"),
                ("next_exec_due", name.next_exec_due, "Next executive exchange due"),
                ("snooze_until", name.snooze_until, "Snooze until"),
            )
        ),
    )
    feedback = Property(
        kind="tasks",
        logical="feedback",
        name=name.feedback,
        label="Feedback",
        type="enumeration",
        field_type="select",
        options=FEEDBACK,
    )
    key = Property(kind="tasks", logical="key", name=name.key, label="Key", unique=True)
    ours = [*company, feedback, key]
    return [replace(one, label=f"Holdfast {one.label[0].lower()}{one.label[1:]}") for one in ours]


def provision(client: Client, settings: HubspotSettings, *, dry_run: bool) -> Iterator[Step]:
    """Make what is missing and yield how each thing stands, the group of an object before its properties."""
    wanted = our_properties(settings)
    for kind in dict.fromkeys(one.kind for one in wanted):
        yield from _of_object(client, kind, [one for one in wanted if one.kind == kind], dry_run=dry_run)


def _of_object(client: Client, kind: str, wanted: Sequence[Property], *, dry_run: bool) -> Iterator[Step]:
    try:
        groups = results(client.get(client.paths.property_groups(kind)))
        live, archived = definitions(client, kind), definitions(client, kind, archived=True)
    except RejectedError as error:
        yield from (Step(name=_name(one), state="manual", told=_by_hand(error, _clicks(one))) for one in wanted)
        return
    yield _group(client, kind, exists=any(one.get("name") == GROUP for one in groups), dry_run=dry_run)
    for one in wanted:
        if one.name in live:
            yield _checked(client.name, one, live[one.name])
        else:
            yield _made(client, one, was_archived=one.name in archived, dry_run=dry_run)


def _group(client: Client, kind: str, *, exists: bool, dry_run: bool) -> Step:
    name = f"{kind}: group {GROUP}"
    if exists or dry_run:
        return Step(name=name, state="exists" if exists else "would make")
    try:
        client.post(client.paths.property_groups(kind), {"name": GROUP, "label": "Holdfast", "displayOrder": -1})
    except RejectedError as error:
        if is_conflict(error.code, str(error)):
            return Step(name=name, state="exists")
        clicks = f"Settings > Properties > {_object(kind)} > Groups > Create group: name Holdfast"
        return Step(name=name, state="manual", told=_by_hand(error, clicks))
    return Step(name=name, state="made")


def _made(client: Client, one: Property, *, was_archived: bool, dry_run: bool) -> Step:
    told = "was archived; comes back with its old values" if was_archived else ""
    if dry_run:
        return Step(name=_name(one), state="would make", told=told)
    try:
        client.post(client.paths.properties(one.kind), one.body())
    except RejectedError as error:
        if is_conflict(error.code, str(error)):  # somebody was faster
            return _checked(client.name, one, definitions(client, one.kind).get(one.name, {}))
        if one.unique and not is_missing_scope(error):
            plain = _made(client, replace(one, unique=False), was_archived=was_archived, dry_run=False)
            return replace(plain, told=NOT_UNIQUE) if plain.state == "made" else plain
        return Step(name=_name(one), state="manual", told=_by_hand(error, _clicks(one)))
    return Step(name=_name(one), state="made", told=told)


def _checked(connection: str, one: Property, definition: Json) -> Step:
    """One that is there: it stays as it is, also where it is wrong, since it may be the customer's."""
    wrong = _what_is_wrong(one, definition)
    if wrong:
        remedy = (
            f"archive it in Settings > Properties > {_object(one.kind)} and provision again, or let"
            f" connections.{connection}.fields.{one.logical} name another"
        )
        return Step(name=_name(one), state="wrong", told=f"{wrong}; {remedy}")
    told = NOT_UNIQUE if one.unique and definition.get("hasUniqueValue") is not True else ""
    return Step(name=_name(one), state="exists", told=told)


def _what_is_wrong(one: Property, definition: Json) -> str:
    found = str(definition.get("type"))
    if found != one.type:
        return f"is of type {found}, must be {one.type}"
    if read_only(definition):
        return "is read-only"
    if one.options and definition.get("fieldType") == "checkbox":
        return "takes several values at once, must be a dropdown or radio select"
    there = {option.get("value") for option in definition.get("options") or () if isinstance(option, dict)}
    missing = [value for value in one.options if value not in there]
    return f"lacks the options {', '.join(missing)}" if missing else ""


def _name(one: Property) -> str:
    return f"{one.kind}: property {one.name}"


def _by_hand(error: RejectedError, clicks: str) -> str:
    """The portal's reason, which names the scopes where they are missing, and the way without them."""
    return f"{error}; then provision again, or by hand: {clicks}"


def _clicks(one: Property) -> str:
    kinds = {"number": "Number", "date": "Date picker", "enumeration": "Dropdown select"}
    parts = [f"label {one.label}", f"internal name {one.name}", f"group {GROUP.capitalize()}"]
    parts.append(f"field type {kinds.get(one.type, 'Single-line text')}")
    if one.options:
        parts.append(f"options with the internal values {', '.join(one.options)}")
    if one.unique:
        parts.append("under Rules require unique values, if that is offered")
    return f"Settings > Properties > {_object(one.kind)} > Create property: {'; '.join(parts)}"


def _object(kind: str) -> str:
    return "Company properties" if kind == "companies" else "Task properties"
