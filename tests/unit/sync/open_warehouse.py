"""A warehouse that stays open in memory: for tests that open it hundreds of times."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from sync import schema
from sync.warehouse import Warehouse


class OpenWarehouse(Warehouse):
    """Transactions as in the real one; every use has temporary tables of its own."""

    def __init__(self) -> None:
        super().__init__(Path("memory"))
        self._con = duckdb.connect()
        schema.prepare(self._con)

    @contextmanager
    def write(self, purpose: str, *, memory_mb: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        del purpose, memory_mb
        with self._con.cursor() as con:
            con.execute("begin")
            try:
                yield con
            except BaseException:
                con.execute("rollback")
                raise
            con.execute("commit")

    @contextmanager
    def read(self, purpose: str = "reading") -> Iterator[duckdb.DuckDBPyConnection]:
        del purpose
        with self._con.cursor() as con:
            yield con
