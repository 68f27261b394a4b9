"""Associations: v4 (and date-versioned), the older v3 batch calls, and labels."""

from collections.abc import Callable
from typing import Any

from sandbox.hubspot.api.batches import complete
from sandbox.hubspot.call import Answer, Call, Route
from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.errors import invalid, object_not_found
from sandbox.hubspot.links import FIRST_LABEL_ID, UNLABELED

READ = ("crm.objects.{kind}.read",)
WRITE = ("crm.objects.{kind}.write",)
_PAGE = 500
_READ_MAX = 1000
_WRITE_MAX = 2000
_V3_PAGE = 100
_V3_BATCH = 100

Item = dict[str, Any]
Tied = list[tuple[int, list[int]]]


def _kinds(call: Call, kind_name: str, other_name: str) -> tuple[ObjectType, ObjectType]:
    kind, other = call.portal.kind(kind_name), call.portal.kind(other_name)
    if not call.portal.links.known((kind.name, other.name)):
        raise invalid(f"{kind.singular} and {other.singular} cannot be associated")
    return kind, other


def _id(call: Call, kind: ObjectType, raw_id: str) -> int:
    found = call.portal.stores[kind.name].find(int(raw_id)) if raw_id.isdigit() else None
    if found is None:
        raise object_not_found(raw_id)
    return found.id


def _page_of(tied: Tied, after: str | None, limit: int) -> tuple[Tied, str | None]:
    """From the id ``after`` on; and where the next page begins."""
    rest = [one for one in tied if not after or one[0] >= int(after)]
    return rest[:limit], str(rest[limit][0]) if len(rest) > limit else None


def _v4(call: Call, kind: ObjectType, other: ObjectType, tied: Tied) -> list[Item]:
    pair = (kind.name, other.name)
    return [
        {
            "toObjectId": str(other_id),
            "associationTypes": [call.portal.links.described(pair, type_id) for type_id in type_ids],
        }
        for other_id, type_ids in tied
    ]


def of_one(call: Call, kind_name: str, raw_id: str, other_name: str) -> Answer:
    kind, other = _kinds(call, kind_name, other_name)
    tied = call.portal.links.of((kind.name, other.name), _id(call, kind, raw_id))
    shown, after = _page_of(tied, call.text("after"), call.number("limit", _PAGE, high=_PAGE))
    return 200, {"results": _v4(call, kind, other, shown), **call.paging(after)}


def of_one_v3(call: Call, kind_name: str, raw_id: str, other_name: str) -> Answer:
    kind, other = _kinds(call, kind_name, other_name)
    tied = call.portal.links.of((kind.name, other.name), _id(call, kind, raw_id))
    shown, after = _page_of(tied, call.text("after"), call.number("limit", _PAGE, high=_PAGE))
    return 200, {"results": _v3(call, kind, other, shown), **call.paging(after)}


def _v3(call: Call, kind: ObjectType, other: ObjectType, tied: Tied) -> list[Item]:
    pair, singulars = (kind.name, other.name), (kind.singular, other.singular)
    return [
        {"id": str(other_id), "type": name}
        for other_id, type_ids in tied
        for name in call.portal.links.names(pair, type_ids, singulars)
    ]


def _read_batch(
    call: Call,
    kind_name: str,
    other_name: str,
    maximum: int,
    limit: int,
    show: Callable[[Call, ObjectType, ObjectType, Tied], list[Item]],
) -> Answer:
    """Paging is per result: an input with more carries its own ``paging``."""
    kind, other = _kinds(call, kind_name, other_name)
    results: list[Item] = []
    errors: list[Item] = []
    for one in call.inputs(maximum):
        raw_id = str(one.get("id", ""))
        found = call.portal.stores[kind.name].find(int(raw_id)) if raw_id.isdigit() else None
        tied = [] if found is None else call.portal.links.of((kind.name, other.name), found.id)
        if not tied:
            errors.append(_none_tied(kind, other, raw_id))
            continue
        shown, after = _page_of(tied, one.get("after"), limit)
        results.append({"from": {"id": raw_id}, "to": show(call, kind, other, shown), **call.paging(after)})
    return complete(call, results, errors)


def _none_tied(kind: ObjectType, other: ObjectType, raw_id: str) -> Item:
    message = f"No {other.singular} is associated with {kind.singular} {raw_id}."
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": message,
        "context": {
            "fromObjectId": [raw_id],
            "fromObjectType": [kind.singular],
            "toObjectType": [other.singular],
        },
    }


