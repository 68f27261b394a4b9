"""The data file: opened late, closed early, one writer at a time."""

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from core.errors import LeaseHeld, StateError
from sync import schema
from sync.folders import make_folder

_HOLDER = re.compile(r"\(PID (\d+)\)")
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.02, 0.5

#: A thread of ours may be loading millions of rows: worth waiting for, unlike another process.
_TURN_S = 900

# DuckDB takes one mode a file and process, so the threads of this process take turns.
_turns: dict[Path, "_Turn"] = {}
_turns_guard = threading.Lock()


class _Turn:
    """Whose turn it is within this process, and what they do with it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.holder: int | None = None
        self.purpose = ""


class Warehouse:
    """Pulled, resolved and scored tables in one DuckDB file.

    patience_s: how long an open waits for another process before LeaseHeld.
    """

    def __init__(
        self, path: Path, *, patience_s: float = 10, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.path = path.absolute()
        self._patience_s, self._sleep = patience_s, sleep
        self._is_prepared = False
        with _turns_guard:
            self._turn = _turns.setdefault(self.path, _Turn())

    @contextmanager
    def write(self, purpose: str, *, memory_mb: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection inside one transaction: committed at the end, rolled back on any exception.

        purpose: what to say to whoever has to wait; memory_mb: beyond it, spill to disk. Raises LeaseHeld
        when the file stays taken, StateError when it cannot be written or was written by a newer version.
        Not to be nested.
        """
        with self._taken(purpose), self._opened(read_only=False) as con:
            with self._write_errors():
                if memory_mb is not None:
                    con.execute(f"set memory_limit = '{memory_mb}MB'")
                    # what threads hold between themselves does not count against the limit
                    con.execute("set threads = 1")
                con.execute("begin")
                schema.prepare(con)
            try:
                yield con
            except BaseException:
                con.execute("rollback")
                raise
            with self._write_errors():
                con.execute("commit")

    @contextmanager
    def trial(self, purpose: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """As ``write``, but nothing of it stays."""
        with self._taken(purpose), self._opened(read_only=False) as con:
            schema.prepare(con)
            con.execute("begin")
            try:
                yield con
            finally:
                con.execute("rollback")

    @contextmanager
    def read(self, purpose: str = "reading") -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that cannot change the tables; temporary ones are possible. Raises as ``write``."""
        with self._taken(purpose):
            self._ensure_prepared()
            with self._opened(read_only=True) as con:
                yield con

    def _ensure_prepared(self) -> None:
        there = self.path.exists()
        if there and not self._is_prepared:
            with self._opened(read_only=True) as con:
                self._is_prepared = schema.is_prepared(con)
        if not (there and self._is_prepared):
            with self._opened(read_only=False) as con:
                schema.prepare(con)
            self._is_prepared = True

    @contextmanager
    def _taken(self, purpose: str) -> Iterator[None]:
        me = threading.get_ident()
        if self._turn.holder == me:
            raise StateError(
                f"{self.path} is open here for {self._turn.purpose}; {purpose} has to wait its turn"
            )
        if not self._turn.lock.acquire(timeout=_TURN_S):
            raise LeaseHeld(f"{self.path} is busy with {self._turn.purpose}", holder="this process")
        self._turn.holder, self._turn.purpose = me, purpose
        try:
            yield
        finally:
            self._turn.holder, self._turn.purpose = None, ""
            self._turn.lock.release()

    @contextmanager
    def _opened(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        con = self._connect(read_only=read_only)
        try:
            # it would be drawn on stdout wherever a program is not started from a file
            con.execute("set enable_progress_bar = false")
            yield con
        finally:
            con.close()

    def _connect(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        if not read_only:
            make_folder(self.path.parent)
        deadline, wait_s = time.monotonic() + self._patience_s, _FIRST_WAIT_S
        while True:
            try:
                return duckdb.connect(str(self.path), read_only=read_only, config=self._config())
            except duckdb.IOException as error:
                holder = _HOLDER.search(str(error))
                if holder is None:
                    raise StateError(f"{self.path} cannot be opened: {error}") from error
                if time.monotonic() >= deadline:
                    raise _held(self.path, holder[1]) from error
            self._sleep(wait_s)
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)

    def _config(self) -> dict[str, str | bool | int | float | list[str]]:
        # the file is ours alone: nothing is fetched or loaded from outside on its behalf
        return {
            "autoinstall_known_extensions": False,
            "preserve_insertion_order": False,
            # of a new file: strings are packed so that they are read twice as fast as in the oldest format
            "storage_compatibility_version": "v1.4.0",
            "temp_directory": str(self.path.with_suffix(".spill")),
        }

    @contextmanager
    def _write_errors(self) -> Iterator[None]:
        try:
            yield
        except (duckdb.IOException, duckdb.TransactionException) as error:
            free = shutil.disk_usage(self.path.parent).free
            raise StateError(
                f"{self.path} could not be written ({free:,} bytes free there): {error}",
                remedy="nothing was changed; free some space, then run it again",
            ) from error


def _held(path: Path, pid: str) -> LeaseHeld:
    return LeaseHeld(
        f"{path} is open in process {pid}",
        holder=f"PID {pid}",
        remedy=f"wait for it to finish, or look at it: ps -p {pid}",
    )
