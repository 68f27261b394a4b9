"""What ``check`` looks at: the vendors, the models, and what the settings want of both."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import duckdb
import ibis
import ibis.expr.types as ir

from connectors.registry import capabilities
from core.activities import ACTIVITY_TYPES
from core.changes import CheckItem, CheckReport
from core.errors import AuthError, LeaseHeld, ModelError
from core.tables import SCORED
from core.yamlfile import nearest
from scoring.checks.validation import found, warnings
from scoring.compiler import Scores, compile_model
from scoring.conditions import Place, parse
from scoring.frame import used_columns
from scoring.spec import Model
from sync.planning.held import HELD
from sync.planning.lists import forsaken
from sync.settings import FieldSetting, Settings
from sync.wiring import Runtime

_TOKEN = re.compile(r"\{(\w+)\}")
#: What a column nobody has read yet may turn out to be.
_GUESSES = ("string", "float64", "boolean", "timestamp")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Column names and types of what a model gives, and of the contacts beside it."""

    contacts: Mapping[str, ibis.DataType]
    scores: Mapping[str, ibis.DataType]
    accounts: Sequence[str]


def check(runtime: Runtime, *, only: tuple[str, ...] = ()) -> list[CheckReport]:
    """Credentials, scopes and fields of every vendor, one report each; none keeps the others from theirs."""
    return [_check(runtime, vendor) for vendor in only or runtime.settings.connections.present()]


def _check(runtime: Runtime, vendor: str) -> CheckReport:
    try:
        with runtime.connectors((vendor,)) as connectors:
            return connectors[vendor].check()
    except AuthError as error:
        return CheckReport(
            vendor, (CheckItem("log in", ok=False, detail=error.message, remedy=error.remedy),)
        )


def check_models(runtime: Runtime) -> dict[str, list[str]]:
    """Model name → sentences: doubts about it, what the data say of it, and settings that do not fit it.

    What the settings say of lists, tasks and scope is told of the first model, which they look at.
    """
    models, settings = runtime.models, runtime.settings
    sentences: dict[str, list[str]] = {model.name: [] for model in models}
    types, columns = _from_data(runtime, sentences)
    for model in models:
        sentences[model.name][:0] = warnings(model, types)
        if model.name not in columns and (guessed := _guessed(model)) is not None:
            columns[model.name] = guessed
    for field in (*settings.fields, *settings.account_fields):
        owner = field.model or models[0].name
        problem = _field(field, columns, list(sentences), account=field in settings.account_fields)
        sentences[owner if owner in sentences else models[0].name] += problem
    if models[0].name in columns:
        people = _people([model.name for model in models if model.name in columns], columns)
        sentences[models[0].name] += [*_conditions(settings, people), *_subjects(settings, people)]
    sentences[models[0].name] += [*_tasks(settings, models[0]), *_vendors(settings)]
    return {name: list(dict.fromkeys(said)) for name, said in sentences.items()}


def _from_data(
    runtime: Runtime, sentences: dict[str, list[str]]
) -> tuple[frozenset[str], dict[str, _Columns]]:
    """Activity types there are, and the columns of the scores; adds what the data say."""
    columns: dict[str, _Columns] = {}
    types = frozenset(ACTIVITY_TYPES)
    if not runtime.warehouse.path.exists():
        return types, columns
    try:
        with runtime.warehouse.read("checking the models") as con:
            people = con.execute("select count(*) from contacts").fetchone()
            if not people or not people[0]:
                return types, columns
            types |= {
                row[0] for row in con.execute("select distinct type from activities").fetchall() if row[0]
            }
            con.execute(HELD)
            sentences[runtime.models[0].name] += map(str, forsaken(con, runtime.settings.lists))
            for model in runtime.models:
                with _told(sentences[model.name]):
                    tables = _stored(con)
                    columns[model.name] = _columns(model, tables, runtime.clock.now())
                    zone = runtime.settings.time_zone
                    sentences[model.name] += found(model, tables, runtime.clock.now(), zone)
    except LeaseHeld as error:
        sentences[runtime.models[0].name].append(
            f"the data were not looked at: {_line(error)}; try again later"
        )
    return types, columns


def _stored(con: duckdb.DuckDBPyConnection) -> dict[str, ir.Table]:
    backend = ibis.duckdb.from_connection(con)
    return {name: backend.table(name) for name in SCORED}


@contextmanager
def _told(sentences: list[str]) -> Iterator[None]:
    """A model that does not fit the data is one more sentence."""
    try:
        yield
    except ModelError as error:
        sentences.append(_line(error))


