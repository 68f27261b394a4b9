"""Calendar days in a zone, as expressions that every engine computes alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from core.clock import naive_utc

DAY_S = 86_400
_LAST_YEAR = 2101


@cache
def transitions(zone: str) -> tuple[tuple[int, int], ...]:
    """(epoch second from which it holds, offset in seconds), oldest first; the first holds for all earlier
    time.

    Source: the system's or the ``tzdata`` package's zone files, 1970 to 2100.
    """
    info = ZoneInfo(zone)

    def offset(second: int) -> int:
        found = datetime.fromtimestamp(second, UTC).astimezone(info).utcoffset()
        return int((found or timedelta()).total_seconds())

    ends = int(datetime(_LAST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    found = [(0, offset(0))]
    for second in range(0, ends, DAY_S):
        if offset(second + DAY_S) != found[-1][1]:
            found.append(_change(second, second + DAY_S, offset, found[-1][1]))
    return tuple(found)


def _change(before: int, after: int, offset: Callable[[int], int], known: int) -> tuple[int, int]:
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if offset(middle) == known else (before, middle)
    return after, offset(after)


@ibis.udf.scalar.builtin(name="scored_at", signature=((), dt.timestamp))  # type: ignore[untyped-decorator]  # Ibis ships no types
def _scored_at() -> dt.timestamp:
    raise NotImplementedError  # the engine's own


@ibis.udf.scalar.builtin(name="scored_today", signature=((), dt.int64))  # type: ignore[untyped-decorator]  # Ibis ships no types
def _scored_today() -> dt.int64:
    raise NotImplementedError  # the engine's own


@dataclass(frozen=True)
class Moment:
    """The instant scored, in a zone.

    told: expressions do not hold the instant; the engine is told it by the macros ``scored_at()`` and
    ``scored_today()``, so that one text serves every instant with as many ``changes``.
    """

    as_of: datetime
    zone: str = "UTC"
    told: bool = False

    @property
    def naive(self) -> datetime:
        """as_of as the tables keep time."""
        return naive_utc(self.as_of)

    @property
    def date(self) -> int:
        """as_of's calendar date in the zone, in days since 1970-01-01."""
        local = self.as_of.astimezone(ZoneInfo(self.zone))
        return (local.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days

    @property
    def changes(self) -> list[tuple[int, int]]:
        """The zone's transitions that matter to what happened up to as_of."""
        last = int(self.as_of.timestamp()) + DAY_S
        return [change for change in transitions(self.zone) if change[0] <= last]

    @property
    def now(self) -> ir.Value:
        """as_of."""
        return _scored_at() if self.told else ibis.literal(self.naive, "timestamp")

    @property
    def today(self) -> ir.Value:
        """``date``."""
        return _scored_today() if self.told else ibis.literal(self.date, "int64")

    def ago(self, span: timedelta) -> ir.Value:
        """The instant that long before as_of."""
        if self.told:
            return _scored_at() - ibis.interval(seconds=int(span.total_seconds()))
        return ibis.literal(naive_utc(self.as_of - span), "timestamp")

    def day(self, instant: ir.Value) -> ir.Value:
        """The calendar date in the zone of a naive UTC timestamp, in days since 1970-01-01; null gives
        null.
        """
        seconds = instant.epoch_seconds().cast("int64")
        return ((seconds + self._offset(seconds)) / float(DAY_S)).floor().cast("int64")

    def date_of(self, instant: ir.Value) -> ir.Value:
        """The same as text, ``2026-01-31``."""
        offset = self._offset(instant.epoch_seconds().cast("int64"))
        offsets = sorted({offset for _, offset in self.changes})
        local = ibis.cases(*((offset == one, instant + ibis.interval(seconds=one)) for one in offsets))
        return (instant if offsets == [0] else local).cast("date").cast("string")

    def _offset(self, seconds: ir.Value) -> ir.Value:
        """What the zone's clocks are ahead of UTC at a second since 1970-01-01, in seconds."""
        (_, first), *later = self.changes
        branches = [(seconds >= start, ibis.literal(offset, "int64")) for start, offset in reversed(later)]
        otherwise = ibis.literal(first, "int64")
        return ibis.cases(*branches, else_=otherwise) if branches else otherwise

    def age(self, instant: ir.Value) -> ir.Value:
        """Whole calendar days from the instant to as_of; null gives null, the future a negative number."""
        return self.today - self.day(instant)
