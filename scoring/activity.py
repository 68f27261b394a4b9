"""Activity rules: one wide group-by for the plain ones, one branch each for those that count."""

from collections.abc import Sequence
from functools import reduce

import ibis
import ibis.expr.types as ir

from core.tables import SCORED
from scoring import counting
from scoring.decay import AgeTable, as_weight, milli
from scoring.frame import Frame
from scoring.spec import Limit, Model, Rule
from scoring.truth import NO, how_many

OWN_NAMES = frozenset(SCORED["activities"].names) - {"contact_id"}


def is_plain(rule: Rule) -> bool:
    """Whether each matching activity counts for itself."""
    counted = (
        rule.first
        or rule.again
        or rule.at_least
        or rule.exactly
        or rule.at_most
        or rule.unless
        or rule.unless_after
    )
    return (
        rule.source == "activity" and not counted and rule.distinct == "activity" and rule.per == "activity"
    )


def needs_person(rule: Rule) -> bool:
    """Whether its condition names columns that activities do not have."""
    return rule.when is not None and not OWN_NAMES.issuperset(rule.when.columns)


def asks_more(rule: Rule) -> bool:
    """Whether its condition needs the person, or counts days."""
    return needs_person(rule) or (rule.when is not None and rule.when.counts_days)


def match(frame: Frame, rows: ir.Table, rule: Rule) -> ir.BooleanValue:
    """Step 1 of docs/models.md, without ``unless_after``; never null."""
    found = rows.type.notnull()
    if rule.events:
        found = rows.type == rule.events[0] if len(rule.events) == 1 else rows.type.isin(rule.events)
    if rule.when is not None:
        found = found & frame.spread(rule.when, rows).fill_null(NO)
    if not rule.machine:
        found = found & ~rows.machine
    if rule.steps:
        found = found & (rows.value >= rule.steps[0].start).fill_null(NO)
    return found


def points_milli(rows: ir.Table, rule: Rule, ages: AgeTable) -> ir.IntegerValue:
    """Milli-points of one matching activity, from rows that ``ages`` was joined to."""
    if not rule.steps:
        return as_weight(rows, ages.weight(rule.points, rule.decay))
    branches = [
        (rows.value >= step.start, as_weight(rows, ages.weight(step.points, rule.decay)))
        for step in reversed(rule.steps)
    ]
    return ibis.cases(*branches, else_=ibis.literal(0, "int64"))


def _sum_milli(rows: ir.Table, rule: Rule, ages: AgeTable, hit: ir.BooleanValue) -> ir.IntegerScalar:
    weight = None if rule.steps else ages.weight(rule.points, rule.decay)
    if isinstance(weight, int):
        return how_many(hit) * weight
    # exact below 2^53, and DuckDB's sum of int64 is of 128 bits, which is slow from here on
    return points_milli(rows, rule, ages).cast("float64").sum(where=hit).cast("int64")


def register(rule: Rule, ages: AgeTable) -> None:
    """Let ``ages`` know which points the rule will look up."""
    for points in [step.points for step in rule.steps] or [rule.points]:
        ages.weight(points, rule.decay)


def with_people(frame: Frame, rows: ir.Table) -> ir.Table:
    """Activities beside the columns of the person who did them; the activity's win."""
    extra = [name for name in frame.people.columns if name not in rows.columns and name != "contact_id"]
    return rows.join(frame.people.select("contact_id", *extra), "contact_id")


def sums(frame: Frame, *, detail: bool) -> list[ir.Table]:
    """Every rule's sums by contact, and the behaviour that is not an activity."""
    rules = [rule for rule in frame.model.rules if rule.source in {"activity", "tiers"}]
    tables = []
    if frame.summed is not None:
        tables.append(frame.summed)
        rules = [rule for rule in rules if rule not in adding(frame.model)]
    lone = [rule for rule in rules if not needs_person(rule)]
    joint = [rule for rule in rules if needs_person(rule)]
    plain = [rule for rule in lone if _is_wide(rule)]
    if plain or not tables:
        tables.append(wide(frame, frame.acts, plain, detail=detail, behaviour=not tables))
    if broad := [rule for rule in joint if _is_wide(rule)]:
        tables.append(wide(frame, with_people(frame, frame.acts), broad, detail=detail, behaviour=False))
    for rule in rules:
        if not _is_wide(rule):
            rows = with_people(frame, frame.acts) if rule in joint else frame.acts
            tables.append(counted(frame, rows, rule))
    return tables


