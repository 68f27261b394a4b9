# ruff: noqa: S608 - statements are made of our own table names and quoted columns; values are bound
"""The columns of one CSV or Parquet file: as the file has them, then in the type that is wanted."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from core.errors import DataError
from core.files import csvfile
from core.rows import quoted_name
from core.yamlfile import nearest

SUFFIXES = (".parquet", ".csv")
#: Types of Parquet that are no single value, beside lists, and spans of time.
_NO_VALUES = ("STRUCT", "MAP", "UNION", "INTERVAL")
#: More digits than DuckDB's decimals have: it would read others in their place.
_MOST_DIGITS = 38
#: From here on doubles do not tell all whole numbers apart.
_INEXACT = 2**53
_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_FLOATS = {"FLOAT", "DOUBLE"}
_BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
_DECIMAL = "[+-]?[0-9.]+([eE][+-]?[0-9]+)?"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?"
_ZONE = "Z| ?UTC|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?"
_TIME = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ]{_CLOCK}({_ZONE})?)?"
_FLAGS = {
    "true": ("true", "t", "yes", "y", "on", "1", "1.0"),
    "false": ("false", "f", "no", "n", "off", "0", "0.0"),
}
#: What a further CSV column may hold, beside text, in the order in which it is asked.
_GUESSES = ("DOUBLE", "BOOLEAN", "TIMESTAMP")

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


@dataclass(frozen=True)
class Columns:
    """A file's columns as they stand in the table ``raw``: name → DuckDB type, CSV's all being text."""

    con: duckdb.DuckDBPyConnection
    raw: str
    path: Path
    kinds: Mapping[str, str]

    @property
    def _top(self) -> str | None:
        """Where the columns are named."""
        return csvfile.line(self.path, 0) if self.path.suffix == ".csv" else None

    def refuse_names(self, known: Collection[str], needed: Iterable[str]) -> None:
        """Raise DataError for a known name in other letters, and for one that is needed and not there."""
        for column in self.kinds:
            if column not in known and column.lower() in known:
                remedy = f"did you mean {column.lower()!r}?"
                raise DataError(f"has a column {column!r}", path=self.path, record=self._top, remedy=remedy)
        for column in needed:
            if column not in self.kinds:
                remedy = nearest(column, list(self.kinds))
                raise DataError(f"has no column {column!r}", path=self.path, record=self._top, remedy=remedy)

    def is_value(self, column: str) -> bool:
        """Whether its cells are single values."""
        return not _is_no_value(self.kinds[column])

    def typed(self, column: str, known: pa.DataType | None) -> str:
        """The SQL that gives the column its type: the one that is known, or what it holds.

        Texts lose the white space around them, and are null where nothing else is there.
        Raises DataError for the first value that does not fit.
        """
        try:
            return self._typed(column, known)
        except duckdb.Error as error:
            raise unreadable(self.path, error, column) from error

    def _typed(self, column: str, known: pa.DataType | None) -> str:
        kind = self.kinds[column]
        text = kind == "VARCHAR"
        wanted = _sql_type(known) if known is not None else self._held(column)
        blank = _cell(column) if text else quoted_name(column)
        if kind in _FLOATS:
            blank = f"case when not isnan({blank}) then {blank} end"  # how data frames write what is missing
        if _is_no_value(kind):
            raise DataError(
                f"is of the type {kind.lower()}, not {_NAMED[wanted]}", path=self.path, field=column
            )
        if wanted == "VARCHAR":
            whole = f"cast({blank} as varchar)"
            if kind in _FLOATS:  # how data frames write whole numbers where some are missing
                whole = f"coalesce(cast({_cast(blank, 'BIGINT', text=False)} as varchar), {whole})"
            return whole
        if wanted == "BIGINT" and known is None:
            return f"cast({blank} as bigint)"
        expression = _cast(blank, wanted, text=text)
        self._refuse(column, blank, expression, wanted)
        return expression

    def misfit(self, column: str, wanted: str) -> DataError | None:
        """The first cell of a CSV column that is not what a condition wants: a number, time or true."""
        sql = {"number": "DOUBLE", "time": "TIMESTAMP", "true": "BOOLEAN"}[wanted]
        value = _cell(column)
        try:
            self._refuse(column, value, _as_guessed(value, sql), sql)
        except DataError as found:
            return found
        return None

    def _held(self, column: str) -> str:
        """Our type for what a further column holds."""
        kind = self.kinds[column]
        if kind == "VARCHAR":
            return self._guessed(column)
        if kind.startswith(("TIMESTAMP", "DATE")):
            return "TIMESTAMP"
        if kind == "BOOLEAN" or kind in _FLOATS:
            return "BOOLEAN" if kind == "BOOLEAN" else "DOUBLE"
        if kind in _INTEGERS:
            return "BIGINT"
        if kind in {"UBIGINT", "HUGEINT"} or (kind.startswith("DECIMAL") and kind.endswith(",0)")):
            return "BIGINT" if self._all_fit(column) else "DOUBLE"
        return "DOUBLE" if kind.startswith("DECIMAL") else "VARCHAR"

    def _all_fit(self, column: str) -> bool:
        name = quoted_name(column)
        fits = f'select bool_and(try_cast({name} as bigint) is not null or {name} is null) from "{self.raw}"'
        return bool((self.con.execute(fits).fetchone() or (True,))[0])

    def _guessed(self, column: str) -> str:
        """Numbers, flags, times or text."""
        value = _cell(column)
        counts = ", ".join(f"count({_as_guessed(value, kind)})" for kind in _GUESSES)
        row = self.con.execute(f'select count({value}), {counts} from "{self.raw}"').fetchone() or (0,)
        filled = row[0]
        fitting = (kind for kind, count in zip(_GUESSES, row[1:], strict=True) if filled and count == filled)
        return next(fitting, "VARCHAR")

    def _refuse(self, column: str, value: str, expression: str, wanted: str) -> None:
        found = self.con.execute(
            f"select row, value from "
            f"(select row_number() over () as row, ({value})::varchar as value, {expression} as typed "
            f'from "{self.raw}") where value is not null and typed is null order by row limit 1'
        ).fetchone()
        if found is None:
            return
        message, remedy = f"{str(found[1])[:60]!r} is not {_NAMED[wanted]}", _SUCH_AS[wanted]
        if wanted == "DOUBLE" and found[1].lstrip("+-").isdigit():
            message = (
                f"{str(found[1])[:60]!r} is read as text: more digits than a number keeps, or a zero first"
            )
            remedy = "compare it with a text in quotes"
        place = csvfile.line(self.path, found[0])
        raise DataError(message, path=self.path, record=place, field=column, remedy=remedy)


def load(con: duckdb.DuckDBPyConnection, raw: str, path: Path) -> Columns:
    """Create the table ``raw`` from one file. Raises DataError naming file, line and column."""
    con.execute("set TimeZone = 'UTC'")  # what a time without a zone is in
    if path.suffix == ".csv":
        csvfile.load(con, raw, path)
    else:
        _load_parquet(con, raw, path)
    described = con.execute(f'select column_name, column_type from (describe "{raw}")').fetchall()
    return Columns(con, raw, path, {str(column): str(kind) for column, kind in described})


def refuse_keys(
    con: duckdb.DuckDBPyConnection, table: str, key: str, path: Path, *, named: str, twice: bool = True
) -> None:
    """Raise DataError for the first row without a key, or (``twice``) with one that another has; named: by
    the file.
    """
    wrong = con.execute(
        f"""select key, row from (select {quoted_name(key)} as key, row_number() over (order by rowid) as row,
            row_number() over (partition by {quoted_name(key)} order by rowid) as nth from "{table}")
        where key is null or (nth > 1 and ?) order by row limit 1""",
        [twice],
    ).fetchone()
    if wrong is not None:
        message = "is empty" if wrong[0] is None else f"{wrong[0]!r} is there twice"
        raise DataError(message, path=path, record=csvfile.line(path, wrong[1]), field=named)


def unreadable(path: Path, error: duckdb.Error, column: str | None = None) -> DataError:
    """What DuckDB says of a file, without its own name for the kind of error."""
    reason = " ".join(str(error).split("\n")[:2]).strip()
    said = reason.partition("Error: ")[2] or reason
    return DataError(f"cannot be read: {said[:300]}", path=path, field=column)


def _load_parquet(con: duckdb.DuckDBPyConnection, raw: str, path: Path) -> None:
    source = "read_parquet(?, binary_as_string = true)"
    try:
        wide = con.execute(
            f"select name, precision from parquet_schema(?) where precision > {_MOST_DIGITS}", [str(path)]
        ).fetchone()
        described = con.execute(f"select column_name from (describe from {source})", [str(path)]).fetchall()
        renamed = con.execute(
            f"""select column_name from (describe from {source})
            where column_name not in (select name from parquet_schema(?))""",
            [str(path), str(path)],
        ).fetchone()
    except duckdb.Error as error:
        raise unreadable(path, error) from error
    if renamed is not None:
        raise DataError("two columns have this name", path=path, field=renamed[0].rpartition("_")[0])
    if wide is not None:
        raise DataError(
            f"is a decimal of {wide[1]} digits, and at most {_MOST_DIGITS} can be read",
            path=path, field=wide[0], remedy="write it as a double or with fewer digits",
        )  # fmt: skip
    try:
        con.execute(f'create table "{raw}" as select * from {source}', [str(path)])
    except duckdb.Error as error:
        for (column,) in described:
            try:
                con.execute(f"select max(hash({quoted_name(column)})) from {source}", [str(path)])
            except duckdb.Error as own:
                raise unreadable(path, own, column) from own
        raise unreadable(path, error) from error


def _cell(column: str) -> str:
    return f"nullif(trim({quoted_name(column)}, '{_BLANKS}'), '')"


def _is_no_value(kind: str) -> bool:
    return kind.startswith(_NO_VALUES) or kind.endswith("]")


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP"
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    if pa.types.is_string(kind):
        return "VARCHAR"
    return "BIGINT" if pa.types.is_integer(kind) else "DOUBLE"


def _as_guessed(value: str, kind: str) -> str:
    """A cell as this type, null where it is not one; 0 and 1 are no flags, and ids no numbers."""
    cast = _cast(value, kind, text=True)
    if kind == "DOUBLE":
        whole = f"regexp_full_match({value}, '[+-]?[0-9]+')"
        is_id = f"regexp_matches({value}, '^[+-]?0[0-9]') or {whole} and abs({cast}) >= {_INEXACT}"
        return f"case when not ({is_id}) then {cast} end"
    if kind == "BOOLEAN":
        return f"case when lower({value}) in ('true', 'false', 'yes', 'no') then {cast} end"
    return cast


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
        is_whole = f"{number} = floor({number}) and abs({number}) < {_INEXACT}"
        return f"case when {is_whole} then cast({number} as bigint) end"
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
