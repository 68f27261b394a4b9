"""Activities of people, whichever record they were seen on; made anew only for those of whom other is told.

What a record of an activity says of who did it is its *holder*: vendor, object, record and address. The
activities of a person follow from the records of their holders and from the settings, and from nothing else.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import duckdb

from sync.literals import quoted

_HOLDER = ("vendor", "object", "record_id", "email")
_TOLD = (
    "activity_id, type, occurred_at, seen_at, product, category, asset, value, unit, currency, campaign, "
    "origin, deleted"
)

#: Beyond this share of the people now, or of the rows replaced so far, everybody's are made anew.
_MOST = 0.25


class AssetRule(Protocol):
    """Activities whose asset matches the LIKE pattern ``match`` are about this product."""

    @property
    def match(self) -> str: ...
    @property
    def product(self) -> str: ...
    @property
    def category(self) -> str | None: ...


class ResolveSettings(Protocol):
    """What resolving needs of the settings."""

    @property
    def precedence(self) -> tuple[str, ...]: ...
    @property
    def masters(self) -> Mapping[str, str]: ...
    @property
    def assets(self) -> Sequence[AssetRule]: ...


def find_holders(con: duckdb.DuckDBPyConnection) -> None:
    """``seen_holders``: every holder there is, with its number and a print of its records."""
    who = ", ".join(_HOLDER)
    con.execute(
        f"""create or replace temp table seen_holders as
        select {who}, hash({who}) as holder, hash(count(*), sum(hash(hash({_TOLD})))) as print
        from activity_records group by {who}"""
    )


def build(con: duckdb.DuckDBPyConnection, settings: ResolveSettings) -> bool:
    """Bring ``activities`` up to date. True: only those of the people in ``retold`` (contact_id) were made
    anew, false: everybody's.

    Reads ``seen_holders``, ``mail_owners``, people, contacts and what the last time left.
    """
    con.execute("create table if not exists holders (contact_id varchar, holder ubigint, print ubigint)")
    con.execute("create table if not exists activities_made (rules varchar, replaced bigint)")
    _find_owners(con)
    rules = _digest(settings)
    is_partly = _find_retold(con, rules)
    records, kind = _RECORDS, "view"
    if is_partly:
        records, kind = f"{_RECORDS} semi join retold using (contact_id)", "table"
    con.execute(f"create or replace temp {kind} told_of as {records}")
    _find_products(con, settings.assets)
    con.execute(f"create or replace temp view owned as {_OWNED}")
    _mark_copies(con, settings.masters)
    if is_partly:
        _replace(con)
    else:
        _make_all(con, rules)
    con.execute("create or replace table holders as select contact_id, holder, print from owned_holders")
    con.execute("drop view owned")
    con.execute(f"drop {kind} told_of")
    for table in ("copies", "products", "owned_holders", "seen_holders"):
        con.execute(f"drop table {table}")
    return is_partly


#: Records with whose they are. The number finds the holder, and the columns confirm it.
_RECORDS = f"""select h.contact_id, a.* from activity_records a join owned_holders h
    on h.holder = hash({", ".join(f"a.{name}" for name in _HOLDER)})
    and {" and ".join(f"h.{name} is not distinct from a.{name}" for name in _HOLDER)}"""

#: As activities are, copies among them.
_OWNED = """select a.vendor, a.vendor || ':' || a.activity_id as activity_id, a.contact_id, a.type,
        a.occurred_at, a.seen_at, coalesce(a.product, k.product) as product,
        coalesce(a.category, case when coalesce(a.product, k.product) = k.product then k.category end)
            as category,
        a.asset, a.value, a.unit, a.currency, a.campaign, a.origin
    from told_of a left join products k on k.asset = a.asset
    where not coalesce(a.deleted, false) and a.occurred_at is not null and a.type is not null"""

_ACTIVITIES = """select contact_id, o.* exclude (vendor, contact_id)
    from owned o anti join copies k using (activity_id)"""


def _find_owners(con: duckdb.DuckDBPyConnection) -> None:
    """``owned_holders``: whose each holder is, where it is a contact's."""
    con.execute(
        """create or replace temp table owned_holders as
        select h.*, coalesce(p.contact_id, m.contact_id) as contact_id
        from seen_holders h left join people p using (vendor, object, record_id)
        left join mail_owners m on m.vendor = h.vendor
            and m.email = case when p.contact_id is null then h.email end
        semi join contacts c on c.contact_id = coalesce(p.contact_id, m.contact_id)"""
    )


def _digest(settings: ResolveSettings) -> str:
    """What activities follow from beside the records, this code among it."""
    products = [(rule.match, rule.product, rule.category) for rule in settings.assets]
    said = (
        sorted(settings.masters.items()),
        products,
        settings.precedence,
        Path(__file__).read_text("utf-8"),
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _find_retold(con: duckdb.DuckDBPyConnection, rules: str) -> bool:
    """``retold``: whose holders are new, gone, of another, or say other things; false: all are to be made."""
    made = con.execute("select rules, replaced from activities_made").fetchone()
    if made is None or made[0] != rules:
        return False
    con.execute(
        """create or replace temp table retold as
        select distinct contact_id from (
            select unnest([before.contact_id, now.contact_id]) as contact_id
            from owned_holders now full join holders before using (holder)
            where before.contact_id is distinct from now.contact_id or before.print is distinct from now.print
        ) where contact_id is not null"""
    )
    found = con.execute(
        f"""select (select count(*) from retold) <= {_MOST} * (select count(*) from contacts)
            and ? <= {_MOST} * (select count(*) from activities)""",
        [made[1]],
    ).fetchone()
    return bool(found and found[0])


def _make_all(con: duckdb.DuckDBPyConnection, rules: str) -> None:
    con.execute(f"create or replace table activities as {_ACTIVITIES}")
    con.execute("delete from activities_made")
    con.execute("insert into activities_made values (?, 0)", [rules])


def _replace(con: duckdb.DuckDBPyConnection) -> None:
    gone = con.execute("delete from activities where contact_id in (from retold)").fetchone()
    con.execute(f"insert into activities {_ACTIVITIES}")
    con.execute("update activities_made set replaced = replaced + ?", [gone[0] if gone else 0])


def _find_products(con: duckdb.DuckDBPyConnection, assets: Sequence[AssetRule]) -> None:
    """``products``: of every asset that a rule of the configuration matches; the first match wins."""
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
        ) several using (type)"""
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
