"""The benchmark's scores as one would write them without Scoreline: DuckDB SQL, Polars, pandas.

All three read the folder's Parquet and give contact_id → (score, fit, grade, level, stage), each with a
column of milli-points a rule on the way. What they leave out stands in ``benchmarks.rulebook``.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import sqlglot
from sqlglot import exp

from benchmarks.rulebook import AS_OF, OLDEST, Rule, Rulebook, read

#: score, fit, grade, level, stage
Result = tuple[int, int, str, int, str]
Contender = Callable[[Path], dict[str, Result]]
_OPERATORS: Mapping[type[Any], str] = {
    exp.And: "__and__", exp.Or: "__or__", exp.EQ: "eq", exp.GTE: "ge", exp.LTE: "le", exp.LT: "lt",
}  # fmt: skip
_COLUMNS = ("contact_id", "score", "fit", "grade", "level", "stage")


def contenders(model: Path) -> Mapping[str, Contender]:
    """Name → the function that scores a folder with this model."""
    book = read(model)
    return {
        "SQL": lambda folder: _by_sql(book, folder),
        "Polars": lambda folder: _by_polars(book, folder),
        "pandas": lambda folder: _by_pandas(book, folder),
    }


def _results(rows: list[tuple[Any, ...]]) -> dict[str, Result]:
    return {row[0]: (int(row[1]), int(row[2]), row[3], int(row[4]), row[5]) for row in rows}


# --- DuckDB SQL


def _by_sql(book: Rulebook, folder: Path) -> dict[str, Result]:
    with duckdb.connect() as con:
        ages = pd.DataFrame({rule.id: rule.weights for rule in book.rules})
        con.register("weights", ages.assign(age=range(len(ages))))
        return _results(con.execute(_sql(book, folder)).fetchall())


def _sql(book: Rulebook, folder: Path) -> str:
    wide = [rule for rule in book.rules if not rule.most]
    newest = [rule for rule in book.rules if rule.most]
    sums = ", ".join(f"{_sql_sum(rule)} as {rule.id}" for rule in wide)
    ranked = ", ".join(f"of_{rule.id} as ({_sql_newest(rule)})" for rule in newest)
    joins = " ".join(f"left join of_{rule.id} using (contact_id)" for rule in newest)
    columns = ", ".join(f"coalesce({rule.id}, 0) as {rule.id}" for rule in book.rules)
    capped = ", ".join(
        f"greatest(least({rule.id}, {rule.cap}), -{rule.cap}) as {rule.id}" for rule in book.rules if rule.cap
    )
    fit = " + ".join(f"case when {when} then {points} else 0 end" for when, points in book.fit)
    grades = " ".join(f"when fit >= {cut} then '{letter}'" for letter, cut in book.grades.items())
    levels = " + ".join(f"(score >= {cut})::integer" for cut in book.levels)
    stages = " ".join(f"when {enter} then '{name}'" for name, enter in reversed(book.stages))
    return f"""
        with acts as (
            select *, date_diff('day', occurred_at, timestamp '{AS_OF}') as age
            from '{folder}/activities.parquet' where occurred_at <= timestamp '{AS_OF}'
        ), {ranked}, sums as (
            select contact_id, min(age) as idle, {sums} from acts join weights using (age) group by contact_id
        ), people as (
            select contact_id, idle, {columns}, {fit} as fit
            from '{folder}/contacts.parquet' left join '{folder}/accounts.parquet' using (account_id)
            left join sums using (contact_id) {joins} where {book.where}
        ), capped as (select * replace ({capped}) from people),
        scored as (
            select contact_id, fit, floor(({_sql_total(book)} + 500) / 1000)::bigint as score from capped
        ),
        graded as (select *, case {grades} else 'D' end as grade, 1 + {levels} as level from scored)
        select contact_id, score, fit, grade, level, case {stages} else 'lead' end from graded"""


def _sql_match(rule: Rule) -> str:
    types = ", ".join(f"'{name}'" for name in rule.types)
    window = f" and age < {rule.days}" if rule.days else ""
    return f"type in ({types}){window}" + (f" and {rule.when}" if rule.when else "")


def _sql_sum(rule: Rule) -> str:
    if rule.least:
        count = f"count(*) filter ({_sql_match(rule)})"
        return f"case when {count} >= {rule.least} then {rule.weights[0]} else 0 end"
    return f"sum(weights.{rule.id}) filter ({_sql_match(rule)})"


def _sql_newest(rule: Rule) -> str:
    return f"""select contact_id, sum({rule.id}) as {rule.id} from (
            select contact_id, weights.{rule.id} from acts join weights using (age) where {_sql_match(rule)}
            qualify {rule.most} >= row_number() over (
                partition by contact_id order by occurred_at desc, activity_id)
        ) group by contact_id"""


def _sql_total(book: Rulebook) -> str:
    total = " + ".join(
        [
            f"greatest(least({' + '.join(_members(book, group))}, {cap}), -{cap})"
            for group, cap in book.groups.items()
        ]
        + _members(book, None)
        + [f"case when idle >= {days} then {points} else 0 end" for days, points in book.idle.values()]
    )
    return reduce(
        lambda inner, step: f"case when idle >= {step[0]} then least({inner}, {step[1]}) else {inner} end",
        book.ageing,
        f"least(greatest({total}, {book.bounds[0]}), {book.bounds[1]})",
    )


def _members(book: Rulebook, group: str | None) -> list[str]:
    return [rule.id for rule in book.rules if rule.group == group]


# --- Polars


def _by_polars(book: Rulebook, folder: Path) -> dict[str, Result]:
    ages = pl.LazyFrame(
        {"age": range(OLDEST), **{rule.id: rule.weights for rule in book.rules}}
    ).with_columns(pl.col("age").cast(pl.Int32))
    acts = pl.scan_parquet(folder / "activities.parquet").filter(pl.col("occurred_at") <= AS_OF)
    age = (pl.lit(AS_OF.date()) - pl.col("occurred_at").cast(pl.Date)).dt.total_days().cast(pl.Int32)
    acts = acts.with_columns(age=age).join(ages, on="age")
    sums = acts.group_by("contact_id").agg(
        pl.col("age").min().alias("idle"), *(_polars_sum(rule) for rule in book.rules if not rule.most)
    )
    people = pl.scan_parquet(folder / "contacts.parquet").filter(pl.sql_expr(book.where))
    people = people.join(pl.scan_parquet(folder / "accounts.parquet"), on="account_id", how="left")
    people = people.join(sums, on="contact_id", how="left")
    for rule in book.rules:
        if rule.most:
            people = people.join(_polars_newest(acts, rule), on="contact_id", how="left")
    people = people.with_columns(
        *(_clipped(pl.col(rule.id).fill_null(0), rule.cap) for rule in book.rules),
        fit=pl.sum_horizontal(
            pl.when(pl.sql_expr(when)).then(points).otherwise(0) for when, points in book.fit
        ),
    )
    people = people.with_columns(score=_polars_score(book))
    people = people.with_columns(
        grade=_polars_case([(pl.col("fit") >= cut, letter) for letter, cut in book.grades.items()], "D"),
        level=1 + pl.sum_horizontal((pl.col("score") >= cut).cast(pl.Int64) for cut in book.levels),
    )
    stages = [(pl.sql_expr(enter), name) for name, enter in reversed(book.stages)]
    return _results(people.with_columns(stage=_polars_case(stages, "lead")).select(_COLUMNS).collect().rows())


def _polars_match(rule: Rule) -> pl.Expr:
    found = pl.col("type").is_in(rule.types)
    if rule.when:
        found &= pl.sql_expr(rule.when)
    return found & (pl.col("age") < rule.days) if rule.days else found


def _polars_sum(rule: Rule) -> pl.Expr:
    match = _polars_match(rule)
    if rule.least:
        return pl.when(match.sum() >= rule.least).then(rule.weights[0]).otherwise(0).alias(rule.id)
    return pl.col(rule.id).filter(match).sum().alias(rule.id)


def _polars_newest(acts: pl.LazyFrame, rule: Rule) -> pl.LazyFrame:
    kept = acts.filter(_polars_match(rule)).sort(["occurred_at", "activity_id"], descending=[True, False])
    return (
        kept.group_by("contact_id", maintain_order=True)
        .head(rule.most or 0)
        .group_by("contact_id")
        .agg(pl.col(rule.id).sum())
    )


def _clipped(column: pl.Expr, cap: int | None) -> pl.Expr:
    return column if cap is None else column.clip(-cap, cap)


def _polars_score(book: Rulebook) -> pl.Expr:
    parts = [_clipped(pl.sum_horizontal(_members(book, group)), cap) for group, cap in book.groups.items()]
    idle = pl.col("idle").fill_null(-1)
    parts += [pl.col(name) for name in _members(book, None)]
    parts += [pl.when(idle >= days).then(points).otherwise(0) for days, points in book.idle.values()]
    total = pl.sum_horizontal(parts).clip(*book.bounds)
    for days, most in book.ageing:
        total = pl.when(idle >= days).then(total.clip(upper_bound=most)).otherwise(total)
    return (total + 500) // 1000


def _polars_case(branches: list[tuple[pl.Expr, str]], otherwise: str) -> pl.Expr:
    return reduce(
        lambda below, branch: pl.when(branch[0]).then(pl.lit(branch[1])).otherwise(below),
        reversed(branches),
        pl.lit(otherwise),
    )


# --- pandas


def _by_pandas(book: Rulebook, folder: Path) -> dict[str, Result]:
    acts = pd.read_parquet(folder / "activities.parquet")
    acts = acts[acts["occurred_at"] <= AS_OF]
    acts["age"] = (pd.Timestamp(AS_OF) - acts["occurred_at"].dt.normalize()).dt.days
    people = pd.read_parquet(folder / "contacts.parquet")
    people = people[_mask(people, book.where)]
    people = people.merge(pd.read_parquet(folder / "accounts.parquet"), on="account_id", how="left")
    people = people.set_index("contact_id")
    idle = acts.groupby("contact_id")["age"].min().reindex(people.index)
    sums = {rule.id: _pandas_sum(acts, rule).reindex(people.index).fillna(0) for rule in book.rules}
    for rule in book.rules:
        if rule.cap is not None:
            sums[rule.id] = sums[rule.id].clip(-rule.cap, rule.cap)
    total = pd.Series(0.0, people.index)
    for group, cap in book.groups.items():
        total += (
            pd.DataFrame({name: sums[name] for name in _members(book, group)}).sum(axis=1).clip(-cap, cap)
        )
    for name in _members(book, None):
        total += sums[name]
    for days, points in book.idle.values():
        total += points * (idle >= days)
    total = total.clip(*book.bounds)
    for days, most in book.ageing:
        total = total.mask((idle >= days) & (total > most), most)
    people["score"] = ((total + 500) // 1000).astype(int)
    people["fit"] = sum(points * _mask(people, when) for when, points in book.fit)
    people["grade"] = "D"
    for letter, cut in sorted(book.grades.items(), key=lambda one: one[1]):
        people.loc[people["fit"] >= cut, "grade"] = letter
    people["level"] = 1 + sum((people["score"] >= cut).astype(int) for cut in book.levels)
    people["stage"] = "lead"
    for name, enter in book.stages:
        people.loc[_mask(people, enter), "stage"] = name
    return _results(list(people.reset_index()[list(_COLUMNS)].itertuples(index=False, name=None)))


def _pandas_sum(acts: pd.DataFrame, rule: Rule) -> "pd.Series[Any]":
    found = acts[acts["type"].isin(rule.types)]
    if rule.days:
        found = found[found["age"] < rule.days]
    if rule.when:
        found = found[_mask(found, rule.when)]
    if rule.least:
        return rule.weights[0] * (found.groupby("contact_id").size() >= rule.least)
    if rule.most:
        found = found.sort_values(["occurred_at", "activity_id"], ascending=[False, True])
        found = found.groupby("contact_id").head(rule.most)
    return pd.Series(rule.weights).reindex(found["age"]).groupby(found["contact_id"].to_numpy()).sum()


def _mask(table: pd.DataFrame, condition: str) -> Any:  # noqa: ANN401  # a series
    """A condition of the model as pandas has it; null is false."""
    return _pandas(table, sqlglot.parse_one(condition))


def _pandas(table: pd.DataFrame, node: exp.Expr) -> Any:  # noqa: ANN401, PLR0911  # one return a kind of node
    if isinstance(node, exp.Column):
        return table[node.name]
    if isinstance(node, exp.Literal):
        return node.name if node.is_string else float(node.name)
    if isinstance(node, exp.Paren):
        return _pandas(table, node.this)
    left = _pandas(table, node.this)
    if isinstance(node, exp.Lower):
        return left.str.lower()
    if isinstance(node, exp.Not):
        return ~left.astype(bool)
    if isinstance(node, exp.Is):
        return left.isna() if not node.args.get("negate") else left.notna()
    if isinstance(node, exp.In):
        return left.isin([item.name for item in node.expressions])
    if isinstance(node, exp.Like):
        return left.str.fullmatch(node.expression.name.replace("%", ".*"), na=False)
    return getattr(left, _OPERATORS[type(node)])(_pandas(table, node.expression))
