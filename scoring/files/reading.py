# ruff: noqa: S608 - statements are made of our own table names and quoted columns; values are bound
"""A folder of CSV or Parquet as typed tables in DuckDB; every complaint names file, record and column."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

import duckdb

from core.errors import ConfigError, DataError
from core.files import columns
from core.files.columns import SUFFIXES
from core.rows import quoted_name
from core.tables import SCORED

#: Files that a folder may hold, by table.
TABLES = ("contacts", "accounts", "activities", "survey_responses", "deals", "stage_history")
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
#: How a complaint of a condition ends that needs something else of a column that is text.
_WANTED = re.compile(
    r"(?:text with |compares |is not (?:of )?a |is neither )(number|time|true)\S*(?: with text| nor false)?$"
)


def files(folder: Path) -> dict[str, Path]:
    """Table name → file. Raises ConfigError where the folder, or contacts, is missing or a table is there
    twice.
    """
    found: dict[str, Path] = {}
    for path in _within(folder):
        if path.suffix not in SUFFIXES or path.stem not in TABLES:
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
    others = [path.name for path in there if path.suffix not in SUFFIXES or path.stem not in TABLES]
    if close := get_close_matches(f"{table}.csv", others, n=1, cutoff=0.75):
        return f"is {close[0]} it? then name it {table}.csv or {table}.parquet"
    return f"found: {', '.join(path.name for path in there) or 'nothing'}"


def read(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Create the table ``name`` from one file, canonical columns typed, further ones by what they hold."""
    try:
        _read(con, name, path)
    except duckdb.Error as error:
        raise columns.unreadable(path, error) from error


def _read(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    raw = columns.load(con, f"raw_{name}", path)
    raw.refuse_names(SCORED[name].names if name in SCORED else (), _NEEDED.get(name, ()))
    chosen = {
        column: raw.typed(column, SCORED[name].field(column).type if _is_known(name, column) else None)
        for column in raw.kinds
        if _is_known(name, column) or raw.is_value(column)
    }
    if name in _EVENTS:
        chosen[_KEYS[name]] = _or_place(chosen.get(_KEYS[name], "null"), raw.raw)
    if name == "survey_responses":
        chosen["kind"] = f"lower({chosen['kind']})"  # NPS is nps
    if name == "contacts":
        chosen.setdefault("account_id", "null::varchar")
    listed = ", ".join(f"{typed} as {quoted_name(column)}" for column, typed in chosen.items())
    con.execute(f'create table "{name}" as select {listed} from "{raw.raw}"')
    con.execute(f'drop table "{raw.raw}"')
    _unique(con, name, path)


def _is_known(table: str, column: str) -> bool:
    return table in SCORED and column in SCORED[table].names


def _or_place(key: str, raw: str) -> str:
    """An id, or else the row's number, in as many digits as the last one has: ids are compared as texts."""
    last = f'(select count(*) from "{raw}")::varchar'
    return f"coalesce({key}, 'row ' || lpad((row_number() over ())::varchar, length({last})::integer, '0'))"


def misfit(con: duckdb.DuckDBPyConnection, files: Mapping[str, Path], complaint: str) -> DataError | None:
    """Why a further column is not what a condition needs: the cell that makes it text, or its type.

    complaint: what is said of a model that does not fit; it names the column.
    """
    wanted = _WANTED.search(complaint)
    for name, path in files.items():
        raw = columns.load(con, f"raw_{name}", path)
        for column, kind in raw.kinds.items():
            if _is_known(name, column) or not re.search(rf"(?<!\w){re.escape(column)}(?!\w)", complaint):
                continue
            if not raw.is_value(column):
                return DataError(
                    f"is of the type {kind.lower()}: conditions read single values", path=path, field=column
                )
            if wanted and path.suffix == ".csv" and (cell := raw.misfit(column, wanted[1])):
                return cell
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
    columns.refuse_keys(con, name, key, path, named=key)
