"""What the operational store remembers that a plan has to respect, as temporary tables beside the data."""

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, select, text

from sync.store import operational as tables
from sync.store.state import State

_KEY = ("vendor", "object", "record_id")


def load(con: duckdb.DuckDBPyConnection, state: State) -> None:
    """Fill ``untouchable``, ``refused_values`` and ``entries``; each is documented where it is made."""
    with state.read() as store:
        _untouchable(con, store)
        _refused_values(con, store)
        _entries(con, store)


def _untouchable(con: duckdb.DuckDBPyConnection, store: Connection) -> None:
    """Records (or one list of theirs, else field '') that wait until they have been read again."""
    names = (*_KEY, "field", "kind", "at")
    rows = store.execute(select(*(tables.refusals.c[name] for name in names))).all()
    types = [pa.string()] * 5 + [pa.timestamp("s")]
    _table(con, "refused", names, types, rows)
    seen = " union all by name ".join(
        f"select vendor, object, record_id, seen_at from {records}"
        for records in ("person_records", "company_records")
    )
    con.execute(
        f"""create or replace temp table untouchable as
        select f.vendor, f.object, f.record_id, f.field, f.kind
        from refused f join ({seen}) r using (vendor, object, record_id) where r.seen_at <= f.at"""
    )


def _refused_values(con: duckdb.DuckDBPyConnection, store: Connection) -> None:
    """Values a vendor refused; blamed: it named this field, so that the record's others may go without it."""
    letters = tables.dead_letters
    rows = [
        (letter["id"], *(letter[name] for name in _KEY), field, value, letter["field"] is not None)
        for letter in store.execute(
            select(letters).where(letters.c.status == "open", letters.c.kind != "CreateTask")
        ).mappings()
        for field, value in letter["payload"].items()
        if letter["field"] in (None, field)
    ]
    types = [pa.int64(), *[pa.string()] * 5, pa.bool_()]
    _table(con, "refused_values", ("letter", *_KEY, "field", "value", "blamed"), types, rows)


def _entries(con: duckdb.DuckDBPyConnection, store: Connection) -> None:
    """The newest entry of each person into each once-only event; ``status`` null once they have left it."""
    rows = store.execute(
        text(
            """select name, contact_id, max(entry),
                max(case when closed_at is null then status end) from ledger group by name, contact_id"""
        )
    ).all()
    types = [pa.string(), pa.string(), pa.int64(), pa.string()]
    _table(con, "noted", ("name", "contact_id", "entry", "status"), types, rows)
    con.execute(
        """create or replace temp table entries as
        select n.name, coalesce(a.id, n.contact_id) as contact_id, max(n.entry) as entry,
            max(n.status) as status, list(n.contact_id) as noted_as
        from noted n left join aliases a on a.kind = 'person' and a.alias = n.contact_id
        group by all"""
    )


def recognise(con: duckdb.DuckDBPyConnection, state: State) -> None:
    """``recognised``: differences from our last word that are our own doing, not a person's.

    A request that was never answered may land late; a restored backup brings back what we once wrote. Of a
    membership only the first can be told: it has but two values. Needs ``held`` and ``listed``.
    """
    differing = con.execute(
        """select vendor, object, record_id, field, value from held where differs and value is not null
        union all
        select vendor, object, record_id, 'list:' || name, case when held then 'member' end
        from listed where differs"""
    ).fetchall()
    with state.read() as store:
        ours = set(_unanswered(store)) if differing else set()
        ours |= _once_ours(store, [row for row in differing if not row[3].startswith("list:")])
    found = [row for row in differing if tuple(row) in ours]
    _table(con, "recognised", (*_KEY, "field", "value"), [pa.string()] * 5, found)


def _unanswered(store: Connection) -> Iterator[tuple[Any, ...]]:
    sends = tables.sends
    for row in store.execute(select(sends).where(sends.c.status == "sent")).mappings():
        for field, value in row["payload"].items():
            yield (*(row[name] for name in _KEY), field, value)


def _once_ours(store: Connection, differing: Sequence[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    if not differing:
        return set()
    store.execute(text("create temp table if not exists asked (vendor, object, record_id, field)"))
    store.execute(text("delete from asked"))
    store.execute(
        text("insert into asked values (:vendor, :object, :record_id, :field)"),
        [dict(zip((*_KEY, "field"), row[:4], strict=True)) for row in differing],
    )
    found = store.execute(
        text(
            """select j.vendor, j.object, j.record_id, j.field, j.value from journal j
            join asked a using (vendor, object, record_id, field)"""
        )
    )
    return {tuple(row) for row in found}


def _table(
    con: duckdb.DuckDBPyConnection,
    name: str,
    columns: Sequence[str],
    types: Sequence[pa.DataType],
    rows: Sequence[Sequence[Any]],
) -> None:
    by_column = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [pa.array(list(column), kind) for column, kind in zip(by_column, types, strict=True)]
    con.register("given", pa.table(dict(zip(columns, arrays, strict=True))))
    con.execute(f"create or replace temp table {name} as select * from given")
    con.unregister("given")
