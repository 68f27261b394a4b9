"""A model's results as everybody else reads them: by id, whole, under names that end in the model's."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import duckdb

from sync.rescoring.marks import People, within
from sync.rescoring.statements import Compiled, Statement

#: Results that are few rows, made whole each time: what scoring calls them → beginning of their names.
OTHERS: Mapping[str, str] = {"nps": "nps", "refused": "refused_answers"}

#: Results of people → what they are kept as, or the statement that follows from ``raw_scores``.
_BY_ID = {
    "excluded": '"raw_excluded_{model}"',
    "interest": """(from "raw_interest_{model}" semi join "raw_scores_{model}" using (contact_id))""",
    "journey": '"worded_journey_{model}"',
    "fit_contributions": '"worded_fit_contributions_{model}"',
}


#: What follows from ``raw_scores`` and is worked out by whoever reads it.
_WORDED = {
    "worded": "worded",
    "journey": "worded_journey",
    "fit_contributions": "worded_fit_contributions",
}


#: How the names of a model's tables and views begin.
_KEPT = (
    "raw_scores", "raw_counts", "raw_texts", "raw_interest", "raw_excluded", "raw_accounts",
    "raw_account_texts", "cells", "marks", "account_contributions", "contact_scores", "account_scores",
    "contributions", "read_texts", "counts", *OTHERS.values(), *_BY_ID, *_WORDED.values(),
)  # fmt: skip


def put(con: duckdb.DuckDBPyConnection, query: str, table: str, key: str, of: People) -> None:
    """Keep what the query gives of these people, or accounts, in place of what was kept of them.

    The query does not read the table.
    of: as in ``marks``, or a table of account_id; shares come in turn, beginning with the first.
    """
    if of is None or (isinstance(of, range) and not of.start):
        con.execute(f'create or replace table "{table}" as {query}')
    elif isinstance(of, range):
        con.execute(f'insert into "{table}" by name {query}')
    else:
        theirs = f"{key} in (select {'number' if key == 'contact_id' else key} from {of})"
        con.execute(f'delete from "{table}" where {theirs}')
        con.execute(f'insert into "{table}" by name from ({query}) where {theirs}')


def detailed(
    con: duckdb.DuckDBPyConnection, model: str, source: str = "raw", people: People = None
) -> tuple[str, str]:
    """Queries for people's numbers, and for each rule's count and newest instant.

    source: how the names of the tables begin. Each by itself is cut down to the people, lest everybody's be
    joined.
    """
    scores, sums = (
        f'(from "{source}_{part}_{model}" r {within(people, "r.contact_id")})'
        for part in ("scores", "counts")
    )
    names = [row[0] for row in con.execute(f'describe "raw_scores_{model}"').fetchall()]
    counted = [f'"{name}"' for name in names if name.startswith(("n_", "t_"))]
    without = f"exclude ({', '.join(counted)})" if counted else ""
    return (
        f"select * {without} from {scores}",
        f"""select
        {", ".join(["s.contact_id", "c.* exclude (contact_id)", *(f"s.{name}" for name in counted)])}
        from {scores} s left join {sums} c using (contact_id)""",
    )


def publish(con: duckdb.DuckDBPyConnection, model: str, found: Compiled) -> None:
    """The views: contact_scores, account_scores, and what is said of people, each with ``_<model>``."""
    for name in (*_BY_ID, "contact_scores", "contributions", "raw_contributions", "account_scores"):
        _drop_table(con, f"{name}_{model}")
    parts = found.statements
    for part, name in _WORDED.items():
        _view(con, f"{name}_{model}", parts[part])
    con.execute(
        f"""create or replace view "read_texts_{model}" as
        with scoring_texts as (
            select t.*, k.day as today from "raw_texts_{model}" t join scored_models k on k.model = '{model}'
        ) from ({parts["read_texts"].text})"""
    )
    _, counts = detailed(con, model)
    for name, source in (*_BY_ID.items(), ("counts", f"({counts})")):
        con.execute(
            f"""create or replace view "{name}_{model}" as select n.contact_id, r.* exclude (contact_id)
            from {source.format(model=model)} r join numbered n on n.number = r.contact_id"""
        )
    con.execute(
        f"""create or replace view "contact_scores_{model}" as
        select c.contact_id, c.email, c.account_id, k.as_of, k.model, k.model_hash,
            w.* exclude (contact_id, headline, fit_reasons), a.score as account_score,
            coalesce(t.reasons, '') as reasons, coalesce(t.details, '') as details, w.headline, w.fit_reasons
        from "worded_{model}" w join numbered n on n.number = w.contact_id
        join contacts c on c.contact_id = n.contact_id join scored_models k on k.model = '{model}'
        left join "read_texts_{model}" t on t.contact_id = w.contact_id
        left join "raw_accounts_{model}" a on a.account_id = c.account_id"""
    )
    con.execute(
        f"""create or replace view "account_scores_{model}" as
        select a.*, coalesce(t.reasons, '') as reasons, coalesce(t.details, '') as details
        from "raw_accounts_{model}" a left join "raw_account_texts_{model}" t using (account_id)"""
    )
    detailed_by_id = f"""with scoring_numbers as (from "contact_scores_{model}"),
        scoring_counts as (from "counts_{model}"), scoring_detailed as ({parts["detailed"].text}),
        scoring_lines as ({parts["lines"].text}) from ({parts["contributions"].text})"""
    literals = dict(parts["lines"].literals)
    _view(con, f"contributions_{model}", _on_its_day(Statement(detailed_by_id, literals), model))


def drop_others(con: duckdb.DuckDBPyConnection, kept: Collection[str]) -> None:
    """Drop what is kept of models that are scored no more."""
    names = con.execute(
        """select table_name, 'table' from duckdb_tables() where not temporary
        union all select view_name, 'view' from duckdb_views() where not temporary and not internal"""
    ).fetchall()
    rows = con.execute("select model from scored_models").fetchall()
    gone, staying = _named([model for (model,) in rows if model not in kept]), _named(kept)
    for name, kind in names:
        if gone.fullmatch(name) and not staying.fullmatch(name):
            con.execute(f'drop {kind} "{name}"')
    con.execute("delete from scored_models where not list_contains(?, model)", [list(kept)])


def _named(models: Iterable[str]) -> re.Pattern[str]:
    """Names of these models' tables and views, and of the literals of their views."""
    either = "|".join(re.escape(model) for model in models) or "(?!)"
    return re.compile(rf"(?:{'|'.join(_KEPT)})_(?:{either})(_\d+)?")


def _on_its_day(statement: Statement, model: str) -> Statement:
    """About the day that was scored last, whenever it is run."""
    day = f"(select day from scored_models where model = '{model}')"
    return replace(statement, text=re.sub(r"scored_today\(\)", day, statement.text, flags=re.IGNORECASE))


def _drop_table(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """What an earlier version of this program kept as a table."""
    if con.execute("select 1 from duckdb_tables() where table_name = ?", [name]).fetchone():
        con.execute(f'drop table "{name}"')


def _view(con: duckdb.DuckDBPyConnection, name: str, statement: Statement) -> None:
    """A view outlives the connection, so its literals become tables."""
    text = statement.text
    with statement.given(con):
        for place, literal in enumerate(statement.literals):
            con.execute(f'create or replace table "{name}_{place}" as from "{literal}"')
            text = text.replace(f'"{literal}"', f'"{name}_{place}"')
    con.execute(f'create or replace view "{name}" as {text}')
