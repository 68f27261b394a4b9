"""``/crm/v3/objects/{type}``: one record at a time, pages, search, merge, GDPR delete."""

from itertools import islice
from typing import Any

from sandbox.hubspot.api.rendering import record_json, shown_names, with_associations, with_history
from sandbox.hubspot.call import Answer, Call, Route, names_in
from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.errors import ApiError, invalid, not_found, object_not_found
from sandbox.hubspot.merging import merge
from sandbox.hubspot.records import Record
from sandbox.hubspot.removal import archive, gdpr_delete

READ = ("crm.objects.{kind}.read",)
WRITE = ("crm.objects.{kind}.write",)
_PAGE = 100
_PAGE_WITH_HISTORY = 50


def page(call: Call, kind_name: str) -> Answer:
    """Ascending by id. ``after`` is the id the next page begins with."""
    kind = call.portal.kind(kind_name)
    history = call.several("propertiesWithHistory")
    limit = call.number("limit", 10, high=_PAGE_WITH_HISTORY if history else _PAGE)
    first_id = call.number("after", 0, low=0)
    store = call.portal.stores[kind.name]
    if call.flag("archived"):
        walk = store.archived_from(first_id, call.portal.now_ms)
    else:
        walk = store.live_from(first_id)
    records = list(islice(walk, limit + 1))
    names = shown_names(call.portal, kind, call.several("properties"))
    results = [_shown(call, kind, record, names) for record in records[:limit]]
    return 200, {"results": results, **call.paging(str(records[limit].id) if len(records) > limit else None)}


def _shown(call: Call, kind: ObjectType, record: Record, names: list[str]) -> dict[str, Any]:
    body = record_json(call.portal, kind, record, names)
    with_history(call.portal, kind, record, body, call.several("propertiesWithHistory"))
    return with_associations(call.portal, kind, record, body, call.several("associations"))


def identified(call: Call, kind: ObjectType, raw_id: str, id_property: str | None) -> Record | None:
    """A live record by id, or by a unique property's value."""
    store = call.portal.stores[kind.name]
    if id_property is None or id_property == "hs_object_id":
        if not raw_id.isdigit():
            raise object_not_found(raw_id)
        return store.find(int(raw_id))
    if id_property not in store.unique:
        raise invalid(f"Property '{id_property}' is not a unique property of {kind.singular}")
    return store.find_by(id_property, raw_id)


def read(call: Call, kind_name: str, raw_id: str) -> Answer:
    kind = call.portal.kind(kind_name)
    record = identified(call, kind, raw_id, call.text("idProperty"))
    if call.flag("archived"):
        record = call.portal.stores[kind.name].archived.get(int(raw_id)) if raw_id.isdigit() else None
    if record is None:
        raise object_not_found(raw_id) if call.text("idProperty") is None else not_found()
    names = shown_names(call.portal, kind, call.several("properties"))
    return 200, _shown(call, kind, record, names)


def create(call: Call, kind_name: str) -> Answer:
    kind = writable(call, kind_name)
    body = call.body()
    properties = call.portal.checked(kind, body.get("properties"))
    record = call.portal.create(kind, properties, call.write(), body.get("associations") or ())
    return 201, record_json(call.portal, kind, record, _after_write(call, kind, properties))


def update(call: Call, kind_name: str, raw_id: str) -> Answer:
    kind = writable(call, kind_name)
    record = identified(call, kind, raw_id, call.text("idProperty"))
    if record is None:
        raise not_found()
    properties = call.portal.checked(kind, call.body().get("properties"), record_id=record.id)
    call.portal.update(kind, record, properties, call.write())
    return 200, record_json(call.portal, kind, record, _after_write(call, kind, properties))


def _after_write(call: Call, kind: ObjectType, properties: dict[str, str]) -> list[str]:
    return shown_names(call.portal, kind, properties or kind.shown)


def remove(call: Call, kind_name: str, raw_id: str) -> Answer:
    """204 whether or not there was one."""
    kind = writable(call, kind_name)
    if raw_id.isdigit():
        archive(call.portal, kind, int(raw_id), call.write())
    return 204, None


def search(call: Call, kind_name: str) -> Answer:
    kind = call.portal.kind(kind_name)
    body = call.body()
    found = call.portal.searchers[kind.name].search(body, call.portal.now_ms)
    names = shown_names(call.portal, kind, names_in(body.get("properties") or ()))
    results = [record_json(call.portal, kind, record, names) for record in found.records]
    after = None if found.next_after is None else str(found.next_after)
    paging = {} if after is None else {"paging": {"next": {"after": after}}}
    return 200, {"total": found.total, "results": results, **paging}


def merge_two(call: Call, kind_name: str) -> Answer:
    kind = writable(call, kind_name)
    if not kind.can_merge:
        raise invalid(f"Merging is not supported for {kind.name}")
    body = call.body()
    raw_ids = [str(body.get(key, "")) for key in ("primaryObjectId", "objectIdToMerge")]
    for raw_id in raw_ids:
        if not raw_id.isdigit():
            raise invalid(f"Invalid object id: '{raw_id}'")
    record = merge(call.portal, kind, int(raw_ids[0]), int(raw_ids[1]), call.write())
    return 200, record_json(
        call.portal, kind, record, shown_names(call.portal, kind, ("hs_merged_object_ids",))
    )


def forget(call: Call, kind_name: str) -> Answer:
    kind = writable(call, kind_name)
    body = call.body()
    gdpr_delete(call.portal, kind, str(body.get("objectId", "")), body.get("idProperty"))
    return 204, None


def writable(call: Call, kind_name: str) -> ObjectType:
    kind = call.portal.kind(kind_name)
    if kind.read_only:
        raise ApiError(405, {"status": "error", "message": f"{kind.name} are read-only through the API"})
    return kind


_TYPE = "/crm/v3/objects/<kind_name>"
ROUTES = (
    Route("GET", _TYPE, page, READ),
    Route("POST", _TYPE, create, WRITE, write=True),
    Route("POST", f"{_TYPE}/search", search, READ, search=True),
    Route("POST", f"{_TYPE}/merge", merge_two, WRITE, write=True),
    Route("POST", f"{_TYPE}/gdpr-delete", forget, WRITE, write=True),
    Route("GET", f"{_TYPE}/<raw_id>", read, READ),
    Route("PATCH", f"{_TYPE}/<raw_id>", update, WRITE, write=True),
    Route("DELETE", f"{_TYPE}/<raw_id>", remove, WRITE, write=True),
)
