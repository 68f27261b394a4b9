# ruff: noqa: S608 - the statement is made of our own table name; path, columns and delimiter are bound
"""CSV files: which character parts the cells, and on which line a complaint stands."""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from typing import IO, TextIO

import duckdb

from core.errors import DataError

_DELIMITERS = (",", ";", "\t", "|")
_SEP = re.compile(r"sep=.\s*")
_LONGEST_CELL = 2**31 - 1


def load(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Create ``table`` with every cell as text.

    The first line that is not blank names the columns; what parts most of its cells (comma, semicolon, tab,
    bar) parts all.
    Raises DataError naming file and line: not UTF-8, no header, a column twice, too many or too few cells.
    """
    header, delimiter, blank = _header(path)
    columns, top = dict.fromkeys(header, "VARCHAR"), f"line {blank + 1}"
    if not columns:
        raise DataError("is empty: its first line should name the columns", path=path, record="line 1")
    if quoted := next((name for name in header if name.startswith('"')), None):
        remedy = "write quoted cells without a space before the quotes"
        raise DataError(f"names a column {quoted}", path=path, record=top, remedy=remedy)
    known = [name.lower() for name in header]
    for name in header:
        if known.count(name.lower()) > 1:
            raise DataError("two columns have this name", path=path, record=top, field=name)

    def create(source: str | Path) -> None:
        con.execute(
            f'create table "{table}" as select * from read_csv(?, columns = ?, delim = ?, '
            """quote = '"', escape = '"', """
            "header = true, skip = ?, auto_detect = false, null_padding = false, max_line_size = 16777216)",
            [str(source), columns, delimiter, blank],
        )

    try:
        try:
            create(path)
        except duckdb.Error:
            with NamedTemporaryFile("w", encoding="utf-8", newline="\n", suffix=".csv") as copy:
                if not _copied_alike(path, copy):
                    raise
                create(copy.name)
    except duckdb.Error as error:
        raise _broken(path, len(header), delimiter, blank, error) from error


def _copied_alike(path: Path, copy: IO[str]) -> bool:
    """Whether its lines end in several ways, and now stand in the copy with one."""
    try:
        with path.open(encoding="utf-8") as file:
            copyfileobj(file, copy)
            copy.flush()
            return isinstance(file.newlines, tuple)
    except UnicodeDecodeError:
        return False


def line(path: Path, record: int) -> str:
    """``line 7`` for the given record (from 1) of a CSV file, ``record 6`` of any other."""
    if path.suffix != ".csv":
        return f"record {record}"
    _, delimiter, blank = _header(path)
    with _opened(path, blank) as file:
        rows = csv.reader(file, delimiter=delimiter)
        filled = 0
        for row in rows:
            filled += bool(row)
            if filled > record:  # the header comes first
                return f"line {blank + rows.line_num}"
    return f"record {record}"


@contextmanager
def _opened(path: Path, skip: int = 0) -> Iterator[TextIO]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for _ in range(skip):
            file.readline()
        yield file


def _header(path: Path) -> tuple[list[str], str, int]:
    """Names of the columns, white space around them trimmed; the delimiter; how many lines precede: blank
    ones, and Excel's ``sep=;``.
    """
    try:
        with _opened(path) as file:
            blank = sum(1 for _ in takewhile(lambda text: not text.strip() or _SEP.fullmatch(text), file))
        with _opened(path, blank) as file:
            first = file.readline()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", path=path) from error
    if "\0" in first or "\ufffd" in first:
        raise _not_text(path, blank + 1)
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        names = next(csv.reader([first.strip("\r\n")], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise DataError(f"is not CSV: {error}", path=path, record=f"line {blank + 1}") from error
    return [name.strip() or f"column {place}" for place, name in enumerate(names, 1)], delimiter, blank


def _not_text(path: Path, number: int) -> DataError:
    return DataError("is not UTF-8 text", path=path, record=f"line {number}", remedy="save it as CSV UTF-8")


def _broken(path: Path, cells: int, delimiter: str, blank: int, error: duckdb.Error) -> DataError:
    """What is wrong, looked for by reading the file slowly once more."""
    with path.open("rb") as raw:
        for number, text in enumerate(raw, start=1):
            try:
                text.decode()
            except UnicodeDecodeError:
                return _not_text(path, number)
    with _opened(path, blank) as file:
        rows = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for row in rows:
                if row and len(row) != cells:
                    message = f"has {len(row)} cells, not the {cells} that line {blank + 1} names"
                    return DataError(message, path=path, record=f"line {blank + rows.line_num}")
        except csv.Error as wrong:
            return DataError(f"is not CSV: {wrong}", path=path, record=f"line {blank + rows.line_num}")
    reason = " ".join(str(error).split("\n")[:2]).strip()
    return DataError(f"cannot be read: {reason[:300]}", path=path)
