"""Rule sums over coded activities: the same numbers as ``activity.sums``, without counts and newest."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from scoring import activity, coded, counting
from scoring.decay import AgeTable, by_age
from scoring.frame import Frame
from scoring.spec import Rule
from scoring.truth import one


def sums(frame: Frame) -> list[ir.Table]:
    """Every rule's ``m_<id>`` by contact, and the behaviour counts. Needs ``coded.usable``."""
    rules = [rule for rule in frame.model.rules if rule.source in {"activity", "tiers"}]
    lone = [rule for rule in rules if not activity.needs_person(rule) and coded.fits(rule)]
    plain = [rule for rule in lone if activity.is_plain(rule)]
    bounded = [rule for rule in lone if is_bounded(rule)]
    tables = [_wide(frame, plain, bounded)]
    rest = [rule for rule in rules if rule not in plain and rule not in bounded]
    for rule in rest:
        rows = activity.with_people(frame, frame.acts) if activity.needs_person(rule) else frame.acts
        whole = activity.is_plain(rule) or rule.source == "tiers"
        if whole:
            tables.append(activity.wide(frame, rows, [rule], detail=False, behaviour=False))
        else:
            tables.append(activity.counted(frame, rows, rule))
    return tables


def is_bounded(rule: Rule) -> bool:
    """Whether a count in one window settles it: every match there weighs the same, whichever they are."""
    limits = [limit for limit in (rule.at_least, rule.exactly, rule.at_most) if limit]
    if len(limits) != 1 or limits[0].days is None or rule.source != "activity" or rule.steps:
        return False
    if rule.first or rule.again or rule.unless or rule.unless_after or rule.distinct != "activity":
        return False
    return rule.per in {"activity", "contact"} and len(set(_points(rule, limits[0].days))) == 1


def _points(rule: Rule, days: int) -> list[int]:
    table = by_age(rule.points, rule.decay)
    return [table[min(age, len(table) - 1)] for age in range(days)]


def _wide(frame: Frame, plain: Sequence[Rule], bounded: Sequence[Rule]) -> ir.Table:
    ages = AgeTable()
    for rule in plain:
        activity.register(rule, ages)
    windows = {rule.id: counting.window(rule) or 0 for rule in bounded}
    days = [2 * frame.model.trend_days, *windows.values()]
    days += [frame.model.low_interest.at_least.days or 0] if frame.model.low_interest else []

    def weigh(aged: ir.Table) -> dict[str, ir.Value]:
        found: dict[str, ir.Value] = {}
        for rule in plain:
            worth = activity.points_milli(aged, rule, ages)
            found[f"m_{rule.id}"] = ibis.ifelse(activity.match(frame, aged, rule), worth, 0)
        for rule in bounded:
            found[f"m_{rule.id}"] = one(activity.match(frame, aged, rule) & (aged.age < windows[rule.id]))
        found |= {name: one(flag) for name, flag in activity.behaviour_flags(frame, aged).items()}
        return {name: column.cast("float64") for name, column in found.items()}

    rows = coded.weighted(frame, [*plain, *bounded], max(ages.last, *days), weigh, ages)
    names = [name for name in rows.columns if name not in {*frame.keys, "act_age", "cell", "own"}]
    grouped = rows.group_by(*frame.keys).agg(
        idle_days=rows.act_age.min(where=rows.own), **{name: rows[name].sum().cast("int64") for name in names}
    )
    return grouped.mutate(
        **{f"m_{rule.id}": _bounded(grouped[f"m_{rule.id}"], rule, windows) for rule in bounded}
    )


def _bounded(count: ir.Value, rule: Rule, windows: dict[str, int]) -> ir.Value:
    worth = _points(rule, windows[rule.id])[0]
    earning: ir.Value = ibis.least(count, 1) if rule.per == "contact" else count
    if rule.at_most:
        return ibis.least(earning, rule.at_most.count) * worth
    wanted = rule.exactly or rule.at_least
    number = wanted.count if wanted else 0
    holds = count == number if rule.exactly else count >= number
    return ibis.ifelse(holds, earning * worth, 0)
