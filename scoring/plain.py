"""Conditions in plain words, English and Spanish."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from scoring.conditions import Condition

Words = Mapping[str, str]

_ENGLISH: Words = MappingProxyType({
    "and": "and", "or": "or", "not": "not", "EQ": "is", "NEQ": "is not", "LT": "is less than",
    "LTE": "is at most", "GT": "is more than", "GTE": "is at least", "in": "is one of",
    "not in": "is none of", "between": "is from {low} to {high}", "outside": "is not from {low} to {high}",
    "contains": "contains", "starts": "begins with", "ends": "ends with", "like": "looks like",
    "never": "it is not so that", "unknown": "is not known", "known": "is known", "yes": "yes", "no": "no",
    "days since": "days since {0}", "length": "length of {0}",
    "abs": "size of {0}", "else": ", else ", "is": "is", "is not": "is not", "any case": "{0} (any case)",
})  # fmt: skip

_SPANISH: Words = MappingProxyType({
    "and": "y", "or": "o", "not": "no", "EQ": "es", "NEQ": "no es", "LT": "es menos de",
    "LTE": "es como mucho", "GT": "es más de", "GTE": "es al menos", "in": "es uno de",
    "not in": "no es ninguno de", "between": "está entre {low} y {high}",
    "outside": "no está entre {low} y {high}", "contains": "contiene", "starts": "empieza por",
    "ends": "termina en", "like": "se parece a", "never": "no se cumple que", "unknown": "no se conoce",
    "known": "se conoce", "yes": "sí", "no": "no",
    "days since": "días desde {0}", "length": "longitud de {0}", "abs": "tamaño de {0}",
    "else": ", si no ", "is": "es", "is not": "no es", "any case": "{0} (sin distinguir mayúsculas)",
})  # fmt: skip

_SIGNS: Mapping[str, str] = MappingProxyType({"Add": "+", "Sub": "-", "Mul": "*", "Div": "/"})
_LANGUAGES: Mapping[str, Words] = MappingProxyType({"en": _ENGLISH, "es": _SPANISH})


def said(condition: Condition, language: str) -> str:
    """The condition as a sentence part: ``title (any case) contains 'director'``."""
    return _said(condition.tree, _LANGUAGES[language])


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
    text = _term(node.this, words)
    cased = isinstance(node, exp.ILike) and not isinstance(node.this.unnest(), exp.Lower | exp.Upper)
    return words["any case"].format(text) if cased else text


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


def _negated(node: exp.Expression, words: Words) -> str:
    inner = node.unnest()
    if isinstance(inner, exp.Column):
        return f"{words['not']} {_name(inner.name)}"
    if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
        return f"{_term(inner.this, words)} {words['known']}"
    if isinstance(inner, exp.In):
        return f"{_term(inner.this, words)} {words['not in']} {_listed(inner, words)}"
    if isinstance(inner, exp.Between):
        return f"{_term(inner.this, words)} {_bounds(inner, words, 'outside')}"
    copy = inner.copy()
    copy.set("negate", None)
    return f"{words['never']} ({_said(copy, words)})"


def _compared(node: exp.Expression, words: Words) -> str:
    kind = type(node).__name__
    if isinstance(node, exp.In):
        return f"{_term(node.this, words)} {words['in']} {_listed(node, words)}"
    if isinstance(node, exp.Between):
        return f"{_term(node.this, words)} {_bounds(node, words, 'between')}"
    if isinstance(node, exp.Is):
        return _stated(node, words)
    if kind in words:
        return f"{_term(node.this, words)} {words[kind]} {_term(node.expression, words)}"
    return _term(node, words)


def _stated(node: exp.Is, words: Words) -> str:
    """``x is null``, and ``x is true`` of a column or of a condition."""
    inner = node.this.unnest()
    if isinstance(node.expression, exp.Null):
        return f"{_term(inner, words)} {words['unknown']}"
    if isinstance(inner, exp.Column):
        return f"{_term(inner, words)} {words['is']} {_term(node.expression, words)}"
    whole = _said(inner, words)
    return whole if node.expression.this else f"{words['never']} ({whole})"


def _bounds(node: exp.Expression, words: Words, key: str) -> str:
    return words[key].format(low=_term(node.args["low"], words), high=_term(node.args["high"], words))


def _listed(node: exp.In, words: Words) -> str:
    return ", ".join(_term(item, words) for item in node.expressions)


def _pattern(pattern: str, words: Words) -> str:
    inner = pattern.strip("%")
    if "%" in inner or "_" in pattern:
        return f"{words['like']} '{pattern}'"
    key = {(True, True): "contains", (True, False): "ends", (False, True): "starts"}.get(
        (pattern.startswith("%"), pattern.endswith("%")), "EQ"
    )
    return f"{words[key]} '{inner}'"


def _name(column: str) -> str:
    return column.replace("_", " ")


def _part(node: exp.Expression, words: Words) -> str:
    """A term beside a sign, in brackets where the model has them around another sign."""
    text = _term(node, words)
    return f"({text})" if isinstance(node, exp.Paren) and type(node.unnest()).__name__ in _SIGNS else text


def _term(node: exp.Expression, words: Words) -> str:  # noqa: PLR0911  # one return for each kind of node
    inner = node.unnest()
    if isinstance(inner, exp.Column):
        return _name(inner.name)
    if isinstance(inner, exp.Literal):
        return f"'{inner.name}'" if inner.is_string else inner.name
    if isinstance(inner, exp.Boolean):
        return words["yes" if inner.this else "no"]
    if isinstance(inner, exp.Lower | exp.Upper):
        return words["any case"].format(_term(inner.this, words))
    if isinstance(inner, exp.Trim):
        return _term(inner.this, words)
    if isinstance(inner, exp.Anonymous):
        return words["days since"].format(_term(inner.expressions[0], words))
    if isinstance(inner, exp.Length | exp.Abs):
        return words[type(inner).__name__.lower()].format(_term(inner.this, words))
    if isinstance(inner, exp.Coalesce):
        return words["else"].join(_term(one, words) for one in (inner.this, *inner.expressions))
    if (sign := _SIGNS.get(type(inner).__name__)) is not None:
        return f"{_part(inner.this, words)} {sign} {_part(inner.expression, words)}"
    return _said(inner, words) if isinstance(inner, exp.Binary) else inner.sql(dialect="duckdb")
