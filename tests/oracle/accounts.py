"""People's scores → their companies' scores."""

import math
from typing import Any

from tests.oracle.ageing import Moment, percent, shown
from tests.oracle.conditions import holds
from tests.oracle.fit import Scopes, fit
from tests.oracle.totals import whole_points

Row = dict[str, Any]


def accounts(model: Row, people: list[Row], companies: list[Row], blank: Row, now: Moment) -> list[Row]:
    """``blank``: a contact of nulls, for company rules that read a person's columns."""
    spec = model.get("account", {})
    by_id: dict[str, Row] = {company["account_id"]: company for company in companies}
    nobody = dict.fromkeys(next(iter(by_id.values()), {}))
    for person in people:
        if person["account_id"]:
            by_id.setdefault(person["account_id"], {**nobody, "account_id": person["account_id"]})
    members = {name: [p for p in people if p["account_id"] == name] for name in by_id}
    lines = {name: _lines(spec, members[name], now) for name in by_id}
    if spec.get("roll_up"):
        own = {name: shown(sum(found.values())) for name, found in lines.items()}
        for name, company in by_id.items():
            parent = company.get("parent_id")
            if parent in lines and parent != name:
                lines[parent][f"child:{name}"] = own[name] * 1000
    return [_account(model, by_id[name], members[name], found, blank, now) for name, found in lines.items()]


def _account(
    model: Row, company: Row, people: list[Row], lines: dict[str, int], blank: Row, now: Moment
) -> Row:
    number = shown(sum(lines.values()))
    present = {name: amount for name, amount in lines.items() if amount}
    grade = (
        fit({**model["fit"], "person": []}, Scopes([], [company, blank]), now.age) if "fit" in model else None
    )
    return {
        "account_id": company["account_id"],
        "score": number,
        "people": len(people),
        "grade": grade.grades["company"] if grade else None,
        "contributions": whole_points(present, number),
    }


def _lines(spec: Row, people: list[Row], now: Moment) -> dict[str, int]:
    lines = {p["contact_id"]: math.floor(p["score"] * 1000 * _weight(spec, p, now) + 0.5) for p in people}
    ranked = sorted(lines, key=lambda name: (-lines[name], name))
    if "top" in spec:
        ranked = ranked[: spec["top"]]
    how = spec.get("score", "sum")
    if how == "max":
        ranked = ranked[:1]
    kept = {name: lines[name] for name in ranked}
    if how == "mean":
        kept = {name: math.floor(amount / len(kept) + 0.5) for name, amount in kept.items()}
    buyers = spec.get("buyers")
    if buyers and sum(holds(buyers["when"], [p["row"]], now.age) for p in people) >= buyers["at_least"]:
        bonus = math.floor(shown(sum(kept.values())) * percent(buyers["bonus"]) / 100)
        kept["buyers"] = max(0, bonus) * 1000
    return kept


def _weight(spec: Row, person: Row, now: Moment) -> float:
    weights = spec.get("weights", [])
    return float(next((w["weight"] for w in weights if holds(w["when"], [person["row"]], now.age)), 1))
