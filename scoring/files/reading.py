# ruff: noqa: S608 - statements are made of our own table names and quoted columns; values are bound
"""A folder of CSV or Parquet as typed tables in DuckDB; every complaint names file, record and column."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

import duckdb
import pyarrow as pa

from core.errors import ConfigError, DataError
from core.rows import quoted_name
from core.tables import SCORED
from core.yamlfile import nearest
from scoring.files import csvfile

#: Files that a folder may hold, by table.
TABLES = ("contacts", "accounts", "activities", "survey_responses", "deals", "stage_history")
#: Types of Parquet that are no single value, beside lists, and spans of time.
_NO_VALUES = ("STRUCT", "MAP", "UNION", "INTERVAL")
#: More digits than DuckDB's decimals have: it would read others in their place.
_MOST_DIGITS = 38
_SUFFIXES = {".csv", ".parquet"}
_KEYS = {
    "contacts": "contact_id",
    "accounts": "account_id",
    "activities": "activity_id",
    "survey_responses": "response_id",
}
#: Of these the same one sent twice is one, and one without an id is numbered by its place.
_EVENTS = ("activities", "survey_responses")
#: Without which an event does not exist.
_MUST_HAVE = ("contact_id", "type", "occurred_at", "answered_at")
_NEEDED = {
    "contacts": ("contact_id",),
    "accounts": ("account_id",),
    "activities": ("contact_id", "type", "occurred_at"),
    "survey_responses": ("contact_id", "kind", "answer", "answered_at"),
    "stage_history": ("contact_id", "model", "stage", "entered_at"),
}
_BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_DECIMAL = "[+-]?[0-9.]+([eE][+-]?[0-9]+)?"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?"
_ZONE = "Z| ?UTC|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?"
_TIME = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ]{_CLOCK}({_ZONE})?)?"
_FLAGS = {
    "true": ("true", "t", "yes", "y", "on", "1", "1.0"),
    "false": ("false", "f", "no", "n", "off", "0", "0.0"),
}

_NAMED = {
    "VARCHAR": "text",
    "TIMESTAMP": "a time",
    "BOOLEAN": "true or false",
    "BIGINT": "a whole number",
    "DOUBLE": "a number",
}
_SUCH_AS = {
    "TIMESTAMP": "write 2026-01-31, or 2026-01-31T10:00:00Z",
    "BOOLEAN": "write true or false (yes or no, 1 or 0 will do)",
    "BIGINT": "write digits only, or leave it empty",
    "DOUBLE": "write it with a decimal point, as 75.5, or leave it empty",
}


def files(folder: Path) -> dict[str, Path]:
    """Table name → file. Raises ConfigError where the folder, or contacts, is missing or a table is there
    twice.
    """
    found: dict[str, Path] = {}
    for path in _within(folder):
        if path.suffix not in _SUFFIXES or path.stem not in TABLES:
            continue
        if path.stem in found:
            raise ConfigError(
                f"is there twice: {found[path.stem].name} and {path.name}", path=folder, key=path.stem
            )
        found[path.stem] = path
    if "contacts" not in found:
        hint = instead_of("contacts", folder)
        raise ConfigError("has no contacts.csv or contacts.parquet", path=folder, remedy=hint)
    return found


def _within(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except NotADirectoryError as error:
        raise ConfigError("is not a folder", path=folder) from error
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=folder) from error


def instead_of(table: str, folder: Path) -> str:
    """What there is where a table's file is not: the one that was probably meant, or all."""
    there = _within(folder)
    others = [path.name for path in there if path.suffix not in _SUFFIXES or path.stem not in TABLES]
    if close := get_close_matches(f"{table}.csv", others, n=1, cutoff=0.75):
        return f"is {close[0]} it? then name it {table}.csv or {table}.parquet"
    return f"found: {', '.join(path.name for path in there) or 'nothing'}"


