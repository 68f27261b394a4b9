"""A folder of CSV or Parquet as typed tables in DuckDB; every complaint names file, record and column."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from core.errors import ConfigError, DataError
from core.tables import SCORED
from core.yamlfile import nearest

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
    "survey_responses": ("contact_id", "answer", "answered_at"),
    "stage_history": ("contact_id", "stage", "entered_at"),
}
_FLAGS = {"true": ("true", "t", "yes", "y", "1", "1.0"), "false": ("false", "f", "no", "n", "0", "0.0")}


def files(folder: Path) -> dict[str, Path]:
    """Table name → file. Raises ConfigError where the folder, or contacts, is missing or a table is there twice."""
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
            raise DataError(f"has no column {needed!r}", path=path, remedy=nearest(needed, list(columns)))
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
    reader = "read_csv(?, all_varchar = true, header = true, null_padding = false)"
    if path.suffix == ".parquet":
        reader = "read_parquet(?)"
    try:
        con.execute(f'create table "{raw}" as select * from {reader}', [str(path)])
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
    if wanted == "VARCHAR":
        return f"cast({blank} as varchar)"
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
        inner = value if text else f"cast({value} as varchar)"
        return f"date_trunc('second', try_cast({inner} as timestamp))"
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
        f"select row, value from (select row_number() over () as row, {value} as value, {expression} as typed "
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
        raise DataError(message, path=path, record=f"record {found[0]}", field=column)


def _guessed(con: duckdb.DuckDBPyConnection, raw: str, column: str) -> str:
    """What a further CSV column holds: numbers, flags, times or text."""
    value = f"nullif(trim({_quoted(column)}), '')"
    flags = ("true", "false", "yes", "no")
    row = con.execute(
        f"""select count({value}),
            count(*) filter (where try_cast({value} as double) is not null and not regexp_matches({value}, '^[+-]?0[0-9]')
                and regexp_matches({value}, '^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$') and isfinite(try_cast({value} as double))),
            count(*) filter (where lower({value}) in {flags}),
            count(*) filter (where try_cast({value} as timestamp) is not null and regexp_matches({value}, '^[0-9]{{4}}-'))
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
        raise DataError(message, path=path, record=str(twice[0] or "a record"), field=key)
