"""kill -9 while reading or loading: the next pull goes on, and nothing is lost or stored twice."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from connectors.base import Stream
from core.clock import FixedClock
from sync.load import Counts
from sync.progress import Silent
from sync.pull import PullReport, pull
from sync.warehouse import Warehouse
from tests.unit.sync.memory import MemoryConnector

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = Stream("people", ("person_records",))

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.state.test_pull_killed"])


class DiesAfter(Silent):
    """Kills its own process once so many pages were staged."""

    def __init__(self, pages: int) -> None:
        self.pages = pages

    def update(self, verb: str, what: str, done: int, total: int | None = None, note: str = "") -> None:
        super().update(verb, what, done, total, note)
        if done >= self.pages:
            os.kill(os.getpid(), signal.SIGKILL)


class DiesBeforeCommit(Warehouse):
    """Kills its own process when everything is written and nothing committed."""

    @contextmanager
    def write(self, purpose: str, *, memory_mb: int | None = None) -> Iterator[DuckDBPyConnection]:
        with super().write(purpose, memory_mb=memory_mb) as con:
            yield con
            os.kill(os.getpid(), signal.SIGKILL)


def run(
    folder: Path, progress: Silent | None = None, kind: type[Warehouse] = Warehouse
) -> tuple[PullReport, MemoryConnector]:
    acme = MemoryConnector("acme", (PEOPLE,), page_size=1)
    for number in range(6):
        acme.put("people", "person_records", object="Contact", record_id=str(number), state="live")
    warehouse = kind(folder / "data.duckdb")
    return pull([acme], warehouse, folder / "stage", FixedClock(NOW), progress or Silent()), acme


def run_until_page(folder: Path, pages: int) -> None:
    run(folder, DiesAfter(pages))


def run_until_commit(folder: Path, _: int) -> None:
    run(folder, kind=DiesBeforeCommit)


@pytest.mark.parametrize(
    ("how", "pages", "read_again"), [(run_until_page, 1, 5), (run_until_page, 4, 2), (run_until_commit, 6, 0)]
)
def test_killed_pull_goes_on_where_it_stopped(tmp_path: Path, how: Any, pages: int, read_again: int) -> None:
    killed = _CONTEXT.Process(target=how, args=(tmp_path, pages))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    with Warehouse(tmp_path / "data.duckdb").read() as con:
        assert con.execute(
            "select (select count(*) from person_records), count(*) from watermarks"
        ).fetchone() == (0, 0)
    report, acme = run(tmp_path)
    assert report.totals() == Counts(changed=6)
    assert acme.given == read_again
    assert run(tmp_path)[0].totals().changed == 0
    with Warehouse(tmp_path / "data.duckdb").read() as con:
        assert con.execute("select count(*), count(distinct record_id) from person_records").fetchone() == (
            6,
            6,
        )
