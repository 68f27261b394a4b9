"""A model as DuckDB statements, kept beside the data: compiling takes seconds, and one text serves every
instant.
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
from scoring.calendar import Moment
from scoring.compiler import compile_model
from scoring.spec import Model

#: The tables of ``Scores`` that its others are read from: how it holds them, and their names here, where they
#: go with the connection.
_HEAVY = {
    "detailed": ("held", "scoring_people"),
    "interest_all": ("held_interest", "scoring_interest"),
    "lines": ("held_lines", "scoring_lines"),
}
_CODE = Path(scoring.__path__[0])
#: Texts kept of a model: the one in use, and what somebody is trying.
_KEPT = 3
#: What scoring calls a table → our table's name, and its columns' DuckDB types.
Schemas = Mapping[str, tuple[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Statement:
    """One table to be made. literals: small tables that the text names."""

    table: str
    text: str
    temporary: bool = False
    literals: Mapping[str, pa.Table] = field(default_factory=dict)

    def run(self, con: duckdb.DuckDBPyConnection) -> None:
        """Make the table, replacing one of its name."""
        for name, rows in self.literals.items():
            con.register(name, rows)
        kind = "temp table" if self.temporary else "table"
        con.execute(f'create or replace {kind} "{self.table}" as {self.text}')
        for name in self.literals:
            con.unregister(name)


@dataclass(frozen=True, slots=True)
class Compiler:
    """Statements of models, each compiled once for the columns there are and this version of the program.

    folder: where texts are kept. results: name of a table of ``Scores`` → beginning of what it is kept as.
    """

    folder: Path
    results: Mapping[str, str]

    def statements(
        self,
        con: duckdb.DuckDBPyConnection,
        model: Model,
        inputs: Mapping[str, str],
        as_of: datetime,
        zone: str,
    ) -> list[Statement]:
        """What makes the model's tables, in order, once ``tell`` told the instant.

        inputs: what scoring calls a table → ours.
        Raises ModelError where the model needs what the inputs do not have.
        """
        schemas = {name: (table, _columns(con, table)) for name, table in inputs.items()}
        moment = Moment(as_of, model.time_zone or zone)
        about = [model.hash, moment.zone, len(moment.changes), schemas, dict(self.results), _program()]
        key = hashlib.sha256(json.dumps(about).encode()).hexdigest()
        path = self.folder / model.name / f"{key}.json"
        found = _read(path)
        if found is None:
            found = self._compiled(model, schemas, as_of, zone)
            _write(path, found)
        return found

    def _compiled(self, model: Model, schemas: Schemas, as_of: datetime, zone: str) -> list[Statement]:
        tables = {
            name: ibis.table(
                {column: DuckDBType.from_string(kind) for column, kind in columns.items()}, table
            )
            for name, (table, columns) in schemas.items()
        }
        with _unfused():
            scores = compile_model(model, tables, as_of, time_zone=zone, told=True)
            heavy = []
            for part, (held, name) in _HEAVY.items():
                table = getattr(scores, part)
                heavy.append(_statement(name, table, temporary=True))
                scores = replace(scores, **{held: ibis.table(table.schema(), name=name)})
            return heavy + [
                _statement(f"{beginning}_{model.name}", table)
                for name, beginning in self.results.items()
                if (table := getattr(scores, name)) is not None
            ]


def tell(con: duckdb.DuckDBPyConnection, model: Model, as_of: datetime, zone: str) -> None:
    """Say which instant the statements of this connection are about."""
    moment = Moment(as_of, model.time_zone or zone)
    con.execute(f"create or replace temp macro scored_at() as timestamp '{moment.naive}'")
    con.execute(f"create or replace temp macro scored_today() as {moment.date}::bigint")


def _statement(name: str, table: ir.Table, *, temporary: bool = False) -> Statement:
    literals = table.op().find(ops.InMemoryTable)
    return Statement(
        name,
        str(ibis.to_sql(table, dialect="duckdb", pretty=False)),
        temporary,
        {literal.name: literal.data.to_pyarrow(literal.schema) for literal in literals},
    )


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {row[0]: row[1] for row in con.execute(f'describe "{table}"').fetchall()}


@cache
def _program() -> str:
    """What decides the text beside the model: our code and the packages that write it."""
    found = hashlib.sha256()
    for path in sorted(_CODE.glob("*.py")):
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


def _write(path: Path, statements: list[Statement]) -> None:
    """Keep these, and the model's newest others. A folder that cannot be written costs only the time."""
    told = [
        {
            "table": one.table,
            "text": one.text,
            "temporary": one.temporary,
            "literals": {name: _packed(rows) for name, rows in one.literals.items()},
        }
        for one in statements
    ]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(told), encoding="utf-8")
        draft.replace(path)
        for older in sorted(path.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)[:-_KEPT]:
            older.unlink()
    except OSError:
        return


def _read(path: Path) -> list[Statement] | None:
    """None where nothing whole is kept."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return [
            Statement(
                **{**one, "literals": {name: _unpacked(text) for name, text in one["literals"].items()}}
            )
            for one in told
        ]
    except (OSError, ValueError, TypeError, KeyError, pa.ArrowException):
        return None


def _packed(rows: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return base64.b64encode(sink.getvalue().to_pybytes()).decode()


def _unpacked(text: str) -> pa.Table:
    with pa.ipc.open_stream(base64.b64decode(text)) as reader:
        return reader.read_all()
