"""SOQL text to a tree of dataclasses; what the grammar does not know is refused as Salesforce refuses it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

import lark

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
EXCERPT = 80  # characters of the query that an error shows before its mark


class SoqlError(Exception):
    """`code` is Salesforce's error code, the text its message, with the place marked."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True, slots=True)
class Path:
    """A field, through its parents where dotted; `at` is where it stands in the query, from 0."""

    names: tuple[str, ...]
    at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """`COUNT()` (no path: only the size is told) or `COUNT(field)` (one AggregateResult)."""

    path: Path | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """`kind` is string, number, date, datetime, boolean, null or range; `text` is unquoted and unescaped."""

    kind: str
    text: str
    at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    path: Path
    operator: Operator
    value: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Like:
    path: Path
    pattern: Value


@dataclass(frozen=True, kw_only=True, slots=True)
class Among:
    path: Path
    values: tuple[Value, ...]
    negated: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Not:
    of: Condition


@dataclass(frozen=True, kw_only=True, slots=True)
class AllOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]


Condition = Comparison | Like | Among | Not | AllOf | AnyOf


@dataclass(frozen=True, kw_only=True, slots=True)
class Ordering:
    path: Path
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    text: str
    columns: tuple[Path | Count, ...]
    source: Path
    where: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0


def marked(text: str, at: int, message: str) -> str:
    """The message as Salesforce writes it: the query, a caret under the place, row and column from 1."""
    row = text.count("\n", 0, at) + 1
    line_start = text.rfind("\n", 0, at) + 1
    shown_from = max(line_start, at - EXCERPT)
    shown = text[shown_from : shown_from + 2 * EXCERPT].split("\n", maxsplit=1)[0]
    return f"\n{shown}\n{' ' * (at - shown_from)}^\nERROR at Row:{row}:Column:{at - line_start + 1}\n{message}"


@cache
def _parser() -> lark.Lark:
    grammar = files("connectors.sandbox").joinpath("soql.lark").read_text("utf-8")
    return lark.Lark(grammar, parser="lalr", start="query", maybe_placeholders=False)


@lru_cache(maxsize=256)
def parse(text: str) -> Query:
    """The query's tree. Raises SoqlError(MALFORMED_QUERY) where it is no SOQL that the sandbox speaks."""
    if not text.strip():
        raise SoqlError("MALFORMED_QUERY", "A query string has to be specified")
    try:
        tree = _parser().parse(text)
    except lark.exceptions.UnexpectedInput as error:
        raise _malformed(text, error) from None
    return _query(text, tree)


def _malformed(text: str, error: Any) -> SoqlError:
    token = getattr(error, "token", None)
    if token is not None and not token.type.startswith("$"):
        return SoqlError("MALFORMED_QUERY", marked(text, token.start_pos, f"unexpected token: '{token}'"))
    at = getattr(error, "pos_in_stream", None)
    if at is None or at >= len(text) or token is not None:
        return SoqlError("MALFORMED_QUERY", "unexpected token: '<EOF>'")
    return SoqlError("MALFORMED_QUERY", marked(text, at, f"line {error.line}:{error.column} unexpected '{text[at]}'"))


def _query(text: str, tree: Any) -> Query:
    columns, source, *clauses = tree.children
    found: dict[str, Any] = {clause.data: clause.children for clause in clauses}
    return Query(
        text=text,
        columns=_columns(columns),
        source=_path(source),
        where=_condition(found["where"][0]) if "where" in found else None,
        order=tuple(_ordering(each) for each in found.get("order", ())),
        limit=_whole(text, found["limit"][0]) if "limit" in found else None,
        offset=_whole(text, found["offset"][0]) if "offset" in found else 0,
    )


def _whole(text: str, token: Any) -> int:
    if not token.isdigit():
        raise SoqlError("MALFORMED_QUERY", marked(text, token.start_pos, f"unexpected token: '{token}'"))
    return int(token)


def _columns(tree: Any) -> tuple[Path | Count, ...]:
    if tree.data == "count_all":
        return (Count(path=None),)
    return tuple(
        Count(path=_path(each.children[0])) if each.data == "count" else _path(each.children[0])
        for each in tree.children
    )


def _path(token: Any) -> Path:
    return Path(names=tuple(token.split(".")), at=token.start_pos)


def _condition(tree: Any) -> Condition:
    nodes = tree.children
    match tree.data:
        case "all_of":
            return AllOf(parts=tuple(_condition(each) for each in nodes))
        case "any_of":
            return AnyOf(parts=tuple(_condition(each) for each in nodes))
        case "negation":
            return Not(of=_condition(nodes[0]))
        case "like":
            return Like(path=_path(nodes[0]), pattern=_literal(nodes[1]))
        case "comparison":
            operator = "!=" if nodes[1] == "<>" else str(nodes[1])
            return Comparison(path=_path(nodes[0]), operator=operator, value=_literal(nodes[2].children[0]))  # type: ignore[arg-type] # the grammar allows no other
        case _:
            values = tuple(_literal(each.children[0]) for each in nodes[1:])
            return Among(path=_path(nodes[0]), values=values, negated=tree.data == "not_among")


def _literal(token: Any) -> Value:
    text = str(token)
    match token.type:
        case "STRING":
            return Value(kind="string", text=_unescaped(text[1:-1]), at=token.start_pos)
        case "CONSTANT":
            kind = "null" if text.lower() == "null" else "boolean"
            return Value(kind=kind, text=text.lower(), at=token.start_pos)
        case "DATE_RANGE":
            return Value(kind="range", text=text.lower(), at=token.start_pos)
        case other:
            return Value(kind=other.lower(), text=text, at=token.start_pos)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    # LIKE keeps its own escapes of % and _ for the database.
    return re.sub(r"\\(u[0-9a-fA-F]{4}|[^%_])", _escape, text)


def _escape(found: re.Match[str]) -> str:
    escaped = found[1]
    return chr(int(escaped[1:], 16)) if len(escaped) == 5 else ESCAPES.get(escaped, escaped)


def _ordering(tree: Any) -> Ordering:
    path, *rest = tree.children
    words = {str(token).lower() for token in rest}
    return Ordering(path=_path(path), descending="desc" in words, nulls_last="last" in words)
