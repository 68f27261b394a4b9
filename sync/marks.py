"""What people did, by their number and the cell it belongs to (``scoring.digest``): kept from run to run."""

import duckdb

from scoring.frame import DAY, ID
from scoring.spec import Model
from sync.statements import Compiled

_KEYS = ("contacts", "survey_responses", "stage_history", "activities")


def number(con: duckdb.DuckDBPyConnection) -> None:
    """``numbered``: a number for everybody who has none; it stays theirs."""
    con.execute("create table if not exists numbered (contact_id varchar, number integer)")
    con.execute(
        """insert into numbered
        select contact_id, (select coalesce(max(number), -1) from numbered)
            + row_number() over (order by contact_id)
        from contacts anti join numbered using (contact_id)"""
    )


def lay_out(con: duckdb.DuckDBPyConnection, only: str | None = None) -> None:
    """Views ``scoring_<table>`` of the data that scoring reads, people being numbers.

    only: a table of the numbers of those wanted, else everybody.
    """
    within = "" if only is None else f"semi join {only} w on w.number = n.number"
    identity = {"contacts": f', c.contact_id as "{ID}"'}
    for table in _KEYS:
        source = "model_history" if table == "stage_history" else table
        con.execute(
            f"""create or replace temp view scoring_{"raw" if table == "activities" else table} as
            select n.number as contact_id{identity.get(table, "")}, c.* exclude (contact_id)
            from {source} c join numbered n using (contact_id) {within}"""
        )


def lay_out_marks(con: duckdb.DuckDBPyConnection, model: Model, found: Compiled, only: str | None) -> None:
    """Views ``scoring_marks`` and ``scoring_activities``, as the model sees them."""
    within = "" if only is None else f"semi join {only} w on w.number = m.number"
    con.execute(
        f"""create or replace temp view scoring_marks as
        select number as contact_id, cell, occurred_at from "marks_{model.name}" m {within}"""
    )
    seen = "".join(f', c."{name}"' for name in found.seen if name != "activity_id")
    con.execute(
        f"""create or replace temp view scoring_activities as
        select m.number as contact_id, m.occurred_at, c."{DAY}"{seen},
            {'c."activity_id"' if "activity_id" in found.seen else "m.place as activity_id"}
        from "marks_{model.name}" m {within} join "cells_{model.name}" c using (cell)"""
    )


def build(con: duckdb.DuckDBPyConnection, model: Model, found: Compiled) -> None:
    """``cells_<model>`` and ``marks_<model>`` of all activities. Needs ``lay_out``."""
    con.execute(
        f"""create or replace table "cells_{model.name}" as
        select (row_number() over () - 1)::integer as cell, * from ({found.statements["cells"].text})"""
    )
    con.execute(f'create or replace table "marks_{model.name}" as {_marks(model, found)}')


def renew(con: duckdb.DuckDBPyConnection, model: Model, found: Compiled, only: str) -> None:
    """The same for those in ``only``, whose activities are other than they were. Needs their ``lay_out``."""
    same = " and ".join(f'c."{key}" = n."{key}"' for key in found.alike)
    con.execute(
        f"""insert into "cells_{model.name}"
        select (select coalesce(max(cell), -1) from "cells_{model.name}") + row_number() over (), n.*
        from ({found.statements["cells"].text}) n anti join "cells_{model.name}" c on {same}"""
    )
    con.execute(f'delete from "marks_{model.name}" where number in (select number from {only})')
    con.execute(f'insert into "marks_{model.name}" {_marks(model, found)}')


def _marks(model: Model, found: Compiled) -> str:
    """Sorted by person; activities of one instant in the order of their ids."""
    same = " and ".join(f'c."{key}" = r."{key}"' for key in found.alike)
    return f"""select r.contact_id as number, c.cell, r.occurred_at,
            row_number() over (order by r.contact_id, r.occurred_at, r.activity_id) as place
        from ({found.statements["rows"].text}) r join "cells_{model.name}" c on {same}"""
