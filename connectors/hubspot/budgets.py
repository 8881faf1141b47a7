"""What a portal lets one app call: so many calls in ten seconds, of them so many for associations; so many searches in
a second, of all its apps together; and so many a day. One object for all threads that call the portal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.budget import Meter
from connectors.errors import ConnectorError, QuotaError, RateLimitedError
from connectors.hubspot.settings import HubspotSettings
from connectors.retry import LONGEST_WAIT_SECONDS

SEARCHES_PER_SECOND = 5  # of the portal, for all its apps together
# What the documentation grants associations beside a burst of so many calls in ten seconds.
ASSOCIATIONS_BESIDE = ((250, 200), (150, 150))
JITTER_SECONDS = 0.1  # requests may travel faster than the one that they are counted from
UNKNOWN_RESET_SECONDS = 3600.0


class Kind(Enum):
    """By which limits a call is counted."""

    BURST = "burst"
    ASSOCIATIONS = "associations"
    SEARCH = "search"


class Budgets:
    """Waits before a call that would be one too many, and lets none go where waiting does not help."""

    def __init__(
        self, name: str, settings: HubspotSettings, *, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._name = name
        self._clock = clock
        self._sleep = sleep
        self._fixed = "burst_per_10s" in settings.model_fields_set
        burst = settings.burst_per_10s
        pace = settings.search_per_second
        self.burst = self._meter(burst, 10)
        self.associations = self._meter(min(burst, 100), 10)
        # A quiet cycle asks once per object: one call above the mean in a single second spares it a second of waiting.
        searches = (self._meter(min(pace + 1, SEARCHES_PER_SECOND), 1), self._meter(pace * 5, 5))
        self._meters: Mapping[Kind, Sequence[Meter]] = {
            Kind.BURST: (self.burst,),
            Kind.ASSOCIATIONS: (self.associations, self.burst),
            Kind.SEARCH: searches,
        }
        self._resume_at = dict.fromkeys(Kind, float("-inf"))
        self._closed: tuple[float, ConnectorError | None] = (float("-inf"), None)  # until when, and why
        self._lock = threading.Lock()
        self._zone: ZoneInfo | None = None
        self.left: int | None = None  # of the day's calls, as last told

    def take(self, kind: Kind) -> None:
        """Return when one more call fits. Raises what closed the portal, as long as it is closed."""
        until, why = self._closed
        if why and self._clock() < until:
            if isinstance(why, RateLimitedError):
                raise RateLimitedError(str(why), until - self._clock())
            raise why
        if (wait := self._resume_at[kind] - self._clock()) > 0:
            self._sleep(wait)
        for meter in self._meters[kind]:
            meter.take()

    def in_zone(self, zone: str) -> None:
        """The portal's time zone, at whose midnight its day of calls begins."""
        try:
            self._zone = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            self._zone = None

    def hear(self, headers: Mapping[str, str]) -> None:
        """Take from an answer what is left of the day and which pace is granted; searches tell neither."""
        if (left := headers.get("X-HubSpot-RateLimit-Daily-Remaining", "")).isdigit():
            self.left = int(left)
        granted = headers.get("X-HubSpot-RateLimit-Max", "")
        if granted.isdigit() and not self._fixed:
            self.burst.learn(int(granted))
            beside = next((calls for burst, calls in ASSOCIATIONS_BESIDE if int(granted) >= burst), 0)
            self.associations.learn(beside)

    def refused(self, error: ConnectorError, kind: Kind, now: datetime | None) -> ConnectorError:
        """The portal said no to a call at `now`, its own time: no thread calls before that is over.

        Returns the error as it is to be told.
        """
        if isinstance(error, QuotaError):
            error, seconds = self._until_midnight(now)
            self._close(seconds, error)
        elif isinstance(error, RateLimitedError):
            seconds = error.retry_after_seconds or 0
            if seconds > LONGEST_WAIT_SECONDS:
                # It asks to be left alone for longer than is worth waiting.
                self._close(seconds, error)
            elif error.policy:
                # Searches have a limit of their own; the others share one.
                pausing = (kind,) if kind is Kind.SEARCH else (Kind.BURST, Kind.ASSOCIATIONS)
                with self._lock:
                    resume_at = max(self._resume_at[kind], self._clock() + seconds)
                    self._resume_at |= dict.fromkeys(pausing, resume_at)
        return error

    def _until_midnight(self, now: datetime | None) -> tuple[QuotaError, float]:
        said = f"connection {self._name}: the portal's API calls of the day are used up; what is left waits until"
        if now is None or self._zone is None:
            return QuotaError(f"{said} its midnight"), UNKNOWN_RESET_SECONDS
        tomorrow = now.astimezone(self._zone).date() + timedelta(days=1)
        midnight = datetime.combine(tomorrow, datetime.min.time(), self._zone)
        told = f"{said} its midnight, {midnight:%Y-%m-%d %H:%M} {self._zone.key}"
        return QuotaError(told, until=midnight), (midnight - now).total_seconds()

    def _close(self, seconds: float, why: ConnectorError) -> None:
        self._closed = (self._clock() + seconds, why)

    def _meter(self, calls: int, per_seconds: float) -> Meter:
        return Meter(calls=calls, per_seconds=per_seconds + JITTER_SECONDS, clock=self._clock, sleep=self._sleep)
