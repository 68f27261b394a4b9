"""Resolved tables → scores, contributions and stages, by model: one instant, in the data file.

Between two midnights a score moves only with its person's data, so only those are scored again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import duckdb

from core.clock import naive_utc
from scoring.calendar import Moment
from scoring.frame import used_columns
from scoring.spec import Model
from sync.people import changed
from sync.rescoring import entered, marks, results
from sync.rescoring.statements import Compiled, compiled, tell
from sync.warehouse import Warehouse

#: What scoring reads → our table or view; people are numbers in all but the last.
_INPUTS: Mapping[str, str] = {
    "contacts": "scoring_contacts",
    "survey_responses": "scoring_survey_responses",
    "stage_history": "scoring_stage_history",
    "activities": "scoring_raw",
    "accounts": "scoring_accounts",
    "people": "scoring_people",
}
_MEMORY_MB = 1_250
_AT_ONCE = 200_000
#: Whose rows have come to count since ``$last``. Each column by itself, to leave out what is older unread.
_ARRIVED = """select contact_id from {table} where {at} > $last and {at} <= $now
        and (seen_at is null or seen_at <= $now)
    union all select contact_id from {table} where seen_at > $last and seen_at <= $now and {at} <= $now"""
_LINES = ("rule_", "cap_", "ageing_")


class ScoreSettings(Protocol):
    """What rescoring needs of the settings."""

    @property
    def time_zone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ModelScored:
    """One model's run. moves: people by (stage before, stage now), None for no stage before."""

    model: str
    model_hash: str
    contacts: int
    excluded: Mapping[str, int]
    moves: Mapping[tuple[str | None, str], int]


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What was scored, as of one instant."""

    as_of: datetime
    models: tuple[ModelScored, ...]


def rescore(
    warehouse: Warehouse, models: Iterable[Model], settings: ScoreSettings, as_of: datetime
) -> ScoreReport:
    """Score everybody with every model and note the stages entered, in one transaction.

    as_of: UTC-aware. Raises ModelError where a model needs what the data do not have.
    """
    with warehouse.write("scoring") as con:
        scored = tuple(
            score(con, model, as_of, settings.time_zone, warehouse.path.parent) for model in models
        )
        results.drop_others(con, [one.model for one in scored])
    return ScoreReport(as_of, scored)


def score(
    con: duckdb.DuckDBPyConnection, model: Model, as_of: datetime, time_zone: str, state_dir: Path
) -> ModelScored:
    """One model, inside the caller's transaction. state_dir: where compiled models are kept.

    Reads what ``changed.note`` last noted.
    """
    con.execute(f"set memory_limit = '{_MEMORY_MB}MB'")
    changed.prepare(con)
    entered.lay_out(con, model.name)
    tell(con, model, as_of, time_zone)
    marks.lay_out(con)
    marks.lay_out_activities(con)
    _lay_out_accounts(con, None)
    found = compiled(con, state_dir / "compiled", model, _INPUTS, as_of, time_zone)
    run = _Run(con, model, found, as_of, Moment(as_of, model.time_zone or time_zone).date)
    only = run.score()
    moves = entered.enter(con, model, found, as_of, only)
    excluded = con.execute(
        f'select reason, count(*) from "raw_excluded_{model.name}" group by 1 order by 1'
    ).fetchall()
    counted = con.execute(f'select count(*) from "raw_scores_{model.name}"').fetchone()
    return ModelScored(model.name, model.hash, counted[0] if counted else 0, dict(excluded), moves)


@dataclass(frozen=True)
class _Run:
    con: duckdb.DuckDBPyConnection
    model: Model
    found: Compiled
    as_of: datetime
    day: int

    def score(self) -> str | None:
        """Bring the model's results up to date; a table of whom it scored, None for everybody."""
        con, name = self.con, self.model.name
        con.execute(
            """create table if not exists scored_models
            (model varchar, key varchar, model_hash varchar, as_of timestamp, day bigint, through bigint)"""
        )
        before = con.execute(
            "select key, as_of, day, through from scored_models where model = ?", [name]
        ).fetchone()
        anew = (
            before is None
            or not before[3]
            or before[0] != self.found.key
            or before[1] > naive_utc(self.as_of)
        )
        only = None
        if anew:
            marks.build(con, self.model, self.found)
        elif before is not None:
            self._find_asked(before[1], before[3])
            only = "scoring_asked" if before[2] == self.day else None
            if only and not self._has("scoring_renewed"):
                marks.choose(con, self.model, only)
            else:
                # activities are looked through once, for many as for few
                marks.renew(con, self.model, self.found, only or "scoring_renewed")
        self._make_table("refused")
        if not anew:
            marks.choose_cells(con, self.model)
        self._cells("chosen_cells" if only else f"cells_{name}")
        for share in marks.shares(con, _AT_ONCE) if anew else (None,):
            marks.lay_out_marks(con, self.model, self.found, share)
            self._of_people("counts", "counts", share or only or "scoring_renewed")
        if only is None:
            self._everybody(anew=anew)
        else:
            self._some(only)
        con.execute("delete from scored_models where model = ?", [name])
        con.execute(
            "insert into scored_models values (?, ?, ?, ?, ?, ?)",
            [name, self.found.key, self.model.hash, naive_utc(self.as_of), self.day, changed.through(con)],
        )
        if only is None:
            results.publish(con, name, self.found)
        return only

    def _find_asked(self, last: datetime, through: int) -> None:
        """``scoring_renewed``: whose activities are to be looked at again; ``scoring_asked``: who may score
        otherwise than at ``last`` though the day is the same.
        """
        con = self.con
        spans = [flag.since for flag in self.model.flags] + [flag.until for flag in self.model.flags]
        spans += [self.model.escalate.within] if self.model.escalate else []
        now = naive_utc(self.as_of)
        left = [f"occurred_at > '{last - span}' and occurred_at <= '{now - span}'" for span in spans if span]
        others = f"union select contact_id from activities where {' or '.join(left)}" if left else ""
        # a stage entered later than the last run (a clock was set back) leaves its person's own unnoted
        since = ">=" if "days_in_stage" in used_columns(self.model) else ">"
        con.execute(
            f"""create or replace temp table found_ids as
            select contact_id, bool_or(renewed) as renewed from (
                select id as contact_id, true as renewed from prints
                where kind = 'person' and changed > $through
                union all select *, true from ({_ARRIVED.format(table="activities", at="occurred_at")})
                union all select *, false from (
                    {_ARRIVED.format(table="survey_responses", at="answered_at")} {others}
                    union select contact_id from model_history where entered_at {since} $last)
            ) group by 1""",
            {"through": through, "last": last, "now": now},
        )
        # they are few: a table that is known to be small is not joined to by way of everybody
        con.execute(
            """create or replace temp table scoring_found as
            select n.*, f.renewed from numbered n join found_ids f using (contact_id)"""
        )
        for table, which in (("asked", ""), ("renewed", "where renewed")):
            con.execute(
                f"""create or replace temp table scoring_{table} as
                select * exclude (renewed) from scoring_found {which}"""
            )

    def _cells(self, cells: str) -> None:
        """What each cell of a table comes to on this day."""
        self.con.execute(
            f"""create or replace temp view scoring_cell_activities as
            select cell as contact_id, * exclude (cell)
                {"" if "activity_id" in self.found.seen else ", cell::bigint as activity_id"}
            from "{cells}" """
        )
        for part in ("cell_sums", "cell_interest"):
            if part in self.found.statements:
                self.found.make(self.con, part)

    def _everybody(self, *, anew: bool) -> None:
        """Everybody's numbers, and the texts of those who did something or in whom a line is another."""
        con, scores, texts = self.con, f"raw_scores_{self.model.name}", f"raw_texts_{self.model.name}"
        if not anew:
            con.execute(f"create or replace temp table said_before as {self._said()}")
        for share in marks.shares(con, _AT_ONCE):
            marks.lay_out(con, share)
            marks.lay_out_marks(con, self.model, self.found, share)
            self._numbers(share)
        marks.lay_out(con)
        self._make_table("nps")
        if anew:
            told = f'select contact_id from "{scores}"'
        else:
            told = f"""select contact_id from ({self._said()}) anti join said_before using (contact_id, told)
                union select number from scoring_renewed"""
            con.execute(f'delete from "{texts}" where contact_id not in (select contact_id from "{scores}")')
        con.execute(f"create or replace temp table scoring_told as select contact_id as number from ({told})")
        self._texts("raw", anew=anew)
        self._accounts(None)

    def _said(self) -> str:
        """A statement: contact_id and what tells a person's lines, in whole points, from others."""
        name = f"raw_scores_{self.model.name}"
        columns = [row[0] for row in self.con.execute(f'describe "{name}"').fetchall()]
        lines = [f'("{column}" + 500) // 1000' for column in columns if column.startswith(_LINES)]
        times = [f'"{column}"' for column in columns if column.startswith(("n_", "t_"))]
        return f'select contact_id, hash({", ".join(["score", *lines, *times])}) as told from "{name}"'

    def _some(self, only: str) -> None:
        marks.lay_out(self.con, only, self.found)
        if self._has(only):
            self._numbers(only)
            self._make_table("nps")
            self.con.execute(f"create or replace temp table scoring_told as select number from {only}")
            self._texts("chosen", anew=False)
        self.con.execute(f"create or replace temp table accounts_asked as {self._accounts_asked()}")
        if self._has("accounts_asked"):
            self._accounts("accounts_asked")

    def _has(self, table: str) -> bool:
        return self.con.execute(f"select 1 from {table} limit 1").fetchone() is not None

    def _accounts_asked(self) -> str:
        """Accounts of the people laid out, those that are other than when last scored, and their parents."""
        return f"""with own as (
                select account_id from scoring_contacts where account_id is not null
                union select id from prints where kind = 'company' and changed > coalesce(
                    (select through from scored_models where model = '{self.model.name}'), 0)
            ) from own union select parent_id from accounts semi join own using (account_id)
            where parent_id is not null"""

    def _numbers(self, people: str | range) -> None:
        self.found.make(self.con, "sums")
        self._of_people("interest", "interest", people)
        share = isinstance(people, range)
        items = f'"{"raw" if share else "chosen"}_interest_{self.model.name}"'
        within = marks.within(people, "r.contact_id") if share else ""
        self.con.execute(f"create or replace temp view scoring_interest as from {items} r {within}")
        self._of_people("numbers", "scores", people)
        self._put("excluded", "raw_excluded", people)

    def _of_people(self, part: str, name: str, people: str | range) -> None:
        """Keep a part as ``raw_<name>_<model>``; of those in a table it is ``chosen_<name>_<model>`` too."""
        if isinstance(people, range):
            self._put(part, f"raw_{name}", people)
            return
        kept = f"{name}_{self.model.name}"
        self.found.make(self.con, part, f"chosen_{kept}")
        results.put(self.con, f'from "chosen_{kept}"', f"raw_{kept}", "contact_id", people)

    def _make_table(self, part: str) -> None:
        """What is about everybody together; no model needs to have it."""
        if part in self.found.statements:
            self.found.make(self.con, part, f"{results.OTHERS[part]}_{self.model.name}", "table")

    def _texts(self, source: str, *, anew: bool) -> None:
        """Texts of those in ``scoring_told``. source: which numbers have them all, ``chosen`` or ``raw``."""
        numbers, counts = results.detailed(self.con, self.model.name, source, "scoring_batch")
        for batch in self._batches():
            for view, query in (("scoring_numbers", numbers), ("scoring_counts", counts)):
                self.con.execute(f"create or replace temp view {view} as {query}")
            self.found.make(self.con, "detailed", kind="temp view")
            self.found.make(self.con, "lines")
            self._put("texts", "raw_texts", None if anew and not batch else "scoring_batch")

    def _batches(self) -> Iterator[int]:
        """``scoring_batch``: so many of ``scoring_told`` at a time that memory stays small."""
        con = self.con
        (count,) = con.execute("select count(*) from scoring_told").fetchone() or (0,)
        for batch in range(max(-(-count // _AT_ONCE), 1)):
            con.execute(
                f"""create or replace temp table scoring_batch as
                select number from scoring_told order by number limit {_AT_ONCE} offset {batch * _AT_ONCE}"""
            )
            yield batch

    def _accounts(self, only: str | None) -> None:
        _lay_out_accounts(self.con, only, self.found)
        self.con.execute(
            f"""create or replace temp view scoring_scored as
            select n.contact_id, s.* exclude (contact_id)
            from "raw_scores_{self.model.name}" s join scoring_numbered n on n.number = s.contact_id"""
        )
        for part in (name for name in self.found.statements if name.startswith("account_step")):
            self.found.make(self.con, part)
        self._put("account_numbers", "raw_accounts", only, "account_id")
        self._put("account_contributions", "account_contributions", only, "account_id")
        self._put("account_texts", "raw_account_texts", only, "account_id")

    def _put(self, part: str, table: str, of: marks.People, key: str = "contact_id") -> None:
        statement = self.found.statements[part]
        with statement.given(self.con):
            results.put(self.con, statement.text, f"{table}_{self.model.name}", key, of)


def _lay_out_accounts(
    con: duckdb.DuckDBPyConnection, only: str | None, found: Compiled | None = None
) -> None:
    """Views ``scoring_accounts``, ``scoring_people`` (contacts), by id, and ``scoring_numbered``.

    only: a table of account_id; what makes their scores is there too, as far as ``found`` reads it.
    """
    tables = {"accounts": "accounts", "people": "contacts", "numbered": "numbered"}
    if only is not None and found is not None:
        con.execute(
            f"""create or replace temp table accounts_needed as
            from {only}
            union select account_id from accounts semi join {only} o on o.account_id = parent_id"""
        )
        for table, needed in (
            ("accounts", "accounts_needed using (account_id)"),
            ("contacts", "accounts_needed using (account_id)"),
            ("numbered", "needed_contacts using (contact_id)"),
        ):
            read = found.read_of(con, table)
            con.execute(
                f"""create or replace temp table needed_{table} as
                select {read} from {table} c semi join {needed}"""
            )
        tables = {view: f"needed_{table}" for view, table in tables.items()}
    for view, table in tables.items():
        con.execute(f"create or replace temp view scoring_{view} as from {table}")
