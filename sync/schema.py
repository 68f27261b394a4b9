"""The warehouse's tables: what is pulled, what we know the vendors hold, and who is who."""

import duckdb
import pyarrow as pa

from core.errors import StateError
from core.tables import PULLED, SCORED

VERSION = 1

#: Every pulled row also says which stream brought it, and when it was read.
PROVENANCE = {"stream": pa.string(), "seen_at": pa.timestamp("s")}

#: What a vendor was seen to hold is newer than every acknowledgement folded before the read began, even where
#: both carry the same second.
JOURNAL_POSITION = {"folded_through": pa.int64()}

_TEXT, _WHOLE, _INSTANT = pa.string(), pa.int64(), pa.timestamp("s")

#: Tables of our own that outlive a run.
KEPT: dict[str, pa.Schema] = {
    # a stream is complete up to ``until``, the vendor's time, as the settings of ``token`` read it
    "watermarks": pa.schema({"vendor": _TEXT, "stream": _TEXT, "until": _INSTANT, "token": _TEXT}),
    # records that a reading from the beginning, begun at ``since``, did not name
    "missing": pa.schema(
        {"vendor": _TEXT, "stream": _TEXT, "object": _TEXT, "record_id": _TEXT, "since": _INSTANT}
    ),
    # what vendors acknowledged, and how far the journal has been folded into it
    "confirmed": pa.schema(
        {
            "vendor": _TEXT,
            "object": _TEXT,
            "record_id": _TEXT,
            "field": _TEXT,
            "value": _TEXT,
            "acked_at": _INSTANT,
            "run_id": _WHOLE,
            "seq": _WHOLE,  # place in the journal
        }
    ),
    "folded": pa.schema({"through": _WHOLE}),
    # which records are one person or company; ``founder`` is the record an id was made for
    "people": pa.schema(
        {
            "vendor": _TEXT,
            "object": _TEXT,
            "record_id": _TEXT,
            "contact_id": _TEXT,
            "assigned_at": _INSTANT,
        }
    ),
    "companies": pa.schema(
        {
            "vendor": _TEXT,
            "object": _TEXT,
            "record_id": _TEXT,
            "account_id": _TEXT,
            "assigned_at": _INSTANT,
        }
    ),
    "identities": pa.schema({"kind": _TEXT, "id": _TEXT, "founder": _TEXT, "assigned_at": _INSTANT}),
    "aliases": pa.schema({"kind": _TEXT, "alias": _TEXT, "id": _TEXT, "since": _INSTANT}),
    # the strictest word on whether a person may be written to, and each person's part in deals
    "consents": pa.schema(
        {
            "contact_id": _TEXT,
            "channel": _TEXT,
            "status": _TEXT,
            "vendor": _TEXT,
            "changed_at": _INSTANT,
        }
    ),
    "deal_contacts": pa.schema({"deal_id": _TEXT, "contact_id": _TEXT, "role": _TEXT}),
}

_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.float64(): "DOUBLE",
    pa.int64(): "BIGINT",
    pa.bool_(): "BOOLEAN",
    pa.timestamp("s"): "TIMESTAMP",
}


def sql_type(kind: pa.DataType) -> str:
    """DuckDB's name for a column type of ``core.tables``."""
    return _SQL_TYPES[kind]


def columns(schema: pa.Schema) -> str:
    """The column list of a ``create table``."""
    return ", ".join(f'"{field.name}" {sql_type(field.type)}' for field in schema)


def pulled_schema(table: str) -> pa.Schema:
    """A pulled table as it is stored: the connector's columns plus where and when they came from."""
    schema = PULLED[table]
    for name, kind in (PROVENANCE | (JOURNAL_POSITION if table == "observed" else {})).items():
        schema = schema.append(pa.field(name, kind))
    return schema


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing in a new file.

    Raises StateError for a file that a newer version of this program wrote.
    """
    con.execute("create table if not exists schema_version (version integer)")
    found = con.execute("select max(version) from schema_version").fetchone()
    version = found[0] if found else None
    if version is None:
        _create(con)
    elif version > VERSION:
        raise StateError(
            f"the data file has version {version}, and this program reads up to {VERSION}",
            remedy="install the newer version of Scoreline that wrote it, or restore a backup",
        )


def is_prepared(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the file has our tables, in this version."""
    named = con.execute("select 1 from duckdb_tables() where table_name = 'schema_version'").fetchone()
    return bool(named) and con.execute("select max(version) from schema_version").fetchone() == (VERSION,)


def _create(con: duckdb.DuckDBPyConnection) -> None:
    """No primary keys: they triple the load time and double the file; keys are kept by delete and insert."""
    for table in PULLED:
        con.execute(f"create table {table} ({columns(pulled_schema(table))})")
    for table, schema in (KEPT | dict(SCORED)).items():
        con.execute(f"create table {table} ({columns(schema)})")
    con.execute("insert into schema_version values (?)", [VERSION])
