"""``/crm/v3/lists``: lists and their members."""

from collections.abc import Iterable
from typing import Any

from sandbox.hubspot.call import Answer, Call, Route
from sandbox.hubspot.errors import ApiError, invalid, not_found
from sandbox.hubspot.listfilters import evaluate
from sandbox.hubspot.lists import PROCESSING_TYPES, RESTORABLE_MS, ContactList
from sandbox.hubspot.values import iso_ms

READ = ("crm.lists.read",)
WRITE = ("crm.lists.write",)
_MAX_MEMBERS_A_PAGE = 250
_MAX_CHANGES = 100_000
_MAX_IDS = 10_000


def _list(call: Call, list_id: str) -> ContactList:
    found = call.portal.lists.find(int(list_id)) if list_id.isdigit() else None
    if found is None:
        raise _no_list(f"List does not exist with ID {list_id}.")
    if found.processing == "DYNAMIC":
        evaluate(call.portal, found)
    return found


def _no_list(message: str) -> ApiError:
    return not_found(message, subCategory="ILS.LIST_NOT_FOUND")


def _editable(call: Call, list_id: str) -> ContactList:
    found = _list(call, list_id)
    if found.processing == "DYNAMIC":
        raise invalid(
            "Memberships of a DYNAMIC list cannot be changed.", subCategory="ILS.INVALID_LIST_PROCESSING_TYPE"
        )
    return found


def create(call: Call) -> Answer:
    body = call.body()
    absent = [key for key in ("name", "objectTypeId", "processingType") if not body.get(key)]
    if absent:
        raise invalid(f"Some required fields were not set: [{', '.join(absent)}]")
    kind = call.portal.kind(str(body["objectTypeId"]))
    processing, branch = str(body["processingType"]), body.get("filterBranch")
    if processing not in PROCESSING_TYPES:
        raise invalid(f"processingType must be one of {list(PROCESSING_TYPES)}")
    if processing == "DYNAMIC" and not branch:
        raise invalid("A DYNAMIC list requires a filterBranch.", subCategory="ILS.MISSING_FILTER_BRANCH")
    if processing == "MANUAL" and branch:
        raise invalid(
            "A MANUAL list must not have a filterBranch.", subCategory="ILS.UNEXPECTED_FILTER_BRANCH"
        )
    _refuse_name(call, str(body["name"]), kind.type_id)
    made = call.portal.lists.create(str(body["name"]), kind.type_id, processing, call.portal.now_ms, branch)
    if branch:
        evaluate(call.portal, made)
    return 200, {"list": made.as_json(filters=True)}


def _refuse_name(call: Call, name: str, type_id: str) -> None:
    if call.portal.lists.named(name, type_id) is not None:
        raise invalid(f"List name '{name}' is already in use.", subCategory="ILS.DUPLICATE_LIST_NAMES")


def several(call: Call) -> Answer:
    wanted = call.several("listIds")
    lists = [one for one in call.portal.lists.live() if str(one.id) in wanted]
    return 200, {"lists": [one.as_json(filters=call.flag("includeFilters")) for one in lists]}


def one(call: Call, list_id: str) -> Answer:
    return 200, {"list": _list(call, list_id).as_json(filters=call.flag("includeFilters"))}


def named(call: Call, type_id: str, name: str) -> Answer:
    found = call.portal.lists.named(name, call.portal.kind(type_id).type_id)
    if found is None:
        raise _no_list(f"List does not exist with name {name} and object type ID {type_id}.")
    return one(call, str(found.id))


def search(call: Call) -> Answer:
    body = call.body()
    lists = [found for found in call.portal.lists.live() if _asked_for(found, body)]
    offset, count = int(body.get("offset") or 0), min(int(body.get("count") or 20), 500)
    shown = lists[offset : offset + count]
    more = offset + len(shown) < len(lists)
    results = [_searched(call, found, body.get("additionalProperties") or ()) for found in shown]
    return 200, {"lists": results, "hasMore": more, "offset": offset + len(shown), "total": len(lists)}


def _asked_for(found: ContactList, body: dict[str, Any]) -> bool:
    ids, types = body.get("listIds"), body.get("processingTypes")
    query = str(body.get("query") or "").lower()
    return (
        (not ids or str(found.id) in [str(one_id) for one_id in ids])
        and (not types or found.processing in types)
        and query in found.name.lower()
        and body.get("objectTypeId") in (None, found.type_id)
    )


