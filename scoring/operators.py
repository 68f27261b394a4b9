"""What each operator of a condition becomes in Ibis, and what may stand in a condition at all."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
from sqlglot import exp

from core.clock import naive_utc, parse_instant
from core.yamlfile import nearest
from scoring.calendar import Moment
from scoring.texts import trimmed
from scoring.truth import NO, YES

#: A moment for checks, where only the types matter.
EPOCH = Moment(datetime(1970, 1, 1, tzinfo=UTC))


class Unfit(Exception):
    """An operator, function or operand that a condition may not have; ``node`` is where."""

    node: exp.Expression | None = None


@dataclass(frozen=True)
class Scope:
    """How names become columns, and the instant ``days_since`` counts to; ages: those known before."""

    resolve: Callable[[str], ir.Value]
    moment: Moment | None
    ages: Mapping[str, ir.Value] = field(default_factory=dict)


Build = Callable[[exp.Expression, Scope], ir.Value]


def truth(node: exp.Expression, scope: Scope) -> ir.BooleanValue:
    """The node as true, false or null; a lone flag column reads null as false."""
    found = value(node, scope)
    if not found.type().is_boolean():
        message = f"{node.sql()!r} is neither true nor false"
        raise Unfit(message)
    return found.fill_null(NO) if isinstance(node.unnest(), exp.Column) else found


def value(node: exp.Expression, scope: Scope) -> ir.Value:
    """The node's value. Raises Unfit where operands do not fit."""
    build = _BUILD.get(type(node))
    if build is None:
        message = "something is missing beside an operator or in a function"
        raise Unfit(message)
    with _placed(node):
        found = build(node, scope)
    return opposite(found) if node.args.get("negate") else found


@contextmanager
def _placed(node: exp.Expression) -> Iterator[None]:
    try:
        yield
    except Unfit as error:
        error.node = error.node or node
        raise


def opposite(found: ir.Value) -> ir.Value:
    """Not, null staying null.

    Ibis writes ``NOT x IS NULL`` for ``(~x).isnull()``, which SQL reads the other way, and
    ``x IN (1) = FALSE``, which Spark cannot read; a CASE is safe in any place.
    """
    return found.cases((YES, NO), (NO, YES), else_=ibis.null("boolean"))


def unknown(found: ir.Value) -> ir.Value:
    """Whether a condition is null, itself never null."""
    return found.cases((YES, NO), (NO, NO), else_=YES)


def allow(tree: exp.Expression) -> None:
    """Raise Unfit for anything outside the subset."""
    queue = [tree]
    while queue:
        node = queue.pop()
        with _placed(node):
            _allow_node(node)
        queue.extend(_operands(node))


def _operands(node: exp.Expression) -> list[exp.Expression]:
    if isinstance(node, exp.Is):
        return [node.this]
    return [] if isinstance(node, exp.Column | exp.Literal) else list(node.iter_expressions())


def _allow_node(node: exp.Expression) -> None:
    unknown_name = _unknown_function(node)
    if unknown_name:
        message = f"there is no function {unknown_name!r}; {nearest(unknown_name, list(FUNCTIONS))}"
        raise Unfit(message)
    if type(node) not in _BUILD:
        what = "null on its own" if isinstance(node, exp.Null) else repr(node.sql(dialect="duckdb"))
        message = f"{what} is not allowed in a condition"
        raise Unfit(message)
    if wrong := _misuse(node):
        raise Unfit(wrong)


def _unknown_function(node: exp.Expression) -> str:
    if isinstance(node, exp.Anonymous):
        return "" if node.name.lower() == "days_since" else node.name
    return node.sql_name().lower() if isinstance(node, exp.Func) and type(node) not in _BUILD else ""


