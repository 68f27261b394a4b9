"""Flags: true/false columns from activities that lists can use (carts, first and repeated purchases)."""

import ibis
import ibis.expr.types as ir

from scoring import activity, counting
from scoring.frame import Frame
from scoring.spec import Shelf
from scoring.truth import NO, YES, how_many


def columns(frame: Frame) -> list[ir.Table]:
    """For each flag a table of contact_id and ``flag_<id>``; people without a row have no matching
    activity.
    """
    return [_flag(frame, flag) for flag in frame.model.flags]


def _flag(frame: Frame, flag: Shelf) -> ir.Table:
    rows = frame.acts
    if flag.when is not None and not activity.OWN_NAMES.issuperset(flag.when.columns):
        rows = activity.with_people(frame, rows)
    rows = rows.filter(rows.own, rows.type.isin(flag.events))
    if flag.when is not None:
        rows = rows.filter(frame.spread(flag.when, rows).fill_null(NO))
    if flag.unless_after:
        rows = counting.undone(frame, rows, flag.unless_after)
    inside = rows.age < flag.at_least.days if flag.at_least and flag.at_least.days else rows.age.notnull()
    found = rows.group_by(*frame.keys).agg(
        newest=rows.occurred_at.max(), matches=rows.count(), inside=how_many(inside)
    )
    if flag.per is not None:
        found = _most_of_one(frame, rows.filter(inside, rows[flag.per].notnull()), flag.per, found)
    return found.select(*frame.keys, **{f"flag_{flag.id}": _holds(frame, flag, found)})


def _most_of_one(frame: Frame, rows: ir.Table, item: str, found: ir.Table) -> ir.Table:
    by_item = rows.group_by(*frame.keys, item).agg(times=rows.count())
    most = by_item.group_by(*frame.keys).agg(most=by_item.times.max())
    joined = found.left_join(most, list(frame.keys), rname="{name}_right")
    return joined.mutate(inside=joined.most.fill_null(0)).select(*found.columns)


def _holds(frame: Frame, flag: Shelf, found: ir.Table) -> ir.Value:
    holds: ir.Value = ibis.literal(YES)
    if flag.since is not None:
        holds &= found.newest <= frame.moment.ago(flag.since)
    if flag.until is not None:
        holds &= found.newest > frame.moment.ago(flag.until)
    if flag.at_least is not None:
        holds &= found.inside >= flag.at_least.count
    if flag.exactly is not None:
        holds &= found.matches == flag.exactly
    return holds
