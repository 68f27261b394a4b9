# ruff: noqa: S608 - statements are made of our own table names and quoted columns; values are bound
"""The year ahead of a few people: every day of it as people of one instant, who did everything that much
earlier.

One text then gives all days' scores at once, and serves any date. Plain DuckDB: ``explain`` has no time to
load Ibis.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb

from core.clock import DAY, naive_utc
from core.rows import Row, quoted_name, rows_of

if TYPE_CHECKING:
    import pyarrow as pa

#: How far ahead to look.
DAYS = 366
#: The midnight at which every day ahead is scored.
INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
#: What scoring reads, and the column that says when it happened.
DATED: Mapping[str, str | None] = {
    "contacts": None,
    "accounts": None,
    "activities": "occurred_at",
    "survey_responses": "answered_at",
    "stage_history": "entered_at",
}


@dataclass(frozen=True, slots=True)
class Ahead:
    """A model's text for the days ahead; ``scoring.outlook`` makes it.

    offsets: of the zone, (second since 1970 from which, seconds), oldest first. counted_from: columns of
    contacts that ``days_since`` reads. columns: what the text gives beside contact_id. literals: small tables
    that it names.
    """

    model: str
    zone: str
    offsets: Sequence[tuple[int, int]]
    counted_from: Sequence[str]
    columns: Sequence[str]
    text: str
    literals: "Mapping[str, pa.Table]"

    def today(self, as_of: datetime) -> date:
        """The calendar date in the model's zone."""
        return as_of.astimezone(ZoneInfo(self.zone)).date()

    def midnight(self, as_of: datetime, ahead: int) -> datetime:
        """When the day begins that is so many ahead: naive UTC."""
        day = self.today(as_of) + timedelta(days=ahead)
        return naive_utc(datetime.combine(day, time(), ZoneInfo(self.zone)))

    def run(
        self,
        con: duckdb.DuckDBPyConnection,
        sources: Mapping[str, str],
        as_of: datetime,
        *,
        hindsight: bool = False,
    ) -> None:
        """Make ``days_of_<model>``: contact_id, ahead (1 … DAYS) and ``columns``, of whom ``asked`` names.

        asked: contact_id, and ``level`` and ``stage`` as they are now.
        sources: name in ``DATED`` → what to select it from. A day without a row: not scored then.
        """
        self.lay_out(con, sources, as_of, hindsight=hindsight)
        for name, table in self.literals.items():
            con.register(name, table)
        columns = ", ".join(f's."{name}"' for name in self.columns)
        con.execute(
            f"""create or replace temp table "days_of_{self.model}" as
            select p.contact_id, p.ahead, {columns} from ({self.text}) s
            join ahead_people p on p.id = s.contact_id"""
        )
        for name in self.literals:
            con.unregister(name)

    def lay_out(
        self,
        con: duckdb.DuckDBPyConnection,
        sources: Mapping[str, str],
        as_of: datetime,
        *,
        hindsight: bool = False,
    ) -> None:
        """Make what the text reads: ``ahead_people`` (id, contact_id, ahead, and days and seconds
        from ``INSTANT`` to its midnight), and a view a source.
        """
        first = (self.today(as_of) - INSTANT.date()).days
        spans = ", ".join(
            f"({ahead}, {int((self.midnight(as_of, ahead) - naive_utc(INSTANT)).total_seconds())})"
            for ahead in range(1, DAYS + 1)
        )
        latest = (as_of + timedelta(days=DAYS)).timestamp()
        con.execute(_local_time([offset for offset in self.offsets if offset[0] <= latest]))
        con.execute(
            f"""create or replace temp table ahead_people as
            select contact_id || ' ' || ahead as id, contact_id, ahead, {first} + ahead as days, seconds
            from asked, (values {spans}) days(ahead, seconds)"""
        )
        for name, source in sources.items():
            columns = [str(row[0]) for row in con.execute(f"describe select * from {source}").fetchall()]
            is_dated = DATED[name] in columns and "seen_at" in columns
            known = _known(as_of) if is_dated and not hindsight else ""
            own = self.counted_from if name == "contacts" else ()
            moved = {
                column: _moved(column, is_day=column == DATED[name] or column in own, of=name)
                for column in sorted(columns)
                if column != "seen_at" or not is_dated
            }
            if name == "activities":
                moved[DAY] = f"datediff('day', date '1970-01-01', {_local('occurred_at')}::date) - p.days"
            chosen = ", ".join(f"{value} as {quoted_name(column)}" for column, value in moved.items())
            con.execute(
                f"""create or replace temp view "ahead_{name}" as
                with t as materialized (select * from {source} t {known})
                select {chosen} from t {_JOIN.get(name, _BY_ID)}"""
            )

    def first_changes(self, con: duckdb.DuckDBPyConnection) -> list[Row]:
        """The first day with another level or stage than in ``asked``, or without a score; one a person.

        contact_id, ahead, score, level, stage, level_now, stage_now. After ``run``. A day without a score has
        neither score, level nor stage.
        """
        found = con.execute(
            f"""select p.contact_id, p.ahead, a.score, a.level, a.stage,
                n.level as level_now, n.stage as stage_now
            from ahead_people p join asked n using (contact_id)
            left join "days_of_{self.model}" a using (contact_id, ahead)
            where a.contact_id is null or a.level is distinct from n.level or a.stage is distinct from n.stage
            qualify row_number() over (partition by p.contact_id order by p.ahead) = 1"""
        )
        return rows_of(found)


def _moved(column: str, *, is_day: bool, of: str) -> str:
    """What a column is in the table of a day ahead: what happened, that much earlier.

    Of activities the very time counts, beside the date; of all else the date alone.
    """
    if column == "contact_id" and of != "accounts":
        return "p.id"
    if not is_day:
        return f"t.{quoted_name(column)}"
    if of == "activities":
        return f"t.{quoted_name(column)} - to_seconds(p.seconds)"
    return f"{_local(column)} - to_days(p.days::integer)"


def _local(column: str) -> str:
    return f"local_time(t.{quoted_name(column)})"


_BY_ID = "join ahead_people p on p.contact_id = t.contact_id"
_JOIN = {"accounts": "semi join ahead_contacts p on p.account_id = t.account_id"}


def _known(as_of: datetime) -> str:
    """What was not known yet is left out; what is dated ahead happens when its day comes."""
    return f"where t.seen_at is null or t.seen_at <= timestamp '{naive_utc(as_of)}'"


def _local_time(offsets: Sequence[tuple[int, int]]) -> str:
    branches = " ".join(
        f"when t >= timestamp '{datetime.fromtimestamp(second, UTC).replace(tzinfo=None)}' then {offset}"
        for second, offset in reversed(offsets[1:])
    )
    offset = f"case {branches} else {offsets[0][1]} end" if branches else str(offsets[0][1])
    return f"create or replace temp macro local_time(t) as t + to_seconds({offset})"
