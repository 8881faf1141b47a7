"""Every API request that the sandbox served, in order: what tests count."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.crm import Exchange


@dataclass(slots=True)
class Journal:
    """Entries are numbered from 1 for as long as the sandbox lives, also after it was emptied."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    number: int = 0

    def write(self, exchange: Exchange, status: int, request_bytes: int, response_bytes: int) -> None:
        """`status` is 0 where the connection was cut instead of an answer."""
        self.number += 1
        self.entries.append(
            {
                "n": self.number,
                "crm": exchange.crm,
                "method": exchange.method,
                "path": exchange.path,
                "query": exchange.query,
                "operation": exchange.operation,
                "write": exchange.write,
                "status": status,
                "request_bytes": request_bytes,
                "response_bytes": response_bytes,
                "milliseconds": round((time.perf_counter() - exchange.started) * 1000, 3),
                "records": exchange.records,
            },
        )

    def since(self, number: int) -> list[dict[str, Any]]:
        """Entries after the one of that number."""
        first = self.number - len(self.entries)
        return self.entries[max(number - first, 0) :]

    def clear(self) -> None:
        self.entries.clear()
