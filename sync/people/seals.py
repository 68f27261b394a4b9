"""Who was erased, as seals: salted hashes of records and addresses, under which nothing is stored again."""

from collections.abc import Sequence
from datetime import datetime

import duckdb

from core.clock import naive_utc
from sync.people import addresses

#: (vendor, object, record id).
Record = tuple[str, str, str]
RECORD = ("vendor", "object", "record_id")
#: The macros that read an address.
MAIL = ("plain_text", "_address", "mail_address")
COLUMNS = ", ".join(RECORD)
_KEY = "concat_ws(':', vendor, object, record_id)"
_SAME = " and ".join(f"t.{name} = e.{name}" for name in RECORD)
#: Where a vendor may name a person by address alone.
_BY_ADDRESS = ("activity_records", "survey_records")
_BY_ADDRESS_ALONE = "record_id is null and email is not null"


def seal(
    con: duckdb.DuckDBPyConnection, records: Sequence[Record], mail: Sequence[str], at: datetime
) -> None:
    """Delete records and all that came with them or under these addresses, and refuse them from now on."""
    con.execute("create table if not exists erased (salt varchar, seal varchar, erased_at timestamp)")
    con.execute(
        """insert into erased select salt, sha256(salt || text), $at
        from (select coalesce((select any_value(salt) from erased), uuid()::varchar) as salt),
            (select unnest($texts) as text)
        where sha256(salt || text) not in (select seal from erased)""",
        {"texts": [*map(":".join, records), *mail], "at": naive_utc(at)},
    )
    choose(con, records)
    for table in tables_with(con, *RECORD):
        con.execute(f'delete from "{table}" t using erased_records e where {_SAME}')
    addresses.define(con, *MAIL)
    for table in _BY_ADDRESS:
        con.execute(
            f"delete from {table} where {_BY_ADDRESS_ALONE} and list_contains($mail, mail_address(email))",
            {"mail": list(mail)},
        )


def refuse(con: duckdb.DuckDBPyConnection, table: str, at: datetime) -> None:
    """Drop from ``incoming``, rows for this table, what is of somebody erased. at: naive UTC.

    A record known before is somebody else whose address it is by now, and so is one that a record of somebody
    else lives on as: they are read, and no e-mail list takes them (``forbid``).
    """
    if not _define(con):
        return
    columns = {row[0] for row in con.execute("describe incoming").fetchall()}
    if table == "person_records":  # whatever else comes with a record of theirs goes with it
        con.execute(
            f"""insert into erased
            with heirs as (
                select successor from incoming where successor is not null and not is_sealed({_KEY})
                union select successor from person_records where successor is not null
            )
            select distinct e.salt, sha256(e.salt || {_KEY}), $at
            from incoming i anti join person_records p using ({COLUMNS}),
                (select any_value(salt) as salt from erased) e
            where is_sealed(mail_address(email)) and not is_sealed({_KEY})
                and {_KEY} not in (select successor from heirs)""",
            {"at": at},
        )
    if columns.issuperset(RECORD):
        con.execute(f"delete from incoming where is_sealed({_KEY})")
    if table in _BY_ADDRESS:
        con.execute(f"delete from incoming where {_BY_ADDRESS_ALONE} and is_sealed(mail_address(email))")


def forbid(con: duckdb.DuckDBPyConnection) -> None:
    """``consents``: nobody who has an erased address by now may be written to; reads people and mail_of."""
    if not _define(con):
        return
    con.execute(
        """create or replace temp table forbidden as
        select distinct p.contact_id from person_records r join people p using (vendor, object, record_id)
        join mail_of m using (email) semi join contacts c using (contact_id) where is_sealed(m.address)"""
    )
    con.execute("delete from consents where channel = 'email' and contact_id in (from forbidden)")
    con.execute(
        """insert into consents by name
        select contact_id, 'email' as channel, 'erased' as status from forbidden"""
    )


def _define(con: duckdb.DuckDBPyConnection) -> bool:
    """Macro ``is_sealed``; whether anybody was ever erased."""
    if not con.execute("select 1 from duckdb_tables() where table_name = 'erased'").fetchone():
        return False
    addresses.define(con, *MAIL)
    salted = "sha256((select any_value(salt) from erased) || text)"
    con.execute(f"create or replace temp macro is_sealed(text) as {salted} in (select seal from erased)")
    return True


def choose(con: duckdb.DuckDBPyConnection, records: Sequence[Record]) -> None:
    """``erased_records``: these."""
    con.execute(
        "create or replace temp table erased_records (vendor varchar, object varchar, record_id varchar)"
    )
    if records:
        con.executemany("insert into erased_records values (?, ?, ?)", records)


def tables_with(con: duckdb.DuckDBPyConnection, *columns: str) -> Sequence[str]:
    """The data file's own tables that have all these columns, as text."""
    rows = con.execute(
        """select table_name from duckdb_columns() where data_type = 'VARCHAR'
            and table_name in (select table_name from duckdb_tables() where not temporary)
            and column_name in (select unnest($columns))
        group by 1 having count(*) = len($columns) order by 1""",
        {"columns": list(columns)},
    ).fetchall()
    return [name for (name,) in rows]
