"""Records as replies show them."""

from collections.abc import Iterable
from typing import Any

from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.portal import PORTAL_ID, Portal
from sandbox.hubspot.records import Record, Version
from sandbox.hubspot.values import iso_ms


def shown_names(portal: Portal, kind: ObjectType, requested: Iterable[str]) -> list[str]:
    """Asked for by name, or the type's defaults; always id and both instants; unknown ones are left out."""
    known = portal.books[kind.name].live
    names = [name for name in requested if name in known] or list(kind.shown)
    return sorted({*names, *kind.always})


def record_json(portal: Portal, kind: ObjectType, record: Record, names: Iterable[str]) -> dict[str, Any]:
    """``names`` as from ``shown_names``; a property without a value is null."""
    store = portal.stores[kind.name]
    body: dict[str, Any] = {
        "id": str(record.id),
        "properties": {name: store.value(record, name) for name in names},
        "createdAt": store.value(record, kind.created),
        "updatedAt": iso_ms(record.modified_ms),
        "archived": record.archived_ms is not None,
        "url": f"https://app.hubspot.com/contacts/{PORTAL_ID}/record/{kind.type_id}/{record.id}",
    }
    if record.archived_ms is not None:
        body["archivedAt"] = iso_ms(record.archived_ms)
    return body


def with_history(
    portal: Portal, kind: ObjectType, record: Record, body: dict[str, Any], names: Iterable[str]
) -> dict[str, Any]:
    """Adds ``propertiesWithHistory``, newest first; of known properties only."""
    known = portal.books[kind.name].live
    wanted = [name for name in names if name in known]
    if wanted:
        body["propertiesWithHistory"] = {
            name: [_version(one) for one in record.versions(name)] for name in sorted(set(wanted))
        }
    return body


def _version(one: Version) -> dict[str, Any]:
    shown: dict[str, Any] = {"value": one.value, "timestamp": iso_ms(one.at_ms), "sourceType": one.source}
    if one.source_id:
        shown["sourceId"] = one.source_id
    return shown


def with_associations(
    portal: Portal, kind: ObjectType, record: Record, body: dict[str, Any], others: Iterable[str]
) -> dict[str, Any]:
    """Adds ``associations`` as v3 has them; object types that are not tied at all are left out."""
    tied: dict[str, Any] = {}
    for other in others:
        other_kind = portal.kind(other)
        pair = (kind.name, other_kind.name)
        results = [
            {"id": str(other_id), "type": name}
            for other_id, type_ids in portal.links.of(pair, record.id)
            for name in portal.links.names(pair, type_ids, (kind.singular, other_kind.singular))
        ]
        if results:
            tied[other_kind.name.replace("_", " ")] = {"results": results}
    if tied:
        body["associations"] = tied
    return body
