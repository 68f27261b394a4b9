"""``python -m benchmarks [CONTACTS ACTIVITIES]``: a full rescore against a bare scan and group-by.

Beside it SQL, Polars and pandas do the same; then the connectors. Data and model: ``benchmarks.sources``.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import ibis

from benchmarks import beside, connectors, sources
from scoring import coded
from scoring.compiler import compile_model
from scoring.loader import load_model

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_BARE = "select contact_id, count(*), sum(value), max(occurred_at) from activities group by 1"
_TABLES = ("contacts", "accounts", "activities", "survey_responses")
_ABSENT = ("category", "unit", "currency", "campaign", "origin")
_ROUNDS = 3


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _load(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    for name in _TABLES:
        con.execute(f"create table {name} as from '{folder / name}.parquet'")
    for name in _ABSENT:
        con.execute(f"alter table activities add column {name} varchar")


def _run(folder: Path, model: Path) -> None:
    con = duckdb.connect(str(folder / "bench.duckdb"))
    backend = ibis.duckdb.from_connection(con)
    _load(con, folder)
    acts, codes = coded.prepared(backend.table("activities"))
    inputs = {name: backend.table(name) for name in _TABLES}
    inputs["activities"] = backend.create_table("coded", acts)
    inputs[coded.CODES] = backend.create_table("codes", codes)
    numbers = compile_model(load_model(model), inputs, _NOW).numbers
    compiling = _seconds(lambda: ibis.to_sql(numbers, dialect="duckdb"))
    print(f"compiling {compiling:.1f} s, whatever the data; it is part of the numbers below")
    for _ in range(_ROUNDS):
        bare = _seconds(lambda: con.execute(f"create or replace temp table bare as {_BARE}"))
        full = _seconds(lambda: backend.create_table("numbers", numbers, overwrite=True))
        print(f"bare {bare:.2f} s, rule columns, stages and interest {full:.2f} s, ratio {full / bare:.1f}")
    for timed in beside.measure(folder, model, beside.of_scoreline(con, "numbers")):
        print(beside.told(timed, bare))


def main() -> None:
    """Generate, load, measure, print."""
    contacts, activities = map(int, sys.argv[1:3] if len(sys.argv) > 2 else (100_000, 2_000_000))
    with tempfile.TemporaryDirectory() as folder:
        _run(Path(folder), sources.prepare(Path(folder), contacts, activities))
    connectors.main()


if __name__ == "__main__":
    main()
