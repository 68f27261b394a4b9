"""A model as DuckDB statements, kept beside the data: compiling takes seconds, and one text serves every
instant.

People are whole numbers here (their place in the table ``numbered``), which join and add up faster than
their ids; only what is about accounts reads ids.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.sql.datatypes import DuckDBType

import scoring
from core.clock import DAY
from scoring import compiler, digest, explain, interest, people_state
from scoring.calendar import Moment
from scoring.compiler import Scores, compile_model
from scoring.spec import Model

_CODE = Path(scoring.__path__[0])
#: Texts kept of a model: the one in use, and what somebody is trying.
_KEPT = 3
_CELL = {"contact_id": "int32", "activity_id": "int64"}
_MARKS = {"contact_id": "int32", "cell": "int32", "occurred_at": "timestamp"}
#: What numbers say of a person that is no result of scoring.
_IDENTITY = ("email", "account_id", "as_of", "model", "model_hash")
#: Columns that our own statements read, whatever the model's do.
_IDS = frozenset({"contact_id", "account_id", "parent_id", "number"})


@dataclass(frozen=True, slots=True)
class Statement:
    """What one table is. literals: small tables that the text names."""

    text: str
    literals: Mapping[str, pa.Table] = field(default_factory=dict)

    @contextmanager
    def given(self, con: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """While its literals are there."""
        for literal, rows in self.literals.items():
            con.register(literal, rows)
        try:
            yield
        finally:
            for literal in self.literals:
                con.unregister(literal)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A model's statements by name; key: what they follow from.

    alike, seen: columns of ``rows`` that make activities alike, and that the model reads (``digest``).
    """

    key: str
    alike: tuple[str, ...]
    seen: tuple[str, ...]
    statements: Mapping[str, Statement]

    def read_of(self, con: duckdb.DuckDBPyConnection, table: str, but: str = "") -> str:
        """A list of the table's columns that some statement names, or that are ids."""
        texts = [statement.text for statement in self.statements.values()]
        named = [
            f'c."{name}"'
            for name in _columns(con, table)
            if name != but and (name in _IDS or any(f'"{name}"' in text for text in texts))
        ]
        return ", ".join(named)

    def make(
        self, con: duckdb.DuckDBPyConnection, part: str, name: str | None = None, kind: str = "temp table"
    ) -> None:
        """Make what a part says, replacing what bears its name: ``scoring_<part>``, unless named."""
        with self.statements[part].given(con):
            text = self.statements[part].text
            con.execute(f'create or replace {kind} "{name or "scoring_" + part}" as {text}')


def compiled(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    model: Model,
    inputs: Mapping[str, str],
    as_of: datetime,
    zone: str,
) -> Compiled:
    """The model, compiled once for the columns there are and this version of the program.

    inputs: what scoring calls a table → ours, and what it calls ``activities``, ``people`` (by id).
    folder: where texts are kept. Raises ModelError where the model needs what the inputs do not have.
    """
    schemas = {name: (table, _columns(con, table)) for name, table in inputs.items()}
    moment = Moment(as_of, model.time_zone or zone)
    about = [model.hash, moment.zone, len(moment.changes), schemas, _program()]
    key = hashlib.sha256(json.dumps(about).encode()).hexdigest()
    path = folder / model.name / f"{key}.json"
    found = _read(path, key)
    if found is None:
        tables = {
            name: ibis.table(
                {column: DuckDBType.from_string(kind) for column, kind in columns.items()}, table
            )
            for name, (table, columns) in schemas.items()
        }
        with _unfused():
            found = _Compiling(model, tables, as_of, zone).compiled(key)
        _write(path, found)
    return found


