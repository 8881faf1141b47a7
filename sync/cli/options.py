"""The options that every command shares, and finding them wherever they stand on the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_FLAGS = ("--json", "--quiet")
_VALUED = ("--config", "--log-format", "--now")


@dataclass
class Options:
    """What was given; one per process."""

    config: Path | None = None
    json: bool = False
    quiet: bool = False
    now: str | None = None


OPTIONS = Options()


def common_first(arguments: Sequence[str]) -> list[str]:
    """The same arguments with the common options in front, where Typer wants them."""
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument in _FLAGS or argument.startswith(tuple(f"{name}=" for name in _VALUED)):
            first.append(argument)
        elif argument in _VALUED:
            first += [argument, *(value for value in [next(waiting, None)] if value is not None)]
        else:
            rest.append(argument)
    return first + rest
