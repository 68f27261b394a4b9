"""Offset pages over rows that come and go."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mailchimp.paging import slices
from core.errors import ConnectorError


class View:
    """A filtered view of numbers; after each page, some leave it."""

    def __init__(self, size: int, page: int, leaving: list[list[int]]) -> None:
        self.rows, self.page, self._leaving = list(range(size)), page, leaving

    def fetch(self, offset: int) -> tuple[dict[str, Any], int]:
        shown = [{"n": n} for n in self.rows[offset : offset + self.page]]
        answer = {"rows": shown, "total_items": len(self.rows)}
        if self._leaving:
            gone = self._leaving.pop(0)
            self.rows = [n for n in self.rows if n not in gone]
        return answer, self.page


@given(
    st.integers(0, 60),
    st.integers(1, 10),
    st.lists(st.lists(st.integers(0, 59), max_size=6), max_size=8),
)
def test_whoever_stays_is_seen(size: int, page: int, leaving: list[list[int]]) -> None:
    left = {n for gone in leaving for n in gone}
    view = View(size, page, [list(gone) for gone in leaving])
    seen = {row["n"] for part in slices("rows", view.fetch) for row in part.rows}
    assert set(range(size)) - left <= seen


def test_a_full_last_page_is_followed_by_an_empty_one() -> None:
    parts = list(slices("rows", View(20, 10, []).fetch))
    assert [len(part.rows) for part in parts] == [10, 10, 0]
    assert [part.following for part in parts] == [10, 20, None]


def test_a_page_that_repeats_itself_ends_in_an_error() -> None:
    with pytest.raises(ConnectorError, match="repeats"):
        list(slices("rows", lambda _offset: ({"rows": [{"n": 1}, {"n": 2}]}, 2)))