@dataclass(frozen=True)
class _Compiling:
    """tables: contacts, survey_responses, stage_history and activities by number; accounts; people by id."""

    model: Model
    tables: Mapping[str, ir.Table]
    as_of: datetime
    zone: str

    def compiled(self, key: str) -> Compiled:
        raw = self._scores(digest.view_of(self.model), self.tables).frame
        alike = digest.alike(raw)
        rows = _table("scoring_rows", alike.rows)
        statements = {"rows": alike.rows, "cells": replace(alike, rows=rows).cells}
        cells = self._of_cells(alike)
        statements |= cells | self._of_people(alike, cells)
        statements |= self._of_accounts(statements["numbers"])
        return Compiled(
            key, alike.keys, alike.seen, {name: _statement(table) for name, table in statements.items()}
        )

    def _scores(self, model: Model, tables: Mapping[str, ir.Table]) -> Scores:
        return compile_model(model, tables, self.as_of, time_zone=self.zone, told=True)

    def _of_cells(self, alike: digest.Alike) -> dict[str, ir.Table]:
        """What cells come to, and people by their cells."""
        cells = ibis.table(_CELL | dict(alike.cells.schema().items()), "scoring_cell_activities")
        scores = self._scores(digest.view_of(self.model), {"contacts": cells, "activities": cells})
        found = {"cell_sums": digest.summed(scores.frame)}
        marks = ibis.table(_MARKS, "scoring_marks")
        sums = _table("scoring_cell_sums", found["cell_sums"])
        found["sums"] = digest.of_people(marks, sums)
        found["counts"] = digest.counts_of_people(marks, sums)
        if digest.adds_up(self.model):
            found["cell_interest"] = interest.interest(scores.frame)
            worth = _table("scoring_cell_interest", found["cell_interest"])
            found["interest"] = digest.interest_of_people(marks, worth)
        return found

    def _of_people(self, alike: digest.Alike, cells: Mapping[str, ir.Table]) -> dict[str, ir.Table]:
        """Numbers of everybody in the inputs; lines and texts of the same, which take longer."""
        seen = {name: alike.rows[name].type() for name in alike.seen}
        acts = ibis.table(_CELL | {"occurred_at": "timestamp", DAY: "int64"} | seen, "scoring_activities")
        scores = self._scores(self.model, {**self.tables, "activities": acts})
        found = {} if "interest" in cells else {"interest": scores.interest_all}
        items = _table("scoring_interest", (dict(cells) | found)["interest"])
        frame = replace(scores.frame, summed=_table("scoring_sums", cells["sums"]))
        scores = replace(scores, frame=frame, held_interest=items)
        found |= {"numbers": scores.counted_numbers.drop(*_IDENTITY), "excluded": scores.excluded}
        stored = found["numbers"].schema()
        counted = {name: kind for name, kind in stored.items() if name.startswith(("n_", "t_"))}
        shown = {name: kind for name, kind in stored.items() if name not in counted}
        counts = ibis.table(dict(cells["counts"].schema().items()) | counted, "scoring_counts")
        found["detailed"] = people_state.with_counts(self.model, ibis.table(shown, "scoring_numbers"), counts)
        scores = replace(scores, held=_table("scoring_detailed", found["detailed"]))
        found["lines"] = scores.lines
        scores = replace(scores, held_lines=_table("scoring_lines", found["lines"]))
        found |= {"contributions": scores.contributions, "texts": scores.kept_texts}
        texts = ibis.table(dict(found["texts"].schema().items()) | {"today": "int64"}, "scoring_texts")
        found["read_texts"] = explain.read(frame, texts)
        numbers = ibis.table(shown, f"raw_scores_{self.model.name}")
        beside = {name: shown[name] for name in ("contact_id", "score", "rating", "trend")}
        entered = ibis.table(beside, "scoring_entered")
        found |= {
            "headlines": entered.select("contact_id", headline=compiler.headline(self.model, entered)),
            "worded": compiler.worded(self.model, numbers),
            "journey": compiler.journey_lines(self.model, numbers),
            "fit_contributions": compiler.fit_lines(self.model, numbers),
            "nps": replace(scores, held=numbers).nps,
        }
        return found if scores.refused is None else found | {"refused": scores.refused}

    def _of_accounts(self, numbers: ir.Table) -> dict[str, ir.Table]:
        """Accounts of the people who are scored, in steps; people and scores by id."""
        found: dict[str, ir.Table] = {}

        def step(table: ir.Table) -> ir.Table:
            name = f"account_step{len(found)}"
            found[name] = table
            return _table(f"scoring_{name}", table)

        scores = self._scores(self.model, {**self.tables, "contacts": self.tables["people"]})
        known = ibis.table(dict(numbers.schema().items()) | {"contact_id": "string"}, "scoring_scored")
        people = scores.frame.people
        extra = [name for name in known.columns if name not in people.columns or name == "contact_id"]
        frame = replace(scores.frame, hold=step)
        scores = replace(scores, frame=frame, held=people.join(known.select(*extra), "contact_id"))
        return {
            "account_numbers": scores.account_numbers,
            "account_contributions": scores.account_contributions,
            "account_texts": scores.account_texts,
        } | found


def _table(name: str, found: ir.Table) -> ir.Table:
    """What was made of ``found``, under its name."""
    return ibis.table(found.schema(), name)


def tell(con: duckdb.DuckDBPyConnection, model: Model, as_of: datetime, zone: str) -> None:
    """Say which instant the statements of this connection are about."""
    moment = Moment(as_of, model.time_zone or zone)
    con.execute(f"create or replace temp macro scored_at() as timestamp '{moment.naive}'")
    con.execute(f"create or replace temp macro scored_today() as {moment.date}::bigint")


def _statement(table: ir.Table) -> Statement:
    literals = table.op().find(ops.InMemoryTable)
    return Statement(
        str(ibis.to_sql(table, dialect="duckdb", pretty=False)),
        {literal.name: literal.data.to_pyarrow(literal.schema) for literal in literals},
    )


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {row[0]: row[1] for row in con.execute(f'describe "{table}"').fetchall()}


@cache
def _program() -> str:
    """What decides the texts and results beside the model: our code and the packages that write it."""
    found = hashlib.sha256()
    for path in (Path(__file__), Path(__file__).with_name("results.py"), *sorted(_CODE.rglob("*.py"))):
        found.update(path.read_bytes())
    return "|".join([found.hexdigest(), version("ibis-framework"), version("sqlglot"), version("duckdb")])


@contextmanager
def _unfused() -> Iterator[None]:
    """Leave nested selects to DuckDB: Ibis takes most of its time merging them, and the plan is the same."""
    before = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before


def _write(path: Path, found: Compiled) -> None:
    """Keep these, and the model's newest others. A folder that cannot be written costs only the time."""
    statements = {
        name: [one.text, {literal: _packed(rows) for literal, rows in one.literals.items()}]
        for name, one in found.statements.items()
    }
    told = {"alike": found.alike, "seen": found.seen, "statements": statements}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(told), encoding="utf-8")
        draft.replace(path)
        for older in sorted(path.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)[:-_KEPT]:
            older.unlink()
    except OSError:
        return


def _read(path: Path, key: str) -> Compiled | None:
    """None where nothing whole is kept."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        statements = {
            name: Statement(text, {literal: _unpacked(rows) for literal, rows in literals.items()})
            for name, (text, literals) in told["statements"].items()
        }
        return Compiled(key, tuple(told["alike"]), tuple(told["seen"]), statements)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, pa.ArrowException):
        return None


def _packed(rows: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return base64.b64encode(sink.getvalue().to_pybytes()).decode()


def _unpacked(text: str) -> pa.Table:
    with pa.ipc.open_stream(base64.b64decode(text)) as reader:
        return reader.read_all()
