import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import ModelError
from scoring.loader import load_model
from scoring.spec import Model
from sync.people import changed, identity
from sync.people.resolve import build
from sync.rescoring.rescore import ScoreReport, rescore
from sync.warehouse import Warehouse
from tests.unit.sync.memory import table
from tests.unit.sync.records import Choices

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

_MODEL = """
model: hot
version: 1
where: "not is_customer"
activity:
  decay: {window: 400d}
  rules:
    - {id: demo, event: demo_request, points: 60, decay: {window: 10d}}
    - {id: visit, event: page_view, points: 5}
    - {id: watched, event: video_view, first: true, steps: [{from: 10, points: 2}, {from: 75, points: 8}]}
stages:
  - {name: MQL, enter: "score >= 50", stay: "score >= 40"}
"""


class Zone:
    """The settings that rescoring reads."""

    time_zone = "UTC"


class Bench:
    """A warehouse of people and what they did, scored on request."""

    def __init__(self, folder: Path, shared: Path) -> None:
        self.warehouse = Warehouse(shared / f"{folder.name}.duckdb")  # beside it the model, compiled once
        (folder / "hot.yaml").write_text(_MODEL, encoding="utf-8")
        self.model: Model = load_model(folder / "hot.yaml")

    def put(self, kind: str, *rows: dict[str, Any]) -> None:
        with self.warehouse.write("test") as con:
            con.register("given", table(kind, rows))
            con.execute(f"insert into {kind} by name from given")
            con.execute(f"update {kind} set seen_at = '2026-01-01' where seen_at is null")  # our own table

    def person(self, number: str, **row: Any) -> None:
        self.put(
            "person_records", {"vendor": "sf", "object": "Lead", "record_id": number, "state": "live", **row}
        )

    def did(self, number: str, kind: str, at: datetime, name: str, value: float | None = None) -> None:
        row = {"vendor": "sf", "object": "Lead", "record_id": number, "type": kind, "activity_id": name}
        self.put("activity_records", row | {"value": value, "occurred_at": at.replace(tzinfo=None)})

    def score(self, at: datetime = NOW) -> ScoreReport:
        with self.warehouse.write("test") as con:
            identity.resolve(con, at)
            build(con, Choices())
        return self.rescore(at)

    def rescore(self, at: datetime) -> ScoreReport:
        return rescore(self.warehouse, [self.model], Zone(), at)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with self.warehouse.read() as con:
            return con.execute(statement).fetchall()


@pytest.fixture
def bench(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path, tmp_path_factory.getbasetemp())


def test_scores_stand_in_a_table_of_the_models_name(bench: Bench) -> None:
    bench.person("1", email="ann@acme.com")
    bench.person("2", is_customer=True)
    bench.did("1", "demo_request", NOW - timedelta(days=1), "1")
    bench.did("1", "page_view", NOW - timedelta(days=1), "2")
    report = bench.score()
    assert bench.query("select email, score, stage from contact_scores_hot") == [("ann@acme.com", 65, "MQL")]
    assert bench.query("select id, points from contributions_hot order by 1") == [("demo", 60), ("visit", 5)]
    assert (report.models[0].contacts, report.models[0].excluded) == (1, {"where": 1})


def test_tables_of_an_earlier_version_give_way(bench: Bench) -> None:
    with bench.warehouse.write("test") as con:
        con.execute("create table contact_scores_hot (contact_id varchar)")
        con.execute("create table interest_hot (contact_id varchar)")
    bench.person("1", email="ann@acme.com")
    bench.score()
    assert bench.query("select email, score from contact_scores_hot") == [("ann@acme.com", 0)]


def test_what_was_kept_of_a_model_that_is_gone_goes_too(bench: Bench) -> None:
    bench.person("1", email="ann@acme.com")
    bench.did("1", "demo_request", NOW - timedelta(days=1), "1")
    bench.score()
    bench.model = replace(bench.model, name="hot_2")
    bench.score()
    names = bench.query("select table_name from duckdb_tables() union select view_name from duckdb_views()")
    assert [name for (name,) in names if re.search("_hot(_[0-9]+)?$", name) and "_hot_2" not in name] == []
    assert bench.query("select email, score from contact_scores_hot_2") == [("ann@acme.com", 60)]
    assert bench.query("select model from scored_models") == [("hot_2",)]


def test_only_those_are_scored_again_to_whom_something_happened(bench: Bench) -> None:
    for number in ("1", "2"):
        bench.person(number, email=f"{number}@acme.com")
        bench.did(number, "page_view", NOW - timedelta(days=1), f"v{number}")
    bench.score()
    with bench.warehouse.write("test") as con:  # nobody looks at what stands
        con.execute("update raw_scores_hot set score = 99")
    bench.did("1", "demo_request", NOW, "d")
    bench.score(NOW + timedelta(hours=1))
    found = "select email, score from contact_scores_hot order by 1"
    assert bench.query(found) == [("1@acme.com", 65), ("2@acme.com", 99)]
    bench.score(NOW + timedelta(days=1))
    assert bench.query(found) == [("1@acme.com", 65), ("2@acme.com", 5)]


