"""What happens to a score if nothing more happens: models compiled for the days ahead, and their changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb
import ibis
import ibis.expr.operations as ops
from sqlglot import exp

from scoring.ahead import INSTANT, Ahead
from scoring.calendar import transitions
from scoring.compiler import compile_model
from scoring.conditions import Condition
from scoring.frame import conditions, used_columns
from scoring.spec import Model

#: What a boundary is crossed by.
SHOWN = ("score", "level", "stage")
_MOVING = ("occurred_at", "answered_at", "entered_at")
_TESTS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In)


class Unforeseen(Exception):
    """Why nobody can say what a model will give: the reason, for people."""


def compiled(
    con: duckdb.DuckDBPyConnection,
    model: Model,
    sources: Mapping[str, str],
    zone: str,
    columns: Sequence[str] = SHOWN,
) -> Ahead:
    """The model's text for the days ahead, giving ``columns`` of its scores.

    sources: name in ``DATED`` → what to select it from. Raises Unforeseen where moving what happened does not
    tell what a day gives: where a condition compares such a time with a fixed one.
    """
    zone = model.time_zone or zone
    ages = _counted_from(conditions(model)) - {"occurred_at"}
    bare = Ahead(model.name, zone, transitions(zone), sorted(ages), columns, "", {})
    _refuse(con, model, sources, ages)
    con.execute("create or replace temp table asked (contact_id varchar)")
    bare.lay_out(con, sources, INSTANT)
    backend = ibis.duckdb.from_connection(con)
    inputs = {
        name: ibis.table(backend.table(f"ahead_{name}").schema(), name=f"ahead_{name}") for name in sources
    }
    before, ibis.options.sql.fuse_selects = ibis.options.sql.fuse_selects, False  # DuckDB merges them faster
    try:
        table = compile_model(_lean(model, columns), inputs, INSTANT).numbers.select("contact_id", *columns)
        text = str(ibis.to_sql(table, dialect="duckdb", pretty=False))
    finally:
        ibis.options.sql.fuse_selects = before
    literals = {one.name: one.data.to_pyarrow(one.schema) for one in table.op().find(ops.InMemoryTable)}
    return replace(bare, text=text, literals=literals)


def _lean(model: Model, columns: Iterable[str]) -> Model:
    """The model without what these columns do not need."""
    wanted = set(columns)
    return replace(
        model,
        time_zone="UTC",
        escalate=model.escalate if "escalate" in wanted else None,
        satisfaction=model.satisfaction if any(name.startswith("satisfaction") for name in wanted) else None,
        interest=model.interest if {"top_product", "top_category"} & wanted else None,
        flags=tuple(flag for flag in model.flags if f"flag_{flag.id}" in wanted),
        journey={name: types for name, types in model.journey.items() if f"journey_{name}" in wanted},
    )


def _counted_from(found: Iterable[Condition]) -> set[str]:
    """Columns that ``days_since`` reads."""
    calls = (call for condition in found for call in condition.tree.find_all(exp.Anonymous))
    return {column.name for call in calls for column in call.find_all(exp.Column)}


def _of_companies(model: Model) -> Iterator[Condition]:
    """Conditions that look at the account before the contact."""
    for rule in model.fit.rules if model.fit else ():
        if rule.part == "company":
            yield from rule.conditions


def _refuse(con: duckdb.DuckDBPyConnection, model: Model, sources: Mapping[str, str], ages: set[str]) -> None:
    own, company = (
        _columns(con, sources[name]) if name in sources else set() for name in ("contacts", "accounts")
    )
    if lost := sorted({"contact_id", "seen_at"} & used_columns(model)):
        raise Unforeseen(f"a condition reads {lost[0]}")
    if elsewhere := sorted((ages - own) | (_counted_from(_of_companies(model)) & company)):
        raise Unforeseen(f"days_since({elsewhere[0]}) is not of a contact")
    for condition in conditions(model):
        if _reckons_with_time(condition.tree):
            raise Unforeseen(
                f"{condition.text!r} reads occurred_at otherwise than by days_since(occurred_at)"
            )
        if fixed := sorted(_compared(condition.tree) & (ages | {*_MOVING})):
            raise Unforeseen(f"{condition.text!r} compares {fixed[0]} with a fixed time")


def _reckons_with_time(tree: exp.Expression) -> bool:
    calls = (call.expressions[0] for call in tree.find_all(exp.Anonymous))
    return any(
        column.name == "occurred_at"
        for asked in calls
        if not isinstance(asked, exp.Column)
        for column in asked.find_all(exp.Column)
    )


def _compared(tree: exp.Expression) -> set[str]:
    """Columns that are compared as they are, not by ``days_since``."""
    found = (
        column for test in _TESTS for node in tree.find_all(test) for column in node.find_all(exp.Column)
    )
    return {column.name for column in found if column.find_ancestor(exp.Anonymous) is None}


def _columns(con: duckdb.DuckDBPyConnection, source: str) -> set[str]:
    return {str(row[0]) for row in con.execute(f"describe select * from {source}").fetchall()}  # noqa: S608  # our own names


def words(language: str, change: Mapping[str, Any]) -> str:
    """A row of ``Ahead.first_changes`` as ``lead, level 2``: what is another then."""
    level, gone = {"en": ("level", "no longer scored"), "es": ("nivel", "ya no se puntúa")}[language]
    if change["score"] is None:
        return gone
    stage = [change["stage"]] if change["stage"] != change["stage_now"] else []
    return ", ".join(
        [*stage, *([f"{level} {change['level']}"] if change["level"] != change["level_now"] else [])]
    )
