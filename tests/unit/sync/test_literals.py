"""What a person typed stays a text, whatever is in it."""

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from sync.literals import written

_TYPED = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(st.lists(_TYPED | st.none() | st.integers(-(2**31), 2**31), min_size=1, max_size=4))
def test_values_come_back_as_they_were(values: list[str | int | None]) -> None:
    with duckdb.connect() as con:
        marks = ", ".join("?" * len(values))
        assert con.execute(written(f"select {marks}", values)).fetchone() == tuple(values)


@given(_TYPED, _TYPED)
def test_names_are_replaced_once(one: str, other: str) -> None:
    with duckdb.connect() as con:
        text = written("select $one, $other, $one", {"one": one, "other": other})
        assert con.execute(text).fetchone() == (one, other, one)
