"""From parsed JSON to Arrow, a column at a time.

Vendors send text where numbers and instants are meant, "" for nothing, and now and then a NUL or half of a
surrogate pair, which no store accepts: both are dropped. A value not of its column's type is null.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.tables import INSTANT, NUMBER, PULLED, TEXT, WHOLE

Values = Sequence[Any]


def texts(values: Values) -> pa.Array:
    """Text; "" and None are null; numbers and booleans are written out."""
    try:
        column = pa.array(values, TEXT)
    except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
        column = pa.array([_as_text(value) for value in values], TEXT)
    if pc.any(pc.match_substring(column, "\0")).as_py():
        column = pc.replace_substring(column, "\0", "")
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, TEXT), column)


def numbers(values: Values) -> pa.Array:
    """Floats, from numbers or their text."""
    return _parsed(values, NUMBER, _as_number)


def wholes(values: Values) -> pa.Array:
    """Whole numbers; fractions are cut off."""
    column = pc.trunc(numbers(values))
    fits = pc.less(pc.abs(column), 2.0**63)
    return pc.cast(pc.if_else(fits, column, pa.scalar(None, NUMBER)), WHOLE)


def flags(values: Values) -> pa.Array:
    """True, false or null, from booleans or the words."""
    words = {True: True, False: False, "true": True, "false": False, "True": True, "False": False}
    return pa.array(
        [words.get(value) if isinstance(value, (bool, str)) else None for value in values], pa.bool_()
    )


def instants(values: Values) -> pa.Array:
    """Naive UTC whole seconds from ISO 8601 text; without a zone it is UTC."""
    text = texts(values)
    try:
        exact = pc.cast(text, pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        exact = pa.array([_as_instant(value) for value in text.to_pylist()], pa.timestamp("us", "UTC"))
    return _whole_seconds(exact)


def epoch_ms(values: Values) -> pa.Array:
    """Naive UTC whole seconds from milliseconds since 1970, as numbers or text."""
    return _whole_seconds(pc.cast(wholes(values), pa.timestamp("ms")))


def constant(value: object, length: int, kind: pa.DataType = TEXT) -> pa.Array:
    """One value, ``length`` times."""
    return pa.repeat(pa.scalar(value, kind), length)


def table(name: str, columns: Mapping[str, pa.Array], length: int) -> pa.Table:
    """A table in the schema of ``core.tables.PULLED[name]``; columns not given are null.

    Raises KeyError for a column the table does not have.
    """
    schema = PULLED[name]
    if unknown := set(columns) - set(schema.names):
        raise KeyError(min(unknown))
    filled = [
        columns[field.name] if field.name in columns else pa.nulls(length, field.type) for field in schema
    ]
    return pa.Table.from_arrays(filled, schema=schema)


def observed(vendor: str, kind: str, ids: pa.Array, fields: Mapping[str, pa.Array]) -> pa.Table:
    """What records hold in our own fields: one row a record and field, null where it is empty."""
    parts = [
        table(
            "observed",
            {
                "vendor": constant(vendor, len(ids)),
                "object": constant(kind, len(ids)),
                "record_id": ids,
                "field": constant(field, len(ids)),
                "value": values,
            },
            len(ids),
        )
        for field, values in fields.items()
    ]
    return pa.concat_tables(parts) if parts else PULLED["observed"].empty_table()


def held(values: Values) -> pa.Array:
    """Vendor values as ``observed`` keeps them: numbers without trailing zeros, everything else as it is."""
    return texts([_canonical(value) for value in values])


def as_utc(instant: str) -> datetime | None:
    """One ISO 8601 instant as UTC-aware whole seconds; None where it is missing or malformed."""
    parsed = _as_instant(instant)
    return parsed.replace(microsecond=0) if parsed else None


def _parsed(values: Values, kind: pa.DataType, parse: Callable[[object], float | None]) -> pa.Array:
    try:
        return pc.cast(texts(values), kind)
    except pa.ArrowInvalid:
        return pa.array([parse(value) for value in values], kind)


def _whole_seconds(exact: pa.Array) -> pa.Array:
    naive = pc.cast(exact, pa.timestamp(exact.type.unit))
    return pc.cast(pc.floor_temporal(naive, unit="second"), INSTANT)


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def _as_number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _as_instant(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _canonical(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, float):
        return value
    return int(value) if value.is_integer() else repr(value)
