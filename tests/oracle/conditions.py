"""Conditions, one row at a time, with the nulls of docs/models.md: None is null."""

import functools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlglot
from sqlglot import exp

Scope = Mapping[str, Any]
Age = Callable[[datetime], int]
Node = Any  # sqlglot's classes share no exported base across its versions


@functools.cache
def _parsed(text: str) -> Node:
    return sqlglot.parse_one(text, dialect="postgres")


def truth(condition: str | None, scopes: Sequence[Scope], age: Age) -> bool | None:
    """True, False or None of one row, by the first scope that has a column. No condition is always true."""
    if condition is None:
        return True
    return _Row(scopes, age).flag(_parsed(condition))


def holds(condition: str | None, scopes: Sequence[Scope], age: Age) -> bool:
    return truth(condition, scopes, age) is True


def columns(condition: str) -> list[str]:
    """Names of the columns a condition reads."""
    return sorted({column.name for column in _parsed(condition).find_all(exp.Column)})


def value(name: str, scopes: Sequence[Scope]) -> Any:
    """The column's value in the first scope that has it."""
    for scope in scopes:
        if name in scope:
            return scope[name]
    message = f"no column {name}"
    raise KeyError(message)


_COMPARE: dict[type, Callable[[Any, Any], bool]] = {
    exp.EQ: lambda a, b: a == b,
    exp.NEQ: lambda a, b: a != b,
    exp.LT: lambda a, b: a < b,
    exp.LTE: lambda a, b: a <= b,
    exp.GT: lambda a, b: a > b,
    exp.GTE: lambda a, b: a >= b,
}
_COMBINE: dict[type, Callable[[float, float], float | None]] = {
    exp.Add: lambda a, b: a + b,
    exp.Sub: lambda a, b: a - b,
    exp.Mul: lambda a, b: a * b,
    exp.Div: lambda a, b: float(a) / b if b else None,
}
_CALL: dict[type, Callable[[Any], Any]] = {
    exp.Lower: lambda a: a.lower(),
    exp.Upper: lambda a: a.upper(),
    exp.Trim: lambda a: a.strip(" \t\n\r\v\f"),
    exp.Length: len,
    exp.Abs: abs,
    exp.Neg: lambda a: -a,
}


class _Row:
    def __init__(self, scopes: Sequence[Scope], age: Age) -> None:
        self.scopes, self.age = scopes, age

    def flag(self, node: Node) -> bool | None:
        """A node that stands for true or false; a bare column that is null counts as false."""
        if isinstance(node, exp.Paren):
            return self.flag(node.this)
        if isinstance(node, exp.Column):
            return bool(self.get(node))
        if isinstance(node, exp.And | exp.Or):
            return self._junction(node)
        if isinstance(node, exp.Not):
            answer = self.flag(node.this)
            return None if answer is None else not answer
        found = self.get(node)
        return None if found is None else bool(found)

    def _junction(self, node: Node) -> bool | None:
        decisive = isinstance(node, exp.Or)
        sides = self.flag(node.left), self.flag(node.right)
        if decisive in sides:
            return decisive
        return None if None in sides else not decisive

    def get(self, node: Node) -> Any:
        """The value of a node; None is null. SQLGlot marks ``not like`` on the node itself."""
        found = self._plain(node)
        return found if found is None or not node.args.get("negate") else not found

    def _plain(self, node: Node) -> Any:
        kind = type(node)
        if kind in _COMPARE:
            return self._nulls(_COMPARE[kind], *self._alike(node.left, node.right))
        if kind in _COMBINE:
            return self._nulls(_COMBINE[kind], self.get(node.left), self.get(node.right))
        if kind in _CALL:
            return self._nulls(_CALL[kind], self.get(node.this))
        return getattr(self, f"_{kind.__name__.lower()}")(node)

    @staticmethod
    def _nulls(function: Callable[..., Any], *arguments: Any) -> Any:
        return None if any(argument is None for argument in arguments) else function(*arguments)

    def _alike(self, left: Node, right: Node) -> tuple[Any, Any]:
        a, b = self.get(left), self.get(right)
        if isinstance(a, datetime) and isinstance(b, str):
            return a, _instant(b)
        if isinstance(b, datetime) and isinstance(a, str):
            return _instant(a), b
        return a, b

    def _paren(self, node: Node) -> Any:
        return (
            self.get(node.this) if not isinstance(node.this, exp.And | exp.Or | exp.Not) else self.flag(node)
        )

    def _and(self, node: Node) -> Any:
        return self.flag(node)

    def _or(self, node: Node) -> Any:
        return self.flag(node)

    def _not(self, node: Node) -> Any:
        return self.flag(node)

    def _column(self, node: Node) -> Any:
        found = value(node.name, self.scopes)
        return None if isinstance(found, float) and math.isnan(found) else found

    def _literal(self, node: Node) -> Any:
        return node.this if node.is_string else float(node.this)

    def _boolean(self, node: Node) -> bool:
        return bool(node.this)

    def _between(self, node: Node) -> bool | None:
        low = self._nulls(_COMPARE[exp.GTE], *self._alike(node.this, node.args["low"]))
        high = self._nulls(_COMPARE[exp.LTE], *self._alike(node.this, node.args["high"]))
        if False in (low, high):
            return False
        return None if None in (low, high) else True

    def _in(self, node: Node) -> bool | None:
        this = self.get(node.this)
        return None if this is None else any(this == self.get(option) for option in node.expressions)

    def _like(self, node: Node) -> bool | None:
        answer: bool | None = self._nulls(like, self.get(node.this), self.get(node.expression))
        return answer

    def _ilike(self, node: Node) -> bool | None:
        answer: bool | None = self._nulls(
            lambda text, pattern: like(text.lower(), pattern.lower()),
            self.get(node.this),
            self.get(node.expression),
        )
        return answer

    def _is(self, node: Node) -> bool:
        this = self.get(node.this)
        if isinstance(node.expression, exp.Null):
            return this is None
        return this is bool(node.expression.this)

    def _coalesce(self, node: Node) -> Any:
        values = (self.get(part) for part in (node.this, *node.expressions))
        return next((found for found in values if found is not None), None)

    def _anonymous(self, node: Node) -> int | None:
        assert node.name.lower() == "days_since", node
        argument = self.get(node.expressions[0])
        return None if argument is None else self.age(argument)


def like(text: str, pattern: str) -> bool:
    parts = {"%": ".*", "_": "."}
    return re.fullmatch("".join(parts.get(c, re.escape(c)) for c in pattern), text, re.DOTALL) is not None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
