"""One short transaction: staged rows into their tables, and the watermark they prove.

Within one read the newest row of a key wins (vendor's modification time, then the later page); a row that
says nothing new is left as it is stored, so that an echo of our own write does not look like news.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from connectors.base import Stream
from core.errors import SchemaDrift
from core.tables import DELETED, KEYS, LIVE, PULLED
from sync.people import seals
from sync.schema import pulled_schema
from sync.stage import Begun, Stage

#: Two streams of a vendor may both speak about consent; neither may overwrite the other.
_KEYS: Mapping[str, tuple[str, ...]] = {**KEYS, "consent_records": (*KEYS["consent_records"], "stream")}

#: Columns whose change alone is no news.
_SILENT = frozenset({"modified_at", "changed_at", "seen_at", "stream", "folded_through"})

#: Rows that say when something became known keep the first time it was.
_FIRST_SEEN = frozenset({"activity_records", "survey_records"})

#: Rows that say when the record was last read: what a vendor refused waits for that.
_LAST_SEEN = frozenset({"person_records", "company_records"})

#: What a row becomes when a complete listing no longer has it.
_GONE = {
    "person_records": f"state = '{DELETED}'",
    "company_records": f"state = '{DELETED}'",
    "deal_records": f"state = '{DELETED}'",
    "activity_records": "deleted = true",
    "survey_records": "deleted = true",
    "deal_roles": "deleted = true",
    "observed": "value = null",
}
#: A reading from the beginning names all of these; what happened, vendors keep for some time only.
_LISTED = ("person_records", "company_records", "deal_records")
_STILL_MISSING = timedelta(hours=1)
_HELD = {
    table: f"not coalesce({gone.replace(' = null', ' is null')}, false)" for table, gone in _GONE.items()
}


@dataclass(frozen=True, slots=True)
class Counts:
    """What a load did, in records: with news, without, and gone."""

    changed: int = 0
    unchanged: int = 0
    removed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.changed + other.changed, self.unchanged + other.unchanged, self.removed + other.removed
        )


def load(
    con: duckdb.DuckDBPyConnection,
    vendor: str,
    stream: Stream,
    stage: Stage,
    begun: Begun,
    proved: datetime,
    reading: str | None = None,
) -> Counts:
    """Store what is staged and move the watermark, inside the caller's transaction.

    proved: vendor time (naive UTC) up to which the stream is now complete. reading: by which settings.
    Raises SchemaDrift for rows that do not fit their table, or lack their key.
    """
    con.execute("create or replace temp table touched (record ubigint, changed boolean)")
    counts = Counts()
    for table in stream.tables:
        has_rows = _incoming(con, vendor, stream, stage, begun, table)
        if has_rows:
            counts += _merge(con, table)
        if stream.sweep and (has_rows or table in _GONE):
            counts += _remove_absent(con, vendor, stream, begun, table)
        elif table in _LISTED:
            counts += _remove_missing(con, vendor, stream, begun, table)
        con.execute("drop table incoming")
    counts += _touched(con)
    _move_watermark(con, vendor, stream, begun, proved, reading)
    return counts


def stored_rows(con: duckdb.DuckDBPyConnection, vendor: str, stream: Stream) -> int:
    """How many rows the last complete listing of this stream left standing; values and consent aside."""
    counted = [table for table in stream.tables if table in _GONE and table != "observed"]
    found = 0
    for table in counted:
        row = con.execute(
            f"select count(*) from {table} where vendor = ? and stream = ? and {_HELD[table]}",
            [vendor, stream.name],
        ).fetchone()
        found += row[0] if row else 0
    return found


def _move_watermark(
    con: duckdb.DuckDBPyConnection,
    vendor: str,
    stream: Stream,
    begun: Begun,
    proved: datetime,
    reading: str | None,
) -> None:
    """Forward only, for a clock set back proves nothing less; anywhere after reading from the beginning."""
    key = [vendor, stream.name]
    known = con.execute("select max(until) from watermarks where vendor = ? and stream = ?", key).fetchone()
    until = max(proved, known[0]) if known and known[0] and begun.window.since else proved
    con.execute("delete from watermarks where vendor = ? and stream = ?", key)
    con.execute(
        "insert into watermarks (vendor, stream, until, token) values (?, ?, ?, ?)", [*key, until, reading]
    )


def _incoming(
    con: duckdb.DuckDBPyConnection, vendor: str, stream: Stream, stage: Stage, begun: Begun, table: str
) -> bool:
    """``incoming``: the staged rows, one a key; whether there are any."""
    con.execute(f"create temp table incoming as select *, 0::bigint as page from {table} limit 0")
    position = f", {begun.folded_through} as folded_through" if table == "observed" else ""
    columns = f"{_listed(PULLED[table].names)}, '{stream.name}' as stream, seen_at{position}, page"
    has_rows = False
    for staged in stage.rows(table):
        # a registered table would stay in memory until the transaction ends
        con.from_arrow(staged).project(columns).insert_into("incoming")
        has_rows = True
    if not has_rows:
        return False
    _refuse_foreign_rows(con, vendor, stream, table)
    seals.refuse(con, table, begun.at)
    _keep_newest(con, table)
    return True


def _refuse_foreign_rows(con: duckdb.DuckDBPyConnection, vendor: str, stream: Stream, table: str) -> None:
    lacking = " or ".join(f"{key} is null" for key in _KEYS[table])
    found = con.execute(
        f"select count(*) from incoming where vendor is distinct from ? or {lacking}", [vendor]
    ).fetchone()
    if found and found[0]:
        raise SchemaDrift(
            f"{found[0]} rows of {table} came without their key", vendor=vendor, operation=stream.name
        )


def _keep_newest(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Drop all but the newest row of each key; most reads repeat none, and hashes take little room."""
    keys = ", ".join(_KEYS[table])
    con.execute(
        f"""create temp table repeated as select distinct {keys} from incoming where hash({keys}) in
        (select hash({keys}) from incoming group by all having count(*) > 1)"""
    )
    first = "modified_at desc nulls last, " if "modified_at" in PULLED[table].names else ""
    if table == "observed":  # who left a list and came back is told twice: gone, and there
        first = "starts_with(field, 'list:') and value is not null desc, "
    con.execute(
        f"""create temp table kept as select i.* from incoming i semi join repeated using ({keys})
        qualify row_number() over (partition by {keys} order by {first}page desc, seen_at desc) = 1"""
    )
    con.execute(f"delete from incoming using repeated r where {_equal('incoming', 'r', table)}")
    con.execute("insert into incoming from kept")
    con.execute("drop table repeated")
    con.execute("drop table kept")


