"""HubSpot's search: a request checked as strictly as HubSpot does, and turned into SQL over the stored records.

Limits and value rules are those of HubSpot's search guide; where it is silent (rows without a value never fit a
comparison, only the first sort counts) the stricter reading is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.sandbox.hubspot_errors import RefusedError, bad_json, invalid
from connectors.sandbox.hubspot_properties import Property
from connectors.sandbox.hubspot_schema import ObjectType, object_type
from connectors.sandbox.hubspot_values import is_number, milliseconds, parse_date, parse_datetime

MAX_GROUPS, MAX_FILTERS, MAX_ALL_FILTERS = 5, 6, 18
MAX_LIMIT, MAX_RESULTS, MAX_QUERY = 200, 10_000, 3_000

_COMPARISONS = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_LISTS = {"IN": "IN", "NOT_IN": "NOT IN"}
_PRESENCE = {"HAS_PROPERTY": "IS NOT NULL", "NOT_HAS_PROPERTY": "IS NULL"}
_TOKENS = {"CONTAINS_TOKEN": "", "NOT_CONTAINS_TOKEN": "NOT "}
_OPERATORS = {*_COMPARISONS, *_LISTS, *_PRESENCE, *_TOKENS, "BETWEEN"}
_UNFILTERABLE = ("hs_body_preview_html", "hs_email_html")
_SEARCHED = ("name", "domain", "firstname", "lastname", "email", "phone", "dealname", "subject", "hs_task_subject")


@dataclass(kw_only=True, slots=True)
class Query:
    """A search ready to run: SQL conditions over the columns of `records`, their values, order and page."""

    where: str
    values: list[Any] = field(default_factory=list)
    order: str
    limit: int
    offset: int


def has_token(text: str | None, wanted: str) -> bool:
    """Whether one word of the text is the wanted one; `*` stands for any characters. Case does not matter."""
    pattern = re.escape(wanted.lower()).replace(r"\*", r"\S*")
    return text is not None and re.search(rf"(?<!\w){pattern}(?!\w)", text.lower()) is not None


def compile_search(
    kind: ObjectType, known: Mapping[str, Property], body: Mapping[str, Any], *, text_ids: bool = False
) -> Query:
    """The query for a search body; RefusedError 400 for whatever HubSpot would refuse.

    `text_ids`: the index holds ids as text, and so sorts and compares them: 100 before 99.
    """
    limit, offset = _page(body)
    compiler = _Compiler(kind, known, "CAST(id AS TEXT)" if text_ids else "id")
    groups = [compiler.group(group) for group in _groups(body)]
    where = " AND ".join(_parts(f"({' OR '.join(groups)})" if groups else "", compiler.text(body.get("query"))))
    order = compiler.order(body.get("sorts") or [])
    return Query(where=where or "1", values=compiler.values, order=order, limit=limit, offset=offset)


def _parts(*conditions: str) -> list[str]:
    return [condition for condition in conditions if condition]


def _page(body: Mapping[str, Any]) -> tuple[int, int]:
    limit, after = body.get("limit", 10), body.get("after") or 0
    if not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT:
        raise invalid(f"Invalid limit {limit}: it must be between 1 and {MAX_LIMIT}")
    if not str(after).isdecimal():
        raise invalid(f"Invalid paging token: {after}")
    offset = int(after)
    if offset + limit > MAX_RESULTS:
        # The wording of the real answer is not known; the status is.
        raise RefusedError(400, f"Paging beyond {MAX_RESULTS} results is not possible in a search.", "VALIDATION_ERROR")
    return limit, offset


def _groups(body: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    given = body.get("filterGroups")
    if given is None:
        given = [{"filters": body["filters"]}] if body.get("filters") else []
    if not isinstance(given, list) or not all(isinstance(group, dict) for group in given):
        raise bad_json("filterGroups must be a list of objects")
    groups = [group.get("filters") for group in given]
    if not all(isinstance(filters, list) and filters for filters in groups):
        raise invalid("Some required fields were not set: [filters]")
    if len(groups) > MAX_GROUPS or any(len(filters) > MAX_FILTERS for filters in groups):
        raise invalid(f"At most {MAX_GROUPS} filter groups with {MAX_FILTERS} filters each are possible")
    if sum(map(len, groups)) > MAX_ALL_FILTERS:
        raise invalid(f"At most {MAX_ALL_FILTERS} filters are possible in one search")
    return groups


class _Compiler:
    """Collects the values while the conditions are written."""

    def __init__(self, kind: ObjectType, known: Mapping[str, Property], id_column: str) -> None:
        self.values: list[Any] = []
        self._id = id_column
        self._kind = kind
        self._known = known

    def group(self, filters: list[dict[str, Any]]) -> str:
        return "(" + " AND ".join(self._one(each) for each in filters) + ")"

    def text(self, wanted: Any) -> str:
        """The condition for the free `query` text over the fields that HubSpot searches by default."""
        if not wanted:
            return ""
        if not isinstance(wanted, str) or len(wanted) > MAX_QUERY:
            raise invalid(f"query may have at most {MAX_QUERY} characters")
        searched = [self._column(self._known[name]) for name in _SEARCHED if name in self._known]
        self.values += [f"%{wanted.lower()}%"] * len(searched)
        return "(" + " OR ".join(f"fold({column}) LIKE ?" for column in searched) + ")"

    def order(self, sorts: Any) -> str:
        first = sorts[0] if isinstance(sorts, list) and sorts else None
        if first is None:
            return "created, id"
        if isinstance(first, str):
            first = {"propertyName": first.lstrip("-"), "direction": "DESCENDING" if first[:1] == "-" else "ASCENDING"}
        if not isinstance(first, dict) or first.get("direction", "ASCENDING") not in ("ASCENDING", "DESCENDING"):
            raise invalid("Invalid sort: direction must be ASCENDING or DESCENDING")
        definition = self._definition(str(first.get("propertyName", "")))
        column = self._column(definition)
        if definition.type == "number" and column != self._id:
            column = f"CAST({column} AS REAL)"
        return f"{column} {'DESC' if first.get('direction') == 'DESCENDING' else 'ASC'}, id"

    def _definition(self, name: str) -> Property:
        found = self._known.get(name)
        if found is None or found.archived:
            raise invalid(
                f'Property "{name}" does not exist',
                errors=[
                    {
                        "message": f'Property "{name}" does not exist',
                        "code": "PROPERTY_DOESNT_EXIST",
                        "context": {"propertyName": [name]},
                    }
                ],
            )
        return found

    def _column(self, definition: Property) -> str:
        if definition.name == "hs_object_id":
            return self._id
        if definition.name == self._kind.modified:
            return "modified"
        if definition.name == self._kind.created:
            return "created"
        return f"json_extract(properties, '$.{definition.name}')"

    def _one(self, given: Any) -> str:
        if not isinstance(given, dict) or not isinstance(given.get("propertyName"), str):
            raise invalid("Some required fields were not set: [propertyName]")
        operator = given.get("operator")
        if operator not in _OPERATORS:
            raise bad_json(f"Cannot deserialize value of type `OperatorEnum` from String {operator!r}")
        if given["propertyName"].startswith("associations."):
            return self._association(given, operator)
        definition = self._definition(given["propertyName"])
        if definition.name in _UNFILTERABLE:
            raise invalid(f"Property {definition.name} cannot be filtered")
        column = self._column(definition)
        if operator in _PRESENCE:
            return f"{column} {_PRESENCE[operator]}"
        if operator in _TOKENS:
            self.values.append(_given(given, "value"))
            return f"{_TOKENS[operator]}has_token({column}, ?)"
        if operator in _LISTS:
            return self._in_list(definition, column, _LISTS[operator], given)
        left = self._comparable(definition, column)
        if operator == "BETWEEN":
            self.values += [self._value(definition, _given(given, name)) for name in ("value", "highValue")]
            return f"{left} BETWEEN ? AND ?"
        self.values.append(self._value(definition, _given(given, "value")))
        return f"{left} {_COMPARISONS[operator]} ?"

    def _in_list(self, definition: Property, column: str, word: str, given: Mapping[str, Any]) -> str:
        values = given.get("values")
        if not isinstance(values, list) or not values:
            raise invalid(f"{given['operator']} needs values for {definition.name}")
        if definition.field_type == "checkbox":
            self.values += [f"%;{value};%" for value in values]
            fit = " OR ".join(f"(';' || {column} || ';') LIKE ?" for _ in values)
            return f"({fit})" if word == "IN" else f"({column} IS NOT NULL AND NOT ({fit}))"
        # Strings are matched in lower case against the values as they come: capitals in them never match.
        if definition.type == "string":
            self.values += [str(value) for value in values]
        else:
            self.values += [self._value(definition, value) for value in values]
        return f"{self._comparable(definition, column)} {word} ({','.join('?' * len(values))})"

    def _comparable(self, definition: Property, column: str) -> str:
        if column in (self._id, "modified", "created"):
            return column
        if definition.type == "number":
            return f"CAST({column} AS REAL)"
        return f"fold({column})" if definition.type == "string" else column

    def _value(self, definition: Property, given: Any) -> Any:
        text = str(given)
        match definition.type:
            case "number" if is_number(text):
                if definition.name != "hs_object_id" or not text.isdecimal():
                    return float(text)
                return int(text) if self._id == "id" else text
            case "datetime" if (moment := parse_datetime(text)) is not None:
                own_column = definition.name in (self._kind.modified, self._kind.created)
                return _milliseconds(moment) if own_column else moment
            case "date" if day := parse_date(text) or (parse_datetime(text) or "")[:10]:
                return day
            case "number" | "datetime" | "date":
                raise invalid(f"Invalid {definition.type} value for {definition.name}: {text}")
            case "string":
                return text.lower()
            case _:
                return text

    def _association(self, given: Mapping[str, Any], operator: str) -> str:
        target = object_type(given["propertyName"].removeprefix("associations."))
        values = given.get("values") if operator in _LISTS else [given.get("value")]
        if target is None or operator not in ("EQ", "NEQ", "IN", "NOT_IN") or not values:
            raise invalid(f"{given['propertyName']} cannot be filtered by {operator}")
        if not all(str(value).isdecimal() for value in values):
            raise invalid(f"Invalid object id in a filter of {given['propertyName']}")
        self.values += [int(str(value)) for value in values]
        negated = "NOT " if operator.startswith("N") else ""
        marks = ",".join("?" * len(values))
        linked = f"source=kind AND source_id=id AND target={target.number} AND target_id IN ({marks})"
        return f"{negated}EXISTS (SELECT 1 FROM associations WHERE {linked})"  # noqa: S608 numbers and placeholders


def _given(given: Mapping[str, Any], name: str) -> str:
    found = given.get(name)
    if found is None or isinstance(found, dict | list | bool):
        raise invalid(f"{given['operator']} needs {name} for {given['propertyName']}")
    return str(found)


def _milliseconds(text: str) -> int:
    return milliseconds(datetime.fromisoformat(text))
