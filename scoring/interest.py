"""Product and category interest: points by item, a product feeding its category."""

from functools import reduce

import ibis
import ibis.expr.types as ir

from scoring import activity
from scoring.decay import AgeTable, as_weight
from scoring.frame import Frame
from scoring.spec import Interest, Model, Rule
from scoring.texts import trimmed
from scoring.totals import shown
from scoring.truth import NO

#: Products that one activity can name; more are ignored.
MOST_PRODUCTS = 8
_SEPARATOR = ";"
#: What follows so many separators, up to the next.
_PIECE = "^(?:[^;]*;){%d}([^;]*)"


def empty(people: ir.Table) -> ir.Table:
    """No interest at all, with the right columns."""
    return people.filter(ibis.literal(NO)).select(
        "contact_id",
        kind=ibis.literal(""),
        item=ibis.literal(""),
        milli=ibis.literal(0, "int64"),
        points=ibis.literal(0, "int64"),
    )


def interest(frame: Frame) -> ir.Table:
    """contact_id, kind (product, category), item, milli, points: one row per person and item above 0
    milli.
    """
    wanted = frame.model.interest
    if wanted is None:
        return empty(frame.people)
    worth = frame.hold(_worth(frame, wanted))
    parts = []
    products = frame.hold(_products(worth))
    if "product" in wanted.by:
        parts.append(_summed(products, "product"))
    if "category" in wanted.by:
        parts.append(_summed(_categories(worth, products, wanted), "category"))
    found = reduce(lambda left, right: left.union(right), parts)
    scored = found.semi_join(frame.people, "contact_id")
    return scored.filter(scored.milli > 0).mutate(points=shown(scored.milli))


def _worth(frame: Frame, wanted: Interest) -> ir.Table:
    """Activities with ``worth`` in milli-points, product and category resolved by asset."""
    ages = AgeTable()
    rules = earning(frame.model)
    points = (
        set((wanted.weights or {}).values())
        if wanted.weights is not None
        else {p for r in rules for p in _positive(r)}
    )
    for amount in sorted(points):
        ages.weight(amount, wanted.decay)
    rows = frame.acts
    if wanted.weights is None and any(activity.needs_person(rule) for rule in rules):
        rows = activity.with_people(frame, rows)
    rows = ages.joined(rows.filter(~rows.machine))
    if wanted.weights is not None:
        branches = [
            (rows.type == kind, as_weight(rows, ages.weight(amount, wanted.decay)))
            for kind, amount in wanted.weights.items()
        ]
        worth = ibis.cases(*branches, else_=ibis.literal(0, "int64"))
    else:
        zero: ir.Value = ibis.literal(0, "int64")
        worth = reduce(
            lambda left, right: left + right, [_rule_worth(frame, rows, r, wanted, ages) for r in rules], zero
        )
    product, mapped = _by_asset(rows, wanted)
    kept = rows.select(
        "contact_id",
        "activity_id",
        worth=worth,
        product=product,
        own_category=_filled(rows.category),
        mapped=mapped,
    )
    return kept.filter(kept.worth > 0)


def earning(model: Model) -> list[Rule]:
    """The rules whose points say what an activity is worth, where the model has no weights of its own."""
    if model.interest is None or model.interest.weights is not None:
        return []
    return [rule for rule in model.rules if rule.source == "activity" and _most(rule) > 0]


def _positive(rule: Rule) -> list[float]:
    return [points for points in [step.points for step in rule.steps] or [rule.points] if points > 0]


def _most(rule: Rule) -> float:
    return max(_positive(rule), default=0)


def _rule_worth(frame: Frame, rows: ir.Table, rule: Rule, wanted: Interest, ages: AgeTable) -> ir.Value:
    hit = activity.match(frame, rows, rule)
    zero = ibis.literal(0, "int64")
    if not rule.steps:
        return ibis.ifelse(hit, as_weight(rows, ages.weight(rule.points, wanted.decay)), zero)
    branches = [
        (
            rows.value >= step.start,
            as_weight(rows, ages.weight(step.points, wanted.decay)) if step.points > 0 else zero,
        )
        for step in reversed(rule.steps)
    ]
    return ibis.ifelse(hit, ibis.cases(*branches, else_=zero), zero)


def _by_asset(rows: ir.Table, wanted: Interest) -> tuple[ir.Value, ir.Value]:
    """The activity's product, and the category its asset stands for."""
    named = trimmed(rows.product.replace(_SEPARATOR, "")) != ""
    product = ibis.ifelse(named, trimmed(rows.product), ibis.null("string"))
    if not wanted.assets:
        return product, ibis.null("string")
    fits = [(rows.asset.like(asset.match).fill_null(NO), asset) for asset in wanted.assets]
    by_asset = ibis.cases(*((fit, _text(asset.product)) for fit, asset in fits), else_=_text(None))
    mapped = ibis.cases(*((fit, _text(asset.category)) for fit, asset in fits), else_=_text(None))
    return ibis.coalesce(product, by_asset), mapped


def _filled(text: ir.Value) -> ir.Value:
    stripped = trimmed(text)
    return ibis.ifelse(stripped == "", ibis.null("string"), stripped)


def _text(word: str | None) -> ir.Value:
    return ibis.null("string") if word is None else ibis.literal(word)


def _products(worth: ir.Table) -> ir.Table:
    """One row per activity and product it names."""
    named = worth.filter(worth.product.notnull())
    several = named.product.contains(_SEPARATOR)
    single = named.filter(~several)
    rest = named.filter(several)
    pieces = [trimmed(rest.product.re_extract(_PIECE % place, 1)) for place in range(MOST_PRODUCTS)]
    parts = [rest.mutate(product=piece) for piece in pieces]
    exploded = reduce(lambda left, right: left.union(right), parts)
    return single.union(exploded.filter(exploded.product != "").distinct())


def _categories(worth: ir.Table, products: ir.Table, wanted: Interest) -> ir.Table:
    """One row per activity and category it feeds."""
    own = worth.filter(worth.own_category.notnull()).mutate(category=worth.own_category)
    lone = worth.filter(worth.own_category.isnull(), worth.product.isnull()).mutate(category=worth.mapped)
    fed = products.filter(products.own_category.isnull())
    known = [(fed.product == product, _text(group)) for product, group in wanted.categories.items()]
    by_product = ibis.cases(*known, else_=_text(None)) if known else _text(None)
    fed = fed.mutate(category=ibis.coalesce(by_product, fed.mapped))
    columns = ["contact_id", "activity_id", "worth", "category"]
    once = fed.select(columns).distinct()
    every = own.select(columns).union(lone.select(columns)).union(once)
    return every.filter(every.category.notnull())


def _summed(rows: ir.Table, kind: str) -> ir.Table:
    item = rows[kind]
    named = rows.mutate(item=item, kind=ibis.literal(kind))
    return named.group_by("contact_id", "kind", "item").agg(milli=named.worth.sum().cast("int64"))


def tops(found: ir.Table) -> ir.Table:
    """contact_id, top_product, top_category; only people with any interest have a row."""
    order = ibis.window(group_by=["contact_id", "kind"], order_by=[found.milli.desc(), found.item.asc()])
    ranked = found.mutate(__rank=ibis.row_number().over(order))
    first = ranked.filter(ranked["__rank"] == 0)
    return first.group_by("contact_id").agg(
        top_product=first.item.max(where=first.kind == "product"),
        top_category=first.item.max(where=first.kind == "category"),
    )
