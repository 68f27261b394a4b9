"""COUNT, MIN, MAX, SUM, AVG and GROUP BY."""

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.salesforce.paths import Paths
from sandbox.salesforce.store import Row
from sandbox.salesforce.syntax import located
from sandbox.salesforce.tree import Aggregate, Column, Comparison, Condition, Logic, Query

_FUNCTIONS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "count": len,
    "count_distinct": lambda values: len(set(values)),
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "sum": lambda values: sum(values) if values else None,
    "avg": lambda values: sum(values) / len(values) if values else None,
}
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def aggregate(query: Query, rows: list[Row], paths: Paths) -> list[dict[str, Any]]:
    """AggregateResult records; an expression without alias is ``expr0``, ``expr1``, …"""
    keys = [paths.resolve(column.path, column.at).read for column in query.group]
    _check_columns(query)
    groups: dict[tuple[Any, ...], list[Row]] = {} if keys else {(): rows}
    if keys:
        for row in rows:
            groups.setdefault(tuple(read(row) for read in keys), []).append(row)
    if query.having is not None:
        groups = {key: found for key, found in groups.items() if _holds(query.having, found, paths)}
    names = [column.path.lower() for column in query.group]
    records = [
        _record(query, dict(zip(names, key, strict=True)), found, paths) for key, found in groups.items()
    ]
    for order in reversed(query.order):
        records = _ordered(records, query, order.path.lower(), descending=order.descending)
    return records[query.offset : None if query.limit is None else query.offset + query.limit]


def _check_columns(query: Query) -> None:
    grouped = {column.path.lower() for column in query.group}
    for column in query.columns:
        if isinstance(column, Column) and column.path.lower() not in grouped:
            message = f"Field must be grouped or aggregated: {column.path}"
            raise located(query.text, column.at, message)


def _record(query: Query, group: dict[str, Any], rows: list[Row], paths: Paths) -> dict[str, Any]:
    record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
    number = 0
    for column in query.columns:
        if isinstance(column, Column):
            record[column.path.rsplit(".", 1)[-1]] = group[column.path.lower()]
        elif isinstance(column, Aggregate):
            record[column.alias or f"expr{number}"] = _value(
                column.function, column.path, column.at, rows, paths
            )
            number += column.alias is None
    return record


def _value(function: str, path: str | None, at: int, rows: list[Row], paths: Paths) -> Any:
    if path is None:
        return len(rows)
    read = paths.resolve(path, at).read
    return _FUNCTIONS[function]([value for row in rows if (value := read(row)) is not None])


def _holds(condition: Condition, rows: list[Row], paths: Paths) -> bool:
    if isinstance(condition, Logic):
        held = [_holds(part, rows, paths) for part in condition.parts]
        return {"and": all(held), "or": any(held), "not": not held[0]}[condition.operator]
    if not isinstance(condition, Comparison) or "(" not in condition.path:
        raise located("HAVING", 0, "only comparisons of aggregates are supported here")
    function, _, inner = condition.path[:-1].partition("(")
    value = _value(function, inner or None, condition.at, rows, paths)
    return value is not None and _SIGNS[condition.operator](value, condition.literal.value)


def _ordered(
    records: list[dict[str, Any]], query: Query, path: str, *, descending: bool
) -> list[dict[str, Any]]:
    names: dict[str, str] = {}
    number = 0
    for column in query.columns:
        if isinstance(column, Column):
            names[column.path.lower()] = column.path.rsplit(".", 1)[-1]
        elif isinstance(column, Aggregate):
            called = column.alias or f"expr{number}"
            number += column.alias is None
            names[f"{column.function}({(column.path or '').lower()})"] = called
            names[called.lower()] = called
    name = names.get(path.lower())
    if name is None:
        raise located(query.text, 0, f"Ordered field must be grouped or aggregated: {path}")
    return sorted(
        records, key=lambda record: (record[name] is not None, record[name] or 0), reverse=descending
    )
