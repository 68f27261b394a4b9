"""Erasing a person: out of what vendors hold of ours, and out of both stores."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb
from sqlalchemy import delete, or_, tuple_

from core.errors import ConfigError
from core.ids import salesforce_id
from sync.people import addresses
from sync.people.seals import COLUMNS, MAIL, RECORD, Record, choose, tables_with
from sync.planning.held import HELD
from sync.planning.plan import Inputs, Plan, Price, prices
from sync.planning.summary import Moves
from sync.revert import Write, back
from sync.store import operational as tables
from sync.store.state import State

_LIST = "list:"
#: People by any of their ids, or by an address. Shared: an address that others have, or that anybody may.
_FOUND = """
create or replace temp table erasing_found as
with mail as (
    select p.contact_id, p.vendor, p.object, p.record_id, mail_address(r.email) as address
    from people p left join person_records r using (vendor, object, record_id)
), chosen as (
    select contact_id from mail
    where contact_id = $who or record_id in ($who, $id) or address = mail_address($who)
    union select id from aliases where kind = 'person' and alias = $who
), shared as (
    select address from mail where address is not null group by 1
    having count(distinct contact_id) > 1 or bool_or(is_role_mailbox(address))
)
select *, address in (from shared) as is_shared from mail where contact_id in (from chosen)
"""
#: The live records of a person and of their company, with their addresses.
_LIVE = f"""
select {COLUMNS}, email from person_records semi join erased_records using ({COLUMNS}) where state = 'live'
union all
select {COLUMNS}, null from company_records semi join erased_records using ({COLUMNS}) where state = 'live'
"""


@dataclass(frozen=True, slots=True)
class Person:
    """ids: ours, former ones too. records, companies: (vendor, object, record_id) of theirs and of their
    company. addresses: nobody else's. held: what vendors hold of ours on their records, and what names them
    on their company's. words: what these name them by.
    """

    ids: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    companies: tuple[Record, ...] = ()
    addresses: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    activities: int = 0
    held: tuple[Write, ...] = ()

    @property
    def lists(self) -> tuple[str, ...]:
        """Lists of ours that they are on, with their vendors."""
        lists = (one for one in self.held if one.field.startswith(_LIST))
        return tuple(dict.fromkeys(f"{one.vendor} {one.field.removeprefix(_LIST)}" for one in lists))

    @property
    def fields(self) -> int:
        """How many of our fields say something on their own records."""
        return sum(one.record in self.records and not one.field.startswith(_LIST) for one in self.held)


def find(con: duckdb.DuckDBPyConnection, who: str) -> Person:
    """One person by e-mail address, our id or a vendor's record id; of an unknown address, that alone.

    Raises ConfigError where nobody, or more than one person, answers to it.
    """
    addresses.define(con, *MAIL, "is_role_mailbox")
    con.execute(_FOUND, {"who": who.strip(), "id": salesforce_id(who.strip())})
    ids = _column(con, "select distinct contact_id from erasing_found order by 1")
    if len(ids) > 1:
        raise ConfigError(
            f"{len(ids)} people answer to {who!r}: {', '.join(ids)}", remedy="give one of these ids"
        )
    if not ids:
        found = [one for one in _column(con, "select mail_address(?)", [who]) if one]
        if not found:
            raise ConfigError(
                f"nobody answers to {who!r}", remedy="give an e-mail address, our id, or a vendor's record id"
            )
        return Person(addresses=tuple(found))
    former = _column(con, "select alias from aliases where kind = 'person' and id = ?", ids)
    companies = con.execute(
        f"""select {COLUMNS} from companies semi join contacts c on c.account_id = companies.account_id
            and c.contact_id = ? where vendor <> 'email' order by all""",
        ids,
    )
    person = Person(
        ids=(*ids, *former),
        companies=tuple(companies.fetchall()),
        records=tuple(con.execute(f"select distinct {COLUMNS} from erasing_found order by all").fetchall()),
        addresses=_column(
            con, "select distinct address from erasing_found where address is not null and not is_shared"
        ),
        words=(*ids, *_column(con, _NAMES, ids)),
    )
    (activities,) = con.execute("select count(*) from activities where contact_id = ?", ids).fetchone() or (
        0,
    )
    return replace(person, activities=activities, held=_held(con, person))


def begin(con: duckdb.DuckDBPyConnection, person: Person) -> None:
    """From here on nothing is planned for the person, until they are erased."""
    con.execute("create table if not exists erasing (contact_id varchar)")
    con.execute(
        "insert into erasing from (select unnest($ids) as id) where id not in (from erasing)",
        {"ids": list(person.ids)},
    )


def _held(con: duckdb.DuckDBPyConnection, person: Person) -> tuple[Write, ...]:
    choose(con, [*person.records, *person.companies])
    con.execute(HELD)
    rows = con.execute(
        f"""select {COLUMNS}, field, case when newer then seen else told end as value
        from held_raw semi join erased_records using ({COLUMNS}) where value is not null order by all"""
    )
    writes = [Write(*row) for row in rows.fetchall()]
    return tuple(
        one
        for one in writes
        if one.record in person.records or any(word in (one.value or "") for word in person.words)
    )


def withdrawal(
    con: duckdb.DuckDBPyConnection, person: Person, inputs: Inputs, price: Price
) -> tuple[Plan, list[Write]]:
    """The plan that empties all that vendors hold of it, and what no change can be made for."""
    choose(con, [*person.records, *person.companies])
    addresses_of = {
        (vendor, kind, record_id): email for vendor, kind, record_id, email in con.execute(_LIVE).fetchall()
    }
    writes = [write for write in person.held if write.record in addresses_of]
    changes = back(writes, addresses_of, inputs, emptying=True)
    reached = {
        (item.change.ref.vendor, item.change.ref.object, item.change.ref.record_id, field)
        for item in changes
        for field in item.value
    }
    plan = Plan(
        as_of=inputs.as_of, models=(), changes=changes, moves=Moves(first=False),
        prices=prices(changes, {}, price), left_out=tuple(inputs.left_out),
    )  # fmt: skip
    return plan, [write for write in writes if (*write.record, write.field) not in reached]


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
    choose(con, person.companies)
    named = "exists (select 1 from (select unnest($words) as word) where contains(value, word))"
    for table in ("confirmed", "observed"):
        con.execute(
            f"""delete from {table} where ({COLUMNS}) in (select ({COLUMNS}) from erased_records)
                and {named}""",
            {"words": list(person.words)},
        )


def forget_operational(state: State, person: Person) -> None:
    """Delete what the operational store has of them, and its free pages with it.

    Of their company's records goes whatever was written: values and what stood before them may name them.
    """
    records = [*person.records, *person.companies]
    with state.write() as con:
        for table in tables.metadata.sorted_tables:
            whose = []
            if "contact_id" in table.c:
                whose.append(table.c.contact_id.in_(person.ids))
            if "record_id" in table.c:
                whose.append(tuple_(*(table.c[name] for name in RECORD)).in_(records))
            if whose:
                con.execute(delete(table).where(or_(*whose)))
    state.compact()


_NAMES = """
with own as (from contacts where contact_id = ?)
select nullif(trim(concat_ws(' ', first_name, last_name)), '') as name from own where name is not null
union select email from own where email is not null
"""


def _column(con: duckdb.DuckDBPyConnection, query: str, given: Sequence[str] = ()) -> tuple[str, ...]:
    return tuple(value for (value,) in con.execute(query, list(given)).fetchall())
