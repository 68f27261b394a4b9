"""CSV and Parquet files as typed columns, with errors that name file, row and column."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from core.clock import naive_utc, parse_instant
from core.errors import DataError

SUFFIXES = (".parquet", ".csv")

_ZONE = r"(?i)(?:z|[+-]\d\d:?\d\d)$"
_KINDS = {"double": "number", "int64": "whole number", "bool": "yes or no", "timestamp[s]": "date or time"}
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def find(folder: Path, name: str) -> Path | None:
    """The file of that name, None where there is none. Raises DataError when there are two."""
    found = [folder / f"{name}{suffix}" for suffix in SUFFIXES if (folder / f"{name}{suffix}").is_file()]
    if len(found) > 1:
        raise DataError(f"is there twice, as {' and '.join(path.suffix for path in found)}", path=found[0])
    return found[0] if found else None


def read(path: Path, texts: tuple[str, ...]) -> pa.Table:
    """The whole file. texts: CSV columns that stay text however they look, such as ids.

    Empty CSV cells are null. Raises DataError for a file that cannot be read.
    """
    try:
        if path.suffix == ".parquet":
            return pq.read_table(path)
        with path.open("rb") as file:
            header = file.readline()
        if not header.strip():
            return pa.table({})
        return pa_csv.read_csv(
            path,
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(texts, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read: {error}", path=path) from error


def typed(column: pa.ChunkedArray, kind: pa.DataType, *, path: Path, name: str) -> pa.Array:
    """The column as this type; a missing zone means UTC. Raises DataError naming the row at fault."""
    array = column.combine_chunks()
    if array.type == kind:
        return array
    if pa.types.is_timestamp(kind):
        return _instants(array, path, name)
    if pa.types.is_boolean(kind) and pa.types.is_string(array.type):
        return _each(array, kind, lambda text: _WORDS[text.strip().lower()], path, name)
    try:
        return array.cast(kind)
    except pa.ArrowInvalid:
        convert: Callable[[str], object] = float if pa.types.is_floating(kind) else int
        return _each(array.cast(pa.string()), kind, convert, path, name)


def _instants(array: pa.Array, path: Path, name: str) -> pa.Array:
    seconds = pa.timestamp("s")
    if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
        if getattr(array.type, "tz", None):
            array = array.cast(pa.timestamp(array.type.unit, "UTC")).cast(pa.timestamp(array.type.unit))
        return pc.floor_temporal(array.cast(pa.timestamp("us")), unit="second").cast(seconds)
    texts = array.cast(pa.string())
    if not pc.any(pc.match_substring_regex(texts, _ZONE), min_count=0).as_py():
        try:
            return texts.cast(seconds)
        except pa.ArrowInvalid:
            return _each(texts, seconds, lambda text: naive_utc(parse_instant(text)), path, name)
    return _each(texts, seconds, lambda text: naive_utc(parse_instant(text)), path, name)


def _each(
    array: pa.Array, kind: pa.DataType, convert: Callable[[str], object], path: Path, name: str
) -> pa.Array:
    """Value by value, to name the row at fault; line 1 of a CSV is its header."""
    values: list[object] = []
    for row, text in enumerate(array.to_pylist(), start=2):
        try:
            values.append(None if text is None else convert(text))
        except (ValueError, KeyError) as error:
            raise DataError(
                f"{text!r} is not a {_KINDS[str(kind)]}", path=path, record=f"row {row}", field=name
            ) from error
    return pa.array(values, kind)
