"""``score --data``: a folder of files and one model, without vendors, settings or state."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from core.activities import ACTIVITY_TYPES
from core.clock import check_zone
from core.errors import ConfigError, DataError, ModelError
from scoring import engines, outlook
from scoring.ahead import DATED
from scoring.checks.validation import unknown_types
from scoring.compiler import Scores, compile_model
from scoring.files import blank, needs, reading
from scoring.loader import load_model
from scoring.satisfaction import NPS_FROM, NPS_TO
from scoring.spec import Interest, Model

Row = dict[str, Any]
#: Told where the work stands: a verb, what it is done to, and what came of it (empty while it goes on).
Told = Callable[[str, str, str], None]
#: A look ahead reads every activity once for each of 366 days.
_SMALL, _LEADERS = 3_000, 50
#: Years whose calendars in every zone are known.
_FIRST_YEAR, _LAST_YEAR = 1971, 2099
_CONTACT = (
    "contact_id",
    "email",
    "score",
    "grade",
    "person_grade",
    "company_grade",
    "level",
    "rating",
    "stage",
    "escalate",
    "temperature",
    "idle_days",
    "low_interest",
    "top_product",
    "top_category",
    "trend",
    "priority",
    "headline",
    "reasons",
    "partial",
    "account_id",
)


def score(
    data: Path,
    model: Path,
    as_of: datetime,
    *,
    time_zone: str = "UTC",
    hindsight: bool = False,
    engine: str = "duckdb",
    told: Told = lambda _verb, _what, _summary: None,
) -> Row:
    """What ``score --data DIR --model FILE --json`` prints.

    Raises ModelError, ConfigError or DataError, naming file, line or record; never anything else for bad
    input.
    """
    if not _FIRST_YEAR <= as_of.year <= _LAST_YEAR:
        message = f"{as_of:%Y-%m-%d} is not between {_FIRST_YEAR} and {_LAST_YEAR}"
        raise ConfigError(message, key="--as-of")
    try:
        check_zone(time_zone)
    except ValueError as error:
        raise ConfigError(str(error), key="--time-zone") from error
    spec = load_model(model)
    found = {name: path for name, path in reading.files(data).items() if needs.reads(spec, name)}
    with duckdb.connect() as con, ExitStack() as opened:
        for name, path in found.items():
            told("read", name, "")
            reading.read(con, name, path)
            told("read", name, f"{con.table(name).count('*').fetchall()[0][0]:,} rows")
        backend = ibis.duckdb.from_connection(con)
        blank.settle(backend, [spec], dict.fromkeys(found, ()))
        tables: dict[str, ir.Table] = {name: backend.table(name) for name in found}
        try:
            needs.check(spec, tables, found, data)
            doubts = _doubts(con, spec)
            if engine != "duckdb":
                elsewhere = opened.enter_context(engines.connected(engine))
                tables = engines.load(elsewhere, {name: table.to_pyarrow() for name, table in tables.items()})
            told("score", spec.name, "")
            scores = compile_model(spec, tables, as_of, time_zone=time_zone, hindsight=hindsight).stored()
            changes = _next_changes(con, scores, as_of, time_zone, hindsight=hindsight)
            result = _result(spec, as_of, scores, changes)
            result["warnings"] = doubts + _untold(con, result["contacts"])
        except ModelError as error:
            if found_in := reading.misfit(con, found, error.message):
                error.remedy = "; ".join(part for part in (error.remedy, f"{found_in}") if part)
            raise
        except engines.failures(engine) as error:
            reason = str(error).strip().partition("\n")[0]  # Spark's begin with a line break at times
            raise DataError(f"cannot be scored: {reason[:300]}", path=data) from error
        except RecursionError as error:
            raise ModelError("has too many parts to be computed", path=model) from error
        told("score", spec.name, f"{len(result['contacts']):,} people")
        return result


def _doubts(con: duckdb.DuckDBPyConnection, model: Model) -> list[str]:
    """What the model reads and nobody does, where something of nearly that name is known."""
    types = set(ACTIVITY_TYPES)
    if con.execute("select 1 from duckdb_tables() where table_name = 'activities'").fetchone():
        found = con.execute("select distinct type from activities where type is not null").fetchall()
        types |= {str(row[0]) for row in found}
    return list(dict.fromkeys(unknown_types(model, types, misspelt=True)))


def _untold(con: duckdb.DuckDBPyConnection, people: list[Row]) -> list[str]:
    """Who is not told what comes next, where that is worked out for the highest scores alone."""
    foreseen = con.execute("select 1 from duckdb_tables() where table_name = 'asked'").fetchone()
    if not foreseen or con.table("asked").count("*").fetchall()[0][0] >= len(people):
        return []
    return [f"next_change is worked out for the {_LEADERS} highest scores alone: it is null of all others"]


def _next_changes(
    con: duckdb.DuckDBPyConnection, scores: Scores, as_of: datetime, time_zone: str, *, hindsight: bool
) -> dict[str, Row]:
    """contact_id → what the next boundary is; nobody who stays as they are, or of whom it cannot be said."""
    model = scores.frame.model
    there = {str(row[0]) for row in con.execute("select table_name from duckdb_tables()").fetchall()}
    sources = {name: f'"{name}"' for name in DATED if name in there}
    _now(con, scores, sources)
    try:
        ahead = outlook.compiled(con, model, sources, time_zone)
    except outlook.Unforeseen:
        return {}
    con.execute("create or replace temp table asked as from now")
    ahead.run(con, sources, as_of, hindsight=hindsight)
    return {
        row["contact_id"]: {
            "at": f"{ahead.midnight(as_of, row['ahead']).isoformat()}Z",
            "becomes": outlook.words(model.language, row),
            "score": row["score"],
        }
        for row in ahead.first_changes(con)
    }


def _now(con: duckdb.DuckDBPyConnection, scores: Scores, sources: dict[str, str]) -> None:
    """``now``: whose next change is worked out: everybody in a small folder, else the highest scores.

    The stages they are in now join the history there is.
    """
    found = scores.numbers.select("contact_id", "score", "level", "stage", "stage_entered_at")
    if "activities" in sources and con.table("activities").count("*").fetchall()[0][0] > _SMALL:
        found = found.order_by([ibis.desc("score"), "contact_id"]).limit(_LEADERS)
    con.register("now_scored", engines.fetched(found))
    con.execute("create temp table now as from now_scored")
    if "stage_history" in sources:
        entered = f"""select contact_id, '{scores.frame.model.name}' as model, stage,
            stage_entered_at as entered_at from now where stage is not null"""  # noqa: S608  # a model's name is checked
        con.execute(f"create temp view history_now as from stage_history union all by name {entered}")
        sources["stage_history"] = "history_now"


def _result(model: Model, as_of: datetime, scores: Scores, changes: Mapping[str, Row]) -> Row:
    result: Row = {
        "model": model.name,
        "as_of": as_of.isoformat().replace("+00:00", "Z"),
        "contacts": _contacts(model, scores, changes),
        "accounts": _accounts(scores),
        "nps": _nps(model, scores),
        "excluded": _grouped(rows(scores.excluded), "reason"),
    }
    if (refused := scores.refused) is not None:
        result["refused"] = [
            {
                "table": "survey_responses",
                "record": row["response_id"],
                "reason": _refusal(model, row),
            }
            for row in rows(refused.order_by("response_id"))
        ]
    return result


def _refusal(model: Model, row: Row) -> str:
    if row["answer"] is None:
        return "has no answer"
    low, high = row["scale_min"], row["scale_max"]
    is_nps = model.satisfaction is not None and model.satisfaction.survey == "nps"
    if is_nps and (low not in {None, *NPS_FROM} or high not in {None, NPS_TO}):
        return f"NPS goes from 0 to 10 or from 1 to 10, not {low} to {high}"
    scale = "" if None in (low, high) else f" on a scale of {low} to {high}"
    return f"answer {row['answer']:g}{scale} is out of range"


def rows(table: ir.Table) -> list[Row]:
    """The table's rows as plain dictionaries; times as aware ISO text."""
    found = engines.fetched(table)
    for place, field in enumerate(found.schema):
        if pa.types.is_timestamp(field.type):
            whole = found.column(place).cast(pa.timestamp("s"), safe=False)
            found = found.set_column(place, field.name, pc.strftime(whole, "%Y-%m-%dT%H:%M:%SZ"))
    return list(found.to_pylist())


