"""What a model needs of a folder's tables, checked before anything is computed."""

from collections.abc import Mapping
from pathlib import Path

import ibis.expr.types as ir

from core.errors import DataError
from core.yamlfile import nearest
from scoring.files import reading
from scoring.frame import activity_columns
from scoring.spec import Model

_OWN = ("contact_id", "type", "occurred_at", "activity_id")


def check(model: Model, tables: Mapping[str, ir.Table], files: Mapping[str, Path], folder: Path) -> None:
    """Raise DataError for a table or an activity column that the model reads and the folder does not have."""
    for table, why in _tables(model):
        if table not in tables:
            message = f"has no {table}.csv or {table}.parquet, which {why} needs"
            raise DataError(message, path=folder, remedy=reading.instead_of(table, folder))
    if "activities" not in tables:
        return
    known = tables["activities"].columns
    for name in activity_columns(model):
        if name not in known and name not in _OWN and not _elsewhere(model, name, tables):
            message = f"has no column {name!r}, which the model reads"
            raise DataError(message, path=files["activities"], field=name, remedy=nearest(name, list(known)))


def reads(model: Model, table: str) -> bool:
    """Whether the model looks at a table at all; what it does not read may be wrong or missing."""
    wanted = {
        "survey_responses": model.satisfaction is not None,
        "stage_history": bool(model.stages),
        "deals": False,
    }
    return wanted.get(table, True)


def _elsewhere(model: Model, name: str, tables: Mapping[str, ir.Table]) -> bool:
    """Whether a condition finds the column in contacts or accounts, or only interest would read it, which
    does without.
    """
    counted = {item for rule in model.rules for item in (rule.distinct, rule.per)}
    if name in counted or (name == "value" and any(rule.steps for rule in model.rules)):
        return False
    if any(name in tables[table].columns for table in ("contacts", "accounts") if table in tables):
        return True
    conditions = [rule.when for rule in model.rules] + [flag.when for flag in model.flags]
    return not any(name in condition.columns for condition in conditions if condition)


def _tables(model: Model) -> list[tuple[str, str]]:
    found = []
    if model.rules or model.journey or model.flags:
        found.append(("activities", "the model's activity part"))
    if model.satisfaction is not None:
        found.append(("survey_responses", "'satisfaction'"))
    return found
