"""The WHERE clause of a query as SQL, two-valued as SOQL's logic is."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.salesforce_schema import TEXTS, Field
from connectors.sandbox.soql import AllOf, Among, AnyOf, Comparison, Condition, Like, Not, Path, SoqlError, Value
from connectors.sandbox.soql_scope import Scope, column_of
from connectors.sandbox.soql_values import Range, as_stored


def condition_sql(scope: Scope, condition: Condition) -> str:
    """SQL that is 1 where the condition holds; its values are bound in the scope. Raises SoqlError."""
    match condition:
        case AllOf(parts=parts):
            return "(" + " AND ".join(condition_sql(scope, each) for each in parts) + ")"
        case AnyOf(parts=parts):
            return "(" + " OR ".join(condition_sql(scope, each) for each in parts) + ")"
        case Not(of=inner):
            # SQL's unknown is SOQL's false.
            return f"NOT ifnull({condition_sql(scope, inner)}, 0)"
        case Comparison():
            return _comparison(scope, condition)
        case Like(path=path, pattern=pattern):
            column, found = _filtered(scope, path)
            if found.type not in TEXTS:
                message = f"invalid operator on {found.type} field"
                raise scope.refuse("INVALID_QUERY_FILTER_OPERATOR", path.at, message)
            return f"{column} LIKE {scope.bind(pattern.text)} ESCAPE '\\'"
        case Among(path=path, values=values, negated=negated):
            return _among(scope, path, values, negated=negated)


def _filtered(scope: Scope, path: Path) -> tuple[str, Field]:
    column, found, _ = column_of(scope, path)
    if not found.filterable:
        message = f"field '{found.name}' can not be filtered in a query call"
        raise scope.refuse("INVALID_FIELD", path.at, message)
    return column, found


def _comparison(scope: Scope, condition: Comparison) -> str:
    column, found = _filtered(scope, condition.path)
    operator = condition.operator
    if operator not in {"=", "!="} and found.type in {"boolean", "multipicklist"}:
        message = f"invalid operator on {found.type} field"
        raise scope.refuse("INVALID_QUERY_FILTER_OPERATOR", condition.path.at, message)
    value = _stored(scope, found, condition.value)
    if isinstance(value, Range):
        return _in_range(scope, column, operator, value)
    if operator == "=":
        return f"{column} IS {scope.bind(value)}"
    if operator == "!=":
        return f"{column} IS NOT {scope.bind(value)}"
    return f"{column} {operator} {scope.bind(value)}"


def _in_range(scope: Scope, column: str, operator: str, value: Range) -> str:
    match operator:
        case "=":
            return f"({column} >= {scope.bind(value.first)} AND {column} < {scope.bind(value.end)})"
        case "!=":
            return f"({column} < {scope.bind(value.first)} OR {column} >= {scope.bind(value.end)})"
        case "<" | ">=":
            return f"{column} {operator} {scope.bind(value.first)}"
        case _:
            return f"{column} {'<' if operator == '<=' else '>='} {scope.bind(value.end)}"


def _among(scope: Scope, path: Path, values: tuple[Value, ...], *, negated: bool) -> str:
    column, found = _filtered(scope, path)
    stored = [_stored(scope, found, each) for each in values]
    if any(isinstance(each, Range) for each in stored):
        raise scope.refuse("MALFORMED_QUERY", path.at, "a date range cannot stand in a list")
    listed = ", ".join(scope.bind(each) for each in stored if each is not None)
    null = None in stored
    if negated:
        return f"({column} NOT IN ({listed}){'' if null else f' OR {column} IS NULL'})"
    return f"({column} IN ({listed}){f' OR {column} IS NULL' if null else ''})"


def _stored(scope: Scope, found: Field, value: Value) -> Any:
    try:
        return as_stored(found, value, scope.now)
    except SoqlError as error:
        raise scope.refuse(error.code, value.at, str(error)) from None
