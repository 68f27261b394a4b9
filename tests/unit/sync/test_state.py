"""The operational store: durable, shared between processes, and never read by an older program."""

import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from core.errors import LeaseHeld, StateError
from sync.store import operational
from sync.store.state import State
from sync.warehouse import Warehouse

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.sqlite"


def test_store_survives_a_power_cut_once_committed(path: Path) -> None:
    with State(path).read() as con:
        assert con.exec_driver_sql("pragma synchronous").scalar() == 2
        assert con.exec_driver_sql("pragma journal_mode").scalar() == "wal"


def test_runs_are_listed_newest_first_and_a_run_that_never_ended_has_died(path: Path) -> None:
    state = State(path)
    first = state.begin_run("sync", NOW)
    second = state.begin_run("sync", NOW)
    state.end_run(second, NOW, "done", {"written": 3})
    runs = state.latest_runs()
    assert [(run.id, run.status) for run in runs] == [(second, "done"), (first, "died")]
    assert runs[0].summary == {"written": 3}


def test_store_of_a_newer_version_is_refused(path: Path) -> None:
    State(path).close()
    with sqlite3.connect(path) as con:
        con.execute("update meta set value = '99'")
    con.close()
    with pytest.raises(StateError, match="version 99"):
        State(path)


def test_failed_transaction_leaves_nothing(path: Path) -> None:
    state = State(path)
    row = {"kind": "model", "name": "m", "hash": "h", "run_id": 1}
    with pytest.raises(IntegrityError), state.write() as con:
        con.execute(insert(operational.baselines), [row, row])
    assert state.baselines() == {}


def test_writers_take_turns_and_readers_do_not_wait(path: Path) -> None:
    state = State(path)
    other = threading.Thread(target=state.hold, args=("reverted", {"run": 1}, NOW))
    with state.write() as con:
        con.execute(insert(operational.baselines).values(kind="model", name="m", hash="h", run_id=1))
        other.start()
        assert state.baselines() == {}, "what is not committed is not seen"
        assert other.is_alive()
    other.join(5)
    assert state.held_back() is not None
    assert state.baselines() == {("model", "m"): "h"}


def test_store_that_stays_locked_says_so(path: Path) -> None:
    state, impatient = State(path), State(path, busy_s=0.05)
    with state.write(), pytest.raises(LeaseHeld, match="stays locked"):
        impatient.begin_run("sync", NOW)


def test_store_that_cannot_be_written_names_the_file_and_the_room_left(tmp_path: Path) -> None:
    folder = tmp_path / "state.sqlite"
    folder.mkdir()
    with pytest.raises(StateError, match=r"state\.sqlite cannot be used .*bytes free"):
        State(folder)


def test_file_that_is_no_store_is_named_with_what_to_do(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(StateError, match=r"(?s)state\.sqlite cannot be read: .*restore a backup"):
        State(path)


def test_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StateError, match=r"(?s)file cannot be made: .*SCORELINE_STATE_DIR"):
        State(tmp_path / "file" / "state.sqlite")
    with pytest.raises(StateError, match="cannot be made"), Warehouse(tmp_path / "file" / "x.duckdb").read():
        pass
