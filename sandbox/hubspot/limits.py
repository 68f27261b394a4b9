"""What an account may do: its plan, its allowances, and how far its search index lags."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sandbox.hubspot.errors import rate_limited

TIME_ZONE = "America/New_York"
_BURST = {"free": 100, "starter": 100, "professional": 190, "enterprise": 190}
_DAILY = {"free": 250_000, "starter": 250_000, "professional": 650_000, "enterprise": 1_000_000}
_TIERS = ("free", "starter", "professional", "enterprise")
BURST_WINDOW_S = 10.0
OAUTH_BURST = 110


@dataclass(slots=True)
class HubSpotLimits:
    """Every setting may be changed while the sandbox runs (action ``set_limits``).

    tier: free, starter, professional or enterprise. burst, daily: None takes the tier's; 0 is without limit.
    search_per_second: 0 is without limit. Burst windows run in real time, because clients sleep in real
    time; the daily allowance runs by the sandbox's clock and the account's time zone.
    search_lag_s: how long writes stay out of the search index, in sandbox time.
    merged_update: what a batch update does with an id that was merged away: ``vanish`` (missing from a
    200, as reported) or ``redirect``.
    merge_marks: which of a merged contact's two marks are kept: ``both``, ``object_ids`` or ``vids``, as
    either has been seen missing.
    undated_paths: False once only date-versioned addresses answer, as announced for 2027.
    """

    tier: str = "enterprise"
    burst: int | None = None
    daily: int | None = None
    search_per_second: int = 5
    search_lag_s: int = 0
    merged_update: str = "vanish"
    merge_marks: str = "both"
    undated_paths: bool = True
    url_bytes: int = 8192

    def at_least(self, tier: str) -> bool:
        return _TIERS.index(self.tier) >= _TIERS.index(tier)

    @property
    def burst_now(self) -> int:
        return _BURST[self.tier] if self.burst is None else self.burst

    @property
    def daily_now(self) -> int:
        return _DAILY[self.tier] if self.daily is None else self.daily


class Meter:
    """Counts calls and refuses those over an allowance; refused calls count for nothing."""

    def __init__(
        self, limits: HubSpotLimits, portal_id: int, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._portal_id = portal_id
        self._ticks = ticks
        self._recent: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._day: date | None = None
        self.used_today = 0

    def count_search(self, now: datetime) -> None:
        """ApiError 429 ``SECONDLY``; searches carry no rate headers."""
        allowed = self._limits.search_per_second
        instant = self._ticks()
        _forget_before(self._searches, instant - 1.0)
        if allowed and len(self._searches) >= allowed:
            raise rate_limited("SECONDLY", self._portal_id)
        self._count_day(now)
        self._searches.append(instant)

    def count(self, now: datetime, *, oauth: bool) -> dict[str, str]:
        """The rate headers of the reply. ApiError 429 ``TEN_SECONDLY_ROLLING`` or ``DAILY``."""
        allowed = min(self._limits.burst_now, OAUTH_BURST) if oauth else self._limits.burst_now
        instant = self._ticks()
        _forget_before(self._recent, instant - BURST_WINDOW_S)
        if allowed and len(self._recent) >= allowed:
            raise rate_limited("TEN_SECONDLY_ROLLING", self._portal_id)
        self._count_day(now)
        self._recent.append(instant)
        headers = {
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(allowed),
            "X-HubSpot-RateLimit-Remaining": str(max(0, allowed - len(self._recent))),
        }
        daily = self._limits.daily_now
        if not oauth and daily:
            headers["X-HubSpot-RateLimit-Daily"] = str(daily)
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(max(0, daily - self.used_today))
        return headers

    def spend(self, calls: int, now: datetime) -> None:
        """Calls some other integration of the account has made today."""
        self._turn_day(now)
        self.used_today += calls

    def used_on(self, now: datetime) -> int:
        self._turn_day(now)
        return self.used_today

    def _count_day(self, now: datetime) -> None:
        self._turn_day(now)
        if self._limits.daily_now and self.used_today >= self._limits.daily_now:
            raise rate_limited("DAILY", self._portal_id)
        self.used_today += 1

    def _turn_day(self, now: datetime) -> None:
        today = now.astimezone(ZoneInfo(TIME_ZONE)).date()
        if today != self._day:
            self._day = today
            self.used_today = 0


def _forget_before(instants: deque[float], oldest: float) -> None:
    while instants and instants[0] <= oldest:
        instants.popleft()
