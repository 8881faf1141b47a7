"""Property definitions of the sandbox's HubSpot portal, read from the tables, and as the properties API sends them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from connectors.sandbox.hubspot_schema import TASK, ObjectType
from connectors.sandbox.hubspot_tables import BORN_WITH, OF_THE_INTEGRATION, OURS

FIELD_TYPES = {
    "string": {"text", "textarea", "html", "file", "phonenumber", "calculation_equation"},
    "number": {"number", "calculation_equation", "calculation_rollup"},
    "date": {"date"},
    "datetime": {"date", "calculation_equation"},
    "enumeration": {"select", "radio", "checkbox", "booleancheckbox", "calculation_equation"},
    "bool": {"booleancheckbox", "calculation_equation"},
}


SALESFORCE_GROUP = "salesforceinformation"


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """One property definition of one object type."""

    name: str
    type: str
    field_type: str
    label: str
    group: str
    description: str = ""
    options: tuple[dict[str, Any], ...] = ()
    unique: bool = False
    read_only: bool = False
    calculated: bool = False
    hubspot_defined: bool = True
    archived: bool = False
    of_owners: bool = False
    display_order: int = -1
    hidden: bool = False
    form_field: bool = False
    created_at: str = "1970-01-01T00:00:00Z"
    updated_at: str = "1970-01-01T00:00:00Z"

    @property
    def values(self) -> frozenset[str]:
        return frozenset(option["value"] for option in self.options)

    def body(self) -> dict[str, Any]:
        """The definition as the properties API sends it."""
        metadata = {
            "archivable": not self.hubspot_defined,
            "readOnlyDefinition": self.hubspot_defined,
            "readOnlyValue": self.read_only,
        }
        shown: dict[str, Any] = {
            "updatedAt": self.updated_at,
            "createdAt": self.created_at,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": list(self.options),
            "displayOrder": self.display_order,
            "calculated": self.calculated,
            "externalOptions": self.of_owners,
            "archived": self.archived,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "modificationMetadata": metadata,
            "formField": self.form_field,
        }
        if self.hubspot_defined:
            shown["hubspotDefined"] = True
        if self.of_owners:
            shown["referencedObjectType"] = "OWNER"
        return shown


BOOLEAN_OPTIONS = tuple(
    {"label": label, "value": value, "displayOrder": order, "hidden": False}
    for order, (label, value) in enumerate((("Yes", "true"), ("No", "false")))
)


def options(values: list[str]) -> tuple[dict[str, Any], ...]:
    """Options with these values, labelled in words."""
    return tuple(
        {"label": value.replace("_", " ").capitalize(), "value": value, "displayOrder": order, "hidden": False}
        for order, value in enumerate(values)
    )


def _parse(line: str, group: str) -> Property:
    head, _, tail = line.partition("=")
    name, types, *flags = head.split()
    kind, field_type = types.split("/")
    ours = "custom" in flags
    return Property(
        name=name,
        type=kind,
        field_type=field_type,
        label=name.removeprefix("hs_").replace("_", " ").capitalize(),
        group=group,
        options=BOOLEAN_OPTIONS
        if kind == "bool"
        else options([value.strip() for value in tail.split("|" if "|" in tail else None)]),
        unique="unique" in flags,
        read_only="ro" in flags or "calc" in flags,
        calculated="calc" in flags,
        hubspot_defined=not ours,
        of_owners=name == "hubspot_owner_id",
    )


def _table(text: str, group: str) -> dict[str, Property]:
    lines = (line for line in text.splitlines() if line.strip())
    return {definition.name: definition for definition in (_parse(line, group) for line in lines)}


def group_of(kind: ObjectType) -> str:
    """The property group that a kind is born with."""
    return f"{kind.singular}information"


def born_with(*, bare: bool, unique_task_key: bool) -> dict[ObjectType, dict[str, Property]]:
    """Definitions of a new portal by object type and name; without ours if bare."""
    found = {kind: _table(text, group_of(kind)) for kind, text in BORN_WITH.items()}
    for kind, text in OURS.items() if not bare else ():
        found[kind] |= _table(text, "holdfast")
    if not bare:
        found[TASK]["holdfast_key"] = replace(found[TASK]["holdfast_key"], unique=unique_task_key)
    return found


def of_the_integration() -> dict[ObjectType, dict[str, Property]]:
    """What the integration with Salesforce adds to a portal, by object type and name."""
    return {kind: _table(text, SALESFORCE_GROUP) for kind, text in OF_THE_INTEGRATION.items()}
