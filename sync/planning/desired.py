"""What every live record should hold in our fields, beside what it holds: one row a field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb

from core.errors import ConfigError
from core.yamlfile import nearest
from sync.fields import VendorField
from sync.literals import quoted
from sync.planning.canonical import canonical


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A model as a plan knows it. on_leave: what happens to the fields of people it no longer scores."""

    name: str
    hash: str
    on_leave: Literal["blank", "freeze"] = "blank"
    base_stage: str = "lead"


#: Per entity: records, record → id, scores.
_SOURCES = {
    "person": ("person_records", "people", "contact_id", "contact_scores"),
    "company": ("company_records", "companies", "account_id", "account_scores"),
}


def build(
    con: duckdb.DuckDBPyConnection, fields: Sequence[VendorField], models: Sequence[ModelVersion]
) -> None:
    """``desired``: vendor, object, record_id, address, entity, entity_id, account_id, field, label, value.

    One row for each field of each live record in ``in_scope``; a null value blanks the field. People whom a
    frozen model no longer scores have no row.
    """
    con.execute(
        """create or replace temp table desired (vendor varchar, object varchar, record_id varchar,
        address varchar, entity varchar, entity_id varchar, account_id varchar,
        field varchar, label varchar, value varchar)"""
    )
    by_name = {model.name: model for model in models}
    groups: dict[tuple[str, str, str, str], list[VendorField]] = {}
    for field in fields:
        groups.setdefault((field.vendor, field.object, field.entity, field.model), []).append(field)
    for (vendor, kind, _, model), group in groups.items():
        _check_values(con, group, model)
        con.execute(_statement(group, by_name[model]), [vendor, kind])


def _check_values(con: duckdb.DuckDBPyConnection, group: Sequence[VendorField], model: str) -> None:
    there = [row[0] for row in con.execute(f"describe {_SOURCES[group[0].entity][3]}_{model}").fetchall()]
    for field in group:
        own = field.setting
        if own.value not in there:
            part = "fields" if field.entity == "person" else "account_fields"
            raise ConfigError(
                f"{own.value!r} is not a column of the scores; {nearest(own.value, there)}",
                key=f"{part}.{own.name}.value",
            )


def _statement(group: Sequence[VendorField], model: ModelVersion) -> str:
    entity = group[0].entity
    records, ids, key, scores = _SOURCES[entity]
    address, scope, account = "null", "", f"i.{key}"
    if entity == "person":
        address, account = "r.email", "p.account_id"
        scope = "join in_scope p on p.contact_id = i.contact_id"
    values = ", ".join(_named_value(field) for field in group)
    join = "left join" if model.on_leave == "blank" else "join"
    return f"""insert into desired
        select vendor, object, record_id, address, '{entity}', entity_id, account_id,
            unnest(held, recursive := true)
        from (
            select r.vendor, r.object, r.record_id, {address} as address, i.{key} as entity_id,
                {account} as account_id, [{values}] as held
            from {records} r
            join {ids} i on i.vendor = r.vendor and i.object = r.object and i.record_id = r.record_id
            {scope}
            {join} {scores}_{model.name} s on s.{key} = i.{key}
            where r.state = 'live' and r.vendor = ? and r.object = ?
        )"""


def _named_value(field: VendorField) -> str:
    own = field.setting
    value = _canonical(f's."{own.value}"', field)
    return f"{{'field': {quoted(field.name)}, 'label': {quoted(own.name)}, 'value': {value}}}"


def _canonical(value: str, field: VendorField) -> str:
    own = field.setting
    return canonical(value, own.kind, length=own.length, decimals=own.decimals, limit_bytes=field.bytes)


def held(con: duckdb.DuckDBPyConnection, fields: Sequence[VendorField]) -> None:
    """``held``: what each live record has, canonical. Needs ``desired`` and ``held_raw``.

    told, seen: as acknowledged and as read back; value: the newer one; differs: it is not what we last said.
    """
    con.execute(
        """create or replace temp table held (vendor varchar, object varchar, record_id varchar,
        field varchar, value varchar, told varchar, acknowledged boolean, differs boolean, since timestamp)"""
    )
    alike: dict[tuple[str, str], list[str]] = {}
    for field in fields:
        place = ", ".join(quoted(part) for part in (field.vendor, field.object, field.name))
        alike.setdefault((_canonical("told", field), _canonical("seen", field)), []).append(f"({place})")
    for (told, seen), places in alike.items():
        con.execute(
            f"""insert into held
            select vendor, object, record_id, field, case when newer then seen else told end, told,
                acknowledged, acknowledged and newer and seen is distinct from told,
                case when newer then seen_at else told_at end
            from (select * replace ({told} as told, {seen} as seen) from held_raw
                where (vendor, object, field) in ({", ".join(places)}))"""
        )
