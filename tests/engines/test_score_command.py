"""``score --engine``: the same text from every engine, for a folder of Parquet."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.engines.world import NOW, tables

_MODEL = Path(__file__).parents[2] / "config" / "models" / "presets" / "gitlab.yaml"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    for name, table in tables().items():
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


@pytest.fixture(scope="module")
def expected(people: Path) -> str:
    return _scored(people, "duckdb")


def _score(people: Path, engine: str, **settings: str) -> subprocess.CompletedProcess[str]:
    scoreline = Path(sys.executable).with_name("scoreline")
    asked = ["--data", ".", "--model", str(_MODEL), "--as-of", NOW.isoformat(), "--engine", engine, "--json"]
    return subprocess.run(
        [scoreline, "score", *asked],
        check=False,
        cwd=people,
        env=os.environ | settings,
        text=True,
        capture_output=True,
    )


def _scored(people: Path, engine: str, **settings: str) -> str:
    ended = _score(people, engine, **settings)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_postgres_prints_what_duckdb_prints(people: Path, expected: str, postgres_url: str) -> None:
    assert _scored(people, "postgres", SCORELINE_POSTGRES_URL=postgres_url) == expected


def test_spark_prints_what_duckdb_prints(people: Path, expected: str, java_home: str) -> None:
    assert _scored(people, "spark", JAVA_HOME=java_home) == expected


@pytest.mark.parametrize(
    ("engine", "settings", "remedy"),
    [
        ("postgres", {"SCORELINE_POSTGRES_URL": "postgres://127.0.0.1:1/none"}, "SCORELINE_POSTGRES_URL"),
        ("spark", {"JAVA_HOME": "/nowhere"}, "install Java"),
    ],
)
def test_engine_that_is_not_there_is_named(
    people: Path, engine: str, settings: dict[str, str], remedy: str
) -> None:
    ended = _score(people, engine, **settings)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "engine: " in ended.stderr
    assert remedy in ended.stderr
