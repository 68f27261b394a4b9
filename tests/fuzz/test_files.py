"""Any CSV or Parquet given to ``score --data``: it is read, or refused with the file named; nothing else."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataError
from core.tables import SCORED
from scoring.files import reading

_CELLS = st.one_of(
    st.sampled_from(("", "c1", "2026-11-20", "2026-11-20T10:00:00+02:00", "yes", "75.5", "1e999",
                     "nan", '"', '""', '"a\nb"',
                     "0001-01-01 BC", "290000-01-01", "infinity", "-1", "9" * 30, "'", "\\",
                     "NULL", "0x1F", "1_000", "\x00")),
    st.text(max_size=5),
)  # fmt: skip
_TABLES = st.sampled_from(
    ("contacts", "accounts", "activities", "survey_responses", "stage_history", "deals")
)


@st.composite
def csv_files(draw: st.DrawFn) -> tuple[str, bytes]:
    """A table's name and a file with some of its columns, some of them wrong."""
    table = draw(_TABLES)
    names = [*SCORED[table].names, "my column", "", "Email", 'x"y', "select"]
    header = draw(st.lists(st.sampled_from(names), max_size=6))
    if draw(st.booleans()):
        header = [*SCORED[table].names]
    rows = draw(st.lists(st.lists(_CELLS, min_size=len(header), max_size=len(header)), max_size=4))
    if rows and draw(st.integers(0, 3)) == 0:
        rows[-1] = rows[-1][:-1]
    delimiter = draw(st.sampled_from((",", ";", "\t", "|")))
    text = draw(st.sampled_from(("\n", "\r\n"))).join(delimiter.join(row) for row in (header, *rows))
    encoding = draw(st.sampled_from(("utf-8", "utf-8-sig", "latin-1", "utf-16")))
    return table, text.encode(encoding, errors="replace")


@settings(max_examples=120, deadline=None)
@given(file=st.one_of(csv_files(), st.tuples(_TABLES, st.binary(max_size=60))))
def test_any_csv_is_read_or_refused_by_name(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[str, bytes]
) -> None:
    table, content = file
    path = tmp_path_factory.mktemp("fuzz") / f"{table}.csv"
    path.write_bytes(content)
    _read(table, path)


_VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): _CELLS,
    pa.large_string(): _CELLS,
    pa.int8(): st.integers(-128, 127),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float32(): st.floats(width=32),
    pa.float64(): st.floats(),
    pa.bool_(): st.booleans(),
    pa.binary(): st.binary(max_size=4),
    pa.date32(): st.dates(),
    pa.time64("us"): st.times(),
    pa.duration("us"): st.timedeltas(timedelta(days=-36_500), timedelta(days=36_500)),
    pa.null(): st.none(),
    pa.decimal128(10, 2): st.decimals(-1000, 1000, places=2),
    pa.list_(pa.int64()): st.lists(st.integers(0, 9), max_size=2),
    pa.struct({"a": pa.int64()}): st.fixed_dictionaries({"a": st.integers(0, 9)}),
    **{pa.timestamp(unit): st.integers(-(2**62), 2**62) for unit in ("s", "ms", "us", "ns")},
    **{pa.timestamp(unit, tz="Europe/Madrid"): st.integers(0, 2**40) for unit in ("s", "us", "ns")},
}


@st.composite
def parquet_files(draw: st.DrawFn) -> tuple[str, pa.Table]:
    """A table's name and some of its columns in any type."""
    table = draw(_TABLES)
    names = draw(
        st.lists(st.sampled_from((*SCORED[table].names, "mine", 'a"b')), min_size=1, max_size=6, unique=True)
    )
    count = draw(st.integers(0, 3))
    columns = {}
    for name in {*names, *(SCORED[table].names if draw(st.booleans()) else ())}:
        kind = draw(st.sampled_from(list(_VALUES)))
        values = [draw(st.one_of(st.none(), _VALUES[kind])) for _ in range(count)]
        columns[name] = pa.array(values, kind)
    return table, pa.table(columns)


@settings(max_examples=120, deadline=None)
@given(file=parquet_files(), cut=st.one_of(st.none(), st.integers(0, 400)))
def test_any_parquet_is_read_or_refused_by_name(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[str, pa.Table], cut: int | None
) -> None:
    table, content = file
    path = tmp_path_factory.mktemp("fuzz") / f"{table}.parquet"
    try:
        pq.write_table(content, path)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return  # Parquet itself cannot hold it
    if cut is not None:
        path.write_bytes(path.read_bytes()[:cut])
    _read(table, path)


def _read(table: str, path: Path) -> None:
    with duckdb.connect() as con:
        try:
            reading.read(con, table, path)
        except DataError as error:
            assert path.name in str(error)  # noqa: PT017 - that it raises is not required
            return
        types = dict(con.execute(f"select column_name, column_type from (describe {table})").fetchall())
        assert set(types.values()) <= {"VARCHAR", "DOUBLE", "BIGINT", "BOOLEAN", "TIMESTAMP"}
        con.execute(f"from {table}").to_arrow_table().to_pylist()
