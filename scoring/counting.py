"""Rules that count: limits, windows, distinct items. The steps are those of docs/models.md."""

import ibis
import ibis.expr.types as ir

from scoring.frame import Frame
from scoring.spec import Rule
from scoring.truth import YES, one

#: Half an hour of silence ends a visit.
VISIT_S = 1_800


def kept(frame: Frame, rows: ir.Table, rule: Rule) -> ir.Table:
    """The activities that earn (steps 1 to 9), with ``left``: how many there were after step 8."""
    rows = _undone(frame, rows, rule)
    if rule.again is not None:
        rows = _again(frame, rows, rule.again)
    if rule.first:
        rows = _ranked(frame, rows, (), oldest=True, keep=1)
    days = window(rule)
    if days is not None:
        rows = rows.filter(rows.age < days)
    rows = _items(frame, rows, rule)
    rows = _limits(frame, rows, rule)
    if rule.unless:
        rows = rows.anti_join(_own(frame, rule.unless, days), list(frame.keys))
    rows = rows.mutate(left=rows.count().over(group_by=list(frame.keys)))
    return _earning(frame, rows, rule)


def _again(frame: Frame, rows: ir.Table, days: int) -> ir.Table:
    """Those that follow another of the same person by less than ``days`` calendar days."""
    ordered = ibis.window(group_by=list(frame.keys), order_by=[rows.occurred_at, rows.activity_id])
    marked = rows.mutate(since_last=rows.age.lag().over(ordered) - rows.age)
    return marked.filter(marked.since_last < days).drop("since_last")


def window(rule: Rule) -> int | None:
    """The narrowest of the rule's windows in days, or None."""
    limits = (rule.at_least, rule.exactly, rule.at_most)
    return min((limit.days for limit in limits if limit and limit.days is not None), default=None)


def _own(frame: Frame, types: tuple[str, ...], days: int | None) -> ir.Table:
    acts = frame.acts.filter(frame.acts.own, frame.acts.type.isin(types))
    inside = acts if days is None else acts.filter(acts.age < days)
    return inside.select(*frame.keys).distinct()


def _undone(frame: Frame, rows: ir.Table, rule: Rule) -> ir.Table:
    return undone(frame, rows, rule.unless_after) if rule.unless_after else rows


def undone(frame: Frame, rows: ir.Table, types: tuple[str, ...]) -> ir.Table:
    """``rows`` without those that an own activity of ``types`` followed."""
    acts = frame.acts.filter(frame.acts.own, frame.acts.type.isin(types))
    last = acts.group_by(*frame.keys).agg(last_undone=acts.occurred_at.max())
    joined = rows.left_join(last, list(frame.keys), rname="{name}_right")
    open_ = joined.filter(joined.last_undone.isnull() | (joined.last_undone < joined.occurred_at))
    return open_.select(*rows.columns)


def _items(frame: Frame, rows: ir.Table, rule: Rule) -> ir.Table:
    groups = {rule.distinct, rule.per, *(limit.per for limit in (rule.at_least, rule.at_most) if limit)}
    if "day" in groups:
        rows = rows.mutate(day=frame.moment.today - rows.age)
    if "visit" in groups:
        rows = _visits(frame, rows)
    if rule.distinct == "activity":
        return rows
    return _ranked(frame, rows.filter(rows[rule.distinct].notnull()), (rule.distinct,), oldest=False, keep=1)


def _visits(frame: Frame, rows: ir.Table) -> ir.Table:
    ordered = ibis.window(group_by=list(frame.keys), order_by=[rows.occurred_at, rows.activity_id])
    second = rows.occurred_at.epoch_seconds().cast("int64")
    before = second.lag().over(ordered)
    marked = rows.mutate(starts=one(((second - before) > VISIT_S).fill_null(YES)))
    running = ibis.window(
        group_by=list(frame.keys),
        order_by=[marked.occurred_at, marked.activity_id],
        preceding=None,
        following=0,
    )
    return marked.mutate(visit=marked.starts.sum().over(running).cast("int64")).drop("starts")


def _limits(frame: Frame, rows: ir.Table, rule: Rule) -> ir.Table:
    keys = list(frame.keys)
    if rule.at_least and rule.at_least.per:
        group = rule.at_least.per
        counted = rows.filter(rows[group].notnull())
        counted = counted.mutate(in_group=counted.count().over(group_by=[*keys, group]))
        rows = counted.filter(counted.in_group >= rule.at_least.count).drop("in_group")
    if rule.at_most and rule.at_most.per:
        group = rule.at_most.per
        rows = _ranked(
            frame, rows.filter(rows[group].notnull()), (group,), oldest=True, keep=rule.at_most.count
        )
    if (limit := rule.exactly or rule.at_least) and limit.days is not None:
        counted = rows.mutate(in_all=rows.count().over(group_by=keys))
        holds = counted.in_all == limit.count if rule.exactly else counted.in_all >= limit.count
        rows = counted.filter(holds).drop("in_all")
    if rule.at_most and rule.at_most.days is not None:
        rows = _ranked(frame, rows, (), oldest=False, keep=rule.at_most.count)
    return rows


def _earning(frame: Frame, rows: ir.Table, rule: Rule) -> ir.Table:
    if rule.per == "activity":
        return rows
    if rule.per == "contact":
        return _ranked(frame, rows, (), oldest=False, keep=1)
    return _ranked(frame, rows.filter(rows[rule.per].notnull()), (rule.per,), oldest=False, keep=1)


def _ranked(frame: Frame, rows: ir.Table, groups: tuple[str, ...], *, oldest: bool, keep: int) -> ir.Table:
    time = rows.occurred_at.asc() if oldest else rows.occurred_at.desc()
    order = ibis.window(group_by=[*frame.keys, *groups], order_by=[time, rows.activity_id.asc()])
    ranked = rows.mutate(__rank=ibis.row_number().over(order))
    return ranked.filter(ranked["__rank"] < keep).drop("__rank")
