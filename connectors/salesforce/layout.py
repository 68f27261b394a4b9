"""How vendor columns fill our tables: the mapping in force, and tables in the pulled schemas."""

import json
from collections.abc import Mapping
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from connectors.salesforce.columns import Columns
from connectors.salesforce.errors import VENDOR
from connectors.salesforce.streams import Source
from core.tables import PULLED

Filled = Mapping[str, pa.Array | pa.Scalar | str | bool | None]


class Layout:
    """What a page of one source becomes, with the connection's mapping applied.

    columns: our column → vendor field. attributes: attribute → vendor field. observed: our own fields that
    exist in the org. lists: campaign id → list name.
    """

    def __init__(
        self,
        source: Source,
        columns: Mapping[str, str],
        attributes: Mapping[str, str],
        observed: tuple[str, ...],
        lists: Mapping[str, str],
    ) -> None:
        self.source, self.columns, self.attributes = source, columns, attributes
        self.observed, self.lists = observed, lists

    def filled(self, page: Columns, table: str) -> dict[str, pa.Array | str | None]:
        """Our columns of this table that a vendor field fills, before any are computed."""
        wanted = set(PULLED[table].names)
        return {column: page.of(field) for column, field in self.columns.items() if column in wanted}

    def key(self, page: Columns) -> dict[str, pa.Array | str | None]:
        return {"vendor": VENDOR, "object": self.source.object, "record_id": page.of("Id")}

    def attribute_texts(self, page: Columns) -> pa.Array | None:
        """One JSON object a record, without empty values; None when no attributes are mapped."""
        if not self.attributes:
            return None
        values = [page.of(field).to_pylist() for field in self.attributes.values()]
        rows = zip(*values, strict=True)
        return pa.array([_json_object(self.attributes, row) for row in rows], pa.string())


def true(flags: pa.Array) -> pa.Array:
    """Null counts as false."""
    return pc.fill_null(flags, fill_value=False)


def table(name: str, rows: int, filled: Filled) -> pa.Table:
    """A table of this schema; columns not given are null, single values stand in every row."""
    arrays = []
    for field in PULLED[name]:
        value = filled.get(field.name)
        if isinstance(value, pa.ChunkedArray):
            value = value.combine_chunks()
        if isinstance(value, pa.Array):
            arrays.append(_as(value, field.type))
        elif value is None:
            arrays.append(pa.nulls(rows, field.type))
        else:
            arrays.append(pa.repeat(pa.scalar(value, field.type), rows))
    return pa.Table.from_arrays(arrays, schema=PULLED[name])


def _as(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if array.type == kind:
        return array
    if pa.types.is_integer(kind) and pa.types.is_floating(array.type):
        return pc.round(array).cast(kind, safe=False)
    return array.cast(kind)


def _json_object(names: Mapping[str, str], values: tuple[object, ...]) -> str:
    pairs = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    return json.dumps(pairs, ensure_ascii=False, default=_iso)


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
