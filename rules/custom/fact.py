"""What a documented fact is: a measure with a name, a unit and a meaning, that expressions and texts may name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from rules.custom.types import Type
from rules.facts import AccountFacts
from rules.once import measured_once
from rules.wording import day_text, joined, money_text, number_text, say, share_text

#: How far back a fact without a window looks: a relation of several years (domain.md 4.9).
YEARS = 730

Value = str | bool | int | float | date | list[str] | None


class Unit(StrEnum):
    """What a value is counted in; by it an expression knows its type, and a text how to say it."""

    TEXT = "text"
    TEXTS = "texts"
    YES_OR_NO = "yes or no"
    COUNT = "count"
    DAYS = "days"
    NUMBER = "number"
    SHARE = "share of 0 to 1"
    MONEY = "home currency"
    DAY = "day"


_TYPES: Mapping[Unit, Type] = MappingProxyType(
    {
        Unit.TEXT: "string",
        Unit.TEXTS: "list(string)",
        Unit.YES_OR_NO: "bool",
        Unit.COUNT: "int",
        Unit.DAYS: "int",
        Unit.NUMBER: "double",
        Unit.SHARE: "double",
        Unit.MONEY: "double",
        Unit.DAY: "timestamp",
    }
)
_SAID: Mapping[Unit, Callable[[Any], str]] = MappingProxyType(
    {
        Unit.TEXTS: lambda some: joined(some) if some else say("nothing"),
        Unit.YES_OR_NO: lambda yes: say("yes") if yes else say("no"),
        Unit.NUMBER: lambda number: number_text(number, ".3g"),
        Unit.SHARE: share_text,
        Unit.MONEY: money_text,
        Unit.DAY: day_text,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One fact. `measure` returns None where it is not known.

    `needs`, `hears` and `looks_back_days` are as those of `rules.rule.Rule`.
    """

    name: str
    unit: Unit
    meaning: str
    measure: Callable[[AccountFacts], Value]
    needs: frozenset[str]
    hears: frozenset[str]
    looks_back_days: int

    @property
    def type(self) -> Type:
        """The type in an expression."""
        return _TYPES[self.unit]

    def said(self, value: Value) -> str:
        """Return a value of it as a text says it: `95%`, `420k`, `2 Nov 2026`."""
        return say("unknown") if value is None else _SAID.get(self.unit, str)(value)


def for_cel(value: Value) -> Any:
    """Return a value as an expression compares it: a day is its midnight in UTC."""
    return datetime.combine(value, time(), UTC) if isinstance(value, date) else value


def for_json(value: Value) -> Any:
    """Return a value as a verdict's numbers hold it."""
    return value.isoformat() if isinstance(value, date) else value


def fact(
    unit: Unit, *, days: int = 0, hears: str = "", needs: str = ""
) -> Callable[[Callable[[AccountFacts], Value]], Fact]:
    """Turn a measure into the fact of its name; its docstring is the meaning.

    `days` is how far back it looks into the touches, `hears` names what the CRM must tell for it, `needs` a record kind
    that not every rule needs.
    """

    def make(measure: Callable[[AccountFacts], Value]) -> Fact:
        return Fact(
            name=measure.__name__,
            unit=unit,
            meaning=" ".join((measure.__doc__ or "").split()),
            measure=measured_once(measure),
            needs=frozenset(filter(None, ["users", "accounts", "contacts", "deals", "activity", needs])),
            hears=frozenset(filter(None, [hears])),
            looks_back_days=days,
        )

    return make
