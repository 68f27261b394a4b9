"""A full rescore, as ``sync`` does it, against a bare scan and group-by; SQL, Polars and pandas beside it."""

import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb

from benchmarks import beside, sources
from scoring.loader import load_model
from scoring.spec import Model
from sync.configuration import load_settings
from sync.people import changed
from sync.rescoring.rescore import rescore, score
from sync.snapshots import snapshot
from sync.snapshots.foretelling import Foretelling
from sync.warehouse import Warehouse

_SIZES = ((100_000, 2_000_000), (1_000_000, 20_000_000))
_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_BARE = "select contact_id, count(*), sum(value), max(occurred_at) from activities group by 1"
_INPUTS = ("contacts", "accounts", "activities", "survey_responses")
_DAYS = 3
_EXPLAINED = 5
_CONFIGURATION = """
state_dir: .
models: [{model}]
connections: {{files: {{path: .}}}}
fields: [{{name: score, value: score, kind: integer, label: Score, help: How ready to buy.}}]
"""
_NUMBERS = (
    "contact_id", "score", "grade", "level", "stage", "idle_days", "trend", "top_product",
    "satisfaction_band", "account_score",
)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """Of one size. lines: what to print; bare_s, full_s: of the last day; peak_mb: of the scoring process."""

    activities: int
    lines: tuple[str, ...]
    bare_s: float
    full_s: float
    peak_mb: int

    def beside(self, smaller: "Measured") -> str:
        """How its time and memory grew from a smaller size's."""
        more = self.activities / smaller.activities
        full, bare, peak = (
            getattr(self, name) / getattr(smaller, name) for name in ("full_s", "bare_s", "peak_mb")
        )
        return f"{more:.0f} x the data: rescore {full:.1f} x the time, scan {bare:.1f} x, memory {peak:.1f} x"


class _Zone:
    """The settings that rescoring reads."""

    time_zone = "UTC"


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _prepare(folder: Path, contacts: int, activities: int) -> Path:
    """Data in ``bench.duckdb`` as ``sync`` stores them; where the model is."""
    path = sources.prepare(folder, contacts, activities)
    with Warehouse(folder / "bench.duckdb").write("loading") as con:
        for name in _INPUTS:
            con.execute(f"insert into {name} by name from '{folder / name}.parquet'")
        changed.note(con)
    return path


def _bare(data: Path) -> float:
    with Warehouse(data).read() as con:
        return _seconds(lambda: con.execute(f"create temp table bare as {_BARE}"))


def _keep(data: Path, scores: str, path: Path) -> None:
    with Warehouse(data).read() as con:
        con.execute(f"copy {scores} to '{path}'")


def _run(contacts: int, activities: int) -> Measured:
    """Bare scans and rescores, as ``sync`` does them, in turn; then the others. In a process of its own."""
    # what is not scoring has a process of its own, for the peak is to be that of scoring
    with tempfile.TemporaryDirectory() as name, _apart() as pool:
        folder, said = Path(name), [f"{contacts:,} contacts, {activities:,} activities"]
        path = pool.submit(_prepare, folder, contacts, activities).result()
        data, model = folder / "bench.duckdb", load_model(path)
        warehouse = Warehouse(data)
        for day in range(_DAYS):
            bare = pool.submit(_bare, data).result()
            full = _seconds(partial(rescore, warehouse, [model], _Zone(), _NOW + timedelta(day)))
            first = ", the first: compiling, laying out, everybody's texts" if not day else ""
            said.append(f"bare {bare:.2f} s, rescore {full:.2f} s, ratio {full / bare:.1f}{first}")
            if not day:
                pool.submit(_keep, data, f"contact_scores_{model.name}", folder / "ours.parquet").result()
        pool.submit(_change, data).result()
        later = _NOW + timedelta(_DAYS - 1, hours=1)
        some = _seconds(lambda: rescore(warehouse, [model], _Zone(), later))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        equal = "equal to it" if _equals_anew(warehouse, model, later) else "NOT EQUAL to it"
        said.append(
            f"1,000 people's data changed: {some:.2f} s, 1/{full / some:.0f} of the last rescore, {equal}"
        )
        said.append(f"peak memory of this process {peak:,} MB")
        said.append(_explained(folder, warehouse, model, path))
        if activities <= _SIZES[-1][1]:
            with duckdb.connect() as con:
                ours = beside.of_scoreline(con, f"'{folder / 'ours.parquet'}'")
            said += [beside.told(one, bare) for one in beside.measure(folder, path, ours)]
    return Measured(activities, tuple(said), bare, full, peak)


def _change(data: Path) -> None:
    """Of 1,000 people: some did something that arrives late, some things are gone, some people are one."""
    with Warehouse(data).write("changing") as con:
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


def _explained(folder: Path, warehouse: Warehouse, model: Model, path: Path) -> str:
    """What publishing for ``explain`` takes, and then a new process that explains one person."""
    configuration = folder / "scoreline.yaml"
    configuration.write_text(_CONFIGURATION.format(model=path), encoding="utf-8")
    settings = load_settings(configuration)
    with warehouse.read() as con:
        foretelling = Foretelling([model], settings, {})
        published = _seconds(lambda: snapshot.publish(con, folder, _NOW + timedelta(_DAYS), foretelling))
        some = (
            f"select contact_id from contact_scores_{model.name} order by hash(contact_id) limit {_EXPLAINED}"
        )
        people = [who for (who,) in con.execute(some).fetchall()]
    command = [Path(sys.executable).with_name("scoreline"), "explain", "--config", configuration]
    times = [
        _seconds(partial(subprocess.run, [*command, who], check=True, capture_output=True)) for who in people
    ]
    return (
        f"one person explained by a new process: {statistics.median(times):.2f} s (of {_EXPLAINED}, at most "
        f"{max(times):.2f}); published before for everybody in {published:.1f} s"
    )


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


def _apart() -> ProcessPoolExecutor:
    """A process of its own, so that its memory is too."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))


def main() -> None:
    """At the size given on the command line, or at two; what is found is printed."""
    sizes = [(int(sys.argv[1]), int(sys.argv[2]))] if len(sys.argv) > 2 else _SIZES
    before = None
    for contacts, activities in sizes:
        with _apart() as pool:
            found = pool.submit(_run, contacts, activities).result()
        print(*found.lines, sep="\n")
        if before is not None:
            print(found.beside(before))
        before = found


if __name__ == "__main__":
    main()
