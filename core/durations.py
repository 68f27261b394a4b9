"""Durations as people write them: 45d, 24h, 15m, 30s."""

import re
from datetime import timedelta

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_DURATION = re.compile(r"(\d{1,6})([dhms])")


def parse_duration(text: str) -> timedelta:
    """``45d`` → 45 days; d, h, m and s are known, one unit at a time, zero refused.

    Raises ValueError for anything else.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        message = f"{text!r} is not a duration such as 45d, 24h, 15m or 30s"
        raise ValueError(message)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
