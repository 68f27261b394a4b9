"""Activities as a model sees them: alike in everything it reads, they are one *cell*.

There are few cells: some types, products and answers to the model's conditions, on some days. A cell scores
as a person would who did that one thing, so nothing here says again what a rule means; and where each
activity counts for itself, a person is the sum of their cells.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce

import ibis
import ibis.expr.types as ir

from core.clock import DAY
from scoring import activity, interest
from scoring.conditions import Condition
from scoring.frame import Frame, activity_columns
from scoring.spec import Account, Model
from scoring.totals import shown
from scoring.truth import NO, one

#: Answers that one whole number holds.
_PACKED = 60
_OF_ONE = ("contact_id", "activity_id", "occurred_at")


def view_of(model: Model) -> Model:
    """What of a model concerns activities alone."""
    return replace(
        model, where=None, exclude=(), fit=None, rating=None, stages=(), escalate=None, satisfaction=None,
        account=Account(),
    )  # fmt: skip


@dataclass(frozen=True)
class Alike:
    """rows: one an existing activity: contact_id, activity_id, occurred_at, ``keys`` (never null), ``seen``.

    Where ``keys`` are equal, the model makes no difference; ``seen`` are the columns it reads.
    """

    rows: ir.Table
    keys: tuple[str, ...]
    seen: tuple[str, ...]

    @property
    def cells(self) -> ir.Table:
        """One row a cell: ``keys``, and ``seen`` and occurred_at of any one activity in it."""
        seen = (*self.seen, "occurred_at")
        one_of = ibis.struct({name: self.rows[name] for name in seen}).arbitrary()
        found = self.rows.group_by(*self.keys).agg(one_of=one_of)
        return found.select(*self.keys, *(found.one_of[name].name(name) for name in seen))


def alike(frame: Frame) -> Alike:
    """The model's activities with what it tells them apart by."""
    acts, model = frame.acts, frame.model
    exact = _exact(model)
    answers = [condition for condition in _conditions(model) if not _asks_more(condition)]
    tests = [frame.spread(condition, acts).fill_null(NO) for condition in dict.fromkeys(answers)]
    starts = sorted({step.start for rule in model.rules for step in rule.steps})
    tests += [(acts.value >= start).fill_null(NO) for start in starts]
    assets = model.interest.assets if model.interest else ()
    tests += [acts.asset.like(asset.match).fill_null(NO) for asset in assets]
    tests += [acts[name].isnull() for name in exact]
    keys: dict[str, ir.Value] = {
        DAY: frame.moment.today - acts.age, "key_type": acts.type, "key_machine": acts.machine,
    }  # fmt: skip
    for number, start in enumerate(range(0, len(tests), _PACKED)):
        packed = [one(test) * (1 << bit) for bit, test in enumerate(tests[start : start + _PACKED])]
        keys[f"key_answers{number}"] = reduce(lambda left, right: left + right, packed)
    for name in exact:
        keys[f"key_{name}"] = acts[name].cast("string").fill_null("")
    read = [name for name in activity_columns(model) if name not in _OF_ONE or name in exact]
    seen = {name: acts[name] for name in read}
    seen.setdefault("origin", ibis.ifelse(acts.machine, "machine", ibis.null("string")))
    rows = acts.select(*(name for name in _OF_ONE if name not in seen), **keys, **seen)
    return Alike(rows, tuple(keys), tuple(seen))


def _conditions(model: Model) -> Iterator[Condition]:
    found = [*(rule.when for rule in model.rules), *(flag.when for flag in model.flags)]
    yield from (condition for condition in found if condition is not None)


def _asks_more(condition: Condition) -> bool:
    """Whether its answer depends on the person, or on the day it is asked."""
    return not activity.OWN_NAMES.issuperset(condition.columns) or condition.counts_days


def _exact(model: Model) -> list[str]:
    """Columns whose values themselves matter."""
    found: set[str | None] = {name for one_of in _conditions(model) for name in _undecided(one_of)}
    for rule in model.rules:
        found |= {rule.distinct, rule.per, *(limit.per for limit in (rule.at_least, rule.at_most) if limit)}
    found |= {flag.per for flag in model.flags}
    found |= {"product", "category"} if model.interest else set()
    return sorted(name for name in found if name and name in activity.OWN_NAMES and name != "type")


def _undecided(condition: Condition) -> set[str]:
    """Columns it reads in a way that no answer of today stands for; each activity keeps its own time."""
    if "activity_id" in condition.columns:
        return {"activity_id"}
    return set(condition.columns) - {"occurred_at"} if _asks_more(condition) else set()


def summed(frame: Frame) -> ir.Table:
    """Cell by cell (as contact_id) what ``activity.sums`` says, in detail, of the rules that add up.

    frame: of ``view_of`` the model, its activities being the cells.
    """
    found = activity.wide(frame, frame.acts, activity.adding(frame.model), detail=True, behaviour=True)
    found = found.select(*(name for name in found.columns if not name.startswith("t_")))
    # floats add quickly, and exactly while whole and below 2^53
    return found.mutate(**{name: found[name].cast("float64") for name in found.columns if _adds(name)})


def _adds(name: str) -> bool:
    return name not in ("contact_id", "idle_days")


def of_people(marks: ir.Table, cells: ir.Table) -> ir.Table:
    """As ``activity.sums``. marks: contact_id, cell, occurred_at; cells: of ``summed``."""
    beside = _beside(marks, cells)
    found = {
        name: beside[name].sum().cast("int64")
        for name in cells.columns
        if _adds(name) and not name.startswith("n_")
    }
    return beside.group_by("contact_id").agg(**found, idle_days=beside.idle_days.min())


def counts_of_people(marks: ir.Table, cells: ir.Table) -> ir.Table:
    """contact_id, and ``n_`` and ``t_`` of the rules that add up: no day changes them."""
    beside = _beside(marks, cells)
    counted = [name for name in cells.columns if name.startswith("n_")]
    return beside.group_by("contact_id").agg(
        **{name: beside[name].sum().cast("int64") for name in counted},
        **{f"t_{name[2:]}": beside.occurred_at.max(where=beside[name] > 0) for name in counted},
    )


def _beside(marks: ir.Table, cells: ir.Table) -> ir.Table:
    return marks.join(cells.rename(cell_="contact_id"), [("cell", "cell_")])


def interest_of_people(marks: ir.Table, cells: ir.Table) -> ir.Table:
    """As ``interest.interest``, of everybody. cells: its result by cell."""
    beside = _beside(marks, cells.drop("points"))
    found = beside.group_by("contact_id", "kind", "item").agg(milli=beside.milli.sum().cast("int64"))
    return found.mutate(points=shown(found.milli))


def adds_up(model: Model) -> bool:
    """Whether interest, too, is the sum of cells."""
    return model.interest is not None and not any(map(activity.asks_more, interest.earning(model)))