def _merge(con: duckdb.DuckDBPyConnection, table: str) -> Counts:
    """Replace the stored rows that differ; counts where a row is a record of its own."""
    stored = con.execute(
        f"select 1 from {table} where vendor in (select vendor from incoming limit 1) limit 1"
    ).fetchone()
    kind = "table" if stored else "view"
    con.execute(f"create temp {kind} verdict as {_COMPARED[kind].format(table=table, **_comparison(table))}")
    stale = "" if table == "observed" else " and v.changed"
    con.execute(
        f"delete from {table} t using verdict v where {_equal('t', 'v', table)} and not v.is_new{stale}"
    )
    replaced = (
        " replace (coalesce(least(was_seen, seen_at), seen_at) as seen_at)" if table in _FIRST_SEEN else ""
    )
    con.execute(
        f"""insert into {table} by name select * exclude (page, was_seen, is_new, changed){replaced}
        from verdict v where {"true" if table == "observed" else "v.changed"}"""
    )
    if table in _LAST_SEEN:
        con.execute(
            f"""update {table} t set seen_at = v.seen_at from verdict v
            where {_equal("t", "v", table)} and not v.changed and v.seen_at > t.seen_at"""
        )
    counts = _counted(con, table)
    con.execute(f"drop {kind} verdict")
    return counts


#: ``incoming`` beside what is stored; the first rows of a vendor need no comparing.
_COMPARED = {
    "table": """select i.*, t.seen_at as was_seen, t.vendor is null as is_new,
        t.vendor is null or {told} as changed
        from incoming i left join {table} t on {same}""",
    "view": "select *, null::timestamp as was_seen, true as is_new, true as changed from incoming",
}


def _comparison(table: str) -> dict[str, str]:
    names = [name for name in _stored_columns(table) if name not in _KEYS[table] and name not in _SILENT]
    told = " or ".join(f"i.{name} is distinct from t.{name}" for name in names)
    return {"told": told or "false", "same": _equal("i", "t", table)}


