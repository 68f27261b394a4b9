# ruff: noqa: S608 - statements are made of our own table names and quoted columns; values are bound
"""A folder of CSV or Parquet as typed tables in DuckDB; every complaint names file, record and column."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from core.errors import ConfigError, DataError
from core.tables import SCORED
from core.yamlfile import nearest
from scoring import csvfile

#: Files that a folder may hold, by table.
TABLES = ("contacts", "accounts", "activities", "survey_responses", "deals", "stage_history")
_KEYS = {
    "contacts": "contact_id",
    "accounts": "account_id",
    "activities": "activity_id",
    "survey_responses": "response_id",
}
_NEEDED = {
    "contacts": ("contact_id",),
    "accounts": ("account_id",),
    "activities": ("contact_id", "type", "occurred_at"),
    "survey_responses": ("contact_id", "kind", "answer", "answered_at"),
    "stage_history": ("contact_id", "model", "stage", "entered_at"),
}
_DECIMAL = "^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$"
_FLAGS = {
    "true": ("true", "t", "yes", "y", "on", "1", "1.0"),
    "false": ("false", "f", "no", "n", "off", "0", "0.0"),
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
    if not folder.is_dir():
        raise ConfigError("is not a folder", path=folder)
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix not in {".csv", ".parquet"} or path.stem not in TABLES:
            continue
        if path.stem in found:
            raise ConfigError(
                f"is there twice: {found[path.stem].name} and {path.name}", path=folder, key=path.stem
            )
        found[path.stem] = path
    if "contacts" not in found:
        others = [path.stem for path in folder.iterdir() if path.suffix in {".csv", ".parquet"}]
        hint = f"found: {', '.join(sorted(others))}" if others else "found no CSV or Parquet file"
        raise ConfigError("has no contacts.csv or contacts.parquet", path=folder, remedy=hint)
    return found


def read(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Create the table ``name`` from one file, canonical columns typed, further ones by what they hold."""
    raw = f"raw_{name}"
    _load(con, raw, path)
    described = con.execute(f'select column_name, column_type from (describe "{raw}")').fetchall()
    columns = {str(column): str(kind) for column, kind in described}
    for needed in _NEEDED.get(name, ()):
        if needed not in columns:
            top = "line 1" if path.suffix == ".csv" else None
            raise DataError(
                f"has no column {needed!r}", path=path, record=top, remedy=nearest(needed, list(columns))
            )
    chosen = [
        f"{_typed(con, name, raw, path, column, kind)} as {_quoted(column)}"
        for column, kind in columns.items()
    ]
    if name == "activities" and "activity_id" not in columns:
        chosen.append("'row ' || row_number() over () as activity_id")
    con.execute(f'create table "{name}" as select {", ".join(chosen)} from "{raw}"')
    con.execute(f'drop table "{raw}"')
    _unique(con, name, path)


def _load(con: duckdb.DuckDBPyConnection, raw: str, path: Path) -> None:
    con.execute("set TimeZone = 'UTC'")  # what a time without a zone is in
    if path.suffix == ".csv":
        csvfile.load(con, raw, path)
        return
    try:
        con.execute(f'create table "{raw}" as select * from read_parquet(?)', [str(path)])
    except duckdb.Error as error:
        reason = " ".join(str(error).split("\n")[:2]).strip()
        raise DataError(f"cannot be read: {reason[:300]}", path=path) from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _typed(con: duckdb.DuckDBPyConnection, name: str, raw: str, path: Path, column: str, kind: str) -> str:
    """The SQL that gives this column its type. Raises DataError for the first value that does not fit."""
    text = kind == "VARCHAR"
    known = SCORED[name].field(column).type if name in SCORED and column in SCORED[name].names else None
    wanted = _sql_type(known) if known is not None else _guessed(con, raw, column) if text else _settled(kind)
    blank = f"nullif(trim({_quoted(column)}), '')" if text else _quoted(column)
    if kind in {"FLOAT", "DOUBLE"}:
        blank = f"case when not isnan({blank}) then {blank} end"  # how data frames write what is missing
    if wanted == "VARCHAR":
        whole = f"cast({blank} as varchar)"
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
        instant = f"try_cast(try_cast({value if text else _as_text(value)} as timestamptz) as timestamp)"
        return f"case when year({instant}) between 1 and 9999 then date_trunc('second', {instant}) end"
    if wanted == "BOOLEAN":
        lowered = f"lower(cast({value} as varchar))"
        branches = " ".join(f"when {lowered} in {words} then {flag}" for flag, words in _FLAGS.items())
        return f"case {branches} end"
    if wanted == "BIGINT":
        number = f"try_cast({value} as double)"
        return (
            f"case when {number} = floor({number}) and abs({number}) < 1e15 then cast({number} as bigint) end"
        )
    return f"case when isfinite(try_cast({value} as double)) then try_cast({value} as double) end"


def _as_text(value: str) -> str:
    return f"cast({value} as varchar)"


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
        named = {
            "TIMESTAMP": "a time",
            "BOOLEAN": "true or false",
            "BIGINT": "a whole number",
            "DOUBLE": "a number",
        }
        message = f"{str(found[1])[:60]!r} is not {named[wanted]}"
        place = csvfile.line(path, found[0])
        raise DataError(message, path=path, record=place, field=column, remedy=_SUCH_AS[wanted])


def _guessed(con: duckdb.DuckDBPyConnection, raw: str, column: str) -> str:
    """What a further CSV column holds: numbers, flags, times or text."""
    value = f"nullif(trim({_quoted(column)}), '')"
    flags = ("true", "false", "yes", "no")
    row = con.execute(
        f"""select count({value}),
            count(*) filter (where isfinite(try_cast({value} as double))
                and regexp_matches({value}, '{_DECIMAL}') and not regexp_matches({value}, '^[+-]?0[0-9]')),
            count(*) filter (where lower({value}) in {flags}),
            count(*) filter (where try_cast({value} as timestamp) is not null
                and regexp_matches({value}, '^[0-9]{{4}}-'))
        from "{raw}" """
    ).fetchone()
    filled, numbers, booleans, times = row or (0, 0, 0, 0)
    if not filled:
        return "VARCHAR"
    kinds: Sequence[tuple[int, str]] = ((numbers, "DOUBLE"), (booleans, "BOOLEAN"), (times, "TIMESTAMP"))
    return next((kind for count, kind in kinds if count == filled), "VARCHAR")


def _unique(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    key = _KEYS.get(name)
    names = [row[0] for row in con.execute(f'select column_name from (describe "{name}")').fetchall()]
    if key is None or key not in names:
        return
    if name in {"activities", "survey_responses"}:  # the same event sent twice is one event
        con.execute(
            f'create or replace table "{name}" as select * from "{name}" '
            f"qualify {key} is null or row_number() over (partition by {key} order by rowid) = 1"
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
