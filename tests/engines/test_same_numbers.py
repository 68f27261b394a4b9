"""Every engine gives the same, to the milli-point and the letter: PostgreSQL and Spark, run step by step, and
DuckDB, as one expression and step by step.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from scoring import engines
from scoring.compiler import Scores, compile_model
from scoring.conditions import Place, parse
from scoring.loader import load_model
from scoring.texts import trimmed
from tests.engines.world import NOW

_MODELS = Path(__file__).parents[2] / "config" / "models"
_DEFAULT = _MODELS / "demand.yaml"
_PRESETS = sorted((_MODELS / "presets").glob("*.yaml"))
Engine = tuple[Any, dict[str, Any]]

pytestmark = pytest.mark.filterwarnings("ignore")  # pyspark and pandas deprecate things between themselves


def _scores(engine: Engine, model: Path) -> Scores:
    return compile_model(load_model(model), engine[1], NOW, time_zone="Europe/Madrid")


def _rows(table: Any, *keys: str) -> list[dict[str, Any]]:
    found = table.to_pyarrow().to_pylist()
    return sorted(found, key=lambda row: tuple(str(row[key]) for key in keys))


def _numbers(scores: Scores) -> list[dict[str, Any]]:
    return _rows(scores.numbers, "contact_id")


def _everything(engine: Engine) -> dict[str, Any]:
    scores = _scores(engine, _DEFAULT).stored()
    return {
        "numbers": _numbers(scores),
        "contributions": _rows(scores.contributions, "contact_id", "id"),
        "fit_contributions": _rows(scores.fit_contributions, "contact_id", "id"),
        "contacts": _rows(scores.contacts, "contact_id"),
        "accounts": _rows(scores.accounts, "account_id"),
        "account_contributions": _rows(scores.account_contributions, "account_id", "id"),
        "interest": _rows(scores.interest, "contact_id", "kind", "item"),
        "nps": _rows(scores.nps, "score"),
    }


@pytest.fixture(scope="session")
def expected(duckdb_engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Each model's numbers, as one expression."""
    return {path.stem: _numbers(_scores(duckdb_engine, path)) for path in (_DEFAULT, *_PRESETS)}


@pytest.fixture(scope="session")
def everything(duckdb_engine: Engine) -> dict[str, Any]:
    return _everything(duckdb_engine)


@pytest.mark.parametrize("engine", ["postgres_engine", "spark_engine"])
@pytest.mark.parametrize("preset", _PRESETS, ids=lambda path: path.stem)
def test_presets_give_the_same_numbers(
    preset: Path, engine: str, expected: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    assert _numbers(_scores(request.getfixturevalue(engine), preset).stored()) == expected[preset.stem]


@pytest.mark.parametrize("engine", ["postgres_engine", "spark_engine"])
def test_default_model_gives_the_same_everywhere(
    engine: str, everything: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    assert _everything(request.getfixturevalue(engine)) == everything


def test_postgres_can_run_the_default_model_as_one_expression(
    postgres_engine: Engine, expected: dict[str, Any]
) -> None:
    assert _numbers(_scores(postgres_engine, _DEFAULT)) == expected[_DEFAULT.stem]


def test_steps_give_what_one_expression_gives(everything: dict[str, Any], expected: dict[str, Any]) -> None:
    assert everything["numbers"] == expected[_DEFAULT.stem]


_TRIMMED = {
    "vp of staff": "vp of staff",
    " firewall ": "firewall",
    "\u000bvf\u000c": "vf",
    "\t\r\n two  words \n": "two  words",
    "f": "f",
    "v": "v",
    "\\v": "\\v",
    "": "",
    "  ": "",
    " x \u2028": "x \u2028",
    "x \u0085 ": "x \u0085",
    None: None,
}


@pytest.mark.parametrize("engine", ["duckdb_engine", "postgres_engine", "spark_engine"])
def test_white_space_is_taken_off_alike(engine: str, request: pytest.FixtureRequest) -> None:
    backend = request.getfixturevalue(engine)[0]
    cells = engines.load(backend, {"cells": pa.table({"text": [*_TRIMMED]})})["cells"]
    holds = parse("trim(text) in ('vp of staff', 'vf', 'f')", None, Place()).apply(cells)
    found = _rows(cells.select("text", trimmed=trimmed(cells.text), holds=holds), "text")
    assert {row["text"]: row["trimmed"] for row in found} == _TRIMMED
    assert {row["text"] for row in found if row["holds"]} == {"vp of staff", "\u000bvf\u000c", "f"}


#: Conditions on true/false that is itself worked out, and for which rows they hold.
_NESTED = {
    "(vip and old) in (true, false)": [0, 1, 2, 3],
    "(vip or old) in (false)": [3],
    "(size <> 2) in (true)": [0, 2],
    "(text like 'a%') in (true)": [0, 1],
    "(text like 'a%') = vip": [0, 3],
    "(text in ('ab', 'x')) = true": [0, 2],
    "(text ilike 'A%') <> (size > 1)": [0, 2],
    "(vip is not null) between false and old": [1, 2],
}


@pytest.mark.parametrize("engine", ["duckdb_engine", "postgres_engine", "spark_engine"])
def test_true_and_false_that_are_worked_out_compare_alike(
    engine: str, request: pytest.FixtureRequest
) -> None:
    rows = pa.table(
        {
            "row": [0, 1, 2, 3],
            "text": ["ab", "ac", "x", "y"],
            "size": [1, 2, 3, None],
            "vip": [True, False, True, False],
            "old": [False, True, True, False],
        }
    )
    cells = engines.load(request.getfixturevalue(engine)[0], {"rows": rows})["rows"]
    holds = {text: parse(text, None, Place()).apply(cells) for text in _NESTED}
    found = _rows(cells.select("row", **{f"c{n}": value for n, value in enumerate(holds.values())}), "row")
    assert {text: [row["row"] for row in found if row[f"c{n}"]] for n, text in enumerate(holds)} == _NESTED