def _by(found: Iterable[Row], key: str) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in found:
        grouped.setdefault(row[key], []).append(row)
    return grouped


def _grouped(found: Iterable[Row], key: str) -> dict[str, int]:
    return {name: len(members) for name, members in sorted(_by(found, key).items())}


def _contacts(model: Model, scores: Scores, changes: Mapping[str, Row]) -> list[Row]:
    lines, fits = (
        _by(rows(scores.contributions), "contact_id"),
        _by(rows(scores.fit_contributions), "contact_id"),
    )
    items = _by(rows(scores.interest), "contact_id")
    found = []
    for row in sorted(rows(scores.contacts), key=lambda row: (-row["score"], row["contact_id"])):
        who = row["contact_id"]
        found.append(
            {name: row[name] for name in _CONTACT}
            | {"interest": _interest(items.get(who, []), _kind(model.interest)) if model.interest else None}
            | {"interest_categories": _interest(items.get(who, []), "category") if model.interest else None}
            | {
                "satisfaction": _satisfaction(row),
                "journey": _journey(model, row),
                "flags": _flags(model, row),
            }
            | {"contributions": [_line(line) for line in _sorted(lines.get(who, []))]}
            | {"fit": _fit(model, row, fits.get(who, []))}
            | {"next_change": changes.get(who)}
        )
    return found


