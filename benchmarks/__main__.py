"""``python -m benchmarks [CONTACTS ACTIVITIES]``: a full rescore against a bare scan and group-by.

Beside it SQL, Polars and pandas do the same; then the connectors. Data and model: ``benchmarks.sources``.
What is printed is also written to README.md beside this file.
"""

import io
import re
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import beside, connectors, sources
from scoring.loader import load_model
from sync.rescore import TABLES, rescore
from sync.warehouse import Warehouse

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_BARE = "select contact_id, count(*), sum(value), max(occurred_at) from activities group by 1"
_INPUTS = ("contacts", "accounts", "activities", "survey_responses")
_ROUNDS = 3
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


def _run(folder: Path, path: Path) -> None:
    """Bare scans and rescores, as ``sync`` does them, in turn; then the others."""
    warehouse, model = Warehouse(folder / "bench.duckdb"), load_model(path)
    _load(warehouse, folder)
    for number in range(_ROUNDS):
        with warehouse.read() as con:
            bare = _seconds(lambda: con.execute(f"create temp table bare as {_BARE}"))
        full = _seconds(lambda: rescore(warehouse, [model], _Zone(), _NOW))
        compiled = "" if number else ", compiling the model among it"
        print(f"bare {bare:.2f} s, rescore {full:.2f} s, ratio {full / bare:.1f}{compiled}")
    with warehouse.read() as con:
        ours = beside.of_scoreline(con, f"{TABLES['contacts']}_{model.name}")
    for timed in beside.measure(folder, path, ours):
        print(beside.told(timed, bare))


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
