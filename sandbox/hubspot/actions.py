"""What people do in HubSpot's own screens, and what its administrators set: ``do`` of the control port."""

from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from sandbox.hubspot import values
from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.errors import ApiError
from sandbox.hubspot.limits import HubSpotLimits
from sandbox.hubspot.merging import merge
from sandbox.hubspot.occurrences import Occurrence
from sandbox.hubspot.permissions import opt_in, opt_out
from sandbox.hubspot.portal import Portal, derived
from sandbox.hubspot.properties import TYPES, Group, Property
from sandbox.hubspot.records import Record, Write
from sandbox.hubspot.removal import archive, gdpr_delete

Arguments = dict[str, Any]


def act(portal: Portal, action: str, arguments: Arguments) -> Arguments:
    """ValueError if the action, a record or a setting is unknown, or HubSpot would refuse."""
    handler = _ACTIONS.get(action)
    if handler is None:
        message = f"hubspot has no action {action!r}; it has {', '.join(sorted(_ACTIONS))}"
        raise ValueError(message)
    try:
        return handler(portal, arguments)
    except ApiError as refused:
        raise ValueError(str(refused)) from refused


def _kind(portal: Portal, arguments: Arguments) -> ObjectType:
    return portal.kind(str(arguments.get("object", "contacts")))


def _record(portal: Portal, arguments: Arguments) -> tuple[ObjectType, Record]:
    """By ``id`` or, for contacts, ``email``."""
    kind = _kind(portal, arguments)
    store = portal.stores[kind.name]
    raw_id, address = str(arguments.get("id", "")), str(arguments.get("email", ""))
    record = store.find(int(raw_id)) if raw_id.isdigit() else store.find_by("email", address)
    if record is None:
        message = f"no {kind.singular} {raw_id or address!r}"
        raise ValueError(message)
    return kind, record


def _by_hand(portal: Portal) -> Write:
    return portal.write(source="CRM_UI", source_id="userId:9400001")


def _texts(given: object) -> dict[str, str]:
    """Values as given, unchecked: screens show fewer scruples than the API."""
    if not isinstance(given, dict):
        message = "properties must be an object"
        raise ValueError(message)  # noqa: TRY004 - the contract is ValueError
    return {str(name): "" if value is None else values.as_text(value) for name, value in given.items()}


def _edit(portal: Portal, arguments: Arguments) -> Arguments:
    kind, record = _record(portal, arguments)
    given = _texts(arguments.get("properties", {}))
    portal.stores[kind.name].update(record, {**given, **derived(kind, given)}, _by_hand(portal))
    return {"id": str(record.id)}


def _create(portal: Portal, arguments: Arguments) -> Arguments:
    """Also with ``contact``: the id of a contact to tie it to."""
    kind = _kind(portal, arguments)
    given = _texts(arguments.get("properties", {}))
    record = portal.stores[kind.name].create({**given, **derived(kind, given)}, _by_hand(portal))
    if arguments.get("contact"):
        portal.associate(kind, record.id, portal.kind("contacts"), int(arguments["contact"]))
    return {"id": str(record.id)}


def _create_many(portal: Portal, arguments: Arguments) -> Arguments:
    """``records`` (property objects), or ``count`` of ``properties`` in which ``{n}`` is the running number.

    created_at, modified_at: ISO instants all of them share; default now.
    """
    kind = _kind(portal, arguments)
    store, write = portal.stores[kind.name], _by_hand(portal)
    created = values.parse_ms(arguments["created_at"]) if "created_at" in arguments else write.now_ms
    modified = values.parse_ms(arguments["modified_at"]) if "modified_at" in arguments else created
    pattern = {name: (text, "{n}" in text) for name, text in _texts(arguments.get("properties", {})).items()}
    first = last = None
    for given in arguments.get("records") or ():
        last = store.create(_texts(given), write, created, modified).id
        first = last if first is None else first
    for number in range(int(arguments.get("count", 0))):
        given = {
            name: text.replace("{n}", str(number)) if varies else text
            for name, (text, varies) in pattern.items()
        }
        last = store.create(given, write, created, modified).id
        first = last if first is None else first
    return {"first": str(first), "last": str(last), "ids": [str(first), str(last)]}


