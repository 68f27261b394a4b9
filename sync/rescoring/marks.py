"""What people did, by their number and the cell it belongs to (``scoring.digest``): kept from run to run."""

from collections.abc import Iterator

import duckdb

from core.clock import DAY
from scoring.frame import ID
from scoring.spec import Model
from sync.rescoring.statements import Compiled

#: Whom something is about: those in a table as ``numbered`` is, a share of everybody, everybody.
People = str | range | None

#: People whose activities are sorted at once.
_SORTED = 1_000_000

#: What scoring reads of people beside activities → where it comes from.
_OF_PEOPLE = {
    "contacts": "contacts",
    "survey_responses": "survey_responses",
    "stage_history": "model_history",
}


def shares(con: duckdb.DuckDBPyConnection, people: int) -> Iterator[range]:
    """Everybody's numbers, so many at a time; at least one share."""
    (count,) = con.execute("select count(*) from numbered").fetchone() or (0,)
    for start in range(0, max(count, 1), people):
        yield range(start, start + people)


def within(people: People, number: str) -> str:
    """What follows a ``from`` so that it is of these people. number: the column."""
    if people is None:
        return ""
    if isinstance(people, range):
        return f"where {number} >= {people.start} and {number} < {people.stop}"
    return f"semi join {people} chosen on chosen.number = {number}"


def lay_out(con: duckdb.DuckDBPyConnection, people: People = None, found: Compiled | None = None) -> None:
    """``scoring_contacts``, ``…_survey_responses`` and ``…_stage_history``, people being numbers.

    What those in a table have is read at once, so that nothing is joined for everybody, and of their contacts
    what ``found`` reads.
    """
    numbered = _chosen(people)
    for table, source in _OF_PEOPLE.items():
        identity = f', c.contact_id as "{ID}"' if table == "contacts" else ""
        read = None
        if found is not None and table == "contacts":
            read = found.read_of(con, table, but="contact_id")
        query = _numbered(source, numbered, identity, read)
        if isinstance(people, str):
            con.execute(f"create or replace temp table chosen_{table} as {query}")
            query = f"from chosen_{table}"
        con.execute(f"create or replace temp view scoring_{table} as {query}")


def lay_out_activities(
    con: duckdb.DuckDBPyConnection, people: People = None, *, unnamed: bool = False
) -> None:
    """View ``scoring_raw``: activities as they are stored, people being numbers.

    unnamed: with their row's number in place of their id, which takes longest to read of all.
    """
    source = "activities"
    if unnamed:
        source = "(select * replace (rowid::varchar as activity_id) from activities)"
    con.execute(f"create or replace temp view scoring_raw as {_numbered(source, _chosen(people))}")


def _chosen(people: People) -> str:
    """What ``numbered`` says of these people."""
    if people is None:
        return "numbered"
    return people if isinstance(people, str) else f"(from numbered n {within(people, 'n.number')})"


def _numbered(source: str, numbered: str, identity: str = "", read: str | None = None) -> str:
    columns = "c.* exclude (contact_id)" if read is None else read
    return f"""select n.number as contact_id, {columns}{identity}
        from {source} c join {numbered} n using (contact_id)"""


def choose(con: duckdb.DuckDBPyConnection, model: Model, people: str) -> None:
    """``chosen_marks``: what is kept of the people in a table."""
    con.execute(
        f"""create or replace temp table chosen_marks as
        select m.* from "marks_{model.name}" m {within(people, "m.number")}"""
    )


def choose_cells(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """``chosen_cells``: those of ``chosen_marks``."""
    con.execute(
        f"""create or replace temp table chosen_cells as
        from "cells_{model.name}" semi join chosen_marks using (cell)"""
    )


def lay_out_marks(con: duckdb.DuckDBPyConnection, model: Model, found: Compiled, share: range | None) -> None:
    """Views ``scoring_marks`` and ``scoring_activities``, as the model sees them.

    share: of everybody; None for ``chosen_marks`` and ``chosen_cells``.
    """
    marks, cells = "chosen_marks", "chosen_cells"
    if share is not None:
        marks = f'(select m.* from "marks_{model.name}" m {within(share, "m.number")})'
        cells = f"cells_{model.name}"
    con.execute(
        f"""create or replace temp view scoring_marks as
        select number as contact_id, cell, occurred_at from {marks}"""
    )
    seen = "".join(f', c."{name}"' for name in found.seen if name != "activity_id")
    con.execute(
        f"""create or replace temp view scoring_activities as
        select m.number as contact_id, m.occurred_at, c."{DAY}"{seen},
            {'c."activity_id"' if "activity_id" in found.seen else "m.place as activity_id"}
        from {marks} m join "{cells}" c using (cell)"""
    )


def build(con: duckdb.DuckDBPyConnection, model: Model, found: Compiled) -> None:
    """``cells_<model>`` and ``marks_<model>`` of all activities."""
    lay_out_activities(con)
    found.make(con, "rows", kind="temp view")
    con.execute(
        f"""create or replace table "cells_{model.name}" as
        select (row_number() over () - 1)::integer as cell, * from ({found.statements["cells"].text})"""
    )
    for share in shares(con, _SORTED):
        put = "insert into" if share.start else "create or replace table"
        one_by_one = within(share, "r.contact_id")
        con.execute(
            f'{put} "marks_{model.name}" {"" if share.start else "as"} {_marks(model, found, one_by_one)}'
        )
    con.execute("drop view scoring_rows")


def renew(con: duckdb.DuckDBPyConnection, model: Model, found: Compiled, people: str) -> None:
    """The same for people in a table, whose activities are other than they were; ``chosen_marks``: theirs."""
    unnamed = "activity_id" not in found.seen
    lay_out_activities(con, people, unnamed=unnamed)
    found.make(con, "rows")
    if unnamed:
        _name_tied(con)
    same = " and ".join(f'c."{key}" = n."{key}"' for key in found.alike)
    con.execute(
        f"""insert into "cells_{model.name}"
        select (select coalesce(max(cell), -1) from "cells_{model.name}") + row_number() over (), n.*
        from ({found.statements["cells"].text}) n anti join "cells_{model.name}" c on {same}"""
    )
    con.execute(f'delete from "marks_{model.name}" where number in (select number from {people})')
    con.execute(f"create or replace temp table chosen_marks as {_marks(model, found)}")
    con.execute(f'insert into "marks_{model.name}" from chosen_marks')
    con.execute("drop table scoring_rows")


def _name_tied(con: duckdb.DuckDBPyConnection) -> None:
    """The ids of those of ``scoring_rows`` whose order they decide: at one instant, of one person."""
    con.execute(
        """create or replace temp table tied as select activity_id::bigint as place from scoring_rows
        qualify count(*) over (partition by contact_id, occurred_at) > 1"""
    )
    if con.execute("select 1 from tied limit 1").fetchone():
        con.execute(
            """update scoring_rows r set activity_id = a.activity_id
            from (select a.rowid as place, a.activity_id from activities a join tied on a.rowid = place) a
            where r.activity_id = a.place::varchar"""
        )


def _marks(model: Model, found: Compiled, chosen: str = "") -> str:
    """Sorted by person; activities of one instant in the order of their ids."""
    same = " and ".join(f'c."{key}" = r."{key}"' for key in found.alike)
    return f"""select r.contact_id as number, c.cell, r.occurred_at,
            row_number() over (order by r.contact_id, r.occurred_at, r.activity_id) as place
        from scoring_rows r join "cells_{model.name}" c on {same} {chosen}"""
