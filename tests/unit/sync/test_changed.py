"""Whose data are other: also a company that another one left, whose score it was part of."""

import duckdb
import pytest

from sync import schema
from sync.people import changed


@pytest.mark.parametrize("left", ["update accounts set parent_id = null where account_id = 'child'",
                                  "delete from accounts where account_id = 'child'"])  # fmt: skip
def test_a_company_is_other_when_a_company_of_its_own_left_it(left: str) -> None:
    with duckdb.connect() as con:
        schema.prepare(con)
        con.execute(
            """insert into accounts by name
            select unnest(['child', 'parent', 'else']) as account_id,
                unnest(['parent', null, null]) as parent_id"""
        )
        changed.note(con)
        con.execute(left)
        changed.note(con)
        found = con.execute("select id from prints where changed = 2 order by 1").fetchall()
    assert found == [("child",), ("parent",)]


@pytest.mark.parametrize(
    ("table", "moment"), [("activities", "occurred_at"), ("survey_responses", "answered_at")]
)
@pytest.mark.parametrize("count", [2, 4])
def test_whoever_has_like_changes_in_several_rows_is_other(table: str, moment: str, count: int) -> None:
    key = "activity_id" if table == "activities" else "response_id"
    with duckdb.connect() as con:
        schema.prepare(con)
        con.execute("insert into contacts by name select 'c1' as contact_id")
        con.execute(
            f"""insert into {table} by name select 'c1' as contact_id, {key}::varchar as {key},
                timestamp '2026-01-01' as {moment} from range({count}) r({key})"""
        )
        changed.note(con)
        for number, (name, kind) in enumerate(_columns(con, table, key), start=2):
            con.execute(f"update {table} set {name} = {_OTHER[kind]}")
            changed.note(con)
            found = con.execute(f"select count(*) from prints where changed = {number}").fetchone()
            assert found == (1,), name


_OTHER = {
    "VARCHAR": "'other'",
    "TIMESTAMP": "timestamp '2026-02-02'",
    "DOUBLE": "7",
    "BIGINT": "7",
    "BOOLEAN": "true",
}


def _columns(con: duckdb.DuckDBPyConnection, table: str, key: str) -> list[tuple[str, str]]:
    rows = con.execute(f"select column_name, column_type from (describe {table})").fetchall()
    return [(name, kind.partition("_")[0]) for name, kind in rows if name not in ("contact_id", key)]
