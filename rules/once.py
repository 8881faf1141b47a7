"""What is measured on an account is measured once, however many rules ask: they do so one account after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar, TypeVarTuple

from rules.facts import AccountFacts

_Measured = TypeVar("_Measured")
_Told = TypeVarTuple("_Told")


@dataclass(kw_only=True, slots=True)
class _Memory:
    """What was measured on the account at hand: by measure and what it was told beside the facts."""

    facts: AccountFacts | None = None
    known: dict[Any, Any] = field(default_factory=dict)


_last = [_Memory()]


def measured_once(
    measure: Callable[[AccountFacts, *_Told], _Measured],
) -> Callable[[AccountFacts, *_Told], _Measured]:
    """Turn a measure into one that is taken once as long as the account is at hand.

    Facts never change, so only whose they are counts. What it is told besides must be hashable, and nobody may change
    what it returns.
    """

    @wraps(measure)
    def taken(facts: AccountFacts, *told: *_Told) -> _Measured:
        memory = _last[0]
        if memory.facts is not facts:
            # A new one, whole: another thread may be adding to the old.
            memory = _last[0] = _Memory(facts=facts)
        asked = (measure, told)
        try:
            found: _Measured = memory.known[asked]
        except KeyError:
            found = memory.known[asked] = measure(facts, *told)
        return found

    return taken
