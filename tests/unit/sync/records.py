"""Records in a database in memory, resolved on request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from sync import schema
from sync.people import identity
from sync.people.resolve import Resolved, build
from sync.settings import Asset
from tests.unit.sync.memory import table

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Choices:
    """The settings that resolving reads."""

    precedence: tuple[str, ...] = ("sf", "hs", "mc")
    masters: Mapping[str, str] = field(default_factory=dict)
    assets: tuple[Asset, ...] = ()


class Records:
    """Person and company records in a database in memory, resolved on request."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        schema.prepare(self.con)
        self.at = NOW

    def add(self, key: str, kind: str = "person_records", **row: Any) -> None:
        vendor, kind_of, number = key.split(":")
        self.forget(key, kind)
        rows = table(
            kind, [{"vendor": vendor, "object": kind_of, "record_id": number, "state": "live", **row}]
        )
        self.con.register("added", rows)
        self.con.execute(f"insert into {kind} by name from added")

    def forget(self, key: str, kind: str = "person_records") -> None:
        self.con.execute(f"delete from {kind} where concat_ws(':', vendor, object, record_id) = ?", [key])

    def resolve(self) -> dict[str, str]:
        """Record key → contact_id, a day after the last time."""
        self.at += timedelta(days=1)
        identity.resolve(self.con, self.at)
        return self._ids("people")

    def companies(self) -> dict[str, str]:
        identity.resolve(self.con, self.at)
        return {key: one for key, one in self._ids("companies").items() if not key.startswith("email:")}

    def aliases(self) -> dict[str, str]:
        return dict(self.con.execute("select alias, id from aliases").fetchall())

    def build(self, **choices: Any) -> Resolved:
        """Resolve everything, and build the tables that scoring reads."""
        identity.resolve(self.con, self.at)
        return build(self.con, Choices(**choices))

    def add_to(self, kind: str, *rows: Any) -> None:
        """Rows of any pulled table, as they are."""
        self.con.register("added", table(kind, rows))
        self.con.execute(f"insert into {kind} by name from added")

    def rows(self, statement: str) -> list[dict[str, Any]]:
        return list(self.con.execute(statement).to_arrow_table().to_pylist())

    def only(self, statement: str) -> dict[str, Any]:
        (row,) = self.rows(statement)
        return row

    def _ids(self, name: str) -> dict[str, str]:
        rows = self.con.table(name).fetchall()
        ids = {":".join(row[:3]): row[3] for row in rows}
        assert len(ids) == len(rows)
        return ids
