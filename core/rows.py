"""What a DuckDB query found, without Arrow: loading that takes longer than reading a few rows."""

from typing import Any

import duckdb

Row = dict[str, Any]


def quoted_name(name: str) -> str:
    """A table's or column's name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def rows_of(found: duckdb.DuckDBPyConnection) -> list[Row]:
    """One mapping a row, by column."""
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
