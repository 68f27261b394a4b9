"""``/crm/v3/objects/{type}/batch/…``: up to 100 records a call, with 207 where some fail."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sandbox.hubspot.api.objects import READ, WRITE, identified, writable
from sandbox.hubspot.api.rendering import record_json, shown_names, with_history
from sandbox.hubspot.call import Answer, Call, Route, names_in
from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.records import Record
from sandbox.hubspot.removal import archive
from sandbox.hubspot.values import iso_ms

_MAX = 100
_MAX_WITH_HISTORY = 50

Item = dict[str, Any]


def complete(
    call: Call, results: Sequence[Item], errors: Sequence[Item] = (), *, status: int = 200
) -> Answer:
    """The envelope of every batch: 207 if anything failed."""
    now = iso_ms(call.portal.now_ms)
    body: Item = {"status": "COMPLETE", "results": list(results), "startedAt": now, "completedAt": now}
    if errors:
        body["numErrors"] = len(errors)
        body["errors"] = list(errors)
    return (207 if errors else status), body


def missing(kind: ObjectType, ids: Sequence[str], traces: Sequence[str] = ()) -> list[Item]:
    """One entry for all ids that were not found."""
    if not ids:
        return []
    context: Item = {"ids": list(ids)}
    if traces:
        context["objectWriteTraceId"] = list(traces)
    message = (
        f"Could not get some {kind.upper} objects, they may be deleted or not exist. "
        "Check that ids are valid."
    )
    return [{"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": context}]


def batch_read(call: Call, kind_name: str) -> Answer:
    kind = call.portal.kind(kind_name)
    body = call.body()
    history = names_in(body.get("propertiesWithHistory") or ())
    inputs = call.inputs(_MAX_WITH_HISTORY if history else _MAX)
    names = shown_names(call.portal, kind, names_in(body.get("properties") or ()))
    found: dict[int, Record] = {}
    absent: list[str] = []
    for raw_id in dict.fromkeys(str(one.get("id", "")) for one in inputs):
        record = _looked_up(call, kind, raw_id, body.get("idProperty"))
        if record is None:
            absent.append(raw_id)
        else:
            found[record.id] = record
    results = [
        with_history(call.portal, kind, record, record_json(call.portal, kind, record, names), history)
        for record in found.values()
    ]
    return complete(call, results, missing(kind, absent))


def _looked_up(call: Call, kind: ObjectType, raw_id: str, id_property: str | None) -> Record | None:
    if call.flag("archived"):
        return call.portal.stores[kind.name].archived.get(int(raw_id)) if raw_id.isdigit() else None
    if id_property is None and not raw_id.isdigit():
        raise invalid(f"Invalid object id: '{raw_id}'")
    return identified(call, kind, raw_id, id_property)


def batch_create(call: Call, kind_name: str) -> Answer:
    """All or nothing, unless each input carries a trace id of its own."""
    kind = writable(call, kind_name)
    inputs = call.inputs(_MAX)
    traces = [one.get("objectWriteTraceId") for one in inputs]
    if not all(traces) or len(set(traces)) < len(traces):
        return _create_all(call, kind, inputs)
    results: list[Item] = []
    errors: list[Item] = []
    for one in inputs:
        try:
            results.append(_created(call, kind, one, call.portal.checked(kind, one.get("properties"))))
        except ApiError as refused:
            errors.append(_traced(refused, one))
    call.wrote(len(results))
    return complete(call, results, errors, status=201)


def _create_all(call: Call, kind: ObjectType, inputs: list[Item]) -> Answer:
    accepted = [call.portal.checked(kind, one.get("properties")) for one in inputs]
    for properties in accepted:
        call.portal.check_unique(kind, properties, None)
    for name in call.portal.stores[kind.name].unique:
        given = Counter(properties[name].lower() for properties in accepted if properties.get(name))
        twice = [value for value, times in given.items() if times > 1]
        if twice:
            raise invalid(f"Duplicate {name} values found in batch input: {twice}")
    results = [_created(call, kind, one, checked) for one, checked in zip(inputs, accepted, strict=True)]
    call.wrote(len(results))
    return complete(call, results, status=201)


def _created(call: Call, kind: ObjectType, one: Item, properties: dict[str, str]) -> Item:
    record = call.portal.create(kind, properties, call.write(), one.get("associations") or ())
    return _written(call, kind, record, properties, one)


def _written(call: Call, kind: ObjectType, record: Record, properties: dict[str, str], one: Item) -> Item:
    names = shown_names(call.portal, kind, properties or kind.shown)
    body = record_json(call.portal, kind, record, names)
    if one.get("objectWriteTraceId"):
        body["objectWriteTraceId"] = one["objectWriteTraceId"]
    return body


def _traced(refused: ApiError, one: Item) -> Item:
    item = dict(refused.item)
    context = dict(item.get("context") or {})
    context["objectWriteTraceId"] = [one["objectWriteTraceId"]]
    return {**item, "context": context}


def batch_update(call: Call, kind_name: str) -> Answer:
    """Missing ids are told in a 207; one bad value refuses the whole batch."""
    kind = writable(call, kind_name)
    inputs = call.inputs(_MAX)
    _refuse_twice(inputs)
    pairs: list[tuple[Item, Record, dict[str, str]]] = []
    absent: list[Item] = []
    for one in inputs:
        record = _to_update(call, kind, one)
        if record is None:
            absent.append(one)
            continue
        properties = call.portal.checked(kind, one.get("properties"), record_id=record.id)
        call.portal.check_unique(kind, properties, record)
        pairs.append((one, record, properties))
    results = []
    for one, record, properties in pairs:
        if _merged_away(call, kind, one):
            continue
        call.portal.update(kind, record, properties, call.write())
        results.append(_written(call, kind, record, properties, one))
    call.wrote(len(results))
    traces = [str(one["objectWriteTraceId"]) for one in absent if one.get("objectWriteTraceId")]
    return complete(call, results, missing(kind, [str(one.get("id")) for one in absent], traces))


def _refuse_twice(inputs: list[Item]) -> None:
    counts = Counter(str(one.get("id", "")) for one in inputs)
    twice = [raw_id for raw_id, times in counts.items() if times > 1]
    if twice:
        raise invalid(f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique")


def _to_update(call: Call, kind: ObjectType, one: Item) -> Record | None:
    id_property = one.get("idProperty")
    if id_property == "hs_object_id":
        raise invalid("idProperty hs_object_id is not supported; omit idProperty to use record IDs")
    raw_id = str(one.get("id", ""))
    if id_property is None and not raw_id.isdigit():
        raise invalid(f"Invalid object id: '{raw_id}'")
    return identified(call, kind, raw_id, id_property)


def _merged_away(call: Call, kind: ObjectType, one: Item) -> bool:
    """An id that went away in a merge is neither updated nor mentioned (unless configured otherwise)."""
    raw_id = str(one.get("id", ""))
    vanishes = call.portal.limits.merged_update == "vanish"
    return vanishes and raw_id.isdigit() and int(raw_id) in call.portal.stores[kind.name].aliases


def batch_upsert(call: Call, kind_name: str) -> Answer:
    kind = writable(call, kind_name)
    inputs = call.inputs(_MAX)
    _refuse_twice(inputs)
    prepared = [_to_upsert(call, kind, one) for one in inputs]
    results = []
    for one, record, properties in prepared:
        target = record or call.portal.create(kind, properties, call.write())
        if record is not None:
            call.portal.update(kind, record, properties, call.write())
        results.append({**_written(call, kind, target, properties, one), "new": record is None})
    call.wrote(len(results))
    return complete(call, results)


def _to_upsert(call: Call, kind: ObjectType, one: Item) -> tuple[Item, Record | None, dict[str, str]]:
    id_property = one.get("idProperty")
    if not id_property:
        raise invalid("Some required fields were not set: [idProperty]")
    raw_id = str(one.get("id", ""))
    record = identified(call, kind, raw_id, id_property)
    given = {id_property: raw_id, **(one.get("properties") or {})}
    if id_property == "hs_object_id":
        given.pop(id_property)
    properties = call.portal.checked(kind, given, record_id=None if record is None else record.id)
    call.portal.check_unique(kind, properties, record)
    return one, record, properties


def batch_archive(call: Call, kind_name: str) -> Answer:
    kind = writable(call, kind_name)
    gone = sum(
        archive(call.portal, kind, int(one["id"]), call.write())
        for one in call.inputs(_MAX)
        if str(one.get("id", "")).isdigit()
    )
    call.wrote(gone)
    return 204, None


_BATCH = "/crm/v3/objects/<kind_name>/batch"
ROUTES = (
    Route("POST", f"{_BATCH}/read", batch_read, READ),
    Route("POST", f"{_BATCH}/create", batch_create, WRITE, write=True),
    Route("POST", f"{_BATCH}/update", batch_update, WRITE, write=True),
    Route("POST", f"{_BATCH}/upsert", batch_upsert, WRITE, write=True),
    Route("POST", f"{_BATCH}/archive", batch_archive, WRITE, write=True),
)
