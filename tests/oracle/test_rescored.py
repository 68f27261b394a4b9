"""What ``sync`` keeps from run to run and brings up to date is what the slow scorer says of the last one."""

import json
import os
import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

import sync.rescoring.marks
import sync.rescoring.rescore
from core.tables import SCORED
from scoring.loader import parse_model
from scoring.spec import Model
from sync import schema
from sync.people import changed
from tests.oracle.crowds import AS_OF, TITLES, crowds
from tests.oracle.scorer import score
from tests.oracle.strategies import models
from tests.oracle.test_agreement import _expected, _found, _naive, differences

Row = dict[str, Any]
Tables = dict[str, list[Row]]
_EXAMPLES = int(os.environ.get("SCORELINE_RESCORED", "2"))
_ZONE = "UTC"
_AS_DRAWN = 0.4
_IN_SHARES = 0.5
_TEXTS = """select s.score, s.reasons, s.details, coalesce(c.lines, [])
    from contact_scores_{model} s left join (
        select contact_id, list({{'points': points, 'line': line, 'newest_at': newest_at}}) as lines
        from contributions_{model} group by 1) c using (contact_id)"""


@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # the seed is all there is to make smaller
)
@given(seed=st.integers(0, 2**32 - 1))
def test_what_is_kept_between_runs_equals_the_slow_scorer(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    dice = random.Random(seed)  # noqa: S311  # dice, not secrets
    text = json.dumps(models().roll(dice), indent=1)
    note(text)
    model, tables = parse_model(text, Path("random.yaml")), crowds(dice)
    instants = [*sorted(_earlier(dice) for _ in range(dice.randint(1, 3))), AS_OF]
    note(str(instants))
    with duckdb.connect() as con, pytest.MonkeyPatch.context() as patch:
        if dice.random() < _IN_SHARES:
            patch.setattr(sync.rescoring.rescore, "_AT_ONCE", 3)
            patch.setattr(sync.rescoring.marks, "_SORTED", 4)
        schema.prepare(con)
        _put(con, "stage_history", tables["stage_history"], SCORED["stage_history"].names)
        for at in instants:
            now = tables if dice.random() < _AS_DRAWN else _otherwise(dice, tables)
            for name in ("contacts", "accounts", "activities", "survey_responses"):
                _put(con, name, now[name], list(tables[name][0]) if tables[name] else SCORED[name].names)
            changed.note(con)
            history = _aware(con.execute("from stage_history").to_arrow_table().to_pylist())
            sync.rescoring.rescore.score(con, model, at, _ZONE, tmp_path_factory.getbasetemp())
        expected = _expected(
            score(json.loads(text), now | {"stage_history": history}, AS_OF, hindsight=False)
        )
        found = _found(_kept(con, model))
        texts = con.execute(_TEXTS.format(model=model.name)).fetchall()
        noted = con.execute("from stage_history").to_arrow_table().to_pylist()[len(history) :]
    for row in noted:  # what had not been in the history stands there now
        expected["people"][row["contact_id"]]["stage_entered_at"] = _naive(AS_OF)
    assert list(differences(expected, found)) == []
    for shown, reasons, details, _ in texts:
        assert _sum(reasons, " · ") == _sum(details, "\n") == shown, (shown, reasons, details)
    for _, _, details, lines in texts:
        zone = ZoneInfo(model.time_zone or _ZONE)
        assert {_dated(line, zone) for line in lines if abs(line["points"]) > 1} <= _lines(details), (
            details,
            lines,
        )


def _dated(line: Row, zone: ZoneInfo) -> str:
    """A contribution as details say it, without its points, which may be shared out otherwise by one."""
    if line["newest_at"] is None:
        return str(line["line"])
    day = line["newest_at"].replace(tzinfo=UTC).astimezone(zone).date()
    return f"{line['line'].rpartition(', ')[0]}, {day}"


def _lines(details: str) -> set[str]:
    return {line.partition(" ")[2] for line in details.split("\n")}


def _sum(text: str, gap: str) -> int:
    """Of the points that the lines begin with, or end with where they are ``3 more, -4``."""
    lines = [re.fullmatch(r"([+-]\d+) .*|\d+ \w+, ([+-]?\d+)", line) for line in text.split(gap) if line]
    return sum(int(line[1] or line[2]) for line in lines if line)


def _earlier(dice: random.Random) -> datetime:
    return AS_OF - dice.choice(
        (timedelta(), timedelta(hours=dice.randint(1, 12)), timedelta(dice.randint(1, 40)))
    )


def _otherwise(dice: random.Random, tables: Tables) -> Tables:
    """The tables as they may be at another time: less of everything, other titles."""
    found = {
        name: [dict(row) for place, row in enumerate(rows) if not place or dice.random() < 0.8]
        for name, rows in tables.items()
    }
    for person in found["contacts"]:
        if dice.random() < 0.3:
            person["title"] = dice.choice(TITLES)
            person["account_id"] = dice.choice(("a1", "a2", None))
    for name, owner in (("activities", "contact_id"), ("survey_responses", "contact_id")):
        there = {person["contact_id"] for person in found["contacts"]}
        found[name] = [row for row in found[name] if row[owner] in there]
    return found


def _put(con: duckdb.DuckDBPyConnection, name: str, rows: list[Row], columns: Sequence[str]) -> None:
    naive = [{key: _naive(value) for key, value in row.items()} for row in rows]
    table = pa.Table.from_pylist(naive, pa.schema([SCORED[name].field(column) for column in columns]))
    con.register("given", table)
    con.execute(f"create or replace table {name} as from given")


def _aware(rows: list[Row]) -> list[Row]:
    return [
        {
            key: value.replace(tzinfo=AS_OF.tzinfo) if isinstance(value, datetime) else value
            for key, value in row.items()
        }
        for row in rows
    ]


def _kept(con: duckdb.DuckDBPyConnection, model: Model) -> Any:
    backend = ibis.duckdb.from_connection(con)
    names = {
        "numbers": "contact_scores", "accounts": "account_scores", "contributions": "contributions",
        "account_contributions": "account_contributions", "fit_contributions": "fit_contributions",
        "interest": "interest", "excluded": "excluded", "nps": "nps",
    }  # fmt: skip
    tables = {name: backend.table(f"{table}_{model.name}") for name, table in names.items()}
    return SimpleNamespace(frame=SimpleNamespace(model=model), **tables)
