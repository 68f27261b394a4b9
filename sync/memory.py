"""How much of the machine a connection takes."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb


@contextmanager
def within_memory(con: duckdb.DuckDBPyConnection, memory_mb: int) -> Iterator[None]:
    """Beyond so much the connection's work goes to disk; then its limit is as it was, unless that failed."""
    (limit,) = con.execute("select current_setting('memory_limit')").fetchone() or (None,)
    con.execute(f"set memory_limit = '{memory_mb}MB'")
    yield
    con.execute(f"set memory_limit = '{limit}'")  # a reset changes what is said, and not the limit
