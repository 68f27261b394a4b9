"""From rule sums to the score: caps, total, ageing, each with a line of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import add

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from scoring.decay import OLDEST, milli
from scoring.frame import Frame
from scoring.halves import joined
from scoring.spec import Ageing, Clamp, Model, Rule
from scoring.truth import NO

#: A share of any total that rounds to no milli-point.
_NOTHING = 1e-9


@dataclass(frozen=True)
class Line:
    """One line of an explanation: its id, its milli-point column, and the rule behind it."""

    id: str
    column: str
    rule: Rule | None = None


def lines(model: Model) -> list[Line]:
    """Every line the model's scores can have, in the order of their ids."""
    found = [Line(rule.id, f"rule_{rule.id}", rule) for rule in model.rules]
    found += [Line(f"cap:{rule.id}", f"cap_rule_{rule.id}") for rule in model.rules if _clamped(rule)]
    found += [Line(f"cap:{group}", f"cap_group_{group}") for group in model.activity.caps]
    if model.activity.total != Clamp():
        found.append(Line("total", "cap_total"))
    found += [Line(f"ageing:{index}", f"ageing_{index}") for index, _ in enumerate(model.activity.ageing, 1)]
    return sorted(found, key=lambda line: line.id)


def _clamped(rule: Rule) -> bool:
    return rule.cap is not None or rule.floor is not None


def shown(amount: ir.Value) -> ir.Value:
    """Milli-points as the whole number people see: halves up."""
    return ((amount + 500) / 1000.0).floor().cast("int64")


def behaviour(frame: Frame, table: ir.Table) -> dict[str, ir.Value]:
    """trend, temperature and low_interest from a table with the behaviour counts (null: no activity)."""
    model, idle = frame.model, table.idle_days
    recent, before = table.recent.fill_null(0), table.before.fill_null(0)
    trend = ibis.cases(
        ((recent == 0) & (before == 0), ibis.null("string")),
        (4 * recent > 5 * before, "rising"),
        (4 * recent < 3 * before, "falling"),
        else_="steady",
    )
    warmth = ibis.cases((idle < model.hot_days, "hot"), (idle < model.warm_days, "warm"), else_="cold")
    deaf = ibis.null("boolean")
    if (low := model.low_interest) is not None:
        deaf = (table.low_received.fill_null(0) >= low.at_least.count) & (table.low_undone.fill_null(0) == 0)
    return {"trend": trend, "temperature": warmth, "low_interest": deaf}


def scored(frame: Frame, table: ir.Table, carried: Sequence[str]) -> ir.Table:
    """``carried`` columns, a milli column per line, ``score_milli`` and ``score``.

    table: one row a person with the rules' ``m_`` columns (null is 0) and the behaviour columns.
    """
    model = frame.model
    own = {rule.id: _own_sum(table, rule) for rule in model.rules}
    caps = {rule.id: _rule_cap(own[rule.id], rule) for rule in model.rules if _clamped(rule)}
    table = table.select(
        *carried,
        **{f"rule_{name}": amount for name, amount in own.items()},
        **{f"cap_rule_{name}": amount for name, amount in caps.items()},
    )
    groups = {group: _add(table, _rule_columns(_members(model, group))) for group in model.activity.caps}
    table = table.mutate(**{f"sum_{group}": amount for group, amount in groups.items()})
    held = {
        f"cap_group_{group}": _held(table[f"sum_{group}"], clamp)
        for group, clamp in model.activity.caps.items()
    }
    running = joined(add, [_add(table, _rule_columns(model.rules)), *held.values()])
    table = table.mutate(**held, running=running).drop(*(f"sum_{group}" for group in groups))
    return _aged_total(table, model)


def _aged_total(table: ir.Table, model: Model) -> ir.Table:
    if model.activity.total != Clamp():
        table = table.mutate(cap_total=_held(table.running, model.activity.total))
        table = table.mutate(running=table.running + table.cap_total)
    if model.activity.ageing:
        table = table.mutate(unaged=table.running)
        for index, step in enumerate(model.activity.ageing, 1):
            table = _aged(table, index, step)
        table = table.drop("unaged")
    return table.mutate(score=shown(table.running)).rename(score_milli="running")