def _line(error: Exception) -> str:
    return "; ".join(part.strip() for part in str(error).splitlines())


def _columns(model: Model, tables: Mapping[str, ir.Table], now: datetime) -> _Columns:
    scores: Scores = compile_model(model, tables, now)
    schema = dict(scores.contacts.schema().items())
    return _Columns(dict(tables["contacts"].schema().items()), schema, list(scores.accounts.columns))


def _guessed(model: Model) -> _Columns | None:
    """Columns before anything is read; None where the model's own columns could be of no one type."""
    known = {column for schema in SCORED.values() for column in schema.names}
    extra = sorted(name for name in used_columns(model) if name.lower() not in known)
    backend = ibis.duckdb.connect()
    for guess in _GUESSES:
        tables = {}
        for name, schema in SCORED.items():
            more = dict.fromkeys(extra if name == "contacts" else (), guess)
            columns = {**dict(ibis.Schema.from_pyarrow(schema).items()), **more}
            tables[name] = backend.create_table(f"{name}_{guess}", schema=ibis.schema(columns))
        try:
            return _columns(model, tables, datetime.fromisoformat("2000-01-01T00:00:00+00:00"))
        except ModelError:
            continue
    return None


# --- settings


def _field(
    field: FieldSetting, columns: Mapping[str, _Columns], models: Sequence[str], *, account: bool
) -> list[str]:
    model = field.model or models[0]
    if model not in models:
        return [
            f"field {field.name} wants the model {model!r}, which is not listed; {nearest(model, list(models))}"  # noqa: E501  # a sentence reads best in one piece
        ]
    if model not in columns:
        return []
    there = columns[model].accounts if account else list(columns[model].scores)
    if field.value in there:
        return []
    kind = "account field" if account else "field"
    return [
        f"{kind} {field.name}: {field.value!r} is not a column of the scores; {nearest(field.value, list(there))}"  # noqa: E501  # a sentence reads best in one piece
    ]


def _people(models: Sequence[str], columns: Mapping[str, _Columns]) -> dict[str, ibis.DataType]:
    """What list conditions and subjects see: the contacts, the first model's scores, the others' by prefix."""  # noqa: E501  # a sentence reads best in one piece
    first, *others = models
    people = {**columns[first].contacts, **columns[first].scores}
    for name in others:
        for column, kind in columns[name].scores.items():
            if column not in ("contact_id", "email", "account_id") and not column.startswith("rule_"):
                people[f"{name}_{column}"] = kind
    return people


def _conditions(settings: Settings, people: Mapping[str, ibis.DataType]) -> Iterator[str]:
    conditions = [("scope", settings.scope)]
    for own in settings.lists:
        conditions += [(f"lists.{own.name}.when", own.when), (f"lists.{own.name}.stay", own.stay)]
    for key, text in conditions:
        if text is not None:
            try:
                parse(text, people, Place(key=key))
            except ModelError as error:
                yield _line(error)


def _subjects(settings: Settings, people: Mapping[str, ibis.DataType]) -> Iterator[str]:
    for task in settings.tasks:
        for token in _TOKEN.findall(task.subject):
            if token not in people:
                yield (
                    f"task on {task.on}: there is no {{{token}}} for its subject; "
                    f"{nearest(token, list(people))}"
                )


def _tasks(settings: Settings, model: Model) -> Iterator[str]:
    stages = [model.base_stage, *(stage.name for stage in model.stages)] if model.stages else []
    for task in settings.tasks:
        if task.on == "escalate":
            if model.escalate is None:
                yield f"task on escalate never comes: the model {model.name} has no 'escalate'; add it"
        elif task.on not in stages:
            known = nearest(task.on, [*stages, "escalate"])
            yield f"task on {task.on} never comes: {model.name} has no stage {task.on!r}; {known}"


def _vendors(settings: Settings) -> Iterator[str]:
    connected = settings.connections.present()
    wanted = [(f"list {own.name}", vendor) for own in settings.lists for vendor in own.targets]
    wanted += [(f"task on {task.on}", task.vendor) for task in settings.tasks]
    for field in (*settings.fields, *settings.account_fields):
        wanted += [(f"field {field.name}", vendor) for vendor in field.vendors or ()]
    for what, vendor in wanted:
        if vendor in connected and not capabilities(vendor).writes:
            yield f"{what} goes to {vendor!r}, which is only read; take it out"
        elif vendor not in connected:
            yield f"{what} goes to {vendor!r}, which is not connected; add it to connections or take it out"
