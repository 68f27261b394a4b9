"""One row a person: everything a model says about them that is not text."""

import ibis
import ibis.expr.types as ir

from scoring import activity, fit, satisfaction, shelf, stages, totals
from scoring.frame import Frame, side_by_side
from scoring.spec import Model


def state(found: Frame, *, detail: bool) -> ir.Table:
    """One row a person: attributes, rule sums, behaviour, score, fit, rating, stage, escalation,
    satisfaction.
    """
    model, keys = found.model, list(found.keys)
    parts = [found.hold(part) for part in (*activity.sums(found, detail=detail), *shelf.columns(found))]
    sums = side_by_side(found.people, parts, keys)
    sums = sums.mutate(**totals.behaviour(found, sums))
    sums = found.hold(sums.mutate(**_filled(model, sums, detail=detail)))
    kept = [
        name for name in sums.columns if not name.startswith(("m_", "low_r", "low_u")) and name not in _COUNTS
    ]
    score = found.hold(totals.scored(found, sums, kept))
    fitting = found.hold(fit.fitted(found, score, score.columns))
    extra, answers = stages.beside(found), satisfaction.newest(found)
    table = side_by_side(fitting, extra if answers is None else [*extra, answers], keys)
    table = stages.with_rating(model, table.mutate(**satisfaction.columns(found, table), **_current(table)))
    return stages.with_stage(found, found.hold(table))


_COUNTS = ("recent", "before")


def _current(table: ir.Table) -> dict[str, ir.Value]:
    """The stage someone is in, also for those without history."""
    if "current" not in table.columns:
        nothing = {"entered_before": ibis.null("timestamp"), "days_in_stage": ibis.null("int64")}
        return nothing | {"current": ibis.literal(0, "int64")}
    return {"current": table.current.fill_null(0)}


def _filled(model: Model, table: ir.Table, *, detail: bool) -> dict[str, ir.Value]:
    found = {f"journey_{name}": table[f"journey_{name}"].fill_null(0) for name in model.journey}
    found |= {
        f"flag_{flag.id}": table[f"flag_{flag.id}"].fill_null(flag.holds_of_nobody) for flag in model.flags
    }
    return found | _counts(model, table) if detail else found


def _counts(model: Model, table: ir.Table) -> dict[str, ir.Value]:
    """As far as the table has them."""
    counted = [rule for rule in model.rules if rule.source in {"activity", "tiers"}]
    names = [f"n_{rule.id}" for rule in counted if f"n_{rule.id}" in table.columns]
    once = {f"n_{rule.id}": ibis.literal(1, "int64") for rule in model.rules if rule not in counted}
    return once | {name: table[name].fill_null(0) for name in names}


def with_counts(model: Model, numbers: ir.Table, counts: ir.Table) -> ir.Table:
    """``numbers`` with each rule's count and newest instant, as ``state`` has them in detail."""
    table = side_by_side(numbers, [counts], ["contact_id"])
    return table.mutate(**_counts(model, table))
