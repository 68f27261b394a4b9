"""One person, one company, across vendors: which records belong together, and the id they keep.

Records are joined by what vendors say (links, merges, conversions), and by e-mail address or web domain.
A shared mailbox does not make its users one person. An id belongs to the record it was made for, its
founder: where groups join, the oldest id stays and the others become its aliases; where they part again,
each founder takes its own id back.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from core.clock import naive_utc
from sync.people import addresses
from sync.people.components import connect


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    records: str
    table: str
    column: str
    prefix: str


#: The record a group of records begins with.
_OLDEST = "arg_min(n.key, (coalesce(n.born, timestamp '9999-01-01'), n.key))"

_PERSON = _Kind("person", "person_records", "people", "contact_id", "c-")
_COMPANY = _Kind("company", "company_records", "companies", "account_id", "a-")


def resolve(con: duckdb.DuckDBPyConnection, at: datetime) -> None:
    """Rebuild ``people``, ``companies``, ``identities`` and ``aliases`` from the records as stored.

    ``companies`` also has a row ``email:domain:<domain>`` for every domain of work addresses.

    at: the instant new ids are dated with. Runs inside the caller's transaction; leaves ``mail_of``
    (``addresses.read``), which ``resolve.build`` reads.
    """
    addresses.define(con)
    addresses.read(con)
    _nodes(con, _PERSON)
    _link_ties(con, _PERSON)
    _mailbox_ties(con)
    connect(con)
    _assign(con, _PERSON, at)
    _nodes(con, _COMPANY)
    _address_nodes(con)
    _link_ties(con, _COMPANY)
    _domain_ties(con)
    connect(con)
    _assign(con, _COMPANY, at)


def _nodes(con: duckdb.DuckDBPyConnection, kind: _Kind) -> None:
    con.execute(
        f"""create or replace temp table nodes as
        select row_number() over () as idx, vendor, object, record_id,
            concat_ws(':', vendor, object, record_id) as key, created_at as born
        from {kind.records}"""
    )


def _link_ties(con: duckdb.DuckDBPyConnection, kind: _Kind) -> None:
    """What vendors say always joins, also through a record that we have not read."""
    con.execute(
        f"""create or replace temp table ties as
        with said as (
            select n.idx, trim(unnest(string_split(concat_ws(';', r.linked_to, r.successor), ';'))) as target
            from {kind.records} r join nodes n using (vendor, object, record_id)
            where r.linked_to is not null or r.successor is not null
        )
        select 'record:' || target as tie, idx from said where target <> ''
        union all
        select 'record:' || n.key, n.idx from nodes n semi join said s on s.target = n.key"""
    )


def _mailbox_ties(con: duckdb.DuckDBPyConnection) -> None:
    """An address joins its records, unless it is shared.

    Records of a role mailbox are joined by equal full names alone. Another mailbox is shared when neither
    all first nor all last names of its fully named records are equal; then a common first or last name
    joins, and records without a name are a person of their own.
    """
    con.execute(
        """create or replace temp table mailed as
        select idx, address, first, last, name_words(first, last) as words
        from (
            select n.idx, m.address, folded_name(r.first_name) as first, folded_name(r.last_name) as last
            from person_records r join nodes n using (vendor, object, record_id)
            join mail_of m on m.email = r.email
        ) where address is not null"""
    )
    con.execute(
        """create or replace temp table mailbox as
        select address, is_role_mailbox(address) as is_role,
            least(count(distinct first) filter (named), count(distinct last) filter (named),
                count(distinct words) filter (named)) > 1 as is_shared
        from (select *, first is not null and last is not null as named from mailed)
        group by address having count(*) > 1"""
    )
    con.execute(
        """insert into ties
        select 'mail:' || address || case when is_role then '|' || words else '' end, idx
        from mailed join mailbox using (address) where is_role or not is_shared
        union all
        select concat_ws('|', 'mail:' || address, part), idx
        from (
            select address, idx, unnest(['first ' || first, 'last ' || last, 'words ' || words]) as part
            from mailed join mailbox using (address) where is_shared and not is_role
        ) where part is not null"""
    )
    con.execute("drop table mailed")
    con.execute("drop table mailbox")


def _address_nodes(con: duckdb.DuckDBPyConnection) -> None:
    """Companies known by the addresses of their people alone: records ``email:domain:<domain>``."""
    con.execute(
        """insert into nodes
        select (select count(*) from company_records) + row_number() over () as idx, 'email' as vendor,
            'domain' as object, domain as record_id, 'email:domain:' || domain as key, null as born
        from (select distinct domain from mail_of where domain is not null)"""
    )


def _domain_ties(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """insert into ties
        select 'domain:' || domain, idx from (
            select n.idx, domain_name(r.domain) as domain
            from company_records r join nodes n using (vendor, object, record_id)
        ) where domain is not null and not is_free_mail(domain)
        union all
        select 'domain:' || record_id, idx from nodes where vendor = 'email'"""
    )


def _assign(con: duckdb.DuckDBPyConnection, kind: _Kind, at: datetime) -> None:
    """Give every component its id: the oldest whose founder is in it, else a new one."""
    _replace_lost_founders(con, kind)
    con.execute(
        """create or replace temp table claims as
        select c.root, i.id, i.assigned_at,
            row_number() over (partition by c.root order by i.assigned_at, i.id) as place
        from identities i join nodes n on n.key = i.founder join component c using (idx)
        where i.kind = ?""",
        [kind.name],
    )
    _mint(con, kind, at)
    _write_aliases(con, kind, at)
    con.execute(f"delete from {kind.table}")
    con.execute(
        f"""insert into {kind.table} by name
        select n.vendor, n.object, n.record_id, k.id as {kind.column}, k.assigned_at
        from nodes n join component c using (idx) join claims k on k.root = c.root and k.place = 1"""
    )


def _replace_lost_founders(con: duckdb.DuckDBPyConnection, kind: _Kind) -> None:
    """Where a founder's row is gone (erased), the oldest record that still has the id stands in."""
    con.execute(
        f"""update identities i set founder = heir.key
        from (
            select p.{kind.column} as id, {_OLDEST} as key
            from {kind.table} p join nodes n using (vendor, object, record_id) group by 1
        ) heir
        where i.kind = ? and heir.id = i.id and not exists (select 1 from nodes n where n.key = i.founder)""",
        [kind.name],
    )


