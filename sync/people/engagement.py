"""Whose addresses are, and survey answers and deals of people, whichever record they were seen on."""

from collections.abc import Sequence

import duckdb

from sync.literals import quoted


def define_rank(con: duckdb.DuckDBPyConnection, precedence: Sequence[str]) -> None:
    """Macro ``vendor_rank``: smaller speaks first; vendors that are not named come last."""
    ranks = " ".join(f"when {quoted(vendor)} then {place}" for place, vendor in enumerate(precedence))
    case = f"case vendor {ranks} else {len(precedence)} end" if ranks else "0"
    con.execute(f"create or replace temp macro vendor_rank(vendor) as {case}")


def build(con: duckdb.DuckDBPyConnection) -> None:
    """Rebuild survey_responses, deals and deal_contacts; reads contacts, accounts, people, mail_owners."""
    _surveys(con)
    _deals(con)


def find_mail_owners(con: duckdb.DuckDBPyConnection) -> None:
    """``mail_owners``: an address is its only person's in a vendor; where it is shared, its nameless user's.

    Where several named people share it, nobody knows who acted, and nobody gets the activity.
    """
    con.execute(
        """create or replace temp table mail_owners as
        with seen as (
            select vendor, email from seen_holders where email is not null group by all
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
