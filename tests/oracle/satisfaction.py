"""What people answered → bands, and the number of a whole segment."""

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from tests.oracle.activity import own
from tests.oracle.ageing import Moment, days

Row = dict[str, Any]


def satisfaction(spec: Row | None, answers: list[Row], events: list[Row], now: Moment) -> Row:
    """``band``, ``answer`` and ``disagrees`` of one person; null where nothing is known."""
    kinds = [a for a in answers if spec and a["kind"] == spec["survey"] and _valid(a)]
    fresh = [a for a in kinds if now.age(a["answered_at"]) < days(spec["valid"])] if spec else []
    if not spec or not fresh:
        return {"band": None, "answer": None, "disagrees": None}
    latest = max(a["answered_at"] for a in fresh)
    newest = min((a for a in fresh if a["answered_at"] == latest), key=lambda a: a["response_id"])
    band = _band(newest)
    disagrees = None
    if "activity" in spec:
        active = any(now.age(e["occurred_at"]) < days(spec["activity"]) for e in own(events))
        disagrees = (band in {"promoter", "satisfied"} and not active) or (
            band in {"detractor", "dissatisfied"} and active
        )
    return {"band": band, "answer": newest["answer"], "disagrees": disagrees}


def _scale(answer: Row) -> tuple[int, int]:
    default = (0, 10) if answer["kind"] == "nps" else (1, 5)
    low, high = answer["scale_min"], answer["scale_max"]
    return default[0] if low is None else low, default[1] if high is None else high


def _valid(answer: Row) -> bool:
    low, high = _scale(answer)
    if answer["answer"] is None or low >= high or not low <= answer["answer"] <= high:
        return False
    return answer["kind"] != "nps" or (low, high) in {(0, 10), (1, 10)}


def _band(answer: Row) -> str:
    number = answer["answer"]
    if answer["kind"] == "nps":
        return "detractor" if number < 7 else "passive" if number < 9 else "promoter"
    low, high = _scale(answer)
    share = Fraction(number - low) / Fraction(high - low)
    return (
        "satisfied" if share >= Fraction(3, 4) else "neutral" if share >= Fraction(1, 2) else "dissatisfied"
    )


def nps(spec: Row | None, people: Iterable[Row]) -> Row | None:
    """The percentage of a segment, and how many stand in each band."""
    if spec is None:
        return None
    bands = [person["band"] for person in people if person["band"]]
    csat = spec["survey"] == "csat"
    names = ("satisfied", "neutral", "dissatisfied") if csat else ("promoter", "passive", "detractor")
    top, middle, bottom = (bands.count(name) for name in names)
    better = top if csat else top - bottom
    number = math.floor(better * 1000 / len(bands) + 0.5) / 10 if bands else None
    return {"score": number, "promoters": top, "passives": middle, "detractors": bottom}
