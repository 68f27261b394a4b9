"""The fast path: activities that carry an integer code meet a table of ready weights in one group-by.

A code stands for one combination of everything an activity rule reads except time and value. The
weights say, for each code, step of ``value`` and age, what every rule gives: no text is compared.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from sqlglot import exp

from scoring.conditions import Condition
from scoring.decay import AgeTable
from scoring.frame import NOT_OWN, Frame
from scoring.spec import Rule
from scoring.truth import one

#: What a code stands for.
COLUMNS = ("type", "product", "category", "asset", "unit", "currency", "campaign", "origin")
CODES = "activity_codes"
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In)


def prepared(activities: ir.Table) -> tuple[ir.Table, ir.Table]:
    """(activities with ``code``, the codes): what a store keeps so that scoring is fast; lazy, one pass each.

    codes: code, ``COLUMNS``, oldest (the first ``occurred_at``), valued (whether any has a ``value``).
    """
    grouped = activities.group_by(*COLUMNS).agg(
        oldest=activities.occurred_at.min(), valued=activities.value.max().notnull()
    )
    order = ibis.window(order_by=[grouped[name] for name in COLUMNS])
    codes = grouped.mutate(code=ibis.row_number().over(order).cast("int32"))
    named = codes.select("code", **{f"code_{name}": codes[name] for name in COLUMNS})
    same = [activities[name].identical_to(named[f"code_{name}"]) for name in COLUMNS]
    joined = activities.join(named, same)
    return joined.select(*activities.columns, "code"), codes


def usable(frame: Frame) -> bool:
    """Whether the tables carry codes."""
    return CODES in frame.inputs and "code" in frame.acts.columns


def fits(rule: Rule) -> bool:
    """Whether a code, a step of ``value`` and an age say all that the rule reads."""
    if rule.when is None:
        return True
    return {*COLUMNS, "value"}.issuperset(rule.when.columns) and _cuts(rule.when) is not None


def _cuts(condition: Condition) -> set[float] | None:
    """The numbers that ``value`` is compared with; None where more is done with it."""
    found: set[float] = set()
    for column in condition.tree.find_all(exp.Column):
        if column.name != "value":
            continue
        parent = column.parent
        if isinstance(parent, exp.Is):
            continue
        if not isinstance(parent, _COMPARISONS):
            return None
        others = [node for node in parent.iter_expressions() if not isinstance(node, exp.Column)]
        numbers = [_number(node) for node in others]
        if not numbers or any(number is None for number in numbers):
            return None
        found |= {number for number in numbers if number is not None}
    return found


def _number(node: exp.Expression) -> float | None:
    inner, sign = (node.this, -1.0) if isinstance(node, exp.Neg) else (node, 1.0)
    if not isinstance(inner, exp.Literal) or inner.is_string:
        return None
    return sign * float(inner.name)


def weighted(
    frame: Frame,
    rules: Sequence[Rule],
    last: int,
    weigh: Callable[[ir.Table], Mapping[str, ir.Value]],
    ages: AgeTable,
) -> ir.Table:
    """Activities (keys, ``age``) beside what ``weigh`` makes of their code, step of value and age.

    ages: what ``weigh`` looks up by age, already joined to its rows. last: the age from which nothing
    changes. weigh: columns over rows with ``COLUMNS``, ``value``, ``age``,
    ``machine`` and ``own``; they must depend on nothing else.
    """
    cuts = sorted({step.start for rule in rules for step in rule.steps} | _all_cuts(rules))
    width = 2 * len(cuts) + 2
    valued = bool(cuts) or any(rule.when and "value" in rule.when.columns for rule in rules)
    weights = _weights(frame, cuts, width, last, weigh, ages)
    acts = frame.acts
    place = (
        ibis.ifelse(acts.value.isnull(), ibis.literal(0, "int64"), _step(acts.value, cuts)) if valued else 0
    )
    row = (acts.code.cast("int64") * width + place) * (last + 1)
    keyed = acts.select(
        *frame.keys, act_age=acts.age, cell=row + ibis.least(acts.age, ibis.literal(last, "int64"))
    )
    return keyed.join(weights, "cell")


def _all_cuts(rules: Sequence[Rule]) -> set[float]:
    empty: set[float] = set()
    return empty.union(*((_cuts(rule.when) or empty) for rule in rules if rule.when is not None))


def _step(value: ir.Value, cuts: Sequence[float]) -> ir.Value:
    """1 below all cuts, then one number for each cut and each gap between cuts."""
    passed = [one(value >= cut) + one(value > cut) for cut in cuts]
    return reduce(lambda left, right: left + right, passed, ibis.literal(1, "int64"))


def _samples(cuts: Sequence[float]) -> list[float | None]:
    """One value out of each step, in the order of ``_step``; null first."""
    found: list[float | None] = [None]
    if not cuts:
        return [*found, 0.0]
    found.append(cuts[0] - 1)
    for cut, after in zip(cuts, [*cuts[1:], cuts[-1] + 2], strict=True):
        found += [cut, (cut + after) / 2]
    return found


def _weights(
    frame: Frame,
    cuts: Sequence[float],
    width: int,
    last: int,
    weigh: Callable[[ir.Table], Mapping[str, ir.Value]],
    ages: AgeTable,
) -> ir.Table:
    codes = frame.inputs[CODES]
    codes = codes.mutate(oldest_age=frame.moment.age(codes.oldest))
    samples = _samples(cuts)
    steps = pa.table(
        {"place": pa.array(range(len(samples)), pa.int64()), "value": pa.array(samples, pa.float64())}
    )
    days = pa.table({"age": pa.array(range(last + 1), pa.int64())})
    cells = codes.cross_join(ibis.memtable(steps)).cross_join(ibis.memtable(days))
    cells = cells.filter((cells.age <= cells.oldest_age) & (cells.valued | (cells.place == 0)))
    machine = cells.origin.fill_null("") == "machine"
    cells = cells.mutate(
        machine=machine,
        own=~machine & cells.type.notin(NOT_OWN),
        cell=(cells.code.cast("int64") * width + cells.place) * (last + 1) + cells.age,
    )
    joined = ages.joined(cells)
    return joined.select("cell", "own", **weigh(joined))
