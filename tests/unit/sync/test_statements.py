"""A compiled model is kept as text, and says the same of every instant as one compiled for it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pytest

from core.errors import ModelError
from scoring import digest
from scoring.compiler import compile_model
from scoring.frame import Frame
from scoring.loader import parse_model
from scoring.spec import Model
from sync import schema
from sync.people import changed
from sync.rescoring.rescore import score
from tests.unit.scoring.people import World, did

_TEXT = """
model: warm
version: 1
activity:
  decay: {half_life: 30d}
  rules:
    - {id: demo, event: demo_request, points: 60, signal: buying}
    - {id: visit, event: page_view, points: 5, at_most: "2 in 7d"}
    - {id: quiet, idle: 20d, points: -5}
fit:
  person: [{id: boss, when: "title like '%boss%' and days_since(created_at) > 3", points: 60}]
  grades: {A: 50, B: 20}
rating: {levels: [25, 50], best: A3}
stages: [{name: MQL, enter: "score >= 50"}]
escalate: {signal: buying, within: 36h}
interest: {by: product, half_life: 30d}
"""
#: Compiles in a fraction of the time.
_LITTLE = """
model: warm
version: 1
activity: {rules: [{id: demo, event: demo_request, points: 60, decay: {half_life: 30d}}]}
fit: {person: [{id: boss, when: "title like '%boss%'", points: 60}], grades: {A: 50}}
stages: [{name: MQL, enter: "score >= 50"}]
"""
_ZONE = "Europe/Madrid"
_RESULTS = {
    "contacts": "contact_scores", "accounts": "account_scores", "contributions": "contributions",
    "account_contributions": "account_contributions", "fit_contributions": "fit_contributions",
    "interest": "interest", "journey": "journey", "excluded": "excluded",
}  # fmt: skip
_INSTANTS = (
    datetime(2026, 10, 24, 22, 30, tzinfo=UTC),  # the night the clocks change
    datetime(2026, 11, 22, 23, 15, 7, tzinfo=UTC),  # a day later there than in UTC
    datetime(2027, 1, 5, tzinfo=UTC),
)


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    people: list[dict[str, Any]] = [
        {"contact_id": f"p{number}", "account_id": f"a{number % 3}", "title": title}
        for number, title in enumerate(["boss", None, "the big boss", "guest"] * 3)
    ]
    for number, person in enumerate(people):
        person["created_at"] = datetime(2026, 10, 1 + number)  # noqa: DTZ001  # as tables keep time
    acts = [
        did(kind, age, who=f"p{number}", product="loom")
        for number in range(0, 12, 2)
        for kind in ("demo_request", "page_view")
        for age in range(0, 60, 7 + number)
    ]
    found = duckdb.connect()
    schema.prepare(found)
    for name, rows in World(acts, people).tables().items():
        found.register("given", rows)
        found.execute(f"insert into {name} by name from given")
    changed.note(found)
    return found


def _rows(con: duckdb.DuckDBPyConnection, name: str) -> list[Any]:
    return con.execute(f"from {name} order by all").fetchall()


def _kept(con: duckdb.DuckDBPyConnection, folder: Path, model: Model, at: datetime) -> dict[str, list[Any]]:
    score(con, model, at, _ZONE, folder)
    con.execute("delete from stage_history")  # which a fresh one does not know
    return {name: _rows(con, f"{table}_{model.name}") for name, table in _RESULTS.items()}


def _fresh(con: duckdb.DuckDBPyConnection, model: Model, at: datetime) -> dict[str, list[Any]]:
    backend = ibis.duckdb.from_connection(con)
    tables = {name: backend.table(name) for name in ("contacts", "accounts", "activities")}
    scores = compile_model(model, tables, at, time_zone=_ZONE).stored()
    for name in _RESULTS:
        backend.create_table(f"fresh_{name}", getattr(scores, name), overwrite=True)
    con.execute("update fresh_contacts set stage_entered_at = as_of where stage_entered_at is null")  # noted
    return {name: _rows(con, f"fresh_{name}") for name in _RESULTS}


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was compiled, as opposed to read."""
    found: list[str] = []
    once = digest.alike

    def noted(frame: Frame) -> digest.Alike:
        found.append(frame.model.hash)
        return once(frame)

    monkeypatch.setattr(digest, "alike", noted)
    return found


def test_one_text_serves_every_instant(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, compiled: list[str]
) -> None:
    model = parse_model(_TEXT)
    for at in _INSTANTS[1:]:
        assert _kept(con, tmp_path, model, at) == _fresh(con, model, at)
    assert len(compiled) == 1


def test_a_change_of_clocks_is_another_text(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, compiled: list[str]
) -> None:
    model = parse_model(_TEXT)
    for at in (datetime(2026, 7, 1, tzinfo=UTC), _INSTANTS[0]):
        assert _kept(con, tmp_path, model, at) == _fresh(con, model, at)
    assert len(compiled) == 2


def test_another_model_or_other_columns_are_compiled_anew(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, compiled: list[str]
) -> None:
    model, edited = (parse_model(text) for text in (_LITTLE, _LITTLE.replace("points: 60", "points: 61")))
    _kept(con, tmp_path, model, _INSTANTS[0])
    assert _kept(con, tmp_path, edited, _INSTANTS[0]) == _fresh(con, edited, _INSTANTS[0])
    con.execute("alter table contacts drop column title")
    with pytest.raises(ModelError, match="title"):
        _kept(con, tmp_path, model, _INSTANTS[0])
    assert compiled == [model.hash, edited.hash, model.hash]


def test_a_torn_file_is_compiled_anew(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, compiled: list[str]
) -> None:
    model = parse_model(_LITTLE)
    first = _kept(con, tmp_path, model, _INSTANTS[0])
    (path,) = (tmp_path / "compiled" / model.name).glob("*.json")
    path.write_text(path.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    assert _kept(con, tmp_path, model, _INSTANTS[0]) == first
    assert len(compiled) == 2


def test_a_folder_that_cannot_be_written_costs_only_time(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    model = parse_model(_LITTLE)
    (tmp_path / "file").write_text("")
    assert _kept(con, tmp_path / "file", model, _INSTANTS[0]) == _fresh(con, model, _INSTANTS[0])