def _searched(call: Call, found: ContactList, extra: Iterable[str]) -> dict[str, Any]:
    if found.processing == "DYNAMIC":
        evaluate(call.portal, found)
    last = max(found.members.values(), default=None)
    known = {
        "hs_list_size": str(len(found.members)),
        "hs_list_reference_count": "0",
        "hs_last_record_added_at": "" if last is None else str(last),
        "hs_folder_name": "",
        "hs_legacy_list_id": str(found.legacy_id),
    }
    defaults = ["hs_list_size", "hs_last_record_added_at", "hs_folder_name", "hs_list_reference_count"]
    body = found.as_json()
    del body["size"]
    return {**body, "additionalProperties": {name: known.get(name, "") for name in [*defaults, *extra]}}


def delete(call: Call, list_id: str) -> Answer:
    _list(call, list_id).deleted_ms = call.portal.now_ms
    return 204, None


def restore(call: Call, list_id: str) -> Answer:
    found = call.portal.lists.lists.get(int(list_id)) if list_id.isdigit() else None
    if found is None or (found.deleted_ms or call.portal.now_ms) < call.portal.now_ms - RESTORABLE_MS:
        raise _no_list(f"List does not exist with ID {list_id}.")
    found.deleted_ms = None
    return 204, None


def rename(call: Call, list_id: str) -> Answer:
    found, name = _list(call, list_id), call.text("listName") or ""
    if not name:
        raise invalid("listName is required")
    if name.lower() != found.name.lower():
        _refuse_name(call, name, found.type_id)
    found.name, found.updated_ms = name, call.portal.now_ms
    found.version += 1
    return 200, {"updatedList": found.as_json(filters=call.flag("includeFilters"))}


def refilter(call: Call, list_id: str) -> Answer:
    found, branch = _list(call, list_id), call.body().get("filterBranch")
    if found.processing != "DYNAMIC" or not branch:
        raise invalid(
            "Only DYNAMIC lists have filters to update.", subCategory="ILS.INVALID_LIST_PROCESSING_TYPE"
        )
    found.filter_branch, found.updated_ms = branch, call.portal.now_ms
    evaluate(call.portal, found)
    return 200, {"updatedList": found.as_json(filters=True)}


def members(call: Call, list_id: str) -> Answer:
    """Ascending by record id."""
    return _member_page(call, sorted(_list(call, list_id).members.items()))


def members_by_joining(call: Call, list_id: str) -> Answer:
    """Whoever joined last comes first."""
    joined = _list(call, list_id).members.items()
    return _member_page(call, sorted(joined, key=lambda one: (-one[1], one[0])))


def _member_page(call: Call, ordered: list[tuple[int, int]]) -> Answer:
    limit = call.number("limit", 100, high=_MAX_MEMBERS_A_PAGE)
    start = 0
    after = call.text("after")
    if after:
        position = next(
            (index for index, (record_id, _) in enumerate(ordered) if str(record_id) == after), None
        )
        start = _resumed(ordered, after) if position is None else position + 1
    shown = ordered[start : start + limit]
    more = start + limit < len(ordered)
    results = [
        {"recordId": str(record_id), "membershipTimestamp": iso_ms(at_ms)} for record_id, at_ms in shown
    ]
    return 200, {
        "results": results,
        "total": len(ordered),
        **call.paging(str(shown[-1][0]) if more else None),
    }


def _resumed(ordered: list[tuple[int, int]], after: str) -> int:
    """Where to go on when the last member seen has left."""
    if not after.isdigit():
        raise invalid(f"Unable to parse value for query parameter after: {after}")
    return sum(record_id <= int(after) for record_id, _ in ordered)


def clear(call: Call, list_id: str) -> Answer:
    found = _editable(call, list_id)
    if len(found.members) >= _MAX_CHANGES:
        raise invalid(f"Only lists with fewer than {_MAX_CHANGES} memberships can be cleared.")
    call.wrote(len(found.members))
    found.members.clear()
    return 204, None


def add(call: Call, list_id: str) -> Answer:
    return _changed(call, list_id, _ids(call.json()), [])


def remove(call: Call, list_id: str) -> Answer:
    return _changed(call, list_id, [], _ids(call.json()))


def add_and_remove(call: Call, list_id: str) -> Answer:
    body = call.body()
    return _changed(
        call, list_id, _ids(body.get("recordIdsToAdd") or []), _ids(body.get("recordIdsToRemove") or [])
    )


def _ids(given: object) -> list[int]:
    if not isinstance(given, list):
        raise invalid("Invalid input JSON: a list of record IDs was expected")
    if len(given) > _MAX_CHANGES:
        raise invalid(f"At most {_MAX_CHANGES} record IDs a call. Received {len(given)}.")
    wrong = [one for one in given if not str(one).isdigit()]
    if wrong:
        raise invalid(f"Invalid record ID: {wrong[0]}")
    return list(dict.fromkeys(int(str(one)) for one in given))


