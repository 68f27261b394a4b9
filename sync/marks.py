"""What people did, by their number and the cell it belongs to (``scoring.digest``): kept from run to run."""

import duckdb

from scoring.frame import DAY, ID
from scoring.spec import Model
from sync.statements import Compiled

#: What scoring reads of people beside activities → where it comes from.
_OF_PEOPLE = {
    "contacts": "contacts",
    "survey_responses": "survey_responses",
    "stage_history": "model_history",
}


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
    """``scoring_contacts``, ``…_survey_responses`` and ``…_stage_history``, people being numbers.

    only: a table of the numbers of those wanted, else everybody. Of few people all is read at once, so that
    nothing is joined for everybody.
    """
    for table, source in _OF_PEOPLE.items():
        identity = f', c.contact_id as "{ID}"' if table == "contacts" else ""
        query = _numbered(source, only, identity)
        if only is not None:
            con.execute(f"create or replace temp table chosen_{table} as {query}")
            query = f"from chosen_{table}"
        con.execute(f"create or replace temp view scoring_{table} as {query}")


def lay_out_activities(con: duckdb.DuckDBPyConnection, only: str | None = None) -> None:
    """View ``scoring_raw``: activities as they are stored, people being numbers."""
    con.execute(f"create or replace temp view scoring_raw as {_numbered('activities', only)}")


def _numbered(source: str, only: str | None, identity: str = "") -> str:
    within = "" if only is None else f"semi join {only} w on w.number = n.number"
    return f"""select n.number as contact_id, c.* exclude (contact_id){identity}
        from {source} c join numbered n using (contact_id) {within}"""


def lay_out_marks(con: duckdb.DuckDBPyConnection, model: Model, found: Compiled, only: str | None) -> None:
    """Views ``scoring_marks`` and ``scoring_activities``, as the model sees them."""
    marks = f'"marks_{model.name}"'
    if only is not None:
        con.execute(
            f"""create or replace temp table chosen_marks as
            select m.* from {marks} m semi join {only} w on w.number = m.number"""
        )
        marks = "chosen_marks"
    con.execute(
        f"""create or replace temp view scoring_marks as
        select number as contact_id, cell, occurred_at from {marks}"""
    )
    seen = "".join(f', c."{name}"' for name in found.seen if name != "activity_id")
    con.execute(
        f"""create or replace temp view scoring_activities as
        select m.number as contact_id, m.occurred_at, c."{DAY}"{seen},
            {'c."activity_id"' if "activity_id" in found.seen else "m.place as activity_id"}
        from {marks} m join "cells_{model.name}" c using (cell)"""
    )


def build(con: duckdb.DuckDBPyConnection, model: Model, found: Compiled) -> None:
    """``cells_<model>`` and ``marks_<model>`` of all activities. Needs ``lay_out_activities``."""
    found.make(con, "rows", kind="temp view")
    con.execute(
        f"""create or replace table "cells_{model.name}" as
        select (row_number() over () - 1)::integer as cell, * from ({found.statements["cells"].text})"""
    )
    con.execute(f'create or replace table "marks_{model.name}" as {_marks(model, found)}')
    con.execute("drop view scoring_rows")


def renew(con: duckdb.DuckDBPyConnection, model: Model, found: Compiled, only: str) -> None:
    """The same for those in ``only``, whose activities are other than they were."""
    lay_out_activities(con, only)
    found.make(con, "rows")
    same = " and ".join(f'c."{key}" = n."{key}"' for key in found.alike)
    con.execute(
        f"""insert into "cells_{model.name}"
        select (select coalesce(max(cell), -1) from "cells_{model.name}") + row_number() over (), n.*
        from ({found.statements["cells"].text}) n anti join "cells_{model.name}" c on {same}"""
    )
    con.execute(f'delete from "marks_{model.name}" where number in (select number from {only})')
    con.execute(f'insert into "marks_{model.name}" {_marks(model, found)}')
    con.execute("drop table scoring_rows")


def _marks(model: Model, found: Compiled) -> str:
    """Sorted by person; activities of one instant in the order of their ids."""
    same = " and ".join(f'c."{key}" = r."{key}"' for key in found.alike)
    return f"""select r.contact_id as number, c.cell, r.occurred_at,
            row_number() over (order by r.contact_id, r.occurred_at, r.activity_id) as place
        from scoring_rows r join "cells_{model.name}" c on {same}"""
