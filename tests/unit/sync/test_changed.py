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
