"""What vendors acknowledged, folded from the journal into the warehouse."""

import duckdb
import pyarrow as pa
from sqlalchemy import select

from sync import crash
from sync.store import operational as tables
from sync.store.state import State
from sync.warehouse import Warehouse

_KEY = ("vendor", "object", "record_id", "field")
_BATCH = 50_000

_ENTRIES = pa.schema([
    ("seq", pa.int64()), ("run_id", pa.int64()), *((name, pa.string()) for name in _KEY),
    ("value", pa.string()), ("acked_at", pa.timestamp("s")),
])  # fmt: skip


def fold(warehouse: Warehouse, state: State) -> int:
    """Move acknowledgements from the journal into ``confirmed``; returns how many.

    Rows and ``folded.through`` commit together, so a crash folds again or not at all. An operational store
    that is older than the warehouse (restored alone) is folded from its beginning: later acknowledgements
    win, so that repeating is harmless.
    """
    with warehouse.write("folding acknowledgements") as con:
        found = con.execute("select coalesce(max(through), 0) from folded").fetchone()
        through = int(found[0]) if found else 0
        entries = _entries(state, through)
        if entries.num_rows:
            _store(con, entries)
        _retire(con)
        crash.point("fold.before_commit")
    crash.point("fold.after_commit")
    return int(entries.num_rows)


def _entries(state: State, through: int) -> pa.Table:
    journal = tables.journal
    columns = [journal.c[name] for name in _ENTRIES.names]
    with state.read() as con:
        newest = con.execute(select(journal.c.seq).order_by(journal.c.seq.desc()).limit(1)).scalar() or 0
        since = through if newest >= through else 0
        batches = [
            pa.RecordBatch.from_arrays(
                [
                    pa.array(column, kind.type)
                    for column, kind in zip(zip(*rows, strict=True), _ENTRIES, strict=True)
                ],
                schema=_ENTRIES,
            )
            for rows in con.execute(select(*columns).where(journal.c.seq > since)).partitions(_BATCH)
        ]
    return pa.Table.from_batches(batches, _ENTRIES)


def _store(con: duckdb.DuckDBPyConnection, entries: pa.Table) -> None:
    key = ", ".join(_KEY)
    same = " and ".join(f"c.{name} = n.{name}" for name in _KEY)
    con.register("entries", entries)
    con.execute(
        f"""create or replace temp table newest as
        select * from entries qualify row_number() over (partition by {key} order by seq desc) = 1"""
    )
    con.unregister("entries")
    con.execute(f"delete from confirmed c using newest n where {same}")
    con.execute(
        """insert into confirmed (vendor, object, record_id, field, value, acked_at, run_id, seq)
        select vendor, object, record_id, field, value, acked_at, run_id, seq from newest"""
    )
    con.execute("delete from folded")
    con.execute("insert into folded select max(seq) from newest")
    con.execute("drop table newest")


def _retire(con: duckdb.DuckDBPyConnection) -> None:
    """What a merged or deleted record had acknowledged says nothing about its survivor."""
    for records in ("person_records", "company_records"):
        con.execute(
            f"""delete from confirmed c using {records} r
            where c.vendor = r.vendor and c.object = r.object and c.record_id = r.record_id
                and r.state <> 'live'"""
        )
