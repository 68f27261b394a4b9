"""Conditions: a SQL boolean subset, parsed by SQLGlot against an allow-list, built into Ibis expressions.

Null behaviour of every operator stands in docs/models.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from core.errors import ModelError
from core.yamlfile import nearest
from scoring import operators
from scoring.calendar import Moment

Resolve = Callable[[str], ir.Value]
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a condition stands, for its errors."""

    path: Path | str | None = None
    line: int | None = None
    key: str | None = None

    def error(self, message: str, remedy: str = "") -> ModelError:
        return ModelError(message, path=self.path, line=self.line, key=self.key, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Condition:
    """One parsed condition. Equal when its text is."""

    text: str
    columns: tuple[str, ...]
    place: Place = field(compare=False, repr=False)
    tree: exp.Expression = field(compare=False, repr=False)

    @property
    def counts_days(self) -> bool:
        """Whether it reads a column by ``days_since``."""
        return self.tree.find(exp.Anonymous) is not None

    def bind(
        self, resolve: Resolve, moment: Moment | None = None, ages: Mapping[str, ir.Value] | None = None
    ) -> ir.BooleanValue:
        """The expression with each column as ``resolve`` gives it; ``moment`` is what ``days_since`` counts
        to, ``ages`` what it gives of columns for which that is known.

        Raises ModelError where an operator does not fit its operands.
        """
        try:
            return operators.truth(self.tree, operators.Scope(resolve, moment, ages or {}))
        except operators.Unfit as error:
            raise self.place.error(_unfit(self.text, error)) from error

    def apply(self, table: ir.Table, moment: Moment | None = None) -> ir.BooleanValue:
        """The expression over a table's own columns. Raises ModelError for a column it does not have."""
        self.check(table.schema(), moment)
        return self.bind(lambda name: table[name], moment)

    def lacks(self, name: str, remedy: str) -> ModelError:
        """That there is no column of this name, and where in the text it stands."""
        starts = [one.this.meta["start"] for one in self.tree.find_all(exp.Column) if one.name == name]
        return self.place.error(f"in {self.text!r}, column {min(starts) + 1}: there is no {name!r}", remedy)

    def check(self, columns: Mapping[str, Any], moment: Moment | None = None) -> None:
        """Raise ModelError, with the nearest valid name, unless it works on these columns and types."""
        for name in self.columns:
            if name not in columns:
                raise self.lacks(name, nearest(name, list(columns)))
        types = {name: ibis.dtype(columns[name]) for name in self.columns} or {"nothing": ibis.dtype("int64")}
        probe = ibis.table(types, name="probe")
        self.bind(lambda name: probe[name], moment or operators.EPOCH)


def parse(text: str, columns: Mapping[str, Any] | None, where: Place) -> Condition:
    """Parse and check one condition.

    columns: name → type (Ibis, PyArrow or its name); None leaves names and types to ``check``.
    Raises ModelError naming the place, the column in the text and the nearest valid name.
    """
    if strange := sorted(c for c in text if ord(c) < ord(" ") and not c.isspace()):
        raise where.error(f"{text!r}, column {text.find(strange[0]) + 1}: {strange[0]!r} is no text")
    tree = _parsed(text, where)
    if any(node.comments for node in tree.walk()):
        raise where.error(f"{text!r}: a comment is no part of a condition")
    if sum(1 for _ in tree.walk()) > 2_000 or _depth(tree) > _DEEPEST:  # beyond any reader's grasp
        raise where.error("the condition is too long or too deeply nested")
    try:
        operators.allow(tree)
    except operators.Unfit as error:
        raise where.error(_unfit(text, error)) from error
    names = dict.fromkeys(column.name for column in tree.find_all(exp.Column))
    condition = Condition(text, tuple(names), where, tree)
    if columns is not None:
        condition.check(columns)
    return condition


def _parsed(text: str, where: Place) -> exp.Expression:
    try:
        trees = sqlglot.parse(text, read="duckdb")
    except SqlglotError as error:
        details = getattr(error, "errors", None) or [{}]
        at = f", column {details[0]['col']}" if details[0].get("col") else ""
        reason = str(details[0].get("description") or error).partition("\n")[0]
        if "<class" in reason:  # SQLGlot names its own classes where something is missing
            reason = "an operand or argument is missing, or one is too many"
        message = f"{text!r}{at} is not a condition: {reason}"
        raise where.error(message) from error
    except RecursionError as error:
        raise where.error("the condition is too deeply nested") from error
    if len(trees) != 1 or trees[0] is None:
        message = f"{text!r} is not one condition"
        raise where.error(message)
    return trees[0]  # type: ignore[return-value]  # sqlglot types the list's members loosely


def _depth(tree: exp.Expression) -> int:
    deepest, queue = 0, [(tree, 1)]
    while queue:
        node, depth = queue.pop()
        deepest = max(deepest, depth)
        queue.extend((child, depth + 1) for child in node.iter_expressions())
    return deepest


def _unfit(text: str, error: operators.Unfit) -> str:
    return f"in {text!r}, column {_column(text, error.node)}: {error}"


def _column(text: str, node: exp.Expression | None) -> int:
    """Where a node begins in the text, from 1; what it begins with may be written in more than one way."""
    if node is None:
        return 1
    function = node.name if isinstance(node, exp.Anonymous) else ""
    first = next((part for part in node.walk(bfs=False) if not list(part.iter_expressions())), node)
    for words in (node.sql(dialect="duckdb"), function, first.sql(dialect="duckdb")):
        if words and (at := text.lower().find(words.lower())) >= 0:
            return at + 1
    return 1
