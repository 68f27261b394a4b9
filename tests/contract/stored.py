"""What sync's own pull stores of a sandbox: piece by piece, into the warehouse's tables."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from connectors.base import Connector
from core.clock import FixedClock
from sync.progress import Silent
from sync.pull import pull
from tests.unit.sync.open_warehouse import OpenWarehouse

Row = dict[str, Any]

#: Histories tried of each vendor; SCORELINE_SEQUENCES=300 tries hundreds.
SEQUENCES = int(os.environ.get("SCORELINE_SEQUENCES", "10"))


class Stored:
    """A warehouse in memory that is filled as ``scoreline sync`` fills it."""

    def __init__(self) -> None:
        self._warehouse = OpenWarehouse()
        self._folder = TemporaryDirectory(prefix="stored-")

    def pull(self, connector: Connector, clock: FixedClock) -> None:
        """Read what changed since the last time; a stream that fails fails the test."""
        report = pull([connector], self._warehouse, Path(self._folder.name), clock, Silent())
        assert not report.failures, report.failures

    def rows(self, table: str) -> list[Row]:
        with self._warehouse.read() as con:
            found = con.execute(f"select * from {table}")
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def records(self, table: str, *columns: str) -> dict[str, tuple[Any, ...]]:
        """By record id: the columns named."""
        return {row["record_id"]: tuple(row[name] for name in columns) for row in self.rows(table)}

    def activities(self) -> dict[str, Row]:
        """Those that stand, by id."""
        return {row["activity_id"]: row for row in self.rows("activity_records") if not row["deleted"]}

    def close(self) -> None:
        self._folder.cleanup()


def survivor(records: dict[str, tuple[Any, ...]], record_id: str) -> str:
    """Who a record lives on as; ``records`` have their successor last."""
    while record_id in records and records[record_id][-1] is not None:
        record_id = records[record_id][-1].rpartition(":")[2]
    return record_id
