"""What ``explain`` and ``lists`` read: Parquet files of one instant, published by rename.

They answer while anything else runs, for nothing here ever opens the data file.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import duckdb

from core.clock import naive_utc
from core.errors import StateError
from core.ids import salesforce_id
from core.rows import Row, rows_of
from sync.literals import Values, quoted, written
from sync.people import addresses
from sync.planning.held import HELD
from sync.snapshots.foresight import Foresight
from sync.snapshots.outline import Outline

#: A reader of the one before may still be at work.
_KEEP = 2
#: Rows that are read to find one person's: whole columns of them.
_ROWS = 20_480

#: Tables published as they are, where they exist; the last ones are a plan's, temporary in its connection.
_WHOLE = (
    "contacts", "accounts", "companies", "aliases", "consents", "deals", "deal_contacts", "survey_responses",
    "stage_history", "watermarks", "scored_models", "verdicts", "moves",
)  # fmt: skip

#: Results of each model, by the beginning of their names.
_SCORED = (
    "contact_scores_", "account_scores_", "contributions_", "account_contributions_", "fit_contributions_",
    "interest_", "journey_", "nps_", "excluded_", "refused_answers_", "counts_",
)  # fmt: skip

#: Views published as what they say, for whoever asks of one person: for everybody it would take long.
_ON_ASKING = "contributions_"
_VIEWS = "views.json"

_PRESENT = "select table_name from duckdb_tables() union select view_name from duckdb_views()"

_HELD = """select vendor, object, record_id, field,
    case when newer then seen else told end as value, case when newer then seen_at else told_at end as since
