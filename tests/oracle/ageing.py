"""Whole days, shares of points left, and rounding."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


def days(text: str) -> float:
    """``45d`` → 45, ``12h`` → 0.5."""
    return int(text[:-1]) / {"d": 1, "h": 24, "m": 1440, "s": 86400}[text[-1]]


def seconds(text: str) -> float:
    return int(text[:-1]) * {"d": 86400, "h": 3600, "m": 60, "s": 1}[text[-1]]


def percent(text: str) -> float:
    """``25%`` → 25."""
    return float(text[:-1])


def milli(points: float, factor: float) -> int:
    x = points * 1000 * factor
    return int(math.copysign(math.floor(abs(x) + 0.5), x))


def shown(thousandths: int) -> int:
    return (thousandths + 500) // 1000


def factor(decay: dict[str, Any] | str | None, age_days: int) -> float:
    """Share of the points left at an age."""
    if decay is None or isinstance(decay, str):
        return 1.0
    a = max(0.0, min(age_days, 36_525) - days(decay.get("after", "0d")))
    if "half_life" in decay:
        return float(2.0 ** (-a / days(decay["half_life"])))
    if "linear" in decay:
        return max(0.0, 1 - a / days(decay["linear"]))
    if "window" in decay:
        return 1.0 if a < days(decay["window"]) else 0.0
    if "lose" not in decay:
        return 1.0
    lost, steps = percent(decay["lose"]) / 100, a // days(decay["every"])
    return float((1 - lost) ** steps) if decay.get("compound", True) else max(0.0, 1 - lost * steps)


@dataclass(frozen=True)
class Moment:
    """The instant scored, and the calendar it is scored by."""

    as_of: datetime
    zone: ZoneInfo

    def age(self, instant: datetime) -> int:
        """Whole calendar days from ``instant`` to now; negative for the future."""
        return (self.as_of.astimezone(self.zone).date() - instant.astimezone(self.zone).date()).days