def read_v4(call: Call, kind_name: str, other_name: str) -> Answer:
    return _read_batch(call, kind_name, other_name, _READ_MAX, _PAGE, _v4)


def read_v3(call: Call, kind_name: str, other_name: str) -> Answer:
    return _read_batch(call, kind_name, other_name, _READ_MAX, _V3_PAGE, _v3)


def _tie(call: Call, kind: ObjectType, other: ObjectType, one: Item, types: list[Item]) -> tuple[int, int]:
    pair = (kind.name, other.name)
    type_ids = tuple(int(given["associationTypeId"]) for given in types)
    for type_id in type_ids:
        if not call.portal.links.type_allowed(pair, type_id):
            raise invalid(
                f"{type_id} is not a valid association type from {kind.singular} to {other.singular}"
            )
    start = _id(call, kind, str((one.get("from") or {}).get("id", "")))
    end = _id(call, other, str((one.get("to") or {}).get("id", "")))
    call.portal.associate(kind, start, other, end, type_ids, call.write())
    return start, end


def create_v4(call: Call, kind_name: str, other_name: str) -> Answer:
    kind, other = _kinds(call, kind_name, other_name)
    results = []
    for one in call.inputs(_WRITE_MAX):
        start, end = _tie(call, kind, other, one, one.get("types") or [])
        results.append(_labels_between(call, kind, other, start, end))
    call.wrote(len(results))
    return complete(call, results, status=201)


def _labels_between(call: Call, kind: ObjectType, other: ObjectType, start: int, end: int) -> Item:
    pair = (kind.name, other.name)
    tied = dict(call.portal.links.of(pair, start)).get(end, [])
    labels = [call.portal.links.described(pair, type_id)["label"] for type_id in tied]
    return {
        "fromObjectTypeId": kind.type_id,
        "fromObjectId": str(start),
        "toObjectTypeId": other.type_id,
        "toObjectId": str(end),
        "labels": [label for label in labels if label],
    }


