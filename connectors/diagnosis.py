"""What `holdfast doctor` tells: one line for each thing that was tried, and what a connector can try by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connectors.errors import ConnectorError


class State(StrEnum):
    """FAIL: it does not work like this. WARN: it works, but less comes of it."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What was found, and what a person does about it (empty where there is nothing to do)."""

    state: State
    what: str
    remedy: str = ""


@runtime_checkable
class Diagnosable(Protocol):
    """A connector that can tell what it may read, and what its CRM lacks."""

    def diagnose(self) -> Iterator[Line]:
        """Yield a line for everything tried, at the cost of a few calls; nothing is written.

        Raises ConnectorError where nothing further can be tried.
        """


def ok(what: str) -> Line:
    return Line(state=State.OK, what=what)


def warn(what: str, remedy: str) -> Line:
    return Line(state=State.WARN, what=what, remedy=remedy)


def fail(what: str, remedy: str) -> Line:
    return Line(state=State.FAIL, what=what, remedy=remedy)


def refused(error: Exception, state: State = State.FAIL) -> Line:
    """Return the line for an error of ours, which names the thing first and the remedy after a semicolon."""
    what, _, remedy = str(error).partition("; ")
    return Line(state=state, what=what, remedy=remedy)


def trying(check: Callable[[], Iterator[Line]]) -> Iterator[Line]:
    """Yield what a check yields, and the line for what stops it."""
    try:
        yield from check()
    except ConnectorError as error:
        yield refused(error)
