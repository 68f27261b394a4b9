"""From parsed JSON to Arrow, a column at a time.

Vendors send text where numbers and instants are meant, "" for nothing, and now and then half of a surrogate
pair, which no store accepts. A value that is not of its column's type is null.
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
    """Text; "" and None are null; numbers and booleans are written out; half a surrogate pair is dropped."""
    if not values or (values[0] is None and values.count(None) == len(values)):
        return pa.nulls(len(values), TEXT)
    given = [None if value == "" else value for value in values] if "" in values else values
    try:
        return pa.array(given, TEXT)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        given = [_as_text(value) for value in given]
    except UnicodeEncodeError:
        given = [_whole(_as_text(value)) for value in given]
    return texts(given)


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
    if text.null_count == len(text):
        return pa.nulls(len(text), INSTANT)
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
    length = len(ids) * len(fields)
    if not length:
        return PULLED["observed"].empty_table()
    return table(
        "observed",
        {
            "vendor": constant(vendor, length),
            "object": constant(kind, length),
            "record_id": pa.concat_arrays([ids] * len(fields)),
            "field": pa.concat_arrays([constant(field, len(ids)) for field in fields]),
            "value": pa.concat_arrays(list(fields.values())),
        },
        length,
    )


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
    return pc.cast(pc.cast(exact, pa.timestamp("s", exact.type.tz), safe=False), INSTANT)


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _whole(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


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
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if value is None or isinstance(value, str) else str(value)
