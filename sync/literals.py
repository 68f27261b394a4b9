"""Values as DuckDB SQL text."""

import re
from collections.abc import Iterable, Mapping

Value = str | int | None
Values = Iterable[Value] | Mapping[str, Value]


def quoted(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("'", "''") + "'"


def written(statement: str, values: Values = ()) -> str:
    """The statement with each ``?``, or each ``$name``, as a literal; its own texts hold neither sign.

    Binding a value makes the driver load pandas, which takes longer than all that explain does.
    """
    if isinstance(values, Mapping):
        return re.sub(r"\$(\w+)", lambda found: _literal(values[found[1]]), statement)
    given = iter(values)
    return re.sub(r"\?", lambda _: _literal(next(given)), statement)


def _literal(value: Value) -> str:
    if value is None:
        return "null"
    return quoted(value) if isinstance(value, str) else str(value)
