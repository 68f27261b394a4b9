"""Activities beside a snapshot, so that one person's are read in milliseconds and most are written once.

Sorting millions of rows costs more than scoring them. So ``base`` is sorted and kept from one snapshot to
the next (a hard link), and ``later`` holds everything of the people who are no longer as they were in it.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from sync.literals import quoted
from sync.memory import within_memory

#: The share of changed people from which a new base is worth its sorting.
_WORTH = 0.1
#: Beyond it sorting goes to disk, in about the same time.
_SORTING_MB = 1000
_KEPT = ("base.parquet", "prints.parquet")
#: What ``changed.note`` found of each person's data, their activities among them.
_PRINTS = "select id as contact_id, print from prints where kind = 'person' and print is not null"


def publish(
    con: duckdb.DuckDBPyConnection, folder: Path, before: Path | None, columns: Sequence[str]
) -> None:
    """Write what ``con`` has in ``activities`` to a new folder; ``before``: the same of the last snapshot."""
    listed = ", ".join(f'"{name}"' for name in columns)
    if before is None or not _keep(con, folder, before, columns):
        with within_memory(con, _SORTING_MB):
            _copy(con, f"select {listed} from activities order by contact_id", folder / "base.parquet")
        _copy(con, _PRINTS, folder / "prints.parquet")
    con.execute(
        f"""create or replace temp table changed as
        select contact_id from ({_PRINTS}) p full join {_file(folder / "prints.parquet")} b using (contact_id)
        where p.print is distinct from b.print"""
    )
    _copy(con, "from changed", folder / "changed.parquet")
    _copy(
        con, f"select {listed} from activities semi join changed using (contact_id)", folder / "later.parquet"
    )


def of(folder: Path, contact_id: str) -> str:
    """What to select one person's activities from."""
    who = f"contact_id = {quoted(contact_id)}"
    return f"""(from {_file(folder / "base.parquet")} where {who}
            and not exists (from {_file(folder / "changed.parquet")} where {who})
        union all from {_file(folder / "later.parquet")} where {who})"""


def _keep(con: duckdb.DuckDBPyConnection, folder: Path, before: Path, columns: Sequence[str]) -> bool:
    """Take over the base there is; False where it has other columns, or too much has changed since."""
    held = con.execute(f"describe select * from {_file(before / 'base.parquet')}").fetchall()
    if [row[0] for row in held] != list(columns):
        return False
    counted = con.execute(
        f"""select count(*), count(*) filter (p.print is distinct from b.print)
        from ({_PRINTS}) p left join {_file(before / "prints.parquet")} b using (contact_id)"""
    ).fetchone()
    assert counted is not None, "an aggregate has one row"
    if counted[1] > _WORTH * counted[0]:
        return False
    for name in _KEPT:
        link(before / name, folder / name)
    return True


def link(old: Path, new: Path) -> None:
    """The same file under a second name; a copy where the disk knows no such thing."""
    try:
        os.link(old, new)
    except OSError:
        shutil.copyfile(old, new)


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    con.execute(f"copy ({query}) to {quoted(str(path))} (format parquet)")


def _file(path: Path) -> str:
    return f"read_parquet({quoted(str(path))})"
