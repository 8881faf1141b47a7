"""Validation rules that an admin of the portal has made; the API enforces them from 2026-09 on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.sandbox.hubspot_errors import Problem, invalid_values
from connectors.sandbox.hubspot_schema import ObjectType


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A validation rule of the portal's admin: a record of `kind` with `value` in `when` needs `needs` filled."""

    kind: ObjectType
    when: str
    value: str
    needs: str

    def check(self, kind: ObjectType, properties: Mapping[str, str]) -> None:
        """RefusedError if a record with these properties breaks it. The real text of the refusal is not known."""
        if kind is self.kind and properties.get(self.when) == self.value and not properties.get(self.needs):
            message = f'Property "{self.needs}" is required when "{self.when}" is "{self.value}"'
            raise invalid_values([Problem(name=self.needs, code="CONDITIONAL_REQUIRED_PROPERTY", message=message)])
