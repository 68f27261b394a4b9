"""WHERE as functions of a row, and what it says about where to look."""

import operator as op
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.fields import NUMBERS, Field
from sandbox.salesforce.ids import looks_like_id, to18
from sandbox.salesforce.instants import literal_days, read_datetime
from sandbox.salesforce.paths import Paths, Resolved
from sandbox.salesforce.store import Row
from sandbox.salesforce.syntax import located
from sandbox.salesforce.tree import Comparison, Condition, Literal, Logic, Membership, Query

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

Test = Callable[[Row], bool]
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}
_DAY_END = "T23:59:59.999+0000"
_DAY_START = "T00:00:00.000+0000"


class Conditions:
    """Compiles the conditions of one query. ``inner`` runs a semi-join and gives its values."""

    def __init__(self, org: "Org", paths: Paths, text: str, inner: Callable[[Query], set[Any]]) -> None:
        self._org = org
        self._paths = paths
        self._text = text
        self._inner = inner

    def compile(self, condition: Condition) -> Test:
        if isinstance(condition, Logic):
            return self._logic(condition)
        resolved = self._filterable(condition.path, condition.at)
        if isinstance(condition, Membership):
            return self._membership(condition, resolved)
        return self._comparison(condition, resolved)

    def _logic(self, condition: Logic) -> Test:
        parts = [self.compile(part) for part in condition.parts]
        if condition.operator == "not":
            inner = parts[0]
            return lambda row: not inner(row)
        if len(parts) == 2:
            first, second = parts
            if condition.operator == "and":
                return lambda row: first(row) and second(row)
            return lambda row: first(row) or second(row)
        if condition.operator == "and":
            return lambda row: all(part(row) for part in parts)
        return lambda row: any(part(row) for part in parts)

    def _filterable(self, path: str, at: int) -> Resolved:
        resolved = self._paths.resolve(path, at)
        if resolved.field.long_text or not resolved.field.filterable or resolved.field.type == "address":
            message = f"field '{resolved.field.name}' can not be filtered in a query call"
            raise located(self._text, at, message, "INVALID_FIELD")
        return resolved

    def _membership(self, condition: Membership, resolved: Resolved) -> Test:
        read = resolved.read
        if isinstance(condition.values, Query):
            values = self._inner(condition.values)
        else:
            values = {self.value(resolved.field, literal) for literal in condition.values}
        if resolved.field.type == "multipicklist":
            return _overlap(read, values, negated=condition.negated)
        fold = _folds(resolved.field)
        if condition.negated:
            return lambda row: _folded(read(row), fold=fold) not in values
        return lambda row: _folded(read(row), fold=fold) in values

    def _comparison(self, condition: Comparison, resolved: Resolved) -> Test:
        if condition.operator == "like":
            return self._like(condition, resolved)
        span = self._span(resolved.field, condition.literal)
        if span is not None:
            return _within(resolved.read, condition.operator, *span)
        value = self.value(resolved.field, condition.literal)
        return _compared(resolved, condition.operator, value)

    def _like(self, condition: Comparison, resolved: Resolved) -> Test:
        if condition.literal.kind != "string" or resolved.field.type in NUMBERS | {
            "id",
            "reference",
            "boolean",
        }:
            raise self._mistyped(resolved.field, condition.literal)
        read = resolved.read
        pattern = _like_pattern(condition.literal.value)
        return lambda row: pattern.fullmatch(read(row) or "") is not None

    def _span(self, known: Field, literal: Literal) -> tuple[str, str] | None:
        if literal.kind != "name":
            return None
        days = literal_days(literal.value, self._org.clock.now().date())
        if days is None or known.type not in {"date", "datetime"}:
            message = f"unexpected token: '{literal.value}'"
            raise located(self._text, literal.at, message)
        first, last = (day.isoformat() for day in days)
        return (first, last) if known.type == "date" else (first + _DAY_START, last + _DAY_END)

    def value(self, known: Field, literal: Literal) -> Any:
        """A literal as rows hold it. Refused if its type does not fit the field."""
        if literal.kind == "null":
            return None
        if known.type in {"id", "reference"} and literal.kind == "string":
            return self._record_id(literal)
        if known.type == "datetime" and literal.kind == "datetime":
            return read_datetime(literal.value.replace(" ", "+"))
        wanted = _LITERAL_OF.get(known.type, "string")
        if literal.kind != wanted:
            raise self._mistyped(known, literal)
        return literal.value.lower() if wanted == "string" else literal.value

    def _record_id(self, literal: Literal) -> str:
        if literal.value and not looks_like_id(literal.value):
            raise located(
                self._text, literal.at, f"invalid ID field: {literal.value}", "INVALID_QUERY_FILTER_OPERATOR"
            )
        return to18(literal.value)

    def _mistyped(self, known: Field, literal: Literal) -> Refused:
        quoted = " and should not be enclosed in quotes" if literal.kind == "string" else ""
        if _LITERAL_OF.get(known.type, "string") == "string":
            quoted = " and should be enclosed in quotes"
        kind = "dateTime" if known.type == "datetime" else known.type
        message = f"value of filter criterion for field '{known.name}' must be of type {kind}{quoted}"
        return located(self._text, literal.at, message, "INVALID_FIELD")


