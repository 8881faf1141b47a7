"""How long a cycle may go on: it is asked between two pages, accounts or answers, where stopping loses nothing."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from connectors.errors import QuotaError


class StoppedError(QuotaError):
    """The cycle was told to end: it took longer than `schedule.cycle_limit_minutes`, or the program is being stopped.

    Remedy: none, the next cycle goes on where it stopped. If it comes back, raise the limit.
    """

    name = "cycle-stopped"


class Leash:
    """A limit in seconds that may be pulled in from another thread."""

    def __init__(
        self, connection: str = "", limit_seconds: float = math.inf, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._ends = clock() + limit_seconds
        self._why = f"the cycle took longer than schedule.cycle_limit_minutes = {limit_seconds / 60:g}"

    def pull_in(self, why: str) -> None:
        """Let the cycle end at the next check."""
        self._why, self._ends = why, -math.inf

    @property
    def over_seconds(self) -> float:
        """For how long the cycle should have ended, negative before that."""
        return self._clock() - self._ends

    def check(self) -> None:
        """Raise StoppedError once the cycle is to end."""
        if self.over_seconds >= 0:
            raise StoppedError(f"{self._connection}: {self._why}; nothing is lost, the next cycle goes on from here")