def test_of_two_at_one_instant_the_smaller_id_stays_the_first(bench: Bench) -> None:
    bench.person("1", email="ann@acme.com")
    bench.did("1", "video_view", NOW - timedelta(days=1), "z", value=80)
    bench.did("1", "video_view", NOW - timedelta(days=1), "a", value=20)
    bench.score()
    assert bench.query("select score from contact_scores_hot") == [(2,)]
    bench.did("1", "page_view", NOW, "v")
    bench.score(NOW + timedelta(hours=1))
    assert bench.query("select score from contact_scores_hot") == [(7,)]


def test_company_that_nobody_is_left_in_has_no_score(bench: Bench) -> None:
    bench.person("1", email="ann@acme.com")
    bench.score()
    with bench.warehouse.write("test") as con:  # an account that the CRM does not list
        con.execute("update contacts set account_id = 'unlisted'")
        changed.note(con)
    bench.rescore(NOW + timedelta(hours=1))
    assert ("unlisted",) in bench.query("select account_id from account_scores_hot")
    with bench.warehouse.write("test") as con:
        con.execute("update contacts set account_id = null")
        changed.note(con)
    bench.rescore(NOW + timedelta(hours=2))
    assert ("unlisted",) not in bench.query("select account_id from account_scores_hot")


def test_at_midnight_reasons_are_a_day_older(bench: Bench) -> None:
    bench.person("1", email="ann@acme.com")
    bench.did("1", "page_view", NOW, "v")
    bench.score()
    bench.score(NOW + timedelta(days=3))
    assert bench.query("select score, reasons from contact_scores_hot") == [
        (5, "+5 visited a page, 3 days ago")
    ]


def test_stage_entered_is_noted_once(bench: Bench) -> None:
    bench.person("1")
    bench.did("1", "demo_request", NOW - timedelta(days=1), "1")
    assert bench.score().models[0].moves == {(None, "MQL"): 1}
    assert bench.score(NOW + timedelta(hours=1)).models[0].moves == {}
    assert bench.query("select stage, entered_at, why from stage_history") == [
        ("MQL", NOW.replace(tzinfo=None), "60 · rising")
    ]


def test_leaving_a_stage_is_a_stage_entered_too(bench: Bench) -> None:
    bench.person("1")
    bench.did("1", "demo_request", NOW - timedelta(days=1), "1")
    bench.score()
    assert bench.score(NOW + timedelta(days=20)).models[0].moves == {("MQL", "lead"): 1}


def test_stage_is_kept_by_its_second_condition(bench: Bench) -> None:
    bench.person("1")
    bench.did("1", "demo_request", NOW - timedelta(days=1), "1")
    bench.score()
    for number in range(9):
        bench.did("1", "page_view", NOW, f"v{number}")
    assert bench.score(NOW + timedelta(days=20)).models[0].moves == {}
    assert bench.query("select score, stage from contact_scores_hot") == [(45, "MQL")]


def test_stages_follow_a_person_to_another_id(bench: Bench) -> None:
    bench.person("1", email="ann@acme.com")
    bench.score()
    bench.person("2")
    bench.did("2", "demo_request", NOW - timedelta(days=1), "1")
    bench.score(NOW + timedelta(hours=1))
    for number in range(9):
        bench.did("1", "page_view", NOW, f"v{number}")
    with bench.warehouse.write("test") as con:
        con.execute("update person_records set linked_to = 'sf:Lead:1' where record_id = '2'")
    assert bench.score(NOW + timedelta(days=20)).models[0].moves == {}
    assert bench.query("select score, stage from contact_scores_hot") == [(45, "MQL")]


def test_score_of_the_past_does_not_rewrite_history(bench: Bench) -> None:
    bench.person("1")
    bench.did("1", "demo_request", NOW - timedelta(days=1), "1")
    bench.score()
    bench.score(NOW - timedelta(days=5))
    assert bench.query("select stage from stage_history") == [("MQL",)]


def test_model_that_needs_more_than_the_data_has_changes_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.person("1")
    bench.score()
    (tmp_path / "bad.yaml").write_text(_MODEL.replace("not is_customer", "shoe_size > 40"), encoding="utf-8")
    with pytest.raises(ModelError, match="shoe_size"):
        rescore(bench.warehouse, [bench.model, load_model(tmp_path / "bad.yaml")], Zone(), NOW)
    assert bench.query("select count(*) from contact_scores_hot") == [(1,)]
