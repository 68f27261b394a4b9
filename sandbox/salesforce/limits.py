"""The org's allowances. Sources: the vendor's API limits page and Bulk API 2.0 limits, checked 2026-11."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.clock import Clock

_DAY = timedelta(hours=24)


@dataclass(slots=True)
class Limits:
    """Each may be lowered for a test with the ``set_limit`` action."""

    daily_requests: int = 110_000
    concurrent_long: int = 25
    page_size: int = 2000
    bulk_page_size: int = 250_000
    bulk_polls: int = 1
    bulk_query_jobs: int = 10_000
    bulk_upload_bytes: int = 150 * 1024 * 1024
    collection_rows: int = 200
    collection_chunks: int = 10
    composite_requests: int = 25
    uri_bytes: int = 16_384
    header_bytes: int = 32_768
    session_minutes: int = 120
    cursor_hours: int = 48
    job_days: int = 7
    bin_days: int = 15
    updated_days: int = 30
    changed_ids: int = 600_000


class Allowance:
    """Requests counted over the last 24 hours."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        self._spent: deque[list[datetime | int]] = deque()
        self.used = 0

    def spend(self) -> bool:
        """Count a request; False if the allowance is used up, and then it does not count."""
        now = self._clock.now()
        self._forget(now)
        if self.used >= self._limits.daily_requests:
            return False
        if self._spent and self._spent[-1][0] == now:
            self._spent[-1][1] = int(str(self._spent[-1][1])) + 1
        else:
            self._spent.append([now, 1])
        self.used += 1
        return True

    def _forget(self, now: datetime) -> None:
        while self._spent and isinstance(self._spent[0][0], datetime) and self._spent[0][0] <= now - _DAY:
            self.used -= int(str(self._spent.popleft()[1]))

    @property
    def info(self) -> str:
        """The value of the ``Sforce-Limit-Info`` header."""
        return f"api-usage={self.used}/{self._limits.daily_requests}"
