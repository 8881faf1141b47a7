# ruff: noqa: S608 # table and column names are the schema's own; values are bound
"""A SOQL tree against the org's schema: SQL for the ids of the result, SQL for a page of it, and the records' shape.

The result's ids are fixed when the query runs and its pages are read later, as with Salesforce's query cursors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.sandbox.salesforce_schema import Sobject
from connectors.sandbox.soql import Count, Ordering, Query, SoqlError
from connectors.sandbox.soql_conditions import condition_sql
from connectors.sandbox.soql_scope import Scope, column_of, parent_of, root_of

MAX_OFFSET = 2000
# Without ORDER BY, and among ties, Salesforce promises no order: a fixed shuffle finds who relies on one.
SHUFFLE = "(t0.rowid * 2654435761) % 4294967296"


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """One selected column: where it goes in the record, and whether its 0 and 1 mean false and true."""

    path: tuple[str, ...]
    boolean: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiled:
    """`page_sql` takes a JSON list of row ids and yields their rows in that order: the id, the leaves, then for each of
    `parents` (paths) its id.
    """

    sobject: str
    ids_sql: str
    params: tuple[Any, ...]
    page_sql: str
    leaves: tuple[Leaf, ...]
    parents: Mapping[tuple[str, ...], str | None]  # path -> the parent's object; None where it can be of several
    counts: str | None  # None: records; "size": COUNT(); "row": COUNT(field), its value is the first of ids_sql


def compile_query(query: Query, objects: Mapping[str, Sobject], now: datetime, *, hide: bool) -> Compiled:
    """Raises SoqlError with Salesforce's code. `hide` leaves deleted and archived rows out, as `/query` does."""
    root = root_of(query, objects)
    scope = Scope(query=query, root=root, objects=objects, now=now)
    if query.offset > MAX_OFFSET:
        raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
    columns, leaves, parents = _columns(scope)
    where = _where(scope, hide=hide)
    order = _order(scope)
    joins = " ".join(join for _, _, join in scope.joins.values())
    table = f'"{root.name}" t0'
    # CROSS JOIN keeps SQLite from reordering: the page comes in the order of its ids.
    page = f"json_each(?) page CROSS JOIN {table} ON t0.rowid = page.value"
    counts = _counts(scope)
    tail = "" if counts else f"ORDER BY {order}"
    if query.limit is not None or query.offset:
        tail += f" LIMIT {-1 if query.limit is None else query.limit} OFFSET {query.offset}"
    return Compiled(
        sobject=root.name,
        ids_sql=f"SELECT {counts[1] if counts else 't0.rowid'} FROM {table} {joins} WHERE {where} {tail}",
        params=tuple(scope.params),
        page_sql=f"SELECT {', '.join(columns)} FROM {page} {joins}",
        leaves=tuple(leaves),
        parents=parents,
        counts=counts[0] if counts else None,
    )


def _counts(scope: Scope) -> tuple[str, str] | None:
    counts = [each for each in scope.query.columns if isinstance(each, Count)]
    if not counts:
        return None
    if len(scope.query.columns) > 1:
        raise SoqlError("MALFORMED_QUERY", "Grouped field should not be aggregated: only one COUNT() can be selected")
    path = counts[0].path
    return ("size", "count(*)") if path is None else ("row", f"count({column_of(scope, path)[0]})")


def _columns(scope: Scope) -> tuple[list[str], list[Leaf], dict[tuple[str, ...], str | None]]:
    columns, leaves = ['t0."Id"'], []
    parents: dict[tuple[str, ...], str | None] = {}
    seen: set[tuple[str, ...]] = set()
    for each in scope.query.columns:
        if isinstance(each, Count):
            continue
        column, found, path = column_of(scope, each)
        if path in seen:
            raise scope.refuse("MALFORMED_QUERY", each.at, f"duplicate field selected: {'.'.join(each.names)}")
        seen.add(path)
        columns.append(column)
        leaves.append(Leaf(path=path, boolean=found.type == "boolean"))
        for depth in range(1, len(path)):
            parents.setdefault(path[:depth], None)
    ids = []
    for path in parents:
        reference, owner, target = parent_of(scope, path)
        ids.append(f'{owner}."{reference.name}"')
        parents[path] = target
    return columns + ids, leaves, parents


def _where(scope: Scope, *, hide: bool) -> str:
    hidden = [name for name in ("IsDeleted", "IsArchived") if hide and name in scope.root.fields]
    parts = [f't0."{name}" = 0' for name in hidden]
    if scope.query.where is not None:
        parts.append(condition_sql(scope, scope.query.where))
    return " AND ".join(parts) or "1"


def _order(scope: Scope) -> str:
    keys = [_ordering(scope, each) for each in scope.query.order]
    unique = any(each.path.names[-1].lower() == "id" and len(each.path.names) == 1 for each in scope.query.order)
    return ", ".join(keys if unique else [*keys, SHUFFLE])


def _ordering(scope: Scope, ordering: Ordering) -> str:
    column, found, _ = column_of(scope, ordering.path)
    if not found.sortable:
        message = f"field '{found.name}' can not be sorted in a query call"
        raise scope.refuse("INVALID_FIELD", ordering.path.at, message)
    # SQLite puts nulls first going up and last going down; SOQL puts them first both ways unless told.
    if ordering.descending:
        return f"{column} DESC" + ("" if ordering.nulls_last or not found.nillable else " NULLS FIRST")
    return column + (" NULLS LAST" if ordering.nulls_last and found.nillable else "")
