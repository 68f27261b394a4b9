"""What people look at → milli-points a product and category."""

from collections import defaultdict
from collections.abc import Sequence

from tests.oracle.activity import Row, about, points
from tests.oracle.ageing import Moment, factor, milli
from tests.oracle.conditions import Scope, like

_MOST_PARTS = 8
_NO_POINTS = ("tiers", "idle", "trend", "low_interest")


def interest(
    model: Row, events: list[Row], scopes: Sequence[Scope], now: Moment
) -> dict[str, dict[str, int]]:
    """``{"product": {item: milli}, "category": {…}}``, only items above 0, only the kinds asked for."""
    spec = model.get("interest")
    if spec is None:
        return {}
    kinds = spec.get("by", "product")
    sums: dict[str, dict[str, int]] = {
        kind: defaultdict(int) for kind in ([kinds] if isinstance(kinds, str) else kinds)
    }
    weights = _weights(model, events, scopes, now)
    for event in events:
        if event["origin"] == "machine":
            continue
        for kind, items in zip(("product", "category"), _items(spec, event), strict=True):
            for item in items if kind in sums else ():
                sums[kind][item] += weights[event["activity_id"]]
    return {
        kind: {item: amount for item, amount in found.items() if amount > 0} for kind, found in sums.items()
    }


def _weights(model: Row, events: list[Row], scopes: Sequence[Scope], now: Moment) -> dict[str, int]:
    spec = model["interest"]
    weights: dict[str, int] = defaultdict(int)
    if "weights" in spec:
        for e in events:
            if e["type"] in spec["weights"]:
                weights[e["activity_id"]] = milli(
                    spec["weights"][e["type"]], factor(spec, now.age(e["occurred_at"]))
                )
        return weights
    for rule in model.get("activity", {}).get("rules", []):
        if any(key in rule for key in _NO_POINTS):
            continue
        for e in about(rule, events, scopes, now):
            if points(rule, e) > 0:
                weights[e["activity_id"]] += milli(points(rule, e), factor(spec, now.age(e["occurred_at"])))
    return weights


def _items(spec: Row, event: Row) -> tuple[list[str], list[str]]:
    """The activity's products and categories, each once."""
    entry = _asset(spec, event)
    named = (event["product"] or "").strip() or (entry or {}).get("product") or ""
    parts = [part.strip() for part in named.split(";")[:_MOST_PARTS]]
    products = list(dict.fromkeys(part for part in parts if part))
    if category := (event["category"] or "").strip():
        return products, [category]
    known, otherwise = spec.get("categories", {}), (entry or {}).get("category")
    categories = [known.get(product, otherwise) for product in products] or [otherwise]
    return products, list(dict.fromkeys(category for category in categories if category))


def _asset(spec: Row, event: Row) -> Row | None:
    if event["asset"] is None:
        return None
    return next((entry for entry in spec.get("assets", []) if like(event["asset"], entry["match"])), None)
