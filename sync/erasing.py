"""Erasing a person: out of what vendors hold of ours, and out of both stores."""

from dataclasses import dataclass, replace

import duckdb
from sqlalchemy import delete, or_, tuple_

from core.errors import ConfigError
from core.ids import salesforce_id
from sync import addresses
from sync import operational as tables
from sync.held import HELD
from sync.plan import Inputs, Plan, Price, prices
from sync.revert import Write, back
from sync.seals import MAIL, RECORD, Record, choose, tables_with
from sync.state import State
from sync.summary import Moves

_COLUMNS = ", ".join(RECORD)
_LIST = "list:"
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
    addresses.define(con, *MAIL)
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


def forget(con: duckdb.DuckDBPyConnection, person: Person) -> None:
    """Delete what is left by the person's ids once nothing is scored of them any more.

    Their number stays taken: what was kept by it must never be somebody else's.
    """
    given = {"ids": list(person.ids)}
    theirs = "list_contains($ids, {})"
    con.execute(f"update numbered set contact_id = 'erased' where {theirs.format('contact_id')}", given)
    for table in tables_with(con, "contact_id"):
        con.execute(f'delete from "{table}" where {theirs.format("contact_id")}', given)
    con.execute(f"delete from aliases where {theirs.format('id')} or {theirs.format('alias')}", given)
    for table in ("identities", "prints"):
        con.execute(f"delete from {table} where {theirs.format('id')}", given)


def forget_operational(state: State, person: Person) -> None:
    """Delete what the operational store has of them, and its free pages with it."""
    with state.write() as con:
        for table in tables.metadata.sorted_tables:
            whose = []
            if "contact_id" in table.c:
                whose.append(table.c.contact_id.in_(person.ids))
            if "record_id" in table.c:
                whose.append(tuple_(*(table.c[name] for name in RECORD)).in_(person.records))
            if whose:
                con.execute(delete(table).where(or_(*whose)))
    state.compact()


def _held(con: duckdb.DuckDBPyConnection, person: Person) -> list[Write]:
    """What vendors hold of ours on the person's records."""
    choose(con, person.records)
    con.execute(HELD)
    rows = con.execute(
        f"""select {_COLUMNS}, field, case when newer then seen else told end as value
        from held_raw semi join erased_records using ({_COLUMNS}) where value is not null order by all"""
    )
    return [Write(*row) for row in rows.fetchall()]
