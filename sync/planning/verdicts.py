"""What to do about each difference of desired and held, and why nothing where nothing is done."""

from collections.abc import Mapping
from typing import Literal

import duckdb
import pyarrow as pa

from sync.literals import quoted
from sync.settings import FieldSetting

OnEdit = Literal["overwrite", "keep", "freeze"]

#: Whether a person's edit stands: ``keep`` until we have something else to say, ``freeze`` for good.
_EDIT_STANDS = {
    "overwrite": "false",
    "keep": "edited and {wanted} is not distinct from told",
    "freeze": "edited",
}


def on_lists(
    con: duckdb.DuckDBPyConnection, on_edit: OnEdit, quiet: frozenset[str], *, fire: bool, unread: bool
) -> None:
    """``moves``: ``listed`` with ``edited``, and ``verdict``: join, leave, none, or what holds it back.

    quiet: lists whose first run this is; fire: what earlier first runs noted starts now; unread: consent was
    not read of late from some vendor. Someone whom consent forbids leaves, whoever put them there.
    Held back: edited, gone, withheld (the vendor said so), baseline, ``consent <status>``, consent unread.
    """
    names = ", ".join(quoted(name) for name in sorted(quiet)) or "null"
    con.execute(
        f"""create or replace temp table moves as
        with known as (
            select l.*, l.differs and not exists (
                    select 1 from recognised k where k.vendor = l.vendor and k.object = l.object
                        and k.record_id = l.record_id and k.field = 'list:' || l.name) as edited,
                l.list in ({names})
                    or (e.status is not distinct from 'baselined' and not {str(fire).lower()}) as baselined,
                (select min(u.kind) from untouchable u where u.vendor = l.vendor and u.object = l.object
                    and u.record_id = l.record_id and u.field in ('', 'list:' || l.name)) as refused
            from listed l left join entries e on e.name = 'list:' || l.list and e.contact_id = l.entity_id
        )
        select *, case
            when wanted = held then case when meets and not wanted then 'consent ' || consent else 'none' end
            when refused is not null then refused
            when {_EDIT_STANDS[on_edit].format(wanted="wanted")}
                and (wanted or consent = 'subscribed') then 'edited'
            when wanted and quiet and baselined then 'baseline'
            when wanted and channel <> 'none' and {str(unread).lower()} then 'consent unread'
            when wanted then 'join'
            else 'leave' end as verdict
        from known"""
    )
    con.execute(
        "update moves set verdict = 'rejected' from refused_values f where verdict in ('join', 'leave')"
        " and f.vendor = moves.vendor and f.object = moves.object and f.record_id = moves.record_id"
        " and f.field = 'list:' || moves.name"
        " and f.value is not distinct from case when moves.wanted then 'member' end"
    )


def on_fields(
    con: duckdb.DuckDBPyConnection, on_edit: OnEdit, worth: Mapping[tuple[str, str], FieldSetting]
) -> None:
    """``verdicts``: ``desired`` beside what is held, ``edited``, and ``verdict``.

    write; none (equal); edited, gone, rejected: held back; small: not worth a call yet; rides: written only
    together with another field. A difference that is worth a call for one record of a person is for all of
    them, so that the vendors show the same number. Needs ``moves``; takes the place of ``desired``.
    """
    _worth(con, worth)
    con.execute(
        f"""create or replace temp table judged as
        with compared as (
            select d.*, h.value as held, h.told, h.since, w.change, w.goes_with,
                d.value is distinct from h.value as differs,
                coalesce(h.differs and h.value is not null and k.field is null, false) as edited,
                u.kind is not null as refused, f.letter, coalesce(f.blamed, false) as blamed
            from desired d
            left join held h using (vendor, object, record_id, field)
            left join recognised k using (vendor, object, record_id, field)
            left join (select * from untouchable where field = '') u using (vendor, object, record_id)
            left join worth w using (entity, label)
            left join refused_values f on f.vendor = d.vendor and f.object = d.object
                and f.record_id = d.record_id and f.field = d.field and f.value is not distinct from d.value
        )
        select *, differs and not refused and not blamed
            and not ({_EDIT_STANDS[on_edit].format(wanted="value")}) as open
        from compared"""
    )
    _weigh(con)
    _refuse(con)


def _weigh(con: duckdb.DuckDBPyConnection) -> None:
    """``weighed``: whether each difference is worth a call by itself, or by its company."""
    con.execute(
        """create or replace temp view weighed as
        with single as (
            select *, open and case
                when held is null then true
                when goes_with is not null then false
                when change is null or value is null then true
                else abs(try_cast(value as double) - try_cast(held as double)) >= change
                    or try_cast(held as double) is null end as big
            from judged where differs
        ),
        company as (
            select *, open and goes_with is null and (bool_or(big) over (partition by entity, entity_id)
                or entity_id in (select entity_id from moves where verdict in ('join', 'leave'))) as called
            from single
        )
        select *, called or big or (open and goes_with is not null
            and bool_or((called or big) and goes_with is null) over (
                partition by vendor, object, record_id, coalesce(goes_with, label))) as send
        from company"""
    )


def _refuse(con: duckdb.DuckDBPyConnection) -> None:
    """A refused value is not sent again; a refused record not until one of its values is another."""
    columns = """vendor, object, record_id, address, entity, entity_id, account_id, field, label, value, held,
        told, since, edited, change, goes_with, letter"""
    con.execute(
        f"""create or replace temp table verdicts as
        with final as (
            select *, blamed or (letter is not null and not bool_or(send and letter is null) over (
                partition by vendor, object, record_id)) as rejected
            from weighed
        )
        select {columns}, case
                when refused then 'gone'
                when rejected and (send or blamed) then 'rejected'
                when not open then 'edited'
                when send then 'write'
                when goes_with is not null then 'rides'
                else 'small' end as verdict
        from final
        union all select {columns}, 'none' as verdict from judged where not differs"""
    )
    con.execute("drop view weighed")
    for table in ("judged", "desired"):
        con.execute(f"drop table {table}")


def _worth(con: duckdb.DuckDBPyConnection, worth: Mapping[tuple[str, str], FieldSetting]) -> None:
    """``worth``: entity, label, change, goes_with."""
    given = [(*key, own.worth.change, own.worth.with_) for key, own in worth.items() if own.worth]
    con.register(
        "given",
        pa.table(
            {
                "entity": pa.array([row[0] for row in given], pa.string()),
                "label": pa.array([row[1] for row in given], pa.string()),
                "change": pa.array([row[2] for row in given], pa.float64()),
                "goes_with": pa.array([row[3] for row in given], pa.string()),
            }
        ),
    )
    con.execute("create or replace temp table worth as select * from given")
    con.unregister("given")
