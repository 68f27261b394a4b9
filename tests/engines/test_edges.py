"""What a file, a server or a machine may bring along that must not show in the scores."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest

from core.errors import DataError
from scoring import engines
from scoring.files import folder
from tests.engines.world import NOW

pytestmark = pytest.mark.filterwarnings("ignore")  # pyspark and pandas deprecate things between themselves

_SQL = "a)s::varchar || version()) --"
_NAMES = f"""model: names
version: 1
fit:
  person:
    - {{id: same, when: "\\"{_SQL}\\" = 'y'", points: 1}}
    - {{id: rich, when: '"Revenue (EUR)" > 2', points: 2}}
    - {{id: cheap, when: '"Discount %" > 9', points: 4}}
"""
_PAGES = """model: pages
version: 1
activity: {rules: [{id: page, event: page_view, points: 1}]}
"""


def _folder(where: Path, model: str, **files: str) -> tuple[Path, Path]:
    (where / "model.yaml").write_text(model)
    for name, text in files.items():
        (where / f"{name}.csv").write_text(text)
    return where, where / "model.yaml"


def test_names_of_columns_are_never_sql(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = f'contact_id,a,b,{_SQL},Revenue (EUR),Discount %,"say ""%s"""'
    people = _folder(tmp_path, _NAMES, contacts=f"{header}\np1,x,x,y,3,10,\np2,x,,,,9,z\n")
    monkeypatch.setenv("SCORELINE_POSTGRES_URL", postgres_url)
    found = [folder.score(*people, NOW, engine=engine) for engine in ("duckdb", "postgres")]
    assert found[0] == found[1]
    assert [one["fit"]["total"] for one in found[1]["contacts"]] == [7, 0]


_CELLS = pa.table(
    {
        "100 %": ["a\\b", None],
        "number": [1 / 3, None],
        "whole": [2**62, None],
        "yes": [True, None],
        "at": pa.array([datetime(1600, 2, 29, 23, 59, 59, 999_999), None], pa.timestamp("us")),  # noqa: DTZ001  # as files have it
    }
)


@pytest.mark.parametrize("count", [2, 0])
@pytest.mark.parametrize(
    "setting",
    ["datestyle=German", "extra_float_digits=-5", "standard_conforming_strings=off", "timezone=Asia/Tokyo"],
)
def test_settings_of_a_server_change_nothing(postgres_url: str, setting: str, count: int) -> None:
    given = _CELLS.slice(0, count)
    backend = engines.connect("postgres", f"{postgres_url}&options=-c%20{setting.replace('=', '%3D')}")
    cells = engines.load(backend, {"cells": given})["cells"]
    told = {"told": cells.number.cast("string"), "day": cells["at"].cast("string")[:10]}
    found = cells.mutate(same=cells["100 %"] == "a\\b", **told).order_by("whole")
    rows = engines.fetched(found).to_pylist()
    backend.disconnect()
    first = {"told": "0.3333333333333333", "day": "1600-02-29", "same": True}
    more = [first, dict.fromkeys(first)][:count]
    assert rows == [row | also for row, also in zip(given.to_pylist(), more, strict=True)]


@pytest.fixture
def spark_session(spark_engine: tuple[Any, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Any:
    """``score --engine spark`` in a session with tables of its own, of the Spark there is."""
    session = spark_engine[0]._session.newSession()
    session.conf.set("spark.sql.codegen.wholeStage", "false")
    session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")

    @contextmanager
    def connected(_engine: str) -> Iterator[Any]:
        yield ibis.pyspark.connect(session)

    monkeypatch.setattr(engines, "connected", connected)
    return session


@pytest.fixture
def summer_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as changed:
        changed.setenv("TZ", "Europe/Madrid")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("summer_time", "spark_session")
def test_times_are_utc_in_every_year_wherever_the_machine_is(tmp_path: Path) -> None:
    times = {"p1": "2025-10-26T00:30:00Z", "p2": "2025-10-26T01:30:00Z", "p3": "1600-11-20T00:00:00Z"}
    lines = "".join(f"{who},page_view,{at}\n" for who, at in times.items())
    people = _folder(
        tmp_path,
        _PAGES,
        contacts="contact_id\np1\np2\np3\n",
        activities=f"contact_id,type,occurred_at\n{lines}",
    )
    found = [folder.score(*people, NOW, engine=engine) for engine in ("duckdb", "spark")]
    assert found[0] == found[1]
    assert {one["contact_id"]: one["contributions"][0]["newest_at"] for one in found[1]["contacts"]} == times


def test_what_spark_refuses_is_said(
    tmp_path: Path, spark_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = _folder(tmp_path, _NAMES, contacts=f"contact_id,{_SQL},Revenue (EUR),Discount %\np1,x,3,10\n")
    monkeypatch.setattr(engines, "load", lambda *_: spark_session.sql("selec 1"))
    with pytest.raises(DataError, match=r"cannot be scored: \[PARSE_SYNTAX_ERROR\]"):
        folder.score(*people, NOW, engine="spark")
