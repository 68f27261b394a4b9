"""The clock: nothing else in the program reads the time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

#: An activity's calendar date in days since 1970-01-01, where it has been worked out before.
DAY = "__day"
#: Names in the zone files that mean another zone on another machine, or count leap seconds.
_NO_PLACE = ("localtime", "posixrules", "posix/", "right/")


class Clock(Protocol):
    """Now, as UTC-aware whole seconds."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC).replace(microsecond=0)


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until told to move: for ``--as-of`` and tests."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


def naive_utc(instant: datetime) -> datetime:
    """The instant as the tables keep it: UTC, whole seconds, without a zone.

    Raises ValueError for a datetime without a zone.
    """
    if instant.tzinfo is None:
        message = f"{instant} has no time zone"
        raise ValueError(message)
    return instant.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def parse_instant(text: str) -> datetime:
    """An ISO 8601 date or time as UTC-aware whole seconds; a missing zone means UTC.

    Raises ValueError for anything else.
    """
    parsed = datetime.fromisoformat(text.strip())
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC).replace(microsecond=0)
    except OverflowError as error:
        message = f"{text!r} is beyond the calendar"
        raise ValueError(message) from error


def check_zone(name: str) -> None:
    """Raise ValueError, with the nearest name, for a time zone that there is not."""
    try:
        ZoneInfo("" if name.startswith(_NO_PLACE) else name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        close = get_close_matches(name, available_timezones(), n=1)
        message = f"{name!r} is not a time zone such as {close[0] if close else 'Europe/Madrid'}"
        raise ValueError(message) from error
