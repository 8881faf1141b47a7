"""Pacing and budget: how fast calls may go, and how many of a CRM's calls of 24 hours are ours."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from connectors.errors import QuotaError


class BudgetError(QuotaError):
    """Our own share of the CRM's calls is used up; what is left belongs to others. Nothing failed.

    Remedy: none, the next cycle goes on where this one stopped. If loading never ends, raise `api_share_per_day` or
    `api_share_per_cycle`.
    """

    name = "share-used-up"


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Shares:
    """What of a CRM's calls of 24 hours is ours: `per_day` and `per_cycle` are shares of its limit (0 to 1),
    `reserve` is the number of calls that reading leaves for writing.
    """

    per_day: float = 1.0
    per_cycle: float = 1.0
    reserve: int = 0


class DailyBudget:
    """One budget for all reads and writes of a connection, fed by what every reply says of the limit.

    Reading stops `reserve` calls before writing does. Before the first reply nothing is known, and one call may go.
    Threads may share it.
    """

    def __init__(self, name: str, shares: Shares) -> None:
        self._name = name
        self._shares = shares
        self._lock = threading.Lock()
        self._used: int | None = None  # by all tools of the org, as last told
        self._most: int | None = None
        self.calls = 0  # sent by this object
        self.spent = 0  # sent by ours before, within 24 hours
        self.writing = False

    def hear(self, used: int, most: int) -> None:
        """What a reply said: `used` of `most` calls of 24 hours, by all tools together."""
        self._used, self._most = used, most

    @property
    def left(self) -> int | None:
        """The CRM's calls left for all tools, None where it was never told."""
        return None if self._used is None or self._most is None else max(0, self._most - self._used)

    @property
    def ours_left(self) -> int | None:
        """How many more calls this cycle may make, writing included."""
        return max(0, min(self._rests())[0]) if self._most else None

    def take(self) -> None:
        """Count one call. Raises BudgetError, and counts nothing, where it may not be sent."""
        with self._lock:
            if self._most:
                rest, which = min(self._rests())
                reserve = 0 if self.writing else self._shares.reserve
                if rest <= reserve:
                    raise BudgetError(self._refusal(which, reserve))
            self.calls += 1

    def forecast(self, expected: int | None) -> str:
        """`about 140 calls, 61,000 left today`, as far as it is known."""
        about = "" if expected is None else f"about {expected:,} calls"
        left = "" if self.left is None else f"{self.left:,} left today, {self.ours_left:,} of them for this cycle"
        return ", ".join(filter(None, (about, left)))

    def _rests(self) -> list[tuple[int, str]]:
        """What is left by each limit, and how the limit is set."""
        most, shares = self._most or 0, self._shares
        return [
            (int(shares.per_day * most) - self.spent - self.calls, f"api_share_per_day = {shares.per_day:g}"),
            (int(shares.per_cycle * most) - self.calls, f"api_share_per_cycle = {shares.per_cycle:g}"),
            (self.left or 0, "all tools together"),
        ]

    def _refusal(self, which: str, reserve: int) -> str:
        kept = f"; {reserve:,} are kept for writing" if reserve else ""
        return (
            f"{self._name}: the calls that we may make of the org's {self._most:,} in 24 hours are used up ({which}"
            f"{kept}); nothing is lost, the next cycle goes on from here"
        )
