"""What a condition can be: whether it can ever be true, and whether one being true makes another true.

Nothing is claimed that does not hold: what this cannot see through counts as possible. Null is followed
as docs/models.md has it.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import combinations
from typing import Any, Literal

from sqlglot import exp

from core.clock import naive_utc, parse_instant
from scoring.conditions import Condition

#: Beyond so many alternatives nothing is claimed.
_MANY = 4_000


@dataclass(frozen=True, slots=True)
class Fact:
    """What a term is: ``null`` where null satisfies it too, ``base`` the column whose null makes it null."""

    term: str
    kind: Literal["any", "none", "in", "out", "low", "high", "like", "unlike"]
    value: Any = None
    strict: bool = False
    null: bool = False
    base: str = ""


Facts = tuple[Fact, ...]
#: Ways things can be, one of which holds; each a conjunction.
Known = Sequence[Facts]
NOTHING: Known = ((),)


class _TooMany(Exception):
    """More alternatives than are worth following."""


def can_hold(
    conditions: Iterable[Condition], known: Known = NOTHING, unless: Sequence[Condition] = ()
) -> bool:
    """Whether all of the conditions can be true at once where none of ``unless`` is, beside what is known."""
    ways: list[Facts] = [()]
    try:
        for condition in conditions:
            ways = _both(ways, _ways(condition.tree, want=True, lax=False))
        for condition in unless:
            ways = _both(ways, _ways(condition.tree, want=False, lax=True))
    except _TooMany:
        return True
    return any(_possible(facts + way) for facts in known for way in ways)


def always_holds(condition: Condition, known: Known = NOTHING) -> bool:
    """Whether the condition is true whatever happens."""
    return not can_hold((), known, [condition])


def implies(first: Condition | None, second: Condition | None, known: Known = NOTHING) -> bool:
    """Whether ``second`` is true wherever ``first`` is; None is always true."""
    return second is None or covered(first, [second], known)


def covered(first: Condition | None, others: Sequence[Condition], known: Known = NOTHING) -> bool:
    """Whether wherever ``first`` is true, at least one of the others is."""
    return not can_hold([first] if first else (), known, others)


def whole(term: str, values: Iterable[Any], *, null: bool = False) -> Fact:
    """A term that is one of these values."""
    return Fact(term, "in", frozenset(values), null=null, base=term)


def between(term: str, low: float, high: float, *, null: bool = False) -> Facts:
    """A number within bounds, which may be infinite."""
    return (
        Fact(term, "low", low, null=null, base=term),
        Fact(term, "high", high, null=null, base=term),
    )


def missing(term: str) -> Fact:
    """A term that is always null."""
    return Fact(term, "none", null=True, base=term)


def like(pattern: str, text: str) -> bool:
    """Whether a LIKE pattern fits a text."""
    parts = {"%": ".*", "_": "."}
    return re.fullmatch("".join(parts.get(c, re.escape(c)) for c in pattern), text, re.DOTALL) is not None


def narrower(first: str, second: str) -> bool:
    """Whether every text that fits the first LIKE pattern fits the second."""
    run, one = "\ue000", "\ue001"
    parts = {"%": ".*", "_": f"[^{run}]"}
    pattern = "".join(parts.get(c, re.escape(c)) for c in second)
    return re.fullmatch(pattern, first.replace("%", run).replace("_", one), re.DOTALL) is not None


# --- from a tree to alternatives, each a conjunction of facts


def _both(left: Sequence[Facts], right: Sequence[Facts]) -> list[Facts]:
    if len(left) * len(right) > _MANY:
        raise _TooMany
    return [one + other for one in left for other in right]


def _ways(  # noqa: PLR0911  # one return for each kind of node reads best
    node: exp.Expression, *, want: bool, lax: bool
) -> list[Facts]:
    """How the node can be ``want``, or null where ``lax``."""
    if isinstance(node, exp.Paren):
        return _ways(node.this, want=want, lax=lax)
    if isinstance(node, exp.Not) or node.args.get("negate"):
        inner = node.this if isinstance(node, exp.Not) else _affirmed(node)
        return _ways(inner, want=not want, lax=lax)
    if isinstance(node, exp.And | exp.Or):
        sides = [_ways(side, want=want, lax=lax) for side in (node.this, node.expression)]
        return _both(*sides) if isinstance(node, exp.And) == want else sides[0] + sides[1]
    if isinstance(node, exp.Between):
        low = exp.GTE(this=node.this, expression=node.args["low"])
        high = exp.LTE(this=node.this, expression=node.args["high"])
        return _ways(exp.And(this=low, expression=high), want=want, lax=lax)
    if isinstance(node, exp.Boolean):
        return [()] if bool(node.this) == want else []
    if isinstance(node, exp.Is):
        return _is(node, want=want)
    if (holds := _of_literals(node)) is not None:
        return [()] if holds == want else []
    return [(_fact(node, want=want, lax=lax),)]


def _affirmed(node: exp.Expression) -> exp.Expression:
    copy = node.copy()
    copy.set("negate", None)
    return copy


def _is(node: exp.Is, *, want: bool) -> list[Facts]:
    inner, asked = node.this.unnest(), node.expression
    term, base = _term(inner)
    if isinstance(asked, exp.Null):
        fact = Fact(term, "none", null=True, base=base) if want else Fact(term, "any", base=base)
        return [(fact,)]
    value = bool(asked.this) == want
    if isinstance(inner, exp.Column):
        return [(Fact(term, "in", frozenset({value}), null=not want, base=base),)]
    return _ways(inner, want=value, lax=not want)


def _fact(node: exp.Expression, *, want: bool, lax: bool) -> Fact:
    if isinstance(node, exp.Column):  # a flag nobody set is not set
        return Fact(node.name, "in", frozenset({want}), null=not want, base=node.name)
    found = _compared(node, want=want)
    if found is None:
        term, base = _term(node)
        found = Fact(term, "in", frozenset({want}), base=base)
    return replace(found, null=lax)


_TURNED: Mapping[type[exp.Expression], type[exp.Expression]] = {
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}
_OPPOSITE: Mapping[type[exp.Expression], type[exp.Expression]] = {
    exp.LT: exp.GTE,
    exp.LTE: exp.GT,
    exp.GT: exp.LTE,
    exp.GTE: exp.LT,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
}
_KINDS: Mapping[type[exp.Expression], tuple[Literal["low", "high"], bool]] = {
    exp.LT: ("high", True), exp.LTE: ("high", False), exp.GT: ("low", True), exp.GTE: ("low", False),
}  # fmt: skip


def _compared(node: exp.Expression, *, want: bool) -> Fact | None:
    """The fact of a term beside literals; None for anything else."""
    if isinstance(node, exp.Like | exp.ILike):
        return _alike(node, want=want)
    if isinstance(node, exp.In):
        values = [_literal(item) for item in node.expressions]
        term, base = _term(node.this)
        return Fact(term, "in" if want else "out", frozenset(values), base=base)
    kind: type[exp.Expression] = type(node)
    if kind not in _TURNED:
        return None
    left, right = node.this.unnest(), node.expression.unnest()
    if _is_literal(left):
        left, right, kind = right, left, _TURNED[kind]
    if _is_literal(left) or not _is_literal(right):
        return None
    kind = kind if want else _OPPOSITE[kind]
    term, base = _term(left)
    if kind in _KINDS:
        bound, strict = _KINDS[kind]
        return Fact(term, bound, _literal(right), strict, base=base)
    return Fact(term, "in" if kind is exp.EQ else "out", frozenset({_literal(right)}), base=base)


def _alike(node: exp.Like | exp.ILike, *, want: bool) -> Fact:
    operand, pattern = node.this, node.expression.name
    if isinstance(node, exp.ILike):
        operand, pattern = exp.Lower(this=operand), pattern.lower()
    term, base = _term(operand)
    if not set(pattern) & {"%", "_"}:
        return Fact(term, "in" if want else "out", frozenset({pattern}), base=base)
    return Fact(term, "like" if want else "unlike", pattern, base=base)


def _is_literal(node: exp.Expression) -> bool:
    if isinstance(node, exp.Neg):
        return isinstance(node.this, exp.Literal) and not node.this.is_string
    return isinstance(node, exp.Literal | exp.Boolean)


def _literal(node: exp.Expression) -> str | float | bool:
    if isinstance(node, exp.Neg):
        return -float(node.this.name)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    return node.name if node.is_string else float(node.name)


_HOLDS: Mapping[type[exp.Expression], Callable[[Any, Any], bool]] = {
    exp.LT: operator.lt, exp.LTE: operator.le, exp.GT: operator.gt, exp.GTE: operator.ge,
    exp.EQ: operator.eq, exp.NEQ: operator.ne,
}  # fmt: skip


def _of_literals(node: exp.Expression) -> bool | None:
    """What a comparison of two literals comes to; None of anything else."""
    holds = _HOLDS.get(type(node))
    if holds is None or not (_is_literal(node.this.unnest()) and _is_literal(node.expression.unnest())):
        return None
    left, right = _literal(node.this.unnest()), _literal(node.expression.unnest())
    return holds(left, right) if type(left) is type(right) else None


_STRICT = (exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Abs, exp.Anonymous)


def _term(node: exp.Expression) -> tuple[str, str]:
    """The term's name, and the column that alone decides whether it is null; else the term itself."""
    inner = node.unnest()
    while isinstance(inner, _STRICT):
        inner = (inner.expressions[0] if isinstance(inner, exp.Anonymous) else inner.this).unnest()
    name = node.unnest().sql(dialect="duckdb")
    return name, inner.name if isinstance(inner, exp.Column) else name


