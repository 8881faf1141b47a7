"""CEL expressions over named facts: checked when the config is read, evaluated on one account after the other.

>>> expression = compiled("top_share >= 0.8 && tier in ['A', 'B']", {"top_share": "double", "tier": "string"})
>>> expression.holds({"top_share": 0.9, "tier": "A"})
True

The library compiles and evaluates, at microseconds each, but tells neither a misspelt name nor a text compared with a
number before it meets one. What it is given has therefore passed a grammar and a check of types here, which know the
part of CEL that is about facts: no maps, messages, bytes, unsigned numbers or null. A fact that is not known is absent
from the values; by CEL's own logic it then matters only where nothing else decides (`false && absent` is false).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cel
from lark import Lark, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from rules.custom.types import ExpressionError, Type, check_condition
from rules.wording import Text, listed, say

_GRAMMAR = r"""
?start: choice
?choice: either | either "?" either ":" choice -> choose
?either: both | either OR both -> logic
?both: relation | both AND relation -> logic
?relation: sum | relation COMPARE sum -> compare | relation IN sum -> within
?sum: product | sum (PLUS | MINUS) product -> arithmetic
?product: unary | product TIMES unary -> arithmetic
?unary: postfix | "!" unary -> negated | MINUS unary -> minus
?postfix: atom | postfix "." NAME "(" [arguments] ")" -> method | postfix "[" choice "]" -> item
?atom: NAME -> name | NAME "(" [arguments] ")" -> call | "(" choice ")" | "[" [arguments] "]" -> some
     | (INT | DOUBLE | STRING | TRUE | FALSE) -> literal
arguments: choice ("," choice)*

OR: "||"
AND: "&&"
COMPARE: "==" | "!=" | "<=" | ">=" | "<" | ">"
IN: "in"
PLUS: "+"
MINUS: "-"
TIMES: "*" | "/" | "%"
TRUE: "true"
FALSE: "false"
NAME: /[A-Za-z_][A-Za-z0-9_]*/
INT: /[0-9]+/
DOUBLE: /[0-9]*\.[0-9]+([eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+/
STRING: /r?("([^"\\\n]|\\.)*"|'([^'\\\n]|\\.)*')/
%ignore /\s+|\/\/[^\n]*/
"""
_PARSER = Lark(_GRAMMAR, parser="lalr", propagate_positions=True)
_MEANT = {"=": "==", "&": "&&", "|": "||", "and": "&&", "or": "||", "not": "!"}


class UntoldError(Exception):
    """An expression that cannot be decided on these values; `reason` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """A checked expression that is true or false; `names` are the facts in it."""

    source: str
    names: frozenset[str]
    program: cel.Program = field(repr=False, compare=False)

    @property
    def told(self) -> str:
        """The expression in one line."""
        return " ".join(self.source.split())

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Return whether it is true of facts by name; one that is not known is None or absent.

        Raises UntoldError where that cannot be told: a fact is missing that decides, or a division by zero.
        """
        known = {name: value for name, value in values.items() if value is not None}
        try:
            return bool(self.program.execute(known))
        except (ValueError, TypeError, RuntimeError, ArithmeticError, LookupError) as error:
            missing = sorted(self.names - known.keys())
            if missing and isinstance(error, RuntimeError):  # as it is for a name without a value
                raise UntoldError(say("not known: {facts}", facts=listed(missing))) from error
            told = str(error).partition(". ")[0].partition("\n")[0]
            raise UntoldError(say("the expression fails: {error}", error=told)) from error


def compiled(source: str, known: Mapping[str, Type]) -> Expression:
    """Return the expression over known facts, by their types; raise ExpressionError for one that cannot be used."""
    try:
        tree = _PARSER.parse(source)
    except UnexpectedInput as error:
        raise ExpressionError(source, *_unexpected(source, error)) from error
    try:
        check_condition(source, tree, known)
    except RecursionError:
        raise ExpressionError(source, 0, "is nested too deeply") from None
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise ExpressionError(source, 0, str(error).partition("\n")[0]) from error
    names = frozenset(program.variables()) & known.keys()
    if not names:
        raise ExpressionError(source, 0, "names no fact, so that it would be the same for every account")
    return Expression(source=source, names=names, program=program)


def _unexpected(source: str, error: UnexpectedInput) -> tuple[int, str]:
    """Return where an expression cannot be read, and what stands there."""
    match error:
        case UnexpectedToken(token=token) if token.type != "$END":
            at, found = token.start_pos, str(token)
        case UnexpectedCharacters(pos_in_stream=at):
            found = source[at]
        case _:
            return len(source), "ends too early"
    meant = f"; write {_MEANT[found]}" if found in _MEANT else ""
    return at, f"{found} is not expected here{meant}"
