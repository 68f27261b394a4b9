import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from core.errors import LeaseHeld, StateError
from sync.warehouse import Warehouse

_HOLD = """
import duckdb, sys
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_new_file_has_its_tables_before_anything_is_written(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "new" / "data.duckdb").read() as con:
        assert con.execute("select count(*) from person_records").fetchone() == (0,)


def test_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "data.duckdb")

    def fail_half_way() -> None:
        with warehouse.write("test") as con:
            con.execute("insert into folded values (7)")
            con.execute("select error('half way')")

    with pytest.raises(duckdb.InvalidInputException):
        fail_half_way()
    with warehouse.read() as con:
        assert con.execute("select * from folded").fetchall() == []


def test_file_held_by_another_process_names_its_pid(tmp_path: Path) -> None:
    path = tmp_path / "data.duckdb"
    command = [sys.executable, "-c", _HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdin
        holder.stdout.readline()
        with pytest.raises(LeaseHeld) as refused, Warehouse(path, patience_s=0.1).write("test"):
            pass
        assert refused.value.holder == f"PID {holder.pid}"
        holder.stdin.close()


def test_waits_for_another_process_that_ends_in_time(tmp_path: Path) -> None:
    path = tmp_path / "data.duckdb"
    command = [sys.executable, "-c", _HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdin
        holder.stdout.readline()
        closing = holder.stdin

        def first_wait_ends_the_holder(_: float) -> None:
            closing.close()
            holder.wait(10)

        with Warehouse(path, sleep=first_wait_ends_the_holder).write("test") as con:
            con.execute("insert into folded values (1)")


def test_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "data.duckdb")
    with warehouse.write("test") as con:
        con.execute("update schema_version set version = 99")
    with pytest.raises(StateError, match="version 99"), warehouse.read():
        pass


def test_reader_cannot_change_the_tables(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "data.duckdb").read() as con, pytest.raises(duckdb.InvalidInputException):
        con.execute("insert into folded values (1)")