def _members(model: Model, group: str) -> list[Rule]:
    return [rule for rule in model.rules if rule.group == group]


def _own_sum(table: ir.Table, rule: Rule) -> ir.Value:
    points = ibis.literal(milli(rule.points), "int64")
    zero = ibis.literal(0, "int64")
    if rule.source == "idle":
        return ibis.ifelse((table.idle_days >= rule.idle).fill_null(NO), points, zero)
    if rule.source == "trend":
        return ibis.ifelse((table.trend == rule.trend).fill_null(NO), points, zero)
    if rule.source == "low_interest":
        return ibis.ifelse(table.low_interest.fill_null(NO), points, zero)
    return table[f"m_{rule.id}"].fill_null(0).cast("int64")


def _rule_cap(raw: ir.Value, rule: Rule) -> ir.Value:
    capped = raw if rule.cap is None else _clamp(raw, Clamp(-rule.cap, rule.cap))
    return _clamp(capped, Clamp(rule.floor, None)) - raw


def _clamp(amount: ir.Value, bounds: Clamp) -> ir.Value:
    if bounds.least is not None:
        amount = ibis.greatest(amount, ibis.literal(milli(bounds.least), "int64"))
    if bounds.most is not None:
        amount = ibis.least(amount, ibis.literal(milli(bounds.most), "int64"))
    return amount


def _held(amount: ir.Value, bounds: Clamp) -> ir.Value:
    return _clamp(amount, bounds) - amount


def _rule_columns(rules: Sequence[Rule]) -> list[str]:
    return [f"rule_{rule.id}" for rule in rules] + [f"cap_rule_{rule.id}" for rule in rules if _clamped(rule)]


def _add(table: ir.Table, columns: Sequence[str]) -> ir.Value:
    zero: ir.Value = ibis.literal(0, "int64")
    return joined(add, [table[name] for name in columns]) if columns else zero


def _aged(table: ir.Table, index: int, step: Ageing) -> ir.Table:
    if step.every is not None:
        table = _with_share(table, step, step.every)
    running, start = table.running, table.unaged
    applies = (table.idle_days >= step.idle).fill_null(NO)
    if step.over is not None:
        applies &= start > milli(step.over)
    if step.start is not None:
        applies &= start >= milli(step.start)
    if step.end is not None:
        applies &= start <= milli(step.end)
    after = ibis.ifelse(applies, _stepped(table, step), running)
    name = f"ageing_{index}"
    marked = table.mutate(**{name: after - running})
    aged = marked.mutate(running=marked.running + marked[name])
    return aged if step.every is None else aged.drop("share")


def _stepped(table: ir.Table, step: Ageing) -> ir.Value:
    running = table.running
    if step.at_most is not None:
        return ibis.least(running, ibis.literal(milli(step.at_most), "int64"))
    if step.points is not None:
        return running + ibis.literal(milli(step.points), "int64")
    share = ibis.literal(_rate(step), "float64") if step.every is None else table.share
    left = (running.cast("float64") * share + 0.5).floor().cast("int64")
    return ibis.ifelse(running > 0, left, running)


def _rate(step: Ageing) -> float:
    return 1 - (step.lose or 0) / 100


def _with_share(table: ir.Table, step: Ageing, every: int) -> ir.Table:
    """Adds ``share``: what is left of the total after this many whole periods of silence, looked up as
    ages are.
    """
    shares = [_rate(step)]
    while shares[-1] > _NOTHING and len(shares) <= (OLDEST - step.idle) // every:
        shares.append(_rate(step) ** (len(shares) + 1))
    periods = ((table.idle_days - step.idle) / float(every)).floor().cast("int64")
    last = ibis.literal(len(shares) - 1, "int64")
    keyed = table.mutate(period=ibis.greatest(ibis.least(periods, last), ibis.literal(0, "int64")))
    known = pa.table(
        {"period_row": pa.array(range(len(shares)), pa.int64()), "share": pa.array(shares, pa.float64())}
    )
    return keyed.left_join(ibis.memtable(known), [("period", "period_row")]).drop("period", "period_row")
