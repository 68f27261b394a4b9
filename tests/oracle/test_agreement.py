"""The compiled expression and the slow scorer agree on random models and people, to the milli-point."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import yaml
from hypothesis import HealthCheck, given, note, settings

from core.tables import SCORED
from scoring.compiler import Scores, compile_model
from scoring.loader import parse_model
from tests.oracle.scorer import score
from tests.oracle.strategies import AS_OF, data, models

Row = dict[str, Any]

_SAME_NAME = (
    "score", "score_milli", "grade", "person_grade", "company_grade", "fit", "person_fit", "company_fit", "partial",
    "level", "rating", "priority", "stage", "days_in_stage", "escalate", "temperature", "trend", "idle_days", "low_interest",
    "top_product", "top_category",
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(model=models(), tables=data())
def test_compiled_scores_equal_the_slow_scorer(model: Row, tables: dict[str, list[Row]]) -> None:
    text = yaml.safe_dump(model, sort_keys=False)
    note(text)
    expected = score(model, tables, AS_OF)
    with duckdb.connect() as con:
        scores = compiled(con, text, tables)
        assert people(scores) == {p["contact_id"]: _expected(p) for p in expected["contacts"]}
        assert dict(_rows(scores.excluded, "contact_id", "reason")) == expected["excluded"]
        assert lines(scores, "contributions") == _lines(expected["contacts"], "contact_id")
        assert companies(scores) == {
            a["account_id"]: (a["score"], a["people"], a["grade"]) for a in expected["accounts"]
        }
        assert lines(scores, "account_contributions", "account_id") == _lines(expected["accounts"], "account_id")
        assert scores.nps.to_pyarrow().to_pylist()[0] == expected["nps"]


def compiled(con: duckdb.DuckDBPyConnection, text: str, tables: Mapping[str, list[Row]]) -> Scores:
    backend = ibis.duckdb.from_connection(con)
    inputs = {}
    for name, rows in tables.items():
        schema = pa.schema([SCORED[name].field(column) for column in rows[0]]) if rows else SCORED[name]
        naive = [{key: _naive(value) for key, value in row.items()} for row in rows]
        inputs[name] = backend.create_table(name, pa.Table.from_pylist(naive, schema))
    return compile_model(parse_model(text, Path("random.yaml")), inputs, AS_OF).stored()


def _naive(value: object) -> object:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def people(scores: Scores) -> dict[str, Row]:
    rows = scores.contacts.to_pyarrow().to_pylist()
    return {
        row["contact_id"]: {name: row[name] for name in _SAME_NAME if name in row}
        | {
            "missing": row["fit_missing"] or "",
            "journey": {name[8:]: value for name, value in row.items() if name.startswith("journey_")},
            "flags": {name[5:]: value for name, value in row.items() if name.startswith("flag_")},
            "band": row["satisfaction_band"],
            "answer": row["satisfaction_answer"],
            "disagrees": row["satisfaction_disagrees"],
        }
        for row in rows
    }


def _expected(person: Row) -> Row:
    shown = {name: person[name] for name in _SAME_NAME if name != "days_in_stage"}
    return shown | {
        "missing": ", ".join(person["fit_missing"]),
        "journey": person["journey"],
        "flags": person["flags"],
        **person["satisfaction"],
    }


def lines(scores: Scores, table: str, key: str = "contact_id") -> dict[str, dict[str, int]]:
    """Whole points by contact or account, and line."""
    found: dict[str, dict[str, int]] = {}
    for row in getattr(scores, table).to_pyarrow().to_pylist():
        found.setdefault(row[key], {})[row["id"]] = row["points"]
    return found


def _lines(expected: list[Row], key: str) -> dict[str, dict[str, int]]:
    return {one[key]: one["contributions"] for one in expected if one["contributions"]}


def companies(scores: Scores) -> dict[str, tuple[int, int, str | None]]:
    rows = scores.accounts.to_pyarrow().to_pylist()
    return {row["account_id"]: (row["score"], row["people"], row["grade"]) for row in rows}


def _rows(table: Any, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in table.to_pyarrow().to_pylist()]