def _misuse(node: exp.Expression) -> str:  # noqa: PLR0911  # one return for each misuse reads best
    text = node.sql(dialect="duckdb")
    if isinstance(node, exp.Column) and (node.table or not isinstance(node.this, exp.Identifier)):
        return f"{text!r} is not a plain column name"
    if isinstance(node, exp.Like | exp.ILike) and not _is_text(node.expression):
        return f"the pattern in {text!r} must be a text in quotes"
    if isinstance(node, exp.Like | exp.ILike) and "\\" in node.expression.name:
        return f"a pattern may not hold a backslash: {text!r}"
    if isinstance(node, exp.In) and (
        node.args.get("query") or node.args.get("unnest") or not node.expressions
    ):
        return f"{text!r} needs a list of values in parentheses"
    if isinstance(node, exp.In) and not all(_is_literal(item) for item in node.expressions):
        return f"the list in {text!r} may hold only texts, numbers, true and false"
    if isinstance(node, exp.Is) and not isinstance(node.expression, exp.Boolean | exp.Null):
        return f"{text!r}: only is null, is true and is false are known"
    if isinstance(node, exp.Between) and node.args.get("symmetric"):
        return f"{text!r}: symmetric is not known"
    if isinstance(node, exp.Trim | exp.Length) and (
        len(list(node.iter_expressions())) != 1 or node.args.get("position")
    ):
        return f"{node.key} takes one text"
    if isinstance(node, exp.Anonymous) and len(node.expressions) != 1:
        return f"{text!r}: days_since takes one column"
    return ""


def _is_text(node: exp.Expression) -> bool:
    return isinstance(node, exp.Literal) and node.is_string


def _is_literal(node: exp.Expression) -> bool:
    inner = node.this if isinstance(node, exp.Neg) else node
    return isinstance(inner, exp.Literal | exp.Boolean)


def _column(node: exp.Expression, scope: Scope) -> ir.Value:
    return scope.resolve(node.name)


def _literal(node: exp.Expression, _scope: Scope) -> ir.Value:
    if node.is_string:
        return ibis.literal(node.name)
    try:
        return (
            ibis.literal(int(node.name), "int64")
            if node.is_int
            else ibis.literal(float(node.name), "float64")
        )
    except (ValueError, OverflowError, TypeError) as error:
        message = f"{node.name!r} is not a number"
        raise Unfit(message) from error


def _boolean(node: exp.Expression, _scope: Scope) -> ir.Value:
    return ibis.literal(bool(node.this))


def _paren(node: exp.Expression, scope: Scope) -> ir.Value:
    return value(node.this, scope)


def _and(node: exp.Expression, scope: Scope) -> ir.Value:
    return truth(node.this, scope) & truth(node.expression, scope)


def _or(node: exp.Expression, scope: Scope) -> ir.Value:
    return truth(node.this, scope) | truth(node.expression, scope)


def _not(node: exp.Expression, scope: Scope) -> ir.Value:
    return opposite(truth(node.this, scope))


def _kind(found: ir.Value) -> str:
    kind = found.type()
    if kind.is_boolean():
        return "true/false"
    if kind.is_numeric():
        return "number"
    return "time" if kind.is_timestamp() or kind.is_date() else "text"


def alike(left: ir.Value, right: ir.Value, node: exp.Expression) -> tuple[ir.Value, ir.Value]:
    """Both sides in one type; a text literal beside a time becomes a time."""
    if _kind(left) == "time" and _kind(right) == "text":
        right = _instant(node.expression)
    elif _kind(right) == "time" and _kind(left) == "text":
        left = _instant(node.this)
    if _kind(left) != _kind(right):
        message = f"{node.sql(dialect='duckdb')!r} compares {_kind(left)} with {_kind(right)}"
        raise Unfit(message)
    return _boxed(left), _boxed(right)


def _boxed(found: ir.Value) -> ir.Value:
    """True or false by a CASE where it is no column: Ibis writes ``a AND b IN (…)`` for ``(a and b) in (…)``,
    and Spark cannot read ``a LIKE b = c``.
    """
    if not found.type().is_boolean() or isinstance(found.op(), ops.Field | ops.Literal):
        return found
    return found.cases((YES, YES), (NO, NO), else_=ibis.null("boolean"))


def _instant(node: exp.Expression) -> ir.Value:
    text = node.name if _is_text(node) else ""
    try:
        return ibis.literal(naive_utc(parse_instant(text)), "timestamp")
    except (ValueError, OverflowError) as error:
        message = f"{node.sql(dialect='duckdb')!r} is not a time such as '2026-01-31'"
        raise Unfit(message) from error


def _compare(operator: Callable[[ir.Value, ir.Value], ir.Value]) -> Build:
    def build(node: exp.Expression, scope: Scope) -> ir.Value:
        return operator(*alike(value(node.this, scope), value(node.expression, scope), node))

    return build


def _between(node: exp.Expression, scope: Scope) -> ir.Value:
    low = exp.GTE(this=node.this, expression=node.args["low"])
    high = exp.LTE(this=node.this, expression=node.args["high"])
    return value(low, scope) & value(high, scope)