from held_raw"""

_PEOPLE = """select p.*, r.state
from people p left join person_records r using (vendor, object, record_id)"""

#: The folder beside the tables that ``sync.snapshots.foretelling`` fills.
_AHEAD = "ahead"


class Foretelling(Protocol):
    """What adds the days ahead to a snapshot."""

    def publish(self, con: duckdb.DuckDBPyConnection, folder: Path, before: Path | None) -> None: ...


def publish(
    con: duckdb.DuckDBPyConnection,
    state_dir: Path,
    at: datetime,
    foretelling: Foretelling | None = None,
    *,
    anew: bool = False,
) -> Path:
    """Write what ``con`` (of ``Warehouse.read``) sees as the current snapshot; the previous one stays too.

    Publish after ``make_plan`` on the same connection, and ``fields`` also says why a difference stays.
    Without ``foretelling`` the snapshot says nothing of the days ahead. anew: nothing is taken over from
    earlier ones, which are deleted at once.
    Returns the folder. Raises StateError when it cannot be written; the current one is then untouched.
    """
    folder = state_dir / "snapshots"
    name = f"{naive_utc(at):%Y%m%dT%H%M%S}-{_next_number(folder):06}"
    draft = folder / f"{name}.draft"
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        _write(con, draft, at)
        if foretelling is not None:
            before = folder / "current" / _AHEAD
            foretelling.publish(con, draft / _AHEAD, before if before.exists() and not anew else None)
        draft.rename(folder / name)
        _point(folder, name)
    except (OSError, duckdb.IOException) as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise StateError(f"{folder / name} could not be written: {error}") from error
    _forget_older(folder, 1 if anew else _KEEP)
    return folder / name


def _next_number(folder: Path) -> int:
    numbers = [int(path.name[-6:]) for path in folder.glob("*-[0-9][0-9][0-9][0-9][0-9][0-9]")]
    return max(numbers, default=0) + 1


def _write(con: duckdb.DuckDBPyConnection, draft: Path, at: datetime) -> None:
    con.execute(HELD)
    present = {row[0] for row in con.execute(_PRESENT).fetchall()}
    wanted = [name for name in sorted(present) if name in _WHOLE or name.startswith(_SCORED)]
    said = "select view_name, sql from duckdb_views() where starts_with(view_name, ?)"
    views = {name: sql.partition(" AS ")[2] for name, sql in con.execute(said, [_ON_ASKING]).fetchall()}
    (draft / _VIEWS).write_text(json.dumps(views), encoding="utf-8")
    for name in wanted:
        if name not in views:
            _copy(con, f'from "{name}"', draft / f"{name}.parquet")
    _copy(con, _PEOPLE, draft / "people.parquet")
    _copy(con, _HELD, draft / "held.parquet")
    _copy(con, f"select timestamp '{naive_utc(at)}' as as_of", draft / "published.parquet")


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    con.execute(f"copy ({query}) to {quoted(str(path))} (format parquet, row_group_size {_ROWS})")


def _point(folder: Path, name: str) -> None:
    link = folder / "current.draft"
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(folder / "current")


def _forget_older(folder: Path, keep: int) -> None:
    published = sorted(
        (path for path in folder.glob("*-[0-9]*") if path.is_dir()), key=lambda path: path.name[-6:]
    )
    for path in published[:-keep]:
        shutil.rmtree(path, ignore_errors=True)


class Snapshot:
    """The current snapshot, in a database in memory of its own. Rows come as dictionaries by column."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, folder: Path, as_of: datetime, models: tuple[str, ...]
    ) -> None:
        self._con, self._folder, self.as_of, self.models = con, folder, as_of, models
        self._views: dict[str, str] = json.loads((folder / _VIEWS).read_text(encoding="utf-8"))

    @classmethod
    @contextmanager
    def open(cls, state_dir: Path) -> Iterator["Snapshot"]:
        """Raises StateError where nothing has been published yet."""
        folder = state_dir / "snapshots" / "current"
        if not folder.exists():
            raise StateError(f"nothing is scored yet in {state_dir}", remedy="run: scoreline sync")
        folder = folder.resolve()
        con = duckdb.connect()
        try:
            for path in sorted(folder.glob("*.parquet")):
                con.execute(f'create view "{path.stem}" as from read_parquet({quoted(str(path))})')
            found = con.execute("select as_of from published").fetchone()
            assert found is not None, "published.parquet has one row"
            names = [path.stem for path in sorted(folder.glob("contact_scores_*.parquet"))]
            yield cls(con, folder, found[0], tuple(name.removeprefix("contact_scores_") for name in names))
        finally:
            con.close()

    def find(self, text: str) -> list[Row]:
        """Contacts by id, former id, vendor's record id, e-mail address, or name; exact ones before similar.

        Columns: contact_id, email, first_name, last_name, account (name).
        """
        wanted, keys = {"text": text.strip(), "id": salesforce_id(text.strip())}, _BY_KEY
        if "@" in text:
            addresses.define(self._con, "plain_text", "_address", "mail_address")
            keys += _BY_ADDRESS
        exact = self._rows(f"{_FOUND} where c.contact_id in ({keys}) order by 1", wanted)
        if exact:
            to_the_letter = [row for row in exact if str(row["email"]).lower() == wanted["text"].lower()]
            return to_the_letter or exact
        addresses.define(self._con, "plain_text", "folded_name")
        ((name,),) = self._con.execute(written(_FOLDED, wanted)).fetchall()
        return self._rows(_BY_NAME, {"name": name, "word": name.split()[0]}) if name else []

    def narrow(self, contact_id: str) -> None:
        """From here on nobody else is there: what several statements ask is then read once, of one person.

        Their tables are in a schema that hides everybody's, ``main``.
        """
        scored = [f"{table}_{model}" for table in ("contact_scores", "counts") for model in self.models]
        theirs = dict.fromkeys(["contacts", *scored], "contact_id = $id") | {
            "stage_history": "contact_id in (select $id union all select alias from aliases where id = $id)",
            "accounts": "account_id in (select account_id from one.contacts)",
        }
        self._con.execute("create schema one")
        for name, which in theirs.items():
            if self._has(name):
                rows = f'select * from main."{name}" where {which}'
                self._con.execute(written(f'create table one."{name}" as {rows}', {"id": contact_id}))
        self._con.execute("set search_path = 'one,main'")

    def contact(self, contact_id: str) -> Row | None:
        """The person, with ``account`` (name) and ``scores``: model → score row; None where there is none."""
        rows = self._rows(
            """select c.*, a.name as account from contacts c left join accounts a using (account_id)
            where c.contact_id = ?""",
            [contact_id],
        )
        if not rows:
            return None
        return rows[0] | {"scores": self._of_models("contact_scores", "contact_id", contact_id)}

    def next_change(self, contact_id: str, scores: Mapping[str, Row], outline: Outline) -> Row | None:
        """As ``Foresight.next_change``; None where the snapshot says nothing of the days ahead.

        scores: of ``contact``.
        """
        folder = self._folder / _AHEAD
        if not folder.exists():
            return None
        return Foresight.of(self._con, folder, contact_id, scores).next_change(outline)

    def account(self, account_id: str) -> Row | None:
        """The company, with ``scores``: model → score row; None where there is none."""
        rows = self._rows("select * from accounts where account_id = ?", [account_id])
        return (
            rows[0] | {"scores": self._of_models("account_scores", "account_id", account_id)}
            if rows
            else None
        )

    def contributions(self, contact_id: str, model: str | None = None) -> list[Row]:
        """The lines that add up to the score, largest first; of the first model unless one is named."""
        return self._lines(f"contributions_{model or self.models[0]}", "contact_id", contact_id)

    def account_contributions(self, account_id: str, model: str | None = None) -> list[Row]:
        """The people and bonuses that add up to the account's score, largest first."""
        return self._lines(f"account_contributions_{model or self.models[0]}", "account_id", account_id)

    def fit(self, contact_id: str, model: str | None = None) -> list[Row]:
        """The lines of the grade, largest first."""
        return self._lines(f"fit_contributions_{model or self.models[0]}", "contact_id", contact_id)

    def interests(self, contact_id: str, model: str | None = None) -> list[Row]:
        """Products and their points, strongest first."""
        return self._lines(f"interest_{model or self.models[0]}", "contact_id", contact_id)

    def excluded(self, contact_id: str, model: str | None = None) -> str | None:
        """Why the model does not score this person, None where it does."""
        table = _word(f"excluded_{model or self.models[0]}")
        if not self._has(table):
            return None
        rows = self._rows(f"select reason from {table} where contact_id = ?", [contact_id])
        return str(rows[0]["reason"]) if rows else None

    def stages(self, contact_id: str) -> list[Row]:
        """Stages entered: model, stage, entered_at, why; in order of time."""
        return self._rows(
            """select model, stage, entered_at, why from stage_history
            where contact_id = $id or contact_id in (select alias from aliases where id = $id)
            order by 3, 1""",
            {"id": contact_id},
        )

    def consents(self, contact_id: str) -> list[Row]:
        """The strictest status by channel, and the vendor that said so."""
        return self._rows(
            "select channel, status, vendor, changed_at from consents where contact_id = ? order by 1",
            [contact_id],
        )

    def records(self, contact_id: str) -> list[Row]:
        """The vendors' records that are this person: vendor, object, record_id."""
        return self._rows(
            "select vendor, object, record_id from people where contact_id = ? order by 1, 2, 3", [contact_id]
        )

    def fields(self, contact_id: str) -> list[Row]:
        """Our fields on each record: vendor, object, record_id, label, field, desired, held, why.

        ``why`` is null where both are equal.
        """
        if not self._has("verdicts"):
            return []
        return self._rows(
            f"""select vendor, object, record_id, label, field, value as desired, held, {_WHY} as why
            from verdicts where entity_id = ? and entity = 'person'
            order by vendor, object, record_id, label""",
            [contact_id],
        )

    def freshness(self) -> list[Row]:
        """How far each vendor is read to the end: vendor, until (its stalest stream), streams."""
        return self._rows(
            "select vendor, min(until) as until, count(*) as streams from watermarks group by 1 order by 1"
        )

    def lists(self) -> list[Row]:
        """Our lists as vendors hold them: vendor, name, members."""
        return self._rows(
            """select vendor, substr(field, 6) as name, count(value) as members from held
            where starts_with(field, 'list:') group by all order by 2, 1"""
        )

    def members(self, name: str) -> list[Row]:
        """Who is on a list: vendor, object, record_id, contact_id, email, first_name, last_name, since."""
        return self._rows(
            """select h.vendor, h.object, h.record_id, p.contact_id, c.email, c.first_name, c.last_name,
                h.since
            from held h left join people p using (vendor, object, record_id)
            left join contacts c using (contact_id)
            where h.field = 'list:' || ? and h.value is not null order by h.vendor, c.email, h.record_id""",
            [name],
        )

    def top(self, count: int, model: str | None = None) -> list[Row]:
        """The highest scores with the person's name, title and company; ties by contact_id."""
        return self._rows(
            f"""select s.*, c.first_name, c.last_name, c.title, a.name as account
            from contact_scores_{_word(model or self.models[0])} s join contacts c using (contact_id)
            left join accounts a on a.account_id = c.account_id
            order by s.score desc, s.rating desc nulls last, s.contact_id limit ?""",
            [count],
        )

    def _lines(self, table: str, key: str, value: str) -> list[Row]:
        if table not in self._views and not self._has(_word(table)):
            return []
        source = f"({self._views[table].rstrip(';')})" if table in self._views else table
        return self._rows(f"select * from {source} where {key} = ? order by abs(points) desc, 2", [value])

    def _of_models(self, table: str, key: str, value: str) -> dict[str, Row]:
        found = {}
        for model in self.models:
            rows = self._rows(f"select * from {table}_{_word(model)} where {key} = ?", [value])
            if rows:
                found[model] = rows[0]
        return found

    def _has(self, name: str) -> bool:
        return (self._folder / f"{name}.parquet").exists()

    def _rows(self, statement: str, values: Values = ()) -> list[Row]:
        return rows_of(self._con.execute(written(statement, values)))


