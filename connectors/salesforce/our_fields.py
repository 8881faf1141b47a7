"""Our custom fields as they must stand in an org: how they are made, what can be wrong with them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.salesforce.settings import FieldNames

FEEDBACK = ("helpful", "wrong", "already handled")
PACKAGE = "or deploy deploy/salesforce, which holds all of it"

_DESCRIBED = {"Text": "string", "Number": "double", "Date": "date", "Picklist": "picklist"}
_FLAGS = {"unique": "unique", "caseSensitive": "case-sensitive", "externalId": "an external id"}


@dataclass(frozen=True, kw_only=True, slots=True)
class OurField:
    """One custom field as it must be. `entity` is Account or Activity; `written`: by us, not by people alone."""

    entity: str
    name: str
    label: str
    kind: str  # of Salesforce's own field types
    written: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def objects(self) -> tuple[str, ...]:
        """The objects on which it stands: fields of Activity are shared by tasks and events."""
        return ("Task", "Event") if self.entity == "Activity" else (self.entity,)

    def metadata(self) -> dict[str, Any]:
        """What the Tooling API makes it from."""
        return {"label": self.label, "type": self.kind, **self.details}

    def wrong(self, described: Mapping[str, Any]) -> str:
        """What is wrong with the field as describe tells it; empty where nothing is."""
        if described.get("type") != _DESCRIBED[self.kind]:
            return f"is of type {described.get('type')}, must be {self.kind}"
        if described.get("length", 0) < self.details.get("length", 0):
            return f"is {described['length']} characters long, must be {self.details['length']}"
        if self.kind == "Number" and described.get("precision", 0) - described.get("scale", 0) < 3:
            return "must have 3 digits before the point"
        flags = [flag for flag in ("unique", "externalId", "caseSensitive") if self.details.get(flag)]
        if lacking := [flag for flag in flags if not described.get(flag)]:
            return f"must be {' and '.join(_FLAGS[flag] for flag in lacking)}"
        values = {value.get("value") for value in described.get("picklistValues", ()) if value.get("active")}
        if self.kind == "Picklist" and (missing := [value for value in FEEDBACK if value not in values]):
            return f"lacks the values {', '.join(missing)}"
        return ""

    def clicks(self) -> str:
        """How a person makes it."""
        told = {
            "Text": f"Text, length {self.details.get('length')}",
            "Number": "Number, length 3, 0 decimal places",
            "Picklist": f"Picklist with the values {', '.join(FEEDBACK)}",
        }.get(self.kind, self.kind)
        flags = "".join(f", {words}" for flag, words in _FLAGS.items() if self.details.get(flag))
        return (
            f"{self.where()}, New: {told}{flags}; label {self.label}, name {self.name.removesuffix('__c')}; {PACKAGE}"
        )

    def where(self) -> str:
        return f"Setup, Object Manager, {self.entity}, Fields & Relationships"


def our_fields(names: FieldNames) -> tuple[OurField, ...]:
    """All that an org must have, by the names that the settings give them."""
    values = [{"fullName": value, "label": value.capitalize(), "default": False} for value in FEEDBACK]
    choices = {"valueSet": {"restricted": True, "valueSetDefinition": {"sorted": False, "value": values}}}
    key = {"length": 80, "unique": True, "externalId": True, "caseSensitive": True}

    def of_account(name: str, label: str, kind: str, *, written: bool = True, **details: Any) -> OurField:
        return OurField(
            entity="Account", name=name, label=f"Holdfast {label}", kind=kind, written=written, details=details
        )

    def of_activity(name: str, label: str, kind: str, *, written: bool, details: Mapping[str, Any]) -> OurField:
        return OurField(
            entity="Activity", name=name, label=f"Holdfast {label}", kind=kind, written=written, details=details
        )

    return (
        of_account(names.risk, "Risk", "Number", precision=3, scale=0),
        of_account(names.risk_level, "Risk Level", "Text", length=20),
        of_account(names.coverage, "Coverage", "Text", length=20),
        of_account(names.findings, "Findings", "Text", length=255),
        of_account(names.last_exec_exchange, "Last Exec Exchange", "Date"),
        of_account(names.next_exec_due, "Next Exec Due", "Date"),
        of_account(names.snooze_until, "Snooze Until", "Date", written=False),
        of_activity(names.feedback, "Feedback", "Picklist", written=False, details=choices),
        of_activity(names.key, "Key", "Text", written=True, details=key),
    )
