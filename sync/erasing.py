"""Erasing a person: out of what vendors hold of ours, out of both stores, and never to be read again.

A seal is a salted hash of a record's key or of an address; what comes in under a seal is dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb
from sqlalchemy import delete, or_, tuple_

from core.clock import naive_utc
from core.errors import ConfigError
from core.ids import salesforce_id
from sync import addresses
from sync import operational as tables
from sync.held import HELD
from sync.plan import Inputs, Plan, Price, prices
from sync.revert import Record, Write, back
from sync.state import State
from sync.summary import Moves

_RECORD = ("vendor", "object", "record_id")
_COLUMNS = ", ".join(_RECORD)
_KEY = "concat_ws(':', vendor, object, record_id)"
_LIST = "list:"
_MAIL = ("plain_text", "_address", "mail_address")
#: Where a vendor may name a person by address alone.
_BY_ADDRESS = ("activity_records", "survey_records")
_BY_ADDRESS_ALONE = "record_id is null and email is not null"
#: People by any of their ids, or by an address. Shared: an address that others have too is not theirs alone.
_FOUND = """
create or replace temp table erasing as
with mail as (
    select p.contact_id, p.vendor, p.object, p.record_id, mail_address(r.email) as address
    from people p left join person_records r using (vendor, object, record_id)
), chosen as (
    select contact_id from mail
    where contact_id = $who or record_id in ($who, $id) or address = mail_address($who)
    union select id from aliases where kind = 'person' and alias = $who
), shared as (
    select address from mail where address is not null group by 1 having count(distinct contact_id) > 1
)
select *, address in (from shared) as is_shared from mail where contact_id in (from chosen)
"""


@dataclass(frozen=True, slots=True)
class Person:
    """ids: ours, former ones too. records: (vendor, object, record_id). addresses: nobody else's.

    fields: values of ours that vendors hold for them; lists: of ours, with their vendors.
    """

    ids: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    addresses: tuple[str, ...] = ()
    activities: int = 0
    fields: int = 0
    lists: tuple[str, ...] = ()


def find(con: duckdb.DuckDBPyConnection, who: str) -> Person:
    """One person by e-mail address, our id or a vendor's record id; of an unknown address, that alone.

    Raises ConfigError where nobody, or more than one person, answers to it.
    """
    addresses.define(con, *_MAIL)
    asked = {"who": who.strip(), "id": salesforce_id(who.strip())}
    con.execute(_FOUND, asked)
    ids = [row[0] for row in con.execute("select distinct contact_id from erasing order by 1").fetchall()]
    if len(ids) > 1:
        raise ConfigError(
            f"{len(ids)} people answer to {who!r}: {', '.join(ids)}", remedy="give one of these ids"
        )
    if not ids:
        ((address,),) = con.execute("select mail_address($who)", {"who": who}).fetchall()
        if address is None:
            raise ConfigError(
                f"nobody answers to {who!r}", remedy="give an e-mail address, our id, or a vendor's record id"
            )
        return Person(addresses=(address,))
    former = con.execute("select alias from aliases where kind = 'person' and id = ?", ids).fetchall()
    records = con.execute(f"select distinct {_COLUMNS} from erasing order by all").fetchall()
    own = con.execute(
        "select distinct address from erasing where address is not null and not is_shared order by 1"
    ).fetchall()
    (activities,) = con.execute("select count(*) from activities where contact_id = ?", ids).fetchone() or (
        0,
    )
    person = Person(
        (*ids, *(alias for (alias,) in former)),
        tuple(records),
        tuple(address for (address,) in own),
        activities,
    )
    held = _held(con, person)
    lists = [
        f"{write.vendor} {write.field.removeprefix(_LIST)}" for write in held if write.field.startswith(_LIST)
    ]
    return replace(person, fields=len(held) - len(lists), lists=tuple(dict.fromkeys(lists)))


def withdrawal(con: duckdb.DuckDBPyConnection, person: Person, inputs: Inputs, price: Price) -> Plan:
    """The plan that empties our fields on the person's records and takes them off our lists."""
    held = _held(con, person)
    addresses_of = {
        (vendor, kind, record_id): email
        for vendor, kind, record_id, email in con.execute(
            f"""select {_COLUMNS}, email from person_records semi join erased_records using ({_COLUMNS})
            where state = 'live'"""
        ).fetchall()
    }
    changes = back([write for write in held if write.record in addresses_of], addresses_of, inputs)
    return Plan(
        as_of=inputs.as_of, models=(), changes=changes, moves=Moves(first=False),
        prices=prices(changes, {}, price), left_out=tuple(inputs.left_out),
    )  # fmt: skip


