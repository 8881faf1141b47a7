"""Transactions that take their time: what they write has its stamp at once and is seen when they commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.sandbox.salesforce_store import Store
from connectors.sandbox.salesforce_writes import Author, create, update


@dataclass(kw_only=True, slots=True)
class Transactions:
    """Writes that wait for their commit, oldest first; `author` of each says when it was stamped."""

    waiting: list[tuple[Author, Mapping[str, Any]]] = field(default_factory=list)

    @property
    def started_at(self) -> datetime | None:
        """When the oldest one began that still runs."""
        return min((author.now for author, _ in self.waiting), default=None)

    def begin(self, author: Author, writes: Sequence[Mapping[str, Any]]) -> None:
        self.waiting += [(author, write) for write in writes]

    def commit(self, store: Store) -> None:
        """All of them are there. Raises RowError."""
        waiting, self.waiting = self.waiting, []
        for author, write in waiting:
            if "id" in write:
                update(store, write["object"], write["id"], write["values"], author)
            else:
                create(store, write["object"], write["values"], author)
