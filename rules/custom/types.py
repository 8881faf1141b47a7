"""The types of an expression over facts: what CEL would refuse on the first account is refused where it is read.

CEL compares numbers of any kind by their value, and adds, subtracts, multiplies and divides only those of one kind.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import cel
from lark import Token, Tree

#: A type of CEL: `int`, `double`, `string`, `bool`, `timestamp`, `duration` or `list(string)`.
Type = str

_NUMBERS = frozenset({"int", "double"})
_ORDERED = _NUMBERS | {"string", "timestamp", "duration"}
_LITERALS = {"INT": "int", "DOUBLE": "double", "STRING": "string", "TRUE": "bool", "FALSE": "bool"}
_WORDS = {
    "int": "a whole number",
    "double": "a number",
    "string": "a text",
    "bool": "true or false",
    "timestamp": "a day",
    "duration": "a span of time",
}

_SUMS: Mapping[tuple[str, Type, Type], Type] = {
    **{(sign, kind, kind): kind for sign in "+-*/" for kind in _NUMBERS},
    ("%", "int", "int"): "int",
    ("+", "string", "string"): "string",
    ("+", "timestamp", "duration"): "timestamp",
    ("-", "timestamp", "duration"): "timestamp",
    ("-", "timestamp", "timestamp"): "duration",
    ("+", "duration", "duration"): "duration",
    ("-", "duration", "duration"): "duration",
}
_CALLS: Mapping[tuple[str, Type], Type] = {
    ("size", "string"): "int",
    **{("double", kind): "double" for kind in ("int", "double", "string")},
    **{("int", kind): "int" for kind in ("int", "double", "string")},
    **{("string", kind): "string" for kind in ("int", "double", "string", "timestamp")},
    ("timestamp", "string"): "timestamp",
    ("duration", "string"): "duration",
}
_METHODS: Mapping[tuple[str, *tuple[Type, ...]], Type] = {
    ("size", "string"): "int",
    **{(name, "string", "string"): "bool" for name in ("contains", "startsWith", "endsWith", "matches")},
    **{(name, "timestamp"): "int" for name in ("getFullYear", "getMonth", "getDate", "getDayOfWeek")},
    ("getHours", "duration"): "int",
}
_MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})


class ExpressionError(ValueError):
    """An expression that cannot be used: where in it, and why, in one line."""

    def __init__(self, source: str, at: int, message: str) -> None:
        line, column = source.count("\n", 0, at) + 1, at - source.rfind("\n", 0, at)
        place = f"line {line}, column {column}" if "\n" in source.strip() else f"column {column}"
        super().__init__(f"{place}: {' '.join(message.split())}")


def check_condition(source: str, tree: Tree[Token], facts: Mapping[str, Type]) -> None:
    """Raise ExpressionError unless the expression is true or false whatever the facts, which have these types, are."""
    check = _Check(source=source)
    if (found := check.type_of(tree, facts)) != "bool":
        check.refuse(tree, f"must be true or false, and is {_word(found)}")


def _word(kind: Type) -> str:
    return _WORDS.get(kind, "a list")


def _item_of(kind: Type) -> Type | None:
    """Return of what a type is a list, None where it is none; empty for the empty list."""
    return kind.removeprefix("list(").removesuffix(")") if kind.startswith("list(") else None


def _alike(one: Type, other: Type) -> bool:
    """Tell whether two types can be equal: whole numbers and others are compared by their value."""
    if one == other or {one, other} <= _NUMBERS:
        return True
    items = _item_of(one), _item_of(other)
    return None not in items and ("" in items or _alike(str(items[0]), str(items[1])))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Check:
    """Finds the type of every part of an expression, and refuses what has none."""

    source: str

    def refuse(self, node: Tree[Token] | Token, message: str) -> NoReturn:
        at = node.start_pos if isinstance(node, Token) else node.meta.start_pos
        raise ExpressionError(self.source, at or 0, message)

    def type_of(self, node: Tree[Token], names: Mapping[str, Type]) -> Type:
        """Return the type of a part; `names` are the facts and what macros named around it."""
        # As lark's own interpreters do: a method for each rule of the grammar, with the parts that it matched.
        found: Type = getattr(self, f"_{node.data}")(names, *node.children)
        return found

    def _literal(self, _: Mapping[str, Type], token: Token) -> Type:
        return _LITERALS[token.type]

    def _minus(self, names: Mapping[str, Type], _: Token, number: Tree[Token]) -> Type:
        return self._wants(number, _NUMBERS, names)

    def _negated(self, names: Mapping[str, Type], condition: Tree[Token]) -> Type:
        return self._wants(condition, {"bool"}, names)

    def _logic(self, names: Mapping[str, Type], left: Tree[Token], _: Token, right: Tree[Token]) -> Type:
        self._wants(left, {"bool"}, names)
        return self._wants(right, {"bool"}, names)

    def _choose(self, names: Mapping[str, Type], condition: Tree[Token], one: Tree[Token], other: Tree[Token]) -> Type:
        self._wants(condition, {"bool"}, names)
        return self._wants(other, {self.type_of(one, names)}, names)

    def _within(self, names: Mapping[str, Type], left: Tree[Token], _: Token, right: Tree[Token]) -> Type:
        one, other = self.type_of(left, names), self.type_of(right, names)
        item = _item_of(other)
        if item is None or not (item == "" or _alike(one, item)):
            self.refuse(right, f"{self._told(left, one)} cannot be in {self._told(right, other)}")
        return "bool"

    def _compare(self, names: Mapping[str, Type], left: Tree[Token], sign: Token, right: Tree[Token]) -> Type:
        one, other = self.type_of(left, names), self.type_of(right, names)
        if not _alike(one, other):
            self.refuse(right, f"cannot compare {self._told(left, one)} with {self._told(right, other)}")
        if sign not in {"==", "!="} and one not in _ORDERED:
            self.refuse(sign, f"{sign} needs numbers, texts or days, not {_word(one)}")
        return "bool"

    def _arithmetic(self, names: Mapping[str, Type], left: Tree[Token], sign: Token, right: Tree[Token]) -> Type:
        one, other = self.type_of(left, names), self.type_of(right, names)
        if (found := _SUMS.get((str(sign), one, other))) is None:
            mixed = "; write double(...) around the whole number" if {one, other} == _NUMBERS else ""
            told = f"{self._told(left, one)} and {self._told(right, other)}"
            self.refuse(right, f"{sign} cannot be used on {told}{mixed}")
        return found

    def _told(self, node: Tree[Token], kind: Type) -> str:
        return f"{self.source[node.meta.start_pos : node.meta.end_pos]} ({_word(kind)})"

    def _wants(self, node: Tree[Token], kinds: Collection[Type], names: Mapping[str, Type]) -> Type:
        found = self.type_of(node, names)
        if found not in kinds:
            wanted = " or ".join(sorted({_word(kind) for kind in kinds}))
            self.refuse(node, f"must be {wanted}, and {self._told(node, found)} is not")
        return found

    def _name(self, names: Mapping[str, Type], token: Token) -> Type:
        if token not in names:
            near = difflib.get_close_matches(token, names, n=1, cutoff=0.3)
            remedy = f"the nearest known one is {near[0]}" if near else "docs/rules/custom.md lists the known ones"
            self.refuse(token, f"unknown fact {token}, {remedy}")
        return names[token]

    def _some(self, names: Mapping[str, Type], listed: Tree[Token] | None) -> Type:
        arguments = _arguments(listed)
        kinds = [self.type_of(one, names) for one in arguments]
        for one, kind in zip(arguments, kinds, strict=True):
            if not _alike(kind, kinds[0]):
                self.refuse(one, f"{self._told(one, kind)} stands in a list of another type")
        return f"list({kinds[0] if kinds else ''})"

    def _item(self, names: Mapping[str, Type], subject: Tree[Token], place: Tree[Token]) -> Type:
        self._wants(place, {"int"}, names)
        if not (item := _item_of(kind := self.type_of(subject, names))):
            self.refuse(subject, f"{self._told(subject, kind)} has no items")
        return item

    def _call(self, names: Mapping[str, Type], name: Token, listed: Tree[Token] | None) -> Type:
        arguments = _arguments(listed)
        kinds = [self.type_of(one, names) for one in arguments]
        if name == "size" and len(kinds) == 1 and _item_of(kinds[0]) is not None:
            return "int"
        if len(kinds) != 1 or (str(name), kinds[0]) not in _CALLS:
            self._no_function(name, {known for known, _ in _CALLS}, kinds)
        if name in {"timestamp", "duration"} and arguments[0].data == "literal":
            self._try(arguments[0], f"{name}({arguments[0].children[0]})")
        return _CALLS[str(name), kinds[0]]

    def _method(self, names: Mapping[str, Type], subject: Tree[Token], name: Token, listed: Tree[Token] | None) -> Type:
        arguments = _arguments(listed)
        kind = self.type_of(subject, names)
        if name in _MACROS:
            return self._macro(subject, name, arguments, names)
        kinds = (kind, *(self.type_of(one, names) for one in arguments))
        if name == "size" and len(kinds) == 1 and _item_of(kind) is not None:
            return "int"
        if (found := _METHODS.get((str(name), *kinds))) is None:
            self._no_function(name, {known for known, *_ in _METHODS} | _MACROS, kinds)
        if name == "matches" and arguments[0].data == "literal":
            self._try(arguments[0], f"''.matches({arguments[0].children[0]})")
        return found

    def _macro(
        self, subject: Tree[Token], name: Token, arguments: Sequence[Tree[Token]], names: Mapping[str, Type]
    ) -> Type:
        """Return the type of `list.exists(one, condition)` and its likes."""
        kind = self.type_of(subject, names)
        if (item := _item_of(kind)) is None:
            self.refuse(subject, f"{name} needs a list, and {self._told(subject, kind)} is none")
        if len(arguments) != 2 or arguments[0].data != "name":
            self.refuse(name, f"{name} is written {name}(one, condition on one)")
        variable, body = arguments[0].children[0], arguments[1]
        if variable in names:
            self.refuse(arguments[0], f"{variable} is the name of a fact; choose another for an item")
        inner = {**names, str(variable): item}
        if name == "map":
            return f"list({self.type_of(body, inner)})"
        self._wants(body, {"bool"}, inner)
        return kind if name == "filter" else "bool"

    def _no_function(self, name: Token, known: set[str], kinds: Sequence[Type]) -> NoReturn:
        if name not in known:
            self.refuse(name, f"unknown function {name}, known are {', '.join(sorted(known))}")
        self.refuse(name, f"{name} cannot be used on {' and '.join(map(_word, kinds)) or 'nothing'}")

    def _try(self, node: Tree[Token], call: str) -> None:
        """Refuse a literal that can be no pattern, day or span of time."""
        try:
            cel.evaluate(call)
        except (RuntimeError, ValueError) as error:
            self.refuse(node, f"{node.children[0]} cannot be read ({type(error).__name__})")


def _arguments(listed: Tree[Token] | None) -> Sequence[Tree[Token]]:
    found: Sequence[Tree[Token]] = listed.children if listed else ()
    return found