def adding(model: Model) -> list[Rule]:
    """Rules whose sums are those of each activity by itself."""
    return [rule for rule in model.rules if is_plain(rule) and not asks_more(rule)]


def _is_wide(rule: Rule) -> bool:
    return is_plain(rule) or rule.source == "tiers"


def wide(frame: Frame, rows: ir.Table, rules: Sequence[Rule], *, detail: bool, behaviour: bool) -> ir.Table:
    ages = AgeTable()
    for rule in rules:
        if rule.source == "activity":
            register(rule, ages)
    aged = ages.joined(rows)
    found: dict[str, ir.Value] = {}
    for rule in rules:
        hit = match(frame, aged, rule)
        if rule.source == "tiers":
            found |= _tier_columns(aged, rule, hit)
            continue
        found[f"m_{rule.id}"] = _sum_milli(aged, rule, ages, hit)
        if detail:
            found[f"n_{rule.id}"] = how_many(hit)
            found[f"t_{rule.id}"] = aged.occurred_at.max(where=hit)
    if behaviour:
        found |= _behaviour(frame, aged)
    grouped = aged.group_by(*frame.keys).agg(**found)
    return reduce(_resolve_tiers, [rule for rule in rules if rule.source == "tiers"], grouped)


def _tier_columns(rows: ir.Table, rule: Rule, hit: ir.BooleanValue) -> dict[str, ir.Value]:
    found: dict[str, ir.Value] = {}
    for index, tier in enumerate(rule.tiers):
        days = _limit(tier.at_least, tier.exactly).days
        inside = hit & (rows.age < days)
        found[f"c{index}_{rule.id}"] = how_many(inside)
        found[f"u{index}_{rule.id}"] = rows.occurred_at.max(where=inside)
    return found


def _limit(first: Limit | None, second: Limit | None) -> Limit:
    found = first or second
    if found is None:
        message = "a tier without a count"  # the loader refuses it
        raise ValueError(message)
    return found


def _resolve_tiers(table: ir.Table, rule: Rule) -> ir.Table:
    points, counts, newest = [], [], []
    for index, tier in enumerate(rule.tiers):
        count = table[f"c{index}_{rule.id}"]
        holds = count == tier.exactly.count if tier.exactly else count >= _limit(tier.at_least, None).count
        points.append((holds, ibis.literal(milli(tier.points), "int64")))
        counts.append((holds, count))
        newest.append((holds, table[f"u{index}_{rule.id}"]))
    zero = ibis.literal(0, "int64")
    resolved = table.mutate(**{
        f"m_{rule.id}": ibis.cases(*points, else_=zero),
        f"n_{rule.id}": ibis.cases(*counts, else_=zero),
        f"t_{rule.id}": ibis.cases(*newest),
    })  # fmt: skip
    return resolved.drop(*(f"{kind}{index}_{rule.id}" for kind in "cu" for index in range(len(rule.tiers))))


def _behaviour(frame: Frame, rows: ir.Table) -> dict[str, ir.Value]:
    """What activities say beside rules: idleness, trend, low interest, journey."""
    model, days = frame.model, frame.model.trend_days
    found = {
        "recent": rows.own & (rows.age < days),
        "before": rows.own & (rows.age >= days) & (rows.age < 2 * days),
    }
    if (low := model.low_interest) is not None:
        inside = rows.age < low.at_least.days
        found["low_received"] = rows.type.isin(low.events) & ~rows.machine & inside
        undone = rows.type.isin(low.unless) & rows.own & inside if low.unless else rows.type.isnull()
        found["low_undone"] = undone
    for stage, types in model.journey.items():
        found[f"journey_{stage}"] = rows.type.isin(types) & ~rows.machine
    return {"idle_days": rows.age.min(where=rows.own)} | {
        name: how_many(flag) for name, flag in found.items()
    }


def counted(frame: Frame, rows: ir.Table, rule: Rule) -> ir.Table:
    matched = rows.filter(match(frame, rows, rule))
    kept = counting.kept(frame, matched, rule)
    ages = AgeTable()
    register(rule, ages)
    aged = ages.joined(kept)
    return aged.group_by(*frame.keys).agg(**{
        f"m_{rule.id}": _sum_milli(aged, rule, ages, aged.left.notnull()),
        f"n_{rule.id}": aged.left.max() if rule.per == "contact" else aged.count(),
        f"t_{rule.id}": aged.occurred_at.max(),
    })  # fmt: skip
