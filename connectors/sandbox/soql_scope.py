# ruff: noqa: S608 # table and column names are the schema's own; values are bound
"""Where the names in a query lead: fields, and parents through joins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.sandbox.salesforce_schema import Field, Sobject
from connectors.sandbox.soql import Path, Query, SoqlError, marked

NAME_FIELDS = ("Id", "Name", "FirstName", "LastName", "Email", "Title", "Type")  # what any parent of several kinds has
REFERENCE = "Please reference your WSDL or the describe call for the appropriate names."


@dataclass(slots=True)
class Scope:
    """What is known while one query is compiled: joins made so far, parameters in the order of their places."""

    query: Query
    root: Sobject
    objects: Mapping[str, Sobject]
    now: datetime
    joins: dict[tuple[str, ...], tuple[str, Sobject, str]] = field(default_factory=dict)
    params: list[Any] = field(default_factory=list)

    def refuse(self, code: str, at: int, message: str) -> SoqlError:
        return SoqlError(code, marked(self.query.text, at, message))

    def bind(self, value: Any) -> str:
        self.params.append(value)
        return "?"


def root_of(query: Query, objects: Mapping[str, Sobject]) -> Sobject:
    wanted = ".".join(query.source.names)
    found = next((each for name, each in objects.items() if name.lower() == wanted.lower()), None)
    if found is None:
        message = (
            f"sObject type '{wanted}' is not supported. If you are attempting to use a custom object, be sure to append"
            f" the '__c' after the entity name. {REFERENCE}"
        )
        raise SoqlError("INVALID_TYPE", marked(query.text, query.source.at, message))
    return found


def parent_of(scope: Scope, path: tuple[str, ...]) -> tuple[Field, str, str | None]:
    """The reference field that leads to the parent at `path`, the alias that has it, and the parent's object."""
    alias, sobject = scope.joins[path[:-1]][:2] if len(path) > 1 else ("t0", scope.root)
    reference = sobject.parents[path[-1].lower()]
    return reference, alias, None if reference.polymorphic else reference.refers_to[0]


def column_of(scope: Scope, path: Path) -> tuple[str, Field, tuple[str, ...]]:
    """SQL for a dotted field, the field, and its path in the schema's own spelling. Raises INVALID_FIELD."""
    alias, sobject = "t0", scope.root
    spelled: tuple[str, ...] = ()
    for depth, name in enumerate(path.names[:-1]):
        reference = sobject.parents.get(name.lower())
        if reference is None:
            raise scope.refuse("INVALID_FIELD", path.at, _no_relationship(name))
        spelled = (*spelled, str(reference.relationship))
        if reference.polymorphic:
            if depth < len(path.names) - 2:
                raise scope.refuse("INVALID_FIELD", path.at, _no_relationship(path.names[depth + 1]))
            return _polymorphic(scope, path, alias, reference, spelled)
        alias, sobject = _join(scope, spelled, alias, reference)
    found = sobject.by_lower_name.get(path.names[-1].lower())
    if found is None:
        raise scope.refuse("INVALID_FIELD", path.at, _no_column(path.names[-1], sobject.name))
    return f'{alias}."{found.name}"', found, (*spelled, found.name)


def _no_column(name: str, entity: str) -> str:
    return (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append"
        f" the '__c' after the custom field name. {REFERENCE}"
    )


def _no_relationship(name: str) -> str:
    return (
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, be"
        f" sure to append the '__r' after the custom relationship name. {REFERENCE}"
    )


def _join(scope: Scope, path: tuple[str, ...], alias: str, reference: Field) -> tuple[str, Sobject]:
    if path not in scope.joins:
        target = scope.objects[reference.refers_to[0]]
        made = f"t{len(scope.joins) + 1}"
        on = f'LEFT JOIN "{target.name}" {made} ON {made}."Id" = {alias}."{reference.name}"'
        scope.joins[path] = (made, target, on)
    return scope.joins[path][:2]


def _polymorphic(
    scope: Scope, path: Path, alias: str, reference: Field, spelled: tuple[str, ...]
) -> tuple[str, Field, tuple[str, ...]]:
    """Who.Name, What.Type ...: a field of whichever object the id belongs to."""
    name = next((each for each in NAME_FIELDS if each.lower() == path.names[-1].lower()), None)
    if name is None:
        raise scope.refuse("INVALID_FIELD", path.at, _no_column(path.names[-1], "Name"))
    key = f'{alias}."{reference.name}"'
    targets = [scope.objects[each] for each in reference.refers_to if each in scope.objects]
    choices = " WHEN '' THEN NULL" + "".join(
        f" WHEN '{target.prefix}' THEN {_of_target(target, name, key)}"
        for target in targets
        if name == "Type" or name in target.fields
    )
    return (
        f"(CASE substr({key}, 1, 3){choices} ELSE NULL END)",
        Field(name=name, type="string", nillable=True),
        (*spelled, name),
    )


def _of_target(target: Sobject, name: str, key: str) -> str:
    return f"'{target.name}'" if name == "Type" else f'(SELECT "{name}" FROM "{target.name}" WHERE "Id" = {key})'
