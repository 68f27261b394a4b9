"""The operational store: SQLite, durable before anything leaves the house.

Data lives in the warehouse. Here is what a run is doing, what vendors acknowledged and not yet folded, what
they refused, and what must happen only once.
"""

import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, create_engine, event, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from core.clock import naive_utc
from core.errors import LeaseHeld, StateError
from sync.folders import make_folder
from sync.store import operational as tables

_BUSY_S = 30


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it stands in the store; instants are naive UTC."""

    id: int
    kind: str
    started_at: datetime
    ended_at: datetime | None
    status: str
    summary: Mapping[str, Any]


class State:
    """The store in one file. Safe to use from several threads and processes.

    Raises StateError for a file of a newer version, or one that cannot be written.
    """

    def __init__(self, path: Path, *, busy_s: float = _BUSY_S) -> None:
        self.path = path
        make_folder(path.parent)
        self._engine = _engine(path, busy_s)
        self._prepare()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that holds the write lock from its beginning, so that it never fails half way."""
        with self._named_errors(), self._engine.connect() as plain:
            con = plain.execution_options(immediate=True)
            with con.begin():
                yield con

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; writers go on meanwhile."""
        with self._named_errors(), self._engine.connect() as con, con.begin():
            yield con

    def close(self) -> None:
        self._engine.dispose()

    def compact(self) -> None:
        """Write the file anew, so that nothing deleted is left in it."""
        with self._named_errors():
            raw = self._engine.raw_connection()
            try:
                raw.cursor().execute("vacuum")
                raw.cursor().execute("pragma wal_checkpoint(truncate)")
            finally:
                raw.close()

    def begin_run(self, kind: str, at: datetime) -> int:
        """Open a run; earlier ones that never ended are marked as died."""
        with self.write() as con:
            running = (tables.runs.c.status == "running") & (tables.runs.c.kind == kind)
            con.execute(update(tables.runs).where(running).values(status="died"))
            values = {
                "kind": kind, "started_at": naive_utc(at), "status": "running", "pid": os.getpid(),
                "host": socket.gethostname(),
            }  # fmt: skip
            return number_of(con.execute(insert(tables.runs).values(values)))

    def end_run(self, run_id: int, at: datetime, status: str, summary: Mapping[str, Any]) -> None:
        with self.write() as con:
            values = {"ended_at": naive_utc(at), "status": status, "summary": dict(summary)}
            con.execute(update(tables.runs).where(tables.runs.c.id == run_id).values(values))

    def latest_runs(self, limit: int = 10) -> Sequence[Run]:
        """Newest first."""
        with self.read() as con:
            rows = con.execute(select(tables.runs).order_by(tables.runs.c.id.desc()).limit(limit)).mappings()
            return [
                Run(
                    row["id"],
                    row["kind"],
                    row["started_at"],
                    row["ended_at"],
                    row["status"],
                    row["summary"] or {},
                )
                for row in rows
            ]

    def baselines(self) -> dict[tuple[str, str], str]:
        """(kind, name) → hash of what has had its quiet first run."""
        with self.read() as con:
            rows = con.execute(select(tables.baselines)).mappings()
            return {(row["kind"], row["name"]): row["hash"] for row in rows}

    def held_back(self) -> Mapping[str, Any] | None:
        """The newest hold that nobody has lifted: ``kind``, ``detail``."""
        with self.read() as con:
            query = select(tables.holds).where(tables.holds.c.lifted_at.is_(None))
            row = con.execute(query.order_by(tables.holds.c.id.desc()).limit(1)).mappings().first()
            return dict(row) if row else None

    def hold(self, kind: str, detail: Mapping[str, Any], at: datetime) -> None:
        with self.write() as con:
            con.execute(insert(tables.holds).values(kind=kind, detail=dict(detail), created_at=naive_utc(at)))

    def lift_holds(self, at: datetime) -> None:
        with self.write() as con:
            lifted = {"lifted_at": naive_utc(at)}
            con.execute(update(tables.holds).where(tables.holds.c.lifted_at.is_(None)).values(lifted))

    def _prepare(self) -> None:
        with self.write() as con:
            if con.dialect.has_table(con, "meta"):
                found = con.execute(
                    select(tables.meta.c.value).where(tables.meta.c.key == "version")
                ).scalar()
                if int(found or 0) > tables.VERSION:
                    raise StateError(
                        f"{self.path} has version {found}, and this program reads up to {tables.VERSION}",
                        remedy="install the newer version of Scoreline that wrote it, or restore a backup",
                    )
            tables.metadata.create_all(con)
            version = upsert(tables.meta).values(key="version", value=str(tables.VERSION))
            con.execute(version.on_conflict_do_update(["key"], set_={"value": str(tables.VERSION)}))

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            reason = str(error.orig)
            if "locked" in reason or "busy" in reason:
                raise LeaseHeld(
                    f"{self.path} stays locked",
                    holder="another process",
                    remedy="wait for it, then run this again",
                ) from error
            free = shutil.disk_usage(self.path.parent).free
            raise StateError(
                f"{self.path} cannot be used ({free:,} bytes free there): {reason}",
                remedy="what was acknowledged so far is kept; run it again once there is room",
            ) from error
        except (DatabaseError, sqlite3.DatabaseError) as error:
            if isinstance(error, IntegrityError):
                raise
            raise StateError(
                f"{self.path} cannot be read: {getattr(error, 'orig', error)}",
                remedy="restore a backup of it; without one move it away: what vendors hold is read again",
            ) from error


def number_of(inserted: CursorResult[Any]) -> int:
    """The id that an inserted row was given."""
    key = inserted.inserted_primary_key
    assert key is not None, "every table with an id gives one"
    return int(key[0])


def _engine(path: Path, busy_s: float) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": busy_s})

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: object) -> None:  # noqa: ANN401 - of the driver
        # SQLAlchemy begins transactions; the driver must not guess when
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("pragma journal_mode = wal")
        cursor.execute("pragma synchronous = full")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(con: Connection) -> None:
        immediate = con.get_execution_options().get("immediate")
        con.exec_driver_sql("begin immediate" if immediate else "begin")

    return engine
