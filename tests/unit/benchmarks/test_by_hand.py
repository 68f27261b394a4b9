"""Those who score without Scoreline say the same of everybody, or their times mean nothing."""

from datetime import UTC
from pathlib import Path

import duckdb
import ibis
import pytest

from benchmarks import beside, sources
from benchmarks.beside import Timed
from benchmarks.by_hand import Result
from benchmarks.generate import generate
from benchmarks.rulebook import AS_OF
from scoring.compiler import compile_model
from scoring.loader import load_model

_TABLES = ("contacts", "accounts", "activities", "survey_responses")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def model(folder: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCORELINE_SHARED", "/nowhere")
        return sources.prepare(folder, 300, 9000)


@pytest.fixture(scope="module")
def ours(folder: Path, model: Path) -> dict[str, Result]:
    backend = ibis.duckdb.connect()
    inputs = {name: backend.read_parquet(folder / f"{name}.parquet", table_name=name) for name in _TABLES}
    now = AS_OF.replace(tzinfo=UTC)
    backend.create_table("numbers", compile_model(load_model(model), inputs, now).numbers)
    return beside.of_scoreline(backend.con, "numbers")


def test_all_say_the_same_of_everybody(folder: Path, model: Path, ours: dict[str, Result]) -> None:
    assert [(one.name, one.different) for one in beside.measure(folder, model, ours)] == [
        ("SQL", 0),
        ("Polars", 0),
        ("pandas", 0),
    ]


def test_everything_that_is_compared_happens(ours: dict[str, Result]) -> None:
    assert {result[4] for result in ours.values()} == {"lead", "MQL", "SQL"}
    assert {result[2] for result in ours.values()} == set("ABCD")
    assert {result[3] for result in ours.values()} == {1, 2, 3, 4}


def test_another_score_makes_the_time_void(folder: Path, model: Path, ours: dict[str, Result]) -> None:
    wrong = {**ours, "p1": (-1, 0, "D", 1, "lead")}
    assert {one.different for one in beside.measure(folder, model, wrong)} == {1}
    assert beside.told(Timed("SQL", 1.0, 1.0, 1), 0.5) == "SQL: void, 1 people have other scores"
    assert "ratio 2.0" in beside.told(Timed("SQL", 1.0, 1.0, 0), 0.5)


def test_our_own_data_are_the_same_each_time_and_skewed(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, 300, 9000)
    with duckdb.connect() as con:
        for name in _TABLES:
            first, second = (f"'{place / name}.parquet'" for place in (folder, tmp_path))
            assert con.execute(f"select count(*) from (from {first} except from {second})").fetchone() == (0,)
        counted = con.execute(
            f"""select max(n), sum(n), count(*) from (
                select count(*) as n from '{folder}/activities.parquet' group by contact_id)"""
        ).fetchone()
    assert counted is not None
    assert counted[1] == 9000
    assert counted[0] > 5 * counted[1] / counted[2]
