"""The sandbox's own time: the only clock a vendor reads."""

import re
import threading
import time
from datetime import UTC, datetime, timedelta

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_SPAN = re.compile(r"(\d+)([dhms])")


class Clock:
    """UTC instants in whole seconds.

    Frozen unless ``ticking``; then it runs with real time from where it was set.
    Time never goes backwards on its own, but ``set`` may move it either way.
    """

    def __init__(self, now: datetime, *, ticking: bool = False) -> None:
        self._lock = threading.Lock()
        self._ticking = ticking
        self._base = _whole_seconds(now)
        self._started_s = time.monotonic()

    def now(self) -> datetime:
        with self._lock:
            return self._read()

    def set(self, now: datetime) -> None:
        with self._lock:
            self._restart(_whole_seconds(now))

    def advance(self, span: timedelta) -> datetime:
        """Move forward (or back, for a negative span) and return the new instant."""
        with self._lock:
            self._restart(_whole_seconds(self._read() + span))
            return self._base

    def _read(self) -> datetime:
        if not self._ticking:
            return self._base
        return self._base + timedelta(seconds=int(time.monotonic() - self._started_s))

    def _restart(self, now: datetime) -> None:
        self._base = now
        self._started_s = time.monotonic()


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant; one without an offset is UTC. ValueError if malformed."""
    parsed = datetime.fromisoformat(text)
    return _whole_seconds(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def parse_span(text: str) -> timedelta:
    """``1d``, ``90m``, ``1d12h``. ValueError if malformed."""
    parts = _SPAN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        message = f"{text!r} is not a span such as 1d, 12h, 90m or 30s"
        raise ValueError(message)
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in reversed(parts)})


def iso(instant: datetime) -> str:
    """``2026-11-22T08:00:00Z``."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _whole_seconds(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        message = "sandbox time needs an offset"
        raise ValueError(message)
    return instant.astimezone(UTC).replace(microsecond=0)
