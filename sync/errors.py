"""What the worker says when it cannot go on; each is told in one line."""

from __future__ import annotations


class HoldfastError(Exception):
    """The root. `str(error)` is one line that says what happened and the remedy."""


class ConfigError(HoldfastError):
    """The configuration is wrong; `lines` holds every error, one line each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class StoreError(HoldfastError):
    """The store cannot be opened, is newer than this program, or is in use."""


class RefusedError(HoldfastError):
    """A safety limit refused the plan; nothing was sent."""