def _delete(portal: Portal, arguments: Arguments) -> Arguments:
    kind, record = _record(portal, arguments)
    archive(portal, kind, record.id, _by_hand(portal))
    return {"id": str(record.id)}


def _restore(portal: Portal, arguments: Arguments) -> Arguments:
    kind = _kind(portal, arguments)
    record = portal.stores[kind.name].restore(int(arguments["id"]), _by_hand(portal))
    if record is None:
        message = f"no {kind.singular} {arguments['id']} in the recycle bin"
        raise ValueError(message)
    return {"id": str(record.id)}


def _merge(portal: Portal, arguments: Arguments) -> Arguments:
    kind = _kind(portal, arguments)
    record = merge(portal, kind, int(arguments["primary"]), int(arguments["other"]), _by_hand(portal))
    return {"id": str(record.id)}


def _gdpr_delete(portal: Portal, arguments: Arguments) -> Arguments:
    kind, record = _record(portal, arguments)
    gdpr_delete(portal, kind, str(record.id), None)
    return {"id": str(record.id)}


def _unsubscribe(portal: Portal, arguments: Arguments) -> Arguments:
    address = _address(portal, arguments)
    opt_out(portal, address)
    return {"email": address}


def _resubscribe(portal: Portal, arguments: Arguments) -> Arguments:
    address = _address(portal, arguments)
    opt_in(portal, address)
    return {"email": address}


def _address(portal: Portal, arguments: Arguments) -> str:
    if arguments.get("email"):
        return str(arguments["email"])
    _, record = _record(portal, arguments)
    if "email" not in record.properties:
        message = f"contact {record.id} has no address"
        raise ValueError(message)
    return record.properties["email"]


def _associate(portal: Portal, arguments: Arguments) -> Arguments:
    kind, record = _record(portal, arguments)
    other = portal.kind(str(arguments["to_object"]))
    portal.associate(kind, record.id, other, int(arguments["to_id"]), write=_by_hand(portal))
    return {"id": str(record.id)}


def _create_property(portal: Portal, arguments: Arguments) -> Arguments:
    kind, name = _kind(portal, arguments), str(arguments["name"])
    type_, field_type = str(arguments.get("type", "string")), str(arguments.get("field_type", "text"))
    group = str(arguments.get("group", next(iter(portal.books[kind.name].groups))))
    portal.books[kind.name].groups.setdefault(group, Group(group, group))
    now_ms = portal.now_ms
    portal.books[kind.name].live[name] = Property(
        name,
        str(arguments.get("label", name)),
        type_,
        field_type,
        group,
        created_ms=now_ms,
        updated_ms=now_ms,
    )
    return {"name": name}


def _archive_property(portal: Portal, arguments: Arguments) -> Arguments:
    kind, name = _kind(portal, arguments), str(arguments["name"])
    if not portal.books[kind.name].archive(name, portal.now_ms):
        message = f"no property {name!r}"
        raise ValueError(message)
    return {"name": name}


def _retype_property(portal: Portal, arguments: Arguments) -> Arguments:
    kind, name = _kind(portal, arguments), str(arguments["name"])
    definition = portal.books[kind.name].live.get(name)
    if definition is None or arguments.get("type") not in TYPES:
        message = f"no property {name!r}, or no type {arguments.get('type')!r}"
        raise ValueError(message)
    definition.type = str(arguments["type"])
    definition.field_type = str(arguments.get("field_type", definition.field_type))
    definition.updated_ms = portal.now_ms
    return {"name": name}


def _lock(portal: Portal, arguments: Arguments) -> Arguments:
    """Writes to the record get 423, until ``unlock``."""
    kind, record = _record(portal, arguments)
    portal.locked.add((kind.name, record.id))
    return {"id": str(record.id)}


def _unlock(portal: Portal, arguments: Arguments) -> Arguments:
    kind, record = _record(portal, arguments)
    portal.locked.discard((kind.name, record.id))
    return {"id": str(record.id)}


def _refuse(portal: Portal, arguments: Arguments) -> Arguments:
    """A validation rule stands in the way of every write to the record, until ``message`` is empty."""
    kind, record = _record(portal, arguments)
    message = str(arguments.get("message", ""))
    if message:
        portal.refused[kind.name, record.id] = message
    else:
        portal.refused.pop((kind.name, record.id), None)
    return {"id": str(record.id)}