_LITERAL_OF = {
    "boolean": "boolean",
    "int": "number",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "date": "date",
    "datetime": "datetime",
}


def _folds(known: Field) -> bool:
    """Whether equality ignores case, as it does for all text but ids."""
    return _LITERAL_OF.get(known.type, "string") == "string" and known.type not in {"id", "reference"}


def _folded(value: Any, *, fold: bool) -> Any:
    return value.lower() if fold and isinstance(value, str) else value


def _compared(resolved: Resolved, sign: str, value: Any) -> Test:
    read = resolved.read
    fold = _folds(resolved.field)
    if sign == "=":
        if value is None or value == "":
            return lambda row: read(row) in {None, ""}
        return lambda row: _folded(read(row), fold=fold) == value
    if sign == "!=":
        if value is None or value == "":
            return lambda row: read(row) not in {None, ""}
        return lambda row: _folded(read(row), fold=fold) != value
    compare = _ORDERED[sign]

    def test(row: Row) -> bool:
        held = read(row)
        return held is not None and value is not None and compare(_folded(held, fold=fold), value)

    return test


def _within(read: Callable[[Row], Any], sign: str, first: str, last: str) -> Test:
    tests: dict[str, Callable[[str], bool]] = {
        "=": lambda held: first <= held <= last,
        "!=": lambda held: not first <= held <= last,
        "<": lambda held: held < first,
        "<=": lambda held: held <= last,
        ">": lambda held: held > last,
        ">=": lambda held: held >= first,
    }
    test = tests[sign]

    def within(row: Row) -> bool:
        held = read(row)
        return held is not None and test(held)

    return within


def _overlap(read: Callable[[Row], Any], values: set[Any], *, negated: bool) -> Test:
    def test(row: Row) -> bool:
        held = {part.lower() for part in (read(row) or "").split(";") if part}
        return bool(held & values) != negated

    return test


def _like_pattern(text: str) -> re.Pattern[str]:
    pattern = ""
    place = 0
    while place < len(text):
        letter = text[place]
        if letter == "\\" and text[place + 1 : place + 2] in {"%", "_"}:
            place += 1
            pattern += re.escape(text[place])
        else:
            pattern += {"%": ".*", "_": "."}.get(letter, re.escape(letter))
        place += 1
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def stamp_bounds(condition: Condition | None) -> tuple[str | None, str | None]:
    """The widest range of SystemModstamp the condition allows; None is unbounded."""
    if isinstance(condition, Comparison):
        return _own_bounds(condition)
    if not isinstance(condition, Logic) or condition.operator == "not":
        return None, None
    lows, highs = zip(*(stamp_bounds(part) for part in condition.parts), strict=True)
    if condition.operator == "and":
        return _known(max, lows), _known(min, highs)
    return (
        None if None in lows else min(lows),
        None if None in highs else max(highs),
    )


def _own_bounds(condition: Comparison) -> tuple[str | None, str | None]:
    if condition.path.lower() != "systemmodstamp" or condition.literal.kind != "datetime":
        return None, None
    value = read_datetime(condition.literal.value)
    if condition.operator == "=":
        return value, value
    return (
        value if condition.operator in {">", ">="} else None,
        value if condition.operator in {"<", "<="} else None,
    )


def _known(choose: Callable[[Sequence[str]], str], bounds: Sequence[str | None]) -> str | None:
    given = [bound for bound in bounds if bound is not None]
    return choose(given) if given else None


def id_floor(condition: Condition | None) -> str | None:
    """The ``x`` of a top-level ``Id > 'x'``, the way clients page by id."""
    parts = condition.parts if isinstance(condition, Logic) and condition.operator == "and" else (condition,)
    for part in parts:
        if isinstance(part, Comparison) and part.path.lower() == "id" and part.operator in {">", ">="}:
            return to18(str(part.literal.value or ""))
    return None