def read(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Create the table ``name`` from one file, canonical columns typed, further ones by what they hold."""
    try:
        _read(con, name, path)
    except duckdb.Error as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: duckdb.Error) -> DataError:
    reason = " ".join(str(error).split("\n")[:2]).strip()
    return DataError(f"cannot be read: {reason[:300]}", path=path)


def _read(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    raw = f"raw_{name}"
    _load(con, raw, path)
    described = con.execute(f'select column_name, column_type from (describe "{raw}")').fetchall()
    columns = {str(column): str(kind) for column, kind in described}
    for column in columns:
        if not _is_known(name, column) and _is_known(name, column.lower()):
            remedy = f"did you mean {column.lower()!r}?"
            raise DataError(f"has a column {column!r}", path=path, record=_top(path), remedy=remedy)
    for needed in _NEEDED.get(name, ()):
        if needed not in columns:
            raise DataError(
                f"has no column {needed!r}",
                path=path,
                record=_top(path),
                remedy=nearest(needed, list(columns)),
            )
    chosen = {
        column: _typed(con, name, raw, path, column, kind)
        for column, kind in columns.items()
        if _is_known(name, column) or not _is_no_value(kind)
    }
    if name in _EVENTS:
        chosen[_KEYS[name]] = _or_place(chosen.get(_KEYS[name], "null"), raw)
    if name == "contacts":
        chosen.setdefault("account_id", "null::varchar")
    listed = ", ".join(f"{typed} as {quoted_name(column)}" for column, typed in chosen.items())
    con.execute(f'create table "{name}" as select {listed} from "{raw}"')
    con.execute(f'drop table "{raw}"')
    _unique(con, name, path)


def _top(path: Path) -> str | None:
    """Where the columns are named."""
    return csvfile.line(path, 0) if path.suffix == ".csv" else None


def _cell(column: str) -> str:
    """A text without the white space around it; null where nothing else is there."""
    return f"nullif(trim({quoted_name(column)}, '{_BLANKS}'), '')"


def _is_known(table: str, column: str) -> bool:
    return table in SCORED and column in SCORED[table].names


def _is_no_value(kind: str) -> bool:
    return kind.startswith(_NO_VALUES) or kind.endswith("]")


def _or_place(key: str, raw: str) -> str:
    """An id, or else the row's number, in as many digits as the last one has: ids are compared as texts."""
    last = f'(select count(*) from "{raw}")::varchar'
    return f"coalesce({key}, 'row ' || lpad((row_number() over ())::varchar, length({last})::integer, '0'))"


def _load(con: duckdb.DuckDBPyConnection, raw: str, path: Path) -> None:
    con.execute("set TimeZone = 'UTC'")  # what a time without a zone is in
    if path.suffix == ".csv":
        csvfile.load(con, raw, path)
        return
    try:
        wide = con.execute(
            f"select name, precision from parquet_schema(?) where precision > {_MOST_DIGITS}", [str(path)]
        ).fetchone()
        con.execute(
            f'create table "{raw}" as select * from read_parquet(?, binary_as_string = true)', [str(path)]
        )
        renamed = con.execute(
            f"""select column_name from (describe "{raw}")
            where column_name not in (select name from parquet_schema(?))""",
            [str(path)],
        ).fetchone()
    except duckdb.Error as error:
        raise _unreadable(path, error) from error
    if renamed is not None:
        raise DataError("two columns have this name", path=path, field=renamed[0].rpartition("_")[0])
    if wide is not None:
        raise DataError(
            f"is a decimal of {wide[1]} digits, and at most {_MOST_DIGITS} can be read",
            path=path, field=wide[0], remedy="write it as a double or with fewer digits",
        )  # fmt: skip


def _typed(con: duckdb.DuckDBPyConnection, name: str, raw: str, path: Path, column: str, kind: str) -> str:
    """The SQL that gives this column its type. Raises DataError for the first value that does not fit."""
    text = kind == "VARCHAR"
    known = SCORED[name].field(column).type if _is_known(name, column) else None
    wanted = _sql_type(known) if known is not None else _guessed(con, raw, column) if text else _settled(kind)
    blank = _cell(column) if text else quoted_name(column)
    if kind in {"FLOAT", "DOUBLE"}:
        blank = f"case when not isnan({blank}) then {blank} end"  # how data frames write what is missing
    if _is_no_value(kind):
        raise DataError(f"is of the type {kind.lower()}, not {_NAMED[wanted]}", path=path, field=column)
    if wanted == "VARCHAR":
        whole = f"cast({blank} as varchar)"
        if kind in {"FLOAT", "DOUBLE"}:  # how data frames write whole numbers where some are missing
            whole = f"coalesce(cast({_cast(blank, 'BIGINT', text=False)} as varchar), {whole})"
        return f"lower({whole})" if (name, column) == ("survey_responses", "kind") else whole  # NPS is nps
    expression = _cast(blank, wanted, text=text)
    _refuse(con, raw, path, column, blank, expression, wanted)
    return expression


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP"
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    if pa.types.is_string(kind):
        return "VARCHAR"
    return "BIGINT" if pa.types.is_integer(kind) else "DOUBLE"


def _settled(kind: str) -> str:
    """Our type for one that a Parquet file brought along."""
    if kind.startswith(("TIMESTAMP", "DATE")):
        return "TIMESTAMP"
    if kind == "BOOLEAN":
        return kind
    if kind in {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}:
        return "BIGINT"
    return "DOUBLE" if kind.startswith(("DECIMAL", "FLOAT", "DOUBLE", "HUGEINT", "UBIGINT")) else "VARCHAR"


def _cast(value: str, wanted: str, *, text: bool) -> str:
    if wanted == "TIMESTAMP":
        whole = _full(value) if text else _four_digits(value)
        instant = f"try_cast(try_cast({whole} as timestamptz) as timestamp)"
        return f"case when year({instant}) between 1 and 9999 then date_trunc('second', {instant}) end"
    if wanted == "BOOLEAN":
        lowered = f"lower(cast({value} as varchar))"
        branches = " ".join(f"when {lowered} in {words} then {flag}" for flag, words in _FLAGS.items())
        return f"case {branches} end"
    number = f"try_cast({_like(value, _DECIMAL) if text else value} as double)"
    if wanted == "BIGINT":
        return (
            f"case when {number} = floor({number}) and abs({number}) < 1e15 then cast({number} as bigint) end"
        )
    return f"case when isfinite({number}) then {number} end"


def _like(value: str, pattern: str) -> str:
    """A text that is as the pattern says, else null: casts alone take more than people mean."""
    return f"case when regexp_full_match({value}, '{pattern}', 'i') then {value} end"


def _full(value: str) -> str:
    """A time with seconds even where it has a zone, as casts want it."""
    return f"regexp_replace(upper({_like(value, _TIME)}), '^(.{{10}}[T ].{{5}})(Z|[+-]| ?UTC)', '\\1:00\\2')"


def _four_digits(value: str) -> str:
    """A time as text where its year has four digits: beyond them casts fail even where they only try."""
    return _like(f"cast({value} as varchar)", "[0-9]{4}-.*")


def _refuse(
    con: duckdb.DuckDBPyConnection,
    raw: str,
    path: Path,
    column: str,
    value: str,
    expression: str,
    wanted: str,
) -> None:
    found = con.execute(
        f"select row, value from "
        f"(select row_number() over () as row, ({value})::varchar as value, {expression} as typed "
        f'from "{raw}") where value is not null and typed is null order by row limit 1'
    ).fetchone()
    if found is not None:
        message = f"{str(found[1])[:60]!r} is not {_NAMED[wanted]}"
        place = csvfile.line(path, found[0])
        raise DataError(message, path=path, record=place, field=column, remedy=_SUCH_AS[wanted])


def _guessed(con: duckdb.DuckDBPyConnection, raw: str, column: str) -> str:
    """What a further CSV column holds: numbers, flags, times or text."""
    filled, counts = _kinds(con, raw, column)
    return next((kind for kind, count in counts.items() if filled and count == filled), "VARCHAR")


def _kinds(con: duckdb.DuckDBPyConnection, raw: str, column: str) -> tuple[int, Mapping[str, int]]:
    """How many cells of a CSV column are filled, and how many of these are of each type but text."""
    value = _cell(column)
    flags = ("true", "false", "yes", "no")
    row = con.execute(
        f"""select count({value}),
            count(*) filter (where {_cast(value, "DOUBLE", text=True)} is not null
                and not regexp_matches({value}, '^[+-]?0[0-9]')),
            count(*) filter (where lower({value}) in {flags}),
            count(*) filter (where {_cast(value, "TIMESTAMP", text=True)} is not null)
        from "{raw}" """
    ).fetchone()
    filled, numbers, booleans, times = row or (0, 0, 0, 0)
    return filled, {"DOUBLE": numbers, "BOOLEAN": booleans, "TIMESTAMP": times}


def misfit(con: duckdb.DuckDBPyConnection, files: Mapping[str, Path], complaint: str) -> DataError | None:
    """The cell that makes a further CSV column text, where most are of one other kind.

    complaint: what is said of a model that does not fit; it names the column.
    """
    for name, path in files.items():
        if path.suffix != ".csv":
            continue
        raw = f"raw_{name}"
        csvfile.load(con, raw, path)
        for (column,) in con.execute(f'select column_name from (describe "{raw}")').fetchall():
            named = re.search(rf"(?<!\w){re.escape(column)}(?!\w)", complaint)
            if not named or (name in SCORED and column in SCORED[name].names):
                continue
            filled, counts = _kinds(con, raw, column)
            kind, count = max(counts.items(), key=lambda one: one[1])
            value = _cell(column)
            try:
                if filled / 2 < count < filled:
                    _refuse(con, raw, path, column, value, _cast(value, kind, text=True), kind)
            except DataError as found:
                return found
    return None


def _unique(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    key = _KEYS.get(name)
    names = [row[0] for row in con.execute(f'select column_name from (describe "{name}")').fetchall()]
    if key is None or key not in names:
        return
    if name in _EVENTS:
        lacking = " or ".join(f"{column} is null" for column in _MUST_HAVE if column in names)
        con.execute(
            f'create or replace table "{name}" as select * from "{name}" '
            f"qualify row_number() over (partition by {key} order by {lacking}, rowid) = 1"
        )
        return
    twice = con.execute(
        f'select {key} from "{name}" group by 1 having count(*) > 1 or {key} is null limit 1'
    ).fetchone()
    if twice is not None:
        message = "is there twice" if twice[0] is not None else "is empty"
        at = con.execute(
            f'select row from (select {key} as key, row_number() over (order by rowid) as row from "{name}") '
            "where key is not distinct from ? order by row desc limit 1",
            [twice[0]],
        ).fetchone()
        place = f"{csvfile.line(path, at[0] if at else 1)}, {twice[0] or 'a record'}"
        raise DataError(message, path=path, record=place, field=key)
