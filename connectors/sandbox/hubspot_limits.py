"""The call budgets of a HubSpot account: a rolling burst per token, search per account, and a day. Real time only."""

from __future__ import annotations

import time
from collections import deque
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.sandbox.hubspot_errors import rate_limited

BURST_CALLS = 190
BURST_SECONDS = 10.0
SEARCH_CALLS = 5
SEARCH_SECONDS = 1.0


class Limits:
    """Counts calls; a call over a limit raises the 429 that HubSpot sends, and is not counted itself.

    Search has a window of its own, shared by all tokens, outside the burst and without headers; both count on the day.
    """

    def __init__(self, *, portal_id: int, zone: str, enabled: bool, daily_calls: int = 1_000_000) -> None:
        self.enabled = enabled
        self.daily_calls = daily_calls
        self.used_today = 0
        self._portal_id = portal_id
        self._zone = ZoneInfo(zone)
        self._day = self._today()
        self._bursts: dict[str, deque[float]] = {}
        self._searches: deque[float] = deque()

    def spend(self, token: str, *, search: bool) -> dict[str, str]:
        """Count one call and return the rate headers of its response."""
        if not self.enabled:
            return {}
        self._roll_day()
        if self.used_today >= self.daily_calls:
            raise self._refused("DAILY", {} if search else self._headers(self._bursts.get(token, deque())))
        window = self._searches if search else self._bursts.setdefault(token, deque())
        calls, seconds = (SEARCH_CALLS, SEARCH_SECONDS) if search else (BURST_CALLS, BURST_SECONDS)
        now = time.monotonic()
        while window and window[0] <= now - seconds:
            window.popleft()
        if len(window) >= calls:
            raise self._refused(*(("SECONDLY", {}) if search else ("TEN_SECONDLY_ROLLING", self._headers(window))))
        window.append(now)
        self.used_today += 1
        return {} if search else self._headers(window)

    def resets_at(self) -> datetime:
        """The next midnight of the portal, in UTC."""
        local = datetime.now(self._zone)
        return datetime.fromordinal(local.toordinal() + 1).replace(tzinfo=self._zone).astimezone(UTC)

    def _refused(self, policy: str, headers: dict[str, str]) -> Exception:
        refused = rate_limited(policy, self._portal_id)
        refused.headers = headers
        return refused

    def _headers(self, window: deque[float]) -> dict[str, str]:
        left = max(0, BURST_CALLS - len(window))
        return {
            "X-HubSpot-RateLimit-Daily": str(self.daily_calls),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self.daily_calls - self.used_today)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(BURST_SECONDS * 1000)),
            "X-HubSpot-RateLimit-Max": str(BURST_CALLS),
            "X-HubSpot-RateLimit-Remaining": str(left),
            "X-HubSpot-RateLimit-Secondly": str(int(BURST_CALLS / BURST_SECONDS)),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(int(left / BURST_SECONDS)),
        }

    def _today(self) -> int:
        return datetime.now(self._zone).toordinal()

    def _roll_day(self) -> None:
        if self._today() != self._day:
            self._day, self.used_today = self._today(), 0
