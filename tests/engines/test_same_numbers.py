"""PostgreSQL agrees with DuckDB on every contact, to the milli-point, for the default model and every preset;
Spark for three presets, as planning the larger ones takes it longer than a test may.
"""

from pathlib import Path
from typing import Any

import pytest

from scoring.compiler import compile_model
from scoring.loader import load_model
from tests.engines.world import NOW

_MODELS = Path(__file__).parents[2] / "config" / "models"
_ALL = sorted(_MODELS.rglob("*.yaml"))
_ON_SPARK = sorted(path for path in _ALL if path.stem in {"eloqua_decay", "gitlab", "shop"})
Engine = tuple[Any, dict[str, Any]]


def _rows(table: Any, *keys: str) -> list[dict[str, Any]]:
    found = table.to_pyarrow().to_pylist()
    return sorted(found, key=lambda row: tuple(str(row[key]) for key in keys))


def _numbers(engine: Engine, model: Path) -> list[dict[str, Any]]:
    return _rows(
        compile_model(load_model(model), engine[1], NOW, time_zone="Europe/Madrid").numbers, "contact_id"
    )


@pytest.fixture(scope="session")
def expected(duckdb_engine: Engine) -> dict[str, list[dict[str, Any]]]:
    return {path.stem: _numbers(duckdb_engine, path) for path in _ALL}


@pytest.mark.parametrize("model", _ALL, ids=lambda path: path.stem)
def test_postgres_agrees_with_duckdb(model: Path, postgres_engine: Engine, expected: dict[str, Any]) -> None:
    assert _numbers(postgres_engine, model) == expected[model.stem]


@pytest.mark.filterwarnings("ignore")  # pyspark and pandas deprecate things between themselves
@pytest.mark.parametrize("model", _ON_SPARK, ids=lambda path: path.stem)
def test_spark_agrees_with_duckdb(model: Path, spark_engine: Engine, expected: dict[str, Any]) -> None:
    assert _numbers(spark_engine, model) == expected[model.stem]


def _everything(engine: Engine) -> dict[str, Any]:
    scores = compile_model(
        load_model(_MODELS / "demand.yaml"), engine[1], NOW, time_zone="Europe/Madrid"
    ).stored()
    return {
        "contributions": _rows(scores.contributions, "contact_id", "id"),
        "contacts": _rows(scores.contacts, "contact_id"),
        "accounts": _rows(scores.accounts, "account_id"),
        "account_contributions": _rows(scores.account_contributions, "account_id", "id"),
        "interest": _rows(scores.interest, "contact_id", "kind", "item"),
        "nps": _rows(scores.nps, "score"),
    }


def test_explanations_agree_on_postgres(duckdb_engine: Engine, postgres_engine: Engine) -> None:
    assert _everything(postgres_engine) == _everything(duckdb_engine)
