"""Records → people and companies: the tables that scoring reads.

Every column of a person is the first non-empty one by the configured precedence of vendors, then by the
newest record; live records speak, others only where a person has no live one.
"""

from dataclasses import dataclass

import duckdb

from core.tables import SCORED
from sync.people import activities, attributes, changed, consent, engagement, seals
from sync.people.activities import ResolveSettings
from sync.people.attributes import Attribute

#: Texts copied from records as they are; the others are computed below.
_PERSON_TEXTS = (
    "first_name",
    "last_name",
    "title",
    "phone",
    "country",
    "region",
    "city",
    "lifecycle",
    "owner",
)
_COMPANY_VALUES = ("industry", "employees", "annual_revenue", "country", "region", "city")


@dataclass(frozen=True, slots=True)
class Resolved:
    """How many of each there are now."""

    contacts: int
    accounts: int
    activities: int


def build(con: duckdb.DuckDBPyConnection, settings: ResolveSettings) -> Resolved:
    """Rebuild contacts, accounts, activities, survey_responses, deals, deal_contacts and consents.

    Reads the record tables and what ``identity.resolve`` left; runs inside the caller's transaction.
    """
    engagement.define_rank(con, settings.precedence)
    _speaking_people(con)
    _speaking_companies(con)
    _contact_accounts(con)
    _accounts(con)
    _contacts(con)
    activities.find_holders(con)
    engagement.find_mail_owners(con)
    is_partly = activities.build(con, settings)
    engagement.build(con)
    consent.build(con)
    seals.forbid(con)
    changed.note(con, "retold" if is_partly else None)
    for table in ("speaking_people", "speaking_companies", "contact_accounts", "mail_owners"):
        con.execute(f"drop table {table}")
    return Resolved(_count(con, "contacts"), _count(con, "accounts"), _count(con, "activities"))


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    found = con.execute(f"select count(*) from {table}").fetchone()
    return int(found[0]) if found else 0


def _speaking_people(con: duckdb.DuckDBPyConnection) -> None:
    """Records whose values count, ranked; a person without any is no contact.

    A merged or converted record stands for a successor that has not arrived yet, and for no other.
    """
    con.execute(
        """create or replace temp table speaking_people as
        with keys as (
            select concat_ws(':', vendor, object, record_id) as key from person_records
        ), standing as (
            select p.contact_id, r.*, concat_ws(':', r.vendor, r.object, r.record_id) as key
            from person_records r join people p using (vendor, object, record_id)
            where r.state in ('live', 'archived') or r.state in ('merged', 'converted')
                and not exists (select 1 from keys where keys.key = r.successor)
        )
        select *, row_number() over (partition by contact_id order by vendor_rank(vendor),
            modified_at desc nulls last, key) as place
        from standing
        qualify state = 'live' or not bool_or(state = 'live') over (partition by contact_id)"""
    )


def _speaking_companies(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """create or replace temp table speaking_companies as
        select c.account_id, r.*, row_number() over (partition by c.account_id order by vendor_rank(r.vendor),
            r.modified_at desc nulls last, r.object, r.record_id) as place
        from company_records r join companies c using (vendor, object, record_id)
        where r.state in ('live', 'archived')"""
    )


def _contact_accounts(con: duckdb.DuckDBPyConnection) -> None:
    """A contact's account: of the record's own company, else of the address's domain, else of a name that is
    one company's alone.
    """
    con.execute(
        """create or replace temp table contact_accounts as
        with own as (
            select s.contact_id, arg_min(c.account_id, s.place) as account_id
            from speaking_people s
            join speaking_companies c on c.vendor = s.vendor and c.record_id = s.company_record_id
            group by 1
        ), domains as (
            select record_id as domain, account_id from companies where vendor = 'email'
        ), by_domain as (
            select s.contact_id, arg_min(d.account_id, s.place) as account_id
            from speaking_people s join mail_of m on m.email = s.email join domains d on d.domain = m.domain
            group by 1
        ), names as (
            select folded_name(name) as name, min(account_id) as account_id from speaking_companies
            where folded_name(name) is not null group by 1 having count(distinct account_id) = 1
        ), by_name as (
            select s.contact_id, arg_min(n.account_id, s.place) as account_id
            from speaking_people s join names n on n.name = folded_name(s.company_name)
            group by 1
        )
        select contact_id, coalesce(own.account_id, by_domain.account_id, by_name.account_id) as account_id
        from (select distinct contact_id from speaking_people)
        left join own using (contact_id) left join by_domain using (contact_id)
        left join by_name using (contact_id)"""
    )


def _accounts(con: duckdb.DuckDBPyConnection) -> None:
    """Companies with a record that stands, and those that only the addresses of contacts tell of."""
    mapped = attributes.found(con, "company_records", SCORED["accounts"].names)
    values = [f"{_first(column, text=column not in ('employees', 'annual_revenue'))} as {column}"
              for column in _COMPANY_VALUES]  # fmt: skip
    own = [*values, *_mapped(mapped)]
    con.execute(
        f"""create or replace table accounts as
        with recorded as (
            select account_id, {_first("name", text=True)} as name,
                arg_min(domain_name(domain), place) as domain,
                {", ".join(own)}, bool_or(is_customer) as is_customer
            from speaking_companies group by account_id
        ), parents as (
            select s.account_id, arg_min(p.account_id, s.place) as parent_id
            from speaking_companies s
            join speaking_companies p
                on p.vendor = s.vendor and p.object = s.object and p.record_id = s.parent_record_id
            where p.account_id <> s.account_id group by 1
        ), told as (
            select a.account_id, min(c.record_id) as domain, mode(nullif(trim(s.company_name), '')) as name
            from contact_accounts a join companies c using (account_id)
            join speaking_people s using (contact_id)
            where c.vendor = 'email' group by 1
        )
        select coalesce(r.account_id, t.account_id) as account_id, coalesce(r.name, t.name, t.domain) as name,
            coalesce(r.domain, t.domain) as domain, r.* exclude (account_id, name, domain), p.parent_id
        from recorded r full join told t using (account_id) left join parents p using (account_id)
        order by account_id"""
    )


def _contacts(con: duckdb.DuckDBPyConnection) -> None:
    """A person is a customer where any record says so; where none speaks of it they are not.

    Their company may be one all the same: that is a column of accounts.
    """
    mapped = attributes.found(con, "person_records", SCORED["contacts"].names)
    texts = [f"{_first(column, text=True)} as {column}" for column in _PERSON_TEXTS]
    con.execute(
        f"""create or replace table contacts as
        with own as (
            select contact_id,
                arg_min(plain, place) filter (address is not null) as email,
                {", ".join([*texts, *_mapped(mapped)])},
                bool_or(is_customer) as is_customer, min(created_at) as created_at
            from speaking_people left join mail_of using (email) group by contact_id
        )
        select o.contact_id, a.account_id, o.* exclude (contact_id, is_customer),
            coalesce(o.is_customer, false) as is_customer
        from own o join contact_accounts a using (contact_id)
        order by o.contact_id"""
    )


def _first(column: str, *, text: bool) -> str:
    """The value of the first record that has one."""
    value = f"nullif(trim({column}), '')" if text else column
    return f"arg_min({value}, place)"


def _mapped(found: list[Attribute]) -> list[str]:
    return [f"arg_min({attribute.of('attributes')}, place) as {attribute.column}" for attribute in found]