def create_default(call: Call, kind_name: str, other_name: str) -> Answer:
    kind, other = _kinds(call, kind_name, other_name)
    results = [
        item
        for one in call.inputs(_WRITE_MAX)
        for item in _default_items(kind, other, *_tie(call, kind, other, one, []))
    ]
    call.wrote(len(results) // 2)
    return complete(call, results)


def _default_items(kind: ObjectType, other: ObjectType, start: int, end: int) -> list[Item]:
    there, back = UNLABELED[kind.name, other.name], UNLABELED[other.name, kind.name]
    return [
        {"from": {"id": str(a)}, "to": {"id": str(b)}, "associationSpec": _spec(type_id)}
        for a, b, type_id in ((start, end, there), (end, start, back))
    ]


def _spec(type_id: int) -> Item:
    return {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}


def put_default(call: Call, kind_name: str, raw_id: str, other_name: str, other_id: str) -> Answer:
    kind, other = _kinds(call, kind_name, other_name)
    start, end = _tie(call, kind, other, {"from": {"id": raw_id}, "to": {"id": other_id}}, [])
    return complete(call, _default_items(kind, other, start, end))


def put_one(call: Call, kind_name: str, raw_id: str, other_name: str, other_id: str) -> Answer:
    kind, other = _kinds(call, kind_name, other_name)
    types = call.json()
    start, end = _tie(call, kind, other, {"from": {"id": raw_id}, "to": {"id": other_id}}, types)
    return 201, _labels_between(call, kind, other, start, end)


def delete_one(call: Call, kind_name: str, raw_id: str, other_name: str, other_id: str) -> Answer:
    kind, other = _kinds(call, kind_name, other_name)
    if raw_id.isdigit() and other_id.isdigit():
        call.portal.links.untie((kind.name, other.name), int(raw_id), int(other_id))
    return 204, None


def archive_v4(call: Call, kind_name: str, other_name: str) -> Answer:
    kind, other = _kinds(call, kind_name, other_name)
    gone = 0
    for one in call.inputs(_WRITE_MAX):
        for target in one.get("to") or []:
            call.portal.links.untie((kind.name, other.name), int(one["from"]["id"]), int(target["id"]))
            gone += 1
    call.wrote(gone)
    return 204, None


def archive_labels(call: Call, kind_name: str, other_name: str) -> Answer:
    kind, other = _kinds(call, kind_name, other_name)
    inputs = call.inputs(_WRITE_MAX)
    for one in inputs:
        type_ids = tuple(int(given["associationTypeId"]) for given in one.get("types") or [])
        call.portal.links.untie(
            (kind.name, other.name), int(one["from"]["id"]), int(one["to"]["id"]), type_ids
        )
    call.wrote(len(inputs))
    return 204, None


def create_v3(call: Call, kind_name: str, other_name: str) -> Answer:
    """The type is given by name; anything but the plain tie needs v4."""
    kind, other = _kinds(call, kind_name, other_name)
    base = f"{kind.singular}_to_{other.singular}"
    results = []
    for one in call.inputs(_V3_BATCH):
        if one.get("type") not in (base, f"{base}_unlabeled"):
            raise invalid(f"{one.get('type')} is not a valid association type")
        start, end = _tie(call, kind, other, one, [])
        results.append({"from": {"id": str(start)}, "to": {"id": str(end)}, "type": one["type"]})
    call.wrote(len(results))
    return complete(call, results, status=201)


def archive_v3(call: Call, kind_name: str, other_name: str) -> Answer:
    kind, other = _kinds(call, kind_name, other_name)
    inputs = call.inputs(_V3_BATCH)
    for one in inputs:
        call.portal.links.untie((kind.name, other.name), int(one["from"]["id"]), int(one["to"]["id"]))
    call.wrote(len(inputs))
    return 204, None


def labels(call: Call, kind_name: str, other_name: str) -> Answer:
    kind, other = _kinds(call, kind_name, other_name)
    pair, links = (kind.name, other.name), call.portal.links
    primary = links.primary_type(pair)
    type_ids = [UNLABELED[pair], *([] if primary is None else [primary]), *links.labels.get(pair, {})]
    return 200, {"results": [links.described(pair, type_id) for type_id in type_ids]}


def create_label(call: Call, kind_name: str, other_name: str) -> Answer:
    kind, other = _kinds(call, kind_name, other_name)
    body = call.body()
    label, name = str(body.get("label") or ""), str(body.get("name") or "")
    if not label or not name:
        raise invalid("Some required fields were not set: [label, name]")
    known = call.portal.links.labels
    type_id = FIRST_LABEL_ID + sum(len(held) for held in known.values())
    known.setdefault((kind.name, other.name), {})[type_id] = (label, name)
    inverse = str(body.get("inverseLabel") or label)
    known.setdefault((other.name, kind.name), {})[type_id] = (inverse, f"{name}_inverse")
    pair = (kind.name, other.name)
    return 200, {"results": [call.portal.links.described(pair, type_id)]}


_V4 = "/crm/v4/associations/<kind_name>/<other_name>"
_V3 = "/crm/v3/associations/<kind_name>/<other_name>"
_OF = "/crm/v4/objects/<kind_name>/<raw_id>/associations"
ROUTES = (
    Route("GET", f"{_OF}/<other_name>", of_one, READ),
    Route("PUT", f"{_OF}/default/<other_name>/<other_id>", put_default, WRITE, write=True),
    Route("PUT", f"{_OF}/<other_name>/<other_id>", put_one, WRITE, write=True),
    Route("DELETE", f"{_OF}/<other_name>/<other_id>", delete_one, WRITE, write=True),
    Route("GET", "/crm/v3/objects/<kind_name>/<raw_id>/associations/<other_name>", of_one_v3, READ),
    Route("POST", f"{_V4}/batch/read", read_v4, READ),
    Route("POST", f"{_V4}/batch/create", create_v4, WRITE, write=True),
    Route("POST", f"{_V4}/batch/associate/default", create_default, WRITE, write=True),
    Route("POST", f"{_V4}/batch/archive", archive_v4, WRITE, write=True),
    Route("POST", f"{_V4}/batch/labels/archive", archive_labels, WRITE, write=True),
    Route("GET", f"{_V4}/labels", labels, READ),
    Route("POST", f"{_V4}/labels", create_label, WRITE, write=True),
    Route("POST", f"{_V3}/batch/read", read_v3, READ),
    Route("POST", f"{_V3}/batch/create", create_v3, WRITE, write=True),
    Route("POST", f"{_V3}/batch/archive", archive_v3, WRITE, write=True),
)