def _sorted(lines: list[Row]) -> list[Row]:
    return sorted(lines, key=lambda line: (line["points"] < 0, -abs(line["points"]), line["id"]))


def _line(line: Row) -> Row:
    return {key: line[key] for key in ("id", "points", "count", "newest_at", "line")}


def _kind(interest: Interest) -> str:
    """What points are given for in the first place."""
    return "product" if "product" in interest.by else "category"


def _interest(items: list[Row], kind: str) -> dict[str, int]:
    ranked = sorted(
        (row for row in items if row["kind"] == kind), key=lambda row: (-row["milli"], row["item"])
    )
    return {row["item"]: row["points"] for row in ranked}


def _satisfaction(row: Row) -> Row | None:
    if row["satisfaction_band"] is None:
        return None
    return {key: row[f"satisfaction_{key}"] for key in ("band", "answer", "disagrees")}


def _journey(model: Model, row: Row) -> dict[str, int] | None:
    return {name: row[f"journey_{name}"] for name in model.journey} or None


def _flags(model: Model, row: Row) -> dict[str, bool] | None:
    return {flag.id: row[f"flag_{flag.id}"] for flag in model.flags} or None


def _fit(model: Model, row: Row, lines: list[Row]) -> Row | None:
    if model.fit is None:
        return None
    shown = [{key: line[key] for key in ("id", "points", "line")} for line in _sorted(lines)]
    missing = row["fit_missing"].split(", ") if row["fit_missing"] else []
    return {
        "person": row["person_fit"],
        "company": row["company_fit"],
        "total": row["fit"],
        "partial": row["partial"],
        "missing": missing,
        "contributions": shown,
    }


def _accounts(scores: Scores) -> list[Row]:
    lines = _by(rows(scores.account_contributions), "account_id")
    found = sorted(rows(scores.accounts), key=lambda row: (-row["score"], row["account_id"]))
    keys = ("id", "points", "line")
    return [
        {key: row[key] for key in ("account_id", "score", "grade", "people", "reasons")}
        | {
            "contributions": [
                {key: line[key] for key in keys} for line in _sorted(lines.get(row["account_id"], []))
            ]
        }
        for row in found
    ]


def _nps(model: Model, scores: Scores) -> Mapping[str, Any] | None:
    if model.satisfaction is None:
        return None
    (row,) = rows(scores.nps)
    return {key: row[key] for key in ("score", "promoters", "passives", "detractors")}
