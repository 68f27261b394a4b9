"""The same scores without Scoreline, timed beside it and checked against it, person by person."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.by_hand import Result, contenders


@dataclass(frozen=True)
class Timed:
    """One way to the scores. wall_s, cpu_s: with reading Parquet. different: people it scores otherwise."""

    name: str
    wall_s: float
    cpu_s: float
    different: int


def of_scoreline(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, Result]:
    """What Scoreline left in a table of ``Scores.numbers``."""
    rows = con.execute(f"select contact_id, score, fit, grade, level, stage from {table}").fetchall()
    return {row[0]: (row[1], row[2], row[3], row[4], row[5]) for row in rows}


def measure(folder: Path, model: Path, ours: Mapping[str, Result]) -> list[Timed]:
    """SQL, Polars and pandas over the folder's Parquet."""
    found = []
    for name, score in contenders(model).items():
        wall, cpu = time.perf_counter(), time.process_time()
        theirs = score(folder)
        wall_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
        different = sum(ours.get(who) != theirs.get(who) for who in ours.keys() | theirs.keys())
        found.append(Timed(name, wall_s, cpu_s, different))
    return found


def told(timed: Timed, bare_s: float) -> str:
    """One line for people; a comparison of different scores is void, and says so."""
    if timed.different:
        return f"{timed.name}: void, {timed.different:,} people have other scores"
    ratio = f"ratio {timed.wall_s / bare_s:.1f}"
    return f"{timed.name:<8} {timed.wall_s:.2f} s ({timed.cpu_s:.2f} s of CPU), {ratio}; the same scores"
