"""Two values are the same when their canonical forms are."""

import unicodedata
from functools import cache

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.changes import FieldKind
from sync.planning.canonical import canonical


@cache
def _con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    return con


def _form(
    value: str | None, kind: FieldKind, *, length: int = 255, decimals: int = 0, limit: int | None = None
) -> str | None:
    sql = canonical("value", kind, length=length, decimals=decimals, limit_bytes=limit)
    row = _con().execute(f"select {sql} from (select ?::varchar as value)", [value]).fetchone()
    assert row is not None
    return None if row[0] is None else str(row[0])


@pytest.mark.parametrize(
    ("kind", "same"),
    [
        ("integer", ["64", "64.0", " 64.00 ", "6.4e1"]),
        ("integer", ["0", "-0", "0.0"]),
        ("boolean", ["true", "True", "1"]),
        ("date", ["2026-03-01", "2026-03-01T00:00:00Z"]),
        ("datetime", ["2026-03-01T10:00:00Z", "2026-03-01 10:00:00", "2026-03-01T12:00:00.000+02:00"]),
        ("text", ["Zoë", "Zoe\u0308", " Zoë\n"]),
        ("long_text", ["a\nb", "a\r\nb"]),
    ],
)  # fmt: skip
def test_forms_of_one_value_are_equal(kind: FieldKind, same: list[str]) -> None:
    assert len({_form(value, kind) for value in same}) == 1


@pytest.mark.parametrize("kind", ["integer", "number", "boolean", "date", "datetime", "text", "long_text"])
def test_empty_is_null(kind: FieldKind) -> None:
    assert [_form(value, kind) for value in (None, "", "  ")] == [None] * 3


def test_number_has_its_decimals() -> None:
    assert [_form(value, "number", decimals=2) for value in ("64", "64.005", "-0.001")] == [
        "64.00",
        "64.01",
        "0.00",
    ]


@pytest.mark.parametrize("kind", ["integer", "number", "boolean", "date", "datetime"])
def test_value_of_another_kind_equals_no_good_one(kind: FieldKind) -> None:
    assert _form("rubbish", kind) == "rubbish"


def test_control_characters_are_dropped() -> None:
    assert _form("a\x01b\x7fc", "text") == "abc"


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert _form("abcdef", "text", length=5) == "abcd…"
    assert _form("abcde", "text", length=5) == "abcde"


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60),
    length=st.integers(2, 40),
    limit=st.none() | st.integers(8, 60),
)
def test_text_always_fits_and_is_stable(text: str, length: int, limit: int | None) -> None:
    form = _form(text, "text", length=length, limit=limit)
    if form is None:
        return
    assert len(form.encode("utf-16-le")) // 2 <= length
    assert limit is None or len(form.encode()) <= limit
    assert form == unicodedata.normalize("NFC", form)
    assert _form(form, "text", length=length, limit=limit) == form, (
        "what a vendor gives back is the same value"
    )