# --- whether facts can hold together


def _possible(facts: Facts) -> bool:
    by_base: dict[str, list[Fact]] = {}
    for fact in facts:
        by_base.setdefault(fact.base, []).append(fact)
    return all(all(fact.null for fact in group) or _has_values(group) for group in by_base.values())


def _has_values(group: Sequence[Fact]) -> bool:
    by_term: dict[str, list[Fact]] = {}
    for fact in group:
        by_term.setdefault(fact.term, []).append(fact)
    return all(
        _has_value(term, facts) or _has_value(term, _as_instants(facts)) for term, facts in by_term.items()
    )


def _as_instants(facts: Sequence[Fact]) -> Sequence[Fact]:
    """The facts as a column of times has them: no types are known here."""
    return [
        replace(fact, value=frozenset(map(_instant, fact.value)))
        if isinstance(fact.value, frozenset)
        else replace(fact, value=_instant(fact.value))
        for fact in facts
    ]


@lru_cache(maxsize=_MANY)
def _instant(literal: str | float | bool | None) -> datetime | str | float | bool | None:  # noqa: FBT001  # any literal
    if not isinstance(literal, str):
        return literal
    try:
        return naive_utc(parse_instant(literal))
    except (ValueError, OverflowError):
        return literal


def _has_value(term: str, facts: Sequence[Fact]) -> bool:
    if any(fact.kind == "none" for fact in facts):
        return False
    sets = [fact.value for fact in facts if fact.kind == "in"]
    if sets:
        return any(_fits(term, value, facts) for value in frozenset.intersection(*sets))
    return _has_room(term, facts) and _has_text(term, facts)


