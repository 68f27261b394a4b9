"""Stages that people entered: what is known of them, and what a run adds."""

from datetime import datetime
from typing import Any

import duckdb

from core.clock import naive_utc
from scoring.spec import Model
from sync.literals import quoted
from sync.rescoring.statements import Compiled


def lay_out(con: duckdb.DuckDBPyConnection, model: str) -> None:
    """View ``model_history``: stages this model's people entered, under the ids they have now."""
    con.execute(
        f"""create or replace temp view model_history as
        select coalesce(a.id, h.contact_id) as contact_id, h.model, h.stage, h.entered_at, h.why
        from stage_history h left join aliases a on a.kind = 'person' and a.alias = h.contact_id
        where h.model = {quoted(model)}"""
    )


def enter(
    con: duckdb.DuckDBPyConnection, model: Model, found: Compiled, as_of: datetime, only: str | None
) -> dict[tuple[str | None, str], int]:
    """Append the stages that are not the last ones known; a score of the past adds nothing to history.

    Of two entered at one instant the higher is the last. only: whom ``scoring_stage_history`` is of.
    """
    stages = ", ".join(quoted(stage.name) for stage in model.stages)
    within = "" if only is None else f"semi join {only} w on w.number = s.contact_id"
    con.execute(
        f"""create or replace temp table scoring_entered as
        with latest as (
            select contact_id, max(entered_at) as entered_at,
                arg_max(stage, epoch_us(entered_at) + coalesce(list_position([{stages}], stage), 0)) as stage
            from scoring_stage_history group by contact_id
        )
        select s.contact_id, s.stage, l.stage as before, s.score, s.rating, s.trend
        from "raw_scores_{model.name}" s {within} left join latest l on l.contact_id = s.contact_id
        where s.stage is not null and s.stage is distinct from l.stage
            and coalesce(l.entered_at <= ?, true)""",
        [naive_utc(as_of)],
    )
    con.execute(
        f"""insert into stage_history by name
        select n.contact_id, ? as model, e.stage, ? as entered_at, h.headline as why
        from scoring_entered e join ({found.statements["headlines"].text}) h using (contact_id)
        join numbered n on n.number = e.contact_id""",
        [model.name, naive_utc(as_of)],
    )
    con.execute(
        f"""update "raw_scores_{model.name}" set stage_entered_at = $at
        where stage_entered_at is distinct from $at
            and contact_id in (select contact_id from scoring_entered)""",
        {"at": naive_utc(as_of)},
    )
    moves: list[Any] = con.execute(
        "select before, stage, count(*) from scoring_entered group by all order by all"
    ).fetchall()
    return {(before, stage): count for before, stage, count in moves}
