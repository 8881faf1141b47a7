"""Pacing: meters that keep a number of calls within a stretch of time, shared by all callers of one limit."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable


class Meter:
    """At most `calls` within any `per_seconds`.

    The times of the last calls are kept instead of a bucket's level: a bucket that refills while it is drained lets
    through up to twice its size within one stretch, and CRMs count rolling stretches. Threads may share a meter.
    """

    def __init__(
        self,
        *,
        calls: int,
        per_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.calls = calls
        self._per_seconds = per_seconds
        self._clock = clock
        self._sleep = sleep
        self._taken: deque[float] = deque()
        self._lock = threading.Lock()

    def learn(self, calls: int) -> None:
        """Raise the limit to what the CRM says it grants; never lower it below what was configured."""
        self.calls = max(self.calls, calls)

    def take(self) -> float:
        """Wait until one more call fits, count it, and return the seconds waited."""
        waited = 0.0
        while (wait_seconds := self._try()) > 0:
            # Slept outside the lock, so that another thread can see that it must wait too.
            self._sleep(wait_seconds)
            waited += wait_seconds
        return waited

    def _try(self) -> float:
        with self._lock:
            now = self._clock()
            while len(self._taken) >= self.calls:
                # The sum is compared as it was slept for: a difference could round to a wait that moves no clock.
                free_at = self._taken[0] + self._per_seconds
                if free_at > now:
                    return free_at - now
                self._taken.popleft()
            self._taken.append(now)
            return 0.0