def seal(con: duckdb.DuckDBPyConnection, person: Person, at: datetime) -> None:
    """Delete the person's records and all that came with them, and refuse them from now on."""
    con.execute("create table if not exists erased (salt varchar, seal varchar, erased_at timestamp)")
    con.execute(
        """insert into erased select salt, sha256(salt || text), $at
        from (select coalesce((select any_value(salt) from erased), uuid()::varchar) as salt),
            (select unnest($texts) as text)
        where sha256(salt || text) not in (select seal from erased)""",
        {"texts": [*map(":".join, person.records), *person.addresses], "at": naive_utc(at)},
    )
    _choose(con, person)
    for table in _tables_with(con, *_RECORD):
        con.execute(f'delete from "{table}" t using erased_records e where {_same("t", "e")}')
    addresses.define(con, *_MAIL)
    for table in _BY_ADDRESS:
        con.execute(
            f"delete from {table} where {_BY_ADDRESS_ALONE} and list_contains($mail, mail_address(email))",
            {"mail": list(person.addresses)},
        )


def forget(con: duckdb.DuckDBPyConnection, person: Person) -> None:
    """Delete what is left by the person's ids once nothing is scored of them any more.

    Their number stays taken: what was kept by it must never be somebody else's.
    """
    given = {"ids": list(person.ids)}
    theirs = "list_contains($ids, {})"
    con.execute(f"update numbered set contact_id = 'erased' where {theirs.format('contact_id')}", given)
    for table in _tables_with(con, "contact_id"):
        con.execute(f'delete from "{table}" where {theirs.format("contact_id")}', given)
    con.execute(f"delete from aliases where {theirs.format('id')} or {theirs.format('alias')}", given)
    for table in ("identities", "prints"):
        con.execute(f"delete from {table} where {theirs.format('id')}", given)


def refuse(con: duckdb.DuckDBPyConnection, table: str, at: datetime) -> None:
    """Drop from ``incoming``, rows for this table, what is of somebody erased. at: naive UTC."""
    if not con.execute("select 1 from duckdb_tables() where table_name = 'erased'").fetchone():
        return
    columns = {row[0] for row in con.execute("describe incoming").fetchall()}
    addresses.define(con, *_MAIL)
    salted = "sha256((select any_value(salt) from erased) || text)"
    con.execute(f"create or replace temp macro is_sealed(text) as {salted} in (select seal from erased)")
    if table == "person_records":  # whatever else comes with a record of theirs goes with it
        con.execute(
            f"""insert into erased
            select distinct e.salt, sha256(e.salt || {_KEY}), $at
            from incoming, (select any_value(salt) as salt from erased) e
            where is_sealed(mail_address(email)) and not is_sealed({_KEY})""",
            {"at": at},
        )
    if columns.issuperset(_RECORD):
        con.execute(f"delete from incoming where is_sealed({_KEY})")
    if table in _BY_ADDRESS:
        con.execute(f"delete from incoming where {_BY_ADDRESS_ALONE} and is_sealed(mail_address(email))")


def forget_operational(state: State, person: Person) -> None:
    """Delete what the operational store has of them, and its free pages with it."""
    with state.write() as con:
        for table in tables.metadata.sorted_tables:
            whose = []
            if "contact_id" in table.c:
                whose.append(table.c.contact_id.in_(person.ids))
            if "record_id" in table.c:
                whose.append(tuple_(*(table.c[name] for name in _RECORD)).in_(person.records))
            if whose:
                con.execute(delete(table).where(or_(*whose)))
    state.compact()


def _held(con: duckdb.DuckDBPyConnection, person: Person) -> list[Write]:
    """What vendors hold of ours on the person's records."""
    _choose(con, person)
    con.execute(HELD)
    rows = con.execute(
        f"""select {_COLUMNS}, field, case when newer then seen else told end as value
        from held_raw semi join erased_records using ({_COLUMNS}) where value is not null order by all"""
    )
    return [Write(*row) for row in rows.fetchall()]


def _choose(con: duckdb.DuckDBPyConnection, person: Person) -> None:
    con.execute(
        "create or replace temp table erased_records (vendor varchar, object varchar, record_id varchar)"
    )
    if person.records:
        con.executemany("insert into erased_records values (?, ?, ?)", person.records)


def _same(left: str, right: str) -> str:
    return " and ".join(f"{left}.{name} = {right}.{name}" for name in _RECORD)


def _tables_with(con: duckdb.DuckDBPyConnection, *columns: str) -> Sequence[str]:
    """The data file's own tables that have all these columns, as text."""
    rows = con.execute(
        """select table_name from duckdb_columns() where data_type = 'VARCHAR'
            and table_name in (select table_name from duckdb_tables() where not temporary)
            and column_name in (select unnest($columns))
        group by 1 having count(*) = len($columns) order by 1""",
        {"columns": list(columns)},
    ).fetchall()
    return [name for (name,) in rows]