def _set_limits(portal: Portal, arguments: Arguments) -> Arguments:
    known = {field.name for field in fields(HubSpotLimits)}
    if set(arguments) - known:
        message = f"no such limit: {sorted(set(arguments) - known)}; there are {sorted(known)}"
        raise ValueError(message)
    for name, value in arguments.items():
        setattr(portal.limits, name, value)
    return asdict(portal.limits)


def _set_scopes(portal: Portal, arguments: Arguments) -> Arguments:
    """``remove`` or ``add``: lists of scopes."""
    portal.keys.scopes.difference_update(arguments.get("remove") or ())
    portal.keys.scopes.update(arguments.get("add") or ())
    return {"scopes": sorted(portal.keys.scopes)}


def _expire_tokens(portal: Portal, arguments: Arguments) -> Arguments:
    del arguments
    portal.keys.expire(portal.now_ms)
    return {}


def _revoke_token(portal: Portal, arguments: Arguments) -> Arguments:
    token = str(arguments.get("token") or portal.keys.service_key)
    return {"revoked": portal.keys.revoke(token)}


def _spend_calls(portal: Portal, arguments: Arguments) -> Arguments:
    """Another integration uses up some of the day's allowance."""
    portal.meter.spend(int(arguments["calls"]), portal.clock.now())
    return {"used": portal.meter.used_today}


def _create_list(portal: Portal, arguments: Arguments) -> Arguments:
    kind = _kind(portal, arguments)
    made = portal.lists.create(str(arguments["name"]), kind.type_id, "MANUAL", portal.now_ms)
    return {"listId": str(made.id)}


def _change_list(portal: Portal, arguments: Arguments) -> Arguments:
    """``list`` (id or name), ``add`` and ``remove``: record ids."""
    wanted = str(arguments["list"])
    found = next((one for one in portal.lists.live() if wanted in (str(one.id), one.name)), None)
    if found is None:
        message = f"no list {wanted!r}"
        raise ValueError(message)
    for record_id in arguments.get("add") or ():
        found.members.setdefault(int(record_id), portal.now_ms)
    for record_id in arguments.get("remove") or ():
        found.members.pop(int(record_id), None)
    return {"listId": str(found.id), "size": len(found.members)}


def _delete_list(portal: Portal, arguments: Arguments) -> Arguments:
    wanted = str(arguments["list"])
    for one in portal.lists.live():
        if wanted in (str(one.id), one.name):
            one.deleted_ms = portal.now_ms
            return {"listId": str(one.id)}
    message = f"no list {wanted!r}"
    raise ValueError(message)


def _happen(portal: Portal, arguments: Arguments) -> Arguments:
    """An event of ``event_type`` befalls a contact, ``at`` an instant (default now)."""
    _, record = _record(portal, arguments)
    at_ms = values.parse_ms(str(arguments["at"])) if arguments.get("at") else portal.now_ms
    event_id = str(arguments.get("event_id") or portal.correlation_id())
    properties = {key: str(value) for key, value in (arguments.get("properties") or {}).items()}
    portal.occurrences.add(Occurrence(at_ms, event_id, str(arguments["event_type"]), record.id, properties))
    return {"id": event_id}


_ACTIONS: dict[str, Callable[[Portal, Arguments], Arguments]] = {
    "edit": _edit,
    "create": _create,
    "create_many": _create_many,
    "delete": _delete,
    "archive": _delete,
    "restore": _restore,
    "merge": _merge,
    "gdpr_delete": _gdpr_delete,
    "unsubscribe": _unsubscribe,
    "resubscribe": _resubscribe,
    "associate": _associate,
    "create_property": _create_property,
    "archive_property": _archive_property,
    "retype_property": _retype_property,
    "lock": _lock,
    "unlock": _unlock,
    "refuse": _refuse,
    "set_limits": _set_limits,
    "set_scopes": _set_scopes,
    "expire_tokens": _expire_tokens,
    "revoke_token": _revoke_token,
    "spend_calls": _spend_calls,
    "create_list": _create_list,
    "change_list": _change_list,
    "delete_list": _delete_list,
    "event": _happen,
}
