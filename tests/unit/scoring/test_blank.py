"""Columns that are asked for and that nobody has a value in yet."""

from pathlib import Path

import duckdb
import ibis
import pytest

from scoring.files import blank
from scoring.loader import load_model
from scoring.spec import Model


def _model(folder: Path, name: str, *conditions: str) -> Model:
    rules = [f'  - {{id: r{number}, when: "{when}", points: 1}}' for number, when in enumerate(conditions)]
    path = folder / f"{name}.yaml"
    path.write_text(f"model: {name}\nversion: 1\nfit:\n person:\n" + "\n".join(rules) + "\n")
    return load_model(path)


def _types(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return {row[0]: row[1] for row in con.execute("describe contacts").fetchall()}


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create table contacts as select 'c1' as contact_id, 'x' as filled, null::varchar as region")
    return con


def test_column_that_is_not_there_is_added_as_the_models_take_it(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    models = [
        _model(tmp_path, "a", "review >= 10", "coalesce(review, other) < 3 or region = 'north'"),
        _model(tmp_path, "b", "since is null or days_since(since) > 3"),
    ]
    wanted = ["review", "other", "since", "unread", "filled"]
    blank.settle(ibis.duckdb.from_connection(con), models, {"contacts": wanted})
    assert _types(con) == {
        "contact_id": "VARCHAR", "filled": "VARCHAR", "region": "VARCHAR", "review": "DOUBLE",
        "other": "DOUBLE", "since": "TIMESTAMP", "unread": "VARCHAR",
    }  # fmt: skip
    assert con.execute("select filled from contacts").fetchall() == [("x",)]


def test_column_with_values_keeps_its_type_whatever_a_model_asks(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    blank.settle(ibis.duckdb.from_connection(con), [_model(tmp_path, "a", "filled > 3")], {"contacts": ()})
    assert _types(con)["filled"] == "VARCHAR"


def test_column_that_conditions_take_in_two_ways_stays_text(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    models = [_model(tmp_path, "a", "region > 3"), _model(tmp_path, "b", "region = 'north'")]
    blank.settle(ibis.duckdb.from_connection(con), models, {"contacts": ()})
    assert _types(con)["region"] == "VARCHAR"
