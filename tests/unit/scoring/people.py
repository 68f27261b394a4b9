"""Small tables for scoring tests: rows as dictionaries, the canonical columns filled in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import ibis
import pyarrow as pa

from core.tables import SCORED
from scoring.compiler import Scores, compile_model
from scoring.loader import parse_model

Row = Mapping[str, Any]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_ids = count()


def ago(days: float = 0, *, hours: float = 0, minutes: float = 0) -> datetime:
    """A naive UTC instant before NOW."""
    return (NOW - timedelta(days=days, hours=hours, minutes=minutes)).replace(tzinfo=None)


def did(kind: str, days: float = 0, who: str = "p1", **more: Any) -> Row:
    """One activity, ``days`` before NOW."""
    return {
        "activity_id": f"e{next(_ids):06}",
        "contact_id": who,
        "type": kind,
        "occurred_at": ago(days),
    } | more


def arrow(name: str, rows: Sequence[Row], extra: Mapping[str, pa.DataType] | None = None) -> pa.Table:
    """Rows in the canonical schema of a table, and further columns."""
    schema = SCORED[name]
    for column, kind in (extra or {}).items():
        schema = schema.append(pa.field(column, kind))
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)


@dataclass
class World:
    """Tables to score; everyone is contact p1 of account a1 unless said otherwise."""

    activities: Sequence[Row] = ()
    contacts: Sequence[Row] = field(default_factory=lambda: [{"contact_id": "p1", "account_id": "a1"}])
    accounts: Sequence[Row] = ()
    survey_responses: Sequence[Row] = ()
    stage_history: Sequence[Row] = ()
    extra: Mapping[str, Mapping[str, pa.DataType]] = field(default_factory=dict)

    def tables(self) -> dict[str, pa.Table]:
        names = ("contacts", "accounts", "activities", "survey_responses", "stage_history")
        return {name: arrow(name, getattr(self, name), self.extra.get(name)) for name in names}

    def scores(self, model: str, as_of: datetime = NOW, **options: Any) -> Scores:
        """Compiled on DuckDB, with the heavy table run."""
        backend = ibis.duckdb.connect()
        inputs = {name: backend.create_table(name, table) for name, table in self.tables().items()}
        return compile_model(parse_model(model), inputs, as_of, **options).stored()

    def contact(self, model: str, who: str = "p1", as_of: datetime = NOW, **options: Any) -> dict[str, Any]:
        """One contact's row of ``numbers``."""
        return by_id(self.scores(model, as_of, **options).numbers)[who]


def rows(table: Any) -> list[dict[str, Any]]:
    """The rows of a lazy table."""
    found: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return found


def by_id(table: Any, key: str = "contact_id") -> dict[str, dict[str, Any]]:
    """The rows of a lazy table by their key."""
    return {row[key]: row for row in rows(table)}


def points(scores: Scores, who: str = "p1") -> dict[str, int]:
    """One contact's contribution lines."""
    return {row["id"]: row["points"] for row in rows(scores.contributions) if row["contact_id"] == who}


def model(rules: Iterable[str], more: str = "", activity: str = "") -> str:
    """The text of a model with these activity rules."""
    listed = "\n".join(f"    - {{{rule}}}" for rule in rules)
    return f"model: m\nversion: 1\nactivity:\n  rules:\n{listed}\n{activity}{more}"
