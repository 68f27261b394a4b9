"""Conditions in plain words, English and Spanish."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from scoring.conditions import Condition
from scoring.page.plain_words import LANGUAGES, Words

_SIGNS: Mapping[str, str] = MappingProxyType({"Add": "+", "Sub": "-", "Mul": "*", "Div": "/"})
_FOLDS: Mapping[str, Callable[[str], str]] = MappingProxyType({"Lower": str.lower, "Upper": str.upper})

#: Functions, whose own words would run into those beside them.
_OF_WORDS = (exp.Anonymous, exp.Length, exp.Abs, exp.Coalesce)


def said(condition: Condition, language: str) -> str:
    """The condition as a sentence part: ``title (any case) contains 'director'``."""
    return _said(condition.tree, LANGUAGES[language])


def blanks(condition: Condition, *, want: bool = True) -> set[str]:
    """How what is not known makes the condition ``want``: it is ``asked`` for, or a flag counts as ``no``."""
    return _blanks(condition.tree, want=want)


def _blanks(node: exp.Expr, *, want: bool) -> set[str]:
    if isinstance(node, exp.Not) or node.args.get("negate"):
        inner = node.this if isinstance(node, exp.Not) else _affirmed(node)
        return _blanks(inner, want=not want)
    if isinstance(node, exp.Paren):
        return _blanks(node.this, want=want)
    if isinstance(node, exp.And | exp.Or):
        return _blanks(node.this, want=want) | _blanks(node.expression, want=want)
    if isinstance(node, exp.Column):
        return set() if want else {"no"}
    if isinstance(node, exp.Is):
        return _blanks_is(node, want=want)
    asked = {"asked"} if node.find(exp.Coalesce, exp.Is) else set()
    return asked | ({"no"} if node.find(exp.Not, exp.And, exp.Or) else set())


def _blanks_is(node: exp.Is, *, want: bool) -> set[str]:
    """``is true`` and ``is false`` are false of what is not known."""
    inner, value = node.this.unnest(), bool(node.expression.this)
    if isinstance(node.expression, exp.Null):
        return {"asked"} if want else set()
    if isinstance(inner, exp.Column):
        return set() if want else {"no" if value else "asked"}
    found = _blanks(inner, want=want == value)
    return found if want else found | {"asked"}


def matched(pattern: str, language: str) -> str:
    """What a text that fits the LIKE pattern does: ``contains '/cloud'``."""
    return _pattern(pattern, LANGUAGES[language])


def _said(node: Any, words: Words) -> str:  # noqa: ANN401  # SQLGlot types its nodes loosely
    if node.args.get("negate"):
        return _negated(node, words)
    if isinstance(node, exp.Paren):
        inner = _said(node.this, words)
        return f"({inner})" if isinstance(node.this, exp.And | exp.Or) else inner
    if isinstance(node, exp.And | exp.Or):
        return _joined(node, words)
    if isinstance(node, exp.Not):
        return _negated(node.this, words)
    if isinstance(node, exp.Like | exp.ILike):
        return f"{_subject(node, words)} {_pattern(node.expression.name, words)}"
    return _compared(node, words)


def _subject(node: exp.Expression, words: Words) -> str:
    """What a pattern is looked for in."""
    if isinstance(node, exp.Like):
        return _side(node.this, [node.expression], words)
    inner = node.this.unnest()
    bare = inner.this if isinstance(inner, exp.Lower | exp.Upper) else node.this
    return words["any case"].format(_term(bare, words))


def _side(node: exp.Expression, others: Sequence[exp.Expression], words: Words) -> str:
    """One side of a comparison: what case it has decides nothing where the others are texts folded alike."""
    inner = node.unnest()
    fold = _FOLDS.get(type(inner).__name__)
    texts = [other.unnest() for other in others]
    if fold and all(isinstance(text, exp.Literal) and text.name == fold(text.name) for text in texts):
        return words["any case"].format(_term(inner.this, words))
    return _term(node, words)


def _joined(node: exp.And | exp.Or, words: Words) -> str:
    """Alternatives on one column are told once: ``title contains 'a', 'b' or 'c'``."""
    parts = [part for part in node.flatten(unnest=False) if isinstance(part, exp.Expression)]
    told: list[str] = []
    before = ""
    for part in parts:
        text = f"({_said(part, words)})" if isinstance(part, exp.And) else _said(part, words)
        subject = _subject(part, words) if isinstance(part, exp.Like | exp.ILike) else ""
        plain = isinstance(node, exp.Or) and subject and subject == before
        told.append(text.removeprefix(f"{subject} ") if plain else text)
        before = subject
    word = words["and" if isinstance(node, exp.And) else "or"]
    return f" {word} ".join(told) if len(told) == 2 else f"{', '.join(told[:-1])} {word} {told[-1]}"


def _negated(node: exp.Expression, words: Words) -> str:  # noqa: PLR0911  # one return for each kind of node
    inner = node.unnest()
    if isinstance(inner, exp.Column):
        return _flag(inner.name, words, "not flag")
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
        return f"{_term(inner.this, words)} {words['known']}"
    if isinstance(inner, exp.Is) and isinstance(inner.this.unnest(), exp.Column) and inner.expression.this:
        return _flag(inner.this.unnest().name, words, "not flag")
    if (
        isinstance(inner, exp.Is)
        and not isinstance(inner.this.unnest(), exp.Column)
        and not inner.expression.this
    ):
        return f"{_said(inner.this, words)}{words['or unknown']}"
    if isinstance(inner, exp.In):
        return f"{_in_side(inner, words)} {words['not in']} {_listed(inner, words)}"
    if isinstance(inner, exp.Between):
        return f"{_term(inner.this, words)} {_bounds(inner, words, 'outside')}"
    if isinstance(inner, exp.Like | exp.ILike):
        return f"{_subject(inner, words)} {_pattern(inner.expression.name, words, 'not ')}"
    return f"{words['never']} ({_said(_affirmed(inner), words)})"


def _affirmed(node: exp.Expr) -> exp.Expr:
    copy = node.copy()
    copy.set("negate", None)
    return copy


def _flag(column: str, words: Words, key: str) -> str:
    """A column on its own, which is so or is not; not known is not."""
    return words.get(f"{key} {column}", words[key].format(_name(column, words)))


def _compared(node: exp.Expression, words: Words) -> str:  # noqa: PLR0911  # as above
    kind = type(node).__name__
    if isinstance(node, exp.Column):
        return _flag(node.name, words, "flag")
    if isinstance(node, exp.Boolean):
        return words[str(bool(node.this))]
    if isinstance(node, exp.In):
        return f"{_in_side(node, words)} {words['in']} {_listed(node, words)}"
    if isinstance(node, exp.Between):
        return f"{_term(node.this, words)} {_bounds(node, words, 'between')}"
    if isinstance(node, exp.Is):
        return _stated(node, words)
    if isinstance(node, exp.EQ | exp.NEQ):
        left, right = node.this, node.expression
        return f"{_side(left, [right], words)} {words[kind]} {_side(right, [left], words)}"
    if kind in words:
        return f"{_term(node.this, words)} {words[kind]} {_term(node.expression, words)}"
    return _term(node, words)


def _stated(node: exp.Is, words: Words) -> str:
    """``x is null``, and ``x is true`` of a column or of a condition."""
    inner = node.this.unnest()
    if isinstance(node.expression, exp.Null):
        return f"{_term(inner, words)} {words['unknown']}"
    if isinstance(inner, exp.Column):
        if node.expression.this:
            return _flag(inner.name, words, "flag")
        return f"{_name(inner.name, words)} {words['is']} {words['no']}"
    whole = _said(inner, words)
    return whole if node.expression.this else f"{words['never']} ({whole})"


def _bounds(node: exp.Expression, words: Words, key: str) -> str:
    return words[key].format(low=_term(node.args["low"], words), high=_term(node.args["high"], words))


def _in_side(node: exp.In, words: Words) -> str:
    return _side(node.this, node.expressions, words)


def _listed(node: exp.In, words: Words) -> str:
    return ", ".join(_term(item, words) for item in node.expressions)


def _pattern(pattern: str, words: Words, negation: str = "") -> str:
    inner = pattern.strip("%")
    if {"%", "_"} & set(inner):
        meant = ", ".join(words[sign] for sign in ("%", "_") if sign in pattern)
        return f"{words[f'{negation}like']} '{pattern}' ({meant})"
    key = {(True, True): "contains", (True, False): "ends", (False, True): "starts"}.get(
        (pattern.startswith("%"), pattern.endswith("%")), "EQ"
    )
    return f"{words[f'{negation}{key}']} '{inner}'"


def _name(column: str, words: Words) -> str:
    return words.get(f"column {column}", column.replace("_", " "))


def _part(node: exp.Expression, words: Words) -> str:
    """A term beside a sign: in brackets where the model has them around another sign, or it is of words."""
    inner = node.unnest()
    is_own = isinstance(node, exp.Paren) and type(inner).__name__ in _SIGNS
    return f"({_term(node, words)})" if is_own or isinstance(inner, _OF_WORDS) else _term(node, words)


def _inner(node: exp.Expression, words: Words) -> str:
    """What a function is of: in brackets where it is more than a name."""
    inner = node.unnest()
    is_more = type(inner).__name__ in _SIGNS or isinstance(inner, _OF_WORDS)
    return f"({_term(node, words)})" if is_more else _term(node, words)


def _term(node: exp.Expression, words: Words) -> str:  # noqa: PLR0911  # one return for each kind of node
    inner = node.unnest()
    if isinstance(inner, exp.Column):
        return _name(inner.name, words)
    if isinstance(inner, exp.Literal):
        return f"'{inner.name}'" if inner.is_string else inner.name
    if isinstance(inner, exp.Boolean):
        return words["yes" if inner.this else "no"]
    if isinstance(inner, exp.Trim):
        return _term(inner.this, words)
    if isinstance(inner, exp.Anonymous):
        return words["days since"].format(_inner(inner.expressions[0], words))
    if isinstance(inner, exp.Length | exp.Abs | exp.Lower | exp.Upper):
        return words[type(inner).__name__.lower()].format(_inner(inner.this, words))
    if isinstance(inner, exp.Coalesce):
        *others, told = (_inner(one, words) for one in (inner.this, *inner.expressions))
        for one in reversed(others):
            told = words["else"].format(one, told)
        return told
    if (sign := _SIGNS.get(type(inner).__name__)) is not None:
        return f"{_part(inner.this, words)} {sign} {_part(inner.expression, words)}"
    return _said(inner, words) if isinstance(inner, exp.Binary) else inner.sql(dialect="duckdb")
