"""Rule sums → total, and every line of it: caps, floors, ageing, whole points that add up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.activity import Line
from tests.oracle.ageing import days, milli, percent, shown

Row = dict[str, Any]


@dataclass(frozen=True)
class Total:
    score: int
    thousandths: int
    lines: dict[str, int]  # id → milli, none of them 0
    points: dict[str, int]  # id → whole points, adding up to the score


def total(activity: Row, rules: Mapping[str, Line], idle_days: int | None) -> Total:
    lines = {name: line.before for name, line in rules.items()}
    lines |= {f"cap:{name}": line.after - line.before for name, line in rules.items()}
    groups, loose = _by_group(activity, rules)
    running = loose
    for group, amount in groups.items():
        clamped = _clamp(amount, _bounds(activity.get("caps", {}).get(group)))
        lines[f"cap:{group}"] = lines.get(f"cap:{group}", 0) + clamped - amount
        running += clamped
    clamped = _clamp(running, activity.get("total", {}))
    lines["total"] = clamped - running
    final = clamped
    for number, step in enumerate(activity.get("ageing", []), start=1):
        aged = _aged(step, final, clamped, idle_days)
        lines[f"ageing:{number}"] = aged - final
        final = aged
    lines = {name: amount for name, amount in lines.items() if amount}
    return Total(shown(final), final, lines, whole_points(lines, shown(final)))


def _by_group(activity: Row, rules: Mapping[str, Line]) -> tuple[dict[str, int], int]:
    groups: dict[str, int] = {}
    loose = 0
    named = {rule["id"]: rule.get("group") for rule in activity["rules"]}
    for name, line in rules.items():
        if named[name] is None:
            loose += line.after
        else:
            groups[named[name]] = groups.get(named[name], 0) + line.after
    return groups, loose


def _bounds(cap: float | Row | None) -> Row:
    if cap is None:
        return {}
    return cap if isinstance(cap, dict) else {"min": -cap, "max": cap}


def _clamp(amount: int, bounds: Row) -> int:
    if "min" in bounds:
        amount = max(amount, milli(bounds["min"], 1))
    return min(amount, milli(bounds["max"], 1)) if "max" in bounds else amount


def _aged(step: Row, running: int, before: int, idle_days: int | None) -> int:
    idle = days(step["idle"])
    passes = (
        ("over" not in step or before > milli(step["over"], 1))
        and ("from" not in step or before >= milli(step["from"], 1))
        and ("to" not in step or before <= milli(step["to"], 1))
    )
    if idle_days is None or idle_days < idle or not passes:
        return running
    if "at_most" in step:
        return min(running, milli(step["at_most"], 1))
    if "points" in step:
        return running + milli(step["points"], 1)
    if running <= 0:
        return running
    share = 1 - percent(step["lose"]) / 100
    if "every" in step:
        share = share ** (1 + (idle_days - idle) // days(step["every"]))
    return int((running * share + 0.5) // 1)


def whole_points(lines: Mapping[str, int], score: int) -> dict[str, int]:
    """Whole points a line, by largest remainder, ties by id; they add up to the score."""
    points = {name: amount // 1000 for name, amount in lines.items()}
    missing = score - sum(points.values())
    for name in sorted(lines, key=lambda name: (-(lines[name] % 1000), name))[:missing]:
        points[name] += 1
    return points
