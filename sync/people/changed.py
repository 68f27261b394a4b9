"""Whose data are other than when they were last looked at: they are the people worth scoring again.

Everybody who is first looked at gets a number, which stays theirs.
"""

import duckdb

#: What a score follows from, beside person, company and activities. Stages go with former ids.
_THEIRS = ("survey_responses", "former_ids")
#: Twice, for DuckDB puts the last column in by an exclusive or: like changes in two rows would cancel out.
_HASH = "hash(hash(*columns(*)))"


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """``prints``: a hash of everybody's data, and at which count of ``note`` it became what it is.

    kind: person, company. account_id: whom they belong to, a company's parent. print: null of those who are
    gone. ``numbered``: people by number.
    """
    con.execute(
        """create table if not exists prints
        (kind varchar, id varchar, account_id varchar, print ubigint, changed bigint)"""
    )
    con.execute("create table if not exists numbered (contact_id varchar, number integer)")


def through(con: duckdb.DuckDBPyConnection) -> int:
    """How often ``note`` found something, up to now."""
    found = con.execute("select max(changed) from prints").fetchone()
    return (found[0] or 0) if found else 0


def note(con: duckdb.DuckDBPyConnection, only: str | None = None) -> None:
    """Compare contacts, accounts and what is theirs with ``prints``; in a transaction of the caller's.

    only: a table with the contact_id of all whose activities could be others than the last time.

    A company is also other when a person or a company left it, and then stands in ``prints`` even if no
    account does.
    """
    prepare(con)
    _print_activities(con, only)
    con.execute(
        """create or replace temp view former_ids as
        select id as contact_id, alias from aliases where kind = 'person'"""
    )
    joins = " ".join(
        f"""left join (select contact_id, hash(count(*), sum(hash({_HASH}))) as print
            from {table} group by 1) {table} using (contact_id)"""
        for table in _THEIRS
    )
    parts = ", ".join(f"{table}.print" for table in ("activity_prints", *_THEIRS))
    con.execute(
        f"""create or replace temp table fresh as
        with companies as (select account_id, parent_id, hash({_HASH}, parent_id) as print from accounts)
        select 'company' as kind, account_id as id, parent_id as account_id, print from companies
        union all
        select 'person', contact_id, account_id, hash(contacts.print, companies.print, {parts})
        from (select contact_id, account_id, {_HASH} as print from contacts) contacts
        left join companies using (account_id) left join activity_prints using (contact_id) {joins}"""
    )
    now = through(con) + 1
    con.execute(
        """create or replace temp table differing as
        select coalesce(f.kind, p.kind) as kind, coalesce(f.id, p.id) as id, f.account_id, f.print,
            p.account_id as before
        from fresh f full join prints p on p.kind = f.kind and p.id = f.id
        where f.print is distinct from p.print"""
    )
    con.execute("delete from prints using differing d where prints.kind = d.kind and prints.id = d.id")
    con.execute(f"insert into prints select kind, id, account_id, print, {now} from differing")
    con.execute(
        """insert into numbered
        select id, (select coalesce(max(number), -1) from numbered) + row_number() over (order by id)
        from prints anti join numbered on contact_id = id where kind = 'person'"""
    )
    con.execute(
        """create or replace temp table left_by as
        select distinct before as id from differing where before is distinct from account_id"""
    )
    con.execute(f"update prints set changed = {now} where kind = 'company' and id in (from left_by)")
    con.execute(
        f"""insert into prints select 'company', id, null, null, {now} from left_by
        where id is not null and id not in (select id from prints where kind = 'company')"""
    )
    con.execute("drop table fresh")
    con.execute("drop table differing")
    con.execute("drop table left_by")


def _print_activities(con: duckdb.DuckDBPyConnection, only: str | None) -> None:
    """``activity_prints``: a hash of everybody's activities."""
    prints = f"select contact_id, hash(count(*), sum(hash({_HASH}))) as print from activities"
    if only is None:
        con.execute(f"create or replace table activity_prints as {prints} group by 1")
        return
    con.execute(f"delete from activity_prints where contact_id in (from {only})")
    con.execute(f"insert into activity_prints {prints} semi join {only} using (contact_id) group by 1")
