"""``score --engine``: the same text from every engine, for a folder of Parquet."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from scoring.files import folder
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


_TEXTS = """model: texts
version: 1
fit:
  person:
    - {id: soft, when: "lower(title) = 'söftware'", points: 1}
    - {id: early, when: "title < 'a'", points: 2}
    - {id: large, when: "size * 10 > 5", points: 4}
  grades: {A: 6, B: 4, C: 2}
activity: {rules: [{id: page, event: page_view, points: 1, signal: buying}]}
stages: [{name: Ágil, enter: "score > 0"}]
escalate: {signal: buying, within: 90d, when: "lower(stage) = 'ágil'"}
"""


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "texts.yaml").write_text(_TEXTS)
    (tmp_path / "contacts.csv").write_text("contact_id,title,size\nc1,SÖFTWARE,1\nc2,Zoe,0\nc3,a,2\n")
    (tmp_path / "activities.csv").write_text(
        f"contact_id,type,occurred_at\nc1,page_view,{NOW - timedelta(1):%F}\n"
    )
    return tmp_path


def test_texts_compare_alike_whatever_the_locale_of_the_database(
    texts: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as con:
        con.execute("drop database if exists plain")
        con.execute("create database plain template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'")
    monkeypatch.setenv("SCORELINE_POSTGRES_URL", postgres_url.replace("/postgres?", "/plain?"))
    found = [
        folder.score(texts, texts / "texts.yaml", NOW, engine=engine)["contacts"]
        for engine in ("duckdb", "postgres")
    ]
    assert found[0] == found[1]
    assert {one["contact_id"]: one["fit"]["total"] for one in found[0]} == {"c1": 7, "c2": 2, "c3": 4}
    assert [one["contact_id"] for one in found[0] if one["escalate"]] == ["c1"]


def test_number_too_large_for_the_engine_is_said_in_a_sentence(
    texts: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORELINE_POSTGRES_URL", postgres_url)
    (texts / "contacts.csv").write_text("contact_id,title,size\nc1,x,1e308\n")
    with pytest.raises(DataError, match="cannot be scored: "):
        folder.score(texts, texts / "texts.yaml", NOW, engine="postgres")
