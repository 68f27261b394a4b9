"""From what vendors send to what tables take."""

import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import columns as col
from connectors.payload import parse

_ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())


@settings(deadline=None)  # the first call loads Arrow
@given(st.lists(_ANYTHING, max_size=20))
def test_any_value_becomes_text_or_null(values: list[Any]) -> None:
    column = col.texts(values)
    assert column.type == pa.string()
    assert len(column) == len(values)
    assert [one is None for one in column.to_pylist()] == [value is None or value == "" for value in values]


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)))
def test_text_comes_through_unchanged(values: list[str]) -> None:
    assert col.texts(values).to_pylist() == values


def test_half_a_surrogate_pair_is_dropped_and_nothing_else() -> None:
    assert col.texts(["\ud800ok", "\U0001f9f6", "مرحبا", None, 7]).to_pylist() == [
        "ok",
        "\U0001f9f6",
        "مرحبا",
        None,
        "7",
    ]


def test_nul_is_dropped_while_parsing() -> None:
    sent = json.dumps({"a": "x\0y", "b": ["\0"], "c": {"d": "plain"}}).encode()
    assert parse(sent) == {"a": "xy", "b": [""], "c": {"d": "plain"}}
    assert parse(b'{"a": "back\\\\u0000slash"}') == {"a": "back\\u0000slash"}


def test_json_has_halves_of_surrogate_pairs_and_nothing_that_is_no_json() -> None:
    assert parse(b'{"a": "\\ud83d"}') == {"a": "\ud83d"}
    with pytest.raises(ValueError, match="Expecting"):
        parse(b"<html>")


def test_numbers_from_text_and_nonsense() -> None:
    assert col.numbers(["1.5", "", None, "many", 3, "nan"]).to_pylist() == [1.5, None, None, None, 3.0, None]
    assert col.wholes(["40", "40.9", "1e30", None]).to_pylist() == [40, 40, None, None]
    assert col.flags(["true", False, "", None, "maybe"]).to_pylist() == [True, False, None, None, None]


@pytest.mark.parametrize(
    ("sent", "instant"),
    [
        ("2026-01-01T00:00:00.999Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T02:00:00+02:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("", None),
        (None, None),
        ("yesterday", None),
    ],
)
def test_instants_are_whole_seconds_of_utc(sent: str | None, instant: datetime | None) -> None:
    expected = instant.replace(tzinfo=None) if instant else None
    assert col.instants([sent]).to_pylist() == [expected]
    assert col.instants([sent, "2026-06-01T00:00:00Z"]).to_pylist()[0] == expected


def test_epoch_milliseconds() -> None:
    assert col.epoch_ms([1767225600999, "1767225600000", None]).to_pylist() == [
        datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    ] * 2 + [None]


def test_held_numbers_have_no_trailing_zeros() -> None:
    assert col.held([64.0, 64, 0.5, "A4", "", None]).to_pylist() == ["64", "64", "0.5", "A4", None, None]


def test_observed_has_a_row_for_every_record_and_field() -> None:
    ids = pa.array(["1", "2"])
    table = col.observed("hubspot", "contacts", ids, {"a": pa.array(["x", None]), "b": pa.array(["y", "z"])})
    rows = [(row["record_id"], row["field"], row["value"]) for row in table.to_pylist()]
    assert rows == [("1", "a", "x"), ("2", "a", None), ("1", "b", "y"), ("2", "b", "z")]
    assert col.observed("hubspot", "contacts", ids, {}).num_rows == 0


def test_a_column_the_table_does_not_have_is_an_error() -> None:
    with pytest.raises(KeyError, match="nickname"):
        col.table("person_records", {"nickname": pa.array(["x"])}, 1)