_FOUND = """select c.contact_id, c.email, c.first_name, c.last_name, a.name as account
from contacts c left join accounts a using (account_id)"""

_BY_KEY = """select $text union all select id from aliases where alias = $text
union all select contact_id from people where record_id in ($text, $id)"""

# Folding is slow, so first comes what any match holds: how the wanted text begins
_BY_ADDRESS = """ union all (with known as materialized (
    select contact_id, mail_address(email) as mail from (
        select null as contact_id, $text as email
        union all select contact_id, email from contacts where contains(
            lower(nfc_normalize(email)), split_part(split_part(plain_text($text), '@', 1), '+', 1)))
) select contact_id from known where mail = (select mail from known where contact_id is null))"""

_FOLDED = "select folded_name(text) from (select unnest([$text]) as text)"

_FULL_NAME = "concat_ws(' ', c.first_name, c.last_name)"

_BY_NAME = f"""{_FOUND}
where case when contains(strip_accents(lower({_FULL_NAME})), $word)
    then contains(folded_name({_FULL_NAME}), $name) end
order by length({_FULL_NAME}), 1 limit 50"""

#: Why a field of a record is not what it should be.
_WHY = """case verdict
    when 'none' then null
    when 'small' then concat('not worth a call until it differs by ', printf('%g', change))
    when 'rides' then 'written together with ' || goes_with
    when 'edited' then 'edited by a person'
    when 'gone' then 'the vendor says the record is gone'
    when 'rejected' then 'refused by the vendor (scoreline failed)'
    when 'write' then 'to be written by the next sync'
    else verdict end"""


def _word(text: str) -> str:
    """A model's name as part of a table's; StateError for anything that cannot be one."""
    if not re.fullmatch(r"\w+", text):
        raise StateError(f"{text!r} is no model's name")
    return text
