"""What the sandbox's server needs from each of its two CRMs, and the clock they share."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from starlette.routing import BaseRoute

from connectors.sandbox.company import Company


class Clock:
    """The CRM's own clock: starts where it is told, runs in real time, can be moved and stopped."""

    def __init__(self, start: datetime) -> None:
        self._offset = start - datetime.now(UTC)
        self._stands_at: datetime | None = None

    def now(self) -> datetime:
        return self._stands_at or datetime.now(UTC) + self._offset

    def set(self, now: datetime) -> None:
        self._offset = now - datetime.now(UTC)
        self._stands_at = now if self._stands_at else None

    def stop(self) -> None:
        """From now on it only goes on when it is moved: whatever happens is stamped alike in every rehearsal."""
        self._stands_at = self.now()

    def advance(self, seconds: float) -> None:
        """Raises OverflowError, the clock unmoved, where no such day exists."""
        self.set(self.now() + timedelta(seconds=seconds))


@dataclass(kw_only=True, slots=True)
class Exchange:
    """One API request for the journal and the faults; a handler fills `operation`, `write` and `records`.

    `operation` is one stable word per kind of call: `query`, `describe`, `token`, `collections-upsert`, `list`,
    `search`, `batch-create`, `associations-read` ...
    """

    crm: str
    method: str
    path: str
    query: str
    operation: str = ""
    write: bool = False
    records: int = 0
    faults: dict[str, Any] = field(default_factory=dict)  # what the fault rules ask a handler itself to do
    started: float = field(default_factory=time.perf_counter)


class Crm(Protocol):
    """One CRM behind the server. Handlers find their Exchange in `request.state.exchange`."""

    name: str  # `salesforce` | `hubspot`

    def routes(self) -> Sequence[BaseRoute]: ...

    def classify(self, method: str, path: str) -> tuple[str, bool]:
        """(operation, write) of a request, before it is handled: what fault rules match on."""

    def error(self, kind: str, status: int, retry_after: float | None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body that the real API sends for `kind`: `quota`, `rate-limit`, `search-rate-limit`,
        `token-expired`, `forbidden`, `unavailable`, `locked`, `migration`, `server-error`; else by `status`.
        """

    def load(self, company: Company) -> None:
        """Fill the CRM with a company; dataset ids are remembered for `ids`."""

    def ids(self, dataset_id: str) -> list[str]:
        """CRM ids made from a dataset id (an e-mail touch has two in Salesforce: EmailMessage and Task)."""

    def records(self, object_name: str, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]: ...

    def record(self, object_name: str, record_id: str) -> dict[str, Any] | None: ...

    def create(self, object_name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """As some other user of the CRM would; stamps, ids and derived fields follow. Raises ValueError if refused."""

    def update(self, object_name: str, record_id: str, values: Mapping[str, Any]) -> dict[str, Any]: ...

    def delete(self, object_name: str, record_id: str) -> None: ...

    def act(self, who: str, do: str, details: Mapping[str, Any]) -> dict[str, Any]:
        """What a rep or a customer does; see `commands.md` section 2. Raises ValueError with a remedy."""

    def counts(self) -> dict[str, int]: ...

    def reset(self) -> None: ...


def iso(moment: datetime) -> str:
    """The moment as ISO 8601 with milliseconds and Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def pages(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
