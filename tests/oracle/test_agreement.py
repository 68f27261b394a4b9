"""The compiled expression and the slow scorer agree on random models and people, to the milli-point."""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from core.tables import SCORED
from scoring.compiler import Scores, compile_model
from scoring.loader import parse_model
from tests.oracle.crowds import AS_OF, crowds
from tests.oracle.rulebooks import kinds
from tests.oracle.scorer import score
from tests.oracle.strategies import models

Row = dict[str, Any]
Differences = Iterator[tuple[str, Any, Any]]

_SAME_NAME = (
    "score", "score_milli", "grade", "person_grade", "company_grade", "fit", "person_fit", "company_fit",
    "partial", "level", "rating", "priority", "stage", "escalate", "temperature", "trend", "idle_days",
    "low_interest", "top_product", "top_category",
)  # fmt: skip
_IN_HINDSIGHT = 0.3
#: In how many of 250 models a kind gave points, at least.
_OFTEN = 3
#: What rules that gave somebody points must between them have made use of, so that agreeing means something.
_EVERY_KIND = {
    "event",
    "when",
    "machine",
    "steps",
    "tiers",
    "idle",
    "trend",
    "low_interest",
    "first",
    "again",
    "exactly",
    "unless",
    "unless_after",
    "group",
    "cap",
    "floor",
    "at_least in",
    "at_least per",
    "at_most in",
    "at_most per",
    "distinct day",
    "distinct visit",
    "distinct asset",
    "distinct product",
    "distinct category",
    "per contact",
    "per day",
    "per visit",
    "per asset",
    "per product",
    "per category",
    "decay half_life",
    "decay linear",
    "decay window",
    "decay lose",
    "decay after",
    "decay compound",
    "decay none",
    "line cap",
    "line total",
    "line ageing",
    "ageing at_most",
    "ageing lose",
    "ageing every",
    "ageing points",
}


@pytest.fixture(autouse=True)
def _plain_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half the time to compile; the same expressions."""
    monkeypatch.setattr(ibis.options.sql, "fuse_selects", False)


_SEEDS = st.integers(0, 2**32 - 1)


@settings(
    max_examples=14,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # the seed is all there is to make smaller
)
@given(seed=_SEEDS)
def test_compiled_scores_equal_the_slow_scorer(seed: int) -> None:
    model, tables, hindsight = _drawn(seed)
    text = json.dumps(model, indent=1)  # JSON is YAML too
    note(text)
    expected = _expected(score(model, tables, AS_OF, hindsight=hindsight))
    with duckdb.connect() as con:
        scores = compiled(con, text, tables, hindsight=hindsight)
        assert list(differences(expected, _found(scores.stored()))) == []
        rescored = {who: _found_person(row) for who, row in _by(scores.numbers, "contact_id").items()}
    assert list(differences(expected["people"], rescored)) == []


def test_random_models_use_every_kind_of_rule_and_ageing() -> None:
    seen: Counter[str] = Counter()
    for seed in range(250):
        model, tables, hindsight = _drawn(seed)
        people = score(model, tables, AS_OF, hindsight=hindsight)["contacts"]
        seen.update(kinds(model["activity"], {line for person in people for line in person["lines"]}))
    assert [kind for kind in sorted(_EVERY_KIND) if seen[kind] < _OFTEN] == []


def _drawn(seed: int) -> tuple[Row, dict[str, list[Row]], bool]:
    """A model, tables, and whether to score them in hindsight."""
    source = random.Random(seed)  # noqa: S311 - dice, not secrets
    return models().roll(source), crowds(source), source.random() < _IN_HINDSIGHT


def compiled(
    con: duckdb.DuckDBPyConnection, text: str, tables: Mapping[str, list[Row]], *, hindsight: bool
) -> Scores:
    backend = ibis.duckdb.from_connection(con)
    inputs = {}
    for name, rows in tables.items():
        schema = pa.schema([SCORED[name].field(column) for column in rows[0]]) if rows else SCORED[name]
        naive = [{key: _naive(value) for key, value in row.items()} for row in rows]
        inputs[name] = backend.create_table(name, pa.Table.from_pylist(naive, schema))
    model = parse_model(text, Path("random.yaml"))
    return compile_model(model, inputs, AS_OF, hindsight=hindsight)


def differences(expected: object, found: object, at: str = "") -> Differences:
    """Where, what the slow scorer says, what the compiler says."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in dict.fromkeys((*expected, *found)):
            yield from differences(expected.get(key, "absent"), found.get(key, "absent"), f"{at}.{key}")
    elif expected != found:
        yield at, expected, found