def _mint(con: duckdb.DuckDBPyConnection, kind: _Kind, at: datetime) -> None:
    """A new id is a short hash of the founding record's key: rebuilt from nothing, it is the same again."""
    con.execute(
        f"""create or replace temp table minted as
        select root, new.founder, case when taken.id is null then fresh else
            '{kind.prefix}' || left(md5(new.founder || ?::varchar), 16) end as id
        from (
            select c.root, {_OLDEST} as founder,
                '{kind.prefix}' || left(md5(founder), 16) as fresh
            from nodes n join component c using (idx) anti join claims k on k.root = c.root
            group by c.root
        ) new left join identities taken on taken.kind = ? and taken.id = new.fresh""",
        [naive_utc(at), kind.name],
    )
    con.execute(
        "insert into identities by name select ? as kind, id, founder, ? as assigned_at from minted",
        [kind.name, naive_utc(at)],
    )
    con.execute("insert into claims select root, id, ?, 1 from minted", [naive_utc(at)])
    con.execute("drop table minted")


def _write_aliases(con: duckdb.DuckDBPyConnection, kind: _Kind, at: datetime) -> None:
    """Ids that lost to an older one lead to it; an id whose records are all gone keeps its last word."""
    con.execute(
        """create or replace temp table leads as
        select loser.id as alias, winner.id from claims loser
        join claims winner on winner.root = loser.root and winner.place = 1 where loser.place > 1"""
    )
    con.execute(
        """delete from aliases a where a.kind = $kind and (
            exists (select 1 from claims k where k.id = a.alias and k.place = 1)
            or exists (select 1 from leads l where l.alias = a.alias and l.id <> a.id))""",
        {"kind": kind.name},
    )
    con.execute(
        """insert into aliases by name select ? as kind, alias, id, ? as since from leads l
        where not exists (select 1 from aliases a where a.kind = ? and a.alias = l.alias)""",
        [kind.name, naive_utc(at), kind.name],
    )
    con.execute("drop table leads")
