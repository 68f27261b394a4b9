"""Seeded chance: every draw of the world comes from here, so the same seed gives the same world."""

import math
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import TypeVar

T = TypeVar("T")

_NORMAL_FROM = 30.0
_SATURDAY = 5


class Chance(Random):
    """A random stream of its own, named by its parts; streams do not disturb one another."""

    @classmethod
    def of(cls, *parts: object) -> "Chance":
        """Start the stream with this name; the same parts give the same stream on every machine."""
        return cls("/".join(str(part) for part in parts))

    def often(self, probability: float) -> bool:
        """Whether something of this probability happens now."""
        return self.random() < probability

    def one(self, weighted: "dict[T, float]") -> T:
        """Draw one key, in proportion to its weight."""
        return self.choices(list(weighted), weights=list(weighted.values()))[0]

    def poisson(self, mean: float) -> int:
        """Draw a count with this mean (a rounded normal above 30, where the two are alike)."""
        if mean <= 0:
            return 0
        if mean > _NORMAL_FROM:
            return max(0, round(self.gauss(mean, math.sqrt(mean))))
        limit, product, count = math.exp(-mean), self.random(), 0
        while product > limit:
            product *= self.random()
            count += 1
        return count

    def instant(self, start: datetime, end: datetime) -> datetime:
        """Draw a whole second in [start, end), any as likely as another."""
        seconds = max(int((end - start).total_seconds()), 1)
        return start + timedelta(seconds=self.randrange(seconds))

    def waking(self, start: datetime, end: datetime) -> datetime:
        """Draw a second in [start, end) as people keep hours: by day, fewer at weekends."""
        drawn = self.instant(start, end)
        if drawn.weekday() >= _SATURDAY and self.often(0.65):
            drawn = self.instant(start, end)
        hour = min(max(self.gauss(13.0, 3.2), 5.0), 22.9)
        midnight = datetime.combine(drawn.date(), time(), UTC)
        shaped = midnight + timedelta(seconds=int(hour * 3600) + self.randrange(60))
        return shaped if start <= shaped < end else drawn