def _changed(call: Call, list_id: str, wanted: list[int], unwanted: list[int]) -> Answer:
    """Members already there, or not there, are passed over without a word."""
    found = _editable(call, list_id)
    store = call.portal.stores[call.portal.kind(found.type_id).name]
    absent = [one_id for one_id in (*wanted, *unwanted) if store.find(one_id) is None]
    adding = [found_id for one_id in wanted if (found_id := store.resolve(one_id)) in store.live]
    added = [one_id for one_id in adding if one_id not in found.members]
    removed = [store.resolve(one_id) for one_id in unwanted if store.resolve(one_id) in found.members]
    found.members.update(dict.fromkeys(added, call.portal.now_ms))
    for one_id in removed:
        del found.members[one_id]
    call.wrote(len(added) + len(removed))
    return 200, {
        "recordsIdsAdded": [str(one_id) for one_id in added],
        "recordIdsRemoved": [str(one_id) for one_id in removed],
        "recordIdsMissing": [str(one_id) for one_id in absent],
    }


def add_from(call: Call, list_id: str, source_id: str) -> Answer:
    found, source = _editable(call, list_id), _list(call, source_id)
    if len(source.members) >= _MAX_CHANGES:
        raise invalid(f"Only lists with fewer than {_MAX_CHANGES} memberships can be added from.")
    added = [one_id for one_id in source.members if one_id not in found.members]
    found.members.update(dict.fromkeys(added, call.portal.now_ms))
    call.wrote(len(added))
    return 204, None


def of_record(call: Call, type_id: str, record_id: str) -> Answer:
    kind = call.portal.kind(type_id)
    inside = [
        one
        for one in call.portal.lists.live()
        if one.type_id == kind.type_id and int(record_id) in one.members
    ]
    results = [
        {
            "listId": str(one.id),
            "listVersion": one.version,
            "isPublicList": False,
            "firstAddedTimestamp": iso_ms(one.members[int(record_id)]),
            "lastAddedTimestamp": iso_ms(one.members[int(record_id)]),
        }
        for one in inside
    ]
    return 200, {"results": results, "total": len(results)}


def id_mapping(call: Call) -> Answer:
    legacy = call.text("legacyListId")
    found = next((one for one in call.portal.lists.lists.values() if str(one.legacy_id) == legacy), None)
    if found is None:
        raise _no_list(f"No list has the legacy ID {legacy}.")
    return 200, {"listId": str(found.id), "legacyListId": str(found.legacy_id)}


def id_mappings(call: Call) -> Answer:
    given = call.json()
    if not isinstance(given, list) or len(given) > _MAX_IDS:
        raise invalid(f"A list of at most {_MAX_IDS} legacy IDs was expected")
    by_legacy = {str(one.legacy_id): one for one in call.portal.lists.lists.values()}
    pairs = [
        {"listId": str(by_legacy[str(one)].id), "legacyListId": str(one)}
        for one in given
        if str(one) in by_legacy
    ]
    return 200, {
        "legacyListIdsToIdsMapping": pairs,
        "missingLegacyListIds": [str(one) for one in given if str(one) not in by_legacy],
    }


_ONE = "/crm/v3/lists/<list_id>"
_MEMBERS = f"{_ONE}/memberships"
ROUTES = (
    Route("POST", "/crm/v3/lists", create, WRITE, write=True),
    Route("GET", "/crm/v3/lists", several, READ),
    Route("POST", "/crm/v3/lists/search", search, READ),
    Route("GET", "/crm/v3/lists/idmapping", id_mapping, READ),
    Route("POST", "/crm/v3/lists/idmapping", id_mappings, READ),
    Route("GET", "/crm/v3/lists/object-type-id/<type_id>/name/<path:name>", named, READ),
    Route("GET", "/crm/v3/lists/records/<type_id>/<record_id>/memberships", of_record, READ),
    Route("GET", _ONE, one, READ),
    Route("DELETE", _ONE, delete, WRITE, write=True),
    Route("PUT", f"{_ONE}/restore", restore, WRITE, write=True),
    Route("PUT", f"{_ONE}/update-list-name", rename, WRITE, write=True),
    Route("PUT", f"{_ONE}/update-list-filters", refilter, WRITE, write=True),
    Route("GET", _MEMBERS, members, READ),
    Route("DELETE", _MEMBERS, clear, WRITE, write=True),
    Route("GET", f"{_MEMBERS}/join-order", members_by_joining, READ),
    Route("PUT", f"{_MEMBERS}/add", add, WRITE, write=True),
    Route("PUT", f"{_MEMBERS}/remove", remove, WRITE, write=True),
    Route("PUT", f"{_MEMBERS}/add-and-remove", add_and_remove, WRITE, write=True),
    Route("PUT", f"{_MEMBERS}/add-from/<source_id>", add_from, WRITE, write=True),
)