def _in(node: exp.Expression, scope: Scope) -> ir.Value:
    left = _boxed(value(node.this, scope))
    pairs = [exp.EQ(this=node.this, expression=item) for item in node.expressions]
    return left.isin([alike(left, value(pair.expression, scope), pair)[1] for pair in pairs])


def _like(node: exp.Expression, scope: Scope) -> ir.Value:
    return _text(node.this, scope).like(node.expression.name)


def _ilike(node: exp.Expression, scope: Scope) -> ir.Value:
    return _text(node.this, scope).lower().like(node.expression.name.lower())


def _is(node: exp.Expression, scope: Scope) -> ir.Value:
    found = value(node.this, scope)
    if isinstance(node.expression, exp.Null):
        return unknown(found) if found.type().is_boolean() else found.isnull()
    if not found.type().is_boolean():
        message = f"{node.sql(dialect='duckdb')!r}: not a true/false value"
        raise Unfit(message)
    return found.fill_null(NO) if node.expression.this else opposite(found.fill_null(YES))


def _arithmetic(operator: Callable[[ir.Value, ir.Value], ir.Value]) -> Build:
    def build(node: exp.Expression, scope: Scope) -> ir.Value:
        return operator(_number(node.this, scope), _number(node.expression, scope))

    return build


def _number(node: exp.Expression, scope: Scope) -> ir.Value:
    found = value(node, scope)
    if _kind(found) != "number":
        message = f"{node.sql(dialect='duckdb')!r} is not a number"
        raise Unfit(message)
    return found.cast("float64")


def _text(node: exp.Expression, scope: Scope) -> ir.Value:
    found = value(node, scope)
    if _kind(found) != "text":
        message = f"{node.sql(dialect='duckdb')!r} is not a text"
        raise Unfit(message)
    return found


def _coalesce(node: exp.Expression, scope: Scope) -> ir.Value:
    first = value(node.this, scope)
    others = [exp.EQ(this=node.this, expression=item) for item in node.expressions]
    return ibis.coalesce(first, *(alike(first, value(pair.expression, scope), pair)[1] for pair in others))


def _days_since(node: exp.Expression, scope: Scope) -> ir.Value:
    found = value(node.expressions[0], scope)
    if _kind(found) != "time":
        message = f"{node.sql(dialect='duckdb')!r} is not of a time"
        raise Unfit(message)
    if scope.moment is None:
        message = "days_since is not known here"
        raise Unfit(message)
    known = scope.ages.get(node.expressions[0].name) if isinstance(node.expressions[0], exp.Column) else None
    return scope.moment.age(found.cast("timestamp")) if known is None else known


#: The functions a condition may call.
FUNCTIONS = ("abs", "coalesce", "days_since", "length", "lower", "trim", "upper")

_BUILD: Mapping[type[exp.Expression], Build] = MappingProxyType(
    {
        exp.Column: _column,
        exp.Literal: _literal,
        exp.Boolean: _boolean,
        exp.Paren: _paren,
        exp.And: _and,
        exp.Or: _or,
        exp.Not: _not,
        exp.EQ: _compare(lambda a, b: a == b),
        exp.NEQ: _compare(lambda a, b: a != b),
        exp.LT: _compare(lambda a, b: a < b),
        exp.LTE: _compare(lambda a, b: a <= b),
        exp.GT: _compare(lambda a, b: a > b),
        exp.GTE: _compare(lambda a, b: a >= b),
        exp.Between: _between,
        exp.In: _in,
        exp.Like: _like,
        exp.ILike: _ilike,
        exp.Is: _is,
        exp.Neg: lambda node, scope: -_number(node.this, scope),
        exp.Add: _arithmetic(lambda a, b: a + b),
        exp.Sub: _arithmetic(lambda a, b: a - b),
        exp.Mul: _arithmetic(lambda a, b: a * b),
        exp.Div: _arithmetic(lambda a, b: a / b.nullif(0.0)),
        exp.Lower: lambda node, scope: _text(node.this, scope).lower(),
        exp.Upper: lambda node, scope: _text(node.this, scope).upper(),
        exp.Trim: lambda node, scope: trimmed(_text(node.this, scope)),
        exp.Length: lambda node, scope: _text(node.this, scope).length().cast("int64"),
        exp.Abs: lambda node, scope: _number(node.this, scope).abs(),
        exp.Coalesce: _coalesce,
        exp.Anonymous: _days_since,
    }
)
