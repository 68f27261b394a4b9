"""What a plan moves, in words that a person can judge: scores, stages, lists, and the rules behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from sync.planning.desired import ModelVersion

_LARGEST = 10


@dataclass(frozen=True, slots=True)
class Largest:
    """One of the largest score moves; rule: the one whose points moved most in the same direction."""

    contact_id: str
    name: str
    before: int
    after: int
    rule: str | None
    rule_points: float


@dataclass(frozen=True, slots=True)
class Moves:
    """Against what was applied last: people with another score or stage, and memberships that change.

    stages: (from, to) → people, None being unscored; new people count where they enter a stage above the
    base one. share: of all people scored before, how many move.
    first: nothing was applied before. lists: name → (joining, leaving) records.
    """

    scores: int = 0
    stages: Mapping[tuple[str | None, str | None], int] = field(default_factory=dict)
    people: int = 0
    first: bool = True
    lists: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    largest: tuple[Largest, ...] = ()

    @property
    def staged(self) -> int:
        """People who change their stage."""
        return sum(self.stages.values())

    @property
    def share(self) -> float:
        return self.staged / self.people if self.people else 0.0


def summarise(con: duckdb.DuckDBPyConnection, models: Sequence[ModelVersion]) -> Moves:
    """Compare the main model's scores with ``applied_<model>``; needs ``moves`` and ``in_scope``."""
    listed = con.execute(
        """select list, count(*) filter (verdict = 'join'), count(*) filter (verdict = 'leave')
        from moves group by list having count(*) filter (verdict in ('join', 'leave')) > 0 order by list"""
    ).fetchall()
    changes = {row[0]: (row[1], row[2]) for row in listed}
    scores, applied = f"contact_scores_{models[0].name}", _applied(con, models)
    if applied is None:
        return _first_moves(con, scores, changes)
    con.execute(
        f"""create or replace temp table shifts as
        select coalesce(s.contact_id, a.contact_id) as contact_id, a.score as before, s.score as after,
            a.stage as stage_before, s.stage as stage_after
        from (select * from {scores} semi join in_scope using (contact_id)) s
        full join (select * from {applied} semi join in_scope using (contact_id)) a using (contact_id)"""
    )
    stages = con.execute(
        """select stage_before, stage_after, count(*) from shifts
        where stage_before is distinct from stage_after and (before is not null or stage_after <> ?)
        group by 1, 2 order by 3 desc, 1, 2""",
        [models[0].base_stage],
    ).fetchall()
    counts = con.execute(
        """select count(*) filter (before is distinct from after), count(before) from shifts"""
    ).fetchone() or (0, 0)
    return Moves(
        scores=counts[0],
        stages={(row[0], row[1]): row[2] for row in stages},
        people=counts[1],
        first=False,
        lists=changes,
        largest=tuple(_largest(con, scores, applied)),
    )


def _applied(con: duckdb.DuckDBPyConnection, models: Sequence[ModelVersion]) -> str | None:
    """What was applied last of the main model, also where another was the main one then."""
    names = con.execute("select table_name from duckdb_tables() where not temporary").fetchall()
    known, own = {name for (name,) in names}, models[0].name
    if "main_applied" in known:
        ((own,),) = con.execute("select model from main_applied").fetchall()
    return f"applied_{own}" if f"applied_{own}" in known else None


def _first_moves(con: duckdb.DuckDBPyConnection, scores: str, lists: Mapping[str, tuple[int, int]]) -> Moves:
    """Everybody is new; nobody had a stage to move from, so no share of them has moved."""
    found = con.execute(f"select count(*) from {scores} semi join in_scope using (contact_id)").fetchone()
    stages = con.execute(
        f"""select stage, count(*) from {scores} semi join in_scope using (contact_id)
        where stage is not null group by 1 order by 2 desc, 1"""
    ).fetchall()
    return Moves(
        scores=found[0] if found else 0, stages={(None, stage): count for stage, count in stages}, lists=lists
    )


def _largest(con: duckdb.DuckDBPyConnection, scores: str, applied: str) -> list[Largest]:
    known = {row[0] for row in con.execute(f"describe {applied}").fetchall()}
    rules = [row[0] for row in con.execute(f"describe {scores}").fetchall() if row[0].startswith("rule_")]
    deltas = [
        f's."{rule}" - {f"""coalesce(a."{rule}", 0)""" if rule in known else "0"} as "{rule}"'
        for rule in sorted(rules)
    ]
    rows = con.execute(
        f"""select t.contact_id, concat_ws(' ', p.first_name, p.last_name, '<' || p.email || '>'),
            t.before, t.after {"".join(", " + delta for delta in deltas)}
        from shifts t join {scores} s using (contact_id) join {applied} a using (contact_id)
        join scored p using (contact_id)
        where t.before is distinct from t.after
        order by abs(t.after - t.before) desc, t.contact_id limit {_LARGEST}"""
    ).fetchall()
    return [_moved(row, sorted(rules)) for row in rows]


def _moved(row: tuple[str, str, int, int, *tuple[float | None, ...]], rules: Sequence[str]) -> Largest:
    contact_id, name, before, after, *deltas = row
    direction = 1 if after > before else -1
    named = [(direction * (delta or 0), rule) for delta, rule in zip(deltas, rules, strict=True)]
    best = max(named, default=(0, ""))
    rule = best[1].removeprefix("rule_") if best[0] > 0 else None
    return Largest(contact_id, name, before, after, rule, direction * best[0] / 1000)


def remember(con: duckdb.DuckDBPyConnection, models: Sequence[str]) -> None:
    """``applied_<model>``: the scores that the next plan compares with; in a transaction of the caller's.

    Those of other models are dropped.
    """
    for model in models:
        scores = f"contact_scores_{model}"
        rules = [row[0] for row in con.execute(f"describe {scores}").fetchall() if row[0].startswith("rule_")]
        columns = ", ".join(['"contact_id"', '"score"', '"stage"', *(f'"{rule}"' for rule in rules)])
        con.execute(f"create or replace table applied_{model} as select {columns} from {scores}")
    con.execute("create or replace table main_applied as select ? as model", [models[0]])
    for (name,) in con.execute(
        """select table_name from duckdb_tables() where starts_with(table_name, 'applied_')
            and not list_contains(?, substr(table_name, 9))""",
        [list(models)],
    ).fetchall():
        con.execute(f'drop table "{name}"')
