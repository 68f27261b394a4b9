"""Records as three vendors have them → people and what they did, against a bare copy of the activities."""

import multiprocessing
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks import sources
from sync.people import identity, resolve
from sync.warehouse import Warehouse

_SIZES = ((100_000, 2_000_000), (1_000_000, 20_000_000))
_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_BARE = "create table bare as from activity_records"

#: Everybody is in Salesforce, every second in HubSpot, every third on a Mailchimp list.
_PEOPLE = """insert into person_records by name
    select 'salesforce' as vendor, 'Contact' as object, '003' || n as record_id, email, title, phone,
        'Anna' || (n % 977) as first_name, 'Müller' || (n % 4999) as last_name, is_customer,
        '001' || account_id as company_record_id, 'live' as state from numbered_contacts
    union all by name
    select 'hubspot' as vendor, 'contacts' as object, n::varchar as record_id, upper(email) as email,
        'Anna' || (n % 977) as first_name, 'Muller' || (n % 4999) as last_name, 'live' as state
    from numbered_contacts where n % 2 = 0
    union all by name
    select 'mailchimp' as vendor, 'members' as object, md5(email) as record_id, email, 'live' as state
    from numbered_contacts where n % 3 = 0"""

#: Mailchimp knows who acted by their address alone.
_ACTIVITIES = """insert into activity_records by name
    select case when mailed then 'mailchimp' when n % 2 = 0 then 'hubspot' else 'salesforce' end as vendor,
        activity_id, case when mailed then null when n % 2 = 0 then 'contacts' else 'Contact' end as object,
        case when mailed then null when n % 2 = 0 then n::varchar else '003' || n end as record_id,
        case when mailed then email end as email, type, occurred_at, product, asset, value
    from (
        select a.*, c.n, c.email, c.n % 3 = 0 and a.type like 'email%' as mailed
        from read_parquet(?) a join numbered_contacts c using (contact_id))"""

_COMPANIES = """insert into company_records by name
    select 'salesforce' as vendor, 'Account' as object, '001' || account_id as record_id, name, domain,
        industry, employees, country, 'live' as state from read_parquet(?)"""

#: Of a thousand people: activities tell something else, are gone, are new, and they have other titles.
_CHANGES = (
    "create temp table chosen as select * from numbered_contacts using sample 1000 rows (reservoir, 1)",
    """update activity_records set value = 7 where (vendor, record_id) in (
        select 'salesforce', '003' || n from chosen where n % 3 = 0)""",
    """update activity_records set deleted = true where (vendor, record_id) in (
        select 'salesforce', '003' || n from chosen where n % 3 = 1) and type = 'page_view'""",
    """insert into activity_records by name select 'salesforce' as vendor, 'new' || n as activity_id,
        'Contact' as object, '003' || n as record_id, 'page_view' as type,
        timestamp '2026-11-21' as occurred_at from chosen""",
    """update person_records set title = 'Director' where (vendor, record_id) in (
        select 'salesforce', '003' || n from chosen)""",
)


@dataclass(frozen=True)
class _Choices:
    """The settings that resolving reads."""

    precedence: tuple[str, ...] = ("salesforce", "hubspot", "mailchimp")
    masters: dict[str, str] = field(default_factory=dict)
    assets: tuple[()] = ()


def _number(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    con.execute(
        """create temp table numbered_contacts as
        select *, row_number() over (order by contact_id) as n from read_parquet(?)""",
        [str(folder / "contacts.parquet")],
    )


def _load(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    _number(con, folder)
    con.execute(_PEOPLE)
    con.execute(_COMPANIES, [str(folder / "accounts.parquet")])
    con.execute(_ACTIVITIES, [str(folder / "activities.parquet")])


def _resolved(warehouse: Warehouse) -> tuple[float, resolve.Resolved]:
    start = time.perf_counter()
    with warehouse.write("resolving") as con:
        identity.resolve(con, _NOW)
        found = resolve.build(con, _Choices())
    return time.perf_counter() - start, found


def measured(contacts: int, activities: int) -> tuple[int, float, list[str]]:
    """How many activities, seconds to resolve, what to print. In a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources.prepare(folder, contacts, activities)
        warehouse = Warehouse(folder / "bench.duckdb")
        with warehouse.write("loading") as con:
            _load(con, folder)
        with warehouse.trial("copying") as con:
            start = time.perf_counter()
            con.execute(_BARE)
            bare = time.perf_counter() - start
        took, found = _resolved(warehouse)
        with warehouse.write("changing") as con:
            _number(con, folder)
            for change in _CHANGES:
                con.execute(change)
        again, _ = _resolved(warehouse)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    there = f"{found.contacts:,} people, {found.activities:,} activities"
    said = [
        f"{contacts:,} contacts, {activities:,} activities in three vendors: {there}",
        f"copy {bare:.2f} s, resolve {took:.2f} s, ratio {took / bare:.1f}; peak memory {peak:,} MB",
        f"after 1,000 people changed {again:.2f} s, ratio {again / bare:.1f}",
    ]
    return activities, took, said


def main() -> None:
    """At the size given on the command line, or at two; what is found is printed."""
    sizes = [(int(sys.argv[1]), int(sys.argv[2]))] if len(sys.argv) > 2 else _SIZES
    before = None
    for size in sizes:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            activities, took, said = pool.submit(measured, *size).result()
        print(*said, sep="\n")
        if before is not None:
            print(f"{activities / before[0]:.0f} x the data: {took / before[1]:.1f} x the time")
        before = activities, took
