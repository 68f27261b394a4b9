"""Who a person and their company are → fits, grades and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.oracle.ageing import milli, percent, shown
from tests.oracle.conditions import Age, Scope, columns, truth, value
from tests.oracle.totals import whole_points

Row = dict[str, Any]
_LADDER = ("F", "D-", "D", "D+", "C-", "C", "C+", "B-", "B", "B+", "A-", "A", "A+")
_PARTS = ("person", "company")


@dataclass(frozen=True)
class Scopes:
    """Where a condition looks: the person's columns and the company's."""

    person: Sequence[Scope]
    company: Sequence[Scope]


@dataclass(frozen=True)
class Fit:
    fits: dict[str, int | None]  # person, company, overall
    grades: dict[str, str | None]
    missing: list[str]
    points: dict[str, int]


@dataclass
class _Part:
    lines: dict[str, int]
    missing: list[str]
    rules: int


NOTHING = Fit(dict.fromkeys((*_PARTS, "overall")), dict.fromkeys((*_PARTS, "overall")), [], {})


def fit(spec: Row | None, scopes: Scopes, age: Age) -> Fit:
    if spec is None:
        return NOTHING
    ladder, weighted = "ladder" in spec, "weights" in spec
    judge = _thirds if ladder else _weighted if weighted else _plain
    parts = {name: _part(spec.get(name, []), getattr(scopes, name), age, judge) for name in _PARTS}
    lines = {**parts["person"].lines, **parts["company"].lines}
    missing = sorted({name for part in parts.values() for name in part.missing})
    sums = {name: sum(part.lines.values()) if part.rules else None for name, part in parts.items()}
    sums["overall"] = sum(lines.values()) if any(part.rules for part in parts.values()) else None
    if ladder:
        grades = {name: _rung(spec.get("start", "D"), amount) for name, amount in sums.items()}
        return Fit(NOTHING.fits, grades, missing, {name: amount for name, amount in lines.items() if amount})
    fits = {name: None if amount is None else shown(amount) for name, amount in sums.items()}
    grades = {name: _grade(spec.get("grades"), name, number) for name, number in fits.items()}
    present = {name: amount for name, amount in lines.items() if amount}
    return Fit(fits, grades, missing, whole_points(present, fits["overall"] or 0))


def _part(rules: list[Row], scopes: Sequence[Scope], age: Age, judge: Any) -> _Part:
    part = _Part({}, [], len(rules))
    for rule in rules:
        amount = judge(rule, scopes, age)
        if amount is None:
            part.missing += _nulls(rule, scopes)
        else:
            part.lines[rule["id"]] = amount
    return part


def _nulls(rule: Row, scopes: Sequence[Scope]) -> list[str]:
    conditions = [option["when"] for option in rule["values"]] if "values" in rule else [rule["when"]]
    return [name for text in conditions for name in columns(text) if value(name, scopes) is None]


def _plain(rule: Row, scopes: Sequence[Scope], age: Age) -> int | None:
    answer = truth(rule["when"], scopes, age)
    return None if answer is None else milli(rule["points"], 1) if answer else 0


def _thirds(rule: Row, scopes: Sequence[Scope], age: Age) -> int | None:
    answer, up = truth(rule["when"], scopes, age), int(rule["thirds"])
    return None if answer is None else up if answer else -int(rule.get("miss", up))


def _weighted(rule: Row, scopes: Sequence[Scope], age: Age) -> int | None:
    answers = [(truth(option["when"], scopes, age), option["points"]) for option in rule["values"]]
    for answer, points in answers:
        if answer:
            return milli(percent(rule["weight"]) * points / 100, 1)
    return None if any(answer is None for answer, _ in answers) else 0


def _rung(start: str, moves: int | None) -> str | None:
    return None if moves is None else _LADDER[max(0, min(len(_LADDER) - 1, _LADDER.index(start) + moves))]


def _grade(grades: Row | None, part: str, number: int | None) -> str | None:
    if grades is None or number is None:
        return None
    if {"person", "company", "overall"} & set(grades):
        grades = grades.get(part, grades.get("overall"))
    if grades is None:
        return None
    letters = {letter: least for letter, least in grades.items() if letter != "else"}
    for letter, least in sorted(letters.items(), key=lambda item: -item[1]):
        if least <= number:
            return str(letter)
    return str(grades.get("else", "D"))
