"""``python -m benchmarks [CONTACTS ACTIVITIES]``: a full rescore against a bare scan and group-by.

Beside it SQL, Polars and pandas do the same; then the connectors. Data and model: ``benchmarks.sources``.
What is printed is also written to README.md beside this file.
"""

import io
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks import beside, connectors, sources
from scoring.loader import load_model
from scoring.spec import Model
from sync import changed
from sync.rescore import rescore, score
from sync.warehouse import Warehouse

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_BARE = "select contact_id, count(*), sum(value), max(occurred_at) from activities group by 1"
_INPUTS = ("contacts", "accounts", "activities", "survey_responses")
_DAYS = 3
_NUMBERS = (
    "contact_id", "score", "grade", "level", "stage", "idle_days", "trend", "top_product",
    "satisfaction_band", "account_score",
)  # fmt: skip
_README = Path(__file__).with_name("README.md")


class _Zone:
    """The settings that rescoring reads."""

    time_zone = "UTC"


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _load(warehouse: Warehouse, folder: Path) -> None:
    with warehouse.write("loading") as con:
        for name in _INPUTS:
            con.execute(f"insert into {name} by name from '{folder / name}.parquet'")
        changed.note(con)


def _bare(warehouse: Warehouse) -> float:
    with warehouse.read() as con:
        return _seconds(lambda: con.execute(f"create temp table bare as {_BARE}"))


def _run(folder: Path, path: Path) -> None:
    """Bare scans and rescores, as ``sync`` does them, in turn; then the others."""
    warehouse, model = Warehouse(folder / "bench.duckdb"), load_model(path)
    _load(warehouse, folder)
    for day in range(_DAYS):
        bare = _bare(warehouse)
        full = _seconds(partial(rescore, warehouse, [model], _Zone(), _NOW + timedelta(day)))
        first = ", the first: compiling, laying out, everybody's texts" if not day else ""
        print(f"bare {bare:.2f} s, rescore {full:.2f} s, ratio {full / bare:.1f}{first}")
        if not day:
            with warehouse.read() as con:
                ours = beside.of_scoreline(con, f"contact_scores_{model.name}")
    _change(warehouse)
    later = _NOW + timedelta(_DAYS - 1, hours=1)
    some = _seconds(lambda: rescore(warehouse, [model], _Zone(), later))
    print(f"1,000 people's data changed: {some:.2f} s, 1/{full / some:.0f} of the last rescore, ", end="")
    print("equal to it" if _equals_anew(warehouse, model, later) else "NOT EQUAL to it")
    print(f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB")
    for timed in beside.measure(folder, path, ours):
        print(beside.told(timed, bare))


def _change(warehouse: Warehouse) -> None:
    """Of 1,000 people: some did something that arrives late, some things are gone, some people are one."""
    with warehouse.write("changing") as con:
        con.execute(
            """create temp table chosen as
            select contact_id, row_number() over (order by hash(contact_id)) as n
            from contacts order by n limit 1000"""
        )
        con.execute(
            """insert into activities by name
            select 'late' || n as activity_id, contact_id, 'form_submit' as type, 'core' as product,
                timestamp '2026-11-01 12:00:00' as occurred_at from chosen where n <= 400"""
        )
        con.execute(
            """delete from activities where hash(activity_id) % 2 = 0
            and contact_id in (select contact_id from chosen where n > 400 and n <= 800)"""
        )
        con.execute(
            """create temp table pairs as select l.contact_id as loser, w.contact_id as winner
            from chosen l join chosen w on w.n = l.n - 100 where l.n > 900"""
        )
        con.execute("update activities a set contact_id = p.winner from pairs p where a.contact_id = p.loser")
        con.execute("delete from contacts where contact_id in (select loser from pairs)")
        changed.note(con)


def _equals_anew(warehouse: Warehouse, model: Model, at: datetime) -> bool:
    """Whether scoring everybody from nothing gives the same numbers; undone again."""
    columns = ", ".join(f'"{name}"' for name in _NUMBERS)
    query = f"select {columns}, columns('^(rule|cap|fit|journey)_') from contact_scores_{model.name}"
    with warehouse.trial("comparing") as con:
        con.execute(f"create temp table kept as {query}")
        con.execute("delete from scored_models")
        score(con, model, at, _Zone.time_zone, warehouse.path.parent)
        left = con.execute(f"select count(*) from ((from kept) except ({query}))").fetchone()
        right = con.execute(f"select count(*) from (({query}) except (from kept))").fetchone()
    return left == right == (0,)


def _scoring() -> None:
    contacts, activities = map(int, sys.argv[1:3] if len(sys.argv) > 2 else (100_000, 2_000_000))
    with tempfile.TemporaryDirectory() as folder:
        model = sources.prepare(Path(folder), contacts, activities)
        print(f"{contacts:,} contacts, {activities:,} activities")
        _run(Path(folder), model)


class _Both(io.StringIO):
    """Keeps what it passes on."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)  # type: ignore[union-attr]  # a terminal or a pipe is there
        return super().write(text)


def _keep(part: str, said: str) -> None:
    """Put what was printed into README.md, in place of what the last run printed there."""
    before = _README.read_text(encoding="utf-8")
    block = f"<!-- {part} -->\n```text\n{said.strip()}\n```\n<!-- end -->"
    after = re.sub(rf"<!-- {part} -->.*?<!-- end -->", lambda _: block, before, flags=re.DOTALL)
    _README.write_text(after, encoding="utf-8")


def main() -> None:
    """Generate, load, measure, print, write down."""
    for part, measure in (("scoring", _scoring), ("connectors", connectors.main)):
        with redirect_stdout(_Both()) as said:
            measure()
        _keep(part, said.getvalue())


if __name__ == "__main__":
    main()