def _naive(value: object) -> object:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _expected(scored: Row) -> Row:
    people = {person["contact_id"]: person for person in scored["contacts"]}
    companies = {company["account_id"]: company for company in scored["accounts"] or ()}
    return {
        "excluded": scored["excluded"],
        "people": {who: _person(person) for who, person in people.items()},
        "lines": {who: _lines(person) for who, person in people.items()},
        "fit": {who: person["fit_contributions"] for who, person in people.items()},
        "interest": {who: person["interest_milli"] for who, person in people.items()},
        "accounts": {name: (one["score"], one["people"], one["grade"]) for name, one in companies.items()},
        "account lines": {name: one["contributions"] for name, one in companies.items()},
        "nps": scored["nps"],
    }


def _person(person: Row) -> Row:
    return {
        **{name: person[name] for name in _SAME_NAME},
        **person["satisfaction"],
        "stage_entered_at": _naive(person["stage_entered_at"]),
        "missing": ", ".join(person["fit_missing"]),
        "journey": person["journey"] or {},
        "flags": person["flags"],
    }


def _lines(person: Row) -> Row:
    """Points and milli-points of each line; where it is a rule's, how many activities and the newest."""
    return {
        name: {
            "points": points,
            "milli": person["lines"][name],
            "count": person["counts"].get(name),
            "newest": _naive(person["newest"].get(name)),
        }
        for name, points in person["contributions"].items()
    }


def _found(scores: Scores) -> Row:
    people = _by(scores.numbers, "contact_id")
    companies = _by(scores.accounts, "account_id") if scores.frame.model.account else {}
    shown = {
        "excluded": {who: row["reason"] for who, row in _by(scores.excluded, "contact_id").items()},
        "people": {who: _found_person(row) for who, row in people.items()},
        "lines": _found_lines(scores.contributions, "contact_id", people),
        "fit": _points(scores.fit_contributions, "contact_id", people),
        "interest": _found_interest(scores, people),
        "accounts": {name: (row["score"], row["people"], row["grade"]) for name, row in companies.items()},
        "account lines": _points(scores.account_contributions, "account_id", companies),
    }
    return shown | {"nps": _rows(scores.nps)[0] if scores.frame.model.satisfaction else None}


def _found_person(row: Row) -> Row:
    return {
        **{name: row[name] for name in (*_SAME_NAME, "stage_entered_at")},
        **{name: row[f"satisfaction_{name}"] for name in ("band", "answer", "disagrees")},
        "missing": row["fit_missing"] or "",
        "journey": {name[8:]: value for name, value in row.items() if name.startswith("journey_")},
        "flags": {name[5:]: value for name, value in row.items() if name.startswith("flag_")},
    }


def _found_lines(table: Any, key: str, everyone: Mapping[str, Row]) -> Row:
    found: Row = {name: {} for name in everyone}
    for row in _rows(table):
        kept = {
            "points": row["points"],
            "milli": row["milli"],
            "count": row["count"],
            "newest": row["newest_at"],
        }
        found[row[key]][row["id"]] = kept
    return found


def _points(table: Any, key: str, everyone: Mapping[str, Row]) -> Row:
    found: Row = {name: {} for name in everyone}
    for row in _rows(table):
        found.setdefault(row[key], {})[row["id"]] = row["points"]
    return found


def _found_interest(scores: Scores, people: Mapping[str, Row]) -> Row:
    wanted = scores.frame.model.interest
    found: Row = {who: {kind: {} for kind in wanted.by} if wanted else {} for who in people}
    for row in _rows(scores.interest):
        found[row["contact_id"]][row["kind"]][row["item"]] = row["milli"]
    return found


def _by(table: Any, key: str) -> dict[str, Row]:
    return {row[key]: row for row in _rows(table)}


def _rows(table: Any) -> list[Row]:
    rows: list[Row] = table.to_pyarrow().to_pylist()
    return rows
