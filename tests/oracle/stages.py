"""Rating cells, stages with memory, and sudden signals."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.oracle.activity import Row, about
from tests.oracle.ageing import Moment, days, seconds
from tests.oracle.conditions import Scope, holds


def temperature(spec: Row, idle_days: int | None) -> str:
    if idle_days is not None and idle_days < days(spec.get("hot", "7d")):
        return "hot"
    return "warm" if idle_days is not None and idle_days < days(spec.get("warm", "30d")) else "cold"


def rating(spec: Row | None, person: Row) -> Row:
    """``level``, ``rating`` and ``priority``."""
    if spec is None:
        return {"level": None, "rating": None, "priority": None}
    level = 1 + sum(least <= person["score"] for least in spec["levels"])
    digit = len(spec["levels"]) + 2 - level if spec.get("best") == "A1" else level
    cell = None if person["grade"] is None else f"{person['grade']}{digit}"
    return {"level": level, "rating": cell, "priority": spec.get("cells", {}).get(cell)}


def stage(model: Row, person: Row, scopes: Sequence[Scope], history: list[Row], now: Moment) -> Row:
    """``stage``, ``stage_entered_at`` and ``days_in_stage``."""
    ladder, base = model.get("stages"), model.get("base_stage", "lead")
    if ladder is None:
        return {"stage": None, "stage_entered_at": None, "days_in_stage": None}
    names = [base, *(rung["name"] for rung in ladder)]
    rows = [row for row in history if row["model"] == model["model"]]
    newest = max(rows, key=lambda row: (row["entered_at"], _height(names, row["stage"])), default=None)
    current = _height(names, newest["stage"]) if newest else 0
    known = {**person, "days_in_stage": now.age(newest["entered_at"]) if newest else None}
    height = 0
    for position, rung in enumerate(ladder, start=1):
        stays = position <= current and holds(rung.get("stay", rung["enter"]), [known, *scopes], now.age)
        if stays or holds(rung["enter"], [known, *scopes], now.age):
            height = position
    entered = now.as_of if height != current else newest["entered_at"] if newest else None
    return {"stage": names[height], "stage_entered_at": entered, "days_in_stage": known["days_in_stage"]}


def _height(names: list[str], name: str) -> int:
    return names.index(name) if name in names else 0


def escalate(model: Row, person: Row, scopes: Sequence[Scope], events: list[Row], now: Moment) -> bool | None:
    spec: dict[str, Any] | None = model.get("escalate")
    if spec is None:
        return None
    within = timedelta(seconds=seconds(spec["within"]))
    rules = [rule for rule in model["activity"]["rules"] if rule.get("signal") == spec["signal"]]
    sudden = any(
        now.as_of - event["occurred_at"] < within
        for rule in rules
        for event in about(rule, events, scopes, now)
    )
    return sudden and holds(spec.get("when"), [person, *scopes], now.age)
