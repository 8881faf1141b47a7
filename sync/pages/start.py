"""The start page's part for one connection: what changed, who needs somebody now, the queue, the gaps, the health."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.pages.changes import Changes
from sync.pages.line import Line, worst_first
from sync.pages.queued import Queue
from sync.pages.scene import Scene
from sync.pages.unjudged import Missing, Unjudged
from sync.run.status import status_of

NEEDY = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """A connection as its last cycle left it. `late` are record kinds that did not arrive whole in it."""

    cycle: int | None
    ended_at: datetime | None
    error: str
    records: Mapping[str, int]
    late: tuple[str, ...]
    set_aside: Mapping[str, int]
    refused: int
    unsettled: int
    api_calls: int | None
    api_left: int | None

    @property
    def well(self) -> bool:
        """Whether nothing asks for a look."""
        return self.cycle is not None and not (self.error or self.late or self.refused or self.unsettled)


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """The first line of numbers: key accounts, those raised, those critical, those of one person, and revenue."""

    accounts: int
    raised: int
    critical: int
    revenue: float | None
    raised_revenue: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """All that the start page tells of one connection."""

    totals: Totals
    needy: tuple[Line, ...]
    changes: Changes
    queue: Queue | None  # None for a past day
    unjudged: tuple[Unjudged, ...]
    health: Health
    missing: Missing | None
    untold: Mapping[str, str]


def health_of(scene: Scene) -> Health:
    """Return how the connection is, as `holdfast status` tells it."""
    told: dict[str, Any] = status_of(scene.work.engine, scene.name, scene.work.rulebook.rules)
    last = told["last_cycle"] or {}
    set_aside: Counter[str] = Counter()
    for stream, one in told["streams"].items():
        for reason, number in one["set_aside"].items():
            set_aside[f"{stream}: {reason}"] += number
    return Health(
        cycle=last.get("id"),
        ended_at=datetime.fromisoformat(last["ended_at"]) if last else None,
        error=last.get("error", ""),
        records=told["records"],
        late=tuple(sorted(scene.needed - (scene.complete or frozenset()))),
        set_aside=set_aside,
        refused=len(scene.parked),
        unsettled=sum(told["outbox"].get(state, 0) for state in ("pending", "sending", "unknown")),
        api_calls=told["api_calls"],
        api_left=told["api_left"],
    )


def totals(lines: Sequence[Line]) -> Totals:
    """Return the numbers on top; revenue is None where none is known."""
    raised = [one for one in lines if one.found]
    return Totals(
        accounts=len(lines),
        raised=len(raised),
        critical=sum(one.worst == "critical" for one in raised),
        revenue=_sum(lines),
        raised_revenue=_sum(raised),
    )


def _sum(lines: Sequence[Line]) -> float | None:
    known = [one.revenue for one in lines if one.revenue is not None]
    return sum(known) if known else None


def needy(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the five accounts that need somebody now."""
    return tuple(one for one in worst_first(lines)[:NEEDY] if one.found)
