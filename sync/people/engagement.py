"""Activities, survey answers and deals of people, whichever record they were seen on."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import duckdb

from sync.literals import quoted


class AssetRule(Protocol):
    """Activities whose asset matches the LIKE pattern ``match`` are about this product."""

    @property
    def match(self) -> str: ...
    @property
    def product(self) -> str: ...
    @property
    def category(self) -> str | None: ...


def define_rank(con: duckdb.DuckDBPyConnection, precedence: Sequence[str]) -> None:
    """Macro ``vendor_rank``: smaller speaks first; vendors that are not named come last."""
    ranks = " ".join(f"when {quoted(vendor)} then {place}" for place, vendor in enumerate(precedence))
    case = f"case vendor {ranks} else {len(precedence)} end" if ranks else "0"
    con.execute(f"create or replace temp macro vendor_rank(vendor) as {case}")


def build(con: duckdb.DuckDBPyConnection, masters: Mapping[str, str], assets: Sequence[AssetRule]) -> None:
    """Rebuild activities, survey_responses, deals and deal_contacts; reads contacts, accounts and people."""
    _mail_owners(con)
    _products(con, assets)
    _activities(con, masters)
    _surveys(con)
    _deals(con)
    for table in ("mail_owners", "products"):
        con.execute(f"drop table {table}")


def _mail_owners(con: duckdb.DuckDBPyConnection) -> None:
    """Whose an address is in a vendor: its only person's; where it is shared, its nameless user's.

    Where several named people share it, nobody knows who acted, and nobody gets the activity.
    """
    con.execute(
        """create or replace temp table mail_owners as
        with seen as (
            select vendor, email from activity_records where email is not null group by all
            union select vendor, email from survey_records where email is not null group by all
        ), held as (
            select r.vendor, a.address, p.contact_id,
                bool_and(coalesce(folded_name(r.first_name), folded_name(r.last_name)) is null) as is_nameless
            from person_records r join people p using (vendor, object, record_id)
            semi join (select distinct vendor from seen) v on v.vendor = r.vendor
            join mail_of a on a.email = r.email group by all
        ), owners as (
            select vendor, address, case when count(*) = 1 then min(contact_id)
                when count(*) filter (is_nameless) = 1 then min(contact_id) filter (is_nameless) end
                as contact_id
            from held where address is not null group by all
        )
        select s.vendor, s.email, o.contact_id
        from seen s join owners o on o.vendor = s.vendor and o.address = mail_address(s.email)
        where o.contact_id is not null"""
    )


def _products(con: duckdb.DuckDBPyConnection, assets: Sequence[AssetRule]) -> None:
    """Product and category of every asset that a rule of the configuration matches; the first match wins."""
    matches = " ".join(f"when asset like {quoted(rule.match)} then {n}" for n, rule in enumerate(assets))
    con.execute("create or replace temp table products (asset varchar, product varchar, category varchar)")
    if not assets:
        return
    con.execute("create or replace temp table rules (rule integer, product varchar, category varchar)")
    con.executemany(
        "insert into rules values (?, ?, ?)",
        [[n, rule.product, rule.category] for n, rule in enumerate(assets)],
    )
    con.execute(
        f"""insert into products select a.asset, r.product, r.category from (
            select asset, case {matches} end as rule
            from (select distinct asset from activity_records where asset is not null)
        ) a join rules r using (rule)"""
    )
    con.execute("drop table rules")


def _activities(con: duckdb.DuckDBPyConnection, masters: Mapping[str, str]) -> None:
    con.execute(
        """create or replace temp view owned as
        select a.vendor, a.vendor || ':' || a.activity_id as activity_id,
            coalesce(p.contact_id, m.contact_id) as contact_id, a.type, a.occurred_at, a.seen_at,
            coalesce(a.product, k.product) as product,
            coalesce(a.category, case when coalesce(a.product, k.product) = k.product then k.category end)
                as category,
            a.asset, a.value, a.unit, a.currency, a.campaign, a.origin
        from activity_records a
        left join people p using (vendor, object, record_id)
        left join mail_owners m on m.vendor = a.vendor
            and m.email = case when p.contact_id is null then a.email end
        left join products k on k.asset = a.asset
        where not coalesce(a.deleted, false) and a.occurred_at is not null and a.type is not null"""
    )
    _mark_copies(con, masters)
    con.execute(
        """create or replace table activities as
        select contact_id, o.* exclude (vendor, contact_id)
        from owned o semi join contacts c using (contact_id) anti join copies k using (activity_id)"""
    )
    con.execute("drop view owned")
    con.execute("drop table copies")


def _mark_copies(con: duckdb.DuckDBPyConnection, masters: Mapping[str, str]) -> None:
    """Copies: the same person, type, asset and minute in another vendor than the one whose word counts.

    That is the type's declared master where it has the activity, else the vendor of highest precedence. Two
    activities of one vendor are never copies of each other.
    """
    declared = " ".join(
        f"when type = {quoted(kind)} and vendor = {quoted(vendor)} then -1"
        for kind, vendor in masters.items()
    )
    rank = f"case {declared} else vendor_rank(vendor) end" if declared else "vendor_rank(vendor)"
    # of all that several vendors tell, first what may be two by a hash: it is little, and then ranked
    con.execute(
        """create or replace temp view told as
        select activity_id, vendor, contact_id, type, lower(trim(asset)) as about,
            date_trunc('minute', occurred_at) as minute, hash(contact_id, type, about, minute) as alike
        from owned semi join (
            select type from activity_records group by type having min(vendor) <> max(vendor)
        ) several using (type) where contact_id is not null"""
    )
    con.execute(
        """create or replace temp table twice as
        select alike from told group by 1 having min(hash(vendor)) <> max(hash(vendor))"""
    )
    con.execute(
        f"""create or replace temp table copies as
        select activity_id from (
            select activity_id, vendor, first_value(vendor) over (
                partition by contact_id, type, about, minute order by {rank}, vendor) as kept
            from told semi join twice using (alike)
        ) where vendor <> kept"""
    )
    con.execute("drop view told")
    con.execute("drop table twice")


def _surveys(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """create or replace table survey_responses as
        select s.vendor || ':' || s.response_id as response_id,
            coalesce(p.contact_id, m.contact_id) as contact_id,
            s.kind, s.answer, s.scale_min, s.scale_max, s.answered_at, s.seen_at
        from survey_records s
        left join people p using (vendor, object, record_id)
        left join mail_owners m on m.vendor = s.vendor
            and m.email = case when p.contact_id is null then s.email end
        semi join contacts c on c.contact_id = coalesce(p.contact_id, m.contact_id)
        where not coalesce(s.deleted, false)"""
    )


def _deals(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """create or replace table deals as
        select d.vendor || ':' || d.record_id as deal_id, k.account_id, d.name, d.amount, d.currency,
            d.is_closed, d.is_won, d.created_at, d.closed_at
        from deal_records d
        left join (
            select c.vendor, c.record_id, min(c.account_id) as account_id
            from companies c semi join accounts a using (account_id) where c.vendor <> 'email' group by all
        ) k on k.vendor = d.vendor and k.record_id = d.company_record_id
        where d.state in ('live', 'archived')"""
    )
    con.execute(
        """create or replace table deal_contacts as
        select r.vendor || ':' || r.deal_id as deal_id, p.contact_id, r.role
        from deal_roles r join people p using (vendor, object, record_id)
        semi join contacts c using (contact_id)
        where not coalesce(r.deleted, false)"""
    )
