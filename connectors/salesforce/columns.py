"""Rows of a page as columns: from the records of a REST answer, or from a Bulk 2.0 CSV."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from connectors.salesforce.errors import VENDOR
from connectors.salesforce.streams import FLAGS, INSTANTS, NUMBERS
from connectors.transport import AnswerLost

_STAMP_LENGTH = len("2026-01-02T03:04:05")


class Columns(Protocol):
    """Typed columns of a page by vendor field; empty values are null."""

    rows: int

    def knows(self, field: str) -> bool:
        """Whether the field was read: optional ones may be hidden from us."""

    def of(self, field: str) -> pa.Array:
        """float64, bool, timestamp[s] (UTC) or string, as the vendor describes the field."""


class RestColumns:
    """The records of one REST page."""

    def __init__(self, records: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> None:
        self.rows = len(records)
        self._types = types
        self._records = records
        self._read: dict[str, pa.Array] = {}

    def knows(self, field: str) -> bool:
        return field in self._types

    def of(self, field: str) -> pa.Array:
        if field not in self._read:
            self._read[field] = self._array(field)
        return self._read[field]

    def _array(self, field: str) -> pa.Array:
        values, kind = self._values(field), self._types[field]
        if kind in NUMBERS:
            return pa.array(values, pa.float64())
        if kind in FLAGS:
            return pa.array(values, pa.bool_())
        texts = _texts(values)
        return _instants(texts) if kind in INSTANTS else texts

    def _values(self, field: str) -> list[Any]:
        # a list a column: a tuple a record would wake the garbage collector over the whole page
        parent, _, child = field.partition(".")
        if not child:
            return [record[field] for record in self._records]
        return [above[child] if (above := record[parent]) else None for record in self._records]


class CsvColumns:
    """One page of Bulk 2.0 results. Raises AnswerLost when it is not whole.

    declared: the vendor's own count of rows, from the header of the answer.
    """

    def __init__(self, text: bytes, types: Mapping[str, str], declared: int) -> None:
        self._types = types
        if text and not text.endswith(b"\n"):
            raise _cut("the last line is not ended")
        try:
            self._table = _parse(text)
        except pa.ArrowInvalid as error:
            raise _cut("it is no CSV") from error
        self.rows = self._table.num_rows
        if self.rows != declared:
            raise _cut(f"{self.rows} rows of {declared}")
        if missing := set(types) - set(self._table.column_names):
            raise _cut(f"no column {min(missing)}")

    def knows(self, field: str) -> bool:
        return field in self._types

    def of(self, field: str) -> pa.Array:
        texts, kind = self._table.column(field).combine_chunks(), self._types[field]
        if kind in NUMBERS:
            return texts.cast(pa.float64())
        if kind in FLAGS:
            return texts.cast(pa.bool_())
        return _instants(texts) if kind in INSTANTS else texts


def _parse(text: bytes) -> pa.Table:
    if not text:
        return pa.table({})
    header = text[: text.index(b"\n")].decode().strip("\r").split(",")
    names = [name.strip('"') for name in header]
    return pa_csv.read_csv(
        pa.BufferReader(text),
        read_options=pa_csv.ReadOptions(column_names=names, skip_rows=1, use_threads=False),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )


def _cut(what: str) -> AnswerLost:
    return AnswerLost(
        f"the results are not whole: {what}", vendor=VENDOR, operation="bulk.results", code="cut"
    )


def _texts(values: Sequence[Any]) -> pa.Array:
    """Strings without what no database takes: NUL characters and halves of surrogate pairs."""
    try:
        texts = pa.array(values, pa.string())
    except UnicodeEncodeError:
        texts = pa.array([_whole(value) for value in values], pa.string())
    data = texts.buffers()[2]
    if data is not None and b"\0" in data.to_pybytes():
        texts = pc.replace_substring(texts, "\0", "")
    return texts


def _whole(value: str | None) -> str | None:
    return None if value is None else value.encode("utf-8", "ignore").decode()


def _instants(texts: pa.Array) -> pa.Array:
    """``2026-01-02T03:04:05.000+0000`` or ``2026-01-02``; the vendor always answers in UTC."""
    return pc.utf8_slice_codeunits(texts, 0, _STAMP_LENGTH).cast(pa.timestamp("s"))
