"""Points by age: one small table of whole milli-points that every engine looks up alike."""

import math
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from scoring.spec import Decay

#: Ages beyond a hundred years count as a hundred years.
OLDEST = 36_525


def factor(decay: Decay, age: int) -> float:
    """What is left of a point after ``age`` whole days. Source: docs/models.md, the table of ``decay``."""
    a = max(0, min(age, OLDEST) - decay.after)
    if decay.form == "half_life":
        return float(2.0 ** (-a / decay.days))
    if decay.form == "linear":
        return max(0.0, 1 - a / decay.days)
    if decay.form == "lose":
        lost = decay.percent / 100
        steps = a // int(decay.days)
        return float((1 - lost) ** steps) if decay.compound else max(0.0, 1 - lost * steps)
    if decay.form == "window":
        return 1.0 if a < decay.days else 0.0
    return 1.0


def milli(points: float, left: float = 1.0) -> int:
    """Thousandths of ``points * left``, halves away from zero."""
    exact = points * 1000 * left
    return int(math.copysign(math.floor(abs(exact) + 0.5), exact))


def by_age(points: float, decay: Decay) -> list[int]:
    """Milli-points by age, from 0 to the age from which they never change again."""
    if decay.form == "none" or points == 0:
        return [milli(points)]
    found: list[int] = []
    for age in range(OLDEST + 1):
        found.append(milli(points, factor(decay, age)))
        if found[-1] == 0:
            break
    while len(found) > 1 and found[-2] == found[-1]:
        found.pop()
    return found


@dataclass
class AgeTable:
    """Collects the (points, decay) pairs a model needs and gives them as columns of one table by age."""

    _columns: dict[tuple[float, Decay], str] = field(default_factory=dict)
    _values: dict[str, list[int]] = field(default_factory=dict)

    def weight(self, points: float, decay: Decay) -> str | int:
        """The column that holds these milli-points by age, or the number where age does not matter."""
        values = by_age(points, decay)
        if len(values) == 1:
            return values[0]
        column = self._columns.setdefault((points, decay), f"w{len(self._columns)}")
        self._values[column] = values
        return column

    @property
    def last(self) -> int:
        """The age from which no column changes."""
        return max((len(values) for values in self._values.values()), default=1) - 1

    def table(self) -> ir.Table:
        """Columns ``age_row`` (0 … last) and one for each pair; whole milli-points."""
        rows = self.last + 1
        padded = {name: values + [values[-1]] * (rows - len(values)) for name, values in self._values.items()}
        arrow = pa.table({"age_row": pa.array(range(rows), pa.int64())} | {
            name: pa.array(values, pa.int64()) for name, values in padded.items()
        })  # fmt: skip
        return ibis.memtable(arrow)

    def joined(self, rows: ir.Table) -> ir.Table:
        """``rows`` with the weight columns; ``rows.age`` is whole days, 0 or more."""
        if not self._values:
            return rows
        keyed = rows.mutate(age_row=ibis.least(rows.age, ibis.literal(self.last, "int64")))
        return keyed.join(self.table(), "age_row").drop("age_row")


def as_weight(table: ir.Table, weight: str | int) -> ir.Value:
    """The weight as a column of a table that ``AgeTable.joined`` made, or as a literal."""
    return table[weight] if isinstance(weight, str) else ibis.literal(weight, "int64")