def _counted(con: duckdb.DuckDBPyConnection, table: str) -> Counts:
    """Rows of the record tables count once a record, whichever of its tables brought news."""
    if table == "observed":
        return Counts()
    if table in ("person_records", "company_records", "consent_records"):
        con.execute("insert into touched select hash(object, record_id), changed from verdict")
        return Counts()
    found = con.execute("select count(*) filter (changed), count(*) from verdict").fetchone()
    changed, total = found or (0, 0)
    return Counts(changed, total - changed)


def _touched(con: duckdb.DuckDBPyConnection) -> Counts:
    found = con.execute(
        """select count(*) filter (changed), count(*)
        from (select record, bool_or(changed) as changed from touched group by record)"""
    ).fetchone()
    con.execute("drop table touched")
    changed, total = found or (0, 0)
    return Counts(changed, total - changed)


def _remove_missing(
    con: duckdb.DuckDBPyConnection, vendor: str, stream: Stream, begun: Begun, table: str
) -> Counts:
    """Records that a reading from the beginning did not name, and none for an hour after it, are gone.

    Who is changed during such a reading is in the next. Where it names less than half, it is not believed.
    """
    key = [vendor, stream.name]
    same = _equal("i", "t", table)
    con.execute(
        f"""delete from missing t where t.vendor = ? and t.stream = ?
        and exists (select 1 from incoming i where {same})""",
        key,
    )
    live = f"from {table} t where t.vendor = ? and t.stream = ? and t.state = '{LIVE}'"
    if begun.window.since is None:
        con.execute("delete from missing where vendor = ? and stream = ?", key)
        con.execute(
            f"""insert into missing select vendor, stream, object, record_id, ? {live}
            and (select count(*) {live}) <= 2 * (select count(*) from incoming)
            and not exists (select 1 from incoming i where {same})""",
            [begun.at, *key, *key],
        )
        return Counts()
    due = "t.vendor = ? and t.stream = ? and t.since <= ?"
    values = [*key, begun.at - _STILL_MISSING]
    found = con.execute(
        f"""update {table} r set {_GONE[table]}, seen_at = ? from missing t
        where {_equal("t", "r", table)} and r.state = '{LIVE}' and {due}""",
        [begun.at, *values],
    ).fetchone()
    con.execute(f"delete from missing t where {due}", values)
    return Counts(removed=found[0] if found else 0)


def _remove_absent(
    con: duckdb.DuckDBPyConnection, vendor: str, stream: Stream, begun: Begun, table: str
) -> Counts:
    """What a complete listing did not name is gone; people and values leave a trace, consent does not."""
    absent = f"""t.vendor = ? and t.stream = ?
        and not exists (select 1 from incoming i where {_equal("i", "t", table)})"""
    if table == "consent_records":
        con.execute(f"delete from {table} t where {absent}", [vendor, stream.name])
        return Counts()
    if table == "observed":
        _note_unlisted(con, vendor, stream, begun)
        con.execute(
            f"update observed t set seen_at = ?, folded_through = ? where {absent}",
            [begun.at, begun.folded_through, vendor, stream.name],
        )
    found = con.execute(
        f"update {table} t set {_GONE[table]}, seen_at = ? where {absent} and {_HELD[table]}",
        [begun.at, vendor, stream.name],
    ).fetchone()
    return Counts(removed=found[0] if found and table != "observed" else 0)


def _note_unlisted(con: duckdb.DuckDBPyConnection, vendor: str, stream: Stream, begun: Begun) -> None:
    """What was acknowledged but never read back is seen to be empty, in the fields this stream reads."""
    con.execute(
        """insert into observed by name
        select c.vendor, c.object, c.record_id, c.field, null as value, ? as stream, ? as seen_at,
            ? as folded_through
        from confirmed c
        where c.vendor = ? and c.value is not null and c.acked_at <= ?
            and (c.object, c.field) in
                (select distinct (object, field) from observed where vendor = ? and stream = ?)
            and not exists (select 1 from observed o where o.vendor = c.vendor and o.object = c.object
                and o.record_id = c.record_id and o.field = c.field)""",
        [stream.name, begun.at, begun.folded_through, vendor, begun.at, vendor, stream.name],
    )


def _stored_columns(table: str) -> list[str]:
    return [field.name for field in pulled_schema(table)]


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _equal(left: str, right: str, table: str) -> str:
    return " and ".join(f"{left}.{key} = {right}.{key}" for key in _KEYS[table])
