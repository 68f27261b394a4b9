"""Columns of Parquet whose types hold more than a model can read are refused by name, or left out."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError, ModelError
from scoring.files import folder, reading
from tests.unit.scoring.test_files_of_others import AS_OF


def _scored_parquet(at: Path, when: str, **columns: tuple[Sequence[Any], pa.DataType]) -> dict[str, Any]:
    """``score --data`` of one contact with these columns, and a fit rule."""
    arrays = {name: pa.array(cells, kind) for name, (cells, kind) in columns.items()}
    pq.write_table(pa.table({"contact_id": ["c1"], **arrays}), at / "contacts.parquet")
    (at / "model.yaml").write_text(
        f'model: m\nversion: 1\nfit: {{person: [{{id: r, when: "{when}", points: 5}}]}}\n'
    )
    return folder.score(at, at / "model.yaml", AS_OF)


def test_decimals_of_more_digits_than_can_be_read_are_refused(tmp_path: Path) -> None:
    spent = ([Decimal("1.5")], pa.decimal256(50, 1))
    with pytest.raises(
        DataError, match=r"contacts.parquet, spent: is a decimal of 50 digits, and at most 38"
    ):
        _scored_parquet(tmp_path, "spent > 1", spent=spent)
    found = _scored_parquet(tmp_path, "spent > 1", spent=([Decimal("1.5")], pa.decimal128(38, 1)))
    assert found["contacts"][0]["fit"]["total"] == 5


@pytest.mark.parametrize("column", ["created_at", "seen"])
@pytest.mark.parametrize("zone", [None, "UTC"])
@pytest.mark.parametrize("instant", [2**63 - 2, -(2**63) + 2**62])
def test_time_beyond_every_calendar_is_refused(
    tmp_path: Path, column: str, zone: str | None, instant: int
) -> None:
    times = ([instant], pa.timestamp("us", tz=zone))
    with pytest.raises(DataError, match=rf"contacts.parquet, record 1, {column}: .* is not a time"):
        _scored_parquet(tmp_path, f"{column} is null", **{column: times})


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["x"], pa.list_(pa.string())),
        ({"a": 1}, pa.struct([("a", pa.int64())])),
        ([("a", 1)], pa.map_(pa.string(), pa.int64())),
    ],
)
def test_column_of_more_than_one_value_is_none_that_a_condition_can_name(
    tmp_path: Path, cells: Any, kind: pa.DataType
) -> None:
    with pytest.raises(ModelError, match=r"(?s)there is no 'tags'.*contacts.parquet, tags: is of the type"):
        _scored_parquet(tmp_path, "tags = 'x'", tags=([cells], kind))
    assert len(_scored_parquet(tmp_path, "contact_id = 'c1'", tags=([cells], kind))["contacts"]) == 1


def test_column_of_spans_of_time_is_none_either(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(
            "copy (select 'c1' as contact_id, interval 1 day as tags) to ? (format parquet)",
            [str(tmp_path / "contacts.parquet")],
        )
    (tmp_path / "model.yaml").write_text("model: m\nversion: 1\nwhere: tags = '1 day'\n")
    with pytest.raises(ModelError, match="there is no 'tags'"):
        folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)


def test_known_column_of_lists_is_refused_with_its_type(tmp_path: Path) -> None:
    created = ([[1]], pa.list_(pa.int64()))
    with pytest.raises(DataError, match=r"created_at: is of the type bigint\[\], not a time"):
        _scored_parquet(tmp_path, "contact_id = 'c1'", created_at=created)


def test_times_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"contacts.parquet, seen: cannot be read: .*[Tt]imestamp"):
        _scored_parquet(tmp_path, "seen is null", seen=([-(2**63) + 5], pa.timestamp("us")))


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    columns = [pa.array(["c1"]), pa.array(["a@b.c"]), pa.array(["d@e.f"])]
    table = pa.Table.from_arrays(columns, names=["contact_id", "email", "email"])
    pq.write_table(table, tmp_path / "contacts.parquet")
    with duckdb.connect() as con, pytest.raises(DataError, match=r"contacts.parquet, email: two columns"):
        reading.read(con, "contacts", tmp_path / "contacts.parquet")


_LONG = 1234567890123456789


@pytest.mark.parametrize(
    "kind", [pa.int64(), pa.uint64(), pa.decimal128(38, 0), pa.decimal128(19, 0)], ids=str
)
def test_whole_numbers_are_compared_to_their_last_digit(tmp_path: Path, kind: pa.DataType) -> None:
    for number, points in ((_LONG, 5), (_LONG - 1, 0)):
        found = _scored_parquet(tmp_path, f"ext_id = {_LONG}", ext_id=([number], kind))
        assert found["contacts"][0]["fit"]["total"] == points


def test_long_ids_of_a_csv_are_texts(tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").write_text(f"contact_id,ext_id\n1,{_LONG - 1}\n2,{_LONG}\n3,\n")
    (tmp_path / "model.yaml").write_text(
        f"model: m\nversion: 1\nfit: {{person: [{{id: r, when: \"ext_id = '{_LONG}'\", points: 5}}]}}\n"
    )
    found = folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)["contacts"]
    assert [one["fit"]["total"] for one in found] == [0, 5, 0]


def test_what_no_condition_reads_may_be_any_whole_number(tmp_path: Path) -> None:
    most = ([2**63 - 1], pa.int64())
    assert len(_scored_parquet(tmp_path, "contact_id = 'c1'", most=most)["contacts"]) == 1


def test_column_that_is_no_text_is_named(tmp_path: Path) -> None:
    broken = pa.array([b"a\xff"]).cast(pa.binary()).view(pa.string())
    pq.write_table(pa.table({"contact_id": ["c1"], "note": broken}), tmp_path / "contacts.parquet")
    with (
        duckdb.connect() as con,
        pytest.raises(DataError, match=r"contacts.parquet, note: cannot be read: Inv"),
    ):
        reading.read(con, "contacts", tmp_path / "contacts.parquet")
