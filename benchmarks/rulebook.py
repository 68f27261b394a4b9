"""The benchmark's model as plain numbers, for those who score it without Scoreline.

Read from the same YAML, and with nothing else of ours but its reader: rules with points, decay, limits and
caps; fit; levels; the conditions to enter stages. Left out: interest, satisfaction, journey, escalation,
accounts, explanations.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.yamlfile import load

AS_OF = datetime(2026, 11, 22)  # noqa: DTZ001  # as the tables keep time: UTC without a zone
OLDEST = 800


@dataclass(frozen=True)
class Rule:
    """weights: milli-points by age. most, least: how many in ``days`` count, or are needed."""

    id: str
    types: tuple[str, ...]
    when: str | None
    weights: tuple[int, ...]
    cap: int | None
    group: str | None
    most: int | None
    least: int | None
    days: int | None


@dataclass(frozen=True)
class Rulebook:
    """idle: days → milli-points. ageing: days → milli-points that are left at most. where: who is scored."""

    where: str
    rules: tuple[Rule, ...]
    idle: Mapping[str, tuple[int, int]]
    groups: Mapping[str, int]
    bounds: tuple[int, int]
    ageing: tuple[tuple[int, int], ...]
    fit: tuple[tuple[str, int], ...]
    grades: Mapping[str, int]
    levels: tuple[int, ...]
    stages: tuple[tuple[str, str], ...]


def read(path: Path) -> Rulebook:
    """The rules of a model of this benchmark's shape."""
    model = load(path).content
    activity = model["activity"]
    acting = [rule for rule in activity["rules"] if "idle" not in rule]
    return Rulebook(
        where=model["where"],
        rules=tuple(_rule(rule, activity["decay"]) for rule in acting),
        idle={
            rule["id"]: (_days(rule["idle"]), rule["points"] * 1000)
            for rule in activity["rules"]
            if "idle" in rule
        },
        groups={name: cap * 1000 for name, cap in activity["caps"].items()},
        bounds=(activity["total"]["min"] * 1000, activity["total"]["max"] * 1000),
        ageing=tuple((_days(step["idle"]), step["at_most"] * 1000) for step in activity["ageing"]),
        fit=tuple((rule["when"], rule["points"]) for part in model["fit"].values() if isinstance(part, list)
                  for rule in part),
        grades=model["fit"]["grades"],
        levels=tuple(model["rating"]["levels"]),
        stages=tuple((stage["name"], stage["enter"]) for stage in model["stages"]),
    )  # fmt: skip


def _rule(rule: Mapping[str, Any], default: Mapping[str, Any]) -> Rule:
    limit = rule.get("at_most") or rule.get("at_least")
    count, days = (int(limit.split()[0]), _days(limit.split()[2])) if limit else (None, None)
    types = rule["event"] if isinstance(rule["event"], list) else [rule["event"]]
    return Rule(
        id=rule["id"],
        types=tuple(types),
        when=rule.get("when"),
        weights=tuple(_weight(rule["points"], rule.get("decay", default), age) for age in range(OLDEST)),
        cap=rule["cap"] * 1000 if "cap" in rule else None,
        group=rule.get("group"),
        most=count if "at_most" in rule else None,
        least=count if "at_least" in rule else None,
        days=days,
    )


def _days(text: str) -> int:
    return int(text.removesuffix("d"))


def _weight(points: float, decay: Any, age: int) -> int:  # noqa: ANN401  # as YAML has it
    left = _left(decay, age)
    exact = points * 1000 * left
    return int(math.copysign(math.floor(abs(exact) + 0.5), exact))


def _left(decay: Any, age: int) -> float:  # noqa: ANN401  # as YAML has it
    """The share of a point that is left. Source: docs/models.md, the table of ``decay``."""
    if decay == "none":
        return 1.0
    days = max(0, age - _days(decay.get("after", "0d")))
    if "half_life" in decay:
        return float(2.0 ** (-days / _days(decay["half_life"])))
    if "linear" in decay:
        return max(0.0, 1 - days / _days(decay["linear"]))
    if "window" in decay:
        return float(days < _days(decay["window"]))
    return float((1 - int(decay["lose"].removesuffix("%")) / 100) ** (days // _days(decay["every"])))
