"""Columns that nobody has a value in: of whatever type the model takes them for."""

from collections.abc import Collection, Mapping, Sequence
from itertools import product
from typing import Any

import ibis
import ibis.backends.duckdb

from core.errors import ModelError
from core.rows import quoted_name
from core.tables import SCORED
from scoring.conditions import Condition
from scoring.frame import conditions
from scoring.spec import Model

#: Of two that fit, the first.
_GUESSES = ("string", "float64", "boolean", "timestamp")
_DUCKDB = {"string": "varchar", "float64": "double", "boolean": "boolean", "timestamp": "timestamp"}
#: Beyond so many columns of no known type in one condition nothing is tried.
_MOST = 4


def settle(
    backend: ibis.backends.duckdb.Backend, models: Sequence[Model], tables: Mapping[str, Collection[str]]
) -> None:
    """Give further columns of contacts and accounts that are empty the type the models' conditions need.

    tables: those that are there → columns to add where they are not.
    """
    known: dict[str, Any] = dict(ibis.Schema.from_pyarrow(SCORED["activities"]).items())
    empty: dict[str, list[str]] = {}
    for name in (name for name in ("contacts", "accounts") if name in tables):
        for column in tables[name]:
            backend.raw_sql(f"alter table {name} add column if not exists {quoted_name(column)} varchar")
        table = backend.table(name)
        further = [column for column in table.columns if column not in SCORED[name].names]
        counted = table.aggregate(rows=table.count(), **{column: table[column].count() for column in further})
        (values,) = counted.to_pyarrow().to_pylist()
        empty[name] = [column for column in further if not values[column]]
        known |= {column: kind for column, kind in table.schema().items() if column not in empty[name]}
    for name, columns in empty.items():
        for column, kind in fitting(models, known, columns).items():
            backend.raw_sql(f"alter table {name} alter {quoted_name(column)} type {_DUCKDB[kind]}")


def fitting(models: Sequence[Model], known: Mapping[str, Any], empty: Collection[str]) -> dict[str, str]:
    """Empty column → the first type by which every condition that reads it works; none where none does.

    known: name → type of the columns that have values.
    """
    found = {}
    for name in empty:
        reading = [one for model in models for one in conditions(model) if name in one.columns]
        others = {column: kind for column, kind in known.items() if column != name and column not in empty}
        fits = (guess for guess in _GUESSES if all(_works(one, {**others, name: guess}) for one in reading))
        if (kind := next(fits, None)) is not None:
            found[name] = kind
    return found


def _works(condition: Condition, types: Mapping[str, Any]) -> bool:
    """Whether it does by some type for each column of no known one."""
    unknown = [name for name in condition.columns if name not in types]
    if len(unknown) > _MOST:
        return False
    return any(
        _fits(condition, {**types, **dict(zip(unknown, guess, strict=True))})
        for guess in product(_GUESSES, repeat=len(unknown))
    )


def _fits(condition: Condition, types: Mapping[str, Any]) -> bool:
    try:
        condition.check(types)
    except ModelError:
        return False
    return True
