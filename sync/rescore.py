"""Resolved tables → scores, contributions and stages, by model: one instant, in the data file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb

from core.clock import naive_utc
from scoring.spec import Model
from sync.statements import Compiler, tell
from sync.warehouse import Warehouse

#: What scoring reads → our table; stage history comes with former ids replaced.
_INPUTS: Mapping[str, str] = {
    "contacts": "contacts",
    "accounts": "accounts",
    "activities": "activities",
    "survey_responses": "survey_responses",
    "deals": "deals",
    "stage_history": "model_history",
}

#: Tables a model's results are kept in, by what ``Scores`` calls them; each ends in the model's name.
TABLES: Mapping[str, str] = {
    "contacts": "contact_scores",
    "accounts": "account_scores",
    "excluded": "excluded",
    "interest": "interest",
    "journey": "journey",
    "nps": "nps",
    "contributions": "contributions",
    "account_contributions": "account_contributions",
    "fit_contributions": "fit_contributions",
    "refused": "refused_answers",
}


class ScoreSettings(Protocol):
    """What rescoring needs of the settings."""

    @property
    def time_zone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ModelScored:
    """One model's run. moves: people by (stage before, stage now), None for no stage before."""

    model: str
    model_hash: str
    contacts: int
    excluded: Mapping[str, int]
    moves: Mapping[tuple[str | None, str], int]


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What was scored, as of one instant."""

    as_of: datetime
    models: tuple[ModelScored, ...]


def rescore(
    warehouse: Warehouse, models: Iterable[Model], settings: ScoreSettings, as_of: datetime
) -> ScoreReport:
    """Score everybody with every model and note the stages entered, in one transaction.

    as_of: UTC-aware. Raises ModelError where a model needs what the data do not have.
    """
    with warehouse.write("scoring") as con:
        scored = tuple(
            score(con, model, as_of, settings.time_zone, warehouse.path.parent) for model in models
        )
    return ScoreReport(as_of, scored)


def score(
    con: duckdb.DuckDBPyConnection, model: Model, as_of: datetime, time_zone: str, state_dir: Path
) -> ModelScored:
    """One model, inside the caller's transaction. state_dir: where compiled models are kept."""
    _history(con, model.name)
    tell(con, model, as_of, time_zone)
    compiler = Compiler(state_dir / "compiled", TABLES)
    for statement in compiler.statements(con, model, _INPUTS, as_of, time_zone):
        statement.run(con)
    moves = _enter_stages(con, model.name, as_of)
    excluded = con.execute(
        f'select reason, count(*) from "excluded_{model.name}" group by 1 order by 1'
    ).fetchall()
    counted = con.execute(f'select count(*) from "contact_scores_{model.name}"').fetchone()
    return ModelScored(model.name, model.hash, counted[0] if counted else 0, dict(excluded), moves)


def _history(con: duckdb.DuckDBPyConnection, model: str) -> None:
    """Stages this model's people entered, under the ids they have now."""
    con.execute(
        """create or replace temp table model_history as
        select coalesce(a.id, h.contact_id) as contact_id, h.model, h.stage, h.entered_at, h.why
        from stage_history h left join aliases a on a.kind = 'person' and a.alias = h.contact_id
        where h.model = ?""",
        [model],
    )


def _enter_stages(
    con: duckdb.DuckDBPyConnection, model: str, as_of: datetime
) -> dict[tuple[str | None, str], int]:
    """Append the stages that are not the last ones known; a score of the past adds nothing to history."""
    con.execute(
        f"""create or replace temp table entered as
        with latest as (
            select contact_id, arg_max(stage, entered_at) as stage, max(entered_at) as entered_at
            from model_history group by contact_id
        )
        select s.contact_id, s.stage, l.stage as before, s.headline as why
        from "contact_scores_{model}" s left join latest l using (contact_id)
        where s.stage is not null and s.stage is distinct from l.stage
            and coalesce(l.entered_at <= ?, true)""",
        [naive_utc(as_of)],
    )
    con.execute(
        """insert into stage_history by name
        select contact_id, ? as model, stage, ? as entered_at, why from entered""",
        [model, naive_utc(as_of)],
    )
    moves: list[Any] = con.execute(
        "select before, stage, count(*) from entered group by all order by all"
    ).fetchall()
    con.execute("drop table entered")
    con.execute("drop table model_history")
    return {(before, stage): count for before, stage, count in moves}
