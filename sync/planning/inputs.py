"""What a plan is made from, of the vendors that can be written to in this run."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import duckdb

from connectors.base import Connector
from connectors.registry import capabilities
from core.changes import FieldState
from core.clock import naive_utc
from core.errors import ConnectorError
from scoring.spec import Model
from sync.fields import VendorField
from sync.planning.desired import ModelVersion
from sync.planning.lists import ListPlace
from sync.planning.plan import Inputs, LeftOut, Plan, Price, make_plan, never_written
from sync.pull import PullReport
from sync.wiring import Runtime

#: How old consent may be that somebody joins a list by.
_CONSENT_FRESH = timedelta(minutes=30)
#: Fields a vendor lacks that are named.
_NAMED = 3


def gather(
    runtime: Runtime,
    connectors: Mapping[str, Connector],
    pulled: PullReport | None,
    *,
    create_lists: bool,
    fire: bool,
) -> tuple[Inputs, Mapping[tuple[str, str], str]]:
    """The inputs, and the vendors' ids of our lists by (vendor, list name there).

    pulled: what this run read, None where it read nothing.
    """
    places, list_ids, left_out = _places(runtime, connectors, create=create_lists)
    inputs = Inputs(
        settings=runtime.settings,
        models=[_version(model) for model in runtime.models],
        fields=[own for name in connectors for own in runtime.fields(name)],
        places=places,
        task_objects={
            name: tuple(reversed(connector.capabilities.person_objects))
            for name, connector in connectors.items()
        },
        as_of=runtime.clock.now(),
        fire=fire,
        unread=unread(runtime, pulled),
        left_out=left_out,
    )
    return inputs, list_ids


def planned(
    con: duckdb.DuckDBPyConnection, runtime: Runtime, connectors: Mapping[str, Connector], inputs: Inputs
) -> tuple[Plan, Inputs]:
    """The plan, and its inputs without the fields that a vendor turns out to lack.

    A vendor is asked for a field before its first value is sent, and never again once one arrived.
    """
    plan = make_plan(con, runtime.state, inputs, price_of(connectors))
    new = never_written(con)
    asked: dict[str, list[VendorField]] = {}
    for own in inputs.fields:
        if (own.vendor, own.object, own.name) in new:
            asked.setdefault(own.vendor, []).append(own)
    lacking: list[VendorField] = []
    left_out: list[LeftOut] = []
    for vendor, fields in asked.items():
        absent, error = _absent(connectors[vendor], fields)
        lacking += absent
        left_out += [LeftOut(vendor, "fields", error)] if error else []
    if not left_out:
        return plan, inputs
    there = [own for own in inputs.fields if own not in lacking]
    inputs = replace(inputs, fields=there, left_out=(*inputs.left_out, *left_out))
    return make_plan(con, runtime.state, inputs, price_of(connectors)), inputs


def _absent(
    connector: Connector, fields: Sequence[VendorField]
) -> tuple[Sequence[VendorField], ConnectorError | None]:
    """Which of the fields nothing can be written to, and what to say of it."""
    try:
        states = connector.field_states([own.spec for own in fields])
    except ConnectorError as failure:
        return fields, failure
    absent = [(own, state) for own, state in zip(fields, states, strict=True) if state.status != "present"]
    if not absent:
        return (), None
    named = [f"{own.object} {own.name} ({_status(state)})" for own, state in absent[:_NAMED]]
    more = f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else ""
    error = ConnectorError(
        f"nothing is written to {', '.join(named)}{more}",
        vendor=connector.name,
        remedy="create what is missing with: scoreline fields --apply; the next sync then fills it",
    )
    return [own for own, _ in absent], error


def _status(state: FieldState) -> str:
    said = state.status.replace("_", " ")
    return f"{said}: {state.detail}" if state.detail else said


def unread(runtime: Runtime, pulled: PullReport | None) -> tuple[str, ...]:
    """Vendors whose consent failed to be read in this run, or was not read of late."""
    now = pulled or PullReport((), ())
    failed = {(one.vendor, name) for one in now.failures for name in (one.stream, *one.skipped)}
    fresh = max(_CONSENT_FRESH, 2 * runtime.settings.schedules.pull)
    with runtime.warehouse.read() as con:
        lately = con.execute(
            "select vendor, stream from watermarks where until >= ?", [naive_utc(runtime.clock.now() - fresh)]
        ).fetchall()
    read = {*lately, *((one.vendor, one.stream) for one in now.streams)} - failed
    return tuple(
        vendor
        for vendor, connection in runtime.settings.connections.vendors().items()
        for stream in capabilities(vendor).streams
        if "consent_records" in stream.tables
        and stream.name not in getattr(connection, "skip", ())
        and (vendor, stream.name) not in read
    )


def price_of(connectors: Mapping[str, Connector]) -> Price:
    return lambda vendor, changes: connectors[vendor].price(changes)


def _version(model: Model) -> ModelVersion:
    return ModelVersion(model.name, model.hash, model.on_leave, model.base_stage)


def _places(
    runtime: Runtime, connectors: Mapping[str, Connector], *, create: bool
) -> tuple[dict[str, list[ListPlace]], dict[tuple[str, str], str], list[LeftOut]]:
    """Where each list stands, by its name; and the vendors' ids by (vendor, list name there).

    A vendor that does not answer has no places: nobody is added or removed there this time.
    """
    places: dict[str, list[ListPlace]] = {}
    list_ids: dict[tuple[str, str], str] = {}
    left_out: list[LeftOut] = []
    for name, connector in connectors.items():
        specs = runtime.list_specs(name)
        if not specs:
            continue
        try:
            ids = connector.ensure_lists(specs, create=create)
            scopes = [connector.list_scope(spec) for spec in specs]
        except ConnectorError as error:
            left_out.append(LeftOut(name, "lists", error))
            continue
        settings = [own for own in runtime.settings.lists if name in own.targets]
        for own, spec, found, within in zip(settings, specs, ids, scopes, strict=True):
            place = ListPlace(name, spec.name, found, connector.capabilities.person_objects, within)
            places.setdefault(own.name, []).append(place)
            if found is not None:
                list_ids[name, spec.name] = found
    return places, list_ids, left_out