def _fits(term: str, value: Any, facts: Sequence[Fact]) -> bool:  # noqa: ANN401  # any literal
    try:
        return _is_cased(term, value) and all(_accepts(fact, value) for fact in facts)
    except TypeError:  # a text beside a number: the data's types decide
        return True


def _accepts(fact: Fact, value: Any) -> bool:  # noqa: ANN401  # any literal
    bound = fact.value
    verdicts: dict[str, Callable[[], bool]] = {
        "out": lambda: value not in bound,
        "low": lambda: value > bound if fact.strict else value >= bound,
        "high": lambda: value < bound if fact.strict else value <= bound,
        "like": lambda: like(bound, str(value)),
        "unlike": lambda: not like(bound, str(value)),
    }
    return fact.kind not in verdicts or verdicts[fact.kind]()


def _is_cased(term: str, value: object) -> bool:
    """Whether the term can be this text at all: lower() has no capitals."""
    if not isinstance(value, str):
        return True
    return not (
        (term.startswith("LOWER(") and value != value.lower())
        or (term.startswith("UPPER(") and value != value.upper())
    )


def _has_room(term: str, facts: Sequence[Fact]) -> bool:
    lows = [(fact.value, fact.strict) for fact in facts if fact.kind == "low"]
    highs = [(fact.value, fact.strict) for fact in facts if fact.kind == "high"]
    lows += [(0.0, False)] if term.startswith(("LENGTH(", "ABS(")) else []
    out = {value for fact in facts if fact.kind == "out" for value in fact.value}
    try:
        return all(
            low < high or (low == high and not strict and not open_ and low not in out)
            for low, strict in lows
            for high, open_ in highs
        )
    except TypeError:
        return True


def _has_text(term: str, facts: Sequence[Fact]) -> bool:
    patterns = [fact.value for fact in facts if fact.kind == "like"]
    if not all(_is_cased(term, pattern) for pattern in patterns):
        return False
    if any(narrower(p, fact.value) for fact in facts if fact.kind == "unlike" for p in (*patterns, "%")):
        return False
    return not any(_ends_differ(one, other) for one, other in combinations(patterns, 2))


def _ends_differ(first: str, second: str) -> bool:
    for one, other in ((first, second), (first[::-1], second[::-1])):
        left, right = re.split("[%_]", one)[0], re.split("[%_]", other)[0]
        if not (left.startswith(right) or right.startswith(left)):
            return True
    return False
